"""Rows, cards, posts, results: what repeats on a page, found by its shape, and the controls in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from operator_agent.compare import shows
from operator_agent.flow.target import Target
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.score import Wanted
from operator_agent.matching import FIELDS, folded, matches
from operator_agent.planner.crafts.apps.wording import vocabulary, words_of

UNITS = frozenset({"row", "listitem", "article", "treeitem", "option", "figure"})
_GOOD = 76.0
_ROLE_WORDS = re.compile(r"\s+(?:button|icon|link|option|field|box|symbol|image)$", re.IGNORECASE)
_OWNER = re.compile(r"^(?:the|their|his|her|its|your|an?|this|that)\s+", re.IGNORECASE)


def handle(index: int, page: Page) -> Target | None:
    """What to call an element, with or without a name, so that no other is meant; None when it cannot be acted on."""
    element = page.elements[index]
    if not element.ref:
        return None
    found = pointer(index, page)
    if found is not None and (found.name or found.within):
        return found
    target = Target(role=element.role)
    equals = matches(target, page.observation)
    return target.model_copy(update={"nth": equals.index(index) + 1}) if index in equals else None


def text_of(index: int, page: Page) -> str:
    """Everything an element shows, its own name too."""
    name, text = page.elements[index].name, page.observation.text_of(index)
    return text if text.startswith(name) else f"{name} {text}".strip()


def within(outer: int, page: Page) -> Iterable[int]:
    """The element and all below it."""
    return range(outer, page.ends[outer]) if outer >= 0 else range(len(page.elements))


def reacts(index: int, page: Page) -> bool:
    element = page.elements[index]
    return bool(element.ref) and (element.role in INTERACTIVE or element.clickable) and element.role != "option"


def controls_in(outer: int, page: Page) -> list[int]:
    return [i for i in within(outer, page) if reacts(i, page)]


def siblings(index: int, page: Page) -> list[int]:
    """The elements of its role beside it, itself among them."""
    role = page.elements[index].role
    return [i for i in page.observation.children[page.elements[index].parent] if page.elements[i].role == role]


def groups(page: Page) -> list[list[int]]:
    """Two or more things of a kind side by side, each with something in it or reacting itself; in document order."""
    found = []
    for children in page.observation.children.values():
        by_role: dict[str, list[int]] = {}
        for i in children:
            if page.ends[i] > i + 1 or reacts(i, page):
                by_role.setdefault(page.elements[i].role, []).append(i)
        found += [group for group in by_role.values() if len(group) > 1]
    return sorted(found)


def mentions(text: str, page: Page, inside: int = -1) -> list[int]:
    """The innermost elements that show the text, those that show nothing else first chosen; of fields and names alike."""
    wanted = folded(text)
    shown = [
        i for i in within(inside, page)
        if wanted in page.labels[i] or (page.elements[i].value and wanted in folded(page.elements[i].value))
    ]  # fmt: skip
    shown = [i for i in shown if shows(text, f"{page.elements[i].name} {page.elements[i].value}")]
    whole = [i for i in shown if page.labels[i].strip(" :") == wanted]
    return whole or shown


def unit_around(anchor: int, page: Page, holding: Collection[int] = ()) -> int | None:
    """The innermost thing around an element that repeats beside it and holds one of `holding`, or else any control; else the
    innermost surrounding that holds one but not the whole page."""
    held = set(holding or controls_in(-1, page))
    for i in (anchor, *page.ancestors(anchor)):
        holds = not held or any(j in held for j in within(i, page))
        if holds and page.elements[i].role in UNITS:
            return i
        alike = [j for j in siblings(i, page) if j != i and (not held or any(k in held for k in within(j, page)))]
        if holds and (alike or (held and page.elements[i].parent >= 0)):
            return i
    return None


def units_of(who: str, page: Page, holding: Collection[int] = ()) -> list[int]:
    """The things that show these words, each once, in order."""
    anchors = mentions(who, page)
    found = [unit for anchor in anchors if (unit := unit_around(anchor, page, holding)) is not None]
    if not found:
        words = folded(who)
        whole = [i for group in groups(page) for i in group if words in folded(text_of(i, page))]
        outer = {above for i in whole for above in page.ancestors(i)}
        found = [i for i in whole if i not in outer and (not holding or any(j in holding for j in within(i, page)))]
    return sorted(dict.fromkeys(found))


def wanted_words(what: str) -> str:
    """A control's words without article, owner and role: `"Reply" button`, `their email`."""
    return _ROLE_WORDS.sub("", _OWNER.sub("", what.strip())).strip("\"'“” ")


def best(what: str, candidates: Iterable[int], page: Page) -> int | None:
    """The control among these that is called so, or as pages also call it; None when none or two are."""
    said = wanted_words(what)
    if not said:
        return None
    candidates = list(candidates)
    for names in ([said], vocabulary()["same"].get(folded(said), ())):
        scores = {i: max((Wanted(folded(name)).score(page.labels[i]) for name in names), default=0.0) for i in candidates}
        top = max(scores.values(), default=0.0)
        if top >= _GOOD:
            return page.one_each(i for i, score in scores.items() if score > top - 1)[0]
    return None


def all_known(kind: str, page: Page, inside: int = -1) -> list[int]:
    """The controls for a usual purpose (`next`, `more`, `submit`), by the names they usually have; the most usual first."""
    controls = [i for i in controls_in(inside, page) if page.elements[i].role not in FIELDS]
    return [
        i for name in words_of("known", kind) for i in controls
        if page.labels[i] == name or (len(name) > 3 and page.labels[i].startswith(f"{name} "))
    ]  # fmt: skip


def known(kind: str, page: Page, inside: int = -1) -> int | None:
    return next(iter(all_known(kind, page, inside)), None)


def next_page(page: Page) -> int | None:
    """The control that shows the next page of a list; None at its end."""
    found = known("next", page)
    return found if found is not None and "disabled" not in page.elements[found].states else None


def fields(page: Page) -> list[int]:
    """What takes text, in order."""
    roles = ("textbox", "searchbox", "combobox", "spinbutton")
    return [i for i, e in enumerate(page.elements) if e.role in roles and e.ref and "disabled" not in e.states]
