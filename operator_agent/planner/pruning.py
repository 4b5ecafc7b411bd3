"""What of a page is worth a line: boxes that say nothing vanish and what is in them moves up, what is said twice is said once."""

from __future__ import annotations

from functools import cached_property

from operator_agent.flow.observation import Element
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.page import Page

BARE = frozenset({"generic", "none", "presentation", "rowgroup", "paragraph", "group", "region", "section", "directory"})
"""Roles that say nothing by themselves: without a name and a text of their own they vanish."""
INLINE = frozenset({"text", "strong", "emphasis", "code", "mark", "subscript", "superscript", "insertion", "deletion", "time"})
"""Parts of a running text: neighbours are joined."""
_DECORATION = frozenset({"img", "separator", "graphics-symbol", "graphics-object", "graphics-document", "figure", "canvas"})
_FRAMES = frozenset({"listitem", "cell", "gridcell", "article", "figure", "term", "definition"})
"""Frames around a single thing: that stands for them."""
_SPELT_OUT = INTERACTIVE | {"heading", "cell", "gridcell", "columnheader", "rowheader", "row", "listitem", "img", "caption"}
"""Roles whose name is made of what is in them."""
_ORNAMENTS = frozenset("|·•,;/›»<>→←–—-*:")


class Pruned:
    """The elements of a page that get a line, and the line each stands under. Indices are those of the page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._below = [0] * len(page.elements)

    @cached_property
    def says(self) -> list[bool]:
        """Of each element whether it gets a line."""
        elements, covered, below = self._page.elements, self._covered, self._below
        says = [False] * len(elements)
        for index in range(len(elements) - 1, -1, -1):
            element = elements[index]
            says[index] = not covered[index] and self._speaks(element, below[index])
            if element.parent >= 0:
                below[element.parent] += 1 if says[index] else below[index]
        return says

    @cached_property
    def shown(self) -> list[int]:
        """The elements that get a line, in the order of the page; of texts that are joined the first."""
        joined = {index for texts in self.joined.values() for index in texts[1:]}
        return [index for index, says in enumerate(self.says) if says and index not in joined]

    @cached_property
    def holders(self) -> list[int]:
        """Of each element the nearest around it that gets a line, -1 for none."""
        elements, says = self._page.elements, self.says
        holders = [-1] * len(elements)
        for index, element in enumerate(elements):
            parent = element.parent
            holders[index] = parent if parent < 0 or says[parent] else holders[parent]
        return holders

    @cached_property
    def joined(self) -> dict[int, list[int]]:
        """First of several texts that stand side by side → all of them."""
        elements, says, holders = self._page.elements, self.says, self.holders
        found: dict[int, list[int]] = {}
        first = last = -1
        for index, element in enumerate(elements):
            if not says[index]:
                continue
            text = element.role in INLINE and not element.clickable and self._page.ends[index] == index + 1
            if text and last >= 0 and holders[index] == holders[last] and elements[index].parent == elements[last].parent:
                found.setdefault(first, [first]).append(index)
            elif text:
                first = index
            last = index if text else -1
        return found

    @cached_property
    def _covered(self) -> list[bool]:
        """Of each element whether another one's line says all that it would say."""
        page, elements, labels = self._page, self._page.elements, self._page.labels
        namer = [-1] * len(elements)
        covered = [False] * len(elements)
        for index, element in enumerate(elements):
            parent = element.parent
            if parent >= 0:
                namer[index] = parent if elements[parent].name and elements[parent].role in _SPELT_OUT else namer[parent]
            if element.role in INTERACTIVE or element.clickable or element.role == "row":
                continue
            label, leaf = labels[index], page.ends[index] == index + 1
            above = namer[index]
            if leaf and label and above >= 0 and (len(label) < 500 and label in labels[above]):
                covered[index] = True
            elif leaf and label and element.role in ("text", "generic"):
                covered[index] = self._labels_a_neighbour(index)
        return covered

    def _labels_a_neighbour(self, index: int) -> bool:
        """Whether the text is what the control beside it is called."""
        elements, labels = self._page.elements, self._page.labels
        return any(
            0 <= beside < len(elements)
            and labels[beside] == labels[index]
            and (elements[beside].role in INTERACTIVE or elements[beside].clickable)
            for beside in (index - 1, index + 1)
        )

    def _speaks(self, element: Element, below: int) -> bool:
        if element.role in INTERACTIVE or element.clickable:
            return True
        if element.role in INLINE or (element.role == "generic" and not element.name):
            return bool(element.value or element.name) and not _ornament(element.value or element.name)
        if element.name or element.value:
            return True
        if element.role in BARE:
            return False
        if element.role in _DECORATION and not below:
            return False
        return below > (1 if element.role in _FRAMES else 0)


def _ornament(text: str) -> bool:
    return len(text) <= 3 and all(char in _ORNAMENTS or char.isspace() for char in text)
