"""Cells of a sheet filled in one after the other: "put 120 into B1 and 75 into B2, their sum into B3, and save"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from operator_agent.flow.action import Action, Click, Fill, Press, Type
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import buttons
from operator_agent.planner.crafts.wholes.pieces import pieces
from operator_agent.planner.crafts.wholes.saying import idle
from operator_agent.planner.crafts.wholes.whole import asked_for, state_of

_SURE = 100.0
_CELL = r"[A-Za-z]{1,2}\d{1,4}"
_VALUE = r"\"[^\"]*\"|“[^”]*”|=\s?\w+\([^)]*\)|=[\w+*/().:-]+|[-−]?\d+(?:[.,]\d+)?"
_SUM = r"(?:their|the)\s+(?:sum|total)(?:\s+of\s+(?:them|these|those|all|it|the\s+three|the\s+two|both))?"
_GIVEN = rf"(?P<value>{_VALUE}|{_SUM})"
_IN = r"\s+(?:(?:goes|go)\s+)?(?:in|into|to|for|at)\s+"
_IS = r"\s*(?::|=|\bto\b|\bis\b|\bgets\b|\bbe\b|\bshould\s+be\b|\bto\s+be\b|\bwith\b)\s*"
_INTO = re.compile(rf"{_GIVEN}{_IN}(?:the\s+)?(?:cell\s+)?(?P<cell>{_CELL})\b", re.IGNORECASE)
_LABELLED = re.compile(rf"\b(?P<cell>{_CELL}){_IS}{_GIVEN}", re.IGNORECASE)
_COLUMN = re.compile(r"\bin\s+(?:the\s+)?column\s+(?P<column>[A-Za-z]{1,2})\b|\bcolumn\s+(?P<other>[A-Za-z]{1,2})\b", re.IGNORECASE)
_IN_ROW = re.compile(rf"{_GIVEN}{_IN}row\s+(?P<row>\d+)\b", re.IGNORECASE)
_ROW = re.compile(rf"\brow\s+(?P<row>\d+){_IS}{_GIVEN}", re.IGNORECASE)


class Entry(NamedTuple):
    cell: str
    value: str


class Cells:
    name = "cells"
    spans = True
    whole = True
    eager = True
    """The grammar reads "put 3 into B1" as a field's text."""

    def hears(self, words: str) -> bool:
        return False  # only where the words are not understood otherwise

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page = asked.page
        grid = any(e.role in ("gridcell", "cell") and re.match(rf"{_CELL}\b", e.name) for e in page.elements)
        entries, rest = entries_in(asked.words) if grid and len(asked.words) < 1000 else ((), "")
        if not entries:
            return None
        span = pieces(rest)
        pressing = max((one for i in buttons(page) if (one := asked_for(i, span, page))), key=lambda one: len(one[1]), default=None)
        nouns = {i for i, one in enumerate(span) if one.text in known("whole", "sheet")}
        if any(i not in idle(span) | nouns and not (pressing and i in pressing[1]) for i in range(len(span))):
            return None
        state = state_of(asked.memory, page, {"at": 0, "open": False})
        if state["at"] >= len(entries):
            target = pointer(pressing[0], page) if pressing else None
            return Proposal(_SURE, (Step(action=Click(target=target)),) if target else (), len(asked.words))
        return _put(entries[state["at"]], state, asked)


def _put(entry: Entry, state: dict[str, Any], asked: Asked) -> Proposal | Refusal:
    """The cell is opened, then filled; where opening shows no field, what is typed goes to the cell."""
    page = asked.page
    editor = next((i for i, e in enumerate(page.elements) if e.role == "textbox" and entry.cell in page.labels[i].split()), None)
    actions: tuple[Action, ...]
    if editor is not None:
        target = pointed(editor, page)
        actions = (Fill(target=target, text=entry.value), Press(keys="Enter", target=target))
    elif state["open"]:
        actions = (Type(text=entry.value), Press(keys="Enter"))
    else:
        cells = (i for i, e in enumerate(page.elements) if e.role in ("gridcell", "cell"))
        cell = next((i for i in cells if _is(page.labels[i], entry.cell)), None)
        place = pointer(cell, page) if cell is not None else None
        if place is None:
            return Refusal(reason=f"There is no cell {entry.cell.upper()} here.")
        asked.memory["next"] = {"at": state["at"], "open": True}
        return Proposal(_SURE, (Step(action=Click(target=place)),), 0, again=True)
    asked.memory["next"] = {"at": state["at"] + 1, "open": False}
    return Proposal(_SURE, tuple(Step(action=action) for action in actions), 0, again=True)


def _is(label: str, cell: str) -> bool:
    return label == cell or label.startswith((f"{cell}:", f"{cell} "))


@lru_cache(maxsize=32)
def entries_in(words: str) -> tuple[tuple[Entry, ...], str]:
    """The cells and what goes there, in the order they are said, and the words without them."""
    column = _COLUMN.search(words)
    found: list[tuple[int, int, str, str]] = []
    for pattern in (_INTO, _LABELLED, *((_IN_ROW, _ROW) if column else ())):
        for one in pattern.finditer(words):
            if all(one.end() <= start or end <= one.start() for start, end, _, _ in found):
                name = one["cell"] if "cell" in one.groupdict() else f"{_named(column)}{one['row']}"
                found.append((one.start(), one.end(), name.casefold(), one["value"]))
    found.sort()
    rest = words
    for start, end, _, _ in reversed(found):
        rest = rest[:start] + ", " + rest[end:]
    entries: list[Entry] = []
    for _, _, cell, value in found:
        numbers = [one.cell.upper() for one in entries if not one.value.startswith("=")]
        entries.append(Entry(cell, _sum(numbers) if re.fullmatch(_SUM, value, re.IGNORECASE) else value.strip("\"“”")))
    return (tuple(entries), _COLUMN.sub(", ", rest)) if all(one.value for one in entries) else ((), words)


def _named(column: re.Match[str] | None) -> str:
    return (column["column"] or column["other"]) if column else ""


def _sum(cells: list[str]) -> str:
    """The formula for the sum of these cells; a range where they stand below each other. "" for less than two."""
    numbers = [int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for cell in cells]
    columns = {cell.rstrip("0123456789") for cell in cells}
    if len(cells) < 2:
        return ""
    below = len(columns) == 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return f"=SUM({cells[0]}:{cells[-1]})" if below else f"=SUM({','.join(cells)})"
