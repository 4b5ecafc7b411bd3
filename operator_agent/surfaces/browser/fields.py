"""The verbs that give a form its content: fill, type, press, check, uncheck."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from operator_agent.flow.action import Fill, Press, Type
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser import deep
from operator_agent.surfaces.browser.located import Node, find, locate, node_of
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.pointer import press_pointer
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.spelling import spelt
from operator_agent.surfaces.browser.turn import Hindered, Turn

_FIRST_TRY = 0.5
"""Most fields take text at once; only when one does not is it asked why."""

_FOCUSED_VALUE = """new Promise(done => setTimeout(() => {
  let field = document.activeElement;
  while (field?.shadowRoot?.activeElement) field = field.shadowRoot.activeElement;
  done(field?.value ?? null);
}, 0))"""
_FORMS = {
    "date": (r"\d{4}-\d\d-\d\d", "a date as 2027-03-09"),
    "time": (r"\d\d:\d\d(:\d\d)?", "a time as 14:30"),
    "datetime-local": (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", "a date and time as 2027-03-09T14:30"),
    "month": (r"\d{4}-\d\d", "a month as 2027-03"),
    "week": (r"\d{4}-W\d\d", "a week as 2027-W10"),
    "color": (r"#[0-9a-fA-F]{6}", "a colour as #1a2b3c"),
    "number": (r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", "a number"),
    "range": (r"[-+]?(\d+\.?\d*|\.\d+)", "a number"),
}
_REFUSED = frozenset({"checkbox", "radio", "file", "button", "submit", "reset", "image", "hidden", "select"})


async def fill(turn: Turn) -> None:
    """Replaces the content. A field with a mask, which rewrites what is put in at once, gets it key by key instead; one of the
    browser's own for dates, times and numbers gets it in its form."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as TimedOut

    assert isinstance(turn.action, Fill)
    element, text = turn.element(), secret_text(turn, turn.action.text)
    if is_node_ref(element.ref):
        await deep.fill(turn, element, text)
        return
    locator = locate(turn, element)
    patience = min(_FIRST_TRY, turn.left)
    while True:
        turn.sending()
        try:
            await locator.fill(text, timeout=patience * 1000)
            break
        except TimedOut:
            turn.unsent()
            await _until_editable(turn, await node_of(turn, element), element)
            patience = max(turn.left, 0.1)
        except Error as error:
            turn.unsent()
            text = await _in_its_form(turn, element, text, await _state(turn, element), error)
    turn.sent()
    seen = await _rewritten(turn, element, text)
    if seen and seen["type"] in _FORMS:
        text = await _in_its_form(turn, element, text, seen)
        await locator.fill(text, timeout=max(turn.left, 0.1) * 1000)
        seen = await _rewritten(turn, element, text)
    if seen and seen["type"] in _FORMS:
        _raise_rejected(element, text, seen)
    if seen and seen["type"] != "contenteditable":
        await locator.fill("", timeout=max(turn.left, 0.1) * 1000)
        await locator.press_sequentially(text, timeout=max(turn.left, 0.1) * 1000)
        turn.facts.append(f"{element} rewrites its content, so it was typed key by key")


async def _state(turn: Turn, element: Element) -> dict[str, Any] | None:
    seen: dict[str, Any] | None = await (await node_of(turn, element)).ask("field")
    return seen


async def _rewritten(turn: Turn, element: Element, text: str) -> dict[str, Any] | None:
    """The state of a field that now holds other letters and digits than `text`. The focused field is asked first: that is cheap."""
    from playwright.async_api import Error

    try:
        shown = await turn.parts.activity.unless_navigating(turn.parts.tabs.active.evaluate(_FOCUSED_VALUE))
        turn.answered = True
        if shown is None or _letters(shown) == _letters(text):
            return None
        seen = await _state(turn, element)
    except (Error, Hindered):
        # The page went elsewhere, or made the field anew: that is for the next look to tell.
        return None
    return None if seen is None or _letters(seen["value"]) == _letters(text) else seen


async def _until_editable(turn: Turn, node: Node, element: Element) -> None:
    """Returns when the field takes input; raises Hindered with the reason when it does not by the deadline."""
    while True:
        seen: dict[str, Any] | None = await node.ask("field")
        if seen is None:
            raise Hindered("stale", f"{element} is no longer there")
        if seen["type"] in _REFUSED:
            raise Hindered("unsupported", f"{element} cannot be filled with text; it is a {seen['type']}")
        if not (seen["disabled"] or seen["readonly"] or seen["hidden"]):
            if turn.left <= 0:
                turn.sending()
                raise Hindered("timeout", f"{element} did not take the text in time")
            return
        if turn.left <= 0:
            if seen["hidden"]:
                raise Hindered("absent", f"{element} is not visible")
            raise Hindered("disabled", f"{element} is {'read-only' if seen['readonly'] else 'disabled'}")
        await turn.wait()


async def _in_its_form(
    turn: Turn, element: Element, text: str, seen: dict[str, Any] | None, error: Exception | None = None
) -> str:  # fmt: skip
    """The same value as the field takes it. Raises Hindered that says what it would take, when this is no such value or was in
    that form before."""
    if seen is None:
        raise Hindered("stale", f"{element} is no longer there") from error
    if seen["type"] not in _FORMS:
        raise Hindered("unsupported", f"{element} cannot be filled with text; it is a {seen['type']}") from error
    spelled = spelt(text, seen["type"], await turn.parts.page.evaluate("navigator.language"))
    if not spelled or spelled == text:
        _raise_rejected(element, text, seen)
    turn.facts.append(f'{element} takes {_FORMS[seen["type"]][1]}: "{text}" is {spelled}')
    return spelled


def _raise_rejected(element: Element, text: str, seen: dict[str, Any]) -> NoReturn:
    """Says in which form the field takes its value."""
    pattern, form = _FORMS[seen["type"]]
    if re.fullmatch(pattern, text.strip()) and (seen["type"] == "range" or seen["min"] or seen["max"]):
        form += f" from {seen['min'] or 0} to {seen['max'] or 100}"
    raise Hindered("rejected", f'{element} takes {form}, not "{text}"')


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def secret_text(turn: Turn, text: str) -> str:
    """`text` with secret handles replaced by their values. Raises Hindered for one that is not set."""
    try:
        return turn.parts.redaction.reveal(text)
    except KeyError as missing:
        name = str(missing.args[0])
        raise Hindered("rejected", f"no secret is called {name!r}; set OPERATOR_SECRET_{name.upper()}") from missing


async def type_text(turn: Turn) -> None:
    assert isinstance(turn.action, Type)
    text = secret_text(turn, turn.action.text)
    if "target" in turn.elements:
        await _focus_end(turn, turn.element())
    turn.sending()
    await turn.parts.page.keyboard.type(text)
    turn.sent()


async def _focus_end(turn: Turn, element: Element) -> None:
    if is_node_ref(element.ref):
        await deep.focus(turn, element)
        await turn.parts.page.keyboard.press("Control+End")
        return
    node = await find(turn, element)
    await _until_editable(turn, Node(turn, str(element), handle=node), element)
    await node.evaluate(script("to_end"))


async def press(turn: Turn) -> None:
    """Keys or chords one after the other, where the focus is or on `target` after focusing it."""
    from playwright.async_api import Error

    assert isinstance(turn.action, Press)
    if "target" in turn.elements:
        await _focus(turn, turn.element())
    turn.sending()
    for number, keys in enumerate(turn.action.keys.split() or [turn.action.keys]):
        try:
            await turn.parts.page.keyboard.press(keys)
        except Error as error:
            if "Unknown key" not in str(error):
                raise
            if not number:
                turn.unsent()
            raise Hindered("unsupported", f'"{keys}" is no key; keys are written as Enter, ArrowDown, Control+A') from error
    turn.sent()


async def _focus(turn: Turn, element: Element) -> None:
    if is_node_ref(element.ref):
        await deep.focus(turn, element)
    else:
        await (await find(turn, element)).focus()


async def check(turn: Turn) -> None:
    await _set_checked(turn, True)


async def uncheck(turn: Turn) -> None:
    await _set_checked(turn, False)


async def _set_checked(turn: Turn, wanted: bool) -> None:
    """Clicks the box, or the label that stands for it, unless it already is as wanted."""
    element = turn.element()
    seen = await _checked(turn, element)
    if seen["checked"] == wanted:
        turn.facts.append(f"{element} was already {'checked' if wanted else 'not checked'}")
        turn.settles = False
        return
    if seen["radio"] and not wanted:
        raise Hindered("rejected", f"{element} is one of a group; choose another one instead of unchecking it")
    await press_pointer(turn, element)


async def _checked(turn: Turn, element: Element) -> dict[str, bool]:
    """`checked`, and whether it is a `radio`."""
    if is_node_ref(element.ref):
        return {"checked": "checked" in await deep.states(turn, element), "radio": element.role == "radio"}
    seen: dict[str, bool] = await (await node_of(turn, element)).ask("checked")
    return seen
