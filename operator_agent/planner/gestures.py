"""What a pointing model wants done, as steps in our verbs, for as long as the picture it saw still fits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from operator_agent.flow.action import (
    Action,
    Back,
    Click,
    DoubleClick,
    Drag,
    Fill,
    Hover,
    Press,
    RightClick,
    Scroll,
    Type,
    describe,
)
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.models.computer import (
    GoBack,
    KeyPress,
    KeyText,
    LookAgain,
    PointClick,
    PointDoubleClick,
    PointDrag,
    PointGesture,
    PointHover,
    PointRightClick,
    PointScroll,
)
from operator_agent.planner.points import Pointed, Pointer
from operator_agent.roles import Situation
from operator_agent.script.fill import literal_step

_HANDLE = re.compile(r"\{(\{secret:[^{}]+\})\}")
_TEXT = frozenset({"textbox", "searchbox", "spinbutton"})
_MODIFIERS = {
    "ctrl": "Control", "control": "Control", "alt": "Alt", "option": "Alt", "shift": "Shift", "meta": "Meta", "cmd": "Meta",
    "command": "Meta", "super": "Meta", "win": "Meta", "windows": "Meta",
}  # fmt: skip
_KEYS = {
    "enter": "Enter", "return": "Enter", "esc": "Escape", "escape": "Escape", "tab": "Tab", "space": "Space", " ": "Space",
    "backspace": "Backspace", "delete": "Delete", "del": "Delete", "insert": "Insert", "home": "Home", "end": "End",
    "pageup": "PageUp", "pgup": "PageUp", "pagedown": "PageDown", "pgdn": "PageDown", "arrowup": "ArrowUp", "up": "ArrowUp",
    "arrowdown": "ArrowDown", "down": "ArrowDown", "arrowleft": "ArrowLeft", "left": "ArrowLeft", "arrowright": "ArrowRight",
    "right": "ArrowRight", "plus": "+", "minus": "-", "comma": ",", "period": ".", "slash": "/",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}  # fmt: skip
"""A key as models write it, in lower case and without `_` and `-`, and what Playwright calls it."""
_SELECT_ALL = ("Control+a", "Meta+a")
_MOVE_ON = frozenset({*_SELECT_ALL, "Tab", "Shift+Tab", "Home", "End"})
"""Keys that change nothing on the page but the focus and the selection."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Where typing would go."""

    focus: Target | None = None
    """The field, when it is known."""
    caret: Literal["end", "placed", "all"] = "end"
    """`placed`: somewhere in the field, or over a part of it; `all`: everything in it is selected."""

    @classmethod
    def of(cls, situation: Situation, pointer: Pointer) -> Hand:
        """As the last act has left it."""
        last = situation.taken[-1].step.action if situation.taken else None
        caret: Literal["end", "placed", "all"] = "end"
        if isinstance(last, Press | DoubleClick):
            caret = "all" if isinstance(last, Press) and last.keys in _SELECT_ALL else "placed"
        return cls(pointer.focused(), caret)


class Batch(NamedTuple):
    """The steps of a reply, up to and including the first that may change the page."""

    steps: tuple[Step, ...] = ()
    refusal: Refusal | None = None
    """Why the gesture behind the steps cannot be one."""
    whole: bool = True
    """Nothing was dropped."""


def batch(gestures: Iterable[PointGesture], pointer: Pointer, hand: Hand) -> Batch:
    """Steps for the gestures in their order. Once the page may have changed, or was scrolled, no later point means what it did in
    the picture, so the rest is dropped, to be asked for anew. Looking again is a step of nobody: it ends the batch."""
    steps: list[Step] = []
    left = list(gestures)
    while left:
        found = _steps(left.pop(0), pointer, hand)
        if isinstance(found, Refusal):
            return Batch(tuple(steps), found, False)
        steps += [_as_written(step) for step in found.steps]
        hand = found.hand
        if not found.quiet:
            break
    return Batch(tuple(steps), None, not left)


def _as_written(step: Step) -> Step:
    """Braces are text, a page's or the model's; only a secret handle in what is typed stays one, for the policy to judge."""
    literal = literal_step(step)
    if not isinstance(literal.action, Type | Fill):
        return literal
    action = literal.action.model_copy(update={"text": _HANDLE.sub(r"\1", literal.action.text)})
    return literal.model_copy(update={"action": action})


class _Done(NamedTuple):
    steps: tuple[Step, ...]
    hand: Hand
    quiet: bool
    """The picture still fits afterwards."""


def _steps(gesture: PointGesture, pointer: Pointer, hand: Hand) -> _Done | Refusal:
    match gesture:
        case PointClick() | PointDoubleClick() | PointRightClick() | PointHover():
            return _pointed(gesture, pointer, hand)
        case PointDrag():
            return _drag(gesture, pointer)
        case PointScroll():
            step = Step(action=Scroll(direction=gesture.direction, target=pointer.scrolled(gesture.point)))
            return _Done((step,), hand, False)
        case KeyText():
            return _typed(gesture.text, hand)
        case KeyPress():
            return _pressed(gesture.keys, hand)
        case GoBack():
            return _Done((Step(action=Back()),), Hand(), False)
        case LookAgain():
            return _Done((), hand, False)


def _pointed(
    gesture: PointClick | PointDoubleClick | PointRightClick | PointHover, pointer: Pointer, hand: Hand
) -> _Done | Refusal:
    found = pointer.at(gesture.point)
    if isinstance(found, Refusal):
        return found
    target, in_text = found.target, found.role in _TEXT
    match gesture:
        case PointHover():
            return _Done((_step(Hover(target=target), found),), hand, False)
        case PointRightClick():
            return _Done((_step(RightClick(target=target), found),), Hand(), False)
        case PointDoubleClick():
            return _Done((_step(DoubleClick(target=target), found),), Hand(target, "placed") if in_text else Hand(), in_text)
        case PointClick():
            return _Done((_step(Click(target=target), found),), Hand(target) if in_text else Hand(), in_text)


def _step(action: Action, found: Pointed) -> Step:
    return Step(action=action, intent=f"{describe(action)} ({found.why})" if found.why else "")


def _drag(gesture: PointDrag, pointer: Pointer) -> _Done | Refusal:
    start, end = pointer.at(gesture.point), pointer.at((gesture.to_x, gesture.to_y))
    if isinstance(start, Refusal):
        return start
    if isinstance(end, Refusal):
        return end
    if start.target == end.target:
        return Refusal(reason=f"both ends of the drag are in {start.target}", outcome="incomplete")
    return _Done((_step(Drag(target=start.target, to=end.target), start),), Hand(), False)


def _typed(text: str, hand: Hand) -> _Done | Refusal:
    """A line break is the Enter it would be, an act of its own that may hand in a form; what is behind it is dropped."""
    line, enter, _ = text.replace("\r\n", "\n").partition("\n")
    steps: list[Step] = []
    if line and hand.focus and hand.caret != "placed":
        action = Type(text=line, target=hand.focus) if hand.caret == "end" else Fill(target=hand.focus, text=line)
        steps.append(Step(action=action))
    elif line:
        steps.append(Step(action=Type(text=line)))
    if enter:
        steps.append(Step(action=Press(keys="Enter", target=hand.focus)))
    return _Done(tuple(steps), Hand(hand.focus), not enter)


def _pressed(keys: tuple[str, ...], hand: Hand) -> _Done | Refusal:
    chords = chords_of(keys)
    if not chords:
        return Refusal(reason=f'"{" + ".join(keys)}" is no key that is known', outcome="incomplete")
    steps: list[Step] = []
    for chord in chords:
        steps.append(Step(action=Press(keys=chord, target=hand.focus)))
        if chord not in _MOVE_ON:
            return _Done(tuple(steps), hand, False)
        moved = chord in ("Tab", "Shift+Tab")
        hand = Hand(None, "placed") if moved else Hand(hand.focus, "all" if chord in _SELECT_ALL else "placed")
    return _Done(tuple(steps), hand, True)


def chords_of(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Keys pressed together, as Playwright writes them: `Control+a`. Of several that are no modifiers each is a chord of its own;
    empty when one is not known."""
    parts = [part for key in keys for part in (key.split("+") if len(key) > 1 else (key,))]
    held = [_MODIFIERS[part.casefold()] for part in parts if part.casefold() in _MODIFIERS]
    pressed = [_key(part, bool(held)) for part in parts if part.casefold() not in _MODIFIERS]
    if not all(pressed):
        return ()
    return tuple("+".join((*dict.fromkeys(held), key)) for key in pressed)


def _key(name: str, held: bool) -> str:
    if len(name) == 1 and name != " ":
        return name.lower() if held else name  # a capital would mean that Shift is held as well
    return _KEYS.get(name.casefold().replace("_", "").replace("-", ""), "")
