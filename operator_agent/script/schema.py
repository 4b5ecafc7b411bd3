"""The JSON Schema of script files for editors (draft 2020-12), made from the tables the reader itself uses.

It knows keys, types and the shape of one-line checks; what needs the whole file (names, defaults, phrases) only the reader tells.
"""

from __future__ import annotations

import json
from typing import Any

from operator_agent.flow.action import MAIN, OTHERS
from operator_agent.flow.grant import RISKS, Limits
from operator_agent.flow.record import EXIT_CODES
from operator_agent.flow.skill import InputSpec
from operator_agent.flow.target import ROLES
from operator_agent.script.checks import PARSERS
from operator_agent.script.file import KEYS, SCENARIO_KEYS, TIERS
from operator_agent.script.inputs import TYPES
from operator_agent.script.steps import BARE

_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_TEXTS: dict[str, Any] = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
_CONDITION = [_TEXTS, {"type": "object", "additionalProperties": {"anyOf": [_TEXTS, {"type": "null"}]}}]
_NUMBER: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^(-?\d+(\.\d+)?|\{[^{}]+\})$"}]}
_FLAG: dict[str, Any] = {"anyOf": [{"type": "boolean"}, {"enum": ["True", "TRUE", "False", "FALSE"]}]}
_NAMED = r"(\"([^\"\\]|\\.)*\"|/([^/\\]|\\.)+/)"
_ROLE = "(" + "|".join(sorted(ROLES)) + ")"
_ELEMENT = rf"^\s*({_ROLE}\s*{_NAMED}?|{_NAMED})($|[\s:\[(])"


def schema() -> dict[str, Any]:
    """The schema as JSON-able data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "operator-agent script",
        "description": "A plan or a skill: steps in a browser and the checks that prove them. Or a scenario, which proves itself.",
        "type": "object",
        "if": {"required": ["scenario"]},
        "then": _ref("scenario"),
        "else": _ref("script"),
        "$defs": {
            "script": {
                **_object(dict(zip(KEYS, map(_TOP.__getitem__, KEYS), strict=True)), required=["steps"]),
                "oneOf": [{"required": ["skill"]}, {"required": ["plan"]}],
            },
            "scenario": _object(dict(zip(SCENARIO_KEYS, map(_SCENARIO.__getitem__, SCENARIO_KEYS), strict=True)), ["scenario"]),
            "fixture": {"oneOf": [_fixture(kind) for kind in _FIXTURES]},
            "proof": {"oneOf": [_proof(kind) for kind in _PROOFS]},
            "step": {"anyOf": [{"type": "string", "minLength": 1}, _block("steps", "step"), {"$ref": "#/$defs/action"}]},
            "action": {"type": "object", "oneOf": [_verb(verb) for verb in MAIN]},
            "check": {"anyOf": [_one_line(), _block("checks", "check"), *map(_keyed, PARSERS), _counted_row(), _shows(count=True)]},
            "element": {"anyOf": [{"type": "string", "pattern": _ELEMENT}, _shows()]},
            "input": {"anyOf": [{"type": "null"}, {"enum": list(TYPES)}, _object(_INPUT)]},
            "inputs": {"type": "object", "propertyNames": {"pattern": r"^[^\W\d][\w-]*$"}, "additionalProperties": _ref("input")},
            **_COMMON,
        },
    }


def text() -> str:
    """The schema file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _list(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name), **more}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    closed: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return closed | ({"required": required} if required else {})


_TOP: dict[str, Any] = {
    "skill": {**_SCALAR, "description": "The skill's name: what it does, in words."},
    "plan": {**_SCALAR, "description": "The plan's goal, in words."},
    "says": {**_TEXTS, "description": "Phrases that ask for it: words, [optional], (one|other), {input}."},
    "filler": {**_TEXTS, "description": "Words that carry no meaning here."},
    "inputs": {**_ref("inputs"), "description": "What must be known before the first step."},
    "start": {"anyOf": [_SCALAR, _object({"browser": _SCALAR}, required=["browser"])], "description": "Address to begin at."},
    "allow": {**_TEXTS, "description": "Further origins the steps need, as https://pay.example."},
    "tier": {"enum": list(TIERS), "description": "In a recording: who planned it."},
    "from": {**_SCALAR, "description": "In a recording: the skill it was made of."},
    "given": {"type": "object", "description": "In a recording: the inputs as filled."},
    "steps": {**_list("step"), "description": "What is done, in order."},
    "done": {"anyOf": [_ref("check"), _list("check")], "description": "Read again at the end, from a settled page."},
}
_BY_NAME: dict[str, Any] = {"type": "object", "additionalProperties": _SCALAR}
_SCENARIO: dict[str, Any] = {
    "scenario": {**_SCALAR, "description": "Its name: what is to come about, in words."},
    "tags": {**_TEXTS, "description": "What it can be chosen by."},
    "include": {**_TEXTS, "description": "Files whose keys are taken where this one does not say them itself."},
    "fixtures": {"type": "object", "additionalProperties": _ref("fixture"), "description": "What is started for it."},
    "start": {**_TOP["start"], "description": 'Address to begin at, as "{shop}"; it may come from an included file.'},
    "allow": _TOP["allow"],
    "command": {**_SCALAR, "description": "What is asked, in a person's words; for the planners."},
    "inputs": {**_ref("inputs"), "description": "What the solution takes; columns of the rows give the values."},
    "approve": {"anyOf": [{"enum": list(RISKS)}, {"type": "array", "items": {"enum": list(RISKS)}}]},
    "answers": {**_BY_NAME, "description": "What the person answers, by question; nothing else is answered."},
    "secrets": {**_BY_NAME, "description": "Handle and the address it may be filled on; values come from OPERATOR_SECRET_NAME."},
    "skills": {**_TEXTS, "description": "Further skill files, relative to this one."},
    "solution": {**_list("step"), "description": "Steps known to work, by which it is proved solvable."},
    "done": _TOP["done"],
    "proof": {"anyOf": [_ref("proof"), _list("proof", minItems=1)], "description": "What the second witness must say afterwards."},
    "outcome": {"enum": [name for name in EXIT_CODES if name != "usage"], "description": "How the run must end; else passed."},
    "rows": {"type": "array", "items": {"type": "object"}, "minItems": 1, "description": "A table: one scenario for each row."},
    "limits": _object({name: {"type": "number"} for name in Limits.model_fields}),
}
_SECONDS = {"type": "string", "pattern": r"^\s*\d+(\.\d+)? ?(ms|s|seconds?|min|minutes?)\s*$"}
_FIXTURES: dict[str, dict[str, Any]] = {"app": {"args": _TEXTS, "seconds": _SECONDS}, "serve": {}, "sqlite": {}, "login": {}}
_PROOFS: dict[str, dict[str, Any]] = {
    "sql": {"in": _SCALAR, "rows": {"type": "array"}, "any order": _FLAG},
    "http": {"status": _NUMBER, "json": {}, "contains": _SCALAR, "headers": _BY_NAME},
    "file": {"contains": _SCALAR, "equals": _SCALAR, "absent": _FLAG},
    "command": {"contains": _SCALAR, "equals": _SCALAR, "code": _NUMBER},
}


def _fixture(kind: str) -> dict[str, Any]:
    return _object({kind: _SCALAR, **_FIXTURES[kind]}, required=[kind])


def _proof(kind: str) -> dict[str, Any]:
    needed = ["in", "rows"] if kind == "sql" else []
    return _object({kind: _TEXTS if kind == "command" else _SCALAR, **_PROOFS[kind], "within": _SECONDS}, required=[kind, *needed])


_CHOICE: dict[str, Any] = {
    "anyOf": [{"type": "null"}, _TEXTS, _object({"says": _TEXTS, "implies": {"type": "object", "additionalProperties": _SCALAR}})]
}
_INPUT: dict[str, Any] = {
    "type": {"enum": list(TYPES)},
    "one_of": {"anyOf": [
        {"type": "array", "items": _SCALAR, "minItems": 1},
        {"type": "object", "additionalProperties": _CHOICE, "minProperties": 1},
    ]},
    "each": _ref("inputs"),
    "default": {},
    "optional": _FLAG,
    "min": _NUMBER,
    "max": _NUMBER,
    "ask": _SCALAR,
    "after": _TEXTS,
    "before": _TEXTS,
}  # fmt: skip
assert set(_INPUT) == set(InputSpec.model_fields)

_SPOT: dict[str, Any] = {"type": "string", "pattern": r"^\s*-?\d+(\.\d+)?\s*,\s*-?\d+(\.\d+)?\s*$"}
_FIELDS: dict[str, Any] = {
    "point": {**_SPOT, "description": "A point as 40, 60: pixels from the top left corner."},
    "start": {**_SPOT, "description": "A point as 40, 60: pixels from the top left corner."},
    "end": {**_SPOT, "description": "A point as 40, 60: pixels from the top left corner."},
    "via": {"type": "string", "pattern": r"^[\d\s.,;-]+$", "description": "Points to pass, as 40, 60; 50, 70."},
    "target": {**_SCALAR, "minLength": 1, "description": 'An element as button "Pay", or plain words.'},
    "to": {**_SCALAR, "minLength": 1, "description": 'An element as button "Pay", or plain words.'},
    "check": _ref("check"),
    "options": _TEXTS,
    "files": _TEXTS,
}


def _verb(verb: str) -> dict[str, Any]:
    model, main = MAIN[verb]
    beside = OTHERS.get(verb, {})
    properties: dict[str, Any] = {verb: _field(model, main) if main else {"type": "null"}}
    if main and not model.model_fields[main].is_required():
        properties[verb] = {"anyOf": [properties[verb], {"type": "null"}]}
    properties |= {key: _field(model, field) for key, field in beside.items()}
    properties |= {key: _ref(key) for key in _COMMON}
    required = [field for field, info in model.model_fields.items() if info.is_required() and field != main]
    needs = [{"anyOf": [{"required": [key]} for key, name in beside.items() if name == field]} for field in required]
    return {
        **_object(properties, required=[verb]),
        "description": " ".join((model.__doc__ or verb).split()),
        **({"allOf": needs} if needs else {}),
    }


def _field(model: Any, field: str) -> dict[str, Any]:
    values = getattr(model.model_fields[field].annotation, "__args__", ())
    if values and all(isinstance(value, str) for value in values):
        return {"enum": list(values)}
    found: dict[str, Any] = _FIELDS.get(field, _SCALAR)
    return found


_COMMON: dict[str, Any] = {
    "expect": {"anyOf": [_ref("check"), _list("check")], "description": "What must hold afterwards, and did not before."},
    "risk": {"enum": list(RISKS), "description": "At least this class; pay, send, delete, publish and grant are asked for."},
    "intent": {**_SCALAR, "description": "Why, in a person's words."},
    "optional": {**_FLAG, "description": "Skip the step when its element is not there."},
    "when": {"anyOf": _CONDITION, "description": "Only with these inputs: {milk: [oat, soy]}, or a name when it must be given."},
    "unless": {"anyOf": _CONDITION, "description": "Not with these inputs."},
}


def _block(inner: str, item: str) -> dict[str, Any]:
    """`for each` or a condition around a list."""
    return _object({"for each": {"type": "string"}, **_conditions(), inner: _list(item)}, required=[inner])


def _conditions() -> dict[str, Any]:
    return {"when": _ref("when"), "unless": _ref("unless")}


def _one_line() -> dict[str, Any]:
    keys = "|".join(PARSERS)
    return {"type": "string", "anyOf": [{"pattern": _ELEMENT}, {"pattern": rf"^\s*({keys}):\s"}]}


def _keyed(key: str) -> dict[str, Any]:
    return _object({key: _KEYED.get(key, _SCALAR), **_conditions()}, required=[key])


_PAIR: dict[str, Any] = {"type": "object", "minProperties": 1, "maxProperties": 1}
_RESPONSE = r"^\s*([A-Z]+|\*) \S+ [1-5](\d\d|xx)(,? (exactly )?(never|once|twice|\S+ times?))?\s*$"
_TIME = {"pattern": r"^\S+? ?(ms|s|seconds?|min|minutes?)$"}
_KEYED: dict[str, Any] = {
    "gone": {"anyOf": [_ref("element"), _object({"element": {**_PAIR, "additionalProperties": _SCALAR}}, required=["element"])]},
    "element": {**_PAIR, "additionalProperties": _SCALAR},
    "count": {**_PAIR, "additionalProperties": _NUMBER},
    "row": {"type": "object", "minProperties": 1, "additionalProperties": _SCALAR},
    "file": {"anyOf": [_SCALAR, _object({"path": _SCALAR, "contains": _SCALAR}, required=["path"])]},
    "value": {**_PAIR, "additionalProperties": _SCALAR},
    "response": {"type": "string", "pattern": _RESPONSE},
    "all": _list("check", minItems=1),
    "any": _list("check", minItems=1),
    "not": _ref("check"),
    "within": {**_PAIR, "propertyNames": _TIME, "additionalProperties": _ref("check")},
    "became": _ref("check"),
    "holds": _ref("check"),
}


def _counted_row() -> dict[str, Any]:
    return _object({"row": _KEYED["row"], "count": _NUMBER}, required=["row"])


def _shows(*, count: bool = False) -> dict[str, Any]:
    """`status "Basket": 2 items`: any element as key, its text as value; with `count`, a number may stand beside it."""
    shows: dict[str, Any] = {
        "type": "object",
        "propertyNames": {"not": {"enum": sorted(ROLES & PARSERS.keys())}},
        "patternProperties": {_ELEMENT: _SCALAR},
        "additionalProperties": False,
    }
    if count:
        shows["properties"] = {"count": _NUMBER}
    return {**shows, "minProperties": 1, "maxProperties": 2 if count else 1}


assert frozenset(MAIN) >= BARE
