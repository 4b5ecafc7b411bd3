"""HTTP, byte by byte: h11 over asyncio streams, so that a reply can be cut, dripped or withheld."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import h11


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire: the pieces of `body` are sent one after the other, the events of a stream each on its own."""

    code: int
    kind: str
    """The content type."""
    body: tuple[bytes, ...]
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(code: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(code, "application/json", (json.dumps(body, ensure_ascii=False).encode(),), headers or {})


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def requests(self) -> AsyncIterator[tuple[h11.Request, bytes]]:
        """Each request with its body, until either side has closed."""
        while not self._writer.is_closing():
            request, body = None, b""
            while not isinstance(event := await self._event(), h11.EndOfMessage):
                if isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                else:
                    return
            assert request is not None
            yield request, body
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(65536))
        return event  # type: ignore[return-value]

    async def send(self, reply: Reply, *, pace: float = 0.0, cut: int | None = None) -> None:
        """`pace`: seconds between single bytes. `cut`: break off after this many bytes of the body; 0: before the head."""
        whole = b"".join(reply.body)
        if cut == 0:
            return
        headers = [("Content-Type", reply.kind), *reply.headers.items()]
        if len(reply.body) == 1:
            headers.append(("Content-Length", str(len(whole))))
        await self._write(h11.Response(status_code=reply.code, headers=headers))
        pieces = reply.body if not pace else [whole[at : at + 1] for at in range(len(whole))]
        for piece in [whole[:cut]] if cut else pieces:
            await self._write(h11.Data(data=piece))
            await asyncio.sleep(pace)
        if not cut:
            await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    async def wait_for_the_end(self) -> None:
        """Until the client has hung up."""
        while await self._reader.read(65536):
            pass

    def hang_up(self) -> None:
        self._writer.close()
