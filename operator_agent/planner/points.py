"""From a point a model names in a picture to the element under it, called so that it and no other is meant.

A point is never clicked: what is under it is looked up in the tree of the same look, and from there on the step is one like any
other, judged by policy and verifier and recorded by name.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import NamedTuple

from operator_agent.executor import Executor
from operator_agent.flow.action import Click
from operator_agent.flow.observation import Box, Observation, Picture
from operator_agent.flow.plan import Refusal
from operator_agent.flow.target import Target
from operator_agent.grounding.fit import CHECKS, FIELDS, INTERACTIVE
from operator_agent.grounding.naming import describe, pointer
from operator_agent.grounding.page import Page
from operator_agent.matching import folded, matches
from operator_agent.models.computer import Space
from operator_agent.models.port import Image
from operator_agent.roles import Grounded

NEAR = 8.0
"""CSS pixels a point may miss an element by: about what a model errs by on a small target."""
_CLEARLY = 2.0
"""So much nearer one element must be than the next, when the point is on neither."""
_QUALITY = 80
_SLACK = 0.005
"""Share of the picture a point may lie outside: models round up at the edge."""
_WIDE = 1 / 8
"""Share of the view from which on it matters where a click lands in an element that is no ordinary control."""
_NEAREST = 3
_SCROLLING = frozenset({"dialog", "alertdialog", "listbox", "menu", "tree", "grid", "log", "feed", "tabpanel"})

Point = tuple[float, float]


class Pointed(NamedTuple):
    """The element under a point."""

    target: Target
    role: str
    why: str
    """How it was found, when the point is not simply on it."""


def as_sent(picture: Picture, longest: int = 0) -> Image:
    """The picture for a model that takes at most `longest` pixels a side; 0: any."""
    if not longest or max(picture.width, picture.height) <= longest:
        return Image(picture.jpeg, picture.width, picture.height)
    from PIL import Image as Pixels

    factor = longest / max(picture.width, picture.height)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    written = io.BytesIO()
    with Pixels.open(io.BytesIO(picture.jpeg)) as pixels:
        pixels.resize(size, Pixels.Resampling.LANCZOS).save(written, "JPEG", quality=_QUALITY)
    return Image(written.getvalue(), *size)


@dataclass(frozen=True, slots=True)
class Lens:
    """From a model's points to CSS pixels of the view and back: `image` is what it was sent of `picture`."""

    space: Space
    image: Image
    picture: Picture

    def to_view(self, point: Point) -> Point | None:
        """None for a point outside the picture."""
        across, down = (number / whole for number, whole in zip(point, self._whole, strict=True))
        if not (-_SLACK <= across <= 1 + _SLACK and -_SLACK <= down <= 1 + _SLACK):
            return None
        width, height = self._view
        return min(max(across, 0.0), 1.0) * width, min(max(down, 0.0), 1.0) * height

    def from_view(self, point: Point) -> Point:
        across, down = (number / size * whole for number, size, whole in zip(point, self._view, self._whole, strict=True))
        digits = 3 if self.space == "unit" else 0
        return round(across, digits), round(down, digits)

    @property
    def _whole(self) -> Point:
        match self.space:
            case "pixels":
                return self.image.width, self.image.height
            case "unit":
                return 1.0, 1.0
            case "thousand":
                return 1000.0, 1000.0

    @property
    def _view(self) -> Point:
        return self.picture.width / self.picture.scale, self.picture.height / self.picture.scale


class Pointer:
    """Looks points up in one deep look."""

    def __init__(self, seen: Observation, lens: Lens) -> None:
        self.page = Page(seen)
        self.lens = lens
        self._executor = Executor()
        self._targets: dict[int, Target | None] = {}

    def at(self, point: Point) -> Pointed | Refusal:
        """What can be acted on at a point of the model's; a Refusal that names what is nearest when that cannot be told."""
        place = self.lens.to_view(point)
        if place is None:
            return self._refusal(point, "lies outside the picture")
        found, why = self._found(place)
        if found is None:
            return self._refusal(point, why, place)
        if trouble := self._where_it_matters(found, place):
            return self._refusal(point, trouble)
        if found not in self._targets:
            self._targets[found] = self._target(found)
        if (target := self._targets[found]) is None:
            return self._refusal(point, f"is on {describe(found, self.page)}, which nothing tells apart from others like it")
        return Pointed(target, self.page.elements[found].role, why)

    def focused(self) -> Target | None:
        """The field that has the focus, when it can be told."""
        active = (i for i, e in enumerate(self.page.elements) if "active" in e.states and e.role in FIELDS and e.ref)
        index = next(active, None)
        return None if index is None else self._target(index)

    def scrolled(self, point: Point) -> Target | None:
        """The part of the page that scrolls by itself, if any, in which a point lies: as far as roles tell."""
        place = self.lens.to_view(point)
        around = [i for i, e in enumerate(self.page.elements) if e.role in _SCROLLING and e.ref and e.box]
        over = [i for i in around if place and _distance(place, self._box(i)) == 0]
        return self._target(over[-1]) if over else None

    def _found(self, place: Point) -> tuple[int | None, str]:
        """The smallest actionable element at a place, or what the text there labels, or the nearest; and why that one."""
        top = self._top(place)
        able = [i for i in self._able if i in top]
        if on := [i for i in able if _distance(place, self._box(i)) == 0]:
            return min(self.page.one_each(on), key=lambda i: _area(self._box(i))), ""
        if (labelled := self._labelled(place, able)) is not None:
            return labelled, "the point is on its label"
        near = sorted(((_distance(place, self._box(i)), i) for i in able), key=lambda one: one[0])
        close = [(distance, i) for distance, i in near if distance <= NEAR]
        if not close:
            return None, "has nothing under it that can be acted on"
        nearest, index = close[0]
        alike = self.page.one_each(i for distance, i in close if distance - nearest < _CLEARLY)
        if len(alike) > 1:
            return None, f"lies between {' and '.join(describe(i, self.page) for i in alike[:2])}"
        return (alike[0] if alike else index), f"{nearest:.0f} px from the point, which is on nothing"

    def _top(self, place: Point) -> range:
        """The elements that may be on top there: those of an open dialog that covers the place, else all."""
        over = [i for i in self._dialogs if _distance(place, self._box(i)) == 0]
        return self.page.below(over[-1]) if over else range(len(self.page.elements))

    def _labelled(self, place: Point, able: list[int]) -> int | None:
        """The only field or box whose name is the text at the place."""
        boxed = [i for i, e in enumerate(self.page.elements) if e.box and _distance(place, e.box) == 0]
        if not boxed:
            return None
        text = folded(self.page.observation.text_of(min(boxed, key=lambda i: (_area(self._box(i)), -i))))
        named = [i for i in able if self.page.elements[i].role in FIELDS | CHECKS and folded(self.page.elements[i].name) == text]
        return named[0] if text and len(named) == 1 else None

    def _where_it_matters(self, index: int, place: Point) -> str:
        """Why the element will not do for the point: acts go to its middle, and it is one where each place means something else."""
        element, box = self.page.elements[index], self._box(index)
        width, height = self.lens.picture.width / self.lens.picture.scale, self.lens.picture.height / self.lens.picture.scale
        sliding = element.role in ("slider", "scrollbar")
        if not sliding and (element.role in INTERACTIVE or _area(box) < width * height * _WIDE):
            return ""
        off = _distance(place, Box(box.x + box.width / 2, box.y + box.height / 2, 0, 0))
        if off <= NEAR:
            return ""
        return f"is a place in {describe(index, self.page)}, and only its middle can be pointed at" + ("; use keys" * sliding)

    def _target(self, index: int) -> Target | None:
        """A target that means this element and no other, proved by grounding it; by its place among equals when need be."""
        element = self.page.elements[index]
        target = pointer(index, self.page)
        # Looks differ in how many bare boxes they know, so only places among real controls are the same in all of them.
        if (target is None or target.nth) and element.role in INTERACTIVE:
            alike = Target(role=element.role, name="" if target is None else target.name)
            equals = self.page.one_each(matches(alike, self.page.observation))
            target = alike.model_copy(update={"nth": equals.index(index) + 1}) if index in equals else None
        if target is None or (target.nth and element.role not in INTERACTIVE):
            return None
        grounded = self._executor.ground(Click(target=target), self.page.observation)
        return target if isinstance(grounded, Grounded) and grounded.elements["target"] is element else None

    def _refusal(self, point: Point, why: str, place: Point | None = None) -> Refusal:
        nearest = self._nearest(place) if place else ()
        return Refusal(reason=f"the point {_shown(point)} {why}", nearest=nearest, outcome="incomplete")

    def _nearest(self, place: Point) -> tuple[str, ...]:
        """What can be pointed at around a place, and where it is in the model's own numbers."""
        near = sorted(self._able, key=lambda i: _distance(place, self._box(i)))
        return tuple(f"{describe(i, self.page)} at {_shown(self.lens.from_view(_middle(self._box(i))))}" for i in near[:_NEAREST])

    @cached_property
    def _able(self) -> list[int]:
        """What can be acted on."""
        reacting = (i for i, e in enumerate(self.page.elements) if e.ref and (e.role in INTERACTIVE or e.clickable))
        return [i for i in reacting if (box := self.page.elements[i].box) and _area(box)]

    @cached_property
    def _dialogs(self) -> list[int]:
        return [i for i, e in enumerate(self.page.elements) if e.role in ("dialog", "alertdialog") and e.box]

    def _box(self, index: int) -> Box:
        box = self.page.elements[index].box
        assert box
        return box


def _distance(place: Point, box: Box) -> float:
    """CSS pixels from the box; 0 inside it."""
    across = max(box.x - place[0], 0.0, place[0] - box.x - box.width)
    down = max(box.y - place[1], 0.0, place[1] - box.y - box.height)
    return hypot(across, down)


def _area(box: Box) -> float:
    return box.width * box.height


def _middle(box: Box) -> Point:
    return box.x + box.width / 2, box.y + box.height / 2


def _shown(point: Point) -> str:
    return ", ".join(f"{number:g}" for number in point)
