"""What stands around an element: the text that labels it, and what belongs to the same row, card or section."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from operator_agent.grounding.fit import CHECKS, FIELDS, INTERACTIVE
from operator_agent.grounding.page import Page

if TYPE_CHECKING:
    from operator_agent.grounding.lexicon import Relation

_UNITS = frozenset({"row", "listitem", "article", "treeitem", "dialog", "alertdialog", "figure"})
"""What stands in one of these belongs together, and what is outside does not."""
_CELLS = frozenset({"cell", "gridcell"})
_REACH = 6  # elements; a label further away labels something else


def labelled_by(index: int, page: Page) -> int | None:
    """The element whose text labels this one, which has no name of its own: the text beside a field, a column's header."""
    if index not in page.labelling:
        page.labelling[index] = _labelled_by(index, page)
    return page.labelling[index]


def _labelled_by(index: int, page: Page) -> int | None:
    role = page.elements[index].role
    if role in _CELLS:
        return _header(index, page)
    if role == "definition":
        before = range(index - 1, max(-1, index - 1 - _REACH), -1)
        return next((i for i in before if page.elements[i].role == "term"), None)
    if role in CHECKS and not page.labels[index]:
        behind = range(page.ends[index], min(len(page.elements), page.ends[index] + _REACH))
        text = _beside(index, behind, page)
        return _before(index, page) if text is None else text
    if role in FIELDS and not page.labels[index]:
        return _before(index, page)
    return None


def enabling(index: int, page: Page) -> int | None:
    """The unticked box beside a field that is disabled and that it seems to enable; None when there is none."""
    if "disabled" not in page.elements[index].states:
        return None
    for above in [*page.ancestors(index)][:2]:
        inside = [i for i in page.below(above) if page.elements[i].role in INTERACTIVE]
        boxes = [i for i in inside if page.elements[i].role in CHECKS]
        boxes = [i for i in boxes if not {"checked", "disabled"} & set(page.elements[i].states)]
        if len(inside) > 1 or boxes:
            return boxes[0] if len(boxes) == 1 and set(inside) == {boxes[0], index} else None
    return None


def related(relation: Relation, anchor: int, things: Collection[int], page: Page) -> list[int]:
    """Those of `things` that stand in this relation to `anchor`; none when what is near belongs to something else."""
    if relation in ("after", "before"):
        return _along(relation, anchor, things, page)
    if own := [thing for thing in things if labelled_by(thing, page) == anchor]:
        return own
    if inside := [thing for thing in things if page.holds(anchor, thing)]:
        return inside
    if page.elements[anchor].role == "heading" and (scope := [i for i in things if i in _section(anchor, page)]):
        return scope
    return _together(anchor, things, page)


def _before(index: int, page: Page) -> int | None:
    return _beside(index, range(index - 1, max(-1, index - 1 - _REACH), -1), page)


def _beside(index: int, places: range, page: Page) -> int | None:
    """The first text on the way, unless another control comes first: then the text is that one's."""
    near = set(_surroundings(index, page))
    for i in places:
        if page.elements[i].role in INTERACTIVE:
            return None
        if page.labels[i] and not (page.elements[i].role in _CELLS and page.holds(i, index)):  # that says what is chosen in it
            return i if near.intersection(_surroundings(i, page)) else None
    return None


def _surroundings(index: int, page: Page) -> list[int]:
    """The three nearest ancestors; -1 is the page."""
    return [*page.ancestors(index), -1][:3]


def _header(cell: int, page: Page) -> int | None:
    """The column's header; in a row of two cells the first, which names the second."""
    row = page.elements[cell].parent
    if row < 0 or page.elements[row].role != "row":
        return None
    cells = page.observation.children[row]
    at = cells.index(cell)
    table = next((i for i in page.ancestors(row) if page.elements[i].role in ("table", "grid", "treegrid")), None)
    if table is not None:
        first = next((i for i in page.below(table) if page.elements[i].role == "row"), row)
        heads = page.observation.children[first]
        if at < len(heads) and page.elements[heads[at]].role == "columnheader":
            return heads[at]
    named = at == 1 and (len(cells) == 2 or page.elements[cells[0]].role == "rowheader")
    return cells[0] if named else None


def _section(heading: int, page: Page) -> range:
    """What a heading heads: up to the next heading of its rank or above, within the same parent's end."""
    rank = _rank(heading, page)
    for index in range(heading + 1, len(page.elements)):
        if page.elements[index].role == "heading" and _rank(index, page) <= rank:
            return range(heading + 1, index)
    return range(heading + 1, _scope_end(heading, page))


def _scope_end(heading: int, page: Page) -> int:
    unit = next((i for i in page.ancestors(heading) if page.elements[i].role in _UNITS | {"region", "main", "form"}), None)
    return len(page.elements) if unit is None else page.ends[unit]


def _rank(heading: int, page: Page) -> int:
    levels = [int(state[6:]) for state in page.elements[heading].states if state.startswith("level=") and state[6:].isdigit()]
    return levels[0] if levels else 2


def _along(relation: Relation, anchor: int, things: Collection[int], page: Page) -> list[int]:
    """The next thing in reading order, not beyond the row, card or dialog that the anchor stands in."""
    unit = next((i for i in page.ancestors(anchor) if page.elements[i].role in _UNITS), None)
    scope = range(len(page.elements)) if unit is None else page.below(unit)
    if relation == "after":
        return [i for i in sorted(things) if i >= page.ends[anchor] and i in scope][:1]
    return [i for i in sorted(things) if i < anchor and i in scope and not page.holds(i, anchor)][-1:]


def _together(anchor: int, things: Collection[int], page: Page) -> list[int]:
    """The things in the smallest surrounding that holds any, if they belong to the anchor and not to one of its like."""
    for above in page.ancestors(anchor):
        if above in things:
            return [above]
        inside = [thing for thing in things if page.holds(above, thing) and not page.holds(thing, anchor)]
        unit = page.elements[above].role in _UNITS
        if inside:
            return inside if unit else [thing for thing in inside if not _another_between(anchor, thing, page)]
        if unit:
            return []
    return []


def _another_between(anchor: int, thing: int, page: Page) -> bool:
    """Whether something like the anchor stands between: the next card's heading, the next field's label."""
    role, own = page.elements[anchor].role, page.labels[anchor]
    between = range(page.ends[anchor], thing) if anchor < thing else range(page.ends[thing], anchor)
    return any(page.elements[i].role == role and page.labels[i] not in ("", own, page.labels[thing]) for i in between)
