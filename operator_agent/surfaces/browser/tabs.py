"""The tabs a surface follows: the page it was given and every page that comes out of one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from operator_agent.errors import SurfaceLost

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Frame, JSHandle, Page

    from operator_agent.surfaces.browser.pulse import Pulse


_TITLE_SECONDS = 0.5


@dataclass(eq=False, slots=True)
class FollowedTab:
    """One page of ours."""

    page: Page
    opener: FollowedTab | None = None
    crashed: bool = False
    title: str = ""
    """As last read."""
    target: str = ""
    """Chromium's id of the tab, which is also its main frame's."""
    session: CDPSession | None = None
    """Our own line to Chromium about this page; opened on first use."""
    handles: dict[Frame, JSHandle] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return self.title or self.page.url

    async def read_title(self) -> None:
        """A tab that does not even tell its title keeps the one last known."""
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(_TITLE_SECONDS):
                title = await self.page.title()
        except (Error, TimeoutError):
            return
        # What Playwright says of a page that is on its way elsewhere; not a title of any page.
        if not title.startswith("Loading http"):
            self.title = title

    async def keep(self, frame: Frame) -> JSHandle:
        """An object in the document of `frame`, where an act leaves what it must read back after its element is gone."""
        if frame not in self.handles:
            self.handles[frame] = await frame.evaluate_handle("() => ({})")
        return self.handles[frame]


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
        self._pulse.beat()
