"""Runs of like siblings (rows, list items, options, cards), of which a page may have thousands, and which of them to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from operator_agent.flow.observation import Element
from operator_agent.grounding.fit import CHECKS, FIELDS
from operator_agent.grounding.page import Page
from operator_agent.planner.pruning import INLINE, Pruned
from operator_agent.planner.touched import Touched

_ALIKE_BY_ROLE = frozenset({"row", "listitem", "option", "treeitem", "menuitem", "article", "link", "button", "tab"})
_FEW = 4  # a run is longer
_LONGEST_PERIOD = 8  # siblings that make up one card without a box around it
_REPEATS = 3
_FORMS = FIELDS | CHECKS
CELLS = frozenset({"cell", "gridcell", "columnheader", "rowheader"})
_WIDE = 3  # fields are what a form is for: so many times as many of them are shown
_PLAIN = 4  # roles in a part of a form; a card with a field in it has more
_KEPT = 12  # members of one run that are shown for the command's words
_NOUNS = {
    "row": "rows", "listitem": "items", "option": "options", "link": "links", "button": "buttons", "treeitem": "items",
    "article": "cards", "cell": "cells",
}  # fmt: skip

Member = tuple[int, int]
"""The elements from the first to before the second."""


class Run(NamedTuple):
    """Like siblings one after another, in the order of the page."""

    owner: int
    """The element with a line that they stand under, -1 for the page."""
    members: list[Member]
    noun: str
    wide: bool
    """Whether more of it must be shown: fields of a form, cells of a row."""


class Gap(NamedTuple):
    """Members of a run, side by side, that are not shown."""

    run: Run
    members: list[Member]


def runs(page: Page, pruned: Pruned) -> list[Run]:
    """Every run of the page; those in members of others too, outer ones first."""
    kinds = _kinds(page, pruned)
    found: list[Run] = []
    for parent, children in page.observation.children.items():
        if len(children) <= _FEW:
            continue
        shown = [child for child in children if kinds[child]]
        if len(shown) > _FEW:
            found += _runs_of(parent, shown, kinds, page, pruned)
    return found


def _runs_of(parent: int, shown: list[int], kinds: list[int], page: Page, pruned: Pruned) -> Iterable[Run]:
    at = 0
    while at < len(shown) - _FEW:
        period, stop = _repeat(shown, kinds, at)
        if not period:
            at += 1
            continue
        members = [(shown[i], page.ends[shown[i + period - 1]]) for i in range(at, stop, period)]
        if len(members) > _FEW:
            first = page.elements[shown[at]]
            roles = {page.elements[i].role for i in range(*members[0])}
            wide = first.role in CELLS or (bool(roles & _FORMS) and len(roles) <= _PLAIN)
            yield Run(pruned.holders[shown[at]], members, _noun(first, period), wide)
        at = stop


def _repeat(shown: list[int], kinds: list[int], at: int) -> tuple[int, int]:
    """The shortest period in which the kinds repeat from `at` on, and where that ends; 0 when they do not."""
    for period in range(1, _LONGEST_PERIOD + 1):
        stop = at + period
        while stop < len(shown) and kinds[shown[stop]] == kinds[shown[stop - period]]:
            stop += 1
        repeats = (stop - at) // period
        if repeats >= (_REPEATS if period > 1 else _FEW):
            return period, at + repeats * period
    return 0, at + 1


def _kinds(page: Page, pruned: Pruned) -> list[int]:
    """Of each element what it is like: its role, for boxes the roles in them; 0 when nothing of it is shown."""
    elements, says = page.elements, pruned.says
    numbers: dict[str, int] = {}
    bits = [0] * len(elements)
    for index in range(len(elements) - 1, -1, -1):
        role = elements[index].role
        if says[index] and role not in numbers:
            numbers[role] = len(numbers)
        if says[index]:
            bits[index] |= 1 << numbers[role]
        if (parent := elements[index].parent) >= 0:
            bits[parent] |= bits[index]
    texts = sum(1 << numbers[role] for role in INLINE | {"generic"} if role in numbers)
    rows = {role: 1 << (len(numbers) + at) for at, role in enumerate(sorted(_ALIKE_BY_ROLE))}
    return [
        0 if not own else rows[element.role] if element.role in _ALIKE_BY_ROLE else (own & ~texts) or own
        for own, element in zip(bits, elements, strict=True)
    ]


def _noun(first: Element, period: int) -> str:
    return "parts" if period > 1 else _NOUNS.get(first.role, "parts")


def fold(run: Run, first: int, touched: Touched, start: int | None, special: Sequence[int]) -> list[Gap]:
    """What of a run is not shown.

    Shown are the first few, what holds a text that was asked for, what the command's words touch with a neighbour each, and what is
    `special` (elements, in order). Of a run that was to be expanded, everything from the place `start` on.
    """
    size = len(run.members)
    first *= _WIDE if run.wide else 1
    if start is not None:
        kept = set(range(min(start, size), size))
    elif size <= first + 2:
        return []
    else:
        kept = set(range(first)) | _touched(run, touched) | _special(run, special)
    kept |= {place for place, member in enumerate(run.members) if touched.asked and touched.holds_asked(*member)}
    return _gaps(run, kept)


def _touched(run: Run, touched: Touched) -> set[int]:
    weights = [(touched.weight(*member), -place) for place, member in enumerate(run.members)] if touched.terms else []
    top = sorted((pair for pair in weights if pair[0] > 0), reverse=True)[:_KEPT]
    clear = [-place for weight, place in top if weight >= top[0][0] * 0.6]
    if len(clear) == _KEPT and len({weight for weight, _ in top}) == 1 and len(run.members) > 10 * _KEPT:
        clear = clear[: _KEPT // 3]  # they all say the same, so none of them is the one that is meant
    return {near for place in clear for near in (place, place + 1) if near < len(run.members)}


def _special(run: Run, special: Sequence[int]) -> set[int]:
    if not special:
        return set()
    kept: set[int] = set()
    rest = iter(run.members)
    member = next(rest, None)
    place = 0
    for index in special:
        while member is not None and member[1] <= index:
            member, place = next(rest, None), place + 1
        if member is not None and member[0] <= index:
            kept.add(place)
    return kept


def _gaps(run: Run, kept: set[int]) -> list[Gap]:
    gaps: list[Gap] = []
    for place, member in enumerate(run.members):
        if place in kept:
            continue
        if gaps and place - 1 not in kept:
            gaps[-1].members.append(member)
        else:
            gaps.append(Gap(run, [member]))
    return gaps
