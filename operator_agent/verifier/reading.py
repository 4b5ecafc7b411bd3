"""What elements show, and tables as rows of texts by column header."""

from __future__ import annotations

from operator_agent.flow.observation import Observation
from operator_agent.matching import FIELDS, label

_TABLES = frozenset({"table", "grid", "treegrid"})
_CELLS = frozenset({"cell", "gridcell", "rowheader", "columnheader"})


def rows(observation: Observation) -> list[dict[str, str]]:
    """Every data row of every table: header → what the cell shows. A table without column headers is headed by its first row."""
    found: list[dict[str, str]] = []
    for index, element in enumerate(observation.elements):
        if element.role in _TABLES:
            found += _rows_of(index, observation)
    return found


def _rows_of(table: int, observation: Observation) -> list[dict[str, str]]:
    lines = [_cells(i, observation) for i in observation.subtree(table) if observation.elements[i].role == "row"]
    lines = [line for line in lines if line]
    if not lines:
        return []
    at = next((n for n, line in enumerate(lines) if observation.elements[line[-1]].role == "columnheader"), 0)
    headers = [label(cell, observation) for cell in lines[at]]
    return [dict(zip(headers, (shown(cell, observation) for cell in line), strict=False)) for line in lines[at + 1 :]]


def _cells(row: int, observation: Observation) -> list[int]:
    return [child for child in observation.children.get(row, ()) if observation.elements[child].role in _CELLS]


def shown(index: int, observation: Observation) -> str:
    """What an element shows: a field its value or chosen options, anything else its text, or its name when it has no text."""
    element = observation.elements[index]
    if element.role in FIELDS:
        return element.value or ", ".join(chosen(index, observation)) or _below(index, observation)
    return observation.text_of(index) or element.name


def chosen(index: int, observation: Observation) -> list[str]:
    """The options of a select, listbox or combobox that are selected, by name."""
    options = (observation.elements[i] for i in observation.subtree(index))
    return [option.name or option.value for option in options if option.role == "option" and "selected" in option.states]


def _below(index: int, observation: Observation) -> str:
    """Text an editable region holds; options are what could be chosen, not what is."""
    below = [observation.elements[i] for i in observation.subtree(index) if i != index]
    return " ".join(part for one in below if one.role != "option" for part in (one.name, one.value) if part)
