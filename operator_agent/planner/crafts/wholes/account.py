"""Every word of an instruction accounted for by the page: which value goes where, and which words only lead there.

A value is given to a control for reasons: its label stands before it ("row F", "arrival: 3 May"), or behind ("3 guests", "Mina as
the name"); it is one of the control's options; it is of the only kind the control takes. The strongest reasons are used first, and
one control takes one value. What nothing accounts for is left, and whoever asks decides not to act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from operator_agent.grounding.page import Page
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import Control, context, controls, small
from operator_agent.planner.crafts.wholes.linking import TOLD, Link, Links
from operator_agent.planner.crafts.wholes.pieces import Piece, number_of, stem
from operator_agent.planner.crafts.wholes.saying import idle, is_act, said_at


class Account(NamedTuple):
    """`links` are what is to be filled in; `explained` the pieces that need nothing more."""

    links: tuple[Link, ...]
    explained: frozenset[int]


def account(
    span: Sequence[Piece], done: frozenset[int], taken: frozenset[str], page: Page, habits: Mapping[str, str] | None = None
) -> Account:
    """What the pieces that are not done yet fill in on this page, in controls that are not taken yet. `habits`: the control that a
    kind of value was for the last time."""
    files = any(one.kind == "file" for one in span)
    offered = [control for control in controls(page, files) if key_of(control) not in taken]
    keys = [key_of(control) for control in offered]
    found = Links(span, done, offered, {kind: keys.index(key) for kind, key in (habits or {}).items() if key in keys})
    chosen = _chosen(found)
    used = {i for link in chosen for i in link.covered}
    named = _named(found, {link.control.at for link in chosen}) | _counted(found, chosen)
    if any("\n" in link.value.text for link in chosen):
        named |= {i for way in known("whole", "breaks") for i in said_at(tuple(way.split()), span)}
    named |= _denied(found, chosen)
    explained = done | used | named | idle(span)
    explained |= _carried(span, used | named)
    explained |= _context(span, explained, page) if chosen else set()
    return Account(tuple(chosen), frozenset(explained))


def key_of(control: Control) -> str:
    return f"{control.kind} {control.label}"


def _chosen(found: Links) -> list[Link]:
    """The strongest of those that exclude each other; none of two that are equally likely."""
    chosen: list[Link] = []
    used: set[int] = set()
    taken: set[int] = set()
    for link in found.all:
        if used & link.covered or link.control.at in taken:
            continue
        equals = (one for one in found.all if one.strength == link.strength and one.value[:2] == link.value[:2])
        rivals = [one for one in equals if one.control.at not in {link.control.at, *taken} and not used & one.covered]
        if not rivals or link.strength >= TOLD:
            chosen.append(link)
            used |= link.covered
            taken.add(link.control.at)
    last = found.left_over(chosen)
    return [*chosen, last] if last else chosen


def _named(found: Links, filled: set[int]) -> set[int]:
    """The words that name a control which gets a value anyway: "send the digest once a week"."""
    mentions = (one for one in found.mentions if found.offered[one.control].at in filled)
    pieces = (i for one in mentions for i in range(one.start, one.end))
    return {i for i in pieces if not found.span[i].is_value or found.span[i].kind == "quoted"}


def _denied(found: Links, chosen: Sequence[Link]) -> set[int]:
    """ "Not the book", where the film was chosen from the same list."""
    chosen_in = {link.value.control: link.value for link in chosen if link.value.control >= 0}
    denied: set[int] = set()
    for value in found.values:
        other = chosen_in.get(value.control)
        at = value.start
        while at and found.span[at - 1].text in small():
            at -= 1
        if other and other.option != value.option and at and found.span[at - 1].text in known("whole", "not"):
            denied.update(range(at - 1, value.end))
    return denied


def _counted(found: Links, chosen: Sequence[Link]) -> set[int]:
    """ "Two pictures", when it was two that were given."""
    parts = {link.control.at: len(link.value.text.split("\n")) for link in chosen}
    before = {one.start - 1: parts.get(found.offered[one.control].at, 1) for one in found.mentions if one.start}
    numbers = {at: count for at, count in before.items() if found.span[at].kind == "number" and count > 1}
    return {at for at, count in numbers.items() if number_of(found.span[at].text) == str(count)}


def _carried(span: Sequence[Piece], filled: set[int]) -> set[int]:
    """Verbs of what the thing that is filled in does: "send the digest weekly"."""
    found = set()
    for at, one in enumerate(span):
        behind = next((i for i in range(at + 1, len(span)) if span[i].text not in small()), len(span))
        if one.text in known("whole", "carries") and behind in filled:
            found.add(at)
    return found


def _context(span: Sequence[Piece], explained: set[int] | frozenset[int], page: Page) -> set[int]:
    """Words that the page says of itself: the "course" of its heading, a number of "nights" that it shows. Never an act's."""
    shown = context(page)
    left = [i for i, one in enumerate(span) if i not in explained and one.kind == "word" and not one.said[:1].isupper()]
    found = {i for i in left if stem(span[i].text) in shown and not is_act(span[i].text)}
    text = " ".join(page.labels)
    for i in range(len(span) - 1):
        number = number_of(span[i].text) if span[i].kind == "number" else ""
        if number and i not in explained and span[i + 1].kind == "word" and f"{number} {span[i + 1].text}" in text:
            found |= {i, i + 1}
    return found
