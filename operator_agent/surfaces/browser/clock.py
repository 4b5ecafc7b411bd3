"""Chance and time in the pages of a browser of ours, so that what a page drew and what it was told can be had again.

Math.random of every document draws from one seed, in recordings and in replays. In a replay pages are told the recorded time, set
anew at every record and running on in between, as far as the next. `crypto` must stay unpredictable: see `chance`. Workers keep
their own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

    from operator_agent.surfaces.browser.chance import PageChance

_KEY = "operator-agent"
_PATIENCE = 0.5
"""Seconds a document may take to be told; one that a dialog holds is told when it has gone."""


class PageClock:
    """Install it once, before the first page is opened. `set` may be called at any time, and is heard by later documents too.
    Without `chance` pages keep the `crypto` of their browser."""

    def __init__(self, seed: int, chance: PageChance | None = None) -> None:
        self.seed = seed
        self._chance = chance
        self._context: BrowserContext | None = None
        self._set = ""

    async def install(self, context: BrowserContext) -> None:
        self._context = context
        given = f"{json.dumps(self.seed)}, {json.dumps(_KEY)}"
        await context.add_init_script(f"({script('clock')})({given});{self._set}")
        if self._chance:
            await self._chance.install(context)

    async def forget(self) -> None:
        """`crypto` draws nothing recorded from now on."""
        if self._chance:
            await self._chance.forget()

    async def set(self, milliseconds: float, until: float | None = None, *, later: bool = True) -> None:
        """It is now `milliseconds` since 1970, in every document; a document that was told a later time stays at it until then.
        It runs on as far as `until`, and from there on at an eighth of its pace. Without `later`, documents that are not there yet
        are not told: each telling is one script more in all of them."""
        real, end = time.time() * 1000, "null" if until is None else f"{until:.0f}"
        said = f"globalThis[Symbol.for({json.dumps(_KEY)})]?.({milliseconds:.0f}, {real:.0f}, {end});"
        self._set = said if later else self._set
        if self._context is None:
            return
        told = [frame.evaluate(said) for page in self._context.pages for frame in page.frames]
        await asyncio.gather(*map(patiently, ([self._context.add_init_script(said)] if later else []) + told))


async def patiently(told: Awaitable[object]) -> None:
    """Lets documents be told, as far as they listen."""
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(_PATIENCE):
            await told
    except (Error, TimeoutError):
        # A document that is just going: the next one is told by the init script. A page that a dialog holds hears it afterwards.
        return
