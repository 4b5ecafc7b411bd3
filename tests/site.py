"""Pages on loopback, for tests: a real HTTP server of a few lines that keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple


class Request(NamedTuple):
    method: str
    path: str
    """With its query."""
    body: str = ""

    @property
    def page(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]


class Given(NamedTuple):
    """An answer that is not simply a page."""

    text: str = ""
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    """Lines as they are sent."""


Answer = Callable[[Request], str | Given]


@dataclass
class Site:
    """An open site; `answer` may be exchanged while it is open."""

    answer: Answer
    url: str = ""
    """Ends in `/`."""
    asked: list[Request] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.url.rstrip("/")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:  # a connection the browser opened in advance and did not use
            writer.close()
            return
        method, path, _ = head.split(" ", 2)
        sizes = [int(line.partition(":")[2]) for line in head.lower().splitlines() if line.startswith("content-length:")]
        request = Request(method, path, (await reader.readexactly(sizes[0])).decode() if sizes else "")
        self.asked.append(request)
        said = self.answer(request)
        given = Given(said) if isinstance(said, str) else said
        body = given.text.encode()
        lines = [f"HTTP/1.1 {given.status}", "content-type: text/html; charset=utf-8", *given.headers]
        writer.write("\r\n".join([*lines, f"content-length: {len(body)}", "connection: close", "", ""]).encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(pages: Answer | Mapping[str, str] | str) -> AsyncIterator[Site]:
    """A site that is open while the block is: one page for every address, pages by path, or what a function answers."""
    if isinstance(pages, str):
        everywhere = pages
        site = Site(lambda _: everywhere)
    elif isinstance(pages, Mapping):
        known = pages
        site = Site(lambda request: known.get(request.page, Given("<title>Nothing</title><h1>Not found</h1>", "404 Not Found")))
    else:
        site = Site(pages)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    async with server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield site
