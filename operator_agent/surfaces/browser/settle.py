"""What an act sets in motion, and waiting for exactly that.

Chromium tells about a requested navigation or window before it answers a script that runs after the input. So one round
trip to the page after an act is enough to know whether anything was started; when nothing was, nothing is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from operator_agent.surfaces.browser.network import place

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

    from operator_agent.surfaces.browser.network import NetworkLog
    from operator_agent.surfaces.browser.pulse import Pulse
    from operator_agent.surfaces.browser.tabs import FollowedTab, Tabs

T = TypeVar("T")

REQUESTS_SECONDS = 3.0
"""Long-polls and event sources never end; an act is not held by them for longer than this, and the next acts not at all."""
_BARRIER_SECONDS = 0.5
_BARRIER = "new Promise(done => setTimeout(done, 0))"


class Activity:
    """Navigations under way in our tabs, told by Chromium as they are requested."""

    def __init__(self, tabs: Tabs, network: NetworkLog, pulse: Pulse, barred: Callable[[str], bool] | None) -> None:
        self._tabs = tabs
        self._network = network
        self._pulse = pulse
        self._main: set[str] = set()
        """Main frames that are on their way to another document, or whose document is still being parsed."""
        self._loading: set[str] = set()
        """Child frames that are being loaded."""
        self._fetches: dict[str, str] = {}
        """Fetches of scripts that have no end yet: Chromium's id → `network.place`."""
        self._endless: set[str] = set()
        """Places that once did not answer while an act was waiting for them."""
        self._asked = 0
        """How many of them the act has begun."""
        self._documents = 0
        """How many documents have been parsed in our tabs."""
        self._began = 0.0
        self._barred = barred
        self._answers: set[asyncio.Task[None]] = set()

    async def watch(self, tab: FollowedTab) -> CDPSession:
        """Our session for `tab`, listening."""
        if tab.session is None:
            session = await tab.page.context.new_cdp_session(tab.page)
            answer = await session.send("Target.getTargetInfo")
            tab.target = str(answer["targetInfo"]["targetId"])
            self._listen(session, tab.target)
            await session.send("Page.enable")
            if self._barred:
                session.on("Fetch.requestPaused", lambda event: self._judge(session, event))
                await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": "Document"}]})
            else:
                # Others intercept this page: then Playwright's log hears of requests later than of our question.
                await session.send("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})
            tab.session = session
        return tab.session

    def begin(self) -> None:
        """An act begins: what starts from now on is its doing."""
        self._main.clear()
        self._loading.clear()
        self._fetches.clear()
        self._asked = 0
        self._tabs.begin()
        self._began = time.monotonic()

    def end(self) -> None:
        self._tabs.acting = False

    @property
    def navigating(self) -> bool:
        return bool(self._main)

    async def settle(self, cap: float, *, answered: bool = False) -> bool:
        """Waits until what the act started is over. False when a navigation was still not there after `cap` seconds.

        `answered` says that the page has answered a script since the input left.
        """
        deadline = time.monotonic() + cap
        patience = time.monotonic() + min(cap, REQUESTS_SECONDS)
        waited = False
        if not answered:
            await self.barrier()
        while (now := time.monotonic()) < deadline:
            if self._main:
                until = deadline
            elif self._tabs.awaited or self._loading or self._fetching:
                until = patience
            elif waited:
                break
            else:
                return True
            if now >= until:
                self._endless |= {where for where in self._awaited if where}
                break
            waited, documents = True, self._documents
            await self._pulse.next(until - now)
            if self._documents == documents and not self._main and not self._fetching:
                # The answer's own handler may start the next request.
                await self.barrier()
        for tab in self._tabs.opened:
            await _loaded(tab.page, deadline - time.monotonic())
        return not self._main

    async def unless_navigating(self, question: Coroutine[Any, Any, T]) -> T | None:
        """What a page answers; None when it is leaving, for then Chromium lets no question through until it has left."""
        task = asyncio.ensure_future(question)
        try:
            while not task.done() and not self._main:
                beat = asyncio.ensure_future(self._pulse.next(REQUESTS_SECONDS))
                await asyncio.wait({task, beat}, return_when=asyncio.FIRST_COMPLETED)
                beat.cancel()
        finally:
            if not task.done():
                task.cancel()
        return task.result() if task.done() else None

    @property
    def _fetching(self) -> bool:
        """True while a request the act began runs, or has ended so lately that the log does not know it yet."""
        if any(where not in self._endless or self._network.answers(where) for where in self._awaited):
            return True
        return self._network.asked_since(self._began) < self._asked

    @property
    def _awaited(self) -> list[str]:
        """Of each request that runs and was begun by the act, where it reads from."""
        return [*self._fetches.values(), *(entry.place for entry in self._network.running(self._began))]

    async def barrier(self) -> None:
        """Until Chromium has told what the act started; a page that goes away or hangs meanwhile is not this call's business."""
        from playwright.async_api import Error

        tab = self._tabs.active
        try:
            async with asyncio.timeout(_BARRIER_SECONDS):
                await self.watch(tab)
                await tab.evaluate(_BARRIER)
        except (Error, TimeoutError):
            return

    def _judge(self, session: CDPSession, event: dict[str, Any]) -> None:
        """Lets a document be asked for, or fails it: every address of a page, frame or form, each hop of a redirect anew."""
        assert self._barred
        request = {"requestId": event["requestId"]}
        if self._barred(event["request"]["url"]):
            answer = session.send("Fetch.failRequest", {**request, "errorReason": "BlockedByClient"})
        else:
            answer = session.send("Fetch.continueRequest", request)
        task = asyncio.ensure_future(_sent(answer))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    def _listen(self, session: CDPSession, main: str) -> None:
        """A page's main frame has the id of its target; that is how it is told from its child frames."""

        def started(frame: str) -> None:
            (self._main if frame == main else self._loading).add(frame)
            self._pulse.beat()

        def stopped(frame: str) -> None:
            self._main.discard(frame)
            self._loading.discard(frame)
            self._pulse.beat()

        def fetched(event: dict[str, Any]) -> None:
            if event.get("type") in ("Fetch", "XHR"):
                self._fetches[event["requestId"]] = place(event["request"]["method"], event["request"]["url"])
                self._asked += 1

        def ended(event: dict[str, Any]) -> None:
            if self._fetches.pop(event["requestId"], None) is not None:
                self._pulse.beat()

        def committed(event: dict[str, Any]) -> None:
            if "parentId" not in event["frame"]:
                self._fetches.clear()
                self._asked = 0

        def parsed() -> None:
            self._documents += 1
            stopped(main)

        handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "Page.frameRequestedNavigation": lambda event: started(event["frameId"]),
            "Page.frameStartedNavigating": lambda event: started(event["frameId"]),
            "Page.frameStoppedLoading": lambda event: stopped(event["frameId"]),
            "Page.frameDetached": lambda event: stopped(event["frameId"]),
            "Page.navigatedWithinDocument": lambda event: stopped(event["frameId"]),
            "Page.domContentEventFired": lambda _: parsed(),
            "Page.frameNavigated": committed,
            "Network.requestWillBeSent": fetched,
            "Network.loadingFinished": ended,
            "Network.loadingFailed": ended,
            "Page.windowOpen": lambda _: self._tabs.expect(),
        }
        for name, handler in handlers.items():
            session.on(name, handler)


async def _sent(answer: Coroutine[Any, Any, Any]) -> None:
    """A request whose page went away meanwhile needs no answer any more."""
    from playwright.async_api import Error

    with suppress(Error):
        await answer


async def _loaded(page: Page, cap: float) -> None:
    """A new tab has its document's content, or has not in time, or is gone again; the next look tells which."""
    from playwright.async_api import Error

    if cap > 0 and not page.is_closed():
        with suppress(Error):
            await page.wait_for_load_state("domcontentloaded", timeout=cap * 1000)
