"""Places on a surface, in CSS pixels."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """CSS pixels, relative to the view of the active tab (frames already added up)."""

    x: float
    y: float
    width: float
    height: float


class Spot(NamedTuple):
    """A point in CSS pixels."""

    x: float
    y: float

    def __str__(self) -> str:
        return ", ".join(str(int(number)) if number == int(number) else str(number) for number in self)
