"""Which of the shapes that are shown a phrase means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from operator_agent.flow.geometry import Box
from operator_agent.flow.looks import Colour, Looks, Shape
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts.visual.colours import fitting
from operator_agent.planner.crafts.visual.wanted import Wanted

_MOST_OF = 0.6
"""A block that holds such a share of all others is what they lie on."""
_CLOSE = 2.5
_EVEN = 0.15
_MANY_TIMES = 12.0


@dataclass(slots=True)
class Scene:
    """The shapes a person would speak of, and what is known of each."""

    shapes: list[Shape]
    all: list[Shape]
    reacting: frozenset[int]
    """Ids (places in `all`) of those that take the pointer."""

    def reacts(self, shape: Shape) -> bool:
        return shape.pointing or any(self.all[i] is shape for i in self.reacting)


def scene(looks: Looks, page: Page) -> Scene:
    """Without grounds, controls and what only lies under everything else."""
    every = [shape for shape in looks.shapes if shape.box.width > 1 or shape.box.height > 1]
    boxes = [e.box for e in page.elements if e.box and (e.clickable or e.role in INTERACTIVE)]
    reacting = frozenset(i for i, shape in enumerate(every) if any(_same_place(shape.box, box) for box in boxes))
    free = [shape for shape in every if not shape.ground and not shape.widget]
    parts = [shape for shape in free if not _under_all(shape, free)]
    return Scene(parts, every, reacting)


def _under_all(shape: Shape, others: Sequence[Shape]) -> bool:
    if shape.kind not in ("square", "rectangle") or shape.drawing >= 0:
        return False
    rest = [other for other in others if other is not shape]
    return bool(rest) and sum(inside(other.box, shape.box) for other in rest) > _MOST_OF * len(rest) and len(rest) > 1


def inside(inner: Box, outer: Box, slack: float = 1.0) -> bool:
    """Whether the whole of a box lies in another."""
    return (
        inner.x >= outer.x - slack and inner.y >= outer.y - slack
        and inner.x + inner.width <= outer.x + outer.width + slack
        and inner.y + inner.height <= outer.y + outer.height + slack
    )  # fmt: skip


def _same_place(one: Box, other: Box) -> bool:
    return all(abs(a - b) <= _CLOSE for a, b in zip(one, other, strict=True))


def choose(want: Wanted, among: Scene, besides: Sequence[Shape] = ()) -> list[Shape]:
    """All shapes the phrase fits; for "the rest", all but `besides`. Where some are drawn together and others lie about the page,
    those of the drawing are meant."""
    if want.sort == "button":
        return _fitting(replace(want, sort=""), [shape for shape in among.all if shape.widget and shape.kind != "text"])
    pool = [shape for shape in among.shapes if shape not in besides]
    if want.rest:
        family = [shape for shape in pool if any(_of_a_kind(shape, other) for other in besides)] if besides else pool
        pool = family
    for part in ([s for s in pool if s.drawing >= 0], [s for s in pool if s.drawing < 0 and s.kind != "text"], pool):
        if found := _fitting(want, part):
            return _of_a_size(found) if want.many and not want.size else found
    return []


def _of_a_size(found: list[Shape]) -> list[Shape]:
    """Without what is many times as large as most of them: something they lie in or beside."""
    common = median(shape.area for shape in found)
    return found if found[0].kind == "text" else [shape for shape in found if shape.area <= _MANY_TIMES * common]


def _of_a_kind(shape: Shape, other: Shape) -> bool:
    return shape.drawing == other.drawing and (shape.kind == "text") == (other.kind == "text") and shape.pointing == other.pointing


def _fitting(want: Wanted, shapes: list[Shape]) -> list[Shape]:
    found = [shape for shape in shapes if _is_kind(want, shape) and _is_written(want, shape)]
    for tone in want.tones[:1]:
        own = [_colour(shape, want.outline) for shape in found]
        found = [shape for shape, fits in zip(found, fitting(tone, own), strict=True) if fits]
    if want.outline and not want.tones:
        found = [shape for shape in found if shape.stroke and not shape.fill]
    found = _sized(want.size, found, shapes)
    found = placed(want.places, found)
    if want.nth and found:
        at = want.nth - 1 if want.nth > 0 else want.nth
        found = [found[at]] if -len(found) <= at < len(found) else []
    return found


def _is_kind(want: Wanted, shape: Shape) -> bool:
    if want.sides:
        return shape.sides == want.sides
    if want.sort:
        return shape.kind == "text" and _is_sort(want.sort, shape.text)
    if want.kinds:
        return shape.kind in want.kinds
    if want.noun.casefold().startswith(("shape", "figure")):
        return shape.kind != "text"
    return not (shape.kind == "text" and len(shape.text) > 2 and not want.text)  # words on a page are no "items"


def _is_sort(sort: str, text: str) -> bool:
    match sort:
        case "letter":
            return len(text) == 1 and text.isalpha()
        case "digit":
            return text.isdigit()
        case "character":
            return len(text) == 1
    return bool(text)


def _is_written(want: Wanted, shape: Shape) -> bool:
    if not want.text:
        return True
    return shape.text == want.text or (len(want.text) > 1 and shape.text.casefold() == want.text.casefold())


def _colour(shape: Shape, outline: bool) -> Colour | None:
    return shape.stroke if outline else shape.fill or shape.stroke


def _sized(size: str, found: list[Shape], all_of_them: Sequence[Shape]) -> list[Shape]:
    if not size or not found:
        return found
    if size in ("smallest", "largest"):
        best = (min if size == "smallest" else max)(shape.size for shape in found)
        return [shape for shape in found if abs(shape.size - best) <= 0.5]
    sizes = [shape.size for shape in all_of_them]
    middle = (min(sizes) + max(sizes)) / 2
    if even(all_of_them):
        return []
    return [shape for shape in found if (shape.size < middle) == (size == "small")]


def even(shapes: Sequence[Shape]) -> bool:
    """Whether all are of one size, so that none is small or large."""
    sizes = [shape.size for shape in shapes]
    return bool(sizes) and max(sizes) - min(sizes) < _EVEN * max(sizes)


_MIDDLES: dict[str, Callable[[Shape], float]] = {
    "left": lambda shape: shape.centre.x, "right": lambda shape: -shape.centre.x,
    "top": lambda shape: shape.centre.y, "bottom": lambda shape: -shape.centre.y,
}  # fmt: skip


def placed(places: tuple[str, ...], found: list[Shape]) -> list[Shape]:
    """Of several the one that lies furthest that way; for "middle" the one nearest to the middle of them all."""
    for place in places:
        if len(found) < 2:
            break
        if place == "middle":
            x, y = (sum(s.centre[axis] for s in found) / len(found) for axis in (0, 1))
            found = [min(found, key=lambda s: (s.centre.x - x) ** 2 + (s.centre.y - y) ** 2)]
            continue
        key = _MIDDLES[place]
        first = min(map(key, found))
        found = [shape for shape in found if key(shape) - first <= 4.0]
    return found


def the_one(found: list[Shape], among: Scene) -> list[Shape]:
    """Fewer, when several fit and one was meant: those that take the pointer, then those of the commonest size."""
    if len(found) > 1 and (reacting := [shape for shape in found if among.reacts(shape)]):
        found = reacting
    if len(found) > 1:
        sizes = Counter((s.kind, round(s.box.width), round(s.box.height)) for s in among.shapes)
        most = max(sizes[s.kind, round(s.box.width), round(s.box.height)] for s in found)
        if most > 1:
            found = [s for s in found if sizes[s.kind, round(s.box.width), round(s.box.height)] == most]
    return found
