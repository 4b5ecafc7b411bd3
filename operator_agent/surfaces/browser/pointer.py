"""The verbs of the pointer: click, double click, right click, hover, drag, scroll."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from operator_agent.flow.action import Scroll
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.aim import Aim, Aiming, NodeAiming
from operator_agent.surfaces.browser.deep import DeepAiming
from operator_agent.surfaces.browser.located import find, locate, node_of
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

_INERT_SHARE = 0.5
"""How much of a step's time a button may take to come alive before it is clicked all the same."""
_DRAG_STEPS = 8


async def aiming(turn: Turn, element: Element) -> Aiming:
    if is_node_ref(element.ref):
        return DeepAiming(turn, element)
    return NodeAiming(turn, await node_of(turn, element))


async def click(turn: Turn) -> None:
    await press_pointer(turn, turn.element())


async def double_click(turn: Turn) -> None:
    await press_pointer(turn, turn.element(), "left", 2)


async def right_click(turn: Turn) -> None:
    await press_pointer(turn, turn.element(), "right", 1)


async def press_pointer(turn: Turn, element: Element, button: Literal["left", "right"] = "left", count: int = 1) -> None:
    """Clicks on `element` once it can be hit."""
    await press_at(turn, await aiming(turn, element), str(element), button, count)


async def press_at(turn: Turn, aimed: Aiming, element: str, button: Literal["left", "right"] = "left", count: int = 1) -> None:
    """Clicks where `aimed` points. Tried again only while it is proved that no input arrived."""
    while True:
        aim = await _live_aim(turn, aimed, element) if button == "left" else await aimed.aim()
        if not aim.guarded:  # nothing will tell a miss, and some pages change what is under the pointer as it comes
            await turn.parts.page.mouse.move(aim.x, aim.y)
            aim = await aimed.aim()
        turn.point, turn.box = (aim.x, aim.y), aim.box
        turn.sending()
        await turn.parts.page.mouse.click(aim.x, aim.y, button=button, click_count=count)
        reached, missed = await aimed.arrived(aim)
        turn.answered = True
        if not missed:
            turn.sent()
            if not reached:
                turn.delivery = "uncertain"
                turn.facts.append(f"{element} did not report the click")
            return
        turn.unsent()
        if missed == "gone":
            raise Hindered("stale", f"{element} was replaced just before the click")
        if turn.left <= 0:
            raise Hindered("covered", f"{element} is covered by {missed}")


async def _live_aim(turn: Turn, aimed: Aiming, element: str) -> Aim:
    """Aim at something that reacts to clicks: a script may attach its listener some time after the button is painted."""
    aim = await aimed.aim(arm="native")
    if aim.native:
        return aim
    patience = time.monotonic() + turn.left * _INERT_SHARE
    while not await turn.parts.listened(aim.x, aim.y):
        left = patience - time.monotonic()
        if left <= 0:
            turn.facts.append(f"nothing listens to clicks on {element}")
            break
        await turn.wait(min(left, 0.15))
    return await aimed.aim()


async def hover(turn: Turn) -> None:
    aim = await (await aiming(turn, turn.element())).aim(arm="never")
    turn.point, turn.box = (aim.x, aim.y), aim.box
    turn.sending()
    await turn.parts.page.mouse.move(aim.x, aim.y)
    turn.sent()


async def drag(turn: Turn) -> None:
    """Press on the one, move in small steps, release on the other: enough for HTML5 drags and for pointer listeners."""
    source, target = turn.element(), turn.element("to")
    await (await aiming(turn, target)).aim(arm="never")
    start = await (await aiming(turn, source)).aim(arm="never")
    mouse = turn.parts.page.mouse
    turn.point, turn.box = (start.x, start.y), start.box
    turn.sending()
    await mouse.move(start.x, start.y)
    try:
        await mouse.down()
        await mouse.move(start.x + 3, start.y + 3)
        end = await _drop_point(turn, target)
        await mouse.move(*end, steps=_DRAG_STEPS)
        # Chromium reports a drag over a new element only with the next move.
        await mouse.move(end[0] + 1, end[1])
    finally:
        await asyncio.shield(asyncio.ensure_future(mouse.up()))
    turn.sent()


async def _drop_point(turn: Turn, target: Element) -> tuple[float, float]:
    """The middle of where `target` is now: the page may have scrolled or made room since the drag began."""
    if is_node_ref(target.ref):
        aim = await DeepAiming(turn, target).aim()
        return aim.x, aim.y
    locator = locate(turn, target)
    await locator.scroll_into_view_if_needed(timeout=max(turn.left, 0.1) * 1000)
    box = await locator.bounding_box(timeout=max(turn.left, 0.1) * 1000)
    if box is None:
        raise Hindered("absent", f"{target} is not visible")
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def scroll(turn: Turn) -> None:
    action = turn.action
    assert isinstance(action, Scroll)
    turn.started = time.monotonic()
    if "to" in turn.elements:
        await _scroll_to(turn, turn.element("to"))
    elif "target" in turn.elements:
        element = turn.element()
        moved = await (await find(turn, element)).evaluate(script("scroll"), {"direction": action.direction})
        turn.facts.append(_moved(moved))
    else:
        moved = await turn.parts.page.evaluate(f"given => ({script('scroll')})(null, given)", {"direction": action.direction})
        turn.facts.append(_moved(moved))
    turn.sent()


async def _scroll_to(turn: Turn, element: Element) -> None:
    if is_node_ref(element.ref):
        await DeepAiming(turn, element).aim()
        return
    node = await find(turn, element)
    await node.scroll_into_view_if_needed(timeout=max(turn.left, 0.1) * 1000)


def _moved(by: list[int]) -> str:
    return f"scrolled by {by[0]}, {by[1]} pixels" if any(by) else "nothing left to scroll that way"
