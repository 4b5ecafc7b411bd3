"""What a clause asks for as far as words alone can tell."""

from __future__ import annotations

import re
from typing import NamedTuple

from operator_agent.flow.action import (
    Action,
    AnswerDialog,
    Back,
    Click,
    CloseTab,
    DoubleClick,
    Download,
    Drag,
    Fill,
    GoTo,
    Hover,
    Press,
    Read,
    RightClick,
    Scroll,
    SwitchTab,
    Tick,
    Type,
    Untick,
    Upload,
    WaitFor,
)
from operator_agent.flow.check import Check, ElementCheck, HoldsCheck, NotCheck, TextCheck
from operator_agent.flow.plan import Refusal
from operator_agent.flow.target import ROLES, Target, quoted
from operator_agent.grounding.pattern import match
from operator_agent.planner.grammar import Clause, Reading, Said, is_address, key_name, said_in, verbs

_ON_PAGE = frozenset(
    {"choose", "set", "search", "clear", "close", "submit", "switch_tab", "accept", "dismiss", "upload", "agree"}
)
_LOCAL = re.compile(r"(?:localhost|127\.|0\.0\.0\.0|\[::1\]|[^/.]+:\d+)")


class Meant(NamedTuple):
    """What to do, and how well it fits the page (0-100); `checks` are what is to be seen, when the clause asks to look."""

    score: float
    actions: tuple[Action, ...] = ()
    checks: tuple[Check, ...] = ()


def plain(clause: Clause) -> Action | None:
    """The action, when the words mean one thing on any page; else None."""
    if len(clause.readings) > 1 or clause.parts:
        return None
    reading = clause.readings[0]
    if reading.verb in _ON_PAGE or (reading.verb == "click" and keys_of(reading.slots["target"])):
        return None
    return worded(reading)


def worded(reading: Reading) -> Action | None:
    """The action with its targets as they were said; None for a verb that only a page gives a meaning."""
    verb, slots = reading.verb, reading.slots
    if verb in ("click", "double_click", "right_click", "hover", "check", "uncheck"):
        return _ON_TARGET[verb](target=target_of(slots["target"]))
    match verb:
        case "open":
            place = reading.text("place") or reading.text("url")
            return GoTo(url=address(place)) if is_address(place) else Click(target=target_of(slots["place"]))
        case "named":
            return Click(target=target_of(slots["name"]))
        case "submit":
            return Click(target=Target(words="submit"))
        case "back":
            return Back()
        case "fill" | "set":
            return Fill(target=target_of(slots["target"]), text=reading.text("text"))
        case "agree":
            return Tick(target=target_of(slots["target"]))
        case "clear":
            return Fill(target=target_of(slots["target"]), text="")
        case "type":
            return Type(text=reading.text("text") or reading.text("quoted"))
        case "press_key":
            return Press(keys=keys(slots["keys"]), target=target_of(slots["target"]) if "target" in slots else None)
        case "drag":
            return Drag(target=target_of(slots["target"]), to=target_of(slots["to"]))
        case "upload":
            target = target_of(slots["target"]) if "target" in slots else Target(words="file")
            return Upload(target=target, files=(reading.text("file"),))
        case _:
            return _looking(reading) or _outside(reading)


def _looking(reading: Reading) -> Action | None:
    slots = reading.slots
    match reading.verb:
        case "scroll_to":
            return Scroll(to=target_of(slots["target"]))
        case "scroll":
            way = verbs().directions.get(reading.text("direction").casefold(), "down")
            return Scroll.model_validate({"direction": way, "target": target_of(slots["target"]) if "target" in slots else None})
        case "wait_for":
            return WaitFor(check=HoldsCheck(check=check_of(slots["thing"])))
        case "wait_gone":
            return WaitFor(check=HoldsCheck(check=gone(slots["thing"])))
        case "read":
            return Read(target=target_of(slots["target"] if "target" in slots else slots["name"]), into=into(reading))
        case "download":
            return Download(target=target_of(slots["target"]), into=into(reading) if "name" in slots else "download")
        case _:
            return None


def _outside(reading: Reading) -> Action | None:
    match reading.verb:
        case "switch_tab":
            return SwitchTab(tab=reading.text("tab"))
        case "close_tab":
            return CloseTab(tab=reading.text("tab"))
        case "accept":
            return AnswerDialog(answer="accept")
        case "dismiss":
            return AnswerDialog(answer="dismiss")
        case "answer":
            return AnswerDialog(answer="accept", text=reading.text("text"))
        case _:
            return None


def target_of(slot: Said) -> Target:
    """As written when it is in the notation (`button "Save"`, `"Save"`), else plain words."""
    if slot.quoted:
        return Target(name=slot.text)
    if len(slot.span) == 2 and slot.span[1].kind == "quoted" and slot.span[0].text in ROLES:
        return Target(role=slot.span[0].text, name=slot.span[1].text)
    found = Target.parse(slot.text)
    # A bare word may be a role's name and still only a word: "press Menu".
    return found if found.name else Target(words=slot.text)


def phrase_of(slot: Said) -> str:
    """The words for the grounder: what was quoted stays so, because then nothing less than all of it counts."""
    return quoted(slot.text) if slot.quoted else slot.text


def check_of(slot: Said) -> Check:
    """What is to be seen: an element in the notation, else text."""
    target = target_of(slot)
    return ElementCheck(target=target) if target.role else TextCheck(text=slot.text)


def gone(slot: Said) -> Check:
    target = target_of(slot)
    return ElementCheck(target=target, count=0) if target.role else NotCheck(check=TextCheck(text=slot.text))


def keys_of(slot: Said) -> Press | None:
    """The key that the words name, alone or with where to press it: "Enter", "Ctrl+A in Name"; else None. A single letter is
    more likely a button's."""
    if slot.quoted or len(slot.text) == 1:
        return None
    if key_name(slot):
        return Press(keys=keys(slot))
    source = " " * slot.span[0].start + slot.text
    for found in match("{keys} (in|on) {target}", slot.span):
        named = {name: said_in(source, slot.span[start:end]) for name, (start, end) in found.items()}
        if key_name(named["keys"]):
            return Press(keys=keys(named["keys"]), target=target_of(named["target"]))
    return None


def keys(slot: Said) -> str:
    """In Playwright's names; a single letter as it was typed."""
    return slot.text if len(slot.text) == 1 else key_name(slot) or slot.text


def address(place: str) -> str:
    """A whole address; without a scheme `https`, for this machine `http`. A path stays one."""
    if place.startswith(("http://", "https://", "about:", "/")):
        return place
    return f"http://{place}" if _LOCAL.match(place) else f"https://{place}"


def no_mere_waiting(words: str) -> Refusal:
    return Refusal(reason=f'"{words}" does not say what to wait for.', nearest=("wait for TEXT",))


def into(reading: Reading) -> str:
    """The name a value is kept under: as said, else from what is read; letters, digits and underscores."""
    name = reading.text("name") or reading.text("target")
    words = [word for word in re.findall(r"\w+", name) if word.casefold() not in ("the", "a", "an")]
    return "_".join(words) or "value"


_ON_TARGET: dict[str, type[Click] | type[DoubleClick] | type[RightClick] | type[Hover] | type[Tick] | type[Untick]] = {
    "click": Click,
    "double_click": DoubleClick,
    "right_click": RightClick,
    "hover": Hover,
    "check": Tick,
    "uncheck": Untick,
}
