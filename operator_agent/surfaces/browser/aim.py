"""Finding the point where the pointer hits an element, and nothing else.

One read-only look in the element's own document says whether it is there, visible, enabled, at rest and not covered. A guard
then listens, for this one input only, whether the input really arrives at the element: if the page moved in between, the
guard stops it before the page sees it, and the act is known not to have happened.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from operator_agent.flow.observation import Box
from operator_agent.surfaces.browser.located import Node
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

_STABLE_COVER_SECONDS = 1.0
"""A cover that has not moved for this long is no animation: waiting longer would not help."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A point of the active tab's view (CSS pixels) where the pointer hits the element."""

    x: float
    y: float
    box: Box
    native: bool
    """The browser itself acts on a click there (a link, a field, a submit button)."""
    guarded: bool
    """A guard may be up that tells whether the input arrives."""


class Aiming(ABC):
    """Takes aim at one element of a turn, waiting for what is in its way as long as waiting may help."""

    def __init__(self, turn: Turn, shown: str) -> None:
        self._turn = turn
        self._shown = shown

    async def aim(self, *, arm: str = "always") -> Aim:
        """Raises Hindered: stale, covered, disabled, absent (not visible) or timeout."""
        obstacle, since = "", time.monotonic()
        seek = True
        while True:
            seen = await self._look(arm, seek)
            seek = False
            if isinstance(seen, Aim):
                return seen
            kind, detail = _trouble(seen, self._shown)
            if kind == "stale":
                raise Hindered("stale", detail)
            described = f"{kind} {detail} {seen.get('box')}"
            if described != obstacle:
                obstacle, since = described, time.monotonic()
            patient = kind in ("disabled", "timeout")
            if self._turn.left <= 0 or (not patient and time.monotonic() - since > _STABLE_COVER_SECONDS):
                raise Hindered(kind, detail)
            await self._turn.wait(0.02 if seen["state"] == "moving" else 0.15)

    @abstractmethod
    async def arrived(self, aim: Aim) -> tuple[bool, str]:
        """Whether the input reached the element, and what it would have hit instead; (True, "") when that cannot be asked."""

    @abstractmethod
    async def _look(self, arm: str, seek: bool) -> Aim | dict[str, Any]:
        """An aim, or `{"state": …}` with what is in the way. `seek` allows scrolling, `arm` says when to put up the guard."""


class NodeAiming(Aiming):
    """Takes aim at a node that scripts can be asked about."""

    def __init__(self, turn: Turn, node: Node) -> None:
        super().__init__(turn, node.element)
        self._node = node

    async def arrived(self, aim: Aim) -> tuple[bool, str]:
        from playwright.async_api import Error

        if not aim.guarded:
            return True, ""
        try:
            seen: dict[str, Any] | None = await self._turn.parts.activity.unless_navigating(self._disarm())
        except Error:
            return True, ""
        return (True, "") if seen is None else (bool(seen["reached"]), str(seen["missed"]))

    async def _disarm(self) -> Any:
        """What the guard has seen, when also what the input started is known."""
        seen, _ = await asyncio.gather(self._node.report(), self._turn.parts.activity.barrier())
        return seen

    async def _look(self, arm: str, seek: bool) -> Aim | dict[str, Any]:
        seen: dict[str, Any] = await self._node.ask("aim", arm=arm, seek=seek)
        if seen["state"] != "ready":
            return seen
        x, y = seen["x"], seen["y"]
        left, top, width, height = seen["box"]
        frame = await self._node.frame()
        while frame.parent_frame is not None:
            outer: dict[str, Any] = await (await frame.frame_element()).evaluate(script("frame_hit"), {"x": x, "y": y})
            if outer["cover"]:
                await self._node.report()
                return {"state": "covered", "by": outer["cover"], "box": seen["box"]}
            left, top = left + outer["x"] - x, top + outer["y"] - y
            x, y, frame = outer["x"], outer["y"], frame.parent_frame
        return Aim(x, y, Box(left, top, width, height), seen["native"], arm != "never")


def _trouble(seen: dict[str, Any], shown: str) -> tuple[Any, str]:
    match seen["state"]:
        case "gone":
            return "stale", f"{shown} is no longer there"
        case "disabled":
            return "disabled", f"{shown} is disabled" + (f": {seen['why']}" if seen.get("why") else "")
        case "covered":
            return "covered", f"{shown} is covered by {seen['by']}"
        case "moving":
            return "timeout", f"{shown} did not stop moving"
        case _:
            return "absent", f"{shown} is not visible"
