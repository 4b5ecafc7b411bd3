"""How to call an element so that it, and no other, is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.page import PLACES, Page
from operator_agent.matching import folded, matches

SHOWN = 6
"""How many candidates a message lists."""
_LONG = 60  # longer texts name nothing a person would say
_TITLES = frozenset({"heading", "rowheader", "cell", "gridcell", "term", "strong", "legend", "caption"})


def pointer(index: int, page: Page) -> Target | None:
    """A structured target that means this element and no other; None when nothing but its place in the page tells it apart.

    By role and name; among equals by the container they stand in; at last by their order, when they have a name.
    """
    element = page.elements[index]
    target = Target(role=element.role, name=_name(index, page))
    if is_regex(target.name):
        return None  # a page may call things as it likes, and the notation would read this name as a pattern
    equals = matches(target, page.observation)
    if equals == [index]:
        return target
    if index not in equals:
        return None
    for place in islice(places(index, page), 12):
        within = target.model_copy(update={"within": place})
        if matches(within, page.observation) == [index]:
            return within
    return target.model_copy(update={"nth": equals.index(index) + 1}) if target.name else None


def places(index: int, page: Page) -> Iterator[Target]:
    """The containers around an element as a person would name them, innermost first."""
    own = page.labels[index]
    for above in page.ancestors(index):
        element = page.elements[above]
        if element.role not in PLACES or element.role in ("cell", "gridcell"):
            continue
        if element.name and len(element.name) <= _LONG and not is_regex(element.name):
            yield Target(role=element.role, name=element.name)
            continue
        yield from (Target(role=element.role, name=title) for title in titles(above, own, page))


def distinct(indices: Sequence[int], page: Page) -> tuple[str, ...]:
    """What to call each of these so that a person sees the difference: `button "Add" in listitem "Latte"`; at most `SHOWN`."""
    shown = list(indices[:SHOWN])
    names = [describe(i, page) for i in shown]
    for depth in range(4):
        twins = {name for name in names if names.count(name) > 1}
        if not twins:
            break
        for at, index in enumerate(shown):
            if names[at] in twins and (place := next(islice(places(index, page), depth, None), None)):
                names[at] = f"{describe(index, page)} in {place}"
    return tuple(f"{name} ({names[: at + 1].count(name)})" if names.count(name) > 1 else name for at, name in enumerate(names))


def describe(index: int, page: Page) -> str:
    """`button "Save"`, `textbox [placeholder "Search"]`, `paragraph "Total: 4.50"`: role and what it is known by."""
    element = page.elements[index]
    if not (element.name or element.value) and element.placeholder:
        return f'{element.role} [placeholder "{element.placeholder}"]'
    return str(Target(role=element.role, name=_clipped(_name(index, page))))


def _name(index: int, page: Page) -> str:
    element = page.elements[index]
    return element.name or (element.value if page.labels[index] else "")


def _clipped(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def titles(place: int, besides: str, page: Page) -> list[str]:
    """What a nameless container may be known by: its heading or cells first, else its first short text."""
    heads: list[str] = []
    texts: list[str] = []
    for index in islice(page.below(place), 40):
        element = page.elements[index]
        text = element.name or (element.value if page.labels[index] else "")
        if text and len(text) <= _LONG and folded(text) != besides and not is_regex(text):
            (heads if element.role in _TITLES else texts).append(text)
    return (heads or texts)[:3]
