"""A surface that is still being opened: the run plans meanwhile, the first look waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operator_agent.flow.action import Action
    from operator_agent.flow.looks import Looks
    from operator_agent.flow.observation import Element, Observation, Performed, Picture
    from operator_agent.roles import Surface


class OpeningSurface:
    """Passes everything on to the surface that `opening` gives. Errors of the opening are raised by the first use."""

    def __init__(self, opening: Awaitable[Surface], vocabulary: frozenset[str]) -> None:
        self.vocabulary = vocabulary
        self._opening = asyncio.ensure_future(opening)
        # Nobody may come to ask (the plan was refused): then a failed opening is not an unheard error.
        self._opening.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def observe(self, *, deep: bool = False) -> Observation:
        return await (await asyncio.shield(self._opening)).observe(deep=deep)

    async def changed(self, timeout: float) -> bool:
        return await (await asyncio.shield(self._opening)).changed(timeout)

    async def perform(self, action: Action, elements: Mapping[str, Element]) -> Performed:
        return await (await asyncio.shield(self._opening)).perform(action, elements)

    async def picture(self, of: Element | None = None, *, fresh: bool = True) -> Picture | None:
        return await (await asyncio.shield(self._opening)).picture(of, fresh=fresh)

    async def looks(self) -> Looks | None:
        return await (await asyncio.shield(self._opening)).looks()

    async def opened(self) -> bool:
        """Waits until it is open; False when it could not be opened."""
        await asyncio.wait({self._opening})
        return not self._opening.cancelled() and not self._opening.exception()

    async def close(self) -> None:
        """Waits for an opening that is under way, so that nothing half open is left behind, then closes it."""
        if await self.opened():
            await self._opening.result().close()
