"""What a browser surface is made of; its verbs work with these parts, never with the surface."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.dialogs import Dialogs
from operator_agent.surfaces.browser.downloads import Downloads
from operator_agent.surfaces.browser.listening import CLICKS, listened_at
from operator_agent.surfaces.browser.network import NetworkLog
from operator_agent.surfaces.browser.pulse import Pulse
from operator_agent.surfaces.browser.settle import Activity
from operator_agent.surfaces.browser.tabs import Tabs
from operator_agent.surfaces.browser.watch import Watch
from operator_agent.surfaces.redaction import Redaction

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

_SESSION_SECONDS = 5.0


@dataclass(slots=True)
class Parts:
    """One set per surface."""

    tabs: Tabs
    dialogs: Dialogs
    network: NetworkLog
    activity: Activity
    downloads: Downloads
    watch: Watch
    pulse: Pulse
    redaction: Redaction
    limits: Limits
    asks: bool
    """Elements can be asked by selector engine: the pages are of a Playwright of our own."""

    @property
    def page(self) -> Page:
        """The active tab's page. Raises SurfaceLost when there is none."""
        return self.tabs.active.page

    async def session(self) -> CDPSession:
        """Our line to Chromium about the active tab. Raises TimeoutError when the tab does not answer at all."""
        async with asyncio.timeout(_SESSION_SECONDS):
            return await self.activity.watch(self.tabs.active)

    async def changed(self, timeout: float) -> bool:
        """See `roles.Witness.changed`."""
        if self.dialogs.current is not None:
            return await self.pulse.next(timeout)
        async with asyncio.timeout(timeout + _SESSION_SECONDS):
            await self.session()
            return await self.watch.changed(self.tabs.active, timeout)

    async def listened(self, x: float, y: float) -> bool:
        """Whether anything would react to a click at this point of the view."""
        return await listened_at(await self.session(), x, y, CLICKS)

    async def listens(self, element: Element, kind: str) -> bool:
        """Whether `element`, or something around it, listens to events of this kind."""
        box = await self.page.get_by_ref(element.ref).bounding_box(timeout=self.limits.step * 1000)
        if box is None:
            return False
        return await listened_at(await self.session(), box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, (kind,))
