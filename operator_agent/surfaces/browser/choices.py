"""The verb select: native selects, ARIA listboxes and comboboxes, radio groups; by what the options show."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operator_agent.flow.action import Select
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.aim import NodeAiming
from operator_agent.surfaces.browser.located import Node, find, node_of
from operator_agent.surfaces.browser.pointer import press_at, press_pointer
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame

_LATE_SECONDS = 1.0
"""How long options that do not come or do not match are waited for: lists are often filled after they open."""

_CHOICES = ("[role=option]", "[role=menuitemradio]", "[role=menuitem]", "[role=treeitem]")
_LIST_ID = """field => field.getAttribute('aria-controls') || field.getAttribute('aria-owns') || ''"""


@dataclass(frozen=True, slots=True)
class Option:
    index: int
    text: str
    selected: bool
    disabled: bool


async def select(turn: Turn) -> None:
    """Afterwards exactly `options` are chosen. Raises Hindered, with what there is, for one that is not offered."""
    assert isinstance(turn.action, Select)
    element = turn.element()
    node = await node_of(turn, element)
    shape: dict[str, Any] = await node.ask("choice")
    match shape["kind"]:
        case "gone":
            raise Hindered("stale", f"{element} is no longer there")
        case "native":
            await _native(turn, element, node, shape)
        case "radios":
            handle = await find(turn, element)
            await _pick(turn, element, handle, "input[type=radio],[role=radio]", multiple=False)
        case "listbox":
            handle = await find(turn, element)
            await _pick(turn, element, handle, "[role=option]", multiple=shape["multiple"])
        case _:
            await _combobox(turn, element, node, shape)


async def _native(turn: Turn, element: Element, node: Node, shape: dict[str, Any]) -> None:
    assert isinstance(turn.action, Select)
    patience = time.monotonic() + min(_LATE_SECONDS, turn.left * 0.8)
    while True:
        if shape["kind"] != "native":
            raise Hindered("stale", f"{element} is no longer there")
        options = [Option(index, one["text"], one["selected"], one["disabled"]) for index, one in enumerate(shape["options"])]
        try:
            if shape["disabled"]:
                raise Hindered("disabled", f"{element} is disabled")
            wanted = _wanted(element, options, turn.action.options, shape["multiple"])
            break
        except Hindered as hindered:
            until = turn.deadline if shape["disabled"] else patience
            if hindered.trouble.kind == "ambiguous" or time.monotonic() >= until:
                raise
        await turn.wait()
        shape = await node.ask("choice")
    turn.sending()
    await node.select_option([option.index for option in wanted])
    turn.sent()


async def _combobox(turn: Turn, element: Element, node: Node, shape: dict[str, Any]) -> None:
    """Opens the list, chooses by shown text; a field that filters is given the text to find what is not in view."""
    assert isinstance(turn.action, Select)
    if len(turn.action.options) != 1:
        raise Hindered("rejected", f"{element} takes one option, not {len(turn.action.options)}")
    if shape["list"] is not None:
        offered = [Option(i, text, False, False) for i, text in enumerate(shape["list"])]
        chosen = _wanted(element, offered, turn.action.options, False)
        turn.sending()
        await node.fill(chosen[0].text)
        turn.sent()
        return
    if not shape["open"]:
        await press_pointer(turn, element)
    handle = await find(turn, element)
    frame = await _frame(turn, handle)
    listed = await handle.evaluate(_LIST_ID)
    lists = [f"[id={_quoted(listed)}]"] if listed else ["[role=listbox]", "[role=menu]", "[role=tree]"]
    options = ",".join(f"{one} {role}" for one in lists for role in _CHOICES)
    try:
        await _pick(turn, element, frame, options, multiple=False)
    except Hindered as hindered:
        if hindered.trouble.kind != "rejected" or not shape["typed"]:
            raise
        await node.fill(turn.action.options[0])
        await _pick(turn, element, frame, options, multiple=False)


async def _pick(turn: Turn, element: Element, scope: Frame | ElementHandle, options: str, *, multiple: bool) -> None:
    """Clicks the options that are not yet as wanted, one after the other: a click may re-render the others."""
    assert isinstance(turn.action, Select)
    patience = time.monotonic() + min(_LATE_SECONDS, turn.left * 0.8)
    frame = await _frame(turn, await find(turn, element))
    while True:
        nodes = await scope.query_selector_all(options)
        found: list[dict[str, Any]] = await frame.evaluate(script("options"), nodes)
        shown = [Option(i, one["text"], one["selected"], one["disabled"]) for i, one in enumerate(found) if one["shown"]]
        try:
            wanted = _wanted(element, shown, turn.action.options, multiple)
            break
        except Hindered as hindered:
            if hindered.trouble.kind == "ambiguous" or time.monotonic() >= patience:
                raise
        await turn.wait()
    chosen = {option.index for option in wanted}
    change = [option for option in shown if multiple and option.selected and option.index not in chosen]
    change += [option for option in wanted if not option.selected]
    if not change:
        turn.facts.append(f"{element} already had that choice")
    for option in change:
        name = f'option "{option.text}"'
        await press_at(turn, NodeAiming(turn, Node(turn, name, handle=nodes[option.index])), name)


async def _frame(turn: Turn, handle: ElementHandle) -> Frame:
    return await handle.owner_frame() or turn.parts.page.main_frame


def _wanted(element: Element, options: Sequence[Option], texts: Sequence[str], multiple: bool) -> list[Option]:
    """The options that show these texts, one for each. Raises Hindered: rejected, or ambiguous."""
    if len(texts) != 1 and not multiple:
        raise Hindered("rejected", f"{element} takes one option, not {len(texts)}")
    wanted = []
    for text in texts:
        found = [option for option in options if option.text == text]
        found = found or [option for option in options if _plain(option.text) == _plain(text)]
        if not found:
            names = [option.text for option in options]
            offer = f"; it has {', '.join(names[:12])}" if names else ""
            raise Hindered("rejected", f'{element} has no option "{text}"{offer}', names)
        if len(found) > 1:
            raise Hindered("ambiguous", f'{element} has {len(found)} options "{text}"', [option.text for option in found])
        if found[0].disabled:
            raise Hindered("disabled", f'option "{text}" of {element} is disabled')
        wanted.append(found[0])
    return wanted


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
