"""A loopback site that logs what its pages tell it, and a real browser on it, for the tests of acts."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, Page, async_playwright

from operator_agent.flow.action import Action
from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Element, Observation, Performed
from operator_agent.flow.target import Target
from operator_agent.surfaces.browser import engine
from operator_agent.surfaces.browser.surface import BrowserSurface

PAGES = Path(__file__).parent / "pages_acts"
CHROMIUM = "/usr/bin/chromium-headless-shell"


class Site:
    """Serves `pages_acts/`, and what pages send to `/log` (by beacon, so that no act waits for it)."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.requests: list[str] = []
        self._news = threading.Condition()
        self.stopping = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.get(self)

            def do_POST(self) -> None:
                site.post(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.other = f"http://localhost:{self.server.server_port}"

    def tell(self, line: str) -> None:
        with self._news:
            self.log.append(line)
            self._news.notify_all()

    async def told(self, line: str, seconds: float = 3.0) -> None:
        """Returns once a page has logged `line`; fails with the log when it does not."""

        def wait() -> bool:
            with self._news:
                return self._news.wait_for(lambda: line in self.log, seconds)

        assert await asyncio.to_thread(wait), f"{line!r} is not in {self.log}"

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.requests.append(f"GET {handler.path}")
        match parts.path:
            case "/slow":
                self.stopping.wait(float(query["s"]))
                answer(handler, 200, query.get("type", "text/html"), b"<title>Slow</title><h1>Slow page</h1>")
            case "/status":
                answer(handler, int(query["code"]), "text/html", b"<title>Status</title>")
            case "/redirect":
                answer(handler, 302, "text/plain", b"", {"Location": query["to"]})
            case "/file":
                kind = query.get("type", "application/octet-stream")
                shown = f'attachment; filename="{query["name"]}"' if "name" in query else "attachment"
                answer(handler, 200, kind, b"x" * int(query.get("size", "10")), {"Content-Disposition": shown})
            case "/drop":
                handler.close_connection = True
                handler.connection.close()
            case path:
                file = PAGES / path.lstrip("/")
                if file.is_file():
                    kind = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}[file.suffix]
                    answer(handler, 200, kind, file.read_bytes())
                else:
                    answer(handler, 404, "text/plain", b"")

    def post(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        self.requests.append(f"POST {handler.path}")
        if handler.path == "/log":
            self.tell(body.decode())
            answer(handler, 204, "text/plain", b"")
        else:
            answer(handler, 201, "application/json", json.dumps({"size": len(body)}).encode())


def answer(handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
    except OSError:
        handler.close_connection = True


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        site.server.shutdown()
        site.server.server_close()
        thread.join()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        await engine.register(playwright)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


class Stage:
    """A surface on a page of the site, and the page itself as a second witness."""

    def __init__(self, site: Site, page: Page, surface: BrowserSurface) -> None:
        self.site = site
        self.page = page
        self.surface = surface
        self.seen = Observation(at=0.0)

    async def open(self, name: str) -> None:
        await self.page.goto(f"{self.site.url}/{name}")
        self.site.log.clear()
        self.site.requests.clear()

    async def look(self) -> Observation:
        self.seen = await self.surface.observe()
        return self.seen

    def element(self, text: str) -> Element:
        target = Target.parse(text)
        found = [
            e
            for e in self.seen.elements
            if (not target.role or e.role == target.role) and (not target.name or e.name == target.name)
        ]
        assert found, f"{text} is not in\n{self.seen.tree}"
        return found[max(target.nth - 1, 0)]

    async def do(self, kind: type[Any], **fields: Any) -> Performed:
        """Looks, then performs. `target` and `to` are written in the notation of scripts."""
        await self.look()
        return await self.act(kind, **fields)

    async def act(self, kind: type[Any], **fields: Any) -> Performed:
        """Performs on what the last look showed."""
        elements = {name: self.element(fields[name]) for name in ("target", "to") if name in fields}
        action: Action = kind(**{key: Target.parse(value) if key in elements else value for key, value in fields.items()})
        return await self.surface.perform(action, elements)

    async def until(self, script: str, seconds: float = 3.0) -> None:
        await self.page.wait_for_function(script, timeout=seconds * 1000)


@asynccontextmanager
async def staged(browser: Browser, site: Site, limits: Limits | None = None, **settings: Any) -> AsyncIterator[Stage]:
    context = await browser.new_context(viewport={"width": 1000, "height": 700})
    page = await context.new_page()
    surface = BrowserSurface(page, limits=limits or Limits(step=8.0, load=8.0), asks=True, **settings)
    try:
        yield Stage(site, page, surface)
    finally:
        await surface.close()
        await context.close()


def seconds_since(began: float) -> float:
    return time.monotonic() - began
