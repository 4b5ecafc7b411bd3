"""An observation with what grounding asks of it again and again, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

from operator_agent.flow.observation import Element, Observation
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.matching import FIELDS, folded

PLACES = frozenset(
    {"row", "listitem", "article", "treeitem", "option", "figure", "cell", "gridcell"}
    | {"dialog", "alertdialog", "group", "radiogroup", "region", "form", "search", "tabpanel", "toolbar"}
    | {"table", "grid", "list", "menu", "menubar", "tablist", "navigation", "banner", "main", "contentinfo", "complementary"}
)
"""Roles that a person calls a place: "in the row of Bob", "in the dialog"."""

_NEAR = 3  # elements between a label's text and its control, wrappers counted


class Page:
    """`observation`, and the tree relations that it leaves implicit. Indices are into `observation.elements`."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self.elements: tuple[Element, ...] = observation.elements
        self.labelling: dict[int, int | None] = {}
        """Of an element the one whose text labels it, as far as somebody asked (`around.labelled_by`)."""

    @cached_property
    def labels(self) -> list[str]:
        """Of each element the folded name, else, unless it is a field, the folded text of its own."""
        return [folded(e.name or ("" if e.role in FIELDS else e.value)) for e in self.elements]

    @cached_property
    def of_role(self) -> Mapping[str, list[int]]:
        """The elements of each role."""
        return self.observation.of_role

    @cached_property
    def ends(self) -> list[int]:
        """Of each element the index just behind the last element below it."""
        ends = [len(self.elements)] * len(self.elements)
        open_: list[int] = []
        for index, element in enumerate(self.elements):
            while open_ and self.elements[open_[-1]].depth >= element.depth:
                ends[open_.pop()] = index
            open_.append(index)
        return ends

    @cached_property
    def controls(self) -> list[int]:
        """What can be acted on, options of a list apart: they are part of it."""
        acting = ((i, e) for i, e in enumerate(self.elements) if e.ref and e.role != "option")
        return [i for i, e in acting if e.role in INTERACTIVE or e.clickable]

    def is_off(self, index: int) -> bool:
        """Whether it lies above or to the left of the page, where nobody can scroll to: a dialog that waits there."""
        box, whole = self.elements[index].box, self.elements[0].box
        return box is not None and whole is not None and (box.y + box.height <= whole.y or box.x + box.width <= whole.x)

    def ancestors(self, index: int) -> Iterator[int]:
        """The elements around `index`, innermost first."""
        above = self.elements[index].parent
        while above >= 0:
            yield above
            above = self.elements[above].parent

    def holds(self, outer: int, inner: int) -> bool:
        return outer < inner < self.ends[outer]

    def below(self, index: int) -> range:
        return range(index + 1, self.ends[index])

    def is_header(self, index: int) -> bool:
        """Whether it is a table's row of column headers and nothing else."""
        below = {self.elements[i].role for i in self.below(index)} if self.elements[index].role == "row" else set()
        return "columnheader" in below and not below & {"cell", "gridcell"}

    def one_each(self, indices: Iterable[int]) -> list[int]:
        """The things among `indices`: a link around a button of the same name, a label's text beside its checkbox, or a
        wrapper around what it wraps are one thing, and the part that reacts stands for it."""
        kept: dict[int, int] = {}  # where the thing begins → the part that stands for it
        for index in sorted(indices):
            above = [i for i in self.ancestors(index) if i in kept]
            near = above + [i for i in islice(reversed(kept), _NEAR) if i not in above]
            twin = next((i for i in near if self._same_thing(kept[i], index)), None)
            if twin is None:
                kept[index] = index
            elif self._stands_for(index, kept[twin]):
                kept[twin] = index
        return sorted(kept.values())

    def _same_thing(self, earlier: int, later: int) -> bool:
        if self.holds(earlier, later):
            return not self.labels[earlier] or self.labels[earlier] == self.labels[later] or self._only_wraps(earlier, later)
        if self.labels[earlier] != self.labels[later]:
            return False
        # A label's text and its control say the same side by side, at most one wrapper apart.
        plain = [i for i in (earlier, later) if not self._reacts(i)]
        return len(plain) == 1 and self._near(earlier, later)

    def _only_wraps(self, outer: int, inner: int) -> bool:
        reacting = [i for i in self.below(outer) if self._reacts(i)]
        return self.elements[outer].role == "generic" and reacting == [inner]

    def _near(self, one: int, other: int) -> bool:
        parents = {self.elements[one].parent, self.elements[other].parent}
        if len(parents) == 1:
            return abs(one - other) < _NEAR
        above = {self.elements[p].parent for p in parents if p >= 0} | parents
        return len(above) <= 3 and abs(one - other) <= _NEAR

    def _reacts(self, index: int) -> bool:
        return self.elements[index].role in INTERACTIVE or self.elements[index].clickable

    def _stands_for(self, later: int, earlier: int) -> bool:
        """Whether of two parts of one thing the later is the better handle."""
        roles = [self.elements[i].role in INTERACTIVE for i in (earlier, later)]
        if roles[0] != roles[1]:
            return roles[1]
        if self._reacts(earlier) != self._reacts(later):
            return self._reacts(later)
        return self.elements[later].role != "text" and bool(self.elements[later].ref)
