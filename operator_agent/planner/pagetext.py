"""What a model is shown of a page: all of a small one, of a large one what matters, within a budget whatever the page.

What has no line of its own has vanished (`pruning`), long runs of like things are folded (`folding`), and when that is not enough
lines go by rank (`ranks`). The idea of offering to expand what was folded is that of outlines in editors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from operator_agent.errors import UsageError
from operator_agent.flow.observation import Observation
from operator_agent.flow.target import Target
from operator_agent.grounding.page import Page
from operator_agent.matching import containers
from operator_agent.planner.estimate import estimate, weigh
from operator_agent.planner.fence import fenced, legible, new_mark
from operator_agent.planner.folding import Gap, Member, Run, fold, runs
from operator_agent.planner.lines import Lines, origin
from operator_agent.planner.omitted import Item, Told, gap_line
from operator_agent.planner.pruning import Pruned
from operator_agent.planner.ranks import Rank, is_news, ranks
from operator_agent.planner.targets import Targets
from operator_agent.planner.touched import Touched

__all__ = ["PageText", "estimate", "fenced", "new_mark", "page_text"]

_FIRST = (20, 8, 3)
"""How many members of a run are shown: the most that the budget allows."""
_INDENT = 12  # levels; deeper ones are not told apart
_PATH = 8  # containers around a line that are shown for its sake
_ROOM = 0.75  # of the budget, for what was asked for: the rest of the page must stay in sight
_CHEAPEST = 4.0  # tokens of a short line
_MISSES = 40  # lines that no longer fit, before no more are tried
_LINE_END = 3.0  # tokens of a line's end and indent
_UNIT = 60  # elements of a row or card; more than that is no card
_NAMED = 120  # characters of what was asked for that are repeated
_CUTS = 4
_FROM = re.compile(r"\s+from\s+(\d+)\s*$")


@dataclass(frozen=True, slots=True)
class PageText:
    text: str
    """The page in the notation of scripts, one element a line, indented by depth. What stands before `: ` (a value) and `  # `
    (notes) is a target that can be copied."""
    tokens: int
    """What `text` costs, rather too many than too few."""
    cut: tuple[str, ...]
    """What was left out, in words a model understands, and how to see it; at most some twenty."""


def page_text(
    seen: Observation, words: str, *, budget: int = 8000, find: Sequence[str] = (), expand: Sequence[str] = ()
) -> PageText:
    """`seen` within `budget` tokens, with what the `words` of the command touch.

    Elements that contain a text of `find` are kept with the row or card they stand in; containers of `expand` (`list "Results"`,
    `table from 200`, `page`) are shown from there on for as long as there is room.
    """
    return _Text(seen, words, find, expand).within(max(0, budget))


class _Text:
    """One page on its way to a text."""

    def __init__(self, seen: Observation, words: str, find: Sequence[str], expand: Sequence[str]) -> None:
        self._page = Page(seen)
        self._touched = Touched(self._page, words, find)
        self._pruned = Pruned(self._page)
        self._targets = Targets(self._page)
        self._lines = Lines(self._page, self._targets, self._touched, self._pruned.joined, origin(seen.url))
        self._runs = runs(self._page, self._pruned)
        self._starts: dict[int, int] = {}
        """Number of a run that was to be expanded → from which place on."""
        self._unknown: list[str] = []
        """What of `expand` is not there."""
        self._ranks = ranks(self._page)
        self._weights: dict[int, float] = {}
        self._raise_touched()
        for text in expand[:_CUTS]:
            self._expand(text)

    def within(self, budget: int) -> PageText:
        special = [i for i in self._pruned.shown if is_news(self._page.elements[i])]
        items: list[Item] = []
        for first in _FIRST:
            items = self._items(first, special)
            if len(items) * _CHEAPEST <= budget and self._fits(items, budget):
                return self._told(items, items)
        return self._told(items, self._best(items, budget), budget)

    def _raise_touched(self) -> None:
        """What is asked for and what is touched goes up, with the row or card around it."""
        units = _units(self._runs, len(self._page.elements))
        for indices, rank in ((self._touched.rare, Rank.TOUCHED), (self._touched.asked, Rank.ASKED)):
            for index in indices:
                start, stop = units[index] or (index, self._page.ends[index])
                self._raise(start if stop - start <= _UNIT else index, min(stop, index + _UNIT), rank)

    def _raise(self, start: int, stop: int, rank: Rank) -> None:
        weight = self._touched.weight(start, stop) if rank == Rank.TOUCHED else 0.0
        for index in range(start, stop):
            self._ranks[index] = min(self._ranks[index], rank)
            self._weights[index] = max(weight, self._weights.get(index, 0.0))

    def _expand(self, text: str) -> None:
        found = _FROM.search(text)
        start = int(found[1]) if found else 0
        name = text[: found.start()].strip() if found else text.strip()
        index = -1
        if name != "page":
            try:
                places = containers(Target.parse(name), self._page.observation)
            except UsageError:
                places = []
            if not places:
                self._unknown.append(f"there is no {legible(name)[:_NAMED]} to expand")
                return
            index = places[0]
            self._raise(index, self._page.ends[index], Rank.EXPANDED)
        inside = [n for n, run in enumerate(self._runs) if run.owner == index]
        inside = inside or [n for n, run in enumerate(self._runs) if index >= 0 and self._page.holds(index, run.members[0][0])]
        if inside:
            largest = max(inside, key=lambda n: len(self._runs[n].members))
            self._starts[largest] = start
            self._raise(self._runs[largest].members[0][0], self._runs[largest].members[-1][1], Rank.EXPANDED)

    def _items(self, first: int, special: Sequence[int]) -> list[Item]:
        """All lines when so many of every run are shown."""
        hidden = bytearray(len(self._page.elements))
        gaps: list[Gap] = []
        for number, run in enumerate(self._runs):
            if hidden[run.members[0][0]]:
                continue
            for gap in fold(run, first, self._touched, self._starts.get(number), special):
                gaps.append(gap)
                start, stop = gap.members[0][0], gap.members[-1][1]
                hidden[start:stop] = b"\1" * (stop - start)
        items = [Item(i, None, self._ranks[i], self._weights.get(i, 0.0)) for i in self._pruned.shown if not hidden[i]]
        return sorted(items + [Item(gap.members[0][0], gap, Rank.HEADING) for gap in gaps])

    def _fits(self, items: Sequence[Item], budget: int) -> bool:
        used = 0.0
        for item in items:
            used += weigh(self._line(item))
            if used > budget:
                return False
        return weigh("\n".join(self._printed(items))) <= budget

    def _line(self, item: Item) -> str:
        return self._lines.of(item.element).text if item.gap is None else gap_line(item.gap, self._page)

    def _holder(self, item: Item) -> int:
        return self._pruned.holders[item.element] if item.gap is None else item.gap.run.owner

    def _printed(self, items: Sequence[Item]) -> list[str]:
        levels = {-1: -1}
        lines = []
        for item in items:
            holder = self._holder(item)
            while holder not in levels:
                holder = self._pruned.holders[holder]
            level = levels[holder] + 1
            if item.gap is None:
                levels[item.element] = level
            lines.append("  " * min(level, _INDENT) + self._line(item))
        return lines

    def _best(self, items: Sequence[Item], budget: int) -> list[Item]:
        """As many lines as there is room for, by rank, each with the containers around it."""
        order = sorted(items, key=lambda item: (item.rank, -item.weight, item.element))
        own = {item.element: item for item in items if item.gap is None}
        kept: dict[int, Item] = {}
        used, put_off = self._take(order, own, kept, budget, 0.0)
        self._take(put_off, own, kept, budget, used)
        return [kept[index] for index in sorted(kept)]

    def _take(
        self, order: Sequence[Item], own: Mapping[int, Item], kept: dict[int, Item], budget: int, used: float
    ) -> tuple[float, list[Item]]:
        """Takes lines into `kept` while they fit; what is used then, and which of the expanded were put off for others."""
        put_off: list[Item] = []
        misses, first = 0, used == 0
        for item in order:
            if item.element in kept:
                continue
            expanded = item.rank == Rank.EXPANDED
            if expanded and put_off:
                put_off.append(item)
                continue
            added = [item, *self._around(item, own, kept)]
            cost = sum(weigh(self._line(one)) + _LINE_END for one in added)
            if used + cost <= (budget * _ROOM if expanded and first else budget):
                kept.update((one.element, one) for one in added)
                used += cost
                continue
            if expanded:
                put_off.append(item)
                continue
            misses += 1
            if misses > _MISSES or used + _CHEAPEST > budget:
                break
        return used, put_off

    def _around(self, item: Item, own: Mapping[int, Item], kept: Mapping[int, Item]) -> list[Item]:
        around: list[Item] = []
        holder = self._holder(item)
        while holder >= 0 and len(around) < _PATH:
            above = own.get(holder)
            if holder in kept:
                break
            if above is not None:
                around.append(above)
            holder = self._pruned.holders[holder]
        return around

    def _told(self, items: Sequence[Item], kept: Sequence[Item], budget: int | None = None) -> PageText:
        text = "\n".join(self._printed(kept))
        while budget is not None and weigh(text) > budget:
            kept = kept[: len(kept) * 9 // 10]
            text = "\n".join(self._printed(kept))
        told = Told(self._page, self._runs, self._starts, self._targets, self._touched)
        cut = told.all(items, kept, sum(self._lines.of(item.element).shortened for item in kept if item.gap is None))
        return PageText(text, estimate(text), (*cut, *self._unknown[:_CUTS]))


def _units(found: Iterable[Run], size: int) -> list[Member | None]:
    """Of each element the innermost row, item or card it is part of."""
    units: list[Member | None] = [None] * size
    for run in found:
        if run.noun != "cells":
            for start, stop in run.members:
                units[start:stop] = [(start, stop)] * (stop - start)
    return units
