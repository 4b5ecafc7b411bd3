"""A surface that is looked at until it shows what the recorded run saw at the same place.

A run looks when it has time to; what a page shows then is a matter of milliseconds. So that the same is seen again, a look in a
replay is repeated until it is the recorded one. When it does not become so, what is there is taken: then the runs differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from operator_agent.flow.observation import Observation
from operator_agent.recorder.looks import Look, digest
from operator_agent.roles import Surface
from operator_agent.surfaces.watched import WatchedSurface

PATIENCE = 5.0
"""Seconds a page may take to show what it showed when it was recorded."""
_PAUSE = 0.1
_OLD = 60.0


class MatchingSurface(WatchedSurface):
    """`place` tells how far the replay is; `following` whether it still does what was recorded. `missed` is called with the place
    where the recorded look did not come."""

    def __init__(
        self, surface: Surface, looks: Mapping[int, Look], *, place: Callable[[], int], following: Callable[[], bool],
        missed: Callable[[int, str], None],
    ) -> None:  # fmt: skip
        super().__init__(surface, lambda seen, deep: None)
        self._looks, self._place, self._following, self._missed = looks, place, following, missed

    async def observe(self, *, deep: bool = False) -> Observation:
        place = self._place()
        wanted = self._wanted(place) if self._following() else None
        if wanted is None:
            return await self.surface.observe(deep=deep)
        deadline = monotonic() + PATIENCE
        while digest(seen := await self.surface.observe(deep=wanted.deep)) != wanted.digest:
            if (left := deadline - monotonic()) <= 0:
                self._missed(place, seen.url)
                break
            await self.surface.changed(min(left, _PAUSE))
        # Never fresh enough to serve twice: whether it was when it was recorded is told by the looks themselves.
        return seen.model_copy(update={"at": seen.at - _OLD})

    def _wanted(self, place: int) -> Look | None:
        """The look recorded here; when there is none, the one before had served again."""
        if place in self._looks:
            return self._looks[place]
        before = [known for known in self._looks if known < place]
        return self._looks[max(before)] if before else None
