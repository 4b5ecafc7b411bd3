"""Serves the applications, mutated as asked, and counts every click and input that a browser tells it of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.mutations.mutations import FIRST, LAST, MUTATIONS
from benchmarks.mutations.recordings import RECORDINGS, Recording


class Site:
    """`told` is what was clicked and typed into since it was last cleared, as the witness in the page knows it."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.url = ""

    def address(self, recording: Recording, *mutations: str) -> str:
        return f"{self.url}/{recording.name}?m={'~'.join(mutations)}".replace(" ", "+")

    def wrong(self, recording: Recording) -> list[dict[str, str]]:
        return [one for one in self.told if one["is"] not in recording.acts]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")), 0)
        body = self._answer(head.split()[1], await reader.readexactly(length) if length else b"").encode()
        first = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n"
        writer.write(f"{first}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def _answer(self, path: str, body: bytes) -> str:
        if path == "/witness":
            self.told.append(json.loads(body))
            return ""
        parts = urlsplit(path)
        name, _, below = parts.path.strip("/").partition("/")
        if below or name not in RECORDINGS:
            return f"<title>{below}</title><h1>The {below} report</h1>"
        asked = parse_qs(parts.query).get("m", [""])[0]
        return page(RECORDINGS[name], [mutation for mutation in asked.split("~") if mutation])


def page(recording: Recording, mutations: list[str]) -> str:
    """The application's page, changed."""
    words: dict[str, Any] = {key: value for key, value in recording._asdict().items() if key not in ("page", "plan")}
    body = recording.page if "<script>" in recording.page else f"{recording.page}<script></script>"
    body = body.replace("<script>", "<script>learn();", 1)
    changes = "".join(f"{{{MUTATIONS[mutation]}}}\n" for mutation in mutations)
    last = f"const W = {json.dumps(words, ensure_ascii=False)};{LAST}{changes}"
    return f"<!doctype html><title>{recording.name}</title><script>{FIRST}</script><body>{body}<script>{last}</script>"


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    site = Site()
    async with await asyncio.start_server(site.serve, "127.0.0.1", 0) as server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield site
