"""Reply types as schemas that any server takes, and replies back as those types.

Servers that hold a model to a schema each know another part of JSON Schema. `lowered` keeps to what all of them document: closed
objects with every property required, `anyOf`, one-valued `enum` rather than `const` (Gemini's endpoint does not list `const`),
`$ref` alone and only for recursive types (OpenAI refuses keywords beside it). What is lost on the way is said in descriptions
and held by pydantic when the reply comes back. `sketched` is the same for the model's own eyes, in a third of the tokens.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from operator_agent.models.shape import Choice, Entry, Fields, Link, Many, Map, OneOf, Scalar, Shape, Shapes, json_type, shapes

T = TypeVar("T", bound=BaseModel)


def lowered(reply: type[BaseModel]) -> dict[str, Any]:
    """The strict portable JSON schema of a type. A map becomes a list of `{key, value}`, an optional field a required one that may
    be null, or empty where that is its default. Raises TypeError for what no closed schema can say (`Any`, an untyped dict, records
    nothing tells apart)."""
    parts = shapes(reply)
    schema = _lowered(parts.root)
    if parts.links:
        schema["$defs"] = {name: _lowered(shape) for name, shape in parts.links.items()}
    return schema


def sketched(reply: type[BaseModel]) -> str:
    """The lowered form as types are written by people: one line for each property of the reply and each record of a list."""
    parts = shapes(reply)
    links = [f"{name} = {_sketch(shape)}" for name, shape in parts.links.items()]
    lines = [f"  {name}: {_noted(_asked(entry), entry.shape.about)}" for name, entry in parts.root.entries.items()]
    return "\n".join(["{", *lines, "}", *links])


def _noted(text: str, about: str) -> str:
    return f"{text}  // {about}" if about else text


def _asked(entry: Entry) -> str:
    text = _sketch(entry.shape)
    if entry.required or entry.empty:
        return text
    null = "" if text.endswith("| null") else " | null"
    means = f" (null means {json.dumps(entry.default, ensure_ascii=False)})" if entry.default is not None else ""
    return f"{text}{null}{means}"


def _sketch(shape: Shape) -> str:
    match shape:
        case Scalar(kind):
            return kind
        case Choice(values):
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in values)
        case Many(item):
            return f"[{_sketch(item)}]"
        case Map(key, value):
            return f"[{{key: {_sketch(key)}, value: {_sketch(value)}}}]"
        case Fields(entries):
            return "{" + ", ".join(f"{name}: {_asked(entry)}" for name, entry in entries.items()) + "}"
        case OneOf(branches):
            between = "\n    | " if sum(isinstance(one, Fields) for one in branches) > 1 else " | "
            return between.join(map(_sketch, branches))
        case Link(name):
            return name


def raised(reply: type[T], data: object) -> T:
    """The instance that `data`, in the lowered form, stands for. Null, like a missing property, means the default.

    Raises ValueError with one short line that says where and what (`steps[2].target: missing`), fit to be shown to a model.
    """
    parts = shapes(reply)
    native = _Raising(parts).value(parts.root, data, "")
    try:
        # As JSON, so that tuples, sets, dates and numeric keys are read also by types in pydantic's strict mode.
        return reply.model_validate_json(json.dumps(native))
    except ValidationError as error:
        raise ValueError(_first(error, native)) from None


def _first(error: ValidationError, native: object) -> str:
    """One line of pydantic's. It tries each branch of a union without discriminator; constants, keys and types were right before,
    so that a branch where they are wrong is not the one that was meant."""
    errors = error.errors(include_url=False, include_context=False)
    others = {one["loc"][:-1] for one in errors if one["type"] in ("literal_error", "extra_forbidden")}
    meant = [one for one in errors if not any(one["loc"][: len(other)] == other for other in others)]
    meant = [one for one in meant if not one["type"].endswith("_type")] or errors
    message = "missing" if meant[0]["type"] == "missing" else meant[0]["msg"].removeprefix("Value error, ").splitlines()[0][:200]
    return f"{_place(meant[0]['loc'], native, message == 'missing') or 'reply'}: {message}"


def _described(schema: dict[str, Any], about: str) -> dict[str, Any]:
    return {**schema, "description": about} if about else schema


def _lowered(shape: Shape) -> dict[str, Any]:
    match shape:
        case Scalar(kind, about):
            return _described({"type": kind}, about)
        case Choice(values, about):
            return _described({"type": json_type(values[0]), "enum": list(values)}, about)
        case Many(item, about):
            return _described({"type": "array", "items": _lowered(item)}, about)
        case Map(key, value, about):
            pair = {"key": _lowered(key), "value": _lowered(value)}
            return _described({"type": "array", "items": _closed(pair)}, about)
        case Fields(entries, about):
            return _described(_closed({name: _property(entry) for name, entry in entries.items()}), about)
        case OneOf(branches, _, about):
            return _described({"anyOf": [_lowered(branch) for branch in branches]}, about)
        case Link(name, about):
            reference = {"$ref": f"#/$defs/{name}"}
            return {"anyOf": [reference], "description": about} if about else reference


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _property(entry: Entry) -> dict[str, Any]:
    schema = _lowered(entry.shape)
    if entry.required or entry.empty:
        return schema
    about = schema.pop("description", "")
    if entry.default is not None:
        about = f"{about} (null means {json.dumps(entry.default, ensure_ascii=False)})".strip()
    branches = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    null = {"type": "null"}
    return _described({"anyOf": branches if null in branches else [*branches, null]}, about)


class _Raising:
    """Walks data along a shape: the same data with maps as dicts and defaults left out, or one ValueError."""

    def __init__(self, parts: Shapes) -> None:
        self.parts = parts

    def value(self, shape: Shape, data: object, where: str) -> Any:
        shape = self.parts.at(shape)
        if isinstance(shape, OneOf):
            shape = self._branch(shape, data, where)
        match shape:
            case Scalar(kind):
                return _scalar(kind, data, where)
            case Choice(values):
                # Python's 1 == True == 1.0; JSON's are three.
                if not any(data == value and json_type(data) == json_type(value) for value in values):
                    _fail(where, f"{_shown(data)} is not {_either(map(_shown, values))}")
                return data
            case Many(item):
                _expect(isinstance(data, list), where, "a list", data)
                assert isinstance(data, list)
                return [self.value(item, inner, f"{where}[{index}]") for index, inner in enumerate(data)]
            case Map():
                return self._map(shape, data, where)
            case Fields():
                return self._fields(shape, data, where)
        raise AssertionError(shape)

    def _fields(self, shape: Fields, data: object, where: str) -> dict[str, Any]:
        _expect(isinstance(data, dict), where, "an object", data)
        assert isinstance(data, dict)
        native = {}
        for name, entry in shape.entries.items():
            if name in data and (data[name] is not None or entry.required):
                native[name] = self.value(entry.shape, data[name], _inside(where, name))
            elif entry.required and not _implied(entry):
                _fail(_inside(where, name), "missing")
        for name in data:
            if name not in shape.entries:
                _fail(_inside(where, str(name)[:60]), f"unknown key; known are {', '.join(shape.entries)}")
        return native

    def _map(self, shape: Map, data: object, where: str) -> dict[str, Any]:
        pairs = data
        if isinstance(data, dict):
            if set(data) == {"key", "value"}:
                _fail(where, "expected a list of {key, value}, got one of them")
            pairs = [{"key": key, "value": value} for key, value in data.items()]
        _expect(isinstance(pairs, list), where, "a list of {key, value}", data)
        assert isinstance(pairs, list)
        pair = Fields({"key": Entry(shape.key, True), "value": Entry(shape.value, True)})
        native: dict[str, Any] = {}
        for index, item in enumerate(pairs):
            read = self._fields(pair, item, f"{where}[{index}]")
            if str(read["key"]) in native:
                _fail(f"{where}[{index}].key", f"{_shown(read['key'])} is given twice")
            native[str(read["key"])] = read["value"]
        return native

    def _branch(self, union: OneOf, data: object, where: str) -> Shape:
        branches = [self.parts.at(branch) for branch in union.branches]
        records = [branch for branch in branches if isinstance(branch, Fields)]
        if isinstance(data, dict) and len(records) == 1:
            return records[0]
        if isinstance(data, dict) and records:
            return tagged(records, union.tag, data, where)
        fitting = [branch for branch in branches if _takes(branch, data)]
        exact = [branch for branch in fitting if not (isinstance(branch, Choice) and data not in branch.values)]
        if not fitting:
            _fail(where, f"expected {_either(dict.fromkeys(map(_called, branches)))}, got {_shown(data)}")
        return (exact or fitting)[0]


def tagged(records: list[Fields], tag: str, data: dict[str, Any], where: str) -> Fields:
    """The record of a union that an object says it is. Raises ValueError when it says none of them."""
    known = {value: record for record in records for value in constants(record, tag)}
    if tag not in data:
        _fail(_inside(where, tag), "missing")
    said = data[tag]
    if not isinstance(said, (str, int)) or said not in known:
        _fail(_inside(where, tag), f"{_shown(said)} is not {_either(map(_shown, known))}")
    return known[said]


def constants(record: Fields, tag: str) -> tuple[str | int, ...]:
    """The values of the property that tells a record from others."""
    shape = record.entries[tag].shape
    return shape.values if isinstance(shape, Choice) else ()


def _implied(entry: Entry) -> bool:
    """A constant need not be sent where nothing else could stand; pydantic knows whether it has a default."""
    return isinstance(entry.shape, Choice) and len(entry.shape.values) == 1


def _takes(shape: Shape, data: object) -> bool:
    found = json_type(data)
    match shape:
        case Scalar(kind):
            return found == kind or (kind == "number" and found == "integer")
        case Choice(values):
            return found == json_type(values[0])
        case Many():
            return found == "array"
        case Map():
            return found in ("array", "object")
        case Fields():
            return found == "object"
    return False


_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def _called(shape: Shape) -> str:
    match shape:
        case Scalar(kind):
            return _NAMES[kind]
        case Choice(values):
            return _either(map(_shown, values))
        case Fields():
            return "an object"
    return "a list"


def _scalar(kind: str, data: object, where: str) -> Any:
    _expect(_takes(Scalar(kind), data), where, _NAMES[kind], data)
    if isinstance(data, float):
        if not math.isfinite(data):
            _fail(where, "no such number")
        return int(data) if kind == "integer" else data
    return data


def _expect(holds: bool, where: str, what: str, data: object) -> None:
    if not holds:
        _fail(where, f"expected {what}, got {_shown(data)}")


def _fail(where: str, what: str) -> NoReturn:
    raise ValueError(f"{where or 'reply'}: {what}")


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _shown(data: object) -> str:
    if isinstance(data, dict):
        return "an object"
    if isinstance(data, list):
        return f"a list of {len(data)}"
    text = json.dumps(data, ensure_ascii=False) if json_type(data) in _NAMES else json_type(data)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _either(texts: Iterable[str]) -> str:
    *others, last = texts
    return f"{', '.join(others)} or {last}" if others else last


def _place(location: tuple[int | str, ...], native: object, missing: bool) -> str:
    """pydantic's place of an error as it stands in the reply: names of union branches are left out."""
    where = ""
    for index, part in enumerate(location):
        if isinstance(part, int):
            native = native[part] if isinstance(native, list) and part < len(native) else None
            where += f"[{part}]"
        elif isinstance(native, dict) and (part in native or (missing and index == len(location) - 1)):
            native = native.get(part)
            where = _inside(where, part)
    return where
