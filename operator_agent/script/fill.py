"""From a file's YAML to what runs: inputs put into a skill, and what was read into a step just before its turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from operator_agent.flow.base import Frozen
from operator_agent.flow.check import Check
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.skill import Skill
from operator_agent.script.expand import Expander
from operator_agent.script.inputs import MissingInput, resolve
from operator_agent.script.placeholder import in_patterns, literal, map_text, names, put_values
from operator_agent.script.source import Where

_Model = TypeVar("_Model", bound=Frozen)


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


def fill_step(step: Step, values: Mapping[str, Any]) -> Step:
    """The step with every `{name}` filled and every `{{name}}` made `{name}`; secret handles stay.

    Raises UsageError for a value that is not there yet, and for one that would bring in a secret handle.
    """
    return _put(step, values)


def fill_checks(checks: Iterable[Check], values: Mapping[str, Any]) -> tuple[Check, ...]:
    """The same for checks: a plan's `done` once the steps have read what they read."""
    return tuple(_put(check, values) for check in checks)


def literal_step(step: Step) -> Step:
    """The step such that `fill_step` gives it back: for steps made from a person's or a page's words, where braces are text."""
    return map_text(step, lambda text, _: literal(text))


def _start(skill: Skill, expander: Expander, at: Where) -> str:
    if missing := [name for name in names(skill.start) if name not in expander.values]:
        raise MissingInput(missing[0], f"At which address is the {missing[0].replace('_', ' ')}?")
    return _final(expander, skill.start, at)


def _final(expander: Expander, text: str, at: Where) -> str:
    return put_values(expander.text(text, at), {})


def _put(noun: _Model, values: Mapping[str, Any]) -> _Model:
    patterns: dict[str, str] = {}

    def put(text: str, pattern: bool) -> str:
        if pattern and not patterns:
            patterns.update(in_patterns(values))
        return put_values(text, patterns if pattern else values)

    return map_text(noun, put)
