"""Where a plan begins, when neither it nor anybody else has said so: that is asked, once, like any other missing input."""

from __future__ import annotations

import re

from operator_agent.flow.action import GoTo
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.origin import Origin
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.roles import Planner, Situation, Values

START = "start"
_ADDRESS = re.compile(r"https?://[^\s\"'<>，。]+[^\s\"'<>，。.,;:!?)]")


class Beginning:
    """Passes everything on to `planner`; its plans say where they begin, by `start` or by a first step that goes there."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """As `planner`'s; a question when a plan has no beginning. Raises UsageError when its answer is no web address."""
        found = await self.planner.plan(command, {name: value for name, value in answers.items() if name != START})
        if not isinstance(found, Plan) or begins(found):
            return found
        if START not in answers:
            return Question(kind="input", text="At which address should it begin? (--start)", about=START)
        address = str(answers[START])
        Origin.parse(address)
        return found.model_copy(update={"start": address})

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return await self.planner.refine(step, observation, values)

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        return await self.planner.revise(situation)

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return await self.planner.recover(step, trouble, observation)


def begins(plan: Plan) -> bool:
    """Whether the plan itself says which page it is about."""
    return bool(plan.start) or (bool(plan.steps) and isinstance(plan.steps[0].action, GoTo))


def named(text: str) -> str:
    """The first address that is named in a text; "" when there is none."""
    found = _ADDRESS.search(text)
    return found[0] if found else ""
