"""What a reply type is made of, read from its pydantic JSON schema: the tree that lowering, raising and repairing all walk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

Raw = dict[str, Any]
"""A JSON schema as pydantic writes it."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`kind` is JSON Schema's name: `string`, `integer`, `number`, `boolean`, `null`."""

    kind: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few constants of one JSON type."""

    values: tuple[str | int, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Many:
    item: Shape
    about: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """Sent as a list of `{key, value}`."""

    key: Shape
    value: Shape
    about: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One property of a record."""

    shape: Shape
    required: bool
    default: str | int | float | bool | None = None
    """Only a default that is worth telling; null and empty ones are not."""
    empty: bool = False
    """Its default is the empty value of its type: giving that says the same as leaving it out."""


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with known properties, the one that tells it from others of its union first."""

    entries: dict[str, Entry]
    about: str = ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Alternatives, flat. `tag` is the property that tells its records apart, "" when there is at most one."""

    branches: tuple[Shape, ...]
    tag: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A recursive type, by its name among the definitions."""

    name: str
    about: str = ""


Shape = Scalar | Choice | Many | Map | Fields | OneOf | Link


@dataclass(frozen=True, slots=True)
class Shapes:
    """A reply type: its root, and the recursive types it uses."""

    root: Fields
    links: dict[str, Shape]

    def at(self, shape: Shape) -> Shape:
        """The shape itself, never a link."""
        return self.links[shape.name] if isinstance(shape, Link) else shape


@lru_cache(maxsize=64)
def shapes(reply: type[BaseModel]) -> Shapes:
    """The parts of a type. Raises TypeError, naming the place, for what has no closed schema: `Any`, a dict without value type,
    a union of records nothing tells apart, an optional field whose None is not its default."""
    raw = reply.model_json_schema()
    return _Builder(raw.get("$defs", {})).build(raw, reply.__name__)


class _Builder:
    def __init__(self, definitions: dict[str, Raw]) -> None:
        self.definitions = definitions
        self.recursive = {name for name in definitions if name in self._reached(name)}
        self.tags: dict[str, str] = {}
        """Definition → the property its union tells it by."""
        self.links: dict[str, Shape] = {}

    def build(self, raw: Raw, name: str) -> Shapes:
        for union in _unions({"": raw, **self.definitions}):
            tag = self._tag(union, name)
            self.tags.update({_name(leaf): tag for leaf in self._leaves(union) if "$ref" in leaf and tag})
        for link in sorted(self.recursive):
            self.links[link] = self._shape(self.definitions[link], link, link)
        root = self._shape(self.definitions[_name(raw)] if "$ref" in raw else raw, name, _name(raw))
        if not isinstance(root, Fields):
            raise TypeError(f"{name}: a reply must be an object")
        return Shapes(root, self.links)

    def _reached(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            new = {_name(raw) for raw in _within(self.definitions[waiting.pop()]) if "$ref" in raw} - found
            found |= new
            waiting += sorted(new)
        return found

    def _shape(self, raw: Raw, where: str, own: str = "") -> Shape:
        """`own` is the definition's name when `raw` is one."""
        about = _about(raw)
        if "$ref" in raw:
            return self._linked(_name(raw), about, where)
        if "allOf" in raw and len(raw["allOf"]) == 1:
            inner = self._shape(raw["allOf"][0], where)
            return replace(inner, about=_joined(about, inner.about))
        if "anyOf" in raw or "oneOf" in raw:
            return self._union(raw, about, where)
        if "enum" in raw or "const" in raw:
            return _choice(raw["enum"] if "enum" in raw else [raw["const"]], about, where)
        if raw.get("type") == "array":
            return Many(self._item(raw, where), about)
        if raw.get("type") == "object":
            return self._object(raw, about, where, own)
        if raw.get("type") in ("string", "integer", "number", "boolean", "null"):
            return Scalar(raw["type"], about)
        raise TypeError(f"{where}: this has no closed schema (Any, or a type without one)")

    def _linked(self, name: str, about: str, where: str) -> Shape:
        if name in self.recursive:
            return Link(name, about)
        inner = self._shape(self.definitions[name], where, name)
        return replace(inner, about=_joined(about, inner.about))

    def _item(self, raw: Raw, where: str) -> Shape:
        if "prefixItems" not in raw:
            return self._shape(raw.get("items", {}), f"{where}[]")
        distinct: list[Raw] = []
        distinct += [item for item in raw["prefixItems"] if item not in distinct]
        return self._shape(distinct[0] if len(distinct) == 1 else {"anyOf": distinct}, f"{where}[]")

    def _object(self, raw: Raw, about: str, where: str, own: str) -> Shape:
        if "properties" in raw:
            return self._fields(raw, about, where, own)
        values = raw.get("additionalProperties")
        if "patternProperties" in raw:
            values = next(iter(raw["patternProperties"].values()))
        if not isinstance(values, dict):
            raise TypeError(f"{where}: a dict needs the type of its values")
        key = self._shape(raw.get("propertyNames", {"type": "string"}), f"{where} key")
        return Map(key, self._shape(values, f"{where} value"), about)

    def _fields(self, raw: Raw, about: str, where: str, own: str) -> Fields:
        entries = {}
        for name, inner in raw["properties"].items():
            shape = self._shape(inner, f"{where}.{name}")
            required = name in raw.get("required", ()) or [inner.get("default")] == _constants(inner)
            if not required and inner.get("default", ...) is not None and self._nullable(shape):
                raise TypeError(f"{where}.{name}: null would mean both None and the default")
            default = inner.get("default")
            empty = default is False or default in ("", [])
            told = default if isinstance(default, (str, int, float)) and not empty else None
            entries[name] = Entry(shape, required, told, empty)
        tag = self.tags.get(own, "")
        order = sorted(entries, key=lambda name: (name != tag, not _single(entries[name].shape)))
        return Fields({name: entries[name] for name in order}, about)

    def _nullable(self, shape: Shape) -> bool:
        if isinstance(shape, Link):
            return any(leaf.get("type") == "null" for leaf in self._leaves({"anyOf": [self.definitions[shape.name]]}))
        return any(branch == Scalar("null") for branch in shape.branches) if isinstance(shape, OneOf) else shape == Scalar("null")

    def _union(self, raw: Raw, about: str, where: str) -> Shape:
        branches: list[Shape] = []
        for leaf in self._leaves(raw):
            shape = self._shape(leaf, where)
            branches += [one for one in (shape.branches if isinstance(shape, OneOf) else (shape,)) if one not in branches]
        if sum(isinstance(branch, (Many, Map)) for branch in branches) > 1:
            raise TypeError(f"{where}: nothing tells two lists of a union apart")
        return replace(branches[0], about=_joined(about, branches[0].about)) if len(branches) == 1 else OneOf(
            tuple(branches), self._tag(raw, where), about
        )  # fmt: skip

    def _leaves(self, raw: Raw, seen: frozenset[str] = frozenset()) -> Iterator[Raw]:
        """The alternatives of a union, those of unions it names among them."""
        for branch in raw.get("anyOf") or raw.get("oneOf") or ():
            name = _name(branch) if "$ref" in branch else ""
            inner = self.definitions[name] if name else branch
            if name not in seen and ("anyOf" in inner or "oneOf" in inner):
                yield from self._leaves(inner, seen | {name} if name else seen)
            elif name not in seen or not name:
                yield branch

    def _tag(self, raw: Raw, where: str) -> str:
        bodies = [self.definitions[_name(leaf)] if "$ref" in leaf else leaf for leaf in self._leaves(raw)]
        records = [body["properties"] for body in bodies if "properties" in body]
        if len(records) < 2:
            return ""
        named = raw.get("discriminator", {}).get("propertyName", "")
        for name in [named, *records[0]]:
            values = [value for record in records for value in _constants(record.get(name, {})) or [None]]
            if None not in values and len(set(map(repr, values))) == len(values):
                return str(name)
        raise TypeError(f"{where}: nothing tells the records of a union apart; give each a Literal field of its own")


def _name(raw: Raw) -> str:
    return str(raw.get("$ref", "")).removeprefix("#/$defs/")


def _within(raw: object) -> Iterator[Raw]:
    """Every schema in a schema or a list of them, itself first."""
    if isinstance(raw, list):
        for inner in raw:
            yield from _within(inner)
    elif isinstance(raw, dict):
        yield raw
        for keyword, inner in raw.items():
            if keyword not in ("default", "examples", "enum", "const"):
                yield from _within(list(inner.values()) if keyword in ("properties", "$defs") else inner)


def _unions(raws: dict[str, Raw]) -> Iterator[Raw]:
    for raw in _within(list(raws.values())):
        if isinstance(raw.get("anyOf"), list) or isinstance(raw.get("oneOf"), list):
            yield raw


def _constants(raw: Raw) -> list[Any]:
    return raw["enum"] if "enum" in raw else [raw["const"]] if "const" in raw else []


def _single(shape: Shape) -> bool:
    return isinstance(shape, Choice) and len(shape.values) == 1


def _choice(values: list[Any], about: str, where: str) -> Shape:
    groups: dict[str, list[Any]] = {}
    for value in values:
        groups.setdefault(json_type(value), []).append(value)
    parts: list[Shape] = [Scalar(kind) if kind == "null" else Choice(tuple(group)) for kind, group in groups.items()]
    if not parts:
        raise TypeError(f"{where}: nothing to choose from")
    return replace(parts[0], about=about) if len(parts) == 1 else OneOf(tuple(parts), about=about)


def json_type(value: object) -> str:
    """JSON Schema's name for the type of a value; a whole number is an `integer`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    names: dict[type, str] = {str: "string", int: "integer", dict: "object", list: "array"}
    return names.get(type(value), type(value).__name__)


_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} items",
    "maxProperties": "at most {} items",
    "pattern": "matches {}",
    "format": "{}",
}
"""Keywords that some vendor refuses, as words; pydantic still holds the reply to them."""


def _about(raw: Raw) -> str:
    limits = [words.format(raw[keyword]) for keyword, words in _LIMITS.items() if keyword in raw and "properties" not in raw]
    if raw.get("uniqueItems") is True:
        limits.append("no two equal")
    return _joined(str(raw.get("description", "")), f"({', '.join(limits)})" if limits else "")


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)
