"""A surface that is looked at until it shows what the recorded run saw at the same place.

A run looks when it has time to; what a page shows then is a matter of milliseconds. So that the same is seen again, a look in a
replay is repeated until it is the recorded one, and what came later than that is held back until then (`Pace`). When it does not
become so, what is there is taken: then the runs differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Protocol

from operator_agent.flow.action import Action
from operator_agent.flow.observation import Element, Observation, Performed
from operator_agent.recorder.looks import Look, digest
from operator_agent.roles import Surface
from operator_agent.surfaces.watched import WatchedSurface

PATIENCE = 6.0
"""Seconds a page may take to show what it showed when it was recorded, once all is there that came until then."""
_PAUSE = 0.1
_OLD = 60.0


class Pace(Protocol):
    """Who follows the recording."""

    following: bool
    """The replay still does what was recorded."""

    @property
    def place(self) -> int: ...

    def waiting(self, look: Look) -> bool:
        """The look has not come yet: in time, one thing more of what came about its time is let through. True when all of it is."""
        ...

    def matched(self, look: Look) -> None:
        """It came: what followed it may come."""
        ...

    def missed(self, look: Look) -> None:
        """It did not come in time."""
        ...


class MatchingSurface(WatchedSurface):
    """The first looks at a place are taken again until they are the recorded one."""

    def __init__(self, surface: Surface, looks: Mapping[int, Look], pace: Pace) -> None:
        super().__init__(surface, lambda seen, deep: None)
        self._looks, self._pace = looks, pace
        self._last: Observation | None = None

    async def observe(self, *, deep: bool = False) -> Observation:
        if not self._pace.following:
            return await self.surface.observe(deep=deep)
        wanted = self._looks.get(self._pace.place)
        if wanted is None:
            # When it was recorded the look before was fresh enough to serve again, so it does here.
            self._last = self._last or await self.surface.observe(deep=deep)
        else:
            self._last = await self._match(wanted)
        # Never fresh by its age: whether it was when it was recorded is told by the looks themselves.
        return self._last.model_copy(update={"at": self._last.at - _OLD})

    async def perform(self, action: Action, elements: Mapping[str, Element]) -> Performed:
        self._last = None
        return await self.surface.perform(action, elements)

    async def _match(self, wanted: Look) -> Observation:
        deadline: float | None = None
        while digest(seen := await self.surface.observe(deep=wanted.deep)) != wanted.digest:
            if deadline is None and self._pace.waiting(wanted):
                deadline = monotonic() + PATIENCE
            if deadline is not None and monotonic() >= deadline:
                self._pace.missed(wanted)
                return seen
            await self.surface.changed(_PAUSE)
        self._pace.matched(wanted)
        return seen
