"""Where the coordinates of a drawn grid are, told by the numbers along its axes, else by its lines and dots."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from operator_agent.flow.geometry import Spot
from operator_agent.flow.looks import Shape

_NUMBER = re.compile(r"[-−–]?\d+(?:\.\d+)?")
_ROW = 6.0
"""How far labels of one axis may be out of line, in pixels."""


class Scale(NamedTuple):
    """Where 0 is, and how many pixels one is; y counts downwards, so its unit is below zero as a rule."""

    zero: float
    unit: float


class Axes(NamedTuple):
    across: Scale
    up: Scale

    def spot(self, x: float, y: float) -> Spot:
        return Spot(self.across.zero + x * self.across.unit, self.up.zero + y * self.up.unit)

    @property
    def unit(self) -> float:
        return min(abs(self.across.unit), abs(self.up.unit))


def axes_of(shapes: Sequence[Shape]) -> Axes | None:
    """The axes; None when nothing shows where they are."""
    labels = [s for s in shapes if s.text and _NUMBER.fullmatch(s.text)]
    numbers = [(float(s.text.replace("−", "-").replace("–", "-")), s.centre) for s in labels]
    lined = _by_lines(shapes)
    across = _scale([(value, spot.x, spot.y) for value, spot in numbers])
    up = _scale([(value, spot.y, spot.x) for value, spot in numbers])
    if lined:
        # Dots lie exactly on the grid; a label is only near its tick. The labels tell how much one dot is.
        return Axes(_snapped(across, lined.across), _snapped(up, lined.up))
    return Axes(across, up) if across and up else None


def _scale(labels: list[tuple[float, float, float]]) -> Scale | None:
    """From labels as value, place along the axis, place off it: the longest run in line, its values even with its places."""
    rows: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
    for value, along, off in labels:
        for bucket in {int(off // _ROW), int((off + _ROW / 2) // _ROW)}:
            rows[bucket].append((along, value))
    best: tuple[int, Scale] | None = None
    for row in rows.values():
        points = sorted(set(row))
        if len(points) < 2 or len({value for _, value in points}) < 2:
            continue
        units = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(points) if a[1] != b[1]]
        unit = median(units)
        if not unit or any(abs(one - unit) > 0.25 * abs(unit) for one in units):
            continue
        zero = median(along - value * unit for along, value in points)
        if best is None or len(points) > best[0]:
            best = (len(points), Scale(zero, unit))
    return best[1] if best else None


def _by_lines(shapes: Sequence[Shape]) -> Axes | None:
    """The two lines that cross, and the even steps of the dots."""
    level = [s for s in shapes if s.kind in ("line", "rectangle") and s.box.height <= 2 and s.box.width > 40]
    upright = [s for s in shapes if s.kind in ("line", "rectangle") and s.box.width <= 2 and s.box.height > 40]
    if len(level) != 1 or len(upright) != 1:
        return None
    dots = [s.centre for s in shapes if s.kind == "circle"]
    steps = [_step(sorted({round(spot[axis], 1) for spot in dots})) for axis in (0, 1)]
    if not all(steps):
        return None
    return Axes(Scale(upright[0].centre.x, steps[0]), Scale(level[0].centre.y, -steps[1]))


def _step(places: list[float]) -> float:
    gaps = [b - a for a, b in pairwise(places) if b - a > 3]
    return median(gaps) if gaps else 0.0


def _snapped(told: Scale | None, dots: Scale) -> Scale:
    if told is None:
        return dots
    return Scale(dots.zero, dots.unit * max(1, round(told.unit / dots.unit)) if told.unit / dots.unit > 0 else told.unit)
