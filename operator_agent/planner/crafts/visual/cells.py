"""Things that lie in rows and columns, and the places among them: "bottom left", "the third position", "right by one"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from operator_agent.flow.geometry import Spot
from operator_agent.flow.looks import Shape
from operator_agent.planner.crafts.visual.choosing import inside

_SAME = 0.2
"""How much cells of one grid may differ in size, as a share."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`holder` is the block, `text` what is written in it."""

    holder: Shape
    text: str
    row: int = 0
    column: int = 0

    @property
    def centre(self) -> Spot:
        return self.holder.centre


def cells_around(one: Shape, shapes: Sequence[Shape]) -> list[Cell]:
    """The cells that the thing is one of, in reading order; only itself when there are no others like it."""
    holder = _holder(one, shapes)
    alike = [s for s in shapes if _alike(s, holder)]
    alike = [s for s in alike if not any(s is not o and _on(s, o) for o in alike[: alike.index(s)])]
    rows = _ranks([s.centre.y for s in alike], holder.box.height)
    columns = _ranks([s.centre.x for s in alike], holder.box.width if holder.kind != "text" else 24.0)
    found = [Cell(s, _written(s, shapes), row, column) for s, row, column in zip(alike, rows, columns, strict=True)]
    return sorted(found, key=lambda cell: (cell.row, cell.column))


def place_in(places: tuple[str, ...], cells: Sequence[Cell]) -> Cell | None:
    """The cell in that place of a grid: "top right", "center left", "center"; in a list, "top" is the first."""
    rows, columns = max(cell.row for cell in cells) + 1, max(cell.column for cell in cells) + 1
    middles = places.count("middle")
    row = 0 if "top" in places else rows - 1 if "bottom" in places else None
    column = 0 if "left" in places else columns - 1 if "right" in places else None
    if middles or row is None:
        row = row if row is not None else (rows - 1) // 2 if middles or rows == 1 else None
    if middles or column is None:
        column = column if column is not None else (columns - 1) // 2 if middles or columns == 1 else None
    if row is None or column is None:
        return None
    return next((cell for cell in cells if (cell.row, cell.column) == (row, column)), None)


def neighbour(cell: Cell, way: str, by: int, cells: Sequence[Cell]) -> Cell | None:
    down, across = {"left": (0, -by), "right": (0, by), "top": (-by, 0), "bottom": (by, 0)}[way]
    wanted = (cell.row + down, cell.column + across)
    return next((other for other in cells if (other.row, other.column) == wanted), None)


def _holder(one: Shape, shapes: Sequence[Shape]) -> Shape:
    """The block that a text is written in; itself when it is none."""
    if one.kind != "text":
        return one
    blocks = [s for s in shapes if s.kind in ("square", "rectangle") and inside(one.box, s.box, 3.0) and s.area < 40 * one.area]
    near = min(blocks, key=lambda s: s.area, default=one)
    texts = [s for s in shapes if s.kind == "text" and inside(s.box, near.box, 3.0)]
    return near if len(texts) == 1 else one


def _alike(shape: Shape, holder: Shape) -> bool:
    if shape.drawing != holder.drawing or (shape.kind == "text") != (holder.kind == "text"):
        return False
    if holder.kind == "text":
        return abs(shape.size - holder.size) < 0.5 and abs(shape.box.height - holder.box.height) <= 3
    return all(abs(a - b) <= max(3.0, _SAME * b) for a, b in zip(shape.box[2:], holder.box[2:], strict=True))


def _on(one: Shape, other: Shape) -> bool:
    return abs(one.centre.x - other.centre.x) < 4 and abs(one.centre.y - other.centre.y) < 4


def _written(holder: Shape, shapes: Sequence[Shape]) -> str:
    return holder.text or next((s.text for s in shapes if s.kind == "text" and inside(s.box, holder.box, 3.0)), "")


def _ranks(places: list[float], size: float) -> list[int]:
    """Of each place, which row or column it is in."""
    starts: list[float] = []
    for place in sorted(places):
        if not starts or place - starts[-1] > max(4.0, 0.5 * size):
            starts.append(place)
    return [max(at for at, start in enumerate(starts) if place >= start) for place in places]
