"""Finding a place by what the page says of how near the pointer is: "cold", "warm", "hot".

First a coarse grid is felt out, then ever closer around where it is warmest; only there it is clicked.
"""

from __future__ import annotations

from math import hypot

from operator_agent.flow.action import HoverAt
from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Looks
from operator_agent.flow.plan import Refusal, Step
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard, known
from operator_agent.planner.crafts.visual.acting import click_spot, hand_in, on_page
from operator_agent.planner.crafts.visual.choosing import inside

_SURE = 96.0
_MOST = 60
_COARSE = (0.5, 0.18, 0.82)
_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1))
_RANKS = 7


class Seeking:
    name = "seeking"
    sees = True

    def hears(self, words: str) -> bool:
        return any(_rank(request.text("warmth")) is not None for request in heard(words, self.name, "seek"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        looks = asked.page.observation.looks
        if looks is None:
            return None
        for request in sorted(heard(asked.words, self.name, "seek"), key=lambda one: -one.end):
            rank = _rank(request.text("warmth"))
            if rank is not None:
                return _Search(asked, looks, request, rank).propose()
        return None


class _Search:
    def __init__(self, asked: Asked, looks: Looks, request: Heard, rank: int) -> None:
        self.asked, self.looks, self.request, self.rank, self.memory = asked, looks, request, rank, asked.memory
        self.felt: dict[Spot, int] = self.memory.setdefault("felt", {})

    def propose(self) -> Proposal | Refusal | None:
        if self.memory.get("clicked"):
            return Proposal(_SURE, hand_in(self.asked, self.request.end), self.request.end)
        area = self._area()
        if area is None:
            return None
        last: Spot | None = self.memory.get("last")
        if last is not None:
            said = self._said()
            if said is None and len(self.felt) >= len(_COARSE) ** 2:
                return Refusal(reason="The page does not say how near the pointer is.")
            self.felt[last] = -1 if said is None else said
            if said == self.rank:
                self.memory["clicked"] = True
                return Proposal(_SURE, (self._step(click_spot(last, self.looks)),), self.request.end, again=True)
        spot = self._next(area)
        if spot is None or len(self.felt) >= _MOST:
            return Refusal(reason=f'No place was found where the page says "{self.request.text("warmth")}".')
        self.memory["last"] = spot
        return Proposal(_SURE, (self._step(Step(action=HoverAt(point=on_page(spot, self.looks)))),), self.request.end, again=True)

    def _step(self, step: Step) -> Step:
        return step.model_copy(update={"intent": f"find the {self.request.text('warmth')} place"})

    def _area(self) -> Box | None:
        """The largest blank block that others do not lie in."""
        if "area" not in self.memory:
            blank = [s for s in self.looks.shapes if not s.text and not s.widget and s.kind in ("square", "rectangle", "circle")]
            free = [s for s in blank if not any(o is not s and inside(o.box, s.box) for o in self.looks.shapes)]
            bordered = [s for s in free if s.stroke or s.ground] or free
            self.memory["area"] = max((s.box for s in bordered), key=lambda box: box.width * box.height, default=None)
        found: Box | None = self.memory["area"]
        return found

    def _said(self) -> int | None:
        elements = (e for e in self.asked.page.elements if e.role != "button")
        texts = [*(s.text for s in self.looks.shapes if s.text), *(e.name or e.value for e in elements)]
        ranks = [rank for text in texts if (rank := _rank(text)) is not None]
        return max(ranks, default=None)

    def _next(self, area: Box) -> Spot | None:
        """Where to feel next: the coarse grid, then around the warmest so far, with ever smaller steps."""
        for down in _COARSE:
            for across in _COARSE:
                spot = Spot(round(area.x + across * area.width), round(area.y + down * area.height))
                if spot not in self.felt:
                    return spot
        warmest = max(self.felt.values())
        best = [spot for spot, rank in self.felt.items() if rank == warmest]
        step = 0.32 * min(area.width, area.height)
        while step > 3:
            for centre in (_mean(best), *reversed(best)):
                for dx, dy in ((0, 0), *_AROUND):
                    spot = Spot(round(centre.x + dx * step), round(centre.y + dy * step))
                    if _in(spot, area) and all(hypot(spot.x - o.x, spot.y - o.y) > 0.45 * step for o in self.felt):
                        return spot
            step *= 0.6
        return None


def _mean(spots: list[Spot]) -> Spot:
    return Spot(sum(spot.x for spot in spots) / len(spots), sum(spot.y for spot in spots) / len(spots))


def _in(spot: Spot, box: Box) -> bool:
    return box.x + 2 <= spot.x <= box.x + box.width - 2 and box.y + 2 <= spot.y <= box.y + box.height - 2


def _rank(text: str) -> int | None:
    """How warm a word is, from 0; None for one that is none."""
    said = text.casefold().strip(" .!?\"'")
    return next((at % _RANKS for at, names in enumerate(known("seeking", "warmth")) if said in names.split("|")), None)


