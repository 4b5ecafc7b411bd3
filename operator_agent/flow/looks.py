"""What a page looks like: its shapes, with colour, size and place. Read only when words ask for looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from operator_agent.flow.geometry import Box, Spot


class Colour(NamedTuple):
    """Red, green, blue, 0 to 255."""

    red: int
    green: int
    blue: int


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing that is drawn: a shape of an SVG or a canvas, a coloured block, a run of text."""

    kind: str
    """`circle`, `ellipse`, `square`, `rectangle`, `triangle`, `polygon`, `line`, `curve`, `text` or `image`."""
    box: Box
    """In the view, as the boxes of elements."""
    corners: tuple[Spot, ...] = ()
    """In the view: of a polygon its corners, of a line its two ends; empty for what has none."""
    fill: Colour | None = None
    """What it is filled with, for text its own colour; None when one sees through it."""
    stroke: Colour | None = None
    text: str = ""
    size: float = 0.0
    """Of text the height of its letters, else the longer side."""
    pointing: bool = False
    """The pointer changes over it, or it says that it can be dragged."""
    drawing: int = -1
    """Which drawing (SVG or canvas) it is part of, counted from 0; -1 for blocks and text of the page itself."""
    ground: bool = False
    """It is such a drawing itself: what the others lie on."""
    widget: bool = False
    """It is a control: a button, a field, a link."""

    @property
    def centre(self) -> Spot:
        return Spot(self.box.x + self.box.width / 2, self.box.y + self.box.height / 2)

    @property
    def area(self) -> float:
        return self.box.width * self.box.height

    @property
    def sides(self) -> int:
        """How many; 0 for what is round or no outline."""
        known = {"triangle": 3, "square": 4, "rectangle": 4}
        return known.get(self.kind, len(self.corners) if self.kind == "polygon" else 0)


class Looks(NamedTuple):
    """`shapes` in the order they are painted. `origin` is where the page's top left corner lies in the view: below zero when it is
    scrolled."""

    shapes: tuple[Shape, ...]
    origin: Spot = Spot(0.0, 0.0)
