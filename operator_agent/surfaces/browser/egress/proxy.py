"""The one way out of the browser: a forward proxy on loopback that lets only granted origins through.

Request interception sees neither redirects nor what beacons, workers and preconnects do; every one of those needs a
socket, and with this proxy set every socket of the browser ends here. A refused origin costs no DNS lookup and no byte.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

import h11

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin
from operator_agent.surfaces.browser.egress.heads import MARKER
from operator_agent.surfaces.browser.egress.session import Session
from operator_agent.surfaces.browser.egress.tap import KEPT, Tap
from operator_agent.surfaces.browser.egress.wire import Wire

if TYPE_CHECKING:
    import ssl

    from operator_agent.flow.tape import Taped
    from operator_agent.surfaces.browser.egress.player import Player
    from operator_agent.surfaces.browser.egress.tls import Authority

__all__ = ["MARKER", "REFUSED_KEPT", "EgressProxy", "Refused", "UpstreamProxy"]

REFUSED_KEPT = 10_000
"""A page that polls a refused origin for hours must not fill the memory; later refusals are only counted."""


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

    `tape` gets every exchange when it ends, its times on the monotonic clock, at most `kept` bytes of a body. `player` answers
    instead of the network. Either looks into tunnels: with `authority` also into encrypted ones, whose servers `trust` judges
    (the system's trust when None).
    """

    session = Session
    """What serves one connection of the browser."""

    def __init__(
        self, allowed: Callable[[Origin], bool], *, upstream: str | None = None, bypass: Iterable[str] = (),
        tape: Callable[[Taped], None] | None = None, player: Player | None = None, authority: Authority | None = None,
        trust: ssl.SSLContext | None = None, kept: int = KEPT,
    ) -> None:  # fmt: skip
        self.allowed = allowed
        self.player, self.authority, self.trust = player, authority, trust
        self.tap = Tap(tape, kept, reads=player is not None)
        self.upstream = UpstreamProxy.parse(upstream) if upstream else None
        self.bypass = tuple(host.lstrip("*.").lower() for host in bypass)
        self.refused: list[Refused] = []
        """In order, at most `REFUSED_KEPT`."""
        self.refused_count = 0
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def taping(self) -> bool:
        return self.tap.tape is not None

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
            await self.session(self, Wire(h11.SERVER, reader, writer)).serve()
