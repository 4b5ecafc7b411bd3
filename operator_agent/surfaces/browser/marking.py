"""The verb mark: text is selected with the pointer, as a person does it, and read back."""

from __future__ import annotations

import asyncio
from typing import Any

from operator_agent.flow.action import Mark
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser import deep
from operator_agent.surfaces.browser.located import find
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

_SELECTED = "() => getSelection().toString()"


async def mark(turn: Turn) -> None:
    """Raises Hindered when the text is not there, or does not let itself be selected."""
    action, element = turn.action, turn.element()
    assert isinstance(action, Mark)
    if is_node_ref(element.ref):
        await _all_of_editor(turn, element, action.text)
        return
    node = await find(turn, element)
    told: dict[str, Any] = await node.evaluate(script("mark"), {"text": action.text, "force": False})
    if told["state"] == "gone":
        raise Hindered("stale", f"{element} is no longer there")
    if told["state"] == "absent":
        raise Hindered("absent", f'{element} does not show "{action.text}"' if action.text else f"{element} shows no text")
    turn.sending()
    if told["state"] == "ready":
        await _drag_over(turn, told)
        wanted, told["selected"] = told["wanted"], await turn.parts.page.evaluate(_SELECTED)
        if _plain(told["selected"]) != _plain(wanted):  # the page drags its text, or selects it by other marks
            told = await node.evaluate(script("mark"), {"text": action.text, "force": True})
            told["selected"] = told["selected"] if _plain(told["selected"]) == _plain(wanted) else ""
    turn.sent()
    if not told["selected"]:
        raise Hindered("rejected", f"{element} does not let its text be selected")
    turn.facts.append(f'selected "{_plain(told["selected"])}"')


async def _all_of_editor(turn: Turn, element: Element, text: str) -> None:
    """What only the deep look knows gets the focus with everything in it selected."""
    if text and _plain(text) != _plain(element.value or element.name):
        raise Hindered("unsupported", f"a part of the text of {element} cannot be reached")
    turn.sending()
    await deep.focus(turn, element)
    turn.sent()
    turn.facts.append(f'selected "{_plain(element.value)}"')


async def _drag_over(turn: Turn, told: dict[str, Any]) -> None:
    mouse = turn.parts.page.mouse
    turn.point = (told["from"][0], told["from"][1])
    await mouse.move(*told["from"])
    try:
        await mouse.down()
        await mouse.move(*told["to"], steps=4)
    finally:
        await asyncio.shield(asyncio.ensure_future(mouse.up()))


def _plain(text: str) -> str:
    return " ".join(text.split())
