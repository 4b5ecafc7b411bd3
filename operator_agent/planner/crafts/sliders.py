"""Sliders, spinners and dials: set to a value by the keyboard, and read back after each move.

A slider that says its value is read by it. One that does not is read by the number on the page that moves with it: a first key
shows which one, and by how much a key moves it.
"""

from __future__ import annotations

import re
from typing import Any

from operator_agent.flow.action import Fill, Press
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.heard import Heard, heard, hears

_SURE = 96.0
_NUMBER = re.compile(r"(?<![\w.])[-−+]?\d+(?:[.,]\d+)?(?![\w.]*\d)")
_SHOWN = re.compile(r"[^\d−-]{0,12}([-−]?\d+(?:\.\d+)?)\D{0,4}")
_MOST = 300  # keys of one step
_LOOKS = 14
_WAYS = ("ArrowRight", "ArrowLeft")


class Sliders:
    name = "sliders"
    spans = True

    def hears(self, words: str) -> bool:
        return hears(words, "sliders", "set")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in heard(asked.words, "sliders", "set"):
            values = [float(found[0].replace("−", "-").replace(",", ".")) for found in _NUMBER.finditer(_apart(one.text("value")))]
            controls = _controls(one, asked.page)
            if values and len(values) == len(controls):
                return _set(controls, values, one.end, asked)
        return None


def _apart(value: str) -> str:
    """`[6,13,0]` with its numbers apart."""
    return re.sub(r",(?=\s|-?\d+\s*[,\]])|[\[\]();]", " ", value)


def _controls(one: Heard, page: Page) -> list[int]:
    """The sliders or spinners that are meant: all when several values are said, the named one, or the only one."""
    kinds = {"spinner": ("spinbutton",), "stepper": ("spinbutton",)}.get(one.text("kind").removesuffix("s"), ("slider",))
    found = [i for i, e in enumerate(page.elements) if e.role in kinds and e.ref]
    named = search(f"{one.text('place')} {one.text('kind')}", "fill", page) if one.text("place") and len(found) > 1 else None
    return [i for i in named.indices if i in found] if named else found


def _set(controls: list[int], values: list[float], end: int, asked: Asked) -> Proposal | Refusal | None:
    """The next keys for the first control that does not yet show its value."""
    page = asked.page
    for number, (index, value) in enumerate(zip(controls, values, strict=True)):
        if page.elements[index].role == "spinbutton":
            if page.elements[index].value != _plain(value):
                return Proposal(_SURE, (Step(action=Fill(target=pointed(index, page), text=_plain(value))),), 0, again=True)
            continue
        memory: dict[str, Any] = asked.memory.setdefault(f"slider {number}", {"looks": 0, "way": 1})
        keys = _keys(index, value, memory, page)
        if isinstance(keys, Refusal):
            return keys
        if keys:
            return Proposal(_SURE, (Step(action=Press(keys=keys, target=pointed(index, page))),), 0, again=True)
    return Proposal(_SURE, (), end)


def _keys(index: int, value: float, memory: dict[str, Any], page: Page) -> str | Refusal:
    """What to press; "" when it shows the value."""
    shown = _readout(index, memory, page)
    memory["looks"] += 1
    if memory["looks"] > _LOOKS:
        shows = _plain(shown) if shown is not None else "no number"
        return Refusal(reason=f"The slider does not come to {_plain(value)}; it shows {shows}.")
    before, memory["before"] = memory.get("before"), _numbers(page)
    if shown is None:
        memory["way"] = -memory["way"] if before is not None else 1  # at its end a key moves nothing: the other way
        return _pressed(memory["way"])
    if abs(shown - value) < 1e-9:
        return ""
    _learn(shown, memory)
    count = round((value - shown) / memory["by"]) if memory.get("by") else memory["way"]
    if not count:
        return Refusal(reason=f"The slider moves by {_plain(abs(memory['by']))}: it cannot show {_plain(value)}.")
    memory["from"], memory["count"] = shown, max(-_MOST, min(_MOST, count))
    return _pressed(memory["count"])


def _pressed(count: int) -> str:
    return " ".join([_WAYS[0] if count > 0 else _WAYS[1]] * abs(count))


def _learn(shown: float, memory: dict[str, Any]) -> None:
    """By how much a key to the right moves it, from what the last keys did: fewer than expected only say that it is at its end."""
    if memory.get("count") is None:
        return
    by = (shown - memory["from"]) / memory["count"]
    if by and (by * memory.get("by", 0.0) <= 0 or abs(by) > abs(memory["by"])):
        memory["by"] = by
    elif not by and not memory.get("by"):
        memory["way"] = -memory["way"]


def _readout(index: int, memory: dict[str, Any], page: Page) -> float | None:
    """What it shows: its own value, else the number that moved with it; None while that is not known."""
    if (own := _number(page.elements[index].value)) is not None:
        return own
    numbers, before = _numbers(page), memory.get("before")
    if "readout" not in memory and before is not None and len(before) == len(numbers):
        moved = [at for at, (was, now) in enumerate(zip(before, numbers, strict=True)) if was != now]
        if len(moved) == 1:
            memory["readout"] = moved[0]
            memory["from"], memory["count"] = before[moved[0]], memory["way"]
    at: int = memory.get("readout", -1)
    return numbers[at] if 0 <= at < len(numbers) else None


def _numbers(page: Page) -> list[float]:
    """The numbers that stand on the page by themselves, in its order."""
    shown = (_number(e.value or e.name) for e in page.elements if e.role not in ("slider", "button", "option"))
    return [number for number in shown if number is not None]


def _number(text: str) -> float | None:
    found = _SHOWN.fullmatch(text.strip())
    return float(found[1].replace("−", "-")) if found else None


def _plain(value: float) -> str:
    return f"{value:g}"
