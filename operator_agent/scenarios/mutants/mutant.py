"""The nouns of mutation: what is broken, what was seen on the way, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from operator_agent.flow.base import Frozen

Kind = Literal[
    "dead control", "wrong neighbour", "lying page", "hidden error", "dropped request", "swapped value", "doubled write",
    "stale page", "no answer", "late answer",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
TOLERATED: Kind = "late answer"
"""Nothing is wrong in it: a scenario must pass all the same. It counts in no score."""
Ending = Literal["caught", "survived", "equivalent", "not reached", "tolerated", "not tolerated", "undecided"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a request."""

    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value.decode("latin-1") for key, value in self.headers if key.decode("latin-1").lower() == name), "")


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something, as it left the page or as it came to the server."""

    method: str
    path: str
    """Without the query."""
    origin: str
    kind: str
    """Its content type."""
    body: bytes
    nth: int = 0
    """How many of the same method and path were before it."""
    answer: Answer | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}" + (f" (no. {self.nth + 1})" if self.nth else "")


@dataclass(frozen=True, slots=True)
class Click:
    """A control that was clicked. `key` is its place in its document."""

    event: str
    page: str
    key: str
    name: str
    neighbour: str = ""
    """The name of the next control like it; "" when there is none."""
    is_field: bool = False


@dataclass(slots=True)
class Traffic:
    """What one run of a scenario did, as seen from outside it."""

    writes: list[Write] = field(default_factory=list)
    """As the pages sent them, with what was answered."""
    delivered: list[Write] = field(default_factory=list)
    """As they came to a server."""
    reads: list[tuple[str, int]] = field(default_factory=list)
    """Method-less addresses that were asked for, and after how many writes."""
    origins: list[str] = field(default_factory=list)
    """In order of appearance: fixtures have another port in each run."""
    clicks: list[Click] = field(default_factory=list)
    options: list[list[str]] = field(default_factory=list)
    """What can be chosen instead of what: the options of each select, list and group of radio buttons."""
    shown: tuple[str, ...] = ()
    """The text of all frames at the end."""
    files: tuple[tuple[str, str], ...] = ()
    """What was downloaded: names and digests."""
    stored: tuple[tuple[str, object], ...] = ()
    """What the fixtures kept, where it can be read."""
    fired: int = 0


class Mutant(Frozen):
    """One thing that is broken, everywhere where it happens in a run."""

    kind: Kind
    where: str
    """`POST /store/select`, or the name of the control and its page."""
    what: str
    method: str = ""
    path: str = ""
    nth: int = 0
    page: str = ""
    key: str = ""
    event: str = ""
    changes: Mapping[str, Any] = {}
    """Field → the value the server gets instead."""

    def hits(self, method: str, path: str) -> bool:
        return (method, path) == (self.method, self.path)


class Fate(Frozen):
    """What became of a mutant."""

    mutant: Mutant
    ending: Ending
    reason: str
    """What the scenario said."""
    seconds: float = 0.0
    report: str = ""
    """Of the run, when the mutant survived."""


class Examined(Frozen):
    """A scenario and its mutants."""

    scenario: str
    source: str
    tags: tuple[str, ...] = ()
    unsound: str = ""
    """Why nothing could be broken: it did not pass as it is."""
    fates: tuple[Fate, ...] = ()
    possible: int = 0
    """How many mutants there would have been."""

    def count(self, *endings: Ending) -> int:
        return sum(fate.ending in endings for fate in self.fates)

    @property
    def is_journey(self) -> bool:
        return "journey" in self.tags
