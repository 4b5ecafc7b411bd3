"""For a plan that is already made: the planners are loaded only when one of its steps is in plain words."""

from __future__ import annotations

from collections.abc import Callable

from operator_agent.errors import UsageError
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.roles import Planner, Situation, Values


class Given:
    """Passes words on to what `load` gives; clears the way by itself."""

    def __init__(self, load: Callable[[], Planner]) -> None:
        self._load = load

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        raise UsageError("there is a plan already; nothing is planned anew")

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return await self._load().refine(step, observation, values)

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        return None

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        from operator_agent.planner.recovery import recover

        return recover(step, trouble, observation)
