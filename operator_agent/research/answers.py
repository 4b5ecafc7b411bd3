"""The type an answer must have: a pydantic type, or a JSON Schema made into one; and its values with their places.

Of JSON Schema what a closed type can say is read: objects, arrays, maps, texts, numbers, constants, alternatives, `$ref` into
`$defs`, and the usual bounds. What cannot be held is refused with its place, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, create_model

from operator_agent.errors import UsageError
from operator_agent.models.schema import lowered

Place = tuple[str | int, ...]
"""Where in an answer a value stands: `("plans", 0, "price")`."""

_SCALARS: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
_BOUNDS = {
    "minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt", "multipleOf": "multiple_of",
    "minLength": "min_length", "maxLength": "max_length", "pattern": "pattern", "minItems": "min_length", "maxItems": "max_length",
}  # fmt: skip
_WORDS = frozenset({"title", "description", "default", "examples", "format", "$schema", "$id", "$comment", "$defs", "definitions"})
"""Keywords that hold nothing, or are read elsewhere."""
_STRUCTURE = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf", "$ref"}
)


class _Answer(BaseModel):
    """Fields are known by the schema's names; their Python names are ours, since a schema's need not be any."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_by_alias=True, validate_by_name=True, serialize_by_alias=True
    )


def answer_type(wanted: type[BaseModel] | Mapping[str, Any]) -> type[BaseModel]:
    """The type for a JSON Schema; a pydantic type as it is. Raises UsageError, naming the place, for what cannot be held."""
    made = wanted if isinstance(wanted, type) else _Types(wanted).root()
    try:
        lowered(made)
    except (TypeError, PydanticUserError) as error:
        raise UsageError(f"the answer's type cannot be used: {error}") from None
    return made


class _Types:
    """One schema on its way to types."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._open: list[str] = []
        """Definitions being read: one that is met again would never end."""

    def root(self) -> type[BaseModel]:
        made = self._type(self._schema, "schema")
        if not (isinstance(made, type) and issubclass(made, BaseModel)):
            raise UsageError("schema: it must be an object with `properties`; put a list into a property")
        return made

    def _type(self, raw: Any, where: str) -> Any:
        if not isinstance(raw, Mapping):
            raise UsageError(f"{where}: a schema is an object")
        if unknown := sorted(set(raw) - _WORDS - _STRUCTURE - set(_BOUNDS)):
            raise UsageError(f"{where}: `{unknown[0]}` cannot be held; known are {', '.join(sorted(_STRUCTURE | set(_BOUNDS)))}")
        found = self._plain(raw, where)
        bounds = {_BOUNDS[key]: value for key, value in raw.items() if key in _BOUNDS}
        about = raw.get("description")
        return Annotated[found, Field(description=about, **bounds)] if bounds or (about and not isinstance(found, type)) else found

    def _plain(self, raw: Mapping[str, Any], where: str) -> Any:
        if "$ref" in raw:
            return self._linked(str(raw["$ref"]), where)
        if "const" in raw or "enum" in raw:
            return self._constants(raw["enum"] if "enum" in raw else [raw["const"]], where)
        for key in ("anyOf", "oneOf"):
            if key in raw:
                return _either([self._type(one, f"{where}.{key}[{i}]") for i, one in enumerate(raw[key])], where)
        kinds = raw.get("type", "object" if "properties" in raw else "")
        if isinstance(kinds, list):
            return _either([self._kind(kind, raw, where) for kind in kinds], where)
        return self._kind(kinds, raw, where)

    def _kind(self, kind: Any, raw: Mapping[str, Any], where: str) -> Any:
        if kind == "object":
            return self._object(raw, where)
        if kind == "array":
            if "items" not in raw:
                raise UsageError(f"{where}: an array needs `items`")
            return list[self._type(raw["items"], f"{where}[]")]  # type: ignore[misc]
        if kind in _SCALARS:
            return _SCALARS[kind]
        raise UsageError(f"{where}: it needs a `type`: object, array, {', '.join(_SCALARS)}")

    def _object(self, raw: Mapping[str, Any], where: str) -> Any:
        if "properties" not in raw:
            values = raw.get("additionalProperties")
            if not isinstance(values, Mapping):
                raise UsageError(f"{where}: an object needs `properties`, or `additionalProperties` with the type of its values")
            return dict[str, self._type(values, f"{where}.*")]  # type: ignore[misc]
        fields: dict[str, Any] = {}
        for number, (name, inner) in enumerate(raw["properties"].items()):
            made = self._type(inner, f"{where}.{name}")
            about = inner.get("description")
            if name in raw.get("required", ()):
                fields[f"f{number}"] = (made, Field(alias=name, description=about))
            else:
                fields[f"f{number}"] = (made | None, Field(default=None, alias=name, description=about))
        title = re.sub(r"\W+", "_", str(raw.get("title", ""))).strip("_") or "Answer"
        return create_model(title, __base__=_Answer, **fields)

    def _linked(self, link: str, where: str) -> Any:
        parts = link.removeprefix("#/").split("/")
        found: Any = self._schema
        for part in parts:
            found = found.get(part) if link.startswith("#/") and isinstance(found, Mapping) else None
        if found is None:
            raise UsageError(f"{where}: there is no {link}; a `$ref` names a definition of this schema: #/$defs/NAME")
        if link in self._open:
            raise UsageError(f"{where}: {link} is part of itself; an answer must have an end")
        self._open.append(link)
        try:
            return self._type(found, link)
        finally:
            self._open.remove(link)

    def _constants(self, values: Any, where: str) -> Any:
        if not (isinstance(values, list) and values and all(isinstance(one, str | int) or one is None for one in values)):
            raise UsageError(f"{where}: constants are texts, whole numbers, true, false or null")
        return Literal[tuple(values)]


def _either(kinds: list[Any], where: str) -> Any:
    if not kinds:
        raise UsageError(f"{where}: nothing to choose from")
    return Union[tuple(kinds)]  # noqa: UP007 - made at run time


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every single value of an answer and where it stands; what is null or empty says nothing and is left out."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, (*place, str(name)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*place, number))
    elif value not in (None, ""):
        yield place, value


def beside(value: Any, place: Place) -> list[str]:
    """The texts of the record a value stands in, its own among them: what tells which thing it is about."""
    for part in place[:-1]:
        value = value[part]
    around = value.values() if isinstance(value, Mapping) else value
    return [one for one in around if isinstance(one, str)]


def written(place: Place) -> str:
    """`plans[0].price`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def covers(said: str, place: Place) -> bool:
    """Whether a place as a model writes it (`plans[0].price`, `$.plans.0`, `/plans/0`) is this one or around it."""
    parts = _parts(said.strip().removeprefix("value."))
    return bool(parts) and parts == _parts(written(place))[: len(parts)]


def _parts(place: str) -> list[str]:
    return [part for part in re.split(r"[.\[\]/$\"']+", place) if part]
