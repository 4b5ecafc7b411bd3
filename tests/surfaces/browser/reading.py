"""What the tests of reading share: a browser, the pages on two sites, and where an element is found."""

from __future__ import annotations

import asyncio
import functools
import http.server
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from operator_agent.flow.observation import Element
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser
from operator_agent.surfaces.browser.nodes import NodeHandle, is_node_ref
from operator_agent.surfaces.browser.tree import Tree

PAGES = Path(__file__).parent / "pages"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass(frozen=True)
class Site:
    """The pages, under two names that are two sites to a browser."""

    port: int

    def url(self, path: str, *, other: bool = False) -> str:
        return f"http://{'localhost' if other else '127.0.0.1'}:{self.port}/{path}"


@contextmanager
def served() -> Iterator[Site]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(PAGES)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Site(server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


@asynccontextmanager
async def chromium(*, isolated: bool = True) -> AsyncIterator[Browser]:
    """A browser; `isolated` keeps frames of other sites in processes of their own."""
    path = find_browser(Settings.from_env(), headed=False)
    async with async_playwright() as playwright:
        switches = ["--no-sandbox", *(["--site-per-process"] if isolated else [])]
        browser = await playwright.chromium.launch(executable_path=path, args=switches)
        yield browser
        await browser.close()


def found(tree: Tree, shown: str, frame: str | None = None) -> Element:
    """The one element written so; with `frame`, the one in a frame of that origin."""
    matches = [e for e in tree.elements if str(e) == shown and frame in (None, e.frame)]
    assert len(matches) == 1, f"{shown}: {len(matches)} of them"
    return matches[0]


def can_be_acted_on(element: Element) -> bool:
    from operator_agent.surfaces.browser.snapshot import INTERACTIVE

    return element.ref != "" and (element.clickable or element.role in INTERACTIVE)


async def press(page: Page, element: Element) -> None:
    """A click with the real pointer; with the keyboard on what has no place in the view."""
    if not is_node_ref(element.ref):
        await page.get_by_ref(element.ref).click(timeout=3000)
        return
    handle = NodeHandle(page, element.ref)
    point = await handle.point()
    if point is None:
        assert await handle.press("Enter")
        return
    assert not point.covered_by, point.covered_by
    await page.mouse.click(point.x, point.y)


async def wait_for_hit(page: Page, expected: str) -> None:
    async with asyncio.timeout(3):
        while (hits := await page.evaluate("hits.splice(0)")) != [expected]:
            assert not hits, hits
