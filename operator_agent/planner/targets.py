"""What to call the elements of a page so that the executor finds each and no other: `grounding.naming.pointer` for hundreds of
elements at once, by looking names up instead of searching the page for each."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise

from operator_agent.flow.target import ROLES, Target, is_regex
from operator_agent.grounding.naming import places
from operator_agent.grounding.page import Page
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.fence import legible

LONG = 100
"""Characters up to which a name is written in full."""
_BEGINNING = 60  # characters of a longer name that a pattern is made of
_PLACES = 12  # containers tried to tell equals apart
_FEW = 4  # equals that a person would count
_TWINS = 300  # parts of one name above which it names no place
_FAR = 40  # containers around an element
_READ = 200  # elements read to learn the text of a container
_SPECIAL = re.compile(r'[\\/.^$*+?{}\[\]|()"]')


class Targets:
    """Targets of one page, in the notation of scripts."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._near = _Near(page)
        self._labelled: dict[str, dict[str, list[int]]] = {}
        self._beginnings: dict[str, dict[str, list[int]]] = {}
        self._places: dict[Target, list[int]] = {}
        self._things: dict[tuple[str, str], list[int]] = {}

    def of(self, index: int) -> Target | None:
        """The target that means this element and no other on this page; None when there is none."""
        element = self._page.elements[index]
        if element.role not in ROLES:
            return None
        target, key, equals = self._plainest(index)
        if equals == [index]:
            return target
        return self._placed(index, target, equals) or self._counted(index, target, key, equals)

    def container(self, index: int) -> Target:
        """The target that means this element as a place, as `matching.containers` counts."""
        target = self.of(index)
        if target is not None and not target.nth:
            return target
        role = self._page.elements[index].role
        return Target(role=role, nth=bisect_left(self._by_role[role], index) + 1)

    def _plainest(self, index: int) -> tuple[Target, str, list[int]]:
        """By role and as much of the name as can be written; what all it means, and a key for those."""
        element, label = self._page.elements[index], self._page.labels[index]
        name = " ".join(legible(own_name(index, self._page)).split())
        if label and len(name) > LONG:
            begins = _beginning(own_name(index, self._page))
            if legible(begins) == begins:
                pattern = Target(role=element.role, name=f"/^{_SPECIAL.sub('.', begins)}/")
                return pattern, f"^{begins}", self._begins(element.role)[begins]
        elif label and name and not is_regex(name) and folded(name) == label:
            return Target(role=element.role, name=name), label, self._labels(element.role)[label]
        return Target(role=element.role), "", self._by_role[element.role]

    def _placed(self, index: int, target: Target, equals: list[int]) -> Target | None:
        """By the innermost container that has no other of its equals; of many equals, by the place among the few in one."""
        among: Target | None = None
        for place in islice(places(index, self._near), _PLACES):
            if legible(place.name) != place.name:
                continue
            inside = self._inside(place, equals)
            if inside == [index]:
                return target.model_copy(update={"within": place})
            if among is None and len(equals) > _FEW >= len(inside) and index in inside and not self._nested(inside):
                among = target.model_copy(update={"within": place, "nth": inside.index(index) + 1})
        return among

    def _counted(self, index: int, target: Target, key: str, equals: list[int]) -> Target | None:
        """By its place among equals, counted as the executor counts; a page's nameless boxes are nothing to count."""
        if target.role == "generic" and not target.name:
            return None
        things = self._things.get((target.role, key))
        if things is None:
            nested = target.name and self._nested(equals)
            things = self._things[target.role, key] = self._near.one_each(equals) if nested else equals
        at = bisect_left(things, index)
        if things[at : at + 1] != [index]:
            return None
        return target if len(things) == 1 else target.model_copy(update={"nth": at + 1})

    def _nested(self, indices: list[int]) -> bool:
        return any(later < self._page.ends[earlier] for earlier, later in pairwise(indices))

    def _inside(self, place: Target, equals: Sequence[int]) -> list[int]:
        """Which of the equals are in the place, as `matching.containers` understands it; at most a few."""
        if place not in self._places:
            self._places[place] = self._containers(place)
        found: set[int] = set()
        for outer in self._places[place]:
            first, behind = bisect_left(equals, outer + 1), bisect_left(equals, self._page.ends[outer])
            found.update(equals[first : min(behind, first + _FEW + 1)])
        return sorted(found)

    def _containers(self, place: Target) -> list[int]:
        wanted = folded(place.name)
        if named := self._labels(place.role).get(wanted):
            return named
        parts = self._own_labels.get(wanted, [])
        if len(parts) > _TWINS:
            return []
        around = {above for part in parts for above in islice(self._page.ancestors(part), _READ)}
        above = {index for index in around if self._page.elements[index].role == place.role}
        outer = {i for inner in above for i in islice(self._page.ancestors(inner), _READ) if i in above}
        return sorted(above - outer)

    @cached_property
    def _by_role(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, element in enumerate(self._page.elements):
            found.setdefault(element.role, []).append(index)
        return found

    @cached_property
    def _own_labels(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, label in enumerate(self._page.labels):
            found.setdefault(label, []).append(index)
        return found

    def _labels(self, role: str) -> dict[str, list[int]]:
        """The elements of a role by what a target may call them: their label, else the text in them."""
        if role not in self._labelled:
            found: dict[str, list[int]] = {}
            for index in self._by_role.get(role, []):
                label = self._page.labels[index] or ("" if role == "generic" or role in FIELDS else folded(self._text(index)))
                found.setdefault(label, []).append(index)
            self._labelled[role] = found
        return self._labelled[role]

    def _text(self, index: int) -> str:
        """As `Observation.text_of` for an element without a label, cut off where it is too long to be a name."""
        words: list[str] = []
        size = 0
        for below in islice(self._page.below(index), _READ):
            element = self._page.elements[below]
            for part in (element.name, element.value):
                if part and (not words or words[-1] != part):
                    words.append(part)
                    size += len(part)
            if size > 4 * LONG:
                break
        return " ".join(words)

    def _begins(self, role: str) -> dict[str, list[int]]:
        """The elements of a role that have a long name, by its beginning."""
        if role not in self._beginnings:
            found: dict[str, list[int]] = {}
            for index in self._by_role.get(role, []):
                name = own_name(index, self._page) or ("" if role == "generic" or role in FIELDS else self._text(index))
                if len(name) >= _BEGINNING // 4:  # the composed form may be longer
                    found.setdefault(_beginning(name), []).append(index)
            self._beginnings[role] = found
        return self._beginnings[role]


class _Near(Page):
    """A page as seen from an element: without what is too far around it to be called its place."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.observation)
        self.labels, self.ends = page.labels, page.ends

    def ancestors(self, index: int) -> Iterator[int]:
        return islice(super().ancestors(index), _FAR)


def own_name(index: int, page: Page) -> str:
    """The name, else, unless it is a field, the text it shows itself."""
    element = page.elements[index]
    return element.name or ("" if element.role in FIELDS else element.value)


def _beginning(name: str) -> str:
    """How a long name begins, as a pattern sees it."""
    return " ".join(unicodedata.normalize("NFKC", name[: 4 * LONG]).split())[:_BEGINNING]
