"""Gives a recorded answer to the browser: head, pieces and messages in their order, and the same end."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Coroutine, Iterator
from hashlib import sha1
from typing import TYPE_CHECKING, Any

import h11

from operator_agent.surfaces.browser.egress.heads import end_to_end
from operator_agent.surfaces.browser.egress.tap import without_body_headers
from operator_agent.surfaces.browser.egress.wire import Gone, Wire

if TYPE_CHECKING:
    from wsproto.connection import Connection

    from operator_agent.flow.tape import Frame, Taped
    from operator_agent.surfaces.browser.egress.player import Player
    from operator_agent.surfaces.browser.egress.session import Session
    from operator_agent.surfaces.browser.egress.tap import Taking

_REPLY_SECONDS = 2.0
_BODILESS = (204, 205, 304)
_CONDITIONS = (b"if-none-match", b"if-modified-since")
_OF_THE_HANDSHAKE = ("sec-websocket-accept", "sec-websocket-extensions", "upgrade", "connection", "content-length")
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, 1.3."""


async def play(session: Session, player: Player, request: h11.Request, taking: Taking) -> None:
    """Answers one request of `session` from the tape, or says that it holds no answer."""
    client = session.client
    while not isinstance(event := await client.receive(), h11.EndOfMessage):
        if not isinstance(event, h11.Data):
            raise Gone(client, "the browser hung up")
        taking.asked(event.data)
    conditional = any(name in _CONDITIONS for name, _ in request.headers)
    found = player.answer(taking.method, taking.url, taking.request_body, conditional=conditional)
    if found is None:
        taking.end("broken", player.misses[-1])
        await session.tell(504, "missing", player.misses[-1])
        return
    giving = _Giving(session, player, found, taking)
    try:
        if found.kind == "socket" and found.status == 101:
            await giving.socket(request)
        else:
            await _while_there(client, giving.answer())
    finally:
        player.ended(found)


class _Giving:
    def __init__(self, session: Session, player: Player, found: Taped, taking: Taking) -> None:
        self.session, self.client = session, session.client
        self.player, self.found, self.taking = player, found, taking

    async def answer(self) -> None:
        found = self.found
        if found.answered is not None:
            await self.player.due(found, found.answered)
        if found.status is None:
            await self._no_answer()
            return
        await self._head()
        for at, piece in _pieces(found):
            if at is not None:
                await self.player.due(found, at)
            self.taking.gave(piece)
            await self.client.send(h11.Data(piece))
        if found.end == "whole" and not _is_cut(found):
            await self.client.send(h11.EndOfMessage())
            self.taking.end("whole")
        elif found.end == "left":
            await self._hold()
        else:
            self.taking.end("broken", found.failure or "; ".join(found.cut))
            self.client.abort()

    async def _no_answer(self) -> None:
        found = self.found
        if found.end == "left":
            await self._hold()
            return
        if found.ended is not None:
            await self.player.due(found, found.ended)
        self.taking.end("broken", found.failure)
        await self.session.tell(504 if "in time" in found.failure else 502, "unreachable", found.failure)

    async def _hold(self) -> None:
        """It was open when the browser hung up, or the recording ended."""
        await self.player.until_live()
        self.taking.end("left")
        self.client.abort()

    async def _head(self) -> None:
        found = self.found
        assert found.status is not None
        headers = list(without_body_headers(found.headers, keep_encoding=True))
        if found.method == "HEAD" or found.status in _BODILESS:
            headers = [pair for pair in found.headers if pair[0].lower() != "transfer-encoding"]
        elif found.chunks or found.end != "whole" or _is_cut(found):
            headers.append(("Transfer-Encoding", "chunked"))
        else:
            headers.append(("Content-Length", str(len(found.body))))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.taking.answered(found.status, found.reason, raw)
        await self.client.send(h11.Response(status_code=found.status, headers=raw, reason=found.reason.encode("latin-1")))

    async def socket(self, request: h11.Request) -> None:
        from wsproto.connection import Connection, ConnectionType

        found = self.found
        await self.player.due(found, found.answered or found.at)
        key = next((value for name, value in request.headers if name == b"sec-websocket-key"), b"")
        kept = [(name, value) for name, value in found.headers if name.lower() not in _OF_THE_HANDSHAKE]
        accept = b64encode(sha1(key + _ACCEPT, usedforsecurity=False).digest()).decode()
        headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept), *kept]
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        switched = h11.InformationalResponse(status_code=101, headers=raw, reason=b"Switching Protocols")
        self.taking.answered(101, found.reason, end_to_end(switched, upgrade=True))
        await self.client.send(switched)
        messages = _Messages(self, Connection(ConnectionType.SERVER))
        hearing = asyncio.create_task(messages.hear())
        saying = asyncio.create_task(messages.say())
        try:
            await asyncio.wait([hearing, saying], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (hearing, saying):
                task.cancel()
            for ended in await asyncio.gather(hearing, saying, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, Gone):
                    raise ended
        self.taking.end("whole" if found.end == "whole" else "left")


class _Messages:
    """A web socket's messages: those of the server are said again, each after as many of the browser's as when it was recorded."""

    def __init__(self, giving: _Giving, connection: Connection) -> None:
        self.giving, self.connection = giving, connection
        self.frames = giving.found.frames
        self._heard = 0
        self._more = asyncio.Event()

    async def hear(self) -> None:
        """Until the browser closes."""
        from wsproto.connection import ConnectionState
        from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

        client = self.giving.client
        expected = [frame for frame in self.frames if frame.sent and frame.kind != "close"]
        parts: list[bytes] = []
        data = client.http.trailing_data[0] or await client.raw()
        while data:
            self.giving.taking.passed(True, data)
            self.connection.receive_data(data)
            for event in self.connection.events():
                if isinstance(event, CloseConnection):
                    if self.connection.state is ConnectionState.REMOTE_CLOSING:
                        await self._write(self.connection.send(event.response()))
                    return
                if isinstance(event, Ping):
                    await self._write(self.connection.send(event.response()))
                elif isinstance(event, (TextMessage, BytesMessage)):
                    parts.append(event.data.encode() if isinstance(event, TextMessage) else bytes(event.data))
                    if event.message_finished:
                        self._compare(expected, b"".join(parts))
                        parts.clear()
            data = await client.raw()

    async def say(self) -> None:
        from wsproto.connection import ConnectionState

        needed = 0
        for frame in self.frames:
            if frame.sent:
                needed += frame.kind != "close"
                continue
            await self._until_heard(needed)
            await self.giving.player.due(self.giving.found, frame.at)
            if self.connection.state is not ConnectionState.OPEN:
                return
            await self._write(self.connection.send(_event(frame)))
        await self.giving.player.until_live()

    async def _until_heard(self, needed: int) -> None:
        """The browser may say less this time: after a while the server goes on as recorded."""
        try:
            async with asyncio.timeout(_REPLY_SECONDS):
                while self._heard < needed:
                    await self._more.wait()
                    self._more.clear()
        except TimeoutError:
            self.giving.player.loose.append(f"{self.giving.taking.url}: message {self._heard + 1} of the browser did not come")
            self._heard = needed

    def _compare(self, expected: list[Frame], data: bytes) -> None:
        player, url = self.giving.player, self.giving.taking.url
        recorded = expected[self._heard].data if self._heard < len(expected) else None
        self._heard += 1
        self._more.set()
        if recorded is None:
            player.loose.append(f"{url}: message {self._heard} of the browser is one more than recorded")
        elif player.hidden(data) != recorded:
            player.loose.append(f"{url}: message {self._heard} of the browser is another than recorded")

    async def _write(self, data: bytes) -> None:
        self.giving.taking.passed(False, data)
        await self.giving.client.write(data)


def _event(frame: Frame) -> Any:
    from wsproto.events import BytesMessage, CloseConnection, TextMessage

    if frame.kind == "close":
        return CloseConnection(code=frame.code, reason=frame.data.decode(errors="replace"))
    return TextMessage(frame.data.decode(errors="replace")) if frame.kind == "text" else BytesMessage(frame.data)


def _pieces(found: Taped) -> Iterator[tuple[float | None, bytes]]:
    if found.method == "HEAD" or found.status in _BODILESS or not found.body:
        return
    starts = [(chunk.offset, chunk.at) for chunk in found.chunks]
    if not starts or starts[0][0] > 0:
        starts = [(0, None), *starts]  # type: ignore[list-item]
    ends = [start for start, _ in starts[1:]] + [len(found.body)]
    for (start, at), end in zip(starts, ends, strict=True):
        if end > start:
            yield at, found.body[start:end]


def _is_cut(found: Taped) -> bool:
    return any(note.startswith("the body") and "as it came" not in note for note in found.cut)


async def _while_there(client: Wire, work: Coroutine[Any, Any, None]) -> None:
    """Does `work` until the browser hangs up."""
    doing, watching = asyncio.create_task(work), asyncio.create_task(_hang_up(client))
    try:
        await asyncio.wait([doing, watching], return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
        else:
            watching.result()
            raise Gone(client, "the browser hung up")
    finally:
        for task in (doing, watching):
            task.cancel()
        await asyncio.wait([doing, watching])


async def _hang_up(client: Wire) -> None:
    """Returns when the browser has hung up. What it asks next meanwhile is kept for later."""
    while data := await client.raw():
        client.http.receive_data(data)
