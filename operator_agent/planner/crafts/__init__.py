"""Crafts: requests that are more than one act on one element, understood on any page by what it shows.

"Tick all but Bob", "drag the small circle left", "book the cheapest flight to Oslo", "guess the number": each craft knows one kind
of request. It is asked with the words that are still to be done and the page that is open, and answers with steps for this page; a
request that takes several looks (paging until a row is found, guessing a number) says so, and is asked again with the page that
its steps left. A craft reads roles, names, text and looks, never the markup of one site, and acts only as far as the words say.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page


class Asked(NamedTuple):
    """`words` are what is still to be done of an instruction, from a clause's beginning to the instruction's end."""

    words: str
    page: Page
    memory: dict[str, Any]
    """Kept for this craft while one step in words is worked on: what was tried, what came back. Empty at first."""
    kept: dict[str, Any]
    """Kept for all crafts while one instruction is worked on: `that` is the value found last, for "type that into Name"."""


class Proposal(NamedTuple):
    score: float
    """How sure it is, 0 to 100; the grammar's own reading is as sure as its least sure target. The highest is done, a craft's at
    equal scores."""
    steps: tuple[Step, ...]
    """Empty when nothing (more) is to be done for the words up to `end`."""
    end: int
    """How much of `Asked.words` these steps do, in characters; what is left is read anew, on the page as it is then."""
    again: bool = False
    """The words up to `end` are not done yet: they are asked again, with the page that the steps leave."""
    refusal: Refusal | None = None
    """Why it cannot be done, when that is so sure (`score`) that a less sure reading of the words must not be done either."""


class Craft(Protocol):
    """One that must see shapes and colours has an attribute `sees`, True: `Observation.looks` is there when it is asked. One whose
    requests may take several clauses, and that hears only words that begin with one, has `spans`, True. One that does all of the
    words or nothing has `whole`, True: it may be asked for words that nobody else understands; with `eager`, True, for any."""

    name: str

    def hears(self, words: str) -> bool:
        """Whether this may be for it at all, told by the words alone, fast; it still may decline when it sees the page."""
        ...

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        """Steps for this page; a refusal when it understands and cannot (it says why); None when it is not for it."""
        ...


def crafts() -> tuple[Craft, ...]:
    """All of them, the more particular first."""
    from operator_agent.planner.crafts.apps import apps
    from operator_agent.planner.crafts.basics import basics
    from operator_agent.planner.crafts.lists import lists
    from operator_agent.planner.crafts.records import records
    from operator_agent.planner.crafts.visual import visual
    from operator_agent.planner.crafts.wholes import wholes

    return (*basics(), *lists(), *records(), *apps(), *visual(), *wholes())
