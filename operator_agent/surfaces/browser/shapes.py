"""The shapes and colours of a page, and acts at its points."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from operator_agent.flow.action import ClickAt, DragFrom, HoverAt
from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Colour, Looks, Shape
from operator_agent.surfaces.browser.deep import DeepAiming
from operator_agent.surfaces.browser.located import find
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn
from operator_agent.surfaces.outline import filled, outlined

if TYPE_CHECKING:
    from playwright.async_api import Page

_STEPS = 10
"""Moves of the pointer between the ends of a drag: what follows it sees it come."""


async def read_looks(page: Page) -> Looks:
    """What is drawn in the page's own document; frames are left out. Raises Playwright's Error when the page is gone."""
    found: dict[str, Any] = await page.evaluate(script("looks"))
    shapes = filled([_shape(row) for row in found["shapes"]])
    return Looks(tuple(shapes), Spot(*map(float, found["origin"])))


def _shape(row: list[Any]) -> Shape:
    kind, x, y, width, height, outline, fill, stroke, text, size, pointing, drawing, ground, widget = row
    box = Box(x, y, width, height)
    kind, corners = outlined(kind, box, tuple(Spot(*point) for point in outline))
    tones = [Colour(*tone) if tone else None for tone in (fill, stroke)]
    return Shape(kind, box, corners, tones[0], tones[1], text, size, pointing, drawing, ground, widget)


async def click_at(turn: Turn) -> None:
    action = turn.action
    assert isinstance(action, ClickAt)
    spot = turn.point = await _in_view(turn, action.point, control=True)
    turn.sending()
    await turn.parts.page.mouse.click(*spot)
    turn.sent()


async def hover_at(turn: Turn) -> None:
    action = turn.action
    assert isinstance(action, HoverAt)
    spot = turn.point = await _in_view(turn, action.point)
    turn.sending()
    await turn.parts.page.mouse.move(*spot)
    turn.sent()


async def drag_from(turn: Turn) -> None:
    action = turn.action
    assert isinstance(action, DragFrom)
    mouse = turn.parts.page.mouse
    await _in_view(turn, action.end, beyond=True)
    start = turn.point = await _in_view(turn, action.start)
    end = Spot(start.x + action.end.x - action.start.x, start.y + action.end.y - action.start.y)
    turn.sending()
    await mouse.move(*start)
    try:
        await mouse.down()
        for spot in action.via:
            await mouse.move(start.x + spot.x - action.start.x, start.y + spot.y - action.start.y, steps=_steps(len(action.via)))
        await mouse.move(*end, steps=_STEPS)
        # Chromium reports a drag over a new element only with the next move; the last one ends where it was said.
        await mouse.move(*end)
    finally:
        await asyncio.shield(asyncio.ensure_future(mouse.up()))
    turn.sent()


def _steps(corners: int) -> int:
    """Moves to each corner of a way: fewer the more there are."""
    return max(2, _STEPS // corners)


async def _in_view(turn: Turn, spot: Spot, control: bool = False, beyond: bool = False) -> Spot:
    """Where a point of the target, or of the page, is in the view. Raises Hindered when something else is there."""
    element = turn.elements.get("target")
    if element and is_node_ref(element.ref):
        box = (await DeepAiming(turn, element).aim()).box
        return Spot(box.x + spot.x, box.y + spot.y)
    given = {"x": spot.x, "y": spot.y, "control": control, "beyond": beyond}
    if element:
        told = await (await find(turn, element)).evaluate(script("spot"), given)
    else:
        told = await turn.parts.page.evaluate(f"given => ({script('spot')})(null, given)", given)
    where = f"{spot} of {element}" if element else f"{spot} of the page"
    match told["state"]:
        case "ready":
            return Spot(told["x"], told["y"])
        case "gone":
            raise Hindered("stale", f"{element} is no longer there")
        case "covered":
            raise Hindered("covered", f"at {where} lies {told['by']}")
        case "control":
            raise Hindered("covered", f"at {where} lies {told['by']}; click it by its name")
        case _:
            raise Hindered("absent", f"there is no point {where}")
