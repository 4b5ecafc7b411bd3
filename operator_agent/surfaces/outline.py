"""What an outline is: how many corners it has, and what people call it. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import hypot
from statistics import fmean

from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Shape

_EVEN = 0.08
"""How much longer one side of a square may be."""
_ROUND = 0.055
"""How much the distance of a round outline from its middle may vary."""
_FINE = 0.035
"""How far, as a share of its size, an outline may stray from a straight side."""
_CLOSE = 0.16
"""Corners nearer to each other than this share of the size are one: a line's ends are cut off in many ways."""
_NAMES = {"path": "curve", "polyline": "curve", "area": "curve", "image": "image", "text": "text"}


def outlined(kind: str, box: Box, outline: tuple[Spot, ...]) -> tuple[str, tuple[Spot, ...]]:
    """The kind of a shape, and its corners, from how it is drawn (`rect`, `polygon`, `path`, `area` …) and its outline."""
    even = abs(box.width - box.height) <= _EVEN * max(box.width, box.height, 1.0)
    match kind:
        case "line":
            return "line", outline
        case "circle" | "ellipse":
            return ("circle" if even else "ellipse"), ()
        case "rect" | "rectangle":
            corners = outline or _corners_of(box)
            return ("square" if _sides_even(corners) else "rectangle"), corners
        case "polygon" | "polyline":
            return _polygon(outline) if len(outline) > 2 or kind == "polygon" else ("line", outline)
        case "path" | "area":
            return _traced(kind, box, outline, even)
    return _NAMES.get(kind, kind), ()


def filled(shapes: Sequence[Shape]) -> list[Shape]:
    """Of a canvas, outlines and what they are filled with as one: pixels tell only where a colour ends."""
    kept: list[Shape] = []
    for shape in shapes:
        around = next((at for at, other in enumerate(kept) if _fills(shape, other)), None)
        if around is None:
            kept.append(shape)
        else:
            kept[around] = replace(kept[around], fill=shape.fill)
    return kept


def _fills(inner: Shape, outer: Shape) -> bool:
    if inner.drawing < 0 or inner.drawing != outer.drawing or outer.fill or not outer.stroke or not inner.fill or inner.stroke:
        return False
    (x, y, width, height), (left, top, across, down) = inner.box, outer.box
    within = x >= left and y >= top and x + width <= left + across and y + height <= top + down
    return within and inner.sides == outer.sides and width * height > 0.6 * across * down


def _traced(kind: str, box: Box, outline: tuple[Spot, ...], even: bool) -> tuple[str, tuple[Spot, ...]]:
    closed = len(outline) > 3 and _far(outline[0], outline[-1]) <= 0.12 * max(box.width, box.height)
    if min(box.width, box.height) <= 2 or (not closed and len(corners(outline, closed=False)) == 2):
        return "line", (outline[0], max(outline, key=lambda spot: _far(outline[0], spot))) if outline else ()
    if not closed:
        return "curve", ()
    middle = Spot(fmean(spot.x for spot in outline), fmean(spot.y for spot in outline))
    away = [_far(middle, spot) for spot in outline]
    if max(away) - min(away) <= _ROUND * fmean(away) + (1.5 if kind == "area" else 0.0):
        return "circle", ()
    found = corners(outline)
    if len(found) < 3:
        return "curve", ()
    if len(found) > 12:
        return ("ellipse" if not even else "curve"), ()
    return _polygon(found)


def _polygon(points: tuple[Spot, ...]) -> tuple[str, tuple[Spot, ...]]:
    found = points[:-1] if len(points) > 3 and points[0] == points[-1] else points
    if len(found) == 3:
        return "triangle", found
    if len(found) == 4 and _right_angled(found):
        return ("square" if _sides_even(found) else "rectangle"), found
    return "polygon", found


def corners(outline: tuple[Spot, ...], closed: bool = True) -> tuple[Spot, ...]:
    """The corners of an outline given by many points: those that straight sides cannot leave out (Douglas and Peucker, 1973)."""
    if len(outline) < 3:
        return outline
    size = max(_far(outline[0], spot) for spot in outline)
    fine = max(1.2, _FINE * size)
    if not closed:
        return tuple(_kept(outline, fine))
    middle = Spot(fmean(spot.x for spot in outline), fmean(spot.y for spot in outline))
    first = max(range(len(outline)), key=lambda at: _far(middle, outline[at]))  # the farthest from the middle is a corner
    turned = outline[first:] + outline[:first]
    other = max(range(len(turned)), key=lambda at: _far(turned[0], turned[at]))
    halves = _kept(turned[: other + 1], fine)[:-1] + _kept((*turned[other:], turned[0]), fine)[:-1]
    return tuple(_without_straight(_one_of_close(halves, _CLOSE * size), fine))


def _kept(points: tuple[Spot, ...], fine: float) -> list[Spot]:
    keep, todo = {0, len(points) - 1}, [(0, len(points) - 1)]
    while todo:
        start, end = todo.pop()
        far, at = max(((_off(points[i], points[start], points[end]), i) for i in range(start + 1, end)), default=(0.0, 0))
        if far > fine:
            keep.add(at)
            todo += [(start, at), (at, end)]
    return [points[i] for i in sorted(keep)]


def _one_of_close(points: list[Spot], close: float) -> list[Spot]:
    kept: list[Spot] = []
    for spot in points:
        if all(_far(spot, other) > close for other in kept):
            kept.append(spot)
    return kept


def _without_straight(points: list[Spot], fine: float) -> list[Spot]:
    """Without corners that are none: they lie between their neighbours."""
    count = len(points)
    return [p for i, p in enumerate(points) if count < 4 or _off(p, points[i - 1], points[(i + 1) % count]) > fine]


def _off(spot: Spot, start: Spot, end: Spot) -> float:
    """How far a point lies from the straight line between two."""
    length = _far(start, end)
    if not length:
        return _far(spot, start)
    return abs((end.x - start.x) * (start.y - spot.y) - (start.x - spot.x) * (end.y - start.y)) / length


def _far(one: Spot, other: Spot) -> float:
    return hypot(one.x - other.x, one.y - other.y)


def _sides(points: tuple[Spot, ...]) -> list[float]:
    return [_far(one, other) for one, other in pairwise((*points, points[0]))]


def _sides_even(points: tuple[Spot, ...]) -> bool:
    sides = _sides(points)
    return max(sides) - min(sides) <= _EVEN * max(sides)


def _right_angled(points: tuple[Spot, ...]) -> bool:
    a, b, c, d = points
    across, down = _far(a, c), _far(b, d)
    parallel = hypot(a.x + c.x - b.x - d.x, a.y + c.y - b.y - d.y)
    return abs(across - down) <= _EVEN * max(across, down) and parallel <= _EVEN * 2 * max(across, down)


def _corners_of(box: Box) -> tuple[Spot, ...]:
    right, bottom = box.x + box.width, box.y + box.height
    return Spot(box.x, box.y), Spot(right, box.y), Spot(right, bottom), Spot(box.x, bottom)
