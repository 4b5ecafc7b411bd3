"""The verbs of the pointer: click, double click, right click, hover, drag, scroll."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from operator_agent.flow.action import Scroll
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.aim import Aim, Aiming
from operator_agent.surfaces.browser.located import find, frame_of, locate
from operator_agent.surfaces.browser.turn import Hindered, Turn

_INERT_SHARE = 0.5
"""How much of a step's time a button may take to come alive before it is clicked all the same."""
_DRAG_STEPS = 8

_SCROLL = """(element, {direction}) => {
  const room = (node, style) => /(auto|scroll|overlay)/.test(style.overflowY + style.overflowX) &&
    (node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1);
  const above = node => node.assignedSlot || node.parentElement || (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
  let box = document.scrollingElement || document.documentElement;
  if (element && element !== document.body && element !== document.documentElement) {
    const below = [element, ...element.querySelectorAll('*')].find(node => room(node, getComputedStyle(node)));
    let up = null;
    for (let node = element; node && !up; node = above(node)) if (room(node, getComputedStyle(node))) up = node;
    box = (room(element, getComputedStyle(element)) ? element : null) || below || up || box;
  } else if (box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1) {
    const inner = [...document.querySelectorAll('*')].filter(node => room(node, getComputedStyle(node)));
    const area = node => { const r = node.getBoundingClientRect(); return r.width * r.height; };
    box = inner.sort((a, b) => area(b) - area(a))[0] || box;
  }
  const before = [box.scrollLeft, box.scrollTop];
  const page = [box.clientWidth * .9, box.clientHeight * .9];
  const moves = {down: [0, page[1]], up: [0, -page[1]], right: [page[0], 0], left: [-page[0], 0],
    top: [0, -box.scrollHeight], bottom: [0, box.scrollHeight]};
  const [left, top] = moves[direction];
  box.scrollBy({left, top, behavior: 'instant'});
  return [Math.round(box.scrollLeft - before[0]), Math.round(box.scrollTop - before[1])];
}"""


async def aiming(turn: Turn, element: Element) -> Aiming:
    node = await find(turn, element)
    return Aiming(turn, node, await frame_of(turn, element, node), str(element))


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
        turn.point, turn.box = (aim.x, aim.y), aim.box
        turn.sending()
        await turn.parts.page.mouse.click(aim.x, aim.y, button=button, click_count=count)
        reached, missed = await aimed.arrived(aim)
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
    await mouse.down()
    try:
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
        moved = await (await find(turn, element)).evaluate(_SCROLL, {"direction": action.direction})
        turn.facts.append(_moved(moved))
    else:
        moved = await turn.parts.page.evaluate(f"argument => ({_SCROLL})(null, argument)", {"direction": action.direction})
        turn.facts.append(_moved(moved))
    turn.sent()


async def _scroll_to(turn: Turn, element: Element) -> None:
    node = await find(turn, element)
    await node.scroll_into_view_if_needed(timeout=max(turn.left, 0.1) * 1000)


def _moved(by: list[int]) -> str:
    return f"scrolled by {by[0]}, {by[1]} pixels" if any(by) else "nothing left to scroll that way"
