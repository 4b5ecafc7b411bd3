"""What a replay does differently from a run. `Operator(course=…)` asks it at each place where the recorded run says how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from operator_agent.flow.record import Conditions, Record
from operator_agent.roles import Planner, Surface

if TYPE_CHECKING:
    from operator_agent.flow.tape import Drawn
    from operator_agent.surfaces.browser.clock import PageClock
    from operator_agent.surfaces.browser.egress.player import Player


class Course:
    """The least of it, and all a live replay needs: the recorded chance. `wrapped` is put around the planner."""

    player: Player | None = None
    """What answers the browser instead of the network."""

    draws: tuple[Drawn, ...] = ()
    """What `crypto` of the pages draws from again."""

    def __init__(self, conditions: Conditions, wrapped: Callable[[Planner], Planner] = lambda planner: planner) -> None:
        self.seed = conditions.seed or 0
        self.points = conditions.points
        self._wrapped = wrapped

    def planner(self, planner: Planner) -> Planner:
        return self._wrapped(planner)

    def surface(self, surface: Surface) -> Surface:
        return surface

    async def reached(self, record: Record, clock: PageClock | None) -> None:
        """Told of every record before anybody else."""
