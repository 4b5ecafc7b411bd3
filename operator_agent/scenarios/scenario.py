"""A scenario: what is asked, what is started for it, steps known to work, and the proof that it was carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.check import Check
from operator_agent.flow.classes import Risk
from operator_agent.flow.grant import Limits
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Outcome
from operator_agent.scenarios.entries import Entry
from operator_agent.script.expand import Expander
from operator_agent.script.inputs import Specs, resolve
from operator_agent.script.placeholder import put_values
from operator_agent.script.source import Where

START_SECONDS = 30.0
"""How long an app may take to print its first line, unless the scenario says otherwise."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """Something that is started before a scenario and ended after it. `kind` is `app`, `serve`, `sqlite` or `login`."""

    name: str
    kind: str
    what: str
    """The app's name, or the folder or file."""
    args: tuple[str, ...] = ()
    """Further arguments of an app."""
    seconds: float = START_SECONDS
    where: Where = field(default_factory=Where, compare=False)

    @property
    def folder(self) -> Path:
        """What paths are relative to: where the file is in which it is written."""
        return Path(self.where.file).parent


@dataclass(frozen=True, slots=True)
class Scenario:
    """As read from a file, one for each row of its table. Texts may still hold `{…}`: fixtures give values only when they run."""

    name: str
    source: Path
    id: str
    """The file's stem, and what tells its row from the others: `order[large-latte]`. The same in every run."""
    tags: tuple[str, ...] = ()
    row: Mapping[str, Any] = field(default_factory=dict)
    fixtures: tuple[Fixture, ...] = ()
    start: str = ""
    allow: tuple[str, ...] = ()
    command: str = ""
    inputs: Specs = field(default_factory=dict)
    approve: tuple[Risk, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Handle → the address of the origin its value may be filled on."""
    solution: tuple[Any, ...] = ()
    """Steps as YAML data, as in a skill."""
    done: tuple[Any, ...] = ()
    proof: tuple[Entry, ...] = ()
    outcome: Outcome = "passed"
    limits: Limits = field(default_factory=Limits)
    skills: tuple[Path, ...] = ()
    places: Mapping[str, Where] = field(default_factory=dict, compare=False)
    """Where each key stands: in the file itself or in one it includes."""

    @property
    def where(self) -> str:
        """`file:line`, for messages."""
        return str(self.at("scenario"))

    def at(self, key: str) -> Where:
        return self.places.get(key, Where(str(self.source)))

    def values(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What `{…}` stands for: `given` by fixtures, the row, the inputs. Raises UsageError for an input that has no value."""
        inputs = {name: value for name, value in self.row.items() if name in self.inputs}
        return {**(given or {}), **self.row, **resolve(self.inputs, inputs)}

    def plan(self, given: Mapping[str, Any] | None = None) -> Plan:
        """The solution as a plan with `done` as its end, for what the fixtures gave. Raises ScriptError with the line."""
        values = self.values(given)
        steps, done = self.expanded(Expander(self.inputs, values))
        own = resolve(self.inputs, {name: value for name, value in self.row.items() if name in self.inputs})
        return Plan(
            goal=self.name, start=self.filled(self.start, values), steps=steps, done=done,
            inputs={**self.row, **own}, allow=self.allowed(values), origin=self.where,
        )  # fmt: skip

    def checks(self, given: Mapping[str, Any] | None = None) -> tuple[Check, ...]:
        """`done` alone: it may still name values that the solution reads."""
        return self.expanded(Expander(self.inputs, self.values(given)))[1]

    def allowed(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(self.filled(origin, values) for origin in self.allow)

    def filled(self, text: str, values: Mapping[str, Any]) -> str:
        """`text` with every `{…}` put in. Raises ScriptError for one that nothing gives."""
        try:
            return put_values(text, values)
        except UsageError as error:
            raise ScriptError(str(error), where=self.where) from None

    def expanded(self, expander: Expander) -> tuple[tuple[Step, ...], tuple[Check, ...]]:
        """Steps and `done`, with the values the expander has."""
        steps = tuple(expander.steps(self.solution, self.at("solution")))
        return steps, tuple(expander.checks(self.done, self.at("done")))
