"""Whether OpenAI would take a schema as strict.

After its guide "Structured outputs" and messages quoted by users: closed objects with every key required, an object at the root, no
`default`, no `oneOf`, nothing beside `$ref`, and no two objects of an `anyOf` with the same first key, unless a constant tells
them apart (assumed: the message only advises a discriminator).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from operator_agent.models.stub.refusals import Refused

_FORBIDDEN = set("oneOf allOf not if then else dependentRequired dependentSchemas patternProperties default".split())
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_PROPERTIES = 5000
_DEEPEST = 10


def check_name(name: Any, param: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Refused(f"Invalid '{param}': expected a string of at most 64 letters, digits, _ and -.", param=param)


def check_strict(schema: Any, what: str, param: str) -> None:
    """Raises `Refused` naming the first place that strict mode does not permit. `what`: `response_format 'plan'`."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise _wrong(what, "()", "schema must be a JSON Schema of 'type: \"object\"'", param)
    count = 0
    for path, node in _nodes(schema, ()):
        where = f"({', '.join(repr(part) for part in path)})"
        if forbidden := sorted(_FORBIDDEN & node.keys()):
            raise _wrong(what, where, f"'{forbidden[0]}' is not permitted", param)
        if "$ref" in node and (beside := sorted(node.keys() - {"$ref"})):
            raise _wrong(what, where, f"$ref cannot have keywords {set(beside)}", param)
        properties = node.get("properties", {})
        count += len(properties)
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            raise _wrong(what, where, "'additionalProperties' is required to be supplied and to be false", param)
        if missing := [name for name in properties if name not in node.get("required", ())]:
            raise _wrong(what, where, f"'required' must name every key in properties. Missing '{missing[0]}'", param)
        if twins := _twins(node.get("anyOf", ())):
            raise _wrong(what, where, f"objects provided via 'anyOf' must not share identical first keys: '{twins}'", param)
        if path.count("properties") > _DEEPEST:
            raise _wrong(what, where, f"nested deeper than {_DEEPEST} levels", param)
    if count > _MOST_PROPERTIES:
        raise _wrong(what, "()", f"more than {_MOST_PROPERTIES} properties", param)


def _twins(variants: Sequence[dict[str, Any]]) -> str:
    """A first key that two objects share without a constant to tell them apart; "" when there is none."""
    seen = set()
    for variant in variants:
        properties: dict[str, dict[str, Any]] = variant.get("properties", {})
        key = next(iter(properties), "")
        value = properties.get(key, {})
        first = (key, str(value.get("const", value.get("enum"))))
        if key and first in seen:
            return key
        seen.add(first)
    return ""


def _wrong(what: str, where: str, why: str, param: str) -> Refused:
    return Refused(f"Invalid schema for {what}: In context={where}, {why}.", param=param, name="invalid_json_schema")


def _nodes(schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every schema inside this one, with where it stands."""
    yield path, schema
    for key in ("properties", "$defs", "definitions"):
        for name, inner in schema.get(key, {}).items():
            yield from _nodes(inner, (*path, key, name))
    for at, inner in enumerate(schema.get("anyOf", ())):
        yield from _nodes(inner, (*path, "anyOf", str(at)))
    if isinstance(schema.get("items"), dict):
        yield from _nodes(schema["items"], (*path, "items"))
