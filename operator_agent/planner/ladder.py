"""Planners in order of cost: the first that knows what a command is about decides."""

from __future__ import annotations

from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.roles import Planner, Situation, Values


class NotMine(Refusal):
    """The command is not for this planner: another may try. A plain Refusal is final: it was understood and cannot be done."""


class Ladder:
    """A planner made of planners, the cheapest first. The `resort` is tried when all of them refuse, also for good: what a skill
    does not know may still be on the page."""

    def __init__(self, *planners: Planner, resort: Planner | None = None) -> None:
        self._cheap = planners
        self._resort = resort
        self.planners = (*planners, resort) if resort else planners
        self._worded = False

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """The first answer that is not NotMine; when there is none, all the reasons and what would be understood."""
        refused: list[Refusal] = []
        for planner in self._cheap:
            found = await planner.plan(command, answers)
            if not isinstance(found, NotMine) and not (isinstance(found, Refusal) and self._resort):
                self._worded = isinstance(found, Plan) and found.tier == "words"
                return found
            if not isinstance(found, NotMine):
                break
            refused.append(found)
        self._worded = False
        if self._resort:
            return await self._resort.plan(command, answers)
        return NotMine(reason=_joined(refused), nearest=tuple(dict.fromkeys(near for one in refused for near in one.nearest)))

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        """The first answer that is not NotMine. Where plain words have planned, the resort does not fill in for words: it sees more
        of what is asked when it takes over (`revise`), and what it plans can be done again without it."""
        refused: list[Refusal] = []
        for planner in self._cheap if self._worded else self.planners:
            found = await planner.refine(step, observation, values)
            if not isinstance(found, NotMine):
                return found
            refused.append(found)
        return NotMine(reason=_joined(refused), nearest=tuple(dict.fromkeys(near for one in refused for near in one.nearest)))

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        for planner in self.planners:
            if (found := await planner.revise(situation)) is not None:
                return found
        return None

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        for planner in self.planners:
            if steps := await planner.recover(step, trouble, observation):
                return steps
        return ()


def _joined(refused: list[Refusal]) -> str:
    return " ".join(dict.fromkeys(one.reason for one in refused)) or "There is no planner for this."
