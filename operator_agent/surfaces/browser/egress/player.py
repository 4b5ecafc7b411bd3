"""Answers the browser from a tape instead of the network: which answer, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from math import inf
from time import monotonic
from urllib.parse import parse_qsl, urlsplit

from operator_agent.flow.tape import Taped
from operator_agent.surfaces.redaction import Redaction

_REPEATABLE = ("GET", "HEAD", "OPTIONS")
_REPEATED = 0
"""The number of an answer that is given once more than recorded: nothing was before it."""
_QUICK_SECONDS = 1.0
_GRACE_SECONDS = 1.0
_STALL_SECONDS = 10.0


class Player:
    """Given to `BrowserSession(player=…)`: every request is answered from `exchanges`, in their order; nothing leaves the machine.

    A request gets the next unused exchange of its method and URL (one with the same body first); else the next of the same path
    whose query differs (`loose`); else, for GET and HEAD and with `repeats`, the last answer of this URL again (`repeated`); else
    504 (`misses`). What failed fails again; what stayed open stays open. `redaction` is that of the recording: requests are
    compared with their secrets hidden.

    Nothing comes earlier than what it followed: an answer waits until the requests that had begun before it have begun, and what
    took more than a second keeps its recorded pace on the recorded clock; all does once a replay says how far it is (`reached`).
    The recorded clock stands at a bound it was given for `patience` seconds at most.
    """

    def __init__(
        self, exchanges: Iterable[Taped], *, repeats: bool = True, redaction: Redaction | None = None,
        patience: float = _STALL_SECONDS,
    ) -> None:  # fmt: skip
        self.misses: list[str] = []
        """One line for each request the tape had no answer to: method, URL and the nearest exchange that was not used."""
        self.loose: list[str] = []
        """One line for each answer given to a request that was not quite the recorded one."""
        self.repeated: list[str] = []
        """One line for each answer that was given more often than it was recorded."""
        self._patience = patience
        self._repeats, self._redact = repeats, redaction or Redaction({})
        ordered = sorted((one for one in exchanges if not one.refused), key=lambda one: one.number)
        self._unused = {one.number: one for one in ordered}
        self._played: list[Taped] = []
        self._running: dict[int, Taped] = {}
        self._given_up: set[int] = set()
        self._live = asyncio.Event()
        self._changed = asyncio.Event()
        self._led = False
        """Somebody tells how far the replay is: then everything keeps its recorded pace, quick answers as well."""
        self._clock: tuple[float, float, float] | None = None
        """Where the recorded clock was, when that was here, and how far it may run by itself."""

    @property
    def unused(self) -> list[Taped]:
        """What was recorded and not asked for, in order."""
        return list(self._unused.values())

    @property
    def live(self) -> bool:
        """True sends everything from then on to the network: the tail of a fork. What the tape holds open is cut then."""
        return self._live.is_set()

    @live.setter
    def live(self, live: bool) -> None:
        (self._live.set if live else self._live.clear)()
        self._signal()

    def reached(self, at: float, until: float = inf) -> None:
        """The replay is now where the recorded run was at `at` (a record's time): what came before then may come at once.

        To be called with the `at` of every recorded record as its counterpart is replayed, `until` being that of the record after
        it: the clock stands still there until that is reached, too. Without it the pace is that of the recording, counted from
        the first request.
        """
        self._clock = max(at, self._now), monotonic(), until
        self._led = until < inf
        self._signal()

    def answer(self, method: str, url: str, body: bytes = b"", *, conditional: bool = False) -> Taped | None:
        """The recorded exchange that answers this request, which is used up by it; None when there is none.

        `conditional`: the browser has a copy and takes 304 for an answer.
        """
        url, body = self._redact.hide(url), self._redact.hide_bytes(body)
        found = self._next(method, url, body) or self._again(method, url)
        if found is None:
            self.misses.append(f"{method} {url}: the tape has no answer to it{self._nearest(method, url)}")
            return None
        if found.status == 304 and not conditional:
            found = self._whole(found) or found
        if any("the body" in note for note in found.cut):
            self.misses.append(f"{method} {url}: {'; '.join(found.cut)}")
        if self._clock is None:
            self.reached(found.at)
        self._signal()
        return found

    def tunnel(self, origin: str) -> str:
        """Why the next connection to `origin` did not come about, or could not be looked into; "" when there is no such reason."""
        for one in self._unused.values():
            if one.kind == "tunnel" and one.url == origin:
                self._use(one)
                self.ended(one)
                if not one.failure:
                    self.misses.append(f"CONNECT {origin}: {'; '.join(one.cut)}")
                return one.failure or "; ".join(one.cut)
            if one.kind != "tunnel" and one.url.partition("://")[2].startswith(f"{origin.partition('://')[2]}/"):
                return ""  # this time it came about, first
        return ""

    def hidden(self, data: bytes) -> bytes:
        """As the tape has it: without secrets."""
        return self._redact.hide_bytes(data)

    def ended(self, exchange: Taped) -> None:
        """The answer has been given."""
        self._running.pop(exchange.number, None)
        self._signal()

    async def until_live(self) -> None:
        await self._live.wait()

    async def due(self, exchange: Taped, at: float) -> None:
        """Returns when what `exchange` brought at `at` may come. Never waits for ever: what it followed may not come this time."""
        while not self.live and (self._led or at - exchange.at >= _QUICK_SECONDS) and (early := at - self._now) > 0:
            await self._change(min(early, 0.1))
        deadline = monotonic() + _GRACE_SECONDS + min(at - exchange.at, _QUICK_SECONDS)
        while not self.live and exchange.number != _REPEATED and (before := list(self._before(exchange, at))):
            if (left := deadline - monotonic()) <= 0:
                self._given_up.update(before)
                return
            await self._change(left)

    def _before(self, exchange: Taped, at: float) -> Iterator[int]:
        """What came before `at` when it was recorded, and has not come yet."""
        for number, one in self._unused.items():
            if one.at >= at:
                break
            if number not in self._given_up and one.kind != "tunnel":
                yield number
        for number, one in self._running.items():
            if number != exchange.number and number not in self._given_up and one.ended is not None and one.ended < at:
                yield number

    @property
    def _now(self) -> float:
        """The recorded clock. It stands at its bound, but not for ever: a record may be missing this time."""
        if self._clock is None:
            return -inf
        at, since, until = self._clock
        free = at + monotonic() - since
        return free if free < until else max(until, free - self._patience)

    def _signal(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _change(self, seconds: float) -> None:
        changed = self._changed
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            pass

    def _use(self, one: Taped) -> Taped:
        self._unused.pop(one.number, None)
        self._running[one.number] = one
        self._played.append(one)
        return one

    def _next(self, method: str, url: str, body: bytes) -> Taped | None:
        asked = [one for one in self._unused.values() if one.method == method and one.kind != "tunnel"]
        if same := [one for one in asked if one.url == url]:
            found = next((one for one in same if one.request_body == body), same[0])
            if found.request_body != body:
                sizes = f"{len(body):,} bytes, recorded {len(found.request_body):,}"
                self.loose.append(f"{method} {url}: another body was sent ({sizes})")
            return self._use(found)
        path = url.partition("?")[0]
        if alike := [one for one in asked if one.url.partition("?")[0] == path]:
            best = max(alike, key=lambda one: (_shared(one.url, url), one.request_body == body, -one.number))
            self.loose.append(f"{method} {url}: answered as {best.url}")
            return self._use(best)
        return None

    def _again(self, method: str, url: str) -> Taped | None:
        if not self._repeats or method not in _REPEATABLE:
            return None
        asked = [one for one in reversed(self._played) if one.method == method and one.kind == "http"]
        path = url.partition("?")[0]
        found = next((one for one in asked if one.url == url), None)
        found = found or next((one for one in asked if one.url.partition("?")[0] == path), None)
        if found:
            self.repeated.append(f"{method} {url}: asked more often than recorded, the last answer given again")
            # At its recorded pace from now on: a long poll must not come back at once, and again, and again.
            return found.shifted(self._now - found.at).model_copy(update={"number": _REPEATED})
        return None

    def _whole(self, unchanged: Taped) -> Taped | None:
        """What the browser was told has not changed; its copy is missing this time."""
        for one in reversed(self._played):
            if (one.method, one.url, one.status) == (unchanged.method, unchanged.url, 200):
                self.loose.append(f"{one.method} {one.url}: answered 304 when recorded, now with the whole")
                return one.model_copy(update={"number": unchanged.number, "at": unchanged.at, "answered": unchanged.answered})
        return None

    def _nearest(self, method: str, url: str) -> str:
        from rapidfuzz import fuzz, process

        texts = {number: f"{one.method} {one.url}" for number, one in self._unused.items()}
        found = process.extractOne(f"{method} {url}", texts, scorer=fuzz.ratio)
        return f"; the nearest unused one is {found[0]} (number {found[2]})" if found else "; every exchange of it is used"


def _shared(one: str, other: str) -> int:
    """How many parameters of their queries are the same."""
    return len(set(parse_qsl(urlsplit(one).query, True)) & set(parse_qsl(urlsplit(other).query, True)))
