"""Going to an address: relative ones, redirects, and each way it can fail told apart."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent.flow.action import Back, GoTo
from operator_agent.flow.grant import Limits
from tests.surfaces.browser.stage import Site, Stage, chromium, seconds_since, serving, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(browser: Browser, site: Site) -> AsyncIterator[Stage]:
    async with staged(browser, site, Limits(step=1, load=1)) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tab: Stage) -> Stage:
    await tab.open("child.html")
    return tab


@pytest.mark.parametrize(
    ("address", "arrives"),
    [("/windows.html", "/windows.html"), ("windows.html?a=1", "/windows.html?a=1"), ("/redirect?to=/child.html", "/child.html")],
)
async def test_go_to(stage: Stage, site: Site, address: str, arrives: str) -> None:
    done = await stage.surface.perform(GoTo(url=address), {})
    assert (done.delivery, done.trouble) == ("sent", None)
    assert (await stage.look()).url == site.url + arrives


async def test_blank_page(stage: Stage) -> None:
    assert (await stage.surface.perform(GoTo(url="about:blank"), {})).trouble is None


@pytest.mark.parametrize(
    ("address", "kind", "says", "delivery"),
    [
        ("http://127.0.0.1:{closed}/", "rejected", "refused the connection", "none"),
        ("http://no-such-host.invalid/", "rejected", "DNS", "none"),
        ("/status?code=404", "rejected", "HTTP 404", "sent"),
        ("/status?code=500", "rejected", "HTTP 500", "sent"),
        ("/slow?s=5", "timeout", "did not answer within 1 s", "uncertain"),
        ("/drop", "rejected", "without an answer", "uncertain"),
        ("https://127.0.0.1:{port}/", "rejected", "TLS", "uncertain"),
        ("file:///etc/passwd", "blocked", "neither http nor https", "none"),
        ("javascript:alert(1)", "blocked", "neither http nor https", "none"),
    ],
)
async def test_failed_starts_are_told_apart(stage: Stage, site: Site, address: str, kind: str, says: str, delivery: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    began = time.monotonic()
    done = await stage.surface.perform(GoTo(url=address.format(closed=closed, port=site.server.server_port)), {})
    assert done.trouble and done.trouble.kind == kind
    assert says in done.trouble.detail
    assert done.delivery == delivery
    assert seconds_since(began) < 3


async def test_refused_by_interception_is_blocked(stage: Stage) -> None:
    context = stage.page.context
    await context.route("**/windows.html", lambda route: route.abort("blockedbyclient"))
    done = await stage.surface.perform(GoTo(url="/windows.html"), {})
    await context.unroute("**/windows.html")
    assert done.trouble and (done.trouble.kind, done.delivery) == ("blocked", "none")


async def test_address_of_a_file_is_a_download(stage: Stage) -> None:
    done = await stage.surface.perform(GoTo(url="/file?name=a.csv"), {})
    assert done.trouble is None and "download" in done.facts[0]
    while not (await stage.look()).downloads:
        assert await stage.surface.changed(2)


async def test_nowhere_to_go_back_to(browser: Browser, site: Site) -> None:
    async with staged(browser, site) as stage:
        done = await stage.surface.perform(Back(), {})
        assert done.trouble and (done.trouble.kind, done.delivery) == ("rejected", "none")
