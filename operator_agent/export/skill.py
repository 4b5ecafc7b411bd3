"""`export RUN --to skill` and `--to scenario`: the run as a script that others can run, review and change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from operator_agent.export.data import Datum, data_of, in_pattern, phrase_of, says, slug, title_of
from operator_agent.export.retold import Retelling
from operator_agent.flow.action import Ask, GoTo, Read, targets
from operator_agent.flow.base import Frozen
from operator_agent.flow.check import ResponseCheck, UrlCheck
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.matching import matches
from operator_agent.recorder.kept import Act
from operator_agent.script import format_check, format_step
from operator_agent.script.file import dumped
from operator_agent.script.placeholder import literal, map_text, names, pieces
from operator_agent.written import normal

_LIFTED = frozenset({"name", "text", "options", "cells", "equals", "tab", "url", "pattern", "path"})
"""Fields that may hold what came from the command."""
_SHORT = 3
_MOST = 60
"""Options: a longer list is no choice anybody reads."""
_ID = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}", re.IGNORECASE)
"""A part of a path that is another one the next time."""
_RESERVED = frozenset({"index", "secret", "item"})
_Noun = TypeVar("_Noun", bound=Frozen)
_PROOF = "# Now add a `proof`: what a database, a server or a file says of it afterwards. The screen alone is no witness.\n"


def skill_of(run: Retelling, name: str = "") -> dict[str, Any]:
    """The skill as data, in the order it is written. What came from the command becomes inputs; checks stay as they were proved."""
    data = inputs_of(run)
    steps = [format_step(lifted(step, data)) for step in steps_of(run)]
    phrase = phrase_of(run.started.command.text, data)
    skill: dict[str, Any] = {"skill": name or run.plan.skill or title_of(phrase, {}) or run.plan.goal, "says": [phrase]}
    if not phrase:
        del skill["says"]
    done = [format_check(lifted(check, data)) for check in run.plan.done]
    used = {found for text in _texts([steps, done]) for found in names(text)}
    specs = {one.name: spec_of(one, said=f"{{{one.name}}}" in phrase) for one in data if one.name in used}
    if specs:
        skill["inputs"] = specs
    if run.start:
        skill["start"] = literal(run.start)
    if run.plan.allow:
        skill["allow"] = [literal(origin) for origin in run.plan.allow]
    skill["steps"] = steps
    if done:
        skill["done"] = done
    return skill


def skill_file(run: Retelling) -> str:
    """The skill as YAML."""
    return dumped(skill_of(run))


def scenario_file(run: Retelling) -> str:
    """The command, where it begins, steps that are a solution of it, and the checks that tell whether it was done."""
    grant, began = run.started.grant, next((act.before.url for act in run.acts if act.before.url), "")
    scenario: dict[str, Any] = {"scenario": run.plan.goal, "start": literal(run.start or began)}
    if run.plan.allow:
        scenario["allow"] = [literal(origin) for origin in run.plan.allow]
    scenario["command"] = literal(run.started.command.text)
    if approved := sorted({*grant.approved, *run.agreed}):
        scenario["approve"] = approved
    if run.answers:
        scenario["answers"] = {literal(about): literal(answer) for about, answer in run.answers.items()}
    if grant.secrets:
        scenario["secrets"] = {secret.name: secret.origin for secret in grant.secrets}
    scenario["solution"] = [format_step(step) for step in steps_of(run)]
    if run.plan.done:
        scenario["done"] = [format_check(check) for check in run.plan.done]
    return dumped(scenario) + _PROOF


def inputs_of(run: Retelling) -> tuple[Datum, ...]:
    """The data, under names no read value has."""
    taken = {act.action.into for act in run.acts if isinstance(act.action, Read | Ask)} | _RESERVED
    return tuple(one._replace(name=f"{one.name}_input") if one.name in taken else one for one in data_of(run))


def steps_of(run: Retelling) -> Iterable[Step]:
    """What was done as steps with exact targets; opening the start is not one of them."""
    for number, act in enumerate(run.acts):
        if number == 0 and isinstance(act.action, GoTo) and act.action.url == run.start:
            continue
        yield step_of(act)


def step_of(act: Act) -> Step:
    """An act as a step: as planned where the plan was exact, else what was pointed at."""
    assert act.action
    planned = act.planned.action if act.planned and act.planned.action.verb == act.action.verb else None
    action = planned or map_text(act.action, lambda text, _: text if "{secret:" in text else literal(text))
    for field, target in targets(action).items():
        if target.words and (exact := _exact(act)):
            action = action.model_copy(update={field: exact})
    risk = act.planned.risk if act.planned else None
    return Step(action=action, expect=act.expect, intent=act.intent, risk=risk, optional=act.clears)


def lifted(noun: _Noun, data: Sequence[Datum]) -> _Noun:
    """The noun with the data in it as `{input}`."""
    changed: dict[str, Any] = {}
    for field in type(noun).model_fields:
        value = getattr(noun, field)
        if field == "intent" and value:
            new: Any = _intent(value, data)
        elif isinstance(value, str):
            new = _put(value, data) if field in _LIFTED else value
            new = _any_id(new) if isinstance(noun, UrlCheck | ResponseCheck) and field in ("pattern", "path") else new
        else:
            new = _lift(value, field, data)
        if new != value:
            changed[field] = new
    return noun.model_copy(update=changed) if changed else noun


def spec_of(one: Datum, *, said: bool) -> dict[str, Any]:
    """What an input takes, from the value it had; without a place in the phrase it keeps that value unless told otherwise."""
    spec: dict[str, Any] = {"type": "text"}
    if 1 < len(one.options) <= _MOST and one.value in one.options:
        spec = {"one_of": list(dict.fromkeys(one.options))}
    elif re.fullmatch(r"0|-?[1-9]\d{0,8}", one.value):
        spec = {"type": "integer"}
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", one.value):
        spec = {"type": "date"}
    elif re.fullmatch(r"[0-2]\d:[0-5]\d", one.value):
        spec = {"type": "time"}
    return spec if said else {**spec, "default": one.value}


def _exact(act: Act) -> Target | None:
    """A target in the notation for what plain words were resolved to."""
    called = Target.parse(act.element) if act.element else Target()
    found = matches(called, act.before) if act.element and not called.words else []
    return (pointer(found[0], Page(act.before)) or called) if found else called if act.element and not called.words else None


def _lift(value: Any, field: str, data: Sequence[Datum]) -> Any:
    if isinstance(value, Frozen):
        return lifted(value, data)
    if isinstance(value, tuple):
        return tuple(
            (_put(one, data) if field in _LIFTED else one) if isinstance(one, str) else _lift(one, field, data) for one in value
        )
    if isinstance(value, Mapping) and field in _LIFTED:
        return {key: _put(one, data, slug(key)) if isinstance(one, str) else one for key, one in value.items()}
    return value


def _put(text: str, data: Sequence[Datum], about: str = "") -> str:
    if is_regex(text):
        return in_pattern(text, data)
    parts = list(pieces(text))
    whole = len(parts) == 1
    return "".join(_written(kind, piece, data, about, whole=whole) for kind, piece in parts) if parts else text


def _written(kind: str, piece: str, data: Sequence[Datum], about: str, *, whole: bool) -> str:
    if kind != "text":
        return f"{{secret:{piece}}}" if kind == "secret" else f"{{{piece}}}"
    same = [one.name for one in data if one.value == piece]
    if whole and same:
        return f"{{{about if about in same else same[0]}}}"
    for one in data:
        if len(one.value) < _SHORT or re.fullmatch(r"[\d.,]+", one.value):
            continue
        if found := re.search(rf"(?<!\w){re.escape(one.value)}(?!\w)", piece):
            sides = (piece[: found.start()], piece[found.end() :])
            before, after = (_written("text", side, data, about, whole=False) if side else "" for side in sides)
            return f"{before}{{{one.name}}}{after}"
    return literal(piece)


def _any_id(pattern: str) -> str:
    """A path in which what names one thing, as `/tickets/17`, may be any."""
    return "/".join("*" if _ID.fullmatch(part) else part for part in pattern.split("/"))


def _intent(text: str, data: Sequence[Datum]) -> str:
    """A step's why; dropped when it tells data that cannot be told from other words."""
    short = [one for one in data if (len(one.value) < _SHORT or one.value.isdigit()) and says(text, one.value)]
    return "" if short else _put(text, data)


def _texts(node: Any) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts([str(key), value])
    elif isinstance(node, (list, tuple)):
        for one in node:
            yield from _texts(one)


def same_phrase(one: str, other: str) -> bool:
    """Whether both ask for the same thing, whatever their inputs are called."""
    return normal(re.sub(r"\{\w+\}", "{}", one)) == normal(re.sub(r"\{\w+\}", "{}", other))
