"""Inputs of a skill: reading what they take, and making checked values of what was given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, get_args

from operator_agent.errors import UsageError
from operator_agent.flow.skill import Choice, InputSpec
from operator_agent.script.placeholder import NAME, names, put_inputs, put_values, show
from operator_agent.script.source import (
    Where,
    as_flag,
    as_mapping,
    as_number,
    as_text,
    as_texts,
    nearest,
    only_keys,
    shown,
)

TYPES: tuple[str, ...] = get_args(InputSpec.model_fields["type"].annotation)
Specs = Mapping[str, InputSpec]


class MissingInput(UsageError):
    """A required input was not given: what to ask the person. `path` is `size`, or `items.1.size` in the second group."""

    def __init__(self, name: str, question: str, options: tuple[str, ...] = (), path: str = "") -> None:
        super().__init__(f"the input {path or name!r} is missing: {question}" + (f" ({', '.join(options)})" if options else ""))
        self.name = name
        self.question = question
        self.options = options
        self.path = path or name


class BadInput(UsageError):
    """An input was given that cannot be taken. `path` as in MissingInput; `options` are what would be taken."""

    def __init__(self, path: str, message: str, options: tuple[str, ...] = ()) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.options = options


def parse_inputs(node: Any, at: Where) -> dict[str, InputSpec]:
    """The `inputs` of a file. Raises ScriptError for an unknown key, a wrong type, a default that could not be given."""
    specs: dict[str, InputSpec] = {}
    for name, spec in as_mapping(node, at).items():
        if not NAME.match(name):
            raise at.at(name).error(f"{name!r} is no name for an input; a name is one word of letters, digits, `_` and `-`")
        if name in ("secret", "index"):
            raise at.at(name).error(f"{name!r} has a meaning of its own in a script; take another name for the input")
        specs[name] = _spec(spec, at.at(name))
    for name, spec in specs.items():
        _check_implied(name, spec, specs, at)
    for name in specs:
        _check_cycle(name, specs, at)
    return specs


def resolve(specs: Specs, given: Mapping[str, Any], *, outer: Mapping[str, Any] | None = None, path: str = "") -> dict[str, Any]:
    """A value for every input: given, else implied by another's choice, else the default, else "" when optional.

    Raises MissingInput for the first that has none of these, BadInput for a value that is not taken or is contradicted.
    """
    if unknown := [name for name in given if name not in specs]:
        there = ", ".join(specs) or "none"
        raise UsageError(f"there is no input {path + unknown[0]!r}{nearest(unknown[0], specs)}; inputs are {there}")
    return _Resolver(specs, {name: value for name, value in given.items() if value is not None}, outer or {}, path).all()


def sample(specs: Specs, outer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Values that could be given, one group for each list: to read a skill's steps before anything is given."""
    values = {name: _sample(spec) for name, spec in specs.items()}
    return {**(outer or {}), **values}


def question(name: str, spec: InputSpec) -> str:
    """What to ask a person for this input."""
    if spec.ask:
        return spec.ask
    words = name.replace("_", " ").replace("-", " ")
    return f"Which {words}?" if spec.one_of or spec.type == "list" else f"What is the {words}?"


def choice(spec: InputSpec, said: str) -> str | None:
    """The choice that is said by its name or another of its `says`, up to letter case; None when it is none of them."""
    folded = said.strip().casefold()
    for name, one in spec.one_of.items():
        if folded in (name.casefold(), *(word.casefold() for word in one.says)):
            return name
    return None


@dataclass
class _Resolver:
    specs: Specs
    given: Mapping[str, Any]
    outer: Mapping[str, Any]
    path: str
    values: dict[str, Any] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def all(self) -> dict[str, Any]:
        found = {name: self.value(name) for name in self.specs}
        for name, value in found.items():
            for other, implied in self._choice(name, value).implies.items():
                if show(found[other]).casefold() != implied.casefold():
                    raise BadInput(self.path + other, f"{value} goes with {other} {implied}, not {found[other]}", (implied,))
        return found

    def value(self, name: str) -> Any:
        if name in self.open:
            raise UsageError(f"the inputs are made of each other: {' → '.join((*self.open, name))}; break the circle in the file")
        if name not in self.values:
            self.open.append(name)
            self.values[name] = self._find(name, self.specs[name])
            self.open.pop()
        return self.values[name]

    def _find(self, name: str, spec: InputSpec) -> Any:
        path = self.path + name
        if name in self.given and not (spec.optional and self.given[name] == ""):
            return accept(spec, self.given[name], path, self._scope())
        for other, source in self.specs.items():
            if other not in self.open and any(name in one.implies for one in source.one_of.values()):
                implied = self._choice(other, self.value(other)).implies.get(name)
                if implied is not None:
                    return accept(spec, implied, path, self._scope())
        if spec.default is not None:
            return accept(spec, self._default(spec.default), path, self._scope())
        if spec.optional:
            return [] if spec.type == "list" else ""
        if spec.each:
            return [resolve(spec.each, {}, outer=self._scope(), path=f"{path}.0.")]
        raise MissingInput(name, question(name, spec), tuple(spec.one_of), path)

    def _default(self, default: Any) -> Any:
        if not isinstance(default, str):
            return default
        needed = {name: self.value(name) for name in references(default) if name in self.specs}
        return put_values(put_inputs(default, {**self.outer, **needed}), {})

    def _choice(self, name: str, value: Any) -> Choice:
        return self.specs[name].one_of.get(value, Choice()) if isinstance(value, str) else Choice()

    def _scope(self) -> Mapping[str, Any]:
        return {**self.outer, **self.values}


def accept(spec: InputSpec, value: Any, path: str, outer: Mapping[str, Any] | None = None) -> Any:
    """The value as the input keeps it: `"3"` → 3, `"big"` → `"large"`, `"9:30"` → `"09:30"`. Raises BadInput."""
    if spec.type == "list":
        return _list(spec, value, path, outer or {})
    if isinstance(value, (Mapping, list, tuple)):
        raise BadInput(path, f"takes one value, not {shown(value)}")
    said = show(value).strip()
    if spec.type == "choice":
        chosen = choice(spec, said)
        if chosen is None:
            raise BadInput(path, f"{said!r} is none of {', '.join(spec.one_of)}{nearest(said, spec.one_of)}", tuple(spec.one_of))
        return chosen
    if spec.type in _READERS:
        try:
            found = _READERS[spec.type](said)
        except ValueError:
            raise BadInput(path, f"{said!r} is not {_TAKES[spec.type]}") from None
        if isinstance(found, (int, float)):
            _in_range(spec, found, path, str(found))
        return found
    if not said:
        raise BadInput(path, "is empty")
    return show(value)


def references(default: Any) -> Iterator[str]:
    """The inputs a default is made of."""
    return names(default) if isinstance(default, str) else iter(())


def _list(spec: InputSpec, value: Any, path: str, outer: Mapping[str, Any]) -> list[Any]:
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    if not items and not spec.optional:
        raise BadInput(path, "is empty; give at least one")
    _in_range(spec, len(items), path, f"{len(items)} of them")
    if not spec.each:
        text = InputSpec(type="choice", one_of=spec.one_of) if spec.one_of else InputSpec()
        return [accept(text, item, f"{path}.{number}") for number, item in enumerate(items)]
    for number, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise BadInput(f"{path}.{number}", f"expected {', '.join(spec.each)} with their values, not {shown(item)}")
    return [resolve(spec.each, item, outer=outer, path=f"{path}.{number}.") for number, item in enumerate(items)]


def _in_range(spec: InputSpec, number: float, path: str, said: str) -> None:
    if spec.min is not None and number < spec.min:
        raise BadInput(path, f"{said} is less than {spec.min:g}")
    if spec.max is not None and number > spec.max:
        raise BadInput(path, f"{said} is more than {spec.max:g}")


def _integer(said: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,15}(\.0+)?", said):
        raise ValueError(said)
    return int(said.partition(".")[0])


def _number(said: str) -> float:
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d+)?", said):
        raise ValueError(said)
    return float(said) if "." in said else int(said)


def _time(said: str) -> str:
    if not re.fullmatch(r"\d{1,2}:\d\d", said):
        raise ValueError(said)
    return time.fromisoformat(said.zfill(5)).strftime("%H:%M")


def _date(said: str) -> str:
    return date.fromisoformat(said).isoformat()


_READERS: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number, "time": _time, "date": _date}
_TAKES = {
    "integer": "a whole number",
    "number": "a number, as 2 or 2.5",
    "time": "a time of day, as 09:30",
    "date": "a date, as 2026-01-31",
}


def _sample(spec: InputSpec) -> Any:
    if spec.type == "list":
        return [sample(spec.each)] if spec.each else [next(iter(spec.one_of), "text")]
    if spec.one_of:
        return next(iter(spec.one_of))
    samples: dict[str, Any] = {"time": "12:00", "date": "2026-01-31", "text": "text"}
    number = spec.min if spec.min is not None else min(1, spec.max if spec.max is not None else 1)
    return samples.get(spec.type, int(number) if spec.type == "integer" else number)


def _spec(node: Any, at: Where) -> InputSpec:
    if node is None or isinstance(node, str):
        node = {"type": node or "text"}
    fields = as_mapping(node, at)
    only_keys(fields, InputSpec.model_fields, at, "an input")
    read: dict[str, Any] = {key: _SPEC[key](value, at.at(key)) for key, value in fields.items() if key != "default"}
    inferred = "list" if "each" in read else "choice" if "one_of" in read else "text"
    spec = InputSpec(**({"type": inferred} | read), default=fields.get("default"))
    _check_spec(spec, at)
    return spec


def _type(node: Any, at: Where) -> str:
    if node not in TYPES:
        raise at.error(f"there is no type {shown(node)}{nearest(str(node), TYPES)}; types are {', '.join(TYPES)}")
    return str(node)


def _one_of(node: Any, at: Where) -> dict[str, Choice]:
    if isinstance(node, (list, tuple)):
        choices = {as_text(item, at.at(number)): Choice() for number, item in enumerate(node)}
        if len(choices) < len(node):
            raise at.error("names a choice twice")
    else:
        choices = {key: _choice(value, at.at(key)) for key, value in as_mapping(node, at).items()}
    if not choices:
        raise at.error("is empty; name at least one choice")
    owner: dict[str, str] = {}
    for name, one in choices.items():
        for word in {word.casefold() for word in (name, *one.says)}:
            if word in owner:
                raise at.at(name).error(f"{word!r} is said for both {owner[word]!r} and {name!r}; keep it for one of them", name)
            owner[word] = name
    return choices


def _choice(node: Any, at: Where) -> Choice:
    if not isinstance(node, Mapping):
        return Choice(says=as_texts(node, at) if node is not None else ())
    only_keys(node, Choice.model_fields, at, "a choice")
    implies = as_mapping(node.get("implies", {}), at.at("implies"))
    return Choice(
        says=as_texts(node.get("says", []), at.at("says")),
        implies={name: as_text(value, at.at("implies").at(name)) for name, value in implies.items()},
    )


def _each(node: Any, at: Where) -> dict[str, InputSpec]:
    specs = parse_inputs(node, at)
    if not specs:
        raise at.error("is empty; name the inputs of one group")
    return specs


_SPEC: dict[str, Callable[[Any, Where], Any]] = {
    "type": _type,
    "one_of": _one_of,
    "each": _each,
    "optional": as_flag,
    "min": as_number,
    "max": as_number,
    "ask": as_text,
    "after": as_texts,
    "before": as_texts,
}


def _check_spec(spec: InputSpec, at: Where) -> None:
    if spec.each and (spec.type != "list" or spec.one_of):
        raise at.at("each").error("`each` makes a list of groups; it goes with neither `one_of` nor another type")
    if spec.one_of and spec.type not in ("choice", "list"):
        raise at.at("type").error(f"`one_of` makes a choice, not {spec.type!r}; leave the type out")
    if spec.type == "choice" and not spec.one_of:
        raise at.error("a choice needs `one_of`, the values to choose from", "one_of")
    if (spec.min, spec.max) != (None, None) and spec.type not in ("integer", "number", "list"):
        key = "min" if spec.min is not None else "max"
        raise at.at(key).error(f"`{key}` is for integer, number and list, not {spec.type!r}")
    if spec.min is not None and spec.max is not None and spec.min > spec.max:
        raise at.at("min").error(f"the least, {spec.min:g}, is more than the most, {spec.max:g}")
    if spec.default is None or any(references(spec.default)):
        return
    try:
        accept(spec, spec.default, "default")
    except MissingInput as error:
        raise at.at("default").error(f"the default lacks {error.path.removeprefix('default.')}") from None
    except UsageError as error:
        raise at.at("default").error(f"the default cannot be given: {str(error).removeprefix('default: ')}") from None


def _check_implied(name: str, spec: InputSpec, specs: Specs, at: Where) -> None:
    for value, one in spec.one_of.items():
        for other, implied in one.implies.items():
            below = at.at(name).at("one_of").at(value).at("implies").at(other)
            if other not in specs or other == name:
                raise below.error(f"{value} implies {other!r}, which is no other input{nearest(other, specs)}", other)
            try:
                accept(specs[other], implied, other)
            except UsageError as error:
                raise below.error(f"{value} implies what cannot be given: {error}", other) from None


def _check_cycle(name: str, specs: Specs, at: Where) -> None:
    """Raises ScriptError when the default of `name` is made, over whatever detour, of `name` itself."""
    trails: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while trails:
        trail = trails.pop()
        for needed in references(specs[trail[-1]].default):
            if needed == name:
                circle = " → ".join((*trail, name))
                raise at.at(name).at("default").error(f"the defaults are made of each other: {circle}", "default")
            if needed in specs and needed not in seen:
                seen.add(needed)
                trails.append((*trail, needed))
