"""Values that a page shows under a label: table cells by their headers, terms, "Label: value", fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.page import Page
from operator_agent.grounding.score import Wanted
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.crafts.apps.units import mentions, unit_around

_CELLS = frozenset({"cell", "gridcell", "rowheader", "columnheader"})
_GOOD = 84.0


class Shown(NamedTuple):
    text: str
    at: int
    """The element that shows it."""


def label_text(index: int, page: Page) -> str:
    return page.labels[index].strip(" :*")


def rows_of(page: Page) -> Iterator[list[int]]:
    """The cells of every table row."""
    for i in page.of_role.get("row", ()):
        yield [j for j in page.observation.children.get(i, []) if page.elements[j].role in _CELLS]


def cell_text(index: int, page: Page) -> str:
    """What it shows; of a cell with a list to choose from, what is chosen."""
    lists = [i for i in page.below(index) if page.elements[i].role in ("combobox", "listbox")]
    if len(lists) == 1:
        return page.elements[lists[0]].value
    return page.elements[index].name or page.observation.text_of(index)


def under_label(label: str, page: Page) -> list[Shown]:
    """What stands beside or behind a label, in every way pages do that; each once, the surest kind alone."""
    wanted = Wanted(folded(label.strip(" :")))
    for way in (_pairs, _terms, _fields, _inline, _beside):
        scored = [(wanted.score(name), shown) for name, shown in way(page) if shown.text]
        top = max((score for score, _ in scored), default=0.0)
        if top >= _GOOD:
            return list(dict.fromkeys(shown for score, shown in scored if score == top))
    return []


def in_row(column: str, who: str, page: Page) -> list[Shown]:
    """The cells under a column's header in the rows that show `who`; else what stands under that label in who's card."""
    wanted, key = Wanted(folded(column.strip(" :"))), folded(who)
    found: list[Shown] = []
    heads: list[int] = []
    for cells in rows_of(page):
        if cells and all(page.elements[i].role == "columnheader" for i in cells):
            heads = cells
            continue
        at = _column(heads, wanted, page)
        if at is not None and at < len(cells) and any(key == folded(cell_text(i, page)) for i in cells):
            found.append(Shown(cell_text(cells[at], page), cells[at]))
    return found or _in_card(wanted, who, page)


def column_cells(column: str, page: Page) -> list[Shown]:
    """All cells under a column's header."""
    wanted, heads, found = Wanted(folded(column)), [], []
    for cells in rows_of(page):
        if cells and all(page.elements[i].role == "columnheader" for i in cells):
            heads = cells
            continue
        at = _column(heads, wanted, page)
        if at is not None and at < len(cells):
            found.append(Shown(cell_text(cells[at], page), cells[at]))
    return found


def _column(heads: list[int], wanted: Wanted, page: Page) -> int | None:
    scores = [wanted.score(label_text(i, page) or folded(cell_text(i, page))) for i in heads]
    return scores.index(max(scores)) if scores and max(scores) >= _GOOD else None


def _in_card(wanted: Wanted, who: str, page: Page) -> list[Shown]:
    labels = [i for i in range(len(page.elements)) if wanted.score(label_text(i, page)) >= _GOOD]
    ways = (named for way in (_pairs, _terms, _inline, _beside) for named in way(page))
    called = [shown for name, shown in ways if shown.text and wanted.score(name) >= _GOOD]
    for anchor in mentions(who, page) if called else ():
        unit = unit_around(anchor, page, labels)
        inside = [shown for shown in called if unit is not None and page.holds(unit, shown.at)]
        if inside:
            return inside[:1]
    return []


def _pairs(page: Page) -> Iterator[tuple[str, Shown]]:
    for cells in rows_of(page):
        if len(cells) == 2 and page.elements[cells[1]].role != "columnheader":
            label = label_text(cells[0], page) or folded(cell_text(cells[0], page)).strip(" :")
            yield label, Shown(cell_text(cells[1], page), cells[1])


def _terms(page: Page) -> Iterator[tuple[str, Shown]]:
    for i, element in enumerate(page.elements):
        if element.role == "definition" and (term := labelled_by(i, page)) is not None:
            yield label_text(term, page), Shown(page.observation.text_of(i), i)


def _fields(page: Page) -> Iterator[tuple[str, Shown]]:
    for i, element in enumerate(page.elements):
        if element.role in FIELDS and element.value:
            label = i if element.name else labelled_by(i, page)
            if label is not None:
                yield label_text(label, page), Shown(element.value, i)


def _inline(page: Page) -> Iterator[tuple[str, Shown]]:
    for i, element in enumerate(page.elements):
        text = element.value or element.name
        if element.role not in FIELDS and (found := re.fullmatch(r"([^:：]{1,60})[:：]\s*(\S.*)", text, re.DOTALL)):
            yield folded(found[1]), Shown(found[2].strip(), i)


def _beside(page: Page) -> Iterator[tuple[str, Shown]]:
    """A text that ends in a colon or stands before its like: what follows it under the same parent."""
    for i, element in enumerate(page.elements):
        if element.role in FIELDS or not page.labels[i]:
            continue
        around = page.observation.children[element.parent]
        behind = around[around.index(i) + 1 :]
        colon = page.labels[i].rstrip().endswith((":", "："))
        if behind and (colon or len(around) == 2) and page.elements[behind[0]].role not in FIELDS:
            yield label_text(i, page), Shown(cell_text(behind[0], page), behind[0])
