"""Who may plan is who is asked: skills, plain words, a model, in this order, and nobody else."""

from __future__ import annotations

import pytest

from operator_agent.flow.command import Command
from operator_agent.flow.plan import Plan, Refusal
from operator_agent.planner.given import Given
from operator_agent.planner.ladder import NotMine
from operator_agent.planner.tiers import tiered
from operator_agent.script import load_script

SKILL = load_script("""\
skill: order
says: order {drink}
inputs: {drink: }
steps:
  - click: button "{drink}"
done: "text: {drink}"
""")


class Model(Given):
    def __init__(self) -> None:
        super().__init__(lambda: self)

    async def plan(self, command: Command, answers: object) -> Plan:
        return Plan(goal=command.text, steps=(), tier="model")


@pytest.mark.parametrize(
    ("tiers", "command", "tier"),
    [
        (("skill", "words", "model"), "order latte", "skill"), (("words", "model"), "why is Norway cold?", "model"),
        (("skill", "words", "model"), "press Save", "words"), (("words",), "press Save", "words"),
        (("skill", "model"), "press Save", "model"), (("model",), "order latte", "model"),
        (("skill",), "press Save", ""), (("words",), "why is Norway cold?", ""), ((), "order latte", ""),
    ],
)  # fmt: skip
async def test_only_these_tiers_plan(tiers: tuple[str, ...], command: str, tier: str) -> None:
    found = await tiered(tiers, [SKILL], Model()).plan(Command(text=command), {})
    assert isinstance(found, Plan | Refusal)
    assert (found.tier if isinstance(found, Plan) else "") == tier
    assert isinstance(found, NotMine) == (not tier)


async def test_a_skill_that_is_named_plans_alone() -> None:
    found = await tiered((), [SKILL], Model(), named="order", inputs={"drink": "tea"}).plan(Command(text=""), {})
    assert isinstance(found, Plan)
    assert (found.tier, found.inputs) == ("skill", {"drink": "tea"})
