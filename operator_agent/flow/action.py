"""The verbs: one frozen class each, joined in the union `Action`.

A verb's YAML form is one mapping: the verb as key with its main argument, the other arguments beside it.

    - click: button "Add latte"
    - fill: textbox "Name"
      with: Ada
    - read: cell in row "Total"
      into: total
    - click at: 40, 60
      in: img "Map"

`MAIN` and `OTHERS` below are that grammar as data; `script.py` reads and writes it. A new verb is a class and a row.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from operator_agent.flow.base import Frozen
from operator_agent.flow.check import Check, shown
from operator_agent.flow.geometry import Spot
from operator_agent.flow.target import Target


class GoTo(Frozen):
    """Open an address in the active tab. A path is relative to the page that is open."""

    verb: Literal["go to"] = "go to"
    url: str


class Back(Frozen):
    verb: Literal["back"] = "back"


class Click(Frozen):
    verb: Literal["click"] = "click"
    target: Target


class ClickAt(Frozen):
    """Click at a point: in CSS pixels from the top left corner of `target`, or of the page, however it is scrolled. It must not lie
    on a control: what has a role is clicked by its name."""

    verb: Literal["click at"] = "click at"
    point: Spot
    target: Target | None = None


class HoverAt(Frozen):
    """Move the pointer to a point, as for `click at`, and press nothing."""

    verb: Literal["hover at"] = "hover at"
    point: Spot
    target: Target | None = None


class DragFrom(Frozen):
    """Press at one point, move to another, past those of `via` in order, and let go there; the points are as for `click at`."""

    verb: Literal["drag from"] = "drag from"
    start: Spot
    end: Spot
    via: tuple[Spot, ...] = ()
    target: Target | None = None


class DoubleClick(Frozen):
    verb: Literal["double click"] = "double click"
    target: Target


class RightClick(Frozen):
    verb: Literal["right click"] = "right click"
    target: Target


class Hover(Frozen):
    verb: Literal["hover"] = "hover"
    target: Target


class Fill(Frozen):
    """Replace the whole content of a field. `text` may hold secret handles, `{secret:name}`."""

    verb: Literal["fill"] = "fill"
    target: Target
    text: str


class Type(Frozen):
    """Key in `text` character by character where the focus is, or in `target` after focusing it; adds to what is there."""

    verb: Literal["type"] = "type"
    text: str
    target: Target | None = None


class Press(Frozen):
    """Press a key or chord in Playwright's names (`Enter`, `Control+A`), or several one after the other: `Home ArrowRight`."""

    verb: Literal["press"] = "press"
    keys: str
    target: Target | None = None


class Select(Frozen):
    """Choose exactly these options, by what they show, in a select, listbox or combobox."""

    verb: Literal["select"] = "select"
    target: Target
    options: tuple[str, ...]


class Tick(Frozen):
    """Make a checkbox, radio or switch checked; nothing is done when it already is."""

    verb: Literal["check"] = "check"
    target: Target


class Untick(Frozen):
    verb: Literal["uncheck"] = "uncheck"
    target: Target


class Mark(Frozen):
    """Select text that the target shows, as with the pointer: the first `text` in it, all of it when that is empty."""

    verb: Literal["mark"] = "mark"
    target: Target
    text: str = ""


class Upload(Frozen):
    """Give files to a file input, or to the chooser a button opens. Paths are on this machine."""

    verb: Literal["upload"] = "upload"
    target: Target
    files: tuple[str, ...]


class Drag(Frozen):
    verb: Literal["drag"] = "drag"
    target: Target
    to: Target


class Scroll(Frozen):
    """Bring `to` into view, or move by about one view in `direction`. `target` is an inner container."""

    verb: Literal["scroll"] = "scroll"
    direction: Literal["down", "up", "left", "right", "top", "bottom"] = "down"
    target: Target | None = None
    to: Target | None = None


class SwitchTab(Frozen):
    """Make the tab active whose title or address contains `tab`."""

    verb: Literal["switch tab"] = "switch tab"
    tab: str


class CloseTab(Frozen):
    """Close the tab whose title or address contains `tab`; the active one when empty."""

    verb: Literal["close tab"] = "close tab"
    tab: str = ""


class AnswerDialog(Frozen):
    """Answer the open JavaScript dialog; `text` is for prompts."""

    verb: Literal["answer dialog"] = "answer dialog"
    answer: Literal["accept", "dismiss"]
    text: str = ""


class WaitFor(Frozen):
    """Wait until a check holds; the step's time limit is the cap."""

    verb: Literal["wait for"] = "wait for"
    check: Check


class Read(Frozen):
    """Take a value from an element into a named value: text, field value, table rows, list items, link, attribute."""

    verb: Literal["read"] = "read"
    target: Target
    into: str
    what: str = "text"
    """`text`, `value`, `number`, `table`, `list`, `link`, or `attribute NAME`."""


class Download(Frozen):
    """Click `target` and wait for the file it gives; its path becomes the value `into`."""

    verb: Literal["download"] = "download"
    target: Target
    into: str = "download"


class Ask(Frozen):
    """Ask the person; the answer becomes the value `into`."""

    verb: Literal["ask"] = "ask"
    question: str
    into: str
    options: tuple[str, ...] = ()


class Do(Frozen):
    """Plain words, made into other actions by the planner when the step's turn comes."""

    verb: Literal["do"] = "do"
    words: str


Action = Annotated[
    GoTo | Back | Click | ClickAt | HoverAt | DragFrom | DoubleClick | RightClick | Hover | Fill | Type | Press | Select | Mark
    | Tick | Untick | Upload | Drag | Scroll | SwitchTab | CloseTab | AnswerDialog | WaitFor | Read | Download | Ask | Do,
    Field(discriminator="verb"),
]  # fmt: skip

MAIN: dict[str, tuple[type[Frozen], str]] = {
    "go to": (GoTo, "url"),
    "back": (Back, ""),
    "click": (Click, "target"),
    "click at": (ClickAt, "point"),
    "hover at": (HoverAt, "point"),
    "drag from": (DragFrom, "start"),
    "double click": (DoubleClick, "target"),
    "right click": (RightClick, "target"),
    "hover": (Hover, "target"),
    "fill": (Fill, "target"),
    "type": (Type, "text"),
    "press": (Press, "keys"),
    "select": (Select, "target"),
    "check": (Tick, "target"),
    "uncheck": (Untick, "target"),
    "mark": (Mark, "target"),
    "upload": (Upload, "target"),
    "drag": (Drag, "target"),
    "scroll": (Scroll, "direction"),
    "switch tab": (SwitchTab, "tab"),
    "close tab": (CloseTab, "tab"),
    "answer dialog": (AnswerDialog, "answer"),
    "wait for": (WaitFor, "check"),
    "read": (Read, "target"),
    "download": (Download, "target"),
    "ask": (Ask, "question"),
    "do": (Do, "words"),
}
"""Verb → its class and the field its YAML key holds ("" when the verb takes none)."""

OTHERS: dict[str, dict[str, str]] = {
    "click at": {"in": "target"},
    "hover at": {"in": "target"},
    "drag from": {"to": "end", "via": "via", "in": "target"},
    "fill": {"with": "text"},
    "type": {"into": "target"},
    "press": {"on": "target"},
    "select": {"option": "options", "options": "options"},
    "mark": {"text": "text"},
    "upload": {"file": "files", "files": "files"},
    "drag": {"to": "to"},
    "scroll": {"in": "target", "to": "to"},
    "answer dialog": {"with": "text"},
    "read": {"into": "into", "as": "what"},
    "download": {"into": "into"},
    "ask": {"into": "into", "options": "options"},
}
"""Verb → the keys beside it, and the fields they fill."""


def targets(action: Action) -> dict[str, Target]:
    """The targets an action names, by field: `{"target": …}`, for a drag also `{"to": …}`; empty for `back`."""
    fields = ("target", "to")
    return {field: found for field in fields if isinstance(found := getattr(action, field, None), Target)}


def describe(action: Action) -> str:
    """One line for a person: `click button "Add latte"`, `fill textbox "Name" with "Ada"`."""
    if isinstance(action, WaitFor):
        return f"wait for {shown(action.check)}"
    main = MAIN[action.verb][1]
    words = [action.verb, _shown(getattr(action, main))] if main else [action.verb]
    if action.verb == "scroll" and getattr(action, "to", None) is not None:
        words = ["scroll"]
    seen: set[str] = set()
    for key, field in OTHERS.get(action.verb, {}).items():
        value = getattr(action, field)
        if field in seen or value in ("", (), None) or (key, value) == ("as", "text"):
            continue
        seen.add(field)
        words += [key, _shown(value) if isinstance(value, Target) or key in ("into", "as") else f'"{_shown(value)}"']
    return " ".join(word for word in words if word)


def _shown(value: object) -> str:
    if isinstance(value, Spot):
        return str(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
