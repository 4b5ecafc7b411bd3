"""One connection of the browser to the filtering proxy: requests one after the other, or one tunnel and what is inside it."""

from __future__ import annotations

import asyncio
import html
import ssl
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import h11

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin
from operator_agent.surfaces.browser.egress.heads import MARKER, RawHeaders, end_to_end, forwarded, is_socket, readable
from operator_agent.surfaces.browser.egress.wire import Encrypted, Event, Gone, Wire, splice

if TYPE_CHECKING:
    from operator_agent.surfaces.browser.egress.proxy import EgressProxy, UpstreamProxy
    from operator_agent.surfaces.browser.egress.tap import Taking

_MAX_DRAINED = 1 << 23
_CONNECT_SECONDS = 30.0
_HELLO = 0x16
"""The first byte of a TLS connection: a handshake record."""

# Repeating these on a second connection changes nothing at the server.
_SAFE = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE"))

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1 style="font-size:1.3em">{title}</h1><p>{text}</p></body></html>"""
_TITLES = {
    "refused": "Refused by operator-agent", "unreachable": "Server not reachable", "malformed": "Bad request",
    "missing": "Not on the tape",
}  # fmt: skip


class Session:
    """`inside` is the origin of the tunnel that the requests come through; None for a plain connection to the proxy."""

    def __init__(self, proxy: EgressProxy, client: Wire, inside: Origin | None = None) -> None:
        self.proxy = proxy
        self.client = client
        self.inside = inside
        # Kept per browser connection, not shared: a server may bind authentication to the connection.
        self.server: Wire | None = None
        self.server_origin: Origin | None = None
        self._unused = False
        """`server` was connected for a tunnel, and nothing was asked on it yet."""

    async def serve(self) -> None:
        try:
            await self._requests()
        except Gone as gone:
            if gone.malformed and gone.wire is self.client and self.client.http.our_state is h11.IDLE:
                with suppress(Gone):
                    await self.tell(400, "malformed", f"This is not an HTTP proxy request: {gone}.")
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
            await (self._tunnel(request) if request.method == b"CONNECT" else self._request(request))
            if not self.client.recycle():
                return

    async def _request(self, request: h11.Request) -> None:
        try:
            origin, url, head = forwarded(request, self.inside)
        except UsageError as error:
            await self.tell(400, "malformed", f"The proxy cannot read this request: {error}.")
            return
        method, socket = request.method.decode(), is_socket(request)
        shown = url.replace("http", "ws", 1) if socket else url
        taking = self.proxy.tap.begin(method, shown.partition("#")[0], end_to_end(request), "socket" if socket else "http")
        try:
            if not self.proxy.allowed(origin):
                self.proxy.refuse(origin, method, url)
                taking.end("broken", refusal(origin), refused=True)
                await self.tell(403, "refused", refusal(origin))
            elif (player := self.proxy.player) and not player.live:
                from operator_agent.surfaces.browser.egress.playing import play

                await play(self, player, request, taking)
            else:
                await self._forward(origin, request, readable(head) if self.proxy.taping else head, taking)
        finally:
            taking.end("left")

    async def _forward(self, origin: Origin, request: h11.Request, head: h11.Request, taking: Taking) -> None:
        route = self.proxy.route(origin)
        if route and not self.inside:
            head = _through(route, request, head)
        body = self.client.http.next_event()
        # A kept connection may die unseen; only a request that can be repeated takes that risk.
        repeatable = request.method in _SAFE and isinstance(body, h11.EndOfMessage)
        unused, self._unused = self._unused and self._reusable(origin), False
        if repeatable and self._reusable(origin):
            try:
                await self._exchange(head, body, taking)
                return
            except Gone as gone:
                if gone.wire is self.client:
                    raise
                if self.client.http.our_state is not h11.SEND_RESPONSE:
                    await self.unreachable(origin, gone, taking)
                    return
                unused = False
        try:
            if not unused:
                await self._connect(origin, route)
            await self._exchange(head, body, taking)
        except (OSError, Gone) as error:
            if isinstance(error, Gone) and error.wire is self.client:
                raise
            await self.unreachable(origin, error, taking)

    async def _exchange(self, head: h11.Request, body: Event, taking: Taking) -> None:
        assert self.server is not None
        first = [body] if isinstance(body, (h11.Data, h11.EndOfMessage)) else []
        if isinstance(body, h11.Data):
            taking.asked(body.data)
        await self.server.send(head, *first)
        upload = asyncio.create_task(self._upload(self.server, taking, complete=isinstance(body, h11.EndOfMessage)))
        try:
            switched = await self._download(self.server, taking)
        finally:
            upload.cancel()
            await asyncio.wait([upload])
        if switched:
            await splice(self.client, self.server, taking.passed if self.proxy.taping else None)
            taking.end("whole")
        elif not self.server.recycle():
            self._drop_server()

    async def _upload(self, server: Wire, taking: Taking, *, complete: bool) -> None:
        """Send the rest of the body; then, while the answer is awaited, end the exchange if the browser hangs up."""
        try:
            while not complete:
                event = await self.client.receive()
                if not isinstance(event, (h11.Data, h11.EndOfMessage)):
                    taking.end("left")
                    server.abort()
                    return
                if isinstance(event, h11.Data):
                    taking.asked(event.data)
                await server.send(event)
                complete = isinstance(event, h11.EndOfMessage)
            data = await self.client.raw()
            self.client.http.receive_data(data)
            if not data:
                taking.end("left")
                server.abort()
        except Gone as gone:
            # A server may answer and close before it has read everything: its answer is still on the way.
            if gone.wire is self.client:
                taking.end("left")
                server.abort()

    async def _download(self, server: Wire, taking: Taking) -> bool:
        """Pass the answer on as it comes. True when the server switched protocols and raw bytes follow."""
        while True:
            event = await server.receive()
            if isinstance(event, h11.InformationalResponse):
                switched = event.status_code == 101
                headers = end_to_end(event, upgrade=switched)
                status, reason = event.status_code, event.reason
                if switched:
                    taking.answered(status, bytes(reason).decode("latin-1"), headers)
                await self.client.send(h11.InformationalResponse(status_code=status, headers=headers, reason=reason))
                if switched:
                    return True
            elif isinstance(event, h11.Response):
                if event.status_code == 407 and self.proxy.upstream:
                    raise Gone(server, "the upstream proxy refused its credentials (HTTP 407)")
                headers = end_to_end(event)
                taking.answered(event.status_code, bytes(event.reason).decode("latin-1"), headers)
                await self.client.send(h11.Response(status_code=event.status_code, headers=headers, reason=event.reason))
            elif isinstance(event, h11.Data):
                taking.gave(event.data)
                await self.client.send(event)
            elif isinstance(event, h11.EndOfMessage):
                await self.client.send(event)
                taking.end("whole")
                return False
            else:
                raise Gone(server, "the server closed the connection before it answered")

    async def _tunnel(self, request: h11.Request) -> None:
        target = request.target.decode("latin-1")
        try:
            if self.inside or "@" in target or not target.rpartition(":")[2].isdigit():
                raise UsageError(f"{target!r} is not host:port")
            origins = [Origin.parse(f"{scheme}://{target}") for scheme in ("https", "http")]
        except UsageError as error:
            await self.tell(400, "malformed", f"The proxy cannot read this request: {error}.")
            return
        # Encrypted or not cannot be seen from here; the server that is reached is the same.
        origin = origins[1] if origins[0].port == 80 else origins[0]
        if not any(map(self.proxy.allowed, origins)):
            self.proxy.refuse(origin, "CONNECT", str(origin))
            self.proxy.tap.begin("CONNECT", str(origin), kind="tunnel").end("broken", refusal(origin), refused=True)
            await self.tell(403, "refused", refusal(origin))
        elif (player := self.proxy.player) and not player.live:
            if closed := player.tunnel(str(origin)):
                await self.tell(502, "unreachable", closed)
                return
            await self._established()
            await self._look_inside(origins)
        else:
            await self._open(origin, origins)

    async def _open(self, origin: Origin, origins: list[Origin]) -> None:
        try:
            await self._connect(origin, self.proxy.route(origin), tunnel=True)
        except (OSError, Gone) as error:
            await self.unreachable(origin, error, self.proxy.tap.begin("CONNECT", str(origin), kind="tunnel"))
            return
        assert self.server is not None
        await self._established()
        if self.proxy.taping:
            await self._look_inside(origins)
        else:
            await splice(self.client, self.server)

    async def _established(self) -> None:
        await self.client.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))

    async def _look_inside(self, origins: list[Origin]) -> None:
        """What is in the tunnel: requests, in the clear or encrypted; anything else passes through unread."""
        first = self.client.http.trailing_data[0] or await self.client.raw()
        if first[:1].isalpha():
            await self._within(origins[1], self.client, first)
        elif self.proxy.authority and first[:1] == bytes((_HELLO,)) and await self._server_encrypts(origins[0]):
            shown = await asyncio.to_thread(self.proxy.authority.context, origins[0].host.strip("[]"))
            lock = Encrypted(self.client.reader, self.client.writer, shown, first=first)
            try:
                await lock.handshake()
            except OSError as error:
                taking = self.proxy.tap.begin("CONNECT", str(origins[0]), kind="tunnel")
                taking.end("left", f"the browser did not go on with the encrypted connection: {error}")
                return
            await self._within(origins[0], Wire(h11.SERVER, lock, lock), b"")
        elif first and self.server:
            await self._pass_unread(origins[0], first)

    async def _server_encrypts(self, origin: Origin) -> bool:
        """Whether the server's side of the encryption is up; without a server, always."""
        if self.server is None:
            return True
        with suppress(OSError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                self.server = await _encrypted(self.server, origin, self.proxy.trust or _system_trust())
                return True
        # The browser may see for itself what is wrong with it: a connection of its own, end to end.
        with suppress(OSError, Gone):
            await self._connect(origin, self.proxy.route(origin), tunnel=True)
        return False

    async def _within(self, origin: Origin, wire: Wire, first: bytes) -> None:
        client = Wire(h11.SERVER, wire.reader, wire.writer)
        if first:
            client.http.receive_data(first)
        session = type(self)(self.proxy, client, inside=origin)
        session.server, session.server_origin = self.server, origin if self.server else None
        session._unused = self.server is not None
        self.server = self.server_origin = None
        await session.serve()

    async def _pass_unread(self, origin: Origin, first: bytes) -> None:
        assert self.server
        taking = self.proxy.tap.begin("CONNECT", str(origin), kind="tunnel")
        taking.note(f"what went to {origin} could not be looked into: its certificate is not trusted here, or it is no HTTP")
        try:
            await self.server.write(first)
            # A wire of its own: what the first one had read is sent already.
            await splice(Wire(h11.SERVER, self.client.reader, self.client.writer), self.server)
            taking.end("whole")
        finally:
            taking.end("left")

    async def _connect(self, origin: Origin, route: UpstreamProxy | None, *, tunnel: bool = False) -> None:
        self._drop_server()
        host, port = (route.host, route.port) if route else (_dialled(origin.host), origin.port)
        async with asyncio.timeout(_CONNECT_SECONDS):
            # Staggered attempts: a name with a dead IPv6 address must not cost its whole timeout.
            server = Wire(h11.CLIENT, *await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25))
            self.server, self.server_origin = server, origin
            if route and (tunnel or self.inside):
                self.server = server = await _open_tunnel(server, origin, route)
            if origin.scheme == "https" and not tunnel:
                self.server = await _encrypted(server, origin, self.proxy.trust or _system_trust())

    def _reusable(self, origin: Origin) -> bool:
        return self.server is not None and self.server_origin == origin and self.server.idle

    def _drop_server(self) -> None:
        if self.server is not None:
            self.server.writer.close()
        self.server = self.server_origin = None

    async def unreachable(self, origin: Origin, error: Exception | str, taking: Taking) -> None:
        """Tells the browser that there is no answer, or cuts the one that had begun."""
        self._drop_server()
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if self.client.http.our_state is not h11.SEND_RESPONSE:
            # The answer had begun: cut it, so that the browser sees a broken body and not a short one.
            taking.end("broken", f"the answer broke off: {cause}")
            self.client.abort()
            return
        slow = isinstance(error, TimeoutError)
        text = f"{origin} did not accept a connection in time." if slow else f"{origin} cannot be reached: {cause}."
        taking.end("broken", text)
        await self.tell(504 if slow else 502, "unreachable", text)

    async def tell(self, status: int, kind: str, text: str) -> None:
        """Write our own page, after reading what is left of the request, so that the browser gets to see it."""
        whole = await self._drained()
        title = _TITLES[kind]
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


def _through(route: UpstreamProxy, request: h11.Request, head: h11.Request) -> h11.Request:
    """The same request as a proxy must see it."""
    headers = head.headers.raw_items() + _credentials(route)
    return h11.Request(method=head.method, target=request.target, headers=headers)


def _credentials(route: UpstreamProxy) -> RawHeaders:
    return [(b"Proxy-Authorization", route.authorization)] if route.authorization else []


async def _open_tunnel(server: Wire, origin: Origin, route: UpstreamProxy) -> Wire:
    """The same connection, now to `origin`."""
    target = f"{origin.host}:{origin.port}".encode()
    await server.send(
        h11.Request(method="CONNECT", target=target, headers=[(b"Host", target), *_credentials(route)]),
        h11.EndOfMessage(),
    )
    answer = await server.receive()
    if not isinstance(answer, h11.Response) or not 200 <= answer.status_code < 300:
        status = f"HTTP {answer.status_code}" if isinstance(answer, h11.Response) else "no answer"
        raise Gone(server, f"the upstream proxy {route.host}:{route.port} refused the tunnel ({status})")
    opened = Wire(h11.CLIENT, server.reader, server.writer)
    if early := server.http.trailing_data[0]:
        opened.http.receive_data(early)
    return opened


async def _encrypted(server: Wire, origin: Origin, trust: ssl.SSLContext) -> Wire:
    """The same connection, encrypted; raises `ssl.SSLError` when the server is not who it should be."""
    lock = Encrypted(server.reader, server.writer, trust, host=origin.host.strip("[]"))
    await lock.handshake()
    return Wire(h11.CLIENT, lock, lock)


@cache
def _system_trust() -> ssl.SSLContext:
    from operator_agent.surfaces.browser.egress.tls import system_trust

    return system_trust()


def refusal(origin: Origin) -> str:
    return f"{origin} is not among the origins this run may reach. To allow it: --allow {origin}"


def _dialled(host: str) -> str:
    # RFC 6761: names below localhost are this machine; resolvers outside browsers do not all know.
    return "localhost" if host.endswith(".localhost") else host.strip("[]")
