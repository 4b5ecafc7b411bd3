"""A server of somebody else's: it counts every byte that reaches it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 7\r\nConnection: close\r\n\r\nthanks\n"
)


@dataclass
class Foreign:
    """`url` to send something to; `received` is every byte that came, of requests and of anything else."""

    url: str
    received: bytes = b""


def _is_whole(request: bytes) -> bool:
    """Whether the head and as much body as it announces have come."""
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


@asynccontextmanager
async def listen() -> AsyncIterator[Foreign]:
    """A foreign server on a free loopback port."""
    foreign = Foreign("")

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = b""
        try:
            while chunk := await reader.read(65536):
                foreign.received += chunk
                request += chunk
                if _is_whole(request):
                    writer.write(_ANSWER)
                    await writer.drain()
                    break
        except ConnectionError:
            pass  # the sender hung up; what it had sent is counted
        finally:
            writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    foreign.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/collect"
    try:
        yield foreign
    finally:
        server.close()
