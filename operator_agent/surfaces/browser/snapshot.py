"""The text of an AI-mode ARIA snapshot → elements. Pure, no browser; one pass, no YAML library.

The notation is YAML written by one renderer, so a line parser reads it whole:

    - button "Save" [disabled] [ref=e3] [box=8,8,40,21]
    - 'link "Docs: start" [ref=e4]':        keys with special characters stand in single quotes, `'` doubled
      - /url: "#top"                        properties of the element above
      - text: "yes"                         values with special characters stand in double quotes, escaped
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from operator_agent.flow.observation import Box, Element

_NAME = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"""(\ *)-\ (?:
        (?:text|/([a-z]+)):(?:\ (.*))?
      | (')?([a-zA-Z][\w-]*)(?:\ ({_NAME}))?((?:\ \[[^\]]*\])*)(?(4)')(?::(?:\ (.*))?)?
    )$""",
    re.VERBOSE | re.DOTALL,
)
"""Indent; property, text; quote, role, name, marks, value."""
_MARK = re.compile(r" \[([^\]=]*)(?:=([^\]]*))?\]")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

FIELDS = frozenset(("combobox", "searchbox", "spinbutton", "textbox"))
"""Roles whose value a person types."""
_NAMED_BY_CONTENT = frozenset(
    ("button", "checkbox", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio", "switch", "tab", "treeitem")
)
INTERACTIVE = FIELDS | _NAMED_BY_CONTENT | {"listbox", "scrollbar", "slider"}
"""Roles that say by themselves that the element takes the pointer."""
_CHOICES = frozenset(("combobox", "listbox"))


class Parsed(NamedTuple):
    """Elements whose boxes are still relative to the view of their own frame, and whose `frame` is still empty."""

    elements: list[Element]
    typed: list[int]
    """The fields that hold something a person may have typed."""
    unread: int
    """How many lines were not understood."""


class _Draft:
    """An element while its lines are being read."""

    __slots__ = ("box", "clickable", "depth", "name", "parent", "placeholder", "ref", "role", "states", "url", "value")

    def __init__(self, role: str, name: str, value: str, parent: int, depth: int) -> None:
        self.role = role
        self.name = name
        self.value = value
        self.parent = parent
        self.depth = depth
        self.ref = ""
        self.states: tuple[str, ...] = ()
        self.url = ""
        self.placeholder = ""
        self.clickable = False
        self.box: Box | None = None

    def freeze(self) -> Element:
        return Element(
            self.ref,
            self.role,
            self.name,
            self.value,
            self.states,
            self.parent,
            self.depth,
            self.url,
            self.placeholder,
            self.clickable,
            self.box,
        )


def parse(text: str) -> Parsed:
    """Every line an element, in document order; a field's and a link's property lines are folded into it."""
    drafts: list[_Draft] = []
    open_at: list[int] = []
    """Index of the latest draft at each depth."""
    unread = 0
    for line in _well_formed(text).split("\n") if text else ():
        found = _LINE.match(line)
        if found is None:
            unread += 1
            continue
        indent, attribute, own_text, quote, role, name, marks, value = found.groups()
        depth = len(indent) // 2
        parent = open_at[depth - 1] if 0 < depth <= len(open_at) else -1
        if attribute:
            _set_property(drafts[parent], attribute, _value(own_text))
            continue
        if role is None:
            draft = _Draft("text", "", _value(own_text), parent, depth)
        else:
            draft = _Draft(role, _name(name, quote) if name else "", _value(value) if value else "", parent, depth)
            if marks:
                _set_marks(draft, marks)
        del open_at[depth:]
        open_at.append(len(drafts))
        drafts.append(draft)
    drafts = _fold_texts(drafts)
    typed = [index for index, draft in enumerate(drafts) if draft.value and draft.role in FIELDS]
    _name_by_content(drafts)
    _show_choices(drafts)
    return Parsed([draft.freeze() for draft in drafts], typed, unread)


def _set_marks(draft: _Draft, marks: str) -> None:
    states = []
    for key, value in _MARK.findall(marks):
        if key == "ref":
            draft.ref = value
        elif key == "box":
            draft.box = Box(*map(float, value.split(",")))
        elif key == "cursor":
            draft.clickable = draft.role not in INTERACTIVE
        else:
            states.append(f"{key}={value}" if value else key)
    draft.states = tuple(states)


def _set_property(draft: _Draft, name: str, value: str) -> None:
    if name == "url":
        draft.url = value
    elif name == "placeholder":
        draft.placeholder = value


def _fold_texts(drafts: list[_Draft]) -> list[_Draft]:
    """An element with property lines has its text on a line of its own; make it the element's value as everywhere else."""
    moved: list[int] = []
    kept: list[_Draft] = []
    for index, draft in enumerate(drafts):
        moved.append(len(kept))
        if _is_value(drafts, index):
            drafts[index - 1].value = draft.value
            continue
        if draft.parent >= 0:
            draft.parent = moved[draft.parent]
        kept.append(draft)
    return kept


def _is_value(drafts: list[_Draft], index: int) -> bool:
    text, owner = drafts[index], drafts[index - 1]
    if text.role != "text" or index == 0 or text.depth != owner.depth + 1 or owner.value:
        return False
    lone = index + 1 == len(drafts) or drafts[index + 1].depth < text.depth
    return owner.role in FIELDS or (lone and owner.role != "iframe")


def _name_by_content(drafts: list[_Draft]) -> None:
    """The snapshot leaves out a name that the content below spells out; targets are written with the name."""
    for index, draft in enumerate(drafts):
        if draft.name or (draft.role not in _NAMED_BY_CONTENT and draft.role != "heading"):
            continue
        if draft.value:
            draft.name, draft.value = draft.value, ""
            continue
        words = []
        for below in _below(drafts, index):
            words += [part for part in (below.name, below.value) if part]
        draft.name = " ".join(words)


def _below(drafts: list[_Draft], index: int) -> list[_Draft]:
    end = index + 1
    while end < len(drafts) and drafts[end].depth > drafts[index].depth:
        end += 1
    return drafts[index + 1 : end]


def _show_choices(drafts: list[_Draft]) -> None:
    """A select holds the names of its selected options."""
    typed = {id(draft) for draft in drafts if draft.value}
    for draft in drafts:
        if draft.role != "option" or "selected" not in draft.states:
            continue
        holder = draft.parent
        while holder >= 0 and drafts[holder].role == "group":
            holder = drafts[holder].parent
        if holder >= 0 and drafts[holder].role in _CHOICES and id(drafts[holder]) not in typed:
            chosen = drafts[holder]
            chosen.value = f"{chosen.value}, {draft.name}" if chosen.value else draft.name


def _value(text: str | None) -> str:
    if not text:
        return ""
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
