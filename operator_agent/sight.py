"""Looking: where a step points, and what followers of the run are shown of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic

from operator_agent.flow.classes import Pictures
from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Box, Element, Observation, Trouble
from operator_agent.flow.plan import Step
from operator_agent.flow.record import Observed, Phase, Record
from operator_agent.roles import Executor, Grounded, Surface

_COMING = 1.5
"""Seconds without a change after which a page is what it is."""
_EMPTY = 12  # elements; a page that has no more is more likely one that is still made
_FRESH = 0.15
"""Seconds a look may be old and still be what was there before the act."""


class Sight:
    """`last` is the look that proved the step before, None when it has been used."""

    def __init__(
        self, executor: Executor, surface: Surface, limits: Limits, say: Callable[[Record], Awaitable[None]], *, pictures: Pictures
    ) -> None:
        self.executor, self.surface, self.limits, self.pictures = executor, surface, limits, pictures
        self.last: Observation | None = None
        self._say = say
        self._tree = ""

    async def ground(self, step: Step) -> tuple[Grounded | Trouble, Observation]:
        """Points at the step's elements, waiting for them up to the step's limit; looks deeper before it waits.

        The look that proved the last step serves again, while it is fresh: no look can be nearer to the act than that anyway."""
        last, self.last = self.last, None
        if last and monotonic() - last.at < _FRESH and isinstance(found := self.executor.ground(step.action, last), Grounded):
            return found, last
        deadline = monotonic() + (self.limits.step if not step.optional else min(1.0, self.limits.step))
        while True:
            for deep in (False, True):
                seen = await self.surface.observe(deep=deep)
                found = self.executor.ground(step.action, seen)
                if isinstance(found, Grounded):
                    return found, seen
                trouble = found
            if trouble.kind != "absent" or (left := deadline - monotonic()) <= 0:
                return trouble, seen
            await self.surface.changed(min(left, 0.5))

    async def whole(self, step: Step, unlike: Observation | None = None) -> Observation | None:
        """A deep look, for a planner to understand words by; with shapes and colours when it has asked for those. With `unlike`
        the next one that differs from it, None when the page stands still: one that is still coming shows more in a moment."""
        self.last = None  # what the words come to was not seen in it
        seen = await self.surface.observe(deep=True)
        until = monotonic() + (_COMING if len(seen.elements) > _EMPTY else self.limits.step / 2)
        while unlike is not None and _shown(seen) == _shown(unlike):
            if (left := until - monotonic()) <= 0:
                return None
            await self.surface.changed(left)
            seen = await self.surface.observe(deep=True)
        return seen.model_copy(update={"looks": await self.surface.looks()}) if step.looks else seen

    async def show(
        self, number: int, phase: Phase, seen: Observation, target: Element | None = None, *, end: bool = False
    ) -> Box | None:
        """Tells what is seen; `end`: nothing comes after it. Where the target is in the picture, when there is one."""
        wanted = self.pictures is True or (self.pictures == "ends" and (end or phase == "done"))
        fresh = phase == "after" or seen.tree != self._tree
        picture = await self.surface.picture(target, fresh=fresh) if wanted else None
        tree, self._tree = ("" if seen.tree == self._tree else seen.tree), seen.tree
        await self._say(Observed.of(seen, number, phase, tree, picture))
        return picture.mark if picture else None


def _shown(seen: Observation) -> tuple[object, ...]:
    """What there is and where: a dialog that slides in changes nothing but its place."""
    return seen.tree, *(element.box for element in seen.elements)
