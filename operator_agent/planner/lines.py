"""One element as one line: how to point at it, what it holds, and a note of what else a person would see.

    button "Add" [disabled] in row "Latte"
    textbox "Name": Ada
    link "Orders"  # /orders
    link (3)  # "/menu/"                     a name that the notation would read as something else
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from operator_agent.flow.observation import Element
from operator_agent.flow.target import ROLES, Target, is_regex, quoted
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.page import Page
from operator_agent.matching import FIELDS
from operator_agent.planner.fence import legible
from operator_agent.planner.targets import LONG, Targets, own_name
from operator_agent.planner.touched import Touched

_TEXT = 400  # characters of a text that are shown
_NOTE = 80  # characters of a name, an address or a placeholder in a note
_AROUND = 60  # characters shown on either side of what was looked for
_STATE = re.compile(r"[a-z]+(?:=[^\]\s]+)?\Z")
_UNWRITTEN = frozenset({"active"})
"""States that a target must not be written with: the next step changes them."""


class Line(NamedTuple):
    text: str
    shortened: bool = False


class Lines:
    """The lines of one page, made when they are asked for."""

    def __init__(self, page: Page, targets: Targets, touched: Touched, joined: Mapping[int, list[int]], origin: str) -> None:
        self._page = page
        self._targets = targets
        self._touched = touched
        self._joined = joined
        self._origin = origin
        self._made: dict[int, Line] = {}

    def of(self, index: int) -> Line:
        if index not in self._made:
            self._made[index] = self._line(index)
        return self._made[index]

    def _line(self, index: int) -> Line:
        element = self._page.elements[index]
        if index in self._joined:
            words = " ".join(own_name(i, self._page) for i in self._joined[index])
            return self._written("text", words, [])
        if element.role not in INTERACTIVE and not element.clickable:
            return self._content(index)
        target = self._targets.of(index) if element.ref else None
        if target is None:
            return self._content(index)
        states = [] if target.nth else [state for state in element.states if _is_written(state)]
        notes = [state for state in element.states if state not in states and state != "active"]
        if not target.name and (name := own_name(index, self._page)):
            notes.append(quoted(self._short(name, _NOTE)))
        elif is_regex(target.name):
            notes.append(quoted(self._short(own_name(index, self._page), _NOTE)))
        head = str(target.model_copy(update={"states": tuple(states)}))
        return self._written(head, element.value if element.name or element.role in FIELDS else "", self._notes(element, notes))

    def _content(self, index: int) -> Line:
        """What is read and not acted on: its name when that can be written in full, else its text."""
        element = self._page.elements[index]
        role = element.role if element.role in ROLES else "generic"
        name, value = self._flat(element.name), element.value
        if len(name) > LONG or is_regex(name):
            name, value = "", f"{name} {value}"
        head = str(Target(role=role, name=name, states=tuple(state for state in element.states if _is_written(state))))
        return self._written(head, value, self._notes(element, []))

    def _notes(self, element: Element, notes: list[str]) -> list[str]:
        if element.clickable:
            notes.append("clickable")
        if "active" in element.states and element.role != "generic":
            notes.append("focused")
        if element.placeholder and element.placeholder != element.name:
            notes.append(f"placeholder {quoted(self._short(element.placeholder, _NOTE))}")
        if element.url and (address := _address(element.url, self._origin)):
            notes.append(self._short(address, _NOTE))
        if element.frame:
            notes.append(f"frame of {self._short(element.frame, _NOTE)}")
        return notes

    def _written(self, head: str, value: str, notes: Iterable[str]) -> Line:
        shown = self._short(value, _TEXT) if value else ""
        line = head + (f": {shown}" if shown else "") + "".join(f"  # {', '.join(part)}" for part in [list(notes)] if part)
        return Line(line, shortened=len(value) > _TEXT and "…" in line)

    def _flat(self, text: str) -> str:
        return " ".join(legible(text).split()) if len(text) <= 4 * LONG else text

    def _short(self, text: str, most: int) -> str:
        """At most so many characters and those around the words that were looked for; what is left out is an ellipsis."""
        flat = " ".join(text.split())
        if len(flat) <= most:
            return " ".join(legible(flat).split())
        spans = [(0, most * 2 // 3), (len(flat) - most // 4, len(flat))]
        spans += [(start - _AROUND, stop + _AROUND) for start, stop in self._touched.windows(flat)]
        return " ".join(legible("…".join(flat[start:stop] for start, stop in _merged(spans, len(flat)))).split())


def _merged(spans: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted((max(0, start), min(size, stop)) for start, stop in spans):
        if merged and start <= merged[-1][1] + 3:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _is_written(state: str) -> bool:
    return state not in _UNWRITTEN and bool(_STATE.match(state)) and len(state) < 30


@lru_cache(maxsize=4_096)
def _address(url: str, origin: str) -> str:
    """Where a link leads: the path on the page's own origin, host and path elsewhere; "" for what only runs a script."""
    try:
        parts = urlsplit(url[:1_000])
    except ValueError:
        return ""
    if parts.scheme in ("javascript", "data", "blob") or url in ("", "#"):
        return ""
    own = not parts.netloc or f"{parts.scheme}://{parts.netloc}" == origin
    query = f"?{parts.query}" if parts.query else ""
    path = f"{parts.path}{query}" + (f"#{parts.fragment}" if parts.fragment else "")
    return path if own else f"{parts.netloc}{path}"


def origin(url: str) -> str:
    """Scheme and host of an address, "" when it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
