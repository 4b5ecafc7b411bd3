"""What was left out of a page's text, and how a model gets to see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from operator_agent.grounding.page import Page
from operator_agent.planner.fence import legible
from operator_agent.planner.folding import Gap, Member, Run
from operator_agent.planner.ranks import Rank
from operator_agent.planner.targets import Targets, own_name
from operator_agent.planner.touched import Touched

_NAMES = 3  # of members that are not shown
_ALL_NAMES = 12  # options up to which all are named: their names are all they are
_NAME = 24
_TOLD = 6  # places told by name
_FOUND = 4  # texts asked for that are told about


class Item(NamedTuple):
    """One line to be: that of an element, or, with `gap`, that of members of a run that begin there."""

    element: int
    gap: Gap | None
    rank: Rank
    weight: float = 0.0


def gap_line(gap: Gap, page: Page) -> str:
    """`… 4,980 more rows like these (Latte, Mocha, …)`."""
    count = len(gap.members)
    most = _ALL_NAMES if gap.run.noun == "options" else _NAMES
    names = [name for member in gap.members[:most] if (name := _name(member, page))]
    more = ", …" if count > most else ""
    return f"… {count:,} more {gap.run.noun} like these" + (f" ({', '.join(names)}{more})" if names else "")


def _name(member: Member, page: Page) -> str:
    """What a row or card is known by: its first text with a letter in it, else its first."""
    first = ""
    for index in range(member[0], min(member[1], member[0] + 12)):
        text = " ".join(legible(own_name(index, page)[: 4 * _NAME]).split())
        if any(char.isalpha() for char in text):
            return text if len(text) <= _NAME else text[: _NAME - 1] + "…"
        first = first or text[:_NAME]
    return first


class Told:
    """Says what is missing."""

    def __init__(self, page: Page, runs: Sequence[Run], starts: Mapping[int, int], targets: Targets, touched: Touched) -> None:
        self._page = page
        self._runs = runs
        self._starts = starts
        self._targets = targets
        self._touched = touched

    def all(self, items: Sequence[Item], kept: Sequence[Item], shortened: int) -> tuple[str, ...]:
        expanded = {id(self._runs[number].members): start for number, start in self._starts.items()}
        lost = {item.element for item in items} - {item.element for item in kept}
        told = [*self._pages(lost), *self._gaps(kept, expanded), *self._asked({item.element for item in kept if item.gap is None})]
        if lost:
            told.append(f"{len(lost):,} of {len(items):,} lines for want of room, the least important; ask to find a text")
        if shortened:
            told.append(f"the middle of {shortened:,} long texts (…)")
        if not self._page.observation.complete:
            told.append("a part of the page that could not be read")
        return tuple(told)

    def _pages(self, lost: set[int]) -> Iterator[str]:
        """Of what was to be expanded, how far that went: up to the first member that is not there as a whole."""
        for number, start in self._starts.items():
            run = self._runs[number]
            stop = start
            while stop < len(run.members) and lost.isdisjoint(range(*run.members[stop])):
                stop += 1
            if start or stop < len(run.members):
                more = f"; to go on, expand: {self._owner(run)} from {stop}" if stop < len(run.members) else ""
                yield f"{self._owner(run)}: shown are {start + 1:,} to {stop:,} of {len(run.members):,} {run.noun}{more}"

    def _gaps(self, kept: Sequence[Item], expanded: Mapping[int, int]) -> Iterator[str]:
        missing: dict[int, tuple[Run, int]] = {}
        for item in kept:
            if item.gap is not None and id(item.gap.run.members) not in expanded:
                run = item.gap.run
                missing[id(run.members)] = (run, missing.get(id(run.members), (run, 0))[1] + len(item.gap.members))
        by_count = sorted(missing.values(), key=lambda pair: -pair[1])
        for run, count in by_count[:_TOLD]:
            owner = self._owner(run)
            yield f"{owner}: {count:,} of {len(run.members):,} {run.noun}; ask to find a text, or expand: {owner}"
        if len(by_count) > _TOLD:
            yield f"… and parts of {len(by_count) - _TOLD:,} more places"

    def _owner(self, run: Run) -> str:
        return "page" if run.owner < 0 else str(self._targets.container(run.owner))

    def _asked(self, shown: set[int]) -> Iterator[str]:
        for text, indices in list(self._touched.found.items())[:_FOUND]:
            said = f'"{legible(text[:60])}"'
            if not indices:
                yield f"nothing on the page contains {said}"
            elif hidden := sum(not self._is_shown(index, shown) for index in indices):
                yield f"{hidden:,} of {len(indices):,} elements that contain {said}"

    def _is_shown(self, index: int, shown: set[int]) -> bool:
        """Whether it has a line, or stands in one that says what it says."""
        around = (above for above in self._page.ancestors(index))
        return index in shown or any(above in shown for above, _ in zip(around, range(4), strict=False))
