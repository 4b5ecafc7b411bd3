"""What words like "the 3rd word of the paragraph", "Bob's phone" or "the answer to the equation" come to on a page.

Each way to say a value is a pattern (`words/*.toml`, `[values]`) with a function here; they nest: "the first word in uppercase".
None of it guesses: two different values for the same words are a refusal, and words that read as no value are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from statistics import fmean
from typing import Any, NamedTuple

from operator_agent.grounding.page import Page
from operator_agent.grounding.pattern import first_words, match
from operator_agent.grounding.plain import search
from operator_agent.grounding.tokens import said, tokens
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.crafts.apps.arithmetic import is_sum, worked_out
from operator_agent.planner.crafts.apps.lookup import Shown, cell_text, column_cells, in_row, under_label
from operator_agent.planner.crafts.apps.quantities import numbers
from operator_agent.planner.crafts.apps.units import reacts, text_of
from operator_agent.planner.crafts.apps.wording import ordinal_said, spoken, vocabulary, words_of

_DEPTH = 3
_LONGEST = 24  # tokens
_HEADINGS = frozenset({"heading", "button", "link", "tab", "label", "columnheader", "banner"})


class Value(NamedTuple):
    text: str
    at: int | None = None
    """The element it was read from."""


class Unclear(NamedTuple):
    """Words that mean a value of which the page shows none, or more than one."""

    reason: str


Found = Value | Unclear | None


@lru_cache(maxsize=256)
def means_a_value(words: str) -> bool:
    """Whether the words are one of the known ways to say a value."""
    return bool(_readings(words))


def value_of(words: str, page: Page, kept: Mapping[str, Any], depth: int = 0) -> Found:
    """The value that the words stand for; None when they are no way to say one."""
    unclear: Unclear | None = None
    for kind, slots in _readings(words):
        found = _KINDS[kind](slots, _Scene(page, kept, depth))
        if isinstance(found, Value):
            return found
        unclear = unclear or found
    return unclear


class _Scene(NamedTuple):
    page: Page
    kept: Mapping[str, Any]
    depth: int


@lru_cache(maxsize=512)
def _readings(words: str) -> tuple[tuple[str, dict[str, str]], ...]:
    span = spoken(words)
    while span and span[-1].kind == "mark":
        span = span[:-1]
    if not span or len(span) > _LONGEST or span[0].kind == "quoted":
        return ()
    found = []
    for kind, patterns in vocabulary()["values"].items():
        for pattern in patterns:
            if first_words(pattern) & {"", span[0].text}:
                ways = match(pattern, span, 4)
                found += [(kind, {name: said(words, span[start:end]) for name, (start, end) in way.items()}) for way in ways]
    return tuple(reading for reading in found if "nth" not in reading[1] or ordinal_said(reading[1]["nth"]) is not None)


def _that(slots: Mapping[str, str], scene: _Scene) -> Found:
    that = scene.kept.get("that")
    return that if isinstance(that, Value) else None


def _sum(slots: Mapping[str, str], scene: _Scene) -> Found:
    """The one sum or equation that the page shows, in one text or spread over neighbours."""
    page = scene.page
    texts = ((i, cell_text(i, page) if page.ends[i] > i + 1 else e.value or e.name) for i, e in enumerate(page.elements))
    plain = ((i, folded(text)) for i, text in texts if len(text) <= 80 and page.elements[i].role not in FIELDS)
    sums = {i: text for i, text in plain if is_sum(text)}
    outer = {i: text for i, text in sums.items() if not any(above in sums for above in page.ancestors(i))}
    asking = {i: text for i, text in outer.items() if "=" in text or "?" in text}  # "555-1" may be a phone number
    outer = asking or outer
    answers = {text: worked_out(text) for text in outer.values()}
    if len(set(answers.values())) == 1:
        return Value(next(iter(answers.values())) or "", next(iter(outer)))
    return Unclear("There are several sums on the page." if answers else "There is no sum on the page that can be worked out.")


def _two(slots: Mapping[str, str], scene: _Scene) -> Found:
    parts = [numbers(slot) or _numbers_in(slot, scene) for slot in (slots["a"], slots["b"])]
    return Value(_number(_OPERATIONS[slots["op"].casefold()]([part[0] for part in parts]))) if all(parts) else None


def _numbers_in(words: str, scene: _Scene) -> list[float]:
    found = _inner(words, scene)
    return numbers(found.text) if isinstance(found, Value) else []


def _column(slots: Mapping[str, str], scene: _Scene) -> Found:
    read = [numbers(shown.text) for shown in column_cells(slots["column"], scene.page)]
    if not read or not all(read):
        return None
    return Value(_number(_OPERATIONS[slots["op"].casefold()]([part[0] for part in read])))


def _nth(slots: Mapping[str, str], scene: _Scene) -> Found:
    place = ordinal_said(slots["nth"])
    if place is None:
        return None
    text = _text_at(slots.get("place", ""), scene)
    if not isinstance(text, Value):
        return text
    parts = _PARTS[slots["unit"].casefold()](text.text)
    at = place if place < 0 else place - 1
    if not -len(parts) <= at < len(parts):
        return Unclear(f"There are only {len(parts)} of {slots['unit']}.")
    return Value(parts[at], text.at)


def _changed(slots: Mapping[str, str], scene: _Scene) -> Found:
    inner = _inner(slots["inner"], scene)
    if not isinstance(inner, Value):
        return inner
    how = next((name for name in vocabulary()["how"] if folded(slots["how"]) in words_of("how", name)), "")
    text = {"upper": inner.text.upper(), "lower": inner.text.lower(), "title": inner.text.title()}.get(how, inner.text[::-1])
    return Value(text, inner.at)


def _count(slots: Mapping[str, str], scene: _Scene) -> Found:
    """How many elements of a role, or of things that repeat and are called so."""
    found = search(f"the {slots['things'].removesuffix('s')}", "hover", scene.page)
    return Value(str(len(found.indices))) if found and found.phrase.roles else None


def _labelled(slots: Mapping[str, str], scene: _Scene) -> Found:
    owner, label = slots.get("owner", ""), slots["label"].strip("\"'“” ")
    shown = in_row(label, owner.strip("\"'“” "), scene.page) if owner else under_label(label, scene.page)
    if owner and not shown:
        return None
    return _only(shown, label)


def _shown(slots: Mapping[str, str], scene: _Scene) -> Found:
    return _text_at("", scene)


def _only(shown: list[Shown], what: str) -> Found:
    texts = {folded(one.text) for one in shown}
    if len(texts) == 1:
        return Value(shown[0].text, shown[0].at)
    return Unclear(f'There are {len(texts)} values called "{what}".' if texts else f'The page shows no value called "{what}".')


def _inner(words: str, scene: _Scene) -> Found:
    span = tokens(words)
    if len(span) == 1 and span[0].kind == "quoted":
        return Value(span[0].text)
    return value_of(words, scene.page, scene.kept, scene.depth + 1) if scene.depth < _DEPTH else None


def _text_at(place: str, scene: _Scene) -> Found:
    """The text of a place: as said, else, for "the paragraph" and the like, the one longest run of text on the page."""
    inner = _inner(place, scene) if place else None
    if isinstance(inner, Value):
        return inner
    page = scene.page
    found = search(place, "hover", page) if place else None
    if found and len(found.indices) == 1 and (text := _own_text(found.indices[0], page)):
        return Value(text, found.indices[0])
    shown = {i: text for i in range(len(page.elements)) if not reacts(i, page) and (text := page.elements[i].value.strip())}
    shown = {i: text for i, text in shown.items() if page.elements[i].role not in _HEADINGS}
    fields = {i: e.value for i, e in enumerate(page.elements) if e.role == "textbox" and e.value}
    texts = shown or fields
    if not texts:
        return Unclear("The page shows no text.")
    longest = max(texts, key=lambda i: len(texts[i]))
    return Value(texts[longest], longest)


def _own_text(index: int, page: Page) -> str:
    element = page.elements[index]
    return element.value if element.role in FIELDS else text_of(index, page)


def _words(text: str) -> list[str]:
    return [word for part in text.split() if (word := part.strip(".,;:!?\"'()[]“”‘’…"))]


def _number(value: float) -> str:
    return f"{round(value, 6):g}" if abs(value) < 1e6 else f"{value:.2f}".rstrip("0").rstrip(".")


_PARTS: dict[str, Callable[[str], list[str]]] = {
    "word": _words,
    "letter": lambda text: [char for char in text if char.isalpha()],
    "character": list,
    "digit": lambda text: [char for char in text if char.isdigit()],
    "number": lambda text: re.findall(r"-?\d+(?:\.\d+)?", text),
    "line": lambda text: [line for line in text.splitlines() if line.strip()],
    "sentence": lambda text: re.findall(r"[^.!?]+[.!?]?", text.strip()),
    "paragraph": lambda text: [part for part in text.split("\n\n") if part.strip()],
}
_OPERATIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum, "total": sum, "average": fmean, "mean": fmean, "maximum": max, "highest": max, "minimum": min, "lowest": min,
    "difference": lambda parts: abs(parts[0] - parts[1]), "product": lambda parts: parts[0] * parts[1],
    "quotient": lambda parts: parts[0] / parts[1] if parts[1] else float("nan"),
}  # fmt: skip
_KINDS: dict[str, Callable[[Mapping[str, str], _Scene], Found]] = {
    "that": _that, "sum": _sum, "two": _two, "nth": _nth, "changed": _changed, "count": _count, "column": _column,
    "labelled": _labelled, "shown": _shown,
}  # fmt: skip
