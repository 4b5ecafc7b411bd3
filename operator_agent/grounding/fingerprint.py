"""Fingerprints: what an element is known by besides its locator. As in openadapt-flow's ladder structure comes first, then text,
then the place in the view; none of it alone says who an element is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from operator_agent.flow.fingerprint import Control, Fingerprint
from operator_agent.flow.observation import Box
from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.naming import titles
from operator_agent.grounding.page import Page
from operator_agent.matching import folded

UNITS = frozenset(
    {"row", "listitem", "article", "treeitem", "figure", "dialog", "alertdialog", "form", "search", "region", "group", "radiogroup"}
    | {"tabpanel", "toolbar", "menu", "navigation", "banner", "contentinfo", "complementary"}
)
"""Roles whose content belongs together."""
_PLAIN = frozenset({"generic", "none", "presentation", "text", "paragraph", "rowgroup", "cell", "gridcell"})
_AMOUNT = re.compile(r"[€$£¥]\s*\d[\d.,]*|\d[\d.,]*\s*[€$£¥]|\d+[.,]\d+")
_CUT = 80
_MOST = 200
"""Controls kept of a page."""
_REACH = 60
"""Elements looked through for the nearest text."""


def fingerprint(index: int, page: Page) -> Fingerprint:
    """What the element at `index` is known by on this page."""
    element = page.elements[index]
    unit = unit_of(index, page)
    labelled = labelled_by(index, page) if not element.name else None
    roles = (page.elements[above].role for above in page.ancestors(index))
    return Fingerprint(
        role=element.role, name=_cut(label_of(index, page)), placeholder=_cut(element.placeholder),
        label=_cut(page.elements[labelled].name or page.elements[labelled].value) if labelled is not None else "",
        url=address(element.url, page), options=options(index, page),
        unit_role=page.elements[unit].role if unit is not None else "",
        unit=distinctive(unit, index, page) if unit is not None else (), kin=len(siblings(unit, page)) if unit is not None else 0,
        section=section(index, page), before=beside(index, page, -1), after=beside(index, page, 1),
        path=tuple(islice((role for role in roles if role not in _PLAIN), 6)), order=order(index, unit, page),
        box=Box(*map(round, element.box)) if element.box else None, others=tuple(_others(index, page)),
    )  # fmt: skip


def label_of(index: int, page: Page) -> str:
    """The element's name, else what it shows, as shown."""
    element = page.elements[index]
    return element.name or (page.observation.text_of(index) if element.role in INTERACTIVE and not _is_field(index, page) else "")


def unit_of(index: int, page: Page) -> int | None:
    """The innermost form, row, card or dialog around the element that is known by something other than the element."""
    return next((i for i in page.ancestors(index) if page.elements[i].role in UNITS and known_by(i, index, page)), None)


def known_by(unit: int, besides: int, page: Page) -> tuple[str, ...]:
    """A unit's name, else its titles, without the amounts in them: prices change. A number alone is no title."""
    if name := page.elements[unit].name:
        return (_cut(name),) if page.elements[unit].role != "row" else _lettered(titles(unit, page.labels[besides], page))
    return _lettered(titles(unit, page.labels[besides], page))


def distinctive(unit: int, besides: int, page: Page) -> tuple[str, ...]:
    """Those of a unit's titles that no unit beside it shows; all of them when none is its own."""
    found = known_by(unit, besides, page)
    left = {folded(title): title for title in found}
    for other in siblings(unit, page):
        for i in (other, *page.below(other)) if other != unit else ():
            label = page.labels[i]
            for title in [title for title in left if title in label and title == bare(label)]:
                del left[title]
        if not left:
            return found
    return tuple(left.values())


def siblings(unit: int, page: Page) -> list[int]:
    """The units of its role side by side, its own among them."""
    element = page.elements[unit]
    return [i for i in page.observation.children[element.parent] if page.elements[i].role == element.role]


def section(index: int, page: Page) -> str:
    """The nearest heading before the element."""
    found = next((i for i in range(index - 1, -1, -1) if page.elements[i].role == "heading"), None)
    return _cut(page.elements[found].name) if found is not None else ""


def beside(index: int, page: Page, way: int) -> str:
    """The nearest text in reading order before (-1) or behind (1) the element, not of what it is in or made of."""
    around = set(page.ancestors(index))
    at = index - 1 if way < 0 else page.ends[index]
    for i in islice(range(at, -1 if way < 0 else len(page.elements), way), _REACH):
        element = page.elements[i]
        if i not in around and (text := element.name or (element.value if page.labels[i] else "")):
            return _cut(bare(text))
    return ""


def order(index: int, unit: int | None, page: Page) -> tuple[int, int]:
    """The element's place among the controls of its unit, or of its parent when it is in none, and how many those are."""
    around = unit if unit is not None else page.elements[index].parent
    scope = range(len(page.elements)) if around < 0 else page.below(around)
    inside = [i for i in page.controls if i in scope]
    return (inside.index(index), len(inside)) if index in inside else (-1, len(inside))


def options(index: int, page: Page) -> tuple[str, ...]:
    return tuple(islice((_cut(page.elements[i].name) for i in page.below(index) if page.elements[i].role == "option"), 20))


def address(url: str, page: Page) -> str:
    """A link's address, without the origin when it is the page's own, and without the fragment."""
    if not url or url.lower().startswith(("javascript:", "#")):
        return ""
    here, there = urlsplit(page.observation.url), urlsplit(url)
    if there.scheme in ("", here.scheme) and there.netloc in ("", here.netloc):
        same = (there.path, there.query) in ((here.path, here.query), ("", ""))
        return "" if same else there.path + (f"?{there.query}" if there.query else "")
    return url.partition("#")[0]


def _others(index: int, page: Page) -> Iterator[Control]:
    """Every other control of the page; of very many those nearest in the document."""
    found = [i for i in page.controls if i != index and not page.holds(i, index) and not page.holds(index, i)]
    near = sorted(sorted(found, key=lambda i: abs(i - index))[:_MOST])
    for i in near:
        unit = unit_of(i, page)
        known = known_by(unit, i, page) if unit is not None else ()
        yield Control(page.elements[i].role, _cut(label_of(i, page)), known[0] if known else "")


def _is_field(index: int, page: Page) -> bool:
    return page.elements[index].role in ("textbox", "searchbox", "combobox", "spinbutton", "slider", "listbox")


def _lettered(found: list[str]) -> tuple[str, ...]:
    return tuple(bare(title) for title in found if any(letter.isalpha() for letter in bare(title)))


def bare(text: str) -> str:
    """A text without the amounts in it, unless it is nothing else."""
    return " ".join(_AMOUNT.sub(" ", text).split()) or text


def _cut(text: str) -> str:
    return " ".join(text.split())[:_CUT]
