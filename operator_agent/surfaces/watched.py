"""A surface whose looks somebody follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operator_agent.flow.action import Action
    from operator_agent.flow.looks import Looks
    from operator_agent.flow.observation import Element, Observation, Performed, Picture
    from operator_agent.roles import Surface


class WatchedSurface:
    """Passes everything on; `looked` is told every look and whether it was a deep one."""

    def __init__(self, surface: Surface, looked: Callable[[Observation, bool], None]) -> None:
        self.vocabulary = surface.vocabulary
        self.surface = surface
        self._looked = looked

    async def observe(self, *, deep: bool = False) -> Observation:
        seen = await self.surface.observe(deep=deep)
        self._looked(seen, deep)
        return seen

    async def changed(self, timeout: float) -> bool:
        return await self.surface.changed(timeout)

    async def perform(self, action: Action, elements: Mapping[str, Element]) -> Performed:
        return await self.surface.perform(action, elements)

    async def picture(self, of: Element | None = None, *, fresh: bool = True) -> Picture | None:
        return await self.surface.picture(of, fresh=fresh)

    async def looks(self) -> Looks | None:
        return await self.surface.looks()

    async def close(self) -> None:
        await self.surface.close()
