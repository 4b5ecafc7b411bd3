"""The text of an AI-mode ARIA snapshot → elements. Pure, no browser; one pass, no YAML library.

The notation is YAML written by one renderer, so a line parser reads it whole:

    - button "Save" [disabled] [ref=e3] [box=8,8,40,21]
    - 'link "Docs: start" [ref=e4]':        keys with special characters stand in single quotes, `'` doubled
      - /url: "#top"                        properties of the element above
      - text: "yes"                         values with special characters stand in double quotes, escaped
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from operator_agent.flow.observation import Box, Element

_LINE = re.compile(
    r"""(\ *)-\ (?:
        (?:text|/([a-z]+)):(?:\ (.*))?
      | (')?([a-zA-Z][\w-]*)(?:\ ("(?:[^"\\]|\\.)*"))?
        ((?:\ \[(?!ref=|cursor=|box=)[^\]]*\])*)(?:\ \[ref=(\w+)\])?(\ \[cursor=pointer\])?
        (?:\ \[box=([-\d]+),([-\d]+),(\d+),(\d+)\])?
        (?(4)')(?::(?:\ (.*))?)?
    )$""",
    re.VERBOSE | re.DOTALL,
)
"""Indent; property, text; quote, role, name, states, ref, pointer, box ×4, value."""
_STATE = re.compile(r"\[([^\]]*)\]")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

MASK = "••••••••"
"""What stands for a password: always the same, so that not even its length shows."""
FIELDS = frozenset(("combobox", "searchbox", "spinbutton", "textbox"))
"""Roles whose value a person types."""
_NAMED_BY_CONTENT = frozenset(
    ("button", "checkbox", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio", "switch", "tab", "treeitem")
)
INTERACTIVE = FIELDS | _NAMED_BY_CONTENT | {"listbox", "scrollbar", "slider"}
"""Roles that say by themselves that the element takes the pointer."""
_MAY_LACK_NAME = _NAMED_BY_CONTENT | {"heading"}
_CHOICES = frozenset(("combobox", "listbox"))


class Parsed(NamedTuple):
    """Elements whose boxes are still relative to the view of their own frame, and whose `frame` is still empty."""

    elements: list[Element]
    typed: list[int]
    """The fields that hold something a person may have typed."""
    unread: int
    """How many lines were not understood."""


def amend(element: Element, **values: object) -> None:
    """Changes an element in place: only for one that nobody else has seen yet. Building a new one takes twenty times as long,
    and a look may touch thousands."""
    for name, value in values.items():
        object.__setattr__(element, name, value)


def parse(text: str) -> Parsed:
    """Every line an element, in document order; a field's and a link's property lines are folded into it."""
    with no_collection():
        elements, unread = _read(_well_formed(text).split("\n") if text else [])
        typed = [index for index, element in enumerate(elements) if element.value and element.role in FIELDS]
        _name_by_content(elements)
        _show_choices(elements, set(typed))
    return Parsed(elements, typed, unread)


@contextmanager
def no_collection() -> Iterator[None]:
    """For tens of thousands of new objects without one cycle among them: the garbage collector would look at them, and at
    everything else that is alive, for nothing, and take as long as the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(lines: list[str]) -> tuple[list[Element], int]:
    elements: list[Element] = []
    open_at: list[int] = []
    """Index of the latest element at each depth."""
    unread = 0
    match = _LINE.match
    for number, line in enumerate(lines):
        found = match(line)
        if found is None:
            unread += 1
            continue
        indent, attribute, own_text, quote, role, name, states, ref, pointer, x, y, width, height, value = found.groups()
        depth = len(indent) >> 1
        del open_at[depth:]
        parent = open_at[-1] if open_at else -1
        if role is None:
            value = _value(own_text) if own_text else ""
            if attribute or _is_value(elements, parent, lines, number):
                _add_to(elements[-1], attribute or "value", value)
                continue
            role = "text"
        elif value:
            value = _value(value)
        open_at.append(len(elements))
        elements.append(
            Element(
                ref or "",
                role,
                _name(name, quote) if name else "",
                value or "",
                tuple(_STATE.findall(states)) if states else (),
                parent,
                depth,
                clickable=pointer is not None and role not in INTERACTIVE,
                box=Box(float(x), float(y), float(width), float(height)) if x else None,
            )
        )
    return elements, unread


def _add_to(element: Element, attribute: str, value: str) -> None:
    """A property line, or the text after those, follows its element directly. Properties we do not know are left out."""
    if attribute in ("url", "placeholder", "value"):
        amend(element, **{attribute: value})


def _is_value(elements: list[Element], parent: int, lines: list[str], number: int) -> bool:
    """Whether this line of text is what the element above holds: property lines push its value onto a line of its own."""
    if parent < 0 or parent != len(elements) - 1 or elements[parent].value:
        return False
    if elements[parent].role in FIELDS:
        return True
    inside = "  " * (elements[parent].depth + 1)
    alone = number + 1 == len(lines) or not lines[number + 1].startswith(inside)
    return alone and elements[parent].role != "iframe"


def _name_by_content(elements: list[Element]) -> None:
    """The snapshot leaves out a name that the content below spells out; targets are written with the name."""
    for index, element in enumerate(elements):
        if element.name or element.role not in _MAY_LACK_NAME:
            continue
        if element.value:
            amend(element, name=element.value, value="")
        else:
            shown = (part for below in _below(elements, index) for part in (below.name, below.value) if part)
            amend(element, name=" ".join(shown))


def _below(elements: list[Element], index: int) -> Iterator[Element]:
    for at in range(index + 1, len(elements)):
        if elements[at].depth <= elements[index].depth:
            return
        yield elements[at]


def _show_choices(elements: list[Element], typed: set[int]) -> None:
    """A select holds the names of its selected options."""
    for option in elements:
        if option.role != "option" or "selected" not in option.states:
            continue
        holder = option.parent
        while holder >= 0 and elements[holder].role == "group":
            holder = elements[holder].parent
        if holder >= 0 and elements[holder].role in _CHOICES and holder not in typed:
            before = elements[holder].value
            amend(elements[holder], value=f"{before}, {option.name}" if before else option.name)


def _value(text: str) -> str:
    if text[0] != '"':
        return text
    inner = text[1:-1]
    return _ESCAPE.sub(_unescape, inner) if "\\" in inner else inner


def _unescape(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return _PLAIN_ESCAPES.get(found[2], found[2])


def _name(quoted: str, in_key_quotes: str | None) -> str:
    if in_key_quotes:
        quoted = quoted.replace("''", "'")
    return _well_formed(json.loads(quoted)) if "\\" in quoted else quoted[1:-1]


def _well_formed(text: str) -> str:
    """Without lone surrogates, which a page may hold but no file can: each becomes U+FFFD."""
    return _SURROGATE.sub("\ufffd", text) if not text.isascii() else text
