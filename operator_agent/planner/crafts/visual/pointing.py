"""Clicking what is known by its looks: "click the large blue circle", "select all shades of green", "click the point (2, -1)"."""

from __future__ import annotations

import re

from operator_agent.flow.geometry import Spot
from operator_agent.flow.looks import Looks
from operator_agent.flow.plan import Refusal, Step
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard
from operator_agent.planner.crafts.visual.acting import click, click_spot
from operator_agent.planner.crafts.visual.axes import axes_of
from operator_agent.planner.crafts.visual.choosing import Scene, choose, scene, the_one
from operator_agent.planner.crafts.visual.wanted import Wanted, wanted

_SURE = 93.0
_MOST = 40
_POINT = re.compile(r"[(\[]?\s*x?\s*=?\s*(-?\d+(?:\.\d+)?)\s*[,;]\s*y?\s*=?\s*(-?\d+(?:\.\d+)?)\s*[)\]]?\.?")


class Pointing:
    name = "pointing"
    sees = True

    def hears(self, words: str) -> bool:
        return any(self._request(request) for request in heard(words, self.name, "click", "coordinate"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        looks = asked.page.observation.looks
        if looks is None:
            return None
        refused: Refusal | None = None
        for request in heard(asked.words, self.name, "coordinate", "click"):
            found = self._do(request, looks, asked) if self._request(request) else None
            if isinstance(found, Proposal):
                return found
            refused = refused or found
        return refused

    def _request(self, request: Heard) -> bool:
        if request.kind == "coordinate":
            return _numbers(request) is not None
        want = wanted(request.text("thing"))
        return bool(want and want.seen)

    def _do(self, request: Heard, looks: Looks, asked: Asked) -> Proposal | Refusal | None:
        there = scene(looks, asked.page)
        if request.kind == "coordinate":
            numbers = _numbers(request)
            return _coordinate(*numbers, looks, there, request.end) if numbers else None
        want = wanted(request.text("thing"))
        found = choose(want, there) if want else []
        if not want or not found:
            return None
        return _clicked(want, found, there, looks, asked, request)


def _clicked(want: Wanted, found: list, there: Scene, looks: Looks, asked: Asked, request: Heard) -> Proposal | Refusal:  # type: ignore[type-arg]
    thing = request.text("thing")
    if not (want.many or any(tone.wide for tone in want.tones)):
        found = the_one(found, there)
        if len(found) > 1 and not want.any:
            return Refusal(reason=f'{len(found)} things look like "{thing}"; say which.')
        found = found[:1]
    if len(found) > _MOST:
        return Refusal(reason=f'{len(found)} things look like "{thing}".')
    steps = tuple(click(shape, looks, asked.page).model_copy(update={"intent": f"click {thing}"}) for shape in found)
    return Proposal(_SURE, steps, request.end)


def _numbers(request: Heard) -> tuple[float, float] | None:
    found = _POINT.fullmatch(request.text("point").replace("−", "-").strip())
    return (float(found[1]), float(found[2])) if found else None


def _coordinate(x: float, y: float, looks: Looks, there: Scene, end: int) -> Proposal | Refusal:
    axes = axes_of(there.shapes)
    if axes is None:
        return Refusal(reason="There is no grid here that shows where its coordinates are.")
    spot = axes.spot(x, y)
    marks = [s for s in there.shapes if s.kind in ("circle", "square") and s.size < axes.unit]
    near = min(marks, key=lambda s: abs(s.centre.x - spot.x) + abs(s.centre.y - spot.y), default=None)
    if near and abs(near.centre.x - spot.x) + abs(near.centre.y - spot.y) < 0.4 * axes.unit:
        spot = Spot(*near.centre)
    step: Step = click_spot(spot, looks).model_copy(update={"intent": f"click the point ({x:g}, {y:g})"})
    return Proposal(97.0, (step,), end)
