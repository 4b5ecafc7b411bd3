"""Drawing by a goal of geometry: a line through a dot, between two, that bisects an angle or stands upright on another; a middle.

A page may take a drag for a line, or a click for its other end, and may put what is drawn on a grid of its own: what came of each
try is measured, and the next one aims better.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, cos, degrees, hypot, pi, sin
from typing import NamedTuple

from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Looks, Shape
from operator_agent.flow.plan import Refusal
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard
from operator_agent.planner.crafts.visual.acting import click_spot, drag, hand_in, middle
from operator_agent.planner.crafts.visual.choosing import choose, scene, the_one
from operator_agent.planner.crafts.visual.wanted import wanted

_SURE = 97.0
_KINDS = ("through", "between", "bisect", "right", "round", "midpoint", "centre", "corner")
_NEAR = 6.0
"""Pixels by which a line may miss a point it should go through or end at."""
_STRAY = 0.5
"""Degrees by which the direction of a line may be off before another try is made."""
_BAD = 6.0
"""Degrees from which on it is not what was asked for."""
_TRIES = 8
_CLICKS = 3
_EDGE = 6.0


class Line(NamedTuple):
    """What is to be drawn, from `start` to `end`; with `spins`, only its direction from `start` matters."""

    start: Spot
    end: Spot
    spins: bool = False


class Drawing:
    name = "drawing"
    sees = True

    def hears(self, words: str) -> bool:
        return any(True for _ in heard(words, self.name, *_KINDS))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        looks = asked.page.observation.looks
        if looks is None:
            return None
        why: Refusal | None = None
        for request in sorted(heard(asked.words, self.name, *_KINDS), key=lambda one: -one.end):
            found = _Sketch(asked, looks, request).propose()
            if isinstance(found, Proposal):
                return found
            why = why or found
        return why


class _Sketch:
    def __init__(self, asked: Asked, looks: Looks, request: Heard) -> None:
        self.asked, self.looks, self.request, self.memory = asked, looks, request, asked.memory
        self.there = scene(looks, asked.page)
        before: list[Shape] | None = self.memory.get("before")
        if before is not None:
            self.there.shapes = [s for s in self.there.shapes if any(_same(s, old) for old in before)]

    def propose(self) -> Proposal | Refusal | None:
        if self.request.kind in ("midpoint", "centre", "corner"):
            return self._clicked()
        if self.request.kind == "round":
            return self._round()
        line: Line | None = getattr(self, f"_{self.request.kind}")()
        if line is None:
            return Refusal(reason=f'What "{self.asked.words[: self.request.end]}" is about is not to be seen here.')
        if "before" not in self.memory:
            self.memory["before"] = list(self.looks.shapes)
            return self._try(line)
        return self._judged(line)

    def _round(self) -> Proposal | Refusal | None:
        """A circle about a mark, drawn in one go; what came of it must lie about that mark."""
        found = self._shapes(self.request.text("spot"))
        if len(found) != 1:
            return None
        centre, ground = middle(found[0]), self._ground(found[0].drawing)
        if "before" in self.memory:
            drawn = [s for s in self._drawn() if s.size > 8]
            near = [s for s in drawn if _far(s.centre, centre) <= 0.2 * s.size and min(s.box[2:]) > 0.7 * max(s.box[2:])]
            if not near:
                return Refusal(reason="What was drawn is no circle about it." if drawn else "Nothing is drawn here by dragging.")
            return Proposal(_SURE, hand_in(self.asked, self.request.end), self.request.end)
        self.memory["before"] = list(self.looks.shapes)
        room = (centre.x - ground.x, ground.x + ground.width - centre.x, centre.y - ground.y, ground.y + ground.height - centre.y)
        radius = max(min(0.75 * min(room), 60.0), 8.0)
        way = [Spot(centre.x + radius * cos(n * pi / 18), centre.y + radius * sin(n * pi / 18)) for n in range(37)]
        step = drag(way[0], way[-1], self.looks, way[1:-1]).model_copy(update={"intent": self.asked.words[: self.request.end]})
        return Proposal(_SURE, (step,), self.request.end, again=True)

    def _clicked(self) -> Proposal | Refusal | None:
        spot = self._middle_of_two() if self.request.kind == "midpoint" else self._in_shape()
        if spot is None:
            return None
        self.memory.setdefault("before", list(self.looks.shapes))
        tries = self.memory["tries"] = self.memory.get("tries", 0) + 1
        marks = [s for s in self._drawn() if s.size < 30]
        off = Spot(marks[0].centre.x - spot.x, marks[0].centre.y - spot.y) if len(marks) == 1 else Spot(0, 0)
        if tries > 1 and (hypot(*off) < 0.8 or tries > _CLICKS):
            if hypot(*off) > _NEAR:
                return Refusal(reason=f"What was clicked is {hypot(*off):.0f} pixels from where it should be.")
            return Proposal(_SURE, hand_in(self.asked, self.request.end), self.request.end)
        # A page may put its mark beside the pointer, always by as much: then that is taken off.
        past: Spot = self.memory.get("off", Spot(0, 0))
        past = self.memory["off"] = Spot(past.x + off.x, past.y + off.y)
        step = click_spot(Spot(spot.x - past.x, spot.y - past.y), self.looks)
        step = step.model_copy(update={"intent": self.asked.words[: self.request.end]})
        return Proposal(_SURE, (step,), self.request.end, again=True)

    def _drawn(self) -> list[Shape]:
        return [s for s in self.looks.shapes if not any(_same(s, old) for old in self.memory["before"])]

    def _in_shape(self) -> Spot | None:
        found = self._shapes(self.request.text("spot"))
        if len(found) != 1:
            return None
        if self.request.kind == "centre":
            return middle(found[0])
        where, box = self.request.text("where").casefold(), found[0].box
        left, upper = "left" in where, "top" in where or "upper" in where
        return Spot(box.x + 1 if left else box.x + box.width - 1, box.y + 1 if upper else box.y + box.height - 1)

    def _middle_of_two(self) -> Spot | None:
        two = self._two()
        return Spot((two[0].x + two[1].x) / 2, (two[0].y + two[1].y) / 2) if two else None

    def _try(self, line: Line) -> Proposal:
        """The first way of drawing: for an end that a click may put, a click; else a drag."""
        self.memory["tries"] = self.memory.get("tries", 0) + 1
        clicks = line.spins if self.memory.get("clicks") is None else bool(self.memory["clicks"])
        self.memory["clicked"] = clicks
        intent = {"intent": self.asked.words[: self.request.end]}
        if clicks:
            steps = [click_spot(spot, self.looks) for spot in (line.end,) if line.spins] or [
                click_spot(spot, self.looks) for spot in (line.start, line.end)
            ]
        else:
            steps = [drag(line.start, line.end, self.looks)]
        self.memory["asked for"] = line.end
        return Proposal(_SURE, tuple(step.model_copy(update=intent) for step in steps), self.request.end, again=True)

    def _judged(self, line: Line) -> Proposal | Refusal:
        """What came of the last try: done, or another one."""
        drawn = self._drawn()
        lines = [s.corners for s in drawn if s.kind == "line" and len(s.corners) == 2]
        if not drawn and self.memory["tries"] < 2:
            self.memory["clicks"] = not self.memory["clicked"]
            return self._try(line)
        off = min((_off(ends, line) for ends in lines), default=None)
        if off is None:
            return Refusal(reason="Nothing was drawn that is a straight line." if drawn else "Neither a drag nor clicks draw here.")
        best: tuple[float, Spot] = min(self.memory.get("best", (360.0, line.end)), (off, self.memory["asked for"]))
        self.memory["best"] = best
        if off <= _STRAY or self.memory["tries"] >= _TRIES or not line.spins or len(lines) > 1:
            if off > _BAD:
                return Refusal(reason=f"The line that was drawn is {off:.0f} degrees off.")
            if off > best[0] + 0.3 and self.memory["tries"] < 2 * _TRIES and len(lines) == 1:
                self.memory["tries"] = 2 * _TRIES
                return self._try(line._replace(end=best[1]))
            return Proposal(_SURE, hand_in(self.asked, self.request.end), self.request.end)
        return self._try(line._replace(end=self._elsewhere(line, lines[0])))

    def _elsewhere(self, line: Line, drawn: tuple[Spot, ...]) -> Spot:
        """Where to click next: by as much beside the goal as the page put the last one; then points that a grid may take better."""
        tries = self.memory["tries"]
        share = 1.0 if tries == 1 else (0.75, 0.9, 0.6, 0.82, 0.68, 0.96, 0.53, 0.45)[tries % 8]
        goal = Spot(
            line.start.x + (line.end.x - line.start.x) * share,
            line.start.y + (line.end.y - line.start.y) * share,
        )
        far = max(drawn, key=lambda spot: _far(spot, line.start))
        asked: Spot = self.memory["asked for"]
        return Spot(goal.x - (far.x - asked.x), goal.y - (far.y - asked.y))

    def _shapes(self, phrase: str) -> list[Shape]:
        want = wanted(phrase)
        found = choose(want, self.there) if want else []
        if want and not want.many:
            found = the_one(found, self.there)
        if len(found) > 1 and "dot" in phrase:
            found = [s for s in found if s.size <= min(other.size for other in found) + 1]
        return found

    def _ground(self, drawing: int) -> Box:
        grounds = [s.box for s in self.looks.shapes if s.ground and (s.drawing == drawing or drawing < 0)]
        return grounds[0] if grounds else Box(0, 0, 400, 300)

    def _through(self) -> Line | None:
        found = self._shapes(self.request.text("spot"))
        if len(found) != 1:
            return None
        x, y = middle(found[0])
        ground = self._ground(found[0].drawing)
        if self.request.text("way").casefold().startswith(("vertical", "垂直")):
            return Line(Spot(x, ground.y + _EDGE), Spot(x, ground.y + ground.height - _EDGE))
        return Line(Spot(ground.x + _EDGE, y), Spot(ground.x + ground.width - _EDGE, y))

    def _between(self) -> Line | None:
        two = self._two()
        return Line(*two) if two else None

    def _two(self) -> tuple[Spot, Spot] | None:
        """The two points that are meant: each by its own words, or the only two there are, or the ends of the only line."""
        if not self.request.text("both"):
            ends = [self._shapes(self.request.text(slot)) for slot in ("spot", "to")]
            return (middle(ends[0][0]), middle(ends[1][0])) if all(len(end) == 1 for end in ends) else None
        dots = [s for s in self.there.shapes if s.kind == "circle" and s.drawing >= 0] or [
            s for s in self.there.shapes if s.kind == "circle"
        ]
        if len(dots) == 2 and "line" not in self.request.text("both") and "segment" not in self.request.text("both"):
            return middle(dots[0]), middle(dots[1])
        lines = [s.corners for s in self.there.shapes if s.kind == "line" and len(s.corners) == 2]
        return (lines[0][0], lines[0][1]) if len(lines) == 1 else None

    def _bisect(self) -> Line | None:
        arms = self._arms()
        if arms is None:
            return None
        vertex, one, other = arms
        directions = [atan2(end.y - vertex.y, end.x - vertex.x) for end in (one, other)]
        x, y = (sum(turn(angle) for angle in directions) for turn in (cos, sin))
        return self._ray(vertex, atan2(y, x)) if hypot(x, y) > 0.02 else self._ray(vertex, directions[0] + pi / 2)

    def _right(self) -> Line | None:
        """Upright on the only line, at the end that is marked unlike the other."""
        lines = [s.corners for s in self.there.shapes if s.kind == "line" and len(s.corners) == 2 and s.size > 10]
        dots = [s for s in self.there.shapes if s.kind == "circle"]
        if len(lines) == 1:
            ends = list(lines[0])
        elif not lines and len(dots) == 2:
            ends = [middle(dot) for dot in dots]
        else:
            return None
        vertex = self._odd_end(ends, dots)
        other = ends[1] if vertex == ends[0] else ends[0]
        angle = atan2(other.y - vertex.y, other.x - vertex.x)
        return max((self._ray(vertex, angle + side * pi / 2) for side in (1, -1)), key=_length)

    def _odd_end(self, ends: Sequence[Spot], dots: Sequence[Shape]) -> Spot:
        """The end whose dot has a colour of its own; blue, by which drawing programs mark what is yours, before others."""
        marks = [next((d for d in dots if _far(middle(d), end) <= _NEAR), None) for end in ends]
        lively = [end for end, mark in zip(ends, marks, strict=True) if mark and mark.fill and max(mark.fill) - min(mark.fill) > 40]
        return lively[0] if len(lively) == 1 else ends[0]

    def _arms(self) -> tuple[Spot, Spot, Spot] | None:
        """The vertex of the only angle, and the far ends of its arms."""
        lines = [s.corners for s in self.there.shapes if s.kind == "line" and len(s.corners) == 2 and s.size > 10]
        for at, one in enumerate(lines):
            for other in lines[at + 1 :]:
                for a in (0, 1):
                    for b in (0, 1):
                        if _far(one[a], other[b]) <= _NEAR:
                            return one[a], one[1 - a], other[1 - b]
        return None

    def _ray(self, vertex: Spot, angle: float) -> Line:
        """As far as the drawing reaches, short of its edge."""
        drawing = next((s.drawing for s in self.there.shapes if s.kind in ("line", "circle")), -1)
        ground = self._ground(drawing)
        dx, dy = cos(angle), sin(angle)
        reach = [200.0]
        if abs(dx) > 1e-6:
            reach.append(((ground.x + ground.width - _EDGE if dx > 0 else ground.x + _EDGE) - vertex.x) / dx)
        if abs(dy) > 1e-6:
            reach.append(((ground.y + ground.height - _EDGE if dy > 0 else ground.y + _EDGE) - vertex.y) / dy)
        length = max(min(reach), 0.0)
        return Line(vertex, Spot(vertex.x + dx * length, vertex.y + dy * length), spins=True)


def _off(ends: tuple[Spot, ...], line: Line) -> float:
    """Degrees between what was drawn and what was wanted; a line that misses its place is as bad as one of another direction."""
    one, other = ends
    if line.spins:
        near, far = (one, other) if _far(one, line.start) <= _far(other, line.start) else (other, one)
        if _far(near, line.start) > _NEAR:
            return 180.0
        return _between_angles(_angle(line.start, far), _angle(line.start, line.end))
    missed = max(min(_far(end, spot) for end in ends) for spot in (line.start, line.end))
    turned = _between_angles(_angle(one, other), _angle(line.start, line.end))
    return min(turned, abs(180 - turned)) if missed <= 2.5 * _NEAR else 180.0


def _angle(start: Spot, end: Spot) -> float:
    return degrees(atan2(end.y - start.y, end.x - start.x))


def _between_angles(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def _length(line: Line) -> float:
    return _far(line.start, line.end)


def _far(one: Spot, other: Spot) -> float:
    return hypot(one.x - other.x, one.y - other.y)


def _same(one: Shape, other: Shape) -> bool:
    there = all(abs(a - b) < 0.5 for a, b in zip(one.box, other.box, strict=True))
    return there and (one.kind, one.text) == (other.kind, other.text)


