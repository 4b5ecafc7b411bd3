"""Finding a thing in what is folded away, when the words say where to look: tabs, sections, trees, menus, pages.

"Switch between the tabs to find and click X", "expand the sections and press X", "find the file X in the tree", "File > Open":
what is folded is opened one by one, by role and behaviour, until the thing is there; then the act is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from operator_agent.flow.action import Action, Click, Hover
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import describe, pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import Found, search
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard, known
from operator_agent.planner.grammar import Clause, Said, clauses
from operator_agent.planner.meaning import phrase_of
from operator_agent.planner.onpage import meant

_SURE = 97.0
_MOST = 60  # things opened for one request
_HOVERS = 5  # looks that a menu may take to unfold under the pointer
_MARKS = re.compile(r"\s*(?:->|[>→»›▸⟩])\s*")
_GAP = re.compile(r"[\s.,;:!]*(?:\b(?:and|then|until|to|find|locate|look for)\b[\s,]*)*", re.IGNORECASE)
_POINTED = {"click": "click", "named": "click", "open": "click", "choose": "click", "check": "check"}
_HEADS = frozenset({"generic", "button", "heading", "listitem"})


class Search(NamedTuple):
    """What is looked for: `place` is the kind of thing it is folded into, "" when that was not said; `must` open something first;
    `begins` is where the act is said, in characters."""

    place: str
    must: bool
    begins: int


class Explore:
    name = "explore"
    spans = True

    def hears(self, words: str) -> bool:
        return _wanted(words) is not None or bool(_under(words)) or bool(_path(words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        if path := _path(asked.words):
            return _along(path, asked)
        if wanted := _wanted(asked.words):
            return _look(wanted, asked)
        return _within(_under(asked.words), asked)


def _wanted(words: str) -> Search | None:
    """The places to look in, and where the act begins; None when the words do not ask to look for something to act on."""
    at, place, must, bare = 0, "", False, True
    while True:
        found = heard(words[at:], "explore", "seek", "open")
        if not found:
            break
        shortest = found[0]
        place = place or shortest.text("place")
        must = must or shortest.kind == "open"
        bare = bare and not shortest.text("place")
        at += shortest.end
        gap = _GAP.match(words, at)
        at = gap.end() if gap else at
    if not at or not (rest := clauses(words[at:])) or not rest[0].readings:
        return None
    if bare and rest[0].readings[0].verb not in _POINTED:
        return None
    return Search(folded(place), must, at)


def _look(wanted: Search, asked: Asked) -> Proposal | Refusal | None:
    clause = clauses(asked.words[wanted.begins :])[0]
    opened: list[str] = asked.memory.setdefault("opened", [])
    page = asked.page
    exact = not asked.memory.get("nearly")
    action = _act(clause, page, exact) if opened or not wanted.must else ()
    closed = None if action else next((i for i in _closed(wanted.place, page) if _mark(i, page) not in opened), None)
    if closed is None:
        action = action or _act(clause, page, exact)
    if closed is None and not action and exact:  # nowhere is it written so: once more for what is nearly so called
        asked.memory["nearly"] = True
        opened.clear()
        return _look(wanted, asked)
    if action:
        return Proposal(_SURE, tuple(Step(action=one) for one in action), wanted.begins + clause.end)
    target = pointer(closed, page) if closed is not None and len(opened) < _MOST else None
    if closed is None or target is None:
        return Refusal(reason=f'"{clause.words}": it is nowhere, in all {len(opened)} that could be opened.') if opened else None
    opened.append(_mark(closed, page))
    return Proposal(_SURE, (Step(action=Click(target=target), intent=f"look in {describe(closed, page)}"),), 0, again=True)


def _act(clause: Clause, page: Page, exact: bool) -> tuple[Action, ...]:
    """What the clause asks for, when it is there; of several equal ones the first: who looks for a thing is content with the first
    that is found. With `exact`, what is quoted must be written so, to the letter."""
    for reading in clause.readings:
        slot = reading.slots.get("target") or reading.slots.get("option") or reading.slots.get("place") or reading.slots.get("name")
        if verb := _POINTED.get(reading.verb):
            found = _found(slot, verb, page) if slot else None
            quoted = [token.text for token in slot.span if token.kind == "quoted"] if slot and exact else []
            written = [i for i in (found.indices if found else []) if not quoted or _written(i, page) == quoted[0]]
            target = _handle(written[0], page) if written else None
            if target:
                return (Click(target=target),)
    result = meant(clause, page) if clause.readings and clause.readings[0].verb not in _POINTED else None
    known_all = result and not isinstance(result, Refusal) and result.score > 0
    return result.actions if result and not isinstance(result, Refusal) and known_all else ()


def _written(index: int, page: Page) -> str:
    element = page.elements[index]
    return element.name or element.value or page.observation.text_of(index)


def _handle(index: int, page: Page) -> Target | None:
    """The element by its name; one without a name by what in it has one."""
    own = (index, *page.below(index))
    return next((target for i in own if page.elements[i].ref and page.labels[i] and (target := pointer(i, page))), None)


def _found(slot: Said, verb: str, page: Page) -> Found | None:
    return search(phrase_of(slot), verb, page)


def _closed(place: str, page: Page) -> Iterator[int]:
    """What may be opened, of the kinds that were said: tabs, nodes and folds by their roles, then what only behaves so."""
    shut = [i for i, e in enumerate(page.elements) if not {"selected", "expanded"} & set(e.states)]

    def said(*words: str) -> bool:
        return not place or any(word in place for word in words)

    if said("tab", "section", "panel", "accordion"):
        yield from (i for i in shut if page.elements[i].role == "tab")
    if said("tree", "folder", "director"):
        yield from (i for i in shut if page.elements[i].role == "treeitem")
        yield from _toggles(page)
    if not said("tab", "tree", "page"):
        yield from (i for i in shut if "collapsed" in page.elements[i].states)
    if said("menu", "categor"):
        yield from _named(known("explore", "openers"), page)
    if place and said("section", "panel", "accordion", "collapsible", "details", "menu", "drop", "categor"):
        yield from (i for i in page.controls if i in set(shut) and page.labels[i] and page.elements[i].role in _HEADS)
    if said("page", "list"):
        yield from _named(known("explore", "next"), page)


def _toggles(page: Page) -> Iterator[int]:
    """Nodes of a tree without roles: in an item two things take the pointer, the label and a sign beside it."""
    for index, element in enumerate(page.elements):
        if element.role not in ("listitem", "row"):
            continue
        own = [i for i in page.below(index) if page.elements[i].clickable and _item(i, page) == index]
        labelled = [i for i in own if page.labels[i]]
        texts = [i for i in labelled if page.elements[i].value]
        if len(own) > 1 and (texts or len(own) > len(labelled) > 0):
            yield (texts or labelled)[0]


def _item(index: int, page: Page) -> int:
    return next((i for i in page.ancestors(index) if page.elements[i].role in ("listitem", "row", "treeitem")), -1)


def _named(names: tuple[str, ...], page: Page) -> Iterator[int]:
    wanted = frozenset(map(folded, names))
    yield from (i for i in page.controls if page.labels[i] in wanted and "disabled" not in page.elements[i].states)


def _mark(index: int, page: Page) -> str:
    """What an opened thing is known by at the next look: pages of a list have one `next` for all, with other content each time."""
    element = page.elements[index]
    same = [i for i, other in enumerate(page.elements) if other.role == element.role and page.labels[i] == page.labels[index]]
    paging = page.labels[index] in map(folded, known("explore", "next"))
    return f"{element.role} {page.labels[index]} {same.index(index)} {hash(page.observation.text) if paging else ''}"


def _under(words: str) -> list[Heard]:
    return heard(words, "explore", "under")


def _within(found: list[Heard], asked: Asked) -> Proposal | None:
    """Opens the tab or section that was named, once, and presses what was named there."""
    page = asked.page
    for one in found:
        thing = search(phrase_of(one.slots["thing"]), "click", page)
        said = phrase_of(one.slots["place"])
        place = search(f"{said} tab", "click", page) or search(said, "click", page)
        if place is None or len(place.indices) != 1:
            continue
        index = place.indices[0]
        shut = not {"selected", "expanded"} & set(page.elements[index].states)
        if shut and not asked.memory.get("opened") and (target := pointer(index, page)):
            asked.memory["opened"] = True
            return Proposal(76.0, (Step(action=Click(target=target)),), 0, again=True)
        if thing and len(thing.indices) == 1 and (target := pointer(thing.indices[0], page)):
            return Proposal(76.0, (Step(action=Click(target=target)),), one.end)
    return None


def _path(words: str) -> tuple[list[str], int] | None:
    """The names from the outermost menu to the entry, and where the request ends."""
    for one in heard(words, "explore", "path"):
        parts = [part.strip().strip('"') for part in _MARKS.split(one.text("path"))]
        if len(parts) > 1 and all(parts) and not one.slots["path"].quoted:
            return parts, one.end
    return None


def _along(path: tuple[list[str], int], asked: Asked) -> Proposal | Refusal | None:
    """Points at each menu on the way so that the next unfolds, else clicks it, and at last clicks the entry."""
    parts, end = path
    memory, page = asked.memory, asked.page
    at = memory.setdefault("at", 0)
    target = _entry(parts[at], page)
    if target is None:
        return _again(parts, asked) if at else None
    if at == len(parts) - 1:
        return Proposal(_SURE, (Step(action=Click(target=target)),), end)
    memory["at"], memory["tries"], memory["last"] = at + 1, 0, target
    return Proposal(_SURE, (Step(action=Hover(target=target)),), 0, again=True)


def _again(parts: list[str], asked: Asked) -> Proposal | Refusal:
    memory = asked.memory
    memory["tries"] += 1
    if memory["tries"] > _HOVERS + 1:
        return Refusal(reason=f'"{parts[memory["at"]]}" did not appear under "{parts[memory["at"] - 1]}".')
    act = Click if memory["tries"] == _HOVERS else Hover
    return Proposal(_SURE, (Step(action=act(target=memory["last"])),), 0, again=True)


def _entry(name: str, page: Page) -> Target | None:
    found = search(f'"{name}"', "click", page) or search(name, "click", page)
    return pointer(found.indices[0], page) if found else None
