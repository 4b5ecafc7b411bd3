"""Acting on what only the deep look knows: elements without a role, or behind a closed shadow root."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.aim import Aim, Aiming
from operator_agent.surfaces.browser.nodes import NodeHandle, StaleNode
from operator_agent.surfaces.browser.turn import Hindered, Turn

T = TypeVar("T")


class DeepAiming(Aiming):
    """Takes aim at such an element. There is no guard here: the node lies where no script of the page's world reaches."""

    def __init__(self, turn: Turn, element: Element) -> None:
        super().__init__(turn, str(element))
        self._element = element

    async def arrived(self, aim: Aim) -> tuple[bool, str]:
        return True, ""

    async def _look(self, arm: str, seek: bool) -> Aim | dict[str, Any]:
        node = handle(self._turn, self._element)
        point = await _alive(node.point(), self._element)
        if point is None:
            return {"state": "hidden"}
        if point.disabled:
            return {"state": "disabled"}
        if point.covered_by:
            return {"state": "covered", "by": point.covered_by, "box": list(point.box)}
        reacts = arm == "native" and await _alive(node.reacts(), self._element)
        return Aim(point.x, point.y, point.box, reacts, guarded=False)


def handle(turn: Turn, element: Element) -> NodeHandle:
    """Raises Hindered when the ref is of an earlier look."""
    try:
        return NodeHandle(turn.parts.page, element.ref)
    except StaleNode as stale:
        raise Hindered("stale", f"{element} is no longer there") from stale


async def focus(turn: Turn, element: Element) -> None:
    """Raises Hindered for a node that is gone or takes no keyboard."""
    if not await _alive(handle(turn, element).focus(), element):
        raise Hindered("disabled", f"{element} does not take the keyboard focus")


async def fill(turn: Turn, element: Element, text: str) -> None:
    await focus(turn, element)
    turn.sending()
    await _alive(handle(turn, element).fill(text), element)
    turn.sent()


async def states(turn: Turn, element: Element) -> tuple[str, ...]:
    return await _alive(handle(turn, element).states(), element)


async def value(turn: Turn, element: Element) -> str:
    return await _alive(handle(turn, element).value(), element) or element.value or element.name


async def _alive(asked: Awaitable[T], element: Element) -> T:
    try:
        return await asked
    except StaleNode as stale:
        raise Hindered("stale", f"{element} is no longer there") from stale
