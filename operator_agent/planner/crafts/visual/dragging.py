"""Dragging what is known by its looks or name: into a box, to a place among others, some way; sorting by dragging.

What was dragged is looked at again, and is only done when it lies where it should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Looks, Shape
from operator_agent.flow.plan import Refusal, Step
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import heard, known
from operator_agent.planner.crafts.visual.acting import drag, grip, hand_in
from operator_agent.planner.crafts.visual.cells import Cell, cells_around, neighbour, place_in
from operator_agent.planner.crafts.visual.choosing import Scene, choose, inside, placed, scene, the_one
from operator_agent.planner.crafts.visual.moves import Move, moves_of
from operator_agent.planner.crafts.visual.wanted import Wanted

_SURE = 93.0
_TRIES = 3
_MOST = 60
_GAP = 2.0
_SIDES = {
    "to the left of": (-1, 0), "left of": (-1, 0), "before": (-1, 0), "above": (0, -1), "below": (0, 1), "under": (0, 1),
    "to the right of": (1, 0), "right of": (1, 0), "after": (1, 0), "next to": (1, 0), "behind": (1, 0), "beneath": (0, 1),
}  # fmt: skip


class _Path(NamedTuple):
    """A way for the pointer."""

    start: Spot
    end: Spot
    via: tuple[Spot, ...] = ()


class Dragging:
    name = "dragging"
    sees = True

    def hears(self, words: str) -> bool:
        return bool(moves_of(words)[0]) or any(True for _ in heard(words, self.name, "sort"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        looks = asked.page.observation.looks
        if looks is None:
            return None
        moves, end = moves_of(asked.words)
        if moves:
            return _Task(asked, looks, scene(looks, asked.page)).follow(moves, end)
        for request in heard(asked.words, self.name, "sort"):
            return _Task(asked, looks, scene(looks, asked.page)).sort(
                request.text("order").casefold() in known(self.name, "falling"), request.end
            )
        return None


class _Task:
    """One request on one look at the page."""

    def __init__(self, asked: Asked, looks: Looks, there: Scene) -> None:
        self.asked, self.looks, self.there = asked, looks, there
        self.memory = asked.memory
        self.taken: list[Shape] = []

    def follow(self, moves: Sequence[Move], end: int) -> Proposal | Refusal | None:
        steps: list[Step] = []
        pools = self._pools(moves)
        if isinstance(pools, Refusal) or pools is None:
            return pools
        for number, (move, things, place) in enumerate(pools):
            for thing in things:
                spot = self._goal(move, thing, place, number)
                if isinstance(spot, Refusal):
                    return spot
                if spot is not None:
                    steps.append(self._drag(thing, spot, move))
                    if thing.drawing < 0:
                        return self._proposed(steps, end)
        return self._proposed(steps, end)

    def _pools(self, moves: Sequence[Move]) -> list[tuple[Move, list[Shape], Shape | None]] | Refusal | None:
        """Of each move the things and the place; nothing that another move already took is "the rest"."""
        places = [self._place(move) for move in moves]
        boxes = [place for place in places if place]
        found: list[tuple[Move, list[Shape], Shape | None]] = []
        taken: list[Shape] = []
        for move, place in zip(moves, places, strict=True):
            if move.how == "into" and place is None and not _is_position(move.place):
                return None if not found else Refusal(reason=f'There is nothing here that looks like the place in "{move.said}".')
            things = self._things(move.things, boxes, taken)
            if not things:
                if move.things.many and any(shape.drawing >= 0 for shape in self.there.shapes):
                    found.append((move, [], place))
                    continue
                return None if not move.things.seen else Refusal(reason=f'There is nothing here that looks like "{move.said}".')
            if len(things) > 1 and not move.things.many:
                return Refusal(reason=f'{len(things)} things look like those in "{move.said}"; say which.')
            taken += things
            found.append((move, things, place))
        return found

    def _things(self, want: Wanted, places: list[Shape], taken: list[Shape]) -> list[Shape]:
        if want.rest:
            return choose(want, self._without(places), taken)
        live = self._live() if want.size in ("smallest", "largest") else self.there
        found = choose(want, self._without(places, live))
        if want.many:
            return found
        found = the_one(found, self.there)
        return found[:1] if want.any else found

    def _without(self, shapes: Sequence[Shape], among: Scene | None = None) -> Scene:
        """Those besides these; of the same drawing when these are of one."""
        among = among or self.there
        drawings = {s.drawing for s in shapes}
        ours = [s for s in among.shapes if not any(s is other for other in shapes)]
        if len(drawings) == 1 and -1 not in drawings:
            ours = [s for s in ours if s.drawing in drawings]
        return Scene(ours, among.all, among.reacting)

    def _live(self) -> Scene:
        live = [shape for shape in self.there.shapes if self.there.reacts(shape)]
        return Scene(live, self.there.all, self.there.reacting) if len(live) > 1 else self.there

    def _place(self, move: Move) -> Shape | None:
        """What the things are to be dragged into or beside."""
        want = move.place
        if move.how == "way" or _is_position(want):
            return None
        live = self._live() if want.size in ("smallest", "largest") else self.there
        found = choose(replace(want, places=()), live)
        if len(found) > 1 and move.how == "into":
            most = max(shape.area for shape in found)
            found = [shape for shape in found if shape.area >= 0.5 * most]
        found = placed(want.places, found)
        if want.text and found and found[0].kind == "text":
            return self._around(found[0])
        if len(found) > 1:
            found = [shape for shape in found if not shape.pointing] or found
        return found[0] if len(found) == 1 else None

    def _around(self, text: Shape) -> Shape:
        """The block that has this text for its name."""
        blocks = [s for s in self.there.shapes if s.kind in ("square", "rectangle") and inside(text.box, s.box, 3.0)]
        return min(blocks, key=lambda s: s.area, default=text)

    def _goal(self, move: Move, thing: Shape, place: Shape | None, number: int) -> Spot | _Path | Refusal | None:
        """Where the middle of the thing must go; None when it is there."""
        if move.how == "way":
            return self._some_way(move, thing)
        if place is None:
            return self._position(move, thing)
        if move.how == "beside":
            return self._beside(move, thing, place)
        if inside(thing.box, place.box, -1.0) or (not _fits(thing, place) and _over(thing.centre, place.box)):
            return None
        return self._room(thing, place)

    def _room(self, thing: Shape, place: Shape) -> Spot:
        """A free spot in a box, where all of the thing is inside; its middle when there is none."""
        width, height = thing.box.width + _GAP, thing.box.height + _GAP
        left, top, right, bottom = _edges(place.box, 3.0)
        across, down = int((right - left) // width), int((bottom - top) // height)
        others = [s.box for s in self.there.shapes if s is not place and inside(s.box, place.box, 1.0)]
        taken = [*others, *(Box(s.x - width / 2, s.y - height / 2, width, height) for s in self.memory.get("spots", []))]
        slots = [Spot(left + (c + 0.5) * width, top + (r + 0.5) * height) for r in range(down) for c in range(across)]
        for spot in (place.centre, *slots):
            box = Box(spot.x - width / 2, spot.y - height / 2, width, height)
            if not any(_overlap(box, other) for other in taken):
                self.memory.setdefault("spots", []).append(spot)
                return spot
        return place.centre

    def _position(self, move: Move, thing: Shape) -> Spot | _Path | Refusal | None:
        """A place among things of its kind, or in the drawing or view when it is alone."""
        cells = cells_around(thing, self.there.shapes)
        own = _own_cell(thing, cells)
        if len(cells) > 2 and own:
            want = move.place
            if want.nth:
                at = want.nth - 1 if want.nth > 0 else len(cells) + want.nth
                return self._to_cell(own, cells[at] if 0 <= at < len(cells) else None, cells, move)
            return self._to_cell(own, place_in(want.places, cells), cells, move)
        return self._in_ground(move, thing)

    def _to_cell(self, own: Cell, cell: Cell | None, cells: Sequence[Cell], move: Move) -> _Path | Refusal | None:
        if cell is None:
            return Refusal(reason=f'There is no such place here as in "{move.said}".')
        first: tuple[int, int] = self.memory.setdefault("cell", (cell.row, cell.column))
        if (own.row, own.column) == first:
            return None
        if self.memory.get("tries", 0) >= _TRIES:
            return Refusal(reason=f'"{move.said}": it does not stay where it is dragged.')
        return self._into_cell(own, cell, cells)

    def _into_cell(self, own: Cell, cell: Cell, cells: Sequence[Cell]) -> _Path:
        """Lists give way to what comes past the middle of their items, and put it on the side that it comes towards: an item that
        goes to an earlier place comes from behind."""
        early = cells.index(cell) < cells.index(own)
        share = min(0.45, 0.28 + 0.08 * self.memory.get("tries", 0))
        width, height = cell.holder.box.width * share, cell.holder.box.height * share
        ahead = -1 if early else 1
        if all(other.column == cell.column for other in cells):
            return _Path(own.centre, Spot(cell.centre.x, cell.centre.y + ahead * height))
        past = Spot(cell.centre.x - ahead * width, cell.centre.y)
        return _Path(own.centre, Spot(cell.centre.x + ahead * width, cell.centre.y), (past,))

    def _some_way(self, move: Move, thing: Shape) -> Spot | _Path | Refusal | None:
        way = move.place.places[-1]
        if "start" in self.memory:
            return self._came_far(thing, way, move)
        self.memory["start"] = thing.centre
        cells = cells_around(thing, self.there.shapes)
        own = _own_cell(thing, cells)
        if own and len(cells) > 2 and not move.pixels:
            target = neighbour(own, way, max(1, int(move.by)), cells)
            if target:
                return self._into_cell(own, target, cells)
        length = move.by if move.by and move.pixels else self._free_way(thing, way)
        dx, dy = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}[way]
        return Spot(thing.centre.x + dx * length, thing.centre.y + dy * length)

    def _came_far(self, thing: Shape, way: str, move: Move) -> Refusal | None:
        start, now = self.memory["start"], thing.centre
        far = {"left": start.x - now.x, "right": now.x - start.x, "top": start.y - now.y, "bottom": now.y - start.y}[way]
        return None if far > 2 else Refusal(reason=f'"{move.said}": it did not move that way when it was dragged.')

    def _free_way(self, thing: Shape, way: str) -> float:
        """Half of what is free that way, and no less than half of its own size."""
        ground = self._ground(thing)
        left, top, right, bottom = _edges(thing.box, 0.0)
        free = {
            "left": left - ground.x, "right": ground.x + ground.width - right, "top": top - ground.y,
            "bottom": ground.y + ground.height - bottom,
        }[way]  # fmt: skip
        return max(min(0.6 * free, 3 * thing.size), 0.5 * thing.size, 12.0)

    def _ground(self, thing: Shape) -> Box:
        grounds = [s.box for s in self.looks.shapes if s.ground and s.drawing == thing.drawing]
        around = [s.box for s in self.looks.shapes if s is not thing and inside(thing.box, s.box, 0.5) and s.kind != "text"]
        return (grounds or sorted(around, key=lambda box: box.width * box.height) or [Box(0, 0, 600, 400)])[0]

    def _in_ground(self, move: Move, thing: Shape) -> Spot | None:
        """A corner, side or the middle of what it lies on."""
        left, top, right, bottom = _edges(self._ground(thing), 2.0)
        half = (thing.box.width / 2, thing.box.height / 2)
        places = move.place.places
        alone = "middle" in places
        x = left + half[0] if "left" in places else right - half[0] if "right" in places else None
        y = top + half[1] if "top" in places else bottom - half[1] if "bottom" in places else None
        goal = Spot(
            x if x is not None else (left + right) / 2 if alone else thing.centre.x,
            y if y is not None else (top + bottom) / 2 if alone else thing.centre.y,
        )
        return None if abs(goal.x - thing.centre.x) < 3 and abs(goal.y - thing.centre.y) < 3 else goal

    def _beside(self, move: Move, thing: Shape, place: Shape) -> Spot | _Path | Refusal | None:
        across, down = _SIDES.get(move.side, (1, 0))
        cells = cells_around(place, self.there.shapes)
        own, other = _own_cell(thing, cells), _own_cell(place, cells)
        if own and other and len(cells) > 2:
            return self._to_cell_beside(own, other, (across, down), cells, move)
        gone = (thing.centre.x - place.centre.x) * across >= 0 and (thing.centre.y - place.centre.y) * down >= 0
        far = (thing.box.width + place.box.width) / 2 + 4, (thing.box.height + place.box.height) / 2 + 4
        if gone and abs(thing.centre.x - place.centre.x) <= far[0] + 4 and abs(thing.centre.y - place.centre.y) <= far[1] + 4:
            return None
        return Spot(place.centre.x + across * far[0], place.centre.y + down * far[1])

    def _to_cell_beside(
        self, own: Cell, other: Cell, way: tuple[int, int], cells: Sequence[Cell], move: Move
    ) -> _Path | Refusal | None:
        mine, theirs = cells.index(own), cells.index(other)
        behind = way in ((1, 0), (0, 1))
        at = theirs + behind - (mine < theirs)
        return self._to_cell(own, cells[at] if 0 <= at < len(cells) else None, cells, move)

    def _drag(self, thing: Shape, goal: Spot | _Path, move: Move) -> Step:
        intent = {"intent": f"drag {move.said}".strip()}
        if isinstance(goal, _Path):
            return drag(goal.start, goal.end, self.looks, goal.via).model_copy(update=intent)
        hold = grip(thing, self.looks)
        end = Spot(hold.x + goal.x - thing.centre.x, hold.y + goal.y - thing.centre.y)
        return drag(hold, end, self.looks).model_copy(update=intent)

    def _proposed(self, steps: list[Step], end: int) -> Proposal | Refusal:
        """The drags, to be looked at again; when all is where it should be, on with the words."""
        if not steps:
            return Proposal(_SURE, hand_in(self.asked, end), end)
        self.memory["tries"] = self.memory.get("tries", 0) + 1
        count = self.memory["count"] = self.memory.get("count", 0) + len(steps)
        self.memory.pop("spots", None)
        if count > _MOST or self._stuck(steps):
            return Refusal(reason="What is dragged does not go where it should.")
        return Proposal(_SURE, tuple(steps), end, again=True)

    def _stuck(self, steps: list[Step]) -> bool:
        """The same drags once more, after they changed nothing."""
        seen: dict[str, int] = self.memory.setdefault("seen", {})
        key = str([step.action for step in steps])
        seen[key] = seen.get(key, 0) + 1
        return seen[key] > 2

    def sort(self, falling: bool, end: int) -> Proposal | Refusal | None:
        """Every look one drag: the next that is not in its place."""
        cells = self._sortable()
        if len(cells) < 2:
            return None
        texts = [cell.text for cell in cells]
        wanted = sorted(texts, key=_order, reverse=falling)
        wrong = next((at for at, (is_, should) in enumerate(zip(texts, wanted, strict=True)) if is_ != should), None)
        if wrong is None:
            return Proposal(_SURE, hand_in(self.asked, end), end)
        source = cells[wrong + texts[wrong:].index(wanted[wrong])]
        path = self._into_cell(source, cells[wrong], cells)
        step = drag(path.start, path.end, self.looks, path.via).model_copy(update={"intent": f"drag {source.text}"})
        return self._proposed([step], end)

    def _sortable(self) -> list[Cell]:
        """The largest set of written cells that lie in line."""
        best: list[Cell] = []
        for shape in self.there.shapes:
            if shape.text and not shape.widget:
                cells = [cell for cell in cells_around(shape, self.there.shapes) if cell.text]
                best = cells if len(cells) > len(best) else best
        return best


def _order(text: str) -> tuple[Any, ...]:
    digits = text.replace(",", "").lstrip("$€£").strip()
    return (0, float(digits)) if digits.replace(".", "", 1).lstrip("-").isdigit() else (1, text.casefold())


def _is_position(want: Wanted) -> bool:
    """A place by where it is alone: no thing was named."""
    named = want.seen or want.text
    return bool(want.places or want.nth) and not named


def _own_cell(thing: Shape, cells: Sequence[Cell]) -> Cell | None:
    return next((cell for cell in cells if cell.holder is thing or inside(thing.box, cell.holder.box, 3.0)), None)


def _fits(thing: Shape, place: Shape) -> bool:
    return thing.box.width <= place.box.width + 1 and thing.box.height <= place.box.height + 1


def _over(spot: Spot, box: Box) -> bool:
    return box.x <= spot.x <= box.x + box.width and box.y <= spot.y <= box.y + box.height


def _edges(box: Box, margin: float) -> tuple[float, float, float, float]:
    return box.x + margin, box.y + margin, box.x + box.width - margin, box.y + box.height - margin


def _overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
