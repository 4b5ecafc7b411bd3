"""What of a page comes first when there is no room for all of it."""

from __future__ import annotations

from enum import IntEnum

from operator_agent.flow.observation import Element
from operator_agent.grounding.fit import CHECKS, FIELDS, INTERACTIVE
from operator_agent.grounding.page import Page


class Rank(IntEnum):
    """In the order of leaving: the highest goes first."""

    ASKED = 0
    """Holds a text that was asked for."""
    DIALOG = 1
    """An open dialog and what is in it: nothing else can be done before."""
    NEWS = 2
    """Says what just happened or what is wrong: alerts, status messages, the focus, invalid fields."""
    EXPANDED = 3
    """Part of what was to be expanded; it leaves room for the rest."""
    TOUCHED = 4
    """Has a word of the command that few others have."""
    FORM = 5
    """Fields, ticks, and the buttons right behind them, which submit."""
    HEADING = 6
    """Says what the page is and where on it things are."""
    CONTROL = 7
    """Anything else that reacts."""
    TEXT = 8
    """All else."""


_OF_ROLE: dict[str, Rank] = {
    **dict.fromkeys(("dialog", "alertdialog"), Rank.DIALOG),
    **dict.fromkeys(("alert", "status", "log", "timer", "progressbar"), Rank.NEWS),
    **dict.fromkeys(sorted(FIELDS | CHECKS), Rank.FORM),
    **dict.fromkeys(("heading", "columnheader", "tab"), Rank.HEADING),
    **dict.fromkeys(sorted(INTERACTIVE - FIELDS - CHECKS - {"tab", "option"}), Rank.CONTROL),
}
_OF_STATE: dict[str, Rank] = {"active": Rank.NEWS, "invalid": Rank.NEWS, "invalid=true": Rank.NEWS}
_WHOLE = frozenset({Rank.DIALOG, Rank.NEWS})
"""Ranks that what is inside has too."""
_SUBMITTING = 3  # buttons behind a field


def ranks(page: Page) -> list[Rank]:
    """Of each element its rank by itself; the command's words and what was asked for are not looked at."""
    found: list[Rank] = []
    inside: list[tuple[int, Rank]] = []
    behind = 0
    for index, element in enumerate(page.elements):
        rank = _own(element)
        while inside and inside[-1][0] <= index:
            inside.pop()
        if rank in _WHOLE and element.role not in INTERACTIVE and "active" not in element.states:
            inside.append((page.ends[index], min(rank, inside[-1][1]) if inside else rank))
        if inside:
            rank = min(rank, inside[-1][1])
        if element.role in FIELDS or element.role in CHECKS:
            behind = _SUBMITTING
        elif element.role == "button" and behind:
            rank, behind = min(rank, Rank.FORM), behind - 1
        found.append(rank)
    return found


def is_news(element: Element) -> bool:
    """Whether it has news by itself: not folded away whatever it stands among."""
    return _own(element) == Rank.NEWS


def _own(element: Element) -> Rank:
    rank = _OF_ROLE.get(element.role, Rank.CONTROL if element.clickable else Rank.TEXT)
    for state in element.states:
        if state in _OF_STATE and element.role != "generic":  # what has the focus when nothing else has it is the page
            rank = min(rank, _OF_STATE[state])
    return rank
