"""From a skill to a plan: its inputs put in, its loops rolled out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operator_agent.flow.plan import Plan
from operator_agent.flow.skill import Skill
from operator_agent.script.expand import Expander
from operator_agent.script.inputs import MissingInput, resolve
from operator_agent.script.placeholder import names, put_values
from operator_agent.script.source import Where


def fill(skill: Skill, inputs: Mapping[str, Any], *, start: str | None = None) -> Plan:
    """The plan of a skill for these inputs; `start` goes before the skill's own.

    Raises MissingInput for a required input that is not there, BadInput for one that cannot be taken, ScriptError (with line)
    for what is wrong in the file. Texts in the plan may still name values that steps read: `fill_step` puts them in.
    """
    at = Where(skill.file or "<text>", skill.lines)
    values = resolve(skill.inputs, inputs)
    expander = Expander(skill.inputs, values)
    is_plan = "plan" in skill.lines
    return Plan(
        goal=skill.name,
        start=start if start else _start(skill, expander, at.at("start")),
        steps=tuple(expander.steps(skill.steps, at.at("steps"))),
        done=tuple(expander.checks(skill.done, at.at("done"))),
        inputs=values,
        allow=tuple(_final(Expander(skill.inputs, values), origin, at.at("allow")) for origin in skill.allow),
        tier="script" if is_plan else "skill",
        skill="" if is_plan else skill.name,
        origin=str(at.at("plan" if is_plan else "skill")) if skill.file else "",
    )


def _start(skill: Skill, expander: Expander, at: Where) -> str:
    if missing := [name for name in names(skill.start) if name not in expander.values]:
        raise MissingInput(missing[0], f"At which address is the {missing[0].replace('_', ' ')}?")
    return _final(expander, skill.start, at)


def _final(expander: Expander, text: str, at: Where) -> str:
    return put_values(expander.text(text, at), {})
