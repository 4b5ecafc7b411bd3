"""Every exchange of our pages, in the order they started."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operator_agent.flow.observation import Exchange
from operator_agent.surfaces.browser.egress.heads import MARKER

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request, Response, WebSocket

    from operator_agent.surfaces.browser.pulse import Pulse
    from operator_agent.surfaces.redaction import Redaction

KEPT = 2_000
"""Exchanges kept; older ones are dropped first."""

_SOON = 10.0
"""Seconds within which what is no long-poll has its answer."""
_BLOCKED = ("net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_ADMINISTRATOR")
_SCRIPTED = frozenset({"fetch", "xhr"})
_AWAITED = _SCRIPTED | {"document"}


@dataclass(slots=True)
class Entry:
    """One exchange while it runs. `shown` is kept once nothing about it can change any more."""

    method: str
    url: str
    kind: str
    started: float
    ended: float | None = None
    status: int | None = None
    failure: str = ""
    blocked: bool = False
    shown: Exchange | None = None

    @property
    def awaited(self) -> bool:
        """True while it runs and is of a kind that an act waits for."""
        return self.ended is None and self.kind in _AWAITED

    @property
    def place(self) -> str:
        return place(self.method, self.url) if self.kind in _SCRIPTED else ""


def place(method: str, url: str) -> str:
    """What a script reads from, whatever the query; "" for anything that may write."""
    return url.partition("?")[0] if method == "GET" else ""


class NetworkLog:
    """Listens to a context. `ours` tells whether a page belongs to this surface (None: a worker's request), `barred` whether our
    policy keeps the browser from an address: what fails there failed because of it."""

    def __init__(
        self, context: BrowserContext, ours: Callable[[Page | None], bool], barred: Callable[[str], bool],
        redaction: Redaction, pulse: Pulse,
    ) -> None:  # fmt: skip
        self._context = context
        self._barred = barred
        self._ours = ours
        self._redaction = redaction
        self._pulse = pulse
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._running: dict[Request, Entry] = {}
        self._prompt: set[str] = set()
        context.on("request", self._began)
        context.on("response", self._answered)
        context.on("requestfinished", self._finished)
        context.on("requestfailed", self._failed)

    def close(self) -> None:
        self._context.remove_listener("request", self._began)
        self._context.remove_listener("response", self._answered)
        self._context.remove_listener("requestfinished", self._finished)
        self._context.remove_listener("requestfailed", self._failed)

    def running(self, since: float) -> list[Entry]:
        """The exchanges begun at or after `since` that an act waits for and that have no end yet."""
        return [entry for entry in self._running.values() if entry.awaited and entry.started >= since]

    def answers(self, place: str) -> bool:
        """Whether what scripts read from there has ever come soon: then it is no long-poll."""
        return place in self._prompt

    def asked_since(self, since: float) -> int:
        """How many fetches of scripts have begun since."""
        count = 0
        for entry in reversed(self._entries):
            if entry.started < since:
                break
            count += entry.kind in _SCRIPTED
        return count

    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(entry.shown or self._show(entry) for entry in self._entries)

    def follow(self, socket: WebSocket) -> None:
        """A web socket is one exchange, open until it is closed."""
        entry = Entry("GET", socket.url, "websocket", time.monotonic(), status=101)
        self._entries.append(entry)

        def closed(_socket: object) -> None:
            entry.ended = time.monotonic()
            self._pulse.beat()

        def failed(error: str) -> None:
            entry.status, entry.failure = None, error

        socket.on("close", closed)
        socket.on("socketerror", failed)

    def _began(self, request: Request) -> None:
        if not self._ours(_page_of(request)):
            return
        entry = Entry(request.method, request.url, request.resource_type, time.monotonic())
        self._entries.append(entry)
        self._running[request] = entry

    def _answered(self, response: Response) -> None:
        entry = self._running.get(response.request)
        if entry is not None:
            entry.status = response.status
            entry.blocked = response.headers.get(MARKER) == "refused"
            if entry.kind == "eventsource":
                self._pulse.beat()

    def _finished(self, request: Request) -> None:
        self._end(request, "")

    def _failed(self, request: Request) -> None:
        self._end(request, request.failure or "failed")

    def _end(self, request: Request, failure: str) -> None:
        entry = self._running.pop(request, None)
        if entry is None:
            return
        entry.ended = time.monotonic()
        entry.failure = failure
        if entry.place and not failure and entry.ended - entry.started < _SOON:
            self._prompt.add(entry.place)
        entry.blocked = entry.blocked or failure.startswith(_BLOCKED) or (bool(failure) and self._barred(entry.url))
        self._pulse.beat()

    def _show(self, entry: Entry) -> Exchange:
        shown = Exchange(
            method=entry.method,
            url=self._redaction.hide(entry.url),
            kind=entry.kind,
            started=entry.started,
            ended=entry.ended,
            status=entry.status,
            failure=entry.failure,
            blocked=entry.blocked,
        )
        if entry.ended is not None:
            entry.shown = shown
        return shown


def _page_of(request: Request) -> Page | None:
    """The page a request belongs to; None for workers, and for a page that has only begun to exist."""
    from playwright.async_api import Error

    try:
        return None if request.service_worker else request.frame.page
    except Error:
        return None
