"""What a page offers to be filled in, chosen and pressed, with the words each is called by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.pieces import stem

_HEAD = re.compile(r"[,(€$£–—?]|:(?!\d)| - ")
"""Behind these a label explains itself: "Breakfast, € 12 a night"."""
_TYPED = {"textbox": "text", "searchbox": "text", "spinbutton": "number", "slider": "number"}
_BOXES = frozenset({"checkbox", "switch"})
_GROUPS = frozenset({"radiogroup", "group"})
_DATED = frozenset(
    {"date", "day", "arrival", "departure", "birthday", "begin", "end", "start", "until", "from", "due", "deadline", "when"}
)
_SHOWN = frozenset(
    {"heading", "paragraph", "text", "generic", "term", "group", "region", "table", "list", "form"}
    | {"radiogroup", "strong", "tabpanel"}
)


class Control(NamedTuple):
    """`kind`: text, number, choice, radios, box or file. `options`: the words of each that can be chosen, and its element."""

    at: int
    """Its element."""
    kind: str
    label: str
    words: tuple[str, ...]
    options: tuple[tuple[str, int], ...] = ()
    search: bool = False

    @property
    def dated(self) -> bool:
        return self.kind == "text" and bool(_DATED & set(self.words))


def controls(page: Page, files: bool = False) -> list[Control]:
    """Everything that takes a value, in the page's order; with `files` the buttons, too, for one of them may take a file."""
    found: list[Control] = []
    grouped: set[int] = set()
    for index, element in enumerate(page.elements):
        usable = element.ref and not {"disabled", "readonly"} & set(element.states)
        if element.role in _GROUPS:
            radios = [i for i in page.below(index) if page.elements[i].role == "radio" and i not in grouped]
            if radios:
                grouped.update(radios)
                options = tuple((label_of(i, page), i) for i in radios)
                found.append(Control(index, "radios", label_of(index, page), content(label_of(index, page)), options))
        elif usable and (kind := "file" if files and element.role == "button" else _kind(element.role)):
            label = label_of(index, page)
            options = tuple((page.labels[i], i) for i in page.below(index) if page.elements[i].role == "option")
            search = element.role == "searchbox" or "search" in label.split()
            found.append(Control(index, kind, label, content(label), options, search and kind == "text"))
    return found


def _kind(role: str) -> str:
    return _TYPED.get(role) or ("choice" if role in ("combobox", "listbox") else "box" if role in _BOXES else "")


def label_of(index: int, page: Page) -> str:
    """What it is called, else what stands beside it."""
    if page.labels[index]:
        return page.labels[index]
    beside = labelled_by(index, page)
    if beside is not None and page.labels[beside]:
        return page.labels[beside]
    return folded(page.elements[index].placeholder)


def buttons(page: Page) -> list[int]:
    return [i for i, e in enumerate(page.elements) if e.role == "button" and e.ref and page.labels[i]]


@lru_cache(maxsize=16_384)
def content(label: str) -> tuple[str, ...]:
    """The words of a label that say something, as stems; of one that is only small words, all."""
    words = tuple(stem(word) for word in _letters(_HEAD.split(folded(label).replace("’", "'"))[0] or label))
    return tuple(word for word in words if word not in small()) or words


def _letters(text: str) -> tuple[str, ...]:
    return tuple(part for word in text.split() for part in ([word] if re.fullmatch(r"\d+[:.]\d+", word) else _parts(word)))


def _parts(word: str) -> tuple[str, ...]:
    return (word,) if re.fullmatch(r"[\w-]+'\w+|\w+(?:-\w+)+", word) else letters(word)


@lru_cache(maxsize=1)
def small() -> frozenset[str]:
    return frozenset(known("whole", "small"))


@lru_cache(maxsize=8)
def groups(kind: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Expressions of about the same meaning, each as stems."""
    return tuple(tuple(_way(way, kind) for way in text.split("|")) for text in known("whole", kind))


def _way(text: str, kind: str) -> tuple[str, ...]:
    words = tuple(map(stem, text.split()))
    return tuple(word for word in words if word not in small()) or words if kind == "same" else words


@lru_cache(maxsize=16_384)
def other_ways(words: tuple[str, ...], kind: str) -> frozenset[tuple[str, ...]]:
    """What else is said for these words; also for the last or the first of them alone, when they are two."""
    found: set[tuple[str, ...]] = set()
    heads = {words, words[:1], words[-1:]} if len(words) <= 3 else {words}
    for group in groups(kind):
        if any(way in heads for way in group):
            found.update(group)
    return frozenset(found - {words})


@lru_cache(maxsize=16)
def _said_on(shown: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem(word) for label in shown for word in _letters(label))


def context(page: Page) -> frozenset[str]:
    """The words of what the page says without offering to press it: headings, text, labels."""
    return _said_on((folded(page.observation.title), *(page.labels[i] for i in _telling(page)))) | _labels(page)


def _telling(page: Page) -> list[int]:
    """What only says something, and the name of the site."""
    banners = [i for i, e in enumerate(page.elements) if e.role == "banner"]
    inside = {i for banner in banners for i in page.below(banner)}
    return [i for i, e in enumerate(page.elements) if page.labels[i] and (e.role in _SHOWN or i in inside)]


def _labels(page: Page) -> frozenset[str]:
    return frozenset(word for control in controls(page) for word in control.words)


def around(indices: Iterable[int], page: Page) -> int:
    """The innermost element that holds them all; -1 for the page."""
    found = list(indices)
    ways = [[*page.ancestors(index)] for index in found]
    return next((up for up in ways[0] if all(up in way for way in ways)), -1) if ways else -1
