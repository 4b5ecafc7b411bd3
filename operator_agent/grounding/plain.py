"""Plain words → the element they mean, by scoring every element in every reading of the words.

The best must be good (`THRESHOLD`) and clearly better than the next (`MARGIN`), or an exact name; else all that are as good are
given.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.around import labelled_by, related
from operator_agent.grounding.called import Bearers, called
from operator_agent.grounding.fit import INERT, INTERACTIVE, penalty, suitable
from operator_agent.grounding.page import PLACES, Page
from operator_agent.grounding.phrase import Phrase, readings
from operator_agent.grounding.score import Wanted, wanted
from operator_agent.matching import containers

THRESHOLD = 72.0
MARGIN = 6.0
EXACT = 96.0
_ROLE_ONLY = 90.0  # "the search box", "the last link": nothing but the role was said
_BY_PLACEHOLDER = 2
_BY_LABEL = 4  # named by the text beside it
_BY_CONTENT = 5
_ANOTHER_ROLE = 4  # people call a link that looks like a button a button
_IN_FULL = 95.0
_INTO_ITSELF = 10  # the label of a value, when the value is asked for
_BUTTONLIKE = frozenset({"button", "link", "tab", "menuitem", "switch"})
_PRESSED = _BUTTONLIKE | {"option", "listitem", "treeitem"}
"""What hand-made things that take the pointer are called, too."""


class Found(NamedTuple):
    """Elements that answer equally well to one reading."""

    score: float
    indices: list[int]
    phrase: Phrase


def find(words: str, verb: str, page: Page) -> tuple[list[int], str]:
    """The elements the words mean equally well (one when it is clear, none when nothing does), and why."""
    found = search(words, verb, page)
    if found is None:
        return [], ""
    if verb == "drag" and len(found.indices) > 1:  # a place has a heading of its name; into the place it goes
        places = [i for i in found.indices if page.elements[i].role not in ("heading", "text")]
        found = found._replace(indices=places) if len(places) == 1 else found
    how = "exact name" if found.score >= 100 else f"words: {_shown(found.phrase)} {found.score:.0f}"
    return found.indices, how


def search(words: str, verb: str, page: Page) -> Found | None:
    """The best reading of the words and the elements it means, in document order; None when none does."""
    best: Found | None = None
    for phrase in readings(words):
        if best and best.score >= 100 - phrase.cost:
            break  # readings come by cost: no later one can do better
        found = _chosen(phrase, verb, page)
        if found and (best is None or found.score > best.score):
            best = found
    return best


def _chosen(phrase: Phrase, verb: str, page: Page) -> Found | None:
    scores = _placed(phrase, _scored(phrase, verb, page), page)
    scores = {i: score - phrase.cost for i, score in scores.items() if score - phrase.cost >= THRESHOLD}
    if not scores:
        return None
    top = max(scores.values())
    near = 1.0 if top >= EXACT - phrase.cost else MARGIN
    equals = page.one_each(i for i, score in scores.items() if score > top - near)
    equals = [i for i in equals if not page.is_off(i)] or equals
    if not phrase.nth and _one_place(equals, page):
        equals = equals[:1]
    if phrase.nth:
        equals = _counted(phrase.nth, equals, page)
    return Found(top, equals, phrase) if equals else None


def _one_place(indices: list[int], page: Page) -> bool:
    """Whether they are links to one and the same place: whichever is pressed."""
    urls = {(page.elements[i].role, page.labels[i], page.elements[i].url) for i in indices}
    role, _, url = next(iter(urls), ("", "", ""))
    return len(urls) == 1 and role == "link" and bool(url) and not url.startswith(("#", "javascript:"))


def _counted(nth: int, equals: list[int], page: Page) -> list[int]:
    """The one in that place; none when there are not so many; all when they are no row of like things to count along: a column's
    header is not the first of its cells. Nor is the row of headers the first row."""
    equals = [index for index in equals if not page.is_header(index)]
    if len({"control" if page.elements[index].role in INTERACTIVE else page.elements[index].role for index in equals}) > 1:
        return equals
    place = nth if nth < 0 else nth - 1
    return [equals[place]] if -len(equals) <= place < len(equals) else []


def _scored(phrase: Phrase, verb: str, page: Page) -> dict[int, float]:
    """Every element that answers at all, with its points."""
    scores: dict[int, float] = {}
    for index, score in sorted(_labelled(wanted(phrase.label), page).items() if phrase.label else _of_roles(phrase.roles, page)):
        element = page.elements[index]
        if not suitable(verb, element) or not (element.ref or element.role == "text"):
            continue
        cost = penalty(verb, element) + _role_cost(phrase, index, page)
        # What was quoted must be there in full, and so must the text of what nothing seems to happen to.
        if cost < 100 and score >= (_IN_FULL if phrase.exact or (cost >= INERT and phrase.label) else 1):
            scores[index] = score - cost
    for index in _places(phrase, page):
        scores[index] = max(scores.get(index, 0.0), 95.0)
    if verb == "read":
        for index in list(scores):
            label = labelled_by(index, page)
            if label is not None and label in scores:
                scores[label] -= _INTO_ITSELF
    return scores


def _of_roles(roles: frozenset[str], page: Page) -> Iterator[tuple[int, float]]:
    return ((index, _ROLE_ONLY) for role in roles for index in page.of_role.get(role, ()))


def _labelled(said: Wanted, page: Page) -> dict[int, float]:
    """The elements that are called so by anything, with the points of what calls them so best."""
    by = called(page)
    points = by.names.answering(said)
    best: dict[int, float] = {}

    def told(bearers: Bearers, less: float, *, below: float = inf) -> None:
        for label in points.keys() & bearers.keys():
            for index in bearers[label]:
                if best.get(index, 0.0) < below:
                    best[index] = max(best.get(index, 0.0), points[label] - less)

    told(by.own, 0)
    told(by.hint, _BY_PLACEHOLDER)
    told(by.beside, _BY_LABEL, below=THRESHOLD)
    told(by.content, _BY_CONTENT)
    return best


def _role_cost(phrase: Phrase, index: int, page: Page) -> int:
    element = page.elements[index]
    if not phrase.roles or element.role in phrase.roles:
        return 0
    if "button" in phrase.roles and phrase.label and element.role in _BUTTONLIKE:
        return _ANOTHER_ROLE
    if "link" in phrase.roles and phrase.label and element.role in _BUTTONLIKE:
        return _ANOTHER_ROLE
    if element.clickable and phrase.label and phrase.roles & _PRESSED:
        return _ANOTHER_ROLE
    return 100


def _places(phrase: Phrase, page: Page) -> list[int]:
    """Rows, cards and dialogs that are known by what they show."""
    if not phrase.label or is_regex(phrase.label):
        return []
    targets = (Target(role=role, name=phrase.label) for role in sorted(phrase.roles & PLACES))
    return [index for target in targets for index in containers(target, page.observation)]


def _placed(phrase: Phrase, scores: dict[int, float], page: Page) -> dict[int, float]:
    """Those that stand where the phrase says."""
    if phrase.relation is None or not scores:
        return scores
    for place in sorted(phrase.place, key=lambda reading: reading.cost):
        anchors = _chosen(place, "hover", page)
        if anchors is None:
            continue
        kept: set[int] = set()
        for anchor in anchors.indices:
            if anchor in scores and not place.roles:
                kept.add(anchor)  # "the field next to Name", when Name is the field's own label
            else:
                kept.update(related(phrase.relation, anchor, scores.keys() - {anchor}, page))
        if kept:
            return {index: scores[index] for index in kept}
    return {}


def _shown(phrase: Phrase) -> str:
    role = "/".join(sorted(phrase.roles)) if 0 < len(phrase.roles) <= 2 else "role" if phrase.roles else ""
    parts = [role and f"role {role}", phrase.label and "name", phrase.relation and "place", phrase.nth and "order"]
    return " + ".join(part for part in parts if part)
