"""`{name}` in a text: filled from inputs when a plan is made, and from values read so far just before a step runs.

`{{name}}` is the literal `{name}`; braces around anything that is no name (`{2,3}`, JSON) are left alone. `{secret:name}` is a
handle: it is never filled here, and no value may bring one in, so that a page cannot ask for a secret. A name with a dot in it,
`{shop.db}`, is what a fixture of a scenario gives besides its address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from operator_agent.errors import UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.check import (
    DialogCheck,
    DownloadCheck,
    ElementCheck,
    FileCheck,
    ResponseCheck,
    RowCheck,
    TabCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
    ValueCheck,
)
from operator_agent.flow.geometry import Spot
from operator_agent.flow.target import Target, is_regex

NAME = re.compile(r"[^\W\d][\w-]*\Z")
_TOKEN = re.compile(r"(\{+)(secret:[^{}\s]+|[^\W\d][\w-]*(?:\.[\w-]+)*)(\}+)")
_HANDLE = re.compile(r"\{secret:[^{}\s]+\}")
_Model = TypeVar("_Model", bound=Frozen)

COMPARED: dict[type[Frozen], str] = {
    Target: "name",
    ElementCheck: "text",
    TextCheck: "text",
    TitleCheck: "text",
    DialogCheck: "text",
    TabCheck: "text",
    FileCheck: "text",
    RowCheck: "cells",
    ValueCheck: "equals",
}
"""Fields in which the script may write a `/regex/`."""
GLOBS: dict[type[Frozen], str] = {UrlCheck: "pattern", ResponseCheck: "path", DownloadCheck: "name"}
"""Fields in which `*` stands for any run of characters."""


class Undefined(UsageError):
    """A text names a value that is not there. `name` is its name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def names(text: str) -> Iterator[str]:
    """The names of values `text` asks for; no secrets."""
    return (token[2] for token in _TOKEN.finditer(text) if _is_live(token) and not token[2].startswith("secret:"))


def handles(text: str) -> tuple[str, ...]:
    """The secret handles in `text`, as they are written there; an escaped one is none."""
    return tuple(token[0] for token in _TOKEN.finditer(text) if _is_live(token) and token[2].startswith("secret:"))


def sole_name(text: str) -> str:
    """The name when `text` is one placeholder and nothing else, else ""."""
    token = _TOKEN.fullmatch(text.strip())
    return token[2] if token and len(token[1]) == len(token[3]) == 1 and ":" not in token[2] else ""


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """What `text` is made of: ("text", …) with `{{name}}` made `{name}`, ("name", …) for a value, ("secret", …) for a handle."""
    at = 0
    for token in _TOKEN.finditer(text):
        live = _is_live(token)
        extra = (token[1][1:], token[3][1:]) if live else (token[0][1:-1], "")
        if before := text[at : token.start()] + extra[0]:
            yield "text", before
        if live:
            yield ("secret", token[2][7:]) if token[2].startswith("secret:") else ("name", token[2])
        if extra[1]:
            yield "text", extra[1]
        at = token.end()
    if text[at:]:
        yield "text", text[at:]


def literal(text: str) -> str:
    """`text` written so that filling gives exactly `text`: for words that come from a person or a page, not from a script."""
    return _TOKEN.sub(lambda token: f"{{{token[0]}}}", text)


def put_inputs(text: str, values: Mapping[str, Any]) -> str:
    """`text` with the names in `values` filled; other placeholders and escapes stay for `put_values`.

    Raises UsageError when a value and the text beside it would together read as a placeholder.
    """
    return _put(text, values, lambda value: value if _HANDLE.fullmatch(value) else literal(value))


def put_values(text: str, values: Mapping[str, Any]) -> str:
    """The final text: every placeholder filled, `{{name}}` made `{name}`, secret handles left.

    Raises Undefined for a value that is not there, UsageError when a value would bring in a secret handle.
    """

    def final(token: re.Match[str]) -> str:
        if not _is_live(token):
            return token[0][1:-1]
        if token[2].startswith("secret:"):
            return token[0]
        return token[1][1:] + _value(token[2], values) + token[3][1:]

    filled = _TOKEN.sub(final, text)
    written = sum(_is_live(token) and token[2].startswith("secret:") for token in _TOKEN.finditer(text))
    if len(_HANDLE.findall(filled)) != written:
        raise UsageError("a value holds a secret handle, {secret:…}; only the script itself may name a secret")
    return filled


def map_text(model: _Model, put: Callable[[str, bool], str]) -> _Model:
    """The same noun with `put` applied to every text in it; its second argument is True inside a `/regex/`.

    Only the script itself writes expressions: a value that looks like one stays text. Raises what `put` raises, and UsageError
    for a value that would bring a `*` where it stands for anything.
    """
    changed: dict[str, Any] = {}
    for field in type(model).model_fields:
        value = getattr(model, field)
        if (new := _mapped(value, put, field == COMPARED.get(type(model)))) != value:
            changed[field] = new
            if field == GLOBS.get(type(model)) and new.count("*") != value.count("*"):
                raise UsageError(f"a value puts a `*` into {value!r}, where it stands for anything")
    return type(model).model_validate({**model.__dict__, **changed}) if changed else model


def _mapped(value: Any, put: Callable[[str, bool], str], compared: bool) -> Any:
    if isinstance(value, str):
        return _compared(value, put) if compared else put(value, False)
    if isinstance(value, Frozen):
        return map_text(value, put)
    if isinstance(value, tuple) and not isinstance(value, Spot):
        return tuple(_mapped(item, put, compared) for item in value)
    if isinstance(value, dict):
        return {put(key, False): _mapped(item, put, compared) for key, item in value.items()}
    return value


def _compared(text: str, put: Callable[[str, bool], str]) -> str:
    new = put(text, is_regex(text))
    if is_regex(text) or not is_regex(new):
        return new
    if literal(new) != new:
        raise UsageError(f"the value in {text!r} reads as a pattern, {new}; take the slashes off")
    return "/^" + re.escape(new).replace("/", r"\/") + "$/"


def in_patterns(values: Mapping[str, Any]) -> dict[str, str]:
    """The same values as they must stand inside a `/regex/` to mean themselves."""
    return {name: re.escape(show(value)).replace("/", r"\/") for name, value in values.items() if not _is_groups(value)}


def show(value: Any) -> str:
    """A value as it stands in a text: `true`, `2`, `oat, soy`. Raises UsageError for groups of inputs."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_groups(value):
        raise UsageError("a list of groups has no text; write its steps below `for each:`")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(show, value))
    return str(value)


def _put(text: str, values: Mapping[str, Any], write: Callable[[str], str]) -> str:
    tokens = 0

    def put(token: re.Match[str]) -> str:
        nonlocal tokens
        if not _is_live(token) or token[2] not in values:
            tokens += 1
            return token[0]
        value = write(show(values[token[2]]))
        tokens += len(_TOKEN.findall(value))
        return token[1][1:] + value + token[3][1:]

    filled = _TOKEN.sub(put, text)
    if len(_TOKEN.findall(filled)) != tokens:
        raise UsageError(f"a value in {text!r} makes a placeholder with the text beside it; take the braces out of it")
    return filled


def _value(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        there = ", ".join(sorted(values)) or "none"
        raise Undefined(name, f"there is no value {name!r} yet (there are: {there}); read it into {name} in an earlier step")
    return show(values[name])


def _is_live(token: re.Match[str]) -> bool:
    return min(len(token[1]), len(token[3])) == 1


def _is_groups(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, (list, tuple)) and any(isinstance(i, Mapping) for i in value))
