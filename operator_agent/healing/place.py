"""How much of where an element stood is so of another: its row or form, its heading, its neighbours, its place in the order."""

from __future__ import annotations

from typing import NamedTuple

from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.observation import Box
from operator_agent.grounding.fingerprint import UNITS, bare, beside, distinctive, order, section, siblings, unit_of
from operator_agent.grounding.page import Page
from operator_agent.healing.meaning import same
from operator_agent.matching import folded

_MOVED = 24
"""CSS pixels."""


class Place(NamedTuple):
    """`unit` is True when it stands in what the recorded one stood in, False when in another, None when it cannot be told."""

    unit: bool | None
    told: tuple[str, ...]
    """What agrees, in words."""

    @property
    def agrees(self) -> int:
        return len(self.told)


def compare(known: Fingerprint, index: int, page: Page) -> Place:
    """The element at `index` against where the recorded one stood."""
    unit = same_unit(known, index, page)
    now = order(index, unit_of(index, page), page)
    told = []
    if unit:
        told.append(f"in {known.unit_role} {known.unit[0]!r}")
    if known.section and same(known.section, section(index, page)):
        told.append(f"under {known.section!r}")
    if known.before and same(known.before, beside(index, page, -1)):
        told.append(f"behind {known.before!r}")
    if known.after and same(known.after, beside(index, page, 1)):
        told.append(f"before {known.after!r}")
    if now == known.order and now[0] >= 0 and (unit or (not known.unit and now[1] > 1)):
        told.append(f"control {now[0] + 1} of {now[1]} there")
    if _near(known.box, page.elements[index].box):
        told.append("where it was in the view")
    return Place(unit, tuple(told))


def same_unit(known: Fingerprint, index: int, page: Page) -> bool | None:
    """Whether the element stands in the unit the recorded one stood in, by what that is known by."""
    if not known.unit:
        return None
    if known.kin > 1:
        return _in_its_row(known, index, page)
    unit = unit_of(index, page)
    if unit is None:
        return None
    titles = distinctive(unit, index, page)
    return any(same(title, other) for title in known.unit for other in titles)


def _near(one: Box | None, other: Box | None) -> bool:
    if not one or not other:
        return False
    moved = (one.x + one.width / 2 - other.x - other.width / 2, one.y + one.height / 2 - other.y - other.height / 2)
    return max(map(abs, moved)) <= _MOVED and abs(one.height - other.height) <= _MOVED / 2


def crowded(known: Fingerprint) -> bool:
    """Whether there were others called the same, so that its unit alone tells which it was."""
    return known.kin > 1 and any(folded(other.name) == folded(known.name) and other.role == known.role for other in known.others)


def _in_its_row(known: Fingerprint, index: int, page: Page) -> bool:
    """Of many alike: the smallest surrounding that shows what the recorded one's showed, and is not one of several such."""
    label = (page.elements[index].role, page.labels[index])
    for above in page.ancestors(index):
        below = page.below(above)
        if any(i != index and (page.elements[i].role, page.labels[i]) == label and not page.holds(i, index) for i in below):
            return False
        names = [bare(page.elements[i].name or page.elements[i].value) for i in (above, *below) if page.labels[i] and i != index]
        shown = [title for title in known.unit if any(same(title, name) for name in names)]
        if 2 * len(shown) >= len(known.unit):
            return True
        if page.elements[above].role in UNITS and len(siblings(above, page)) > 1:
            return False
    return False
