"""The deep look: the ARIA snapshot, completed with what only listeners, cursors and closed shadow roots reveal.

Findings and elements are told to be the same by where they are: same document, same box. Where two elements share a box,
either is as good, for a click bubbles from the inner to the outer.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from operator_agent.flow.observation import Box, Element
from operator_agent.surfaces.browser.frames import holders
from operator_agent.surfaces.browser.icons import icon_name, is_drawn
from operator_agent.surfaces.browser.scanner import Row, Scan, Scanner
from operator_agent.surfaces.browser.snapshot import FIELDS, INTERACTIVE, amend, no_collection
from operator_agent.surfaces.browser.tree import Tree, bring_in_view, mask_passwords, moving, name_origins, unmasked

if TYPE_CHECKING:
    from playwright.async_api import Page

_NOT_TO_ACT_ON = frozenset(("text", "part"))
_Place = tuple[int, int, int, int, int]
"""The index of the `iframe` around, and a box."""


async def read_deep(page: Page, *, timeout: float) -> Tree:
    """As `read_tree` with boxes, completed. What is added has a ref of the form `n:…`, which `nodes.NodeHandle` acts on."""
    scanner = Scanner.of(page)
    with moving(page) as moved:
        (elements, typed, complete), (scans, answered) = await asyncio.gather(
            unmasked(page, boxes=True, timeout=timeout), scanner.look(timeout)
        )
    with no_collection():
        merge = _Merge(elements, scanner, scans)
    known = {} if moved else {holder: scan.secrets for holder, scan in merge.scans.items()}
    await mask_passwords(page, elements, typed, known, timeout)
    with no_collection():
        merge.add_all()
        around = holders(merge.elements)
        bring_in_view(merge.elements, around, merge.shifts(around))
    told = await name_origins(page, merge.elements, around, timeout)
    return Tree(tuple(merge.elements), complete and answered and told)


@dataclass
class _New:
    """An element to be inserted before the element that was at `at`, with what belongs below it."""

    element: Element
    at: int
    depth: int
    parent: int
    below: list[_New] = field(default_factory=list)


class _Merge:
    """Elements of one look, and the findings that complete them."""

    def __init__(self, elements: list[Element], scanner: Scanner, scans: list[Scan]) -> None:
        self.elements = elements
        self.scans: dict[int, Scan] = {}
        """The `iframe` around (-1: none) → what its document holds; parents first."""
        self._scanner = scanner
        self._around = holders(elements)
        self._at = self._by_place() if any(scan.rows or scan.frames for scan in scans) else {}
        self._new: list[_New] = []
        self._origins: dict[str, tuple[float, float]] = {}
        """Ref of an `iframe` → where its content begins in its own box."""
        self._find_holders(scans)

    def add_all(self) -> None:
        for holder, scan in self.scans.items():
            _Document(self, scan, holder).add()
        self._insert()

    def _find_holders(self, scans: list[Scan]) -> None:
        holder_of: dict[tuple[int, ...], int] = {(): -1}
        for scan in sorted(scans, key=lambda scan: len(scan.document.path)):
            holder = holder_of.get(scan.document.path)
            if holder is None:
                continue
            self.scans[holder] = scan
            for number, x, y, width, height, left, top in scan.frames:
                framed = [
                    i for i in self.at(holder, [int(x), int(y), int(width), int(height)]) if self.elements[i].role == "iframe"
                ]
                if framed:
                    holder_of[(*scan.document.path, int(number))] = framed[0]
                    self._origins[self.elements[framed[0]].ref] = (left, top)

    def at(self, holder: int, box: list[int]) -> list[int]:
        """The elements of a document that have exactly this box."""
        x, y, width, height = box
        return self._at.get((holder, x, y, width, height), [])

    def ref(self, scan: Scan, row: int) -> str:
        return self._scanner.ref(scan, row)

    def insert(self, new: _New) -> None:
        self._new.append(new)

    def end_of(self, index: int) -> int:
        """The index after everything below `index`; -1 is the whole page."""
        depth = self.elements[index].depth if index >= 0 else -1
        end = index + 1
        while end < len(self.elements) and self.elements[end].depth > depth:
            end += 1
        return end

    def shifts(self, around: list[int]) -> dict[int, tuple[float, float] | None]:
        """For each `iframe`, where its view begins in the page's; None when that is not known."""
        shifts: dict[int, tuple[float, float] | None] = {-1: (0.0, 0.0)}
        for index, element in enumerate(self.elements):
            if element.role != "iframe":
                continue
            outer, inner = shifts.get(around[index]), self._origins.get(element.ref)
            known = outer is not None and inner is not None and element.box is not None
            shifts[index] = (
                (outer[0] + element.box.x + inner[0], outer[1] + element.box.y + inner[1])
                if known and outer and inner and element.box
                else None
            )
        return shifts

    def _by_place(self) -> dict[_Place, list[int]]:
        found: defaultdict[_Place, list[int]] = defaultdict(list)
        for index, (element, holder) in enumerate(zip(self.elements, self._around, strict=True)):
            if element.box is not None:
                x, y, width, height = element.box
                found[holder, int(x), int(y), int(width), int(height)].append(index)
        return found

    def _insert(self) -> None:
        if not self._new:
            return
        before: defaultdict[int, list[_New]] = defaultdict(list)
        for new in sorted(self._new, key=lambda new: -new.depth):
            before[new.at].append(new)
        moved: list[int] = []
        merged: list[Element] = []
        for index, element in enumerate([*self.elements, None]):
            for new in before[index]:
                _flatten(new, moved[new.parent] if new.parent >= 0 else -1, merged)
            moved.append(len(merged))
            if element is not None:
                if element.parent >= 0:
                    amend(element, parent=moved[element.parent])
                merged.append(element)
        self.elements = merged


def _flatten(new: _New, parent: int, into: list[Element]) -> None:
    own = len(into)
    amend(new.element, parent=parent, depth=new.depth)
    into.append(new.element)
    for below in new.below:
        below.depth = new.depth + 1
        _flatten(below, own, into)


class _Document:
    """The findings of one document, being merged."""

    def __init__(self, merge: _Merge, scan: Scan, holder: int) -> None:
        self._merge = merge
        self._scan = scan
        self._holder = holder
        self._became: dict[int, _New] = {}
        """Row → what was inserted for it."""

    def add(self) -> None:
        for number, row in enumerate(self._scan.rows):
            if row.kind == "up":
                continue
            match = None if row.inside else self._match(row)
            if match is not None:
                self._complete(self._merge.elements[match], row, number)
            elif row.kind != "value":
                self._add(row, number)

    def _match(self, row: Row) -> int | None:
        elements = self._merge.elements
        found = self._merge.at(self._holder, row.own if row.kind == "stands" and row.own else row.box)
        if row.kind in ("stands", "value"):
            found = [index for index in found if elements[index].role == row.role]
            named = [index for index in found if elements[index].name == row.name]
            return next(iter(named or found), None)
        by_role = [index for index in found if elements[index].role == row.role]
        generic = [index for index in found if elements[index].role == "generic"]
        return next(iter(by_role or generic or found), None)

    def _complete(self, element: Element, row: Row, number: int) -> None:
        if not element.ref:
            amend(element, ref=self._merge.ref(self._scan, number))
        if row.kind == "click":
            shown = element.name or element.value
            told = row.name if shown else ""  # of an icon font's letter; what shows nothing at all has no other name
            name = (told or icon_name(row.icon) if is_drawn(shown) else "") or element.name
            amend(element, clickable=element.role not in INTERACTIVE, name=name)
        elif row.kind == "stands":
            amend(element, box=_box(row.box))
        elif row.kind == "value":
            amend(element, value=element.value or row.value)
        elif row.kind == "edit":
            role = element.role if element.role in FIELDS else "textbox"
            amend(element, role=role, name=element.name or row.name, value=row.value, clickable=False)
        elif element.role not in INTERACTIVE:
            name = row.name or element.name or element.value
            states = *row.states, *(state for state in element.states if state == "active")
            amend(element, role=row.role, name=name, value=row.value, states=states, clickable=False)

    def _add(self, row: Row, number: int) -> None:
        acts = row.kind not in _NOT_TO_ACT_ON
        element = Element(
            self._merge.ref(self._scan, number) if acts else "",
            row.role,
            row.name or icon_name(row.icon),
            row.value,
            tuple(row.states),
            url=row.url,
            placeholder=row.placeholder if row.placeholder != row.name else "",
            clickable=acts and row.role not in INTERACTIVE,
            box=_box(row.box) if acts else None,
        )
        at, parent, above = self._where(row)
        if above is not None:
            new = _New(element, 0, 0, 0)
            above.below.append(new)
        else:
            depth = self._merge.elements[parent].depth + 1 if parent >= 0 else 0
            new = _New(element, at, depth, parent)
            self._merge.insert(new)
        self._became[number] = new

    def _where(self, row: Row) -> tuple[int, int, _New | None]:
        """Before which element it goes, under which, or under which inserted one."""
        after: int | None = None
        up, beside = row.parent, row.before
        while True:
            if after is None and beside and (near := self._merge.at(self._holder, beside)):
                after = near[0]
            if up < 0:
                parent = self._holder
                break
            if up in self._became:
                return 0, 0, self._became[up]
            above = self._scan.rows[up]
            if not above.inside and (found := self._merge.at(self._holder, above.box)):
                parent = found[-1]
                break
            up, beside = above.parent, above.before
        if parent == self._holder:
            parent = self._root()
        if after is not None and self._is_below(after, parent):
            return self._merge.end_of(after), parent, None
        return self._by_reading_order(row, parent), parent, None

    def _root(self) -> int:
        """The element everything of this document is under, if there is one."""
        elements = self._merge.elements
        first = self._holder + 1
        if (
            first < len(elements)
            and elements[first].parent == self._holder
            and self._merge.end_of(first) == self._merge.end_of(self._holder)
        ):
            return first if elements[first].role == "generic" else self._holder
        return self._holder

    def _is_below(self, index: int, parent: int) -> bool:
        while index > parent:
            index = self._merge.elements[index].parent
        return index == parent

    def _by_reading_order(self, row: Row, parent: int) -> int:
        elements, end = self._merge.elements, self._merge.end_of(parent)
        x, y, _, height = row.box
        for index in range(parent + 1, end):
            box = elements[index].box
            sibling = elements[index].parent == parent and elements[index].ref
            if sibling and box and (box.y >= y + height or (box.y + box.height > y and box.x > x)):
                return index
        return end


def _box(box: list[int]) -> Box:
    x, y, width, height = box
    return Box(float(x), float(y), float(width), float(height))
