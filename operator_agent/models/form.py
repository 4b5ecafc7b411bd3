"""Brings data that a model sent towards the form its type asks for: spelling, packing and layout, never what it says.

What is put right, because it can be read in one way only:

- keys and constants in other letter case or with other separators (`Click`, `go_to`), when one known name fits;
- one thing where a list of such is expected, and a list of one where one is expected;
- a string where an object with one required text is expected, an object or a list as a JSON string;
- `{"click": {…}}` for `{"kind": "click", …}`; the whole reply under one neutral key (`plan`, `arguments`, the type's name);
- whole numbers and truth values as text, whole numbers for text.

An unknown key may be a condition or a limit, at any level: it is dropped only when it is null or empty, or a name under which
models think aloud. All else stays as it is, for `schema.raised` to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from operator_agent.models.lenient import read, same
from operator_agent.models.schema import constants
from operator_agent.models.shape import Choice, Entry, Fields, Many, Map, OneOf, Scalar, Shape, Shapes

NOISE = frozenset(
    "thought thoughts thinking think reasoning reason rationale explanation analysis comment comments confidence".split()
)
"""What models add for themselves."""

WRAPPERS = frozenset("plan reply response result output answer json data object arguments parameters args input function".split())
"""Neutral names a whole reply is put under. Others could change what it means: `example`, `cancelled`."""

_CALL = frozenset("name type id function arguments parameters".split())
_BETWEEN = re.compile(r"(?<=[^\W\d_])[-_\s]+(?=[^\W_])|(?<=[^\W_])[-_\s]+(?=[^\W\d_])")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_SEVERAL = re.compile(r"[,;、，\n]")


def plain(name: str) -> str:
    """A name without letter case and separators between words; those between digits and at the ends mean something."""
    return _BETWEEN.sub("", name.strip().lower())


def names(parts: Shapes) -> frozenset[str]:
    """Every plain key and constant of a type: what an object must not contain to be beside the point."""
    return frozenset(plain(name) for shape in (parts.root, *parts.links.values()) for name in _names(shape))


def _names(shape: Shape) -> Iterator[str]:
    match shape:
        case Choice(values):
            yield from (value for value in values if isinstance(value, str))
        case Many(item):
            yield from _names(item)
        case Map(key, value):
            yield from (*_names(key), *_names(value))
        case Fields(entries):
            yield from entries
            for entry in entries.values():
                yield from _names(entry.shape)
        case OneOf(branches):
            for branch in branches:
                yield from _names(branch)


class Form:
    """The repairs of one reply. `notes` gathers them, each once."""

    def __init__(self, parts: Shapes, wrapper: str) -> None:
        self.parts = parts
        self.wrappers = WRAPPERS | {plain(wrapper)}
        self.notes: dict[str, None] = {}

    def reply(self, data: object) -> Any:
        """A whole reply: taken out of what is around it, then as `value`. Raises ValueError where two readings are possible."""
        for _ in range(3):
            inner = self._unwrapped(data)
            if inner is data:
                break
            data = inner
        return self._record(self.parts.root, data, "") if isinstance(data, dict) else data

    def _unwrapped(self, data: object) -> object:
        if isinstance(data, list) and len(data) == 1:
            return self._noted(data[0], "a list of one object")
        if not isinstance(data, dict):
            return data
        known = {plain(name) for name in self.parts.root.entries}
        said = {key: value for key, value in data.items() if plain(key) not in NOISE and value not in (None, "", [], {})}
        if any(plain(key) in known for key in said):
            return data
        if set(said) <= _CALL and len(inside := set(said) & {"arguments", "parameters", "function"}) == 1:
            said = {key: said[key] for key in inside}
        if len(said) != 1 or plain(key := next(iter(said))) not in self.wrappers:
            return data
        inner = self._decoded(said[key])
        return self._noted(inner, f"taken out of {key!r}") if isinstance(inner, (dict, list)) else data

    def _noted(self, value: Any, note: str) -> Any:
        self.notes[note] = None
        return value

    def _decoded(self, data: object) -> object:
        """An object or list that was sent as a JSON string; raises ValueError when it is cut off."""
        text = data.strip() if isinstance(data, str) else ""
        if text[:1] + text[-1:] not in ("{}", "[]"):
            return data
        found = read(text)
        if len(found.objects) != 1 or found.asides:
            return data
        self.notes.update(found.notes)
        return self._noted(found.objects[0], "encoded twice")

    def value(self, shape: Shape, data: object, where: str) -> Any:
        """`data` nearer to `shape`; what cannot be put right stays."""
        shape = self.parts.at(shape)
        if isinstance(data, list) and len(data) == 1 and not self._listed(shape):
            data = self._noted(data[0], f"{where}: a list of one")
        match shape:
            case Scalar(kind):
                return self._scalar(kind, data, where)
            case Choice(values):
                return self._chosen(values, data, where)
            case Many(item):
                return self._many(item, data, where)
            case Map(key, inner):
                return self._map(key, inner, data, where)
            case Fields():
                return self._record(shape, data, where)
            case OneOf():
                return self._one_of(shape, data, where)
        return data

    def _listed(self, shape: Shape) -> bool:
        branches = shape.branches if isinstance(shape, OneOf) else (shape,)
        return any(isinstance(self.parts.at(branch), (Many, Map)) for branch in branches)

    def _scalar(self, kind: str, data: object, where: str) -> Any:
        if kind == "string" and type(data) is int:
            return self._noted(str(data), f"{where}: a number for text")
        if not isinstance(data, str):
            return data
        if kind == "boolean" and data.strip().lower() in ("true", "false"):
            return self._noted(data.strip().lower() == "true", f"{where}: a truth value as text")
        if kind in ("integer", "number") and (_WHOLE if kind == "integer" else _DECIMAL).fullmatch(data.strip()):
            return self._noted(float(data) if "." in data else int(data), f"{where}: a number as text")
        return data

    def _chosen(self, values: tuple[str | int, ...], data: object, where: str) -> Any:
        if not isinstance(data, str) or data in values:
            return data
        meant = [value for value in values if isinstance(value, str) and plain(value) == plain(data)]
        meant = meant or [value for value in values if not isinstance(value, str) and str(value).lower() == data.strip().lower()]  # type: ignore[misc]
        return self._noted(meant[0], f"{where}: {data!r} read as {meant[0]!r}") if len(meant) == 1 else data

    def _many(self, item: Shape, data: object, where: str) -> Any:
        data = self._decoded(data)
        one = self.parts.at(item)
        kinds = [self.parts.at(branch) for branch in one.branches] if isinstance(one, OneOf) else [one]
        if isinstance(data, dict) and any(isinstance(kind, Fields) for kind in kinds):
            data = self._noted([data], f"{where}: one object for a list")
        elif isinstance(data, str) and not _SEVERAL.search(data) and any(_textual(kind) for kind in kinds):
            data = self._noted([data], f"{where}: one text for a list") if data[:1] not in ("", "{", "[") else data
        return self._each(item, data, where) if isinstance(data, list) else data

    def _each(self, item: Shape, data: list[Any], where: str) -> list[Any]:
        return [self.value(item, inner, f"{where}[{index}]") for index, inner in enumerate(data)]

    def _map(self, key: Shape, value: Shape, data: object, where: str) -> Any:
        data = self._decoded(data)
        if isinstance(data, list):
            return self._each(Fields({"key": Entry(key, True), "value": Entry(value, True)}), data, where)
        if not isinstance(data, dict):
            return data
        read_keys = {self.value(key, name, where): self.value(value, inner, f"{where}.{name}") for name, inner in data.items()}
        return read_keys if len(read_keys) == len(data) else data

    def _record(self, shape: Fields, data: object, where: str) -> Any:
        data = self._decoded(data)
        if isinstance(data, str) and data[:1] not in ("{", "["):
            data = self._bare(shape, data, where)
        if not isinstance(data, dict):
            return data
        read_keys = self._keys(list(shape.entries), data, where)
        for name, entry in shape.entries.items():
            if name in read_keys and read_keys[name] is not None:
                read_keys[name] = self.value(entry.shape, read_keys[name], f"{where}.{name}" if where else name)
        return read_keys

    def _bare(self, shape: Fields, data: str, where: str) -> Any:
        fixed = {name: _fixed(entry.shape) for name, entry in shape.entries.items() if entry.required}
        free = [name for name, value in fixed.items() if value is None]
        if len(free) != 1 or not isinstance(shape.entries[free[0]].shape, Scalar) or not _textual(shape.entries[free[0]].shape):
            return data
        packed = {name: data if value is None else value for name, value in fixed.items()}
        return self._noted(packed, f"{where}: a text for an object with one")

    def _keys(self, known: list[str], data: dict[str, Any], where: str) -> dict[str, Any]:
        """The same object by its type's own keys. Raises ValueError when two of them say different things."""
        read_keys: dict[str, Any] = {}
        for key, value in data.items():
            meant = [key] if key in known else [name for name in known if plain(name) == plain(key)]
            if not meant and (value in (None, "", [], {}) or plain(key.strip("_")) in NOISE):
                self.notes[f"{where}: dropped {key[:40]!r}".removeprefix(": ")] = None
                continue
            name = meant[0] if len(meant) == 1 else key
            if name != key:
                self.notes[f"{where}: {key[:40]!r} read as {name!r}".removeprefix(": ")] = None
            if name in read_keys and not same(read_keys[name], value):
                raise ValueError(f"{where or 'reply'}: {name!r} is given twice with different values")
            read_keys[name] = value
        return read_keys

    def _one_of(self, union: OneOf, data: object, where: str) -> Any:
        branches = [shape for branch in union.branches if (shape := self.parts.at(branch)) != Scalar("null")]
        if data is None:
            return None
        if len(branches) == 1:
            return self.value(branches[0], data, where)
        records = [branch for branch in branches if isinstance(branch, Fields)]
        lists = [branch for branch in branches if isinstance(branch, (Many, Map))]
        if isinstance(data, str) and not any(isinstance(branch, Scalar) and branch.kind == "string" for branch in branches):
            data = self._decoded(data)
        if isinstance(data, dict) and records:
            return self._tagged(records, union.tag, data, where) if len(records) > 1 else self._record(records[0], data, where)
        if isinstance(data, (dict, list)) and lists:
            return self.value(lists[0], data, where)
        if isinstance(data, str):
            choices = [value for branch in branches if isinstance(branch, Choice) for value in branch.values]
            texts = any(isinstance(branch, Scalar) and branch.kind == "string" for branch in branches)
            return data if texts else self._chosen(tuple(choices), data, where)
        return data

    def _tagged(self, records: list[Fields], tag: str, data: dict[str, Any], where: str) -> Any:
        by_value = {value: record for record in records for value in constants(record, tag)}
        data = data if tag in data else self._tag_first(by_value, tag, data, where)
        key = tag if tag in data else next((key for key in data if plain(key) == plain(tag)), "")
        if not key:
            return data
        said = self._chosen(tuple(by_value), data[key], f"{where}.{tag}")
        record = by_value.get(said) if isinstance(said, (str, int)) else None
        return data if record is None else self._record(record, {**data, key: said}, where)

    def _tag_first(self, by_value: dict[str | int, Fields], tag: str, data: dict[str, Any], where: str) -> dict[str, Any]:
        """`{"kind": "click", …}` for `{"click": {…}}` or, when a text is all it needs, `{"click": "…"}`."""
        said = [key for key in data if plain(key) not in NOISE]
        if len(said) != 1 or plain(said[0]) == plain(tag):
            return data
        value = self._chosen(tuple(by_value), said[0], where)
        inner = data[said[0]]
        if value not in by_value:
            return data
        inner = self._bare(by_value[value], inner, where) if isinstance(inner, str) else {} if inner is None else inner
        if not isinstance(inner, dict) or inner.get(tag, value) != value:
            return data
        self.notes[f"{where}: the {tag} was the key"] = None
        return {tag: value, **inner}


def _textual(shape: Shape) -> bool:
    return isinstance(shape, Choice) or shape == Scalar("string", getattr(shape, "about", ""))


def _fixed(shape: Shape) -> str | int | None:
    return shape.values[0] if isinstance(shape, Choice) and len(shape.values) == 1 else None
