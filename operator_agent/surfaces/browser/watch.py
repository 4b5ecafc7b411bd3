"""Noticing that a page changed, from an isolated world: the page itself can neither see nor stop it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from operator_agent.surfaces.browser.pulse import Pulse
    from operator_agent.surfaces.browser.tabs import FollowedTab

_BLIND_SECONDS = 0.5
"""A field set by a script, a style that ends, a closed shadow root raise no mutation: looking again now and then finds them."""
_FRAMES_SECONDS = 0.15
"""The same for a page with frames, into which the observer of the main document does not see."""

_OBSERVE_SECONDS = 10.0


class Watch:
    """At most one observer at a time in the active tab; it is put up when somebody waits, and lasts until the first mutation."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._observer: asyncio.Task[None] | None = None
        self._tab: FollowedTab | None = None
        self._seen = 0
        """The pulse's count at the latest look: what happened after it is news."""

    def looked(self) -> None:
        self._seen = self._pulse.count

    def arm(self, tab: FollowedTab) -> None:
        """Put up the observer unless it is up. Called before a look, so that nothing between look and wait is missed."""
        if self._observer is None or self._observer.done() or self._tab is not tab:
            self.disarm()
            self._tab = tab
            self._observer = asyncio.create_task(self._observe(tab))

    def disarm(self) -> None:
        if self._observer is not None:
            self._observer.cancel()
        self._observer = None

    @property
    def armed(self) -> bool:
        return self._observer is not None

    async def changed(self, tab: FollowedTab, timeout: float) -> bool:
        """True as soon as something may look different since the latest look, False after `timeout` seconds."""
        if self._pulse.count != self._seen:
            self.looked()
            return True
        self.arm(tab)
        blind = _FRAMES_SECONDS if len(tab.page.frames) > 1 else _BLIND_SECONDS
        beat = await self._pulse.next(min(timeout, blind))
        self.looked()
        return beat or timeout > blind

    async def _observe(self, tab: FollowedTab) -> None:
        from playwright.async_api import Error

        try:
            if await tab.evaluate(f"({script('observe')})({_OBSERVE_SECONDS * 1000})") is False:
                return
        except Error:
            # The document is gone, which is a change of its own; or the page is, which the next look will tell.
            pass
        self._pulse.beat()
