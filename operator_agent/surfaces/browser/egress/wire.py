"""What the filtering proxy reads and writes: a connection with its HTTP/1.1 state, in the clear or encrypted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import h11

CHUNK = 1 << 16
_MAX_HEAD = 1 << 18
_LINGER_SECONDS = 5.0

Event = h11.Event | type[h11.NEED_DATA | h11.PAUSED]


class Reader(Protocol):
    async def read(self, n: int = -1) -> bytes: ...
    def at_eof(self) -> bool: ...


class Writer(Protocol):
    @property
    def transport(self) -> asyncio.WriteTransport: ...
    def write(self, data: bytes) -> None: ...
    async def drain(self) -> None: ...
    def write_eof(self) -> None: ...
    def close(self) -> None: ...


class Gone(Exception):
    """The other end of `wire` hung up, reset, or does not speak HTTP."""

    def __init__(self, wire: Wire, cause: BaseException | str) -> None:
        super().__init__(str(cause) or type(cause).__name__)
        self.wire = wire
        self.malformed = isinstance(cause, h11.RemoteProtocolError)


class Wire:
    """One connection with its HTTP/1.1 state."""

    def __init__(self, role: type[h11.CLIENT | h11.SERVER], reader: Reader, writer: Writer) -> None:
        self.http = h11.Connection(role, max_incomplete_event_size=_MAX_HEAD)
        self.reader = reader
        self.writer = writer

    async def receive(self) -> Event:
        try:
            while True:
                event = self.http.next_event()
                if event is not h11.NEED_DATA:
                    return event
                self.http.receive_data(await self.reader.read(CHUNK))
        except (OSError, h11.RemoteProtocolError) as error:
            raise Gone(self, error) from error

    async def send(self, *events: h11.Event) -> None:
        data = b"".join(self.http.send(event) or b"" for event in events)
        await self.write(data)

    async def write(self, data: bytes) -> None:
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError as error:
            raise Gone(self, error) from error

    async def raw(self) -> bytes:
        """The next bytes of a switched connection, b"" at its end."""
        try:
            return await self.reader.read(CHUNK)
        except OSError as error:
            raise Gone(self, error) from error

    @property
    def idle(self) -> bool:
        """True when a new request can be sent on it."""
        return self.http.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE} and not self.reader.at_eof()

    def recycle(self) -> bool:
        """Make ready for the next exchange; False when the connection has to be closed."""
        if self.http.our_state is h11.DONE and self.http.their_state is h11.DONE:
            self.http.start_next_cycle()
            return True
        return False

    def abort(self) -> None:
        self.writer.transport.abort()


class Encrypted:
    """TLS on top of a connection whose first bytes were read already, which asyncio's own `start_tls` cannot do.

    Reader and writer of a `Wire`. Errors of the encryption are `ssl.SSLError`, which is an OSError.
    """

    def __init__(self, reader: Reader, writer: Writer, context: ssl.SSLContext, *, host: str = "", first: bytes = b"") -> None:
        """With `host` the client's side, which asks for that name; else the server's. `first`: what was read before."""
        self._reader, self._writer = reader, writer
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._in.write(first)
        self._tls = context.wrap_bio(self._in, self._out, server_side=not host, server_hostname=host or None)
        self._eof = False

    async def handshake(self) -> None:
        await self._done(self._tls.do_handshake)

    async def read(self, n: int = -1) -> bytes:
        try:
            return await self._done(lambda: self._tls.read(n))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self._eof = True
            return b""

    def at_eof(self) -> bool:
        return self._eof or self._reader.at_eof()

    @property
    def transport(self) -> asyncio.WriteTransport:
        return self._writer.transport

    def write(self, data: bytes) -> None:
        if data:
            self._tls.write(data)
            self._flush()

    async def drain(self) -> None:
        await self._writer.drain()

    def write_eof(self) -> None:
        with suppress(ssl.SSLError):  # an end that was not reached in order has no orderly good-bye
            self._tls.unwrap()
        self._flush()

    def close(self) -> None:
        self.write_eof()
        self._writer.close()

    async def _done(self, step: Callable[[], object]) -> bytes:
        """What `step` gives once enough has come in for it."""
        while True:
            try:
                found = step()
            except ssl.SSLWantReadError:
                self._flush()
            else:
                self._flush()
                return found if isinstance(found, bytes) else b""
            await self._writer.drain()
            if data := await self._reader.read(CHUNK):
                self._in.write(data)
            else:
                self._in.write_eof()

    def _flush(self) -> None:
        if self._out.pending:
            self._writer.write(self._out.read())


async def splice(client: Wire, server: Wire, seen: Callable[[bool, bytes], None] | None = None) -> None:
    """Raw bytes both ways until both ends are done, or one is and the other stays silent.

    `seen` is told of all of them: whether the client sent them, and what they are.
    """
    pipes = [
        asyncio.create_task(_pump(source, sink, seen and (lambda data, sent=sent: seen(sent, data))))
        for source, sink, sent in ((client, server, True), (server, client, False))
    ]
    try:
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(pipes, timeout=_LINGER_SECONDS)
    finally:
        for pipe in pipes:
            pipe.cancel()
        await asyncio.wait(pipes)


async def _pump(source: Wire, sink: Wire, seen: Callable[[bytes], None] | None) -> None:
    with suppress(Gone):
        data, _ = source.http.trailing_data
        data = data or await source.raw()
        while data:
            if seen:
                seen(data)
            await sink.write(data)
            data = await source.raw()
    with suppress(OSError):
        sink.writer.write_eof()
