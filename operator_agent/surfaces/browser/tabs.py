"""The tabs a surface follows: the page it was given and every page that comes out of one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from operator_agent.errors import SurfaceLost
from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Frame, JSHandle, Page

    from operator_agent.surfaces.browser.pulse import Pulse


_TITLE_SECONDS = 0.5
_PASSWORDS_SECONDS = 2.0
_WORLD = "operator-agent"


@dataclass(eq=False, slots=True)
class FollowedTab:
    """One page of ours."""

    page: Page
    opener: FollowedTab | None = None
    crashed: bool = False
    title: str = ""
    """As last read."""
    documents: str = ""
    """What the refs of its main document begin with, as last read."""
    target: str = ""
    """Chromium's id of the tab, which is also its main frame's."""
    session: CDPSession | None = None
    """Our own line to Chromium about this page; opened on first use."""
    typed: bool = False
    """Some field of it held something at the last look."""
    handles: dict[Frame, JSHandle] = field(default_factory=dict)
    world: int | None = None
    """Chromium's number of our isolated world beside the main document; made on first use."""

    @property
    def shown(self) -> str:
        return self.title or self.page.url

    async def read_title(self) -> None:
        """Asks Chromium, not the page, whose new document may be busy; a tab without a line of ours is asked itself.

        One that does not even tell its title keeps the one last known."""
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(_TITLE_SECONDS):
                if self.session is None:
                    self.title = await self.page.title()
                else:
                    target = (await self.session.send("Target.getTargetInfo"))["targetInfo"]
                    self.title = _own_title(target["title"], target["url"])
        except (Error, TimeoutError):
            return

    async def evaluate(self, expression: str) -> Any:
        """What `expression` gives in a world of ours beside the main document's own, promises awaited: the page can neither see nor
        stop it, nor replace the timers it uses. Raises Playwright's Error, also when the document is left meanwhile."""
        assert self.session
        if self.world is None:
            made = await self.session.send("Page.createIsolatedWorld", {"frameId": self.target, "worldName": _WORLD})
            self.world = made["executionContextId"]
        question = {"expression": expression, "contextId": self.world, "awaitPromise": True, "returnByValue": True}
        answer: dict[str, Any] = await self.session.send("Runtime.evaluate", question)
        return answer["result"].get("value")

    async def passwords(self) -> list[tuple[str, bool]] | None:
        """The values of the main document's password fields, each with whether the field shows; None when it cannot be asked."""
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(_PASSWORDS_SECONDS):
                found: list[tuple[str, bool]] | None = await self.evaluate(f"({script('passwords')})()")
        except (Error, TimeoutError):
            return None
        return found

    async def keep(self, frame: Frame) -> JSHandle:
        """An object in the document of `frame`, where an act leaves what it must read back after its element is gone."""
        if frame not in self.handles:
            self.handles[frame] = await frame.evaluate_handle("() => ({})")
        return self.handles[frame]


def _own_title(shown: str, url: str) -> str:
    """A page without a title is shown by its address, shortened."""
    address = unquote(url).removeprefix("http://").rstrip("/")
    return "" if unquote(shown).removeprefix("http://").rstrip("/") == address else shown


class Tabs:
    """Which tab is active is ours to say: the one the current act opened, or the one the person named."""

    def __init__(self, page: Page, pulse: Pulse, adopted: Callable[[FollowedTab], None], left: Callable[[Page], None]) -> None:
        self._pulse = pulse
        self._adopted = adopted
        self._left = left
        self._tabs: dict[Page, FollowedTab] = {}
        self.awaited = 0
        """How many tabs the latest act has asked for that have not appeared yet."""
        self.acting = False
        """True while an act runs or settles: a tab that appears then is its doing."""
        self.opened: list[FollowedTab] = []
        """Tabs that appeared since the act began and became active."""
        self.closed: list[str] = []
        """Titles of active tabs that closed since the act began."""
        self._last: FollowedTab = self.adopt(page, None)
        self._active: FollowedTab | None = self._last

    def __contains__(self, page: object) -> bool:
        return page in self._tabs

    def __iter__(self) -> Iterator[FollowedTab]:
        return iter(tuple(self._tabs.values()))

    @property
    def active(self) -> FollowedTab:
        """Raises SurfaceLost when the active tab crashed or no tab is left."""
        if self._active is None:
            raise SurfaceLost(f"the last tab, {self._last.page.url}, was closed; start the run again to get a new one")
        if self._active.crashed:
            raise SurfaceLost(f"the tab {self._active.page.url} crashed; start the run again, or give the machine more memory")
        return self._active

    def activate(self, tab: FollowedTab) -> None:
        self._active = self._last = tab
        self._pulse.beat()

    def begin(self) -> None:
        """An act begins: what becomes of tabs from now on is its doing."""
        self.acting = True
        self.awaited = 0
        self.opened.clear()
        self.closed.clear()

    def expect(self) -> None:
        """The current act has asked for a new tab; it becomes active when it appears, even if that is after the act."""
        if self.acting:
            self.awaited += 1

    def adopt(self, page: Page, opener: FollowedTab | None) -> FollowedTab:
        tab = FollowedTab(page, opener)
        self._tabs[page] = tab
        page.on("popup", lambda popup: self._appeared(popup, tab))
        page.on("close", lambda _: self._closed(tab))
        page.on("crash", lambda _: self._crashed(tab))
        page.on("framenavigated", lambda frame: self._navigated(tab, frame))
        self._adopted(tab)
        return tab

    def find(self, words: str) -> list[FollowedTab]:
        """The tabs whose title is exactly `words`, else those whose title or address contains it (case ignored)."""
        wanted = words.casefold().strip()
        exact = [tab for tab in self if tab.title.casefold().strip() == wanted or tab.page.url.casefold() == wanted]
        return exact or [tab for tab in self if wanted in tab.title.casefold() or wanted in tab.page.url.casefold()]

    def _appeared(self, popup: Page, opener: FollowedTab) -> None:
        if popup in self._tabs or popup.is_closed():
            return
        tab = self.adopt(popup, opener)
        if self.awaited or (self.acting and opener is self._active):
            self.awaited = max(0, self.awaited - 1)
            self.activate(tab)
            self.opened.append(tab)
        self._pulse.beat()

    def _closed(self, tab: FollowedTab) -> None:
        self._tabs.pop(tab.page, None)
        for other in self:
            if other.opener is tab:
                other.opener = tab.opener
        if tab is self._active:
            left = list(self)
            back = tab.opener if tab.opener in left else (left[-1] if left else None)
            self._active = back
            self.closed.append(tab.shown)
        self._left(tab.page)

    def _crashed(self, tab: FollowedTab) -> None:
        tab.crashed = True
        self._left(tab.page)

    def _navigated(self, tab: FollowedTab, frame: Frame) -> None:
        tab.handles.pop(frame, None)
        if frame is tab.page.main_frame:
            tab.world = None
        self._pulse.beat()
