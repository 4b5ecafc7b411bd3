"""Makes the tape: follows each exchange of the filtering proxy and hands it over when it ends."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from operator_agent.flow.tape import Chunk, Frame, Headers, Taped

if TYPE_CHECKING:
    from wsproto.connection import Connection

    from operator_agent.surfaces.browser.egress.heads import RawHeaders

KEPT = 32 << 20
"""Bytes of one body (or of all frames of one web socket) that are kept; what comes after is cut, and said so."""

CHUNKS = 10_000
LEFT_OUT = "(left out)"

_CREDENTIALS = frozenset(("cookie", "authorization", "proxy-authorization"))
_OF_THE_BODY = frozenset(("content-encoding", "content-length", "transfer-encoding"))
_TOGETHER_SECONDS = 0.02
_STREAM_SECONDS = 0.25


class Tap:
    """Gives each exchange its number. `tape` gets it when it ends; without one nothing is kept but, with `reads`, what is asked."""

    def __init__(self, tape: Callable[[Taped], None] | None, kept: int = KEPT, *, reads: bool = False) -> None:
        self.tape, self.kept, self.reads = tape, kept, reads
        self._count = 0

    def begin(self, method: str, url: str, headers: RawHeaders = (), kind: Any = "http") -> Taking:  # type: ignore[assignment]
        self._count += 1
        return Taking(self, self._count, method, url, text_of(headers), kind)


class Taking:
    """One exchange while it goes. The first `end` counts, later ones do nothing."""

    def __init__(self, tap: Tap, number: int, method: str, url: str, headers: Headers, kind: Any) -> None:
        self.method, self.url = method, url
        self._tap, self._on = tap, tap.tape is not None
        self._fields: dict[str, Any] = {"number": number, "at": _now(), "method": method, "url": url, "kind": kind}
        self._cut: list[str] = []
        self._asked = Body(headers, tap.kept, "the request's body", self._cut)
        self._given = Body((), tap.kept, "the body", self._cut)
        self._request_headers = headers
        self._chunks: list[Chunk] = []
        self._last = 0.0
        self._messages: Messages | None = None
        self._ended = False

    @property
    def request_body(self) -> bytes:
        """What was sent so far, readable."""
        return bytes(self._asked.data)

    def asked(self, data: bytes) -> None:
        """A piece of the request's body."""
        if self._on or self._tap.reads:
            self._asked.add(data)

    def answered(self, status: int, reason: str, headers: RawHeaders) -> None:
        """The head of the answer has come."""
        if self._on:
            given = text_of(headers)
            self._fields |= {"answered": _now(), "status": status, "reason": reason, "headers": given}
            self._given = Body(given, self._tap.kept, "the body", self._cut)

    def gave(self, data: bytes) -> None:
        """A piece of the answer's body."""
        if not self._on:
            return
        before, now = len(self._given.data), _now()
        self._given.add(data)
        if len(self._given.data) > before and now - self._last > _TOGETHER_SECONDS and len(self._chunks) < CHUNKS:
            self._chunks.append(Chunk(offset=before, at=now))
            self._last = now

    def passed(self, sent: bool, data: bytes) -> None:
        """Bytes of a web socket, from the browser (`sent`) or to it."""
        if self._on:
            self._messages = self._messages or Messages(self._tap.kept, self._cut)
            self._messages.add(sent, data)

    def note(self, text: str) -> None:
        """Says what is missing."""
        self._cut.append(text)

    def end(self, end: str = "left", failure: str = "", *, refused: bool = False) -> None:
        if self._ended or not self._on:
            return
        self._ended = True
        assert self._tap.tape
        head = self._fields["method"] == "HEAD"
        headers = self._fields.get("headers", ())
        shown = headers if head else without_body_headers(headers, keep_encoding=self._given.undone is None)
        self._tap.tape(
            Taped.model_validate(
                self._fields
                | {
                    "ended": _now(), "end": end, "failure": failure, "refused": refused, "headers": shown,
                    "request_headers": tuple(_shown(name, value) for name, value in self._request_headers),
                    "request_body": bytes(self._asked.data), "body": bytes(self._given.data), "chunks": self._stream(),
                    "frames": tuple(self._messages.frames) if self._messages else (), "cut": tuple(self._cut),
                }
            )
        )  # fmt: skip

    def _stream(self) -> tuple[Chunk, ...]:
        """The pieces, when the body was a stream and not merely a few packets."""
        if not self._chunks:
            return ()
        events = any(name.lower() == "content-type" and "event-stream" in value for name, value in self._fields.get("headers", ()))
        lasted = self._chunks[-1].at - self._fields.get("answered", self._chunks[0].at)
        return tuple(self._chunks) if events or lasted > _STREAM_SECONDS else ()


class Body:
    """A body with its content encoding undone, up to a limit."""

    def __init__(self, headers: Headers, limit: int, what: str, cut: list[str]) -> None:
        self.data = bytearray()
        self.undone: bool | None = False
        """Whether there was an encoding to undo; None when it is not known and the body is as it came."""
        self._limit, self._what, self._cut, self._full = limit, what, cut, False
        encoding = ", ".join(value.strip().lower() for name, value in headers if name.lower() == "content-encoding")
        self._decoder: Any = None
        if encoding in ("gzip", "x-gzip", "deflate"):
            # 32 + 15: zlib tells gzip and zlib apart by itself.
            self.undone, self._decoder = True, zlib.decompressobj(47)
        elif encoding not in ("", "identity"):
            self.undone = None
            cut.append(f"{what} is kept as it came, in the encoding {encoding}")

    def add(self, data: bytes) -> None:
        if self._full:
            return
        self.data += self._decoded(data) if self._decoder else data
        if len(self.data) > self._limit:
            del self.data[self._limit :]
            self._full = True
            self._cut.append(f"{self._what} is cut after {self._limit:,} bytes")

    def _decoded(self, data: bytes) -> bytes:
        found = bytearray()
        room = self._limit - len(self.data) + 1
        while data and len(found) < room:
            try:
                found += self._decoder.decompress(data, room - len(found))
            except zlib.error:
                if not self.data and self._decoder_is_new:
                    self._decoder = zlib.decompressobj(-15)  # what some servers call deflate is the bare stream
                    self._decoder_is_new = False
                    continue
                self._full = True
                self._cut.append(f"{self._what} is cut where its encoding is broken")
                break
            self._decoder_is_new = False
            data = self._decoder.unused_data
            if data:
                self._decoder = zlib.decompressobj(47)
        return bytes(found)

    _decoder_is_new = True


class Messages:
    """The messages of a web socket, put together from its bytes."""

    def __init__(self, limit: int, cut: list[str]) -> None:
        from wsproto.connection import Connection, ConnectionType

        self.frames: list[Frame] = []
        self._limit, self._cut = limit, cut
        self._sides: dict[bool, Connection | None] = {
            True: Connection(ConnectionType.SERVER),
            False: Connection(ConnectionType.CLIENT),
        }
        self._parts: dict[bool, list[bytes]] = {True: [], False: []}

    def add(self, sent: bool, data: bytes) -> None:
        from wsproto.events import BytesMessage, CloseConnection, TextMessage

        side = self._sides[sent]
        if side is None:
            return
        side.receive_data(data)
        for event in side.events():
            if isinstance(event, CloseConnection):
                self._keep(sent, "close", (event.reason or "").encode(), int(event.code))
                self._sides[sent] = None  # nothing may follow
                return
            if isinstance(event, (TextMessage, BytesMessage)):
                text = isinstance(event, TextMessage)
                self._parts[sent].append(event.data.encode() if isinstance(event, TextMessage) else bytes(event.data))
                if event.message_finished:
                    whole = b"".join(self._parts[sent])
                    self._parts[sent].clear()
                    self._keep(sent, "text" if text else "binary", whole)

    def _keep(self, sent: bool, kind: Any, data: bytes, code: int = 0) -> None:
        if len(data) > self._limit:
            self._sides = {True: None, False: None}
            self._cut.append("messages of this web socket are cut: they are more than is kept")
            return
        self._limit -= len(data)
        self.frames.append(Frame(sent=sent, kind=kind, data=data, code=code, at=_now()))


def text_of(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def without_body_headers(headers: Headers, *, keep_encoding: bool = False) -> Headers:
    """Without what says how the body was sent: on the tape it is whole and plain."""
    dropped = _OF_THE_BODY - ({"content-encoding"} if keep_encoding else set())
    return tuple((name, value) for name, value in headers if name.lower() not in dropped)


def _shown(name: str, value: str) -> tuple[str, str]:
    return (name, LEFT_OUT) if name.lower() in _CREDENTIALS else (name, value)


def _now() -> float:
    return time.monotonic()
