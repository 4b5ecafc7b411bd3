"""The one way out of the browser: a forward proxy on loopback that lets only granted origins through.

Request interception sees neither redirects nor what beacons, workers and preconnects do; every one of those needs a
socket, and with this proxy set every socket of the browser ends here. A refused origin costs no DNS lookup and no byte.
"""

from __future__ import annotations

import asyncio
import html
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import h11

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin

MARKER = "x-operator-agent-egress"
"""Header on every answer the proxy wrote itself: `refused`, `unreachable` or `malformed`. Servers cannot set it."""

REFUSED_KEPT = 10_000
"""A page that polls a refused origin for hours must not fill the memory; later refusals are only counted."""

_CHUNK = 1 << 16
_MAX_HEAD = 1 << 18
_MAX_DRAINED = 1 << 23
_CONNECT_SECONDS = 30.0
_LINGER_SECONDS = 5.0

_HOP_BY_HOP = frozenset(b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te upgrade".split())
# A Connection header that lists these would take the message apart.
_NEVER_DROPPED = frozenset((b"host", b"content-length", b"transfer-encoding"))
# Repeating these on a second connection changes nothing at the server.
_SAFE = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE"))

_Headers = list[tuple[bytes, bytes]]
_Event = h11.Event | type[h11.NEED_DATA | h11.PAUSED]

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1 style="font-size:1.3em">{title}</h1><p>{text}</p></body></html>"""


@dataclass(frozen=True, slots=True)
class Refused:
    """One request that was stopped. `at` is Unix time; `url` of a tunnel is its origin, the rest is encrypted."""

    origin: Origin
    method: str
    url: str
    at: float


@dataclass(frozen=True, slots=True)
class UpstreamProxy:
    """The proxy this machine itself must use to reach the internet."""

    host: str
    port: int
    authorization: bytes | None = None

    @classmethod
    def parse(cls, url: str) -> UpstreamProxy:
        """From `http://[user:password@]host:port`. Raises `UsageError`."""
        origin = Origin.parse(url if "://" in url else f"http://{url}")
        if origin.scheme != "http":
            raise UsageError("the upstream proxy must be reached over http://; https:// to a proxy is not supported")
        userinfo = urlsplit(url).netloc.rpartition("@")[0]
        token = b"Basic " + b64encode(unquote(userinfo).encode()) if userinfo else None
        return cls(origin.host.strip("[]"), origin.port, token)


class EgressProxy:
    """`async with EgressProxy(allowed) as proxy:` serves `proxy.url` until the block ends.

    `allowed` is asked again for every request and tunnel, so a grant may widen while the browser runs. `upstream` is
    the machine's own proxy URL; loopback hosts and those in `bypass` (as NO_PROXY lists them) never go through it.
    """

    def __init__(self, allowed: Callable[[Origin], bool], *, upstream: str | None = None, bypass: Iterable[str] = ()) -> None:
        self.allowed = allowed
        self.upstream = UpstreamProxy.parse(upstream) if upstream else None
        self.bypass = tuple(host.lstrip("*.").lower() for host in bypass)
        self.refused: list[Refused] = []
        """In order, at most `REFUSED_KEPT`."""
        self.refused_count = 0
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, to be set as the browser's proxy."""
        if self._server is None:
            raise UsageError("the egress proxy is not running; enter it with `async with`")
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is None:
            return
        self._server.close()
        for session in self._sessions:
            session.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions)
        self._server = None

    def refuse(self, origin: Origin, method: str, url: str) -> None:
        self.refused_count += 1
        if len(self.refused) < REFUSED_KEPT:
            self.refused.append(Refused(origin, method, url, time.time()))

    def route(self, origin: Origin) -> UpstreamProxy | None:
        direct = origin.is_loopback or any(host in ("", origin.host) or origin.host.endswith(f".{host}") for host in self.bypass)
        return None if direct else self.upstream

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        task.add_done_callback(self._sessions.discard)
        # A cancelled handler task makes asyncio's stream protocol log a traceback on some versions.
        with suppress(asyncio.CancelledError):
            await _Session(self, _Wire(h11.SERVER, reader, writer)).serve()


class _Gone(Exception):
    """The other end of `wire` hung up, reset, or does not speak HTTP."""

    def __init__(self, wire: _Wire, cause: BaseException | str) -> None:
        super().__init__(str(cause) or type(cause).__name__)
        self.wire = wire
        self.malformed = isinstance(cause, h11.RemoteProtocolError)


class _Wire:
    """One TCP connection with its HTTP/1.1 state."""

    def __init__(self, role: type[h11.CLIENT | h11.SERVER], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.http = h11.Connection(role, max_incomplete_event_size=_MAX_HEAD)
        self.reader = reader
        self.writer = writer

    async def receive(self) -> _Event:
        try:
            while True:
                event = self.http.next_event()
                if event is not h11.NEED_DATA:
                    return event
                self.http.receive_data(await self.reader.read(_CHUNK))
        except (OSError, h11.RemoteProtocolError) as error:
            raise _Gone(self, error) from error

    async def send(self, *events: h11.Event) -> None:
        data = b"".join(self.http.send(event) or b"" for event in events)
        await self.write(data)

    async def write(self, data: bytes) -> None:
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError as error:
            raise _Gone(self, error) from error

    async def raw(self) -> bytes:
        """The next bytes of a switched connection, b"" at its end."""
        try:
            return await self.reader.read(_CHUNK)
        except OSError as error:
            raise _Gone(self, error) from error

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


class _Session:
    """One connection of the browser: requests one after the other, or one tunnel."""

    def __init__(self, proxy: EgressProxy, client: _Wire) -> None:
        self.proxy = proxy
        self.client = client
        # Kept per browser connection, not shared: a server may bind authentication to the connection.
        self.server: _Wire | None = None
        self.server_origin: Origin | None = None

    async def serve(self) -> None:
        try:
            await self._requests()
        except _Gone as gone:
            if gone.malformed and gone.wire is self.client and self.client.http.our_state is h11.IDLE:
                with suppress(_Gone):
                    await self._answer(400, "malformed", f"This is not an HTTP proxy request: {gone}.")
        except asyncio.CancelledError:
            self.client.abort()
            raise
        finally:
            self.client.writer.close()
            self._drop_server()

    async def _requests(self) -> None:
        while True:
            request = await self.client.receive()
            if not isinstance(request, h11.Request):
                return
            await (self._tunnel(request) if request.method == b"CONNECT" else self._forward(request))
            if not self.client.recycle():
                return

    async def _forward(self, request: h11.Request) -> None:
        try:
            origin, head = _forwarded(request)
        except UsageError as error:
            await self._answer(400, "malformed", f"The proxy cannot read this request: {error}.")
            return
        url = request.target.decode("latin-1")
        if not self.proxy.allowed(origin):
            self.proxy.refuse(origin, request.method.decode(), url)
            await self._answer(403, "refused", _refusal(origin))
            return
        route = self.proxy.route(origin)
        if route:
            head = _through(route, request, head)
        body = self.client.http.next_event()
        # A kept connection may die unseen; only a request that can be repeated takes that risk.
        if request.method in _SAFE and isinstance(body, h11.EndOfMessage) and self._reusable(origin):
            try:
                await self._exchange(head, body)
                return
            except _Gone as gone:
                if gone.wire is self.client or self.client.http.our_state is not h11.SEND_RESPONSE:
                    raise
        try:
            await self._connect(origin, route)
            await self._exchange(head, body)
        except (OSError, _Gone) as error:
            if isinstance(error, _Gone) and error.wire is self.client:
                raise
            await self._unreachable(origin, error)

    async def _exchange(self, head: h11.Request, body: _Event) -> None:
        assert self.server is not None
        first = [body] if isinstance(body, (h11.Data, h11.EndOfMessage)) else []
        await self.server.send(head, *first)
        upload = asyncio.create_task(self._upload(self.server, complete=isinstance(body, h11.EndOfMessage)))
        try:
            switched = await self._download(self.server)
        finally:
            upload.cancel()
            await asyncio.wait([upload])
        if switched:
            await _splice(self.client, self.server)
        elif not self.server.recycle():
            self._drop_server()

    async def _upload(self, server: _Wire, *, complete: bool) -> None:
        """Send the rest of the body; then, while the answer is awaited, end the exchange if the browser hangs up."""
        try:
            while not complete:
                event = await self.client.receive()
                if not isinstance(event, (h11.Data, h11.EndOfMessage)):
                    server.abort()
                    return
                await server.send(event)
                complete = isinstance(event, h11.EndOfMessage)
            data = await self.client.raw()
            self.client.http.receive_data(data)
            if not data:
                server.abort()
        except _Gone as gone:
            # A server may answer and close before it has read everything: its answer is still on the way.
            if gone.wire is self.client:
                server.abort()

    async def _download(self, server: _Wire) -> bool:
        """Pass the answer on as it comes. True when the server switched protocols and raw bytes follow."""
        while True:
            event = await server.receive()
            if isinstance(event, h11.InformationalResponse):
                switched = event.status_code == 101
                headers = _end_to_end(event, upgrade=switched)
                status, reason = event.status_code, event.reason
                await self.client.send(h11.InformationalResponse(status_code=status, headers=headers, reason=reason))
                if switched:
                    return True
            elif isinstance(event, h11.Response):
                if event.status_code == 407 and self.proxy.upstream:
                    raise _Gone(server, "the upstream proxy refused its credentials (HTTP 407)")
                headers = _end_to_end(event)
                await self.client.send(h11.Response(status_code=event.status_code, headers=headers, reason=event.reason))
            elif isinstance(event, (h11.Data, h11.EndOfMessage)):
                await self.client.send(event)
                if isinstance(event, h11.EndOfMessage):
                    return False
            else:
                raise _Gone(server, "the server closed the connection before it answered")

    async def _tunnel(self, request: h11.Request) -> None:
        target = request.target.decode("latin-1")
        try:
            if "@" in target or not target.rpartition(":")[2].isdigit():
                raise UsageError(f"{target!r} is not host:port")
            origins = [Origin.parse(f"{scheme}://{target}") for scheme in ("https", "http")]
        except UsageError as error:
            await self._answer(400, "malformed", f"The proxy cannot read this request: {error}.")
            return
        # Encrypted or not cannot be seen from here; the server that is reached is the same.
        origin = origins[1] if origins[0].port == 80 else origins[0]
        if not any(map(self.proxy.allowed, origins)):
            self.proxy.refuse(origin, "CONNECT", str(origin))
            await self._answer(403, "refused", _refusal(origin))
            return
        try:
            await self._connect(origin, self.proxy.route(origin), tunnel=True)
        except (OSError, _Gone) as error:
            await self._unreachable(origin, error)
            return
        assert self.server is not None
        await self.client.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
        await _splice(self.client, self.server)

    async def _connect(self, origin: Origin, route: UpstreamProxy | None, *, tunnel: bool = False) -> None:
        self._drop_server()
        host, port = (route.host, route.port) if route else (_dialled(origin.host), origin.port)
        async with asyncio.timeout(_CONNECT_SECONDS):
            # Staggered attempts: a name with a dead IPv6 address must not cost its whole timeout.
            server = _Wire(h11.CLIENT, *await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25))
            self.server, self.server_origin = server, origin
            if route and tunnel:
                await _open_tunnel(server, origin, route)

    def _reusable(self, origin: Origin) -> bool:
        return self.server is not None and self.server_origin == origin and self.server.idle

    def _drop_server(self) -> None:
        if self.server is not None:
            self.server.writer.close()
        self.server = self.server_origin = None

    async def _unreachable(self, origin: Origin, error: Exception) -> None:
        self._drop_server()
        if self.client.http.our_state is not h11.SEND_RESPONSE:
            # The answer had begun: cut it, so that the browser sees a broken body and not a short one.
            self.client.abort()
            return
        if isinstance(error, TimeoutError):
            await self._answer(504, "unreachable", f"{origin} did not accept a connection in time.")
        else:
            cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            await self._answer(502, "unreachable", f"{origin} cannot be reached: {cause}.")

    async def _answer(self, status: int, kind: str, text: str) -> None:
        """Write our own page, after reading what is left of the request, so that the browser gets to see it."""
        whole = await self._drained()
        title = {"refused": "Refused by operator-agent", "unreachable": "Server not reachable"}.get(kind, "Bad request")
        page = _PAGE.format(title=title, text=html.escape(text)).encode()
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Cache-Control", "no-store"),
            (MARKER, kind),
        ]
        if not whole:
            headers.append(("Connection", "close"))
        await self.client.send(h11.Response(status_code=status, headers=headers), h11.Data(page), h11.EndOfMessage())

    async def _drained(self) -> bool:
        size = 0
        while self.client.http.their_state is h11.SEND_BODY and size < _MAX_DRAINED:
            if self.client.http.they_are_waiting_for_100_continue:
                return False
            event = await self.client.receive()
            size += len(event.data) if isinstance(event, h11.Data) else 0
        return self.client.http.their_state is not h11.SEND_BODY


def _forwarded(request: h11.Request) -> tuple[Origin, h11.Request]:
    """The origin asked for, and the request as that server must see it. Raises `UsageError`."""
    url = request.target.decode("latin-1")
    origin = Origin.parse(url)
    if origin.scheme != "http":
        raise UsageError(f"{origin} needs a CONNECT tunnel")
    headers = _end_to_end(request, upgrade=True)
    hosts = [value.decode("latin-1") for name, value in request.headers if name == b"host"]
    if not hosts:
        headers.insert(0, (b"Host", str(origin).partition("://")[2].encode()))
    # One server must not be reached under the name of another.
    elif "@" in hosts[0] or Origin.parse(f"http://{hosts[0]}") != origin:
        raise UsageError(f"the Host header {hosts[0]!r} does not belong to {origin}")
    rest = url.partition("://")[2]
    start = min((place for place in (rest.find("/"), rest.find("?")) if place >= 0), default=len(rest))
    path = rest[start:].partition("#")[0]
    target = path if path.startswith("/") else f"/{path}"
    return origin, h11.Request(method=request.method, target=target.encode("latin-1"), headers=headers)


def _end_to_end(message: h11.Request | h11.InformationalResponse | h11.Response, *, upgrade: bool = False) -> _Headers:
    """The headers meant for the far end, in their own spelling, without a marker that is not ours."""
    headers = message.headers.raw_items()
    named = {token.strip() for name, value in message.headers if name == b"connection" for token in value.lower().split(b",")}
    dropped = (_HOP_BY_HOP | named | {MARKER.encode()}) - _NEVER_DROPPED
    kept = [(name, value) for name, value in headers if name.lower() not in dropped]
    if upgrade and b"upgrade" in named:
        kept += [(b"Connection", b"Upgrade"), *(pair for pair in headers if pair[0].lower() == b"upgrade")]
    return kept


def _through(route: UpstreamProxy, request: h11.Request, head: h11.Request) -> h11.Request:
    """The same request as a proxy must see it."""
    headers = head.headers.raw_items() + _credentials(route)
    return h11.Request(method=head.method, target=request.target, headers=headers)


def _credentials(route: UpstreamProxy) -> _Headers:
    return [(b"Proxy-Authorization", route.authorization)] if route.authorization else []


async def _open_tunnel(server: _Wire, origin: Origin, route: UpstreamProxy) -> None:
    target = f"{origin.host}:{origin.port}".encode()
    await server.send(
        h11.Request(method="CONNECT", target=target, headers=[(b"Host", target), *_credentials(route)]),
        h11.EndOfMessage(),
    )
    answer = await server.receive()
    if not isinstance(answer, h11.Response) or not 200 <= answer.status_code < 300:
        status = f"HTTP {answer.status_code}" if isinstance(answer, h11.Response) else "no answer"
        raise _Gone(server, f"the upstream proxy {route.host}:{route.port} refused the tunnel ({status})")


async def _splice(client: _Wire, server: _Wire) -> None:
    """Raw bytes both ways until both ends are done, or one is and the other stays silent."""
    pipes = [asyncio.create_task(_pump(client, server)), asyncio.create_task(_pump(server, client))]
    try:
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(pipes, timeout=_LINGER_SECONDS)
    finally:
        for pipe in pipes:
            pipe.cancel()
        await asyncio.wait(pipes)


async def _pump(source: _Wire, sink: _Wire) -> None:
    with suppress(_Gone):
        data, _ = source.http.trailing_data
        data = data or await source.raw()
        while data:
            await sink.write(data)
            data = await source.raw()
    with suppress(OSError):
        sink.writer.write_eof()


def _refusal(origin: Origin) -> str:
    return f"{origin} is not among the origins this run may reach. To allow it: --allow {origin}"


def _dialled(host: str) -> str:
    # RFC 6761: names below localhost are this machine; resolvers outside browsers do not all know.
    return "localhost" if host.endswith(".localhost") else host.strip("[]")
