"""Scenario files: one file, a scenario for each row of its table. Steps, checks and inputs are read as in every script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.classes import RISKS
from operator_agent.flow.grant import Limits
from operator_agent.flow.record import EXIT_CODES
from operator_agent.scenarios.entries import as_seconds, parse_proof
from operator_agent.scenarios.scenario import START_SECONDS, Fixture, Scenario
from operator_agent.script.expand import Expander
from operator_agent.script.file import SCENARIO_KEYS, as_origins, as_start, as_steps, one_or_list, together
from operator_agent.script.inputs import parse_inputs
from operator_agent.script.placeholder import NAME, names, put_values, show
from operator_agent.script.source import (
    Where,
    as_list,
    as_mapping,
    as_number,
    as_text,
    as_texts,
    nearest,
    only_keys,
    read_text,
    read_yaml,
    shown,
)

OUTCOMES = tuple(name for name in EXIT_CODES if name != "usage")
FIXTURES: dict[str, tuple[str, ...]] = {"app": ("args", "seconds"), "serve": (), "sqlite": (), "login": ()}
"""Kinds of fixtures, and what may stand beside each."""
RESERVED = ("secret", "index", "item", "downloads", "here")
_MERGED = ("fixtures", "tags")
_PART = tuple(key for key in SCENARIO_KEYS if key not in ("scenario", "rows"))
_T = TypeVar("_T")


def load_scenarios(path: Path) -> list[Scenario]:
    """The scenarios of a file, one for each of its rows, checked as far as it can be without running them.

    Raises ScriptError with file, line and key; several errors are told in one, a line each.
    """
    return _Reader(_written(path)).scenarios()


@dataclass(slots=True)
class _Written:
    """A file's keys with those it includes, each with its place."""

    path: Path
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    """By key; of fixtures by `fixtures.NAME`."""

    def put(self, key: str, value: Any, at: Where) -> None:
        """Takes a key that was not said nearer; fixtures and tags come together, the included first."""
        if key == "fixtures":
            for name, fixture in as_mapping(value, at).items():
                self.data.setdefault(key, {})[name] = fixture
                self.places[f"fixtures.{name}"] = at.at(name)
        elif key == "tags":
            self.data[key] = (*self.data.get(key, ()), *as_texts(value, at))
        else:
            self.data[key] = value
        self.places[key] = at


def _written(path: Path, via: tuple[Path, ...] = ()) -> _Written:
    data, at = read_yaml(read_text(path), str(path))
    if not isinstance(data, Mapping):
        told = "the file is empty" if data is None else f"expected keys as `scenario:` at the top, not {shown(data)}"
        raise ScriptError(told, where=f"{path}:1")
    own = as_mapping(data, at)
    only_keys(own, _PART if via else SCENARIO_KEYS, at, "a part of a scenario" if via else "a scenario")
    found = _Written(path)
    below = at.at("include")
    for number, name in enumerate(as_texts(own.get("include", []), below)):
        part = _part(path.parent / name, (*via, path), below.at(number) if isinstance(own["include"], list) else below)
        for key, value in part.data.items():
            if key in _MERGED or key not in own:
                for place in (key, *(one for one in part.places if one.startswith(f"{key}."))):
                    found.places[place] = part.places[place]
                found.data[key] = _joined(found.data.get(key), value) if key in _MERGED else value
    for key, value in own.items():
        if key != "include":
            found.put(key, value, at.at(key))
    return found


def _joined(one: Any, other: Any) -> Any:
    if one is None:
        return other
    return {**one, **other} if isinstance(one, dict) else (*one, *other)


def _part(path: Path, via: tuple[Path, ...], at: Where) -> _Written:
    """An included file. Raises ScriptError where it is named, for a circle and for a file that is not there."""
    if path.resolve() in [one.resolve() for one in via]:
        circle = " → ".join(one.name for one in (*via, path))
        raise at.error(f"the files include each other: {circle}", "include")
    if not path.is_file():
        raise at.error(f"there is no file {path} to include", "include")
    return _written(path, via)


class _Reader:
    """One file's scenarios. Errors are collected and told together."""

    def __init__(self, written: _Written) -> None:
        self.written, self.data, self.places = written, written.data, written.places
        self.problems: list[ScriptError] = []
        self.top = Where(str(written.path))

    def scenarios(self) -> list[Scenario]:
        read = self._fields()
        rows = self._read("rows", _rows) or [{}]
        names = _row_ids(rows)
        made = [self._row(read, row, name, number) for number, (row, name) in enumerate(zip(rows, names, strict=True))]
        if self.problems:
            raise together(self.problems)
        for scenario in made:
            self.problems += problems(scenario)
        if self.problems:
            raise together(self.problems)
        return made

    def _fields(self) -> dict[str, Any]:
        for needed in ("scenario", "start"):
            if needed not in self.data:
                self.problems.append(ScriptError(f"the file has no `{needed}:`", where=f"{self.written.path}:1", key=needed))
        read = self._read
        return {
            "name": read("scenario", _name) or "unnamed", "tags": tuple(dict.fromkeys(read("tags", as_texts) or ())),
            "fixtures": tuple(self._fixtures()), "start": read("start", as_start) or "", "allow": read("allow", as_origins) or (),
            "command": read("command", as_text) or "", "inputs": read("inputs", parse_inputs) or {},
            "approve": read("approve", _risks) or (), "answers": read("answers", _texts_by_name) or {},
            "secrets": read("secrets", _texts_by_name) or {}, "solution": tuple(read("solution", as_steps) or ()),
            "done": tuple(read("done", one_or_list) or ()), "proof": read("proof", parse_proof) or (),
            "outcome": read("outcome", _outcome) or "passed", "limits": read("limits", _limits) or Limits(),
            "skills": read("skills", _skills) or (),
        }  # fmt: skip

    def _row(self, fields: Mapping[str, Any], row: Mapping[str, Any], name: str, number: int) -> Scenario:
        stem = self.written.path.name.partition(".")[0]
        said: str = fields["name"]
        if row:
            try:
                said = put_values(said, row) if any(names(said)) else f"{said} ({name})"
            except UsageError as error:
                self.problems.append(self.places["scenario"].error(f"the name takes values of the row alone: {error}"))
        places = {key: at for key, at in self.places.items() if "." not in key}
        if row:
            places["row"] = self.places["rows"].at(number)
        return Scenario(
            **{**fields, "name": said}, source=self.written.path, id=f"{stem}[{name}]" if name else stem, row=row, places=places
        )

    def _read(self, key: str, reader: Callable[[Any, Where], _T]) -> _T | None:
        try:
            return reader(self.data[key], self.places[key]) if key in self.data else None
        except ScriptError as error:
            self.problems.append(error)
            return None

    def _fixtures(self) -> Iterator[Fixture]:
        for name, node in self.data.get("fixtures", {}).items():
            try:
                yield _fixture(name, node, self.places[f"fixtures.{name}"])
            except ScriptError as error:
                self.problems.append(error)


def _fixture(name: str, node: Any, at: Where) -> Fixture:
    if not NAME.match(name):
        raise at.error(f"{name!r} is no name for a fixture; a name is one word of letters, digits, `_` and `-`")
    if name in RESERVED:
        raise at.error(f"{name!r} has a meaning of its own in a scenario; take another name for the fixture")
    keys = as_mapping(node, at)
    kinds = [key for key in keys if key in FIXTURES]
    if len(kinds) != 1:
        unknown = next((f"{nearest(key, FIXTURES)}" for key in keys if key not in FIXTURES), "")
        told = f"a fixture has exactly one of {', '.join(FIXTURES)}; this has {', '.join(kinds) or 'none of them'}{unknown}"
        raise at.error(told, name)
    kind = kinds[0]
    only_keys(keys, (kind, *FIXTURES[kind]), at, f"a fixture by {kind}")
    what = as_text(keys[kind], at.at(kind))
    if not what.strip():
        raise at.at(kind).error(f"{kind!r} is empty")
    seconds = as_seconds(keys["seconds"], at.at("seconds")) if "seconds" in keys else START_SECONDS
    args = as_texts(keys.get("args", []), at.at("args"))
    return Fixture(name, kind, what, args, seconds, at)


def _rows(node: Any, at: Where) -> list[dict[str, Any]]:
    rows = [as_mapping(row, at.at(number)) for number, row in enumerate(as_list(node, at))]
    if not rows:
        raise at.error("the table is empty; give it a row, or leave it out")
    for number, row in enumerate(rows):
        for key, value in row.items():
            below = at.at(number).at(key)
            if not NAME.match(key) or key in RESERVED:
                raise below.error(f"{key!r} is no name for a column; a name is one word of letters, digits, `_` and `-`")
            if value is None:
                raise below.error('a cell is a text, a number, a flag or a list; write "" for empty text')
        if missing := sorted(rows[0].keys() ^ row.keys()):
            raise at.at(number).error(f"every row has the same columns; {missing[0]!r} is not in all of them", missing[0])
    return rows


def _row_ids(rows: list[dict[str, Any]]) -> list[str]:
    """What tells each row from the others: its texts, as far as they are short; its number where they do not tell."""
    if len(rows) == 1 and not rows[0]:
        return [""]
    told = [re.sub(r"[^\w.+-]+", "-", "-".join(_cell(value) for value in row.values())).strip("-")[:60] for row in rows]
    return [name if name and told.count(name) == 1 else f"{number}-{name}".strip("-") for number, name in enumerate(told, start=1)]


def _cell(value: Any) -> str:
    """A cell as it tells a row from others; groups of inputs do not."""
    groups = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))
    return "" if groups else show(value)


def _name(node: Any, at: Where) -> str:
    name = as_text(node, at)
    if not name.strip():
        raise at.error("the name is empty")
    return name


def _risks(node: Any, at: Where) -> tuple[str, ...]:
    risks = as_texts(node, at)
    for risk in risks:
        if risk not in RISKS:
            raise at.error(f"there is no risk class {risk!r}{nearest(risk, RISKS)}; known are {', '.join(RISKS)}")
    return risks


def _outcome(node: Any, at: Where) -> str:
    if node not in OUTCOMES:
        raise at.error(f"there is no outcome {shown(node)}{nearest(str(node), OUTCOMES)}; outcomes are {', '.join(OUTCOMES)}")
    return str(node)


def _texts_by_name(node: Any, at: Where) -> dict[str, str]:
    return {name: as_text(value, at.at(name)) for name, value in as_mapping(node, at).items()}


def _limits(node: Any, at: Where) -> Limits:
    given = as_mapping(node, at)
    only_keys(given, Limits.model_fields, at, "`limits`")
    numbers = {name: as_number(value, at.at(name)) for name, value in given.items()}
    for name, number in numbers.items():
        if number < 0 or (number == 0 and name not in ("calls", "tokens", "cost")):
            raise at.at(name).error(f"the limit {name} must be above 0, not {number:g}")
    return Limits.model_validate(numbers)


def _skills(node: Any, at: Where) -> tuple[Path, ...]:
    found = tuple(Path(at.file).parent / name for name in as_texts(node, at))
    for path in found:
        if not path.exists():
            raise at.error(f"there is no skill file {path}")
    return found


def problems(scenario: Scenario) -> Iterator[ScriptError]:
    """What is wrong with a scenario's steps, checks and texts, found with values that could be given."""
    try:
        sampled = scenario.values(sample(scenario))
    except UsageError as error:
        yield scenario.at("row" if scenario.row else "inputs").error(str(error))
        return
    found: list[ScriptError] = []
    expander = Expander(scenario.inputs, sampled, problems=found, everything=True)
    scenario.expanded(expander)
    yield from found
    earlier = {name: value for name, value in sampled.items() if name.partition(".")[0] not in _fixture_names(scenario)}
    for fixture in scenario.fixtures:
        yield from _unknown((fixture.what, fixture.args), earlier, fixture.where)
        earlier |= {name: value for name, value in sampled.items() if name.partition(".")[0] == fixture.name}
    for key in ("start", "allow", "command", "answers", "secrets"):
        yield from _unknown(getattr(scenario, key), sampled, scenario.at(key))
    after = sampled | dict.fromkeys(expander.known, "")
    for entry in scenario.proof:
        yield from _unknown([getattr(entry, one.name) for one in fields(entry)], after, entry.where)


def sample(scenario: Scenario) -> dict[str, Any]:
    """Values as the fixtures could give them."""
    kinds = {fixture.name: fixture.kind for fixture in scenario.fixtures}
    given = {name: "http://127.0.0.1:1/" if kind in ("app", "serve") else f"/{name}" for name, kind in kinds.items()}
    given |= {f"{name}.other": "http://localhost:1/" for name, kind in kinds.items() if kind == "serve"}
    # What an app gives besides its address, only the app knows.
    given |= {
        name: "text" for text in _texts(_everything(scenario)) for name in names(text)
        if "." in name and kinds.get(name.partition(".")[0]) == "app"
    }  # fmt: skip
    return {**given, "downloads": "/downloads", "here": "/here"}


def _fixture_names(scenario: Scenario) -> set[str]:
    return {fixture.name for fixture in scenario.fixtures}


def _everything(scenario: Scenario) -> Iterator[Any]:
    for one in fields(scenario):
        if one.name not in ("places", "inputs", "proof", "fixtures"):
            yield getattr(scenario, one.name)
    for part in (*scenario.proof, *scenario.fixtures):
        yield from (getattr(part, one.name) for one in fields(part))


def _unknown(node: Any, values: Mapping[str, Any], at: Where) -> Iterator[ScriptError]:
    for text in _texts(node):
        for name in names(text):
            if name not in values:
                hint = f"{nearest(name, values)}; a fixture, a column of the row or an input would"
                yield at.error(f"nothing gives {{{name}}}{hint}; for the text itself write {{{{{name}}}}}", name)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from (str(key), *_texts(value))
    elif isinstance(node, (list, tuple)) or hasattr(node, "__next__"):
        for one in node:
            yield from _texts(one)
