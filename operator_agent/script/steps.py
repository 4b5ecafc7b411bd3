"""Steps ↔ their YAML: one verb key, its other arguments beside it (`flow/action.py` has the table), and the common keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import ValidationError

from operator_agent.flow.action import MAIN, OTHERS, Action
from operator_agent.flow.base import Frozen
from operator_agent.flow.geometry import Spot
from operator_agent.flow.grant import RISKS
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.script.checks import Values, any_target, format_check, parse_check, parse_checks
from operator_agent.script.placeholder import NAME, literal, names, show, sole_name
from operator_agent.script.source import Where, as_flag, as_mapping, as_text, as_texts, nearest, place, shown

COMMON = ("expect", "risk", "intent", "optional")
"""Keys any step may have."""
BARE = frozenset({"back", "close tab"})
"""Verbs that are complete without an argument, and may stand alone as a text."""


def parse_step(node: Any, where: Where | str = "", values: Values = {}) -> Step:  # noqa: B006 (never changed)
    """The step `node` (what YAML gave) writes down; a text is plain words, `do`. Raises ScriptError."""
    at = place(where)
    step = step_mapping(node, at)
    verb = _verb(step, at)
    beside = OTHERS.get(verb, {})
    for key in step:
        if key != verb and key not in beside and key not in COMMON:
            allowed = (*beside, *COMMON)
            message = f"{verb!r} has no key {key!r}{nearest(key, allowed)}; beside it may stand {', '.join(allowed)}"
            raise at.at(key).error(message, key)
    return Step(
        action=_action(verb, step, at, values),
        expect=parse_checks(step["expect"], at.at("expect"), values) if "expect" in step else (),
        intent=as_text(step["intent"], at.at("intent")) if "intent" in step else "",
        risk=_risk(step["risk"], at.at("risk")) if "risk" in step else None,
        optional=as_flag(step["optional"], at.at("optional")) if "optional" in step else False,
    )


def step_mapping(node: Any, at: Where) -> dict[str, Any]:
    """A step's keys; a text stands for `do`, or for a verb that needs nothing more."""
    if isinstance(node, str):
        return {node: None} if node in BARE else {"do": node}
    if not isinstance(node, Mapping):
        raise at.error(f'expected a step as `click: button "Pay"`, or plain words, not {shown(node)}')
    return as_mapping(node, at)


def format_step(step: Step) -> dict[str, Any]:
    """The step as YAML data; `parse_step` gives the step back."""
    action = step.action
    main = MAIN[action.verb][1]
    node: dict[str, Any] = {action.verb: _format(getattr(action, main), main) if main else None}
    if action.verb in BARE and node[action.verb] == "":
        node[action.verb] = None
    done = {main}
    fields = type(action).model_fields
    for key, field in OTHERS.get(action.verb, {}).items():
        value = getattr(action, field)
        plural = isinstance(value, tuple) and key + "s" in OTHERS[action.verb] and len(value) != 1
        if field in done or plural or value == fields[field].get_default():
            continue
        done.add(field)
        node[key] = _format(value, field)
    if step.expect:
        node["expect"] = [format_check(check) for check in step.expect]
    return node | {key: value for key in COMMON[1:] if (value := getattr(step, key))}


def _verb(step: Mapping[str, Any], at: Where) -> str:
    verbs = [key for key in step if key in MAIN]
    if len(verbs) > 1:
        raise at.at(verbs[1]).error(f"a step has one verb, this has {len(verbs)}: {', '.join(verbs)}", verbs[1])
    if verbs:
        return verbs[0]
    asides = {key for keys in OTHERS.values() for key in keys} | set(COMMON)
    key = next((key for key in step if key not in asides), "")
    if key:
        raise at.at(key).error(f"there is no verb {key!r}{nearest(key, MAIN)}; known are {', '.join(MAIN)}", key)
    raise at.error(f"the step has no verb; one of {', '.join(MAIN)} must be a key of it")


def _action(verb: str, step: Mapping[str, Any], at: Where, values: Values) -> Action:
    model, main = MAIN[verb]
    fields: dict[str, Any] = {}
    if main and step[verb] is not None:
        fields[main] = _reader(main)(step[verb], at.at(verb), values)
        if fields[main] == "" and model.model_fields[main].is_required():
            raise at.at(verb).error(f"{verb!r} needs something after the colon", verb)
    elif not main and step[verb] is not None:
        raise at.at(verb).error(f"{verb!r} takes nothing, not {shown(step[verb])}; leave the place after the colon empty")
    for key, field in OTHERS.get(verb, {}).items():
        if key not in step:
            continue
        if field in fields:
            raise at.at(key).error(f"{key!r} says again what is there already; keep one of them", key)
        fields[field] = _reader(field)(step[key], at.at(key), values)
    _require(verb, model, fields, at)
    try:
        action: Any = model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        key = _key(verb, str(first["loc"][0]))
        raise at.at(key).error(f"{verb!r}: {first['msg'][:1].lower()}{first['msg'][1:]}, not {first['input']!r}") from None
    return cast(Action, action)  # every class in MAIN is a member of Action


def _require(verb: str, model: type[Frozen], fields: Mapping[str, Any], at: Where) -> None:
    for field, info in model.model_fields.items():
        if info.is_required() and field not in fields:
            key = _key(verb, field)
            needed = "something after the colon" if key == verb else f"`{key}:` beside it"
            raise at.at(verb).error(f"{verb!r} needs {needed}", verb)


def _key(verb: str, field: str) -> str:
    """The key that writes this field; the first of several."""
    return verb if field == MAIN[verb][1] else next(key for key, name in OTHERS[verb].items() if name == field)


def _target(node: Any, at: Where, values: Values) -> Target:
    if isinstance(node, Mapping):
        raise at.error('expected an element as `button "Pay"` or plain words, not a mapping; quote it when it holds a colon')
    text = as_text(node, at).strip()
    if not text:
        raise at.error(f"{at.key!r} needs an element as `button \"Pay\"`, or plain words")
    return any_target(text, values)


def _text(node: Any, at: Where, values: Values) -> str:
    return as_text(node, at)


def _texts(node: Any, at: Where, values: Values) -> tuple[str, ...]:
    """One or several texts; a placeholder that stands for a list gives its items."""
    value = values.get(sole_name(node)) if isinstance(node, str) else None
    if isinstance(value, (list, tuple)):
        return tuple(literal(show(item)) for item in value)
    return as_texts(node, at)


def _into(node: Any, at: Where, values: Values) -> str:
    name = as_text(node, at)
    if not NAME.match(name) and not any(names(name)):
        raise at.error(f"{name!r} is no name for a value; a name is one word of letters, digits, `_` and `-`")
    return name


def _spot(node: Any, at: Where, values: Values) -> Spot:
    text = as_text(node, at)
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise at.error(f"expected a point as `40, 60`, in pixels, not {shown(node)}") from None
    return Spot(x, y)


def _spots(node: Any, at: Where, values: Values) -> tuple[Spot, ...]:
    return tuple(_spot(part, at, values) for part in as_text(node, at).split(";"))


FIELDS: dict[str, Callable[[Any, Where, Values], Any]] = {
    "point": _spot,
    "start": _spot,
    "end": _spot,
    "via": _spots,
    "target": _target,
    "to": _target,
    "check": parse_check,
    "options": _texts,
    "files": _texts,
    "into": _into,
}
"""How a field's YAML is read; fields that are not here are text."""


def _reader(field: str) -> Callable[[Any, Where, Values], Any]:
    reader = FIELDS.get(field)
    return reader or _text


def _format(value: Any, field: str) -> Any:
    if field == "check":
        return format_check(value)
    if isinstance(value, Spot):
        return str(value)
    if field == "via":
        return "; ".join(map(str, value))
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    return str(value) if isinstance(value, Target) else value


def _risk(node: Any, at: Where) -> Any:
    if node not in RISKS:
        raise at.error(f"there is no risk class {shown(node)}; known are {', '.join(RISKS)}", "risk")
    return node
