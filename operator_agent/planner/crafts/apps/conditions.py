"""Conditions on what a page shows: "the price is less than $40", "an odd number", "it says Done"."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isqrt
from typing import NamedTuple

from operator_agent.grounding.page import Page
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.crafts.apps.quantities import numbers
from operator_agent.planner.crafts.apps.units import mentions, reacts
from operator_agent.planner.crafts.apps.wording import vocabulary

_BETWEEN = re.compile(r"\bbetween\s+(\S+)\s+(?:and|to|-)\s+(\S+)")
_ARTICLES = ("the ", "a ", "an ", "its ", "your ", "current ")
_AT_LEAST = ("at least", ">=", "or more", "or higher")
_AT_MOST = ("at most", "<=", "or less", "or lower")


class Condition(NamedTuple):
    """What a number must be; `subject` are the words for where it stands, "" for the one number that the page shows."""

    subject: str = ""
    least: float = float("-inf")
    most: float = float("inf")
    strict: bool = True
    kind: str = ""
    """`odd`, `even`, `prime` … of `[predicates]`."""
    says: str = ""
    """Text that must be shown instead."""

    def holds(self, value: float) -> bool:
        if self.kind and not _PREDICATES[self.kind](value):
            return False
        return self.least < value < self.most if self.strict else self.least <= value <= self.most


def condition_of(words: str) -> Condition | None:
    """The condition in words; None when they are none."""
    text = folded(words)
    kind = next((kind for kind, names in vocabulary()["predicates"].items() if any(_has(name, text) for name in names)), "")
    if between := _BETWEEN.search(text):
        ends = [numbers(end.strip("$€£.,")) for end in between.groups()]
        if all(ends):
            low, high = sorted((ends[0][0], ends[1][0]))
            return Condition(_subject(text[: between.start()]), low, high, strict=False, kind=kind)
    for way, names in vocabulary()["compare"].items():
        for name in sorted(names, key=len, reverse=True):
            if _has(name, text) and (after := numbers(text.split(name, 1)[1])):
                subject = _subject(text.split(name, 1)[0])
                strict = not any(_has(word, text) for word in (*_AT_LEAST, *_AT_MOST))
                least = after[0] if way in ("more", "equal") else float("-inf")
                most = after[0] if way in ("less", "equal") else float("inf")
                return Condition(subject, least, most, strict and way != "equal", kind)
    if kind:
        return Condition(_subject(re.split(r"\b(?:is|becomes|turns)\b", text)[0]) if " is " in f" {text} " else "", kind=kind)
    if said := re.fullmatch(r"(?:it|the page|you|you see|i see)?\s*(?:says|shows|reads|displays|see|sees)\s+(.+)", text):
        return Condition(says=said[1].strip("\"'“” "))
    return None


def shown_number(subject: str, page: Page) -> float | None:
    """The number in or beside what the subject names; for no subject, the only number outside of controls."""
    places = mentions(subject, page) if subject else []
    for place in places:
        own = page.elements[place].value or page.elements[place].name
        after = folded(own).split(subject, 1)[-1]
        behind = (page.elements[i] for i in range(page.ends[place], min(page.ends[place] + 3, len(page.elements))))
        for text in (after, *(e.value or e.name for e in behind)):
            if found := numbers(text):
                return found[0]
    if places:
        return None
    plain = [e.value or e.name for i, e in enumerate(page.elements) if e.role not in FIELDS and not reacts(i, page)]
    alone = [numbers(text) for text in plain if re.fullmatch(r"[^a-z]*\d[\d.,]*[^a-z]*", folded(text))]
    anywhere = alone or [numbers(text) for text in plain if numbers(text)]
    values = {found[0] for found in anywhere if found}
    return values.pop() if len(values) == 1 else None


def _has(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name), text) is not None


def _subject(text: str) -> str:
    """`the price is ` → `price`."""
    text = re.sub(r"\b(?:is|are|was|gets|goes|falls|drops|rises|becomes|reaches|number|value|that|which)\b|是|变成|数字", " ", text)
    text = " ".join(text.split()).strip(" ,:")
    for article in _ARTICLES:
        text = text.removeprefix(article)
    return "" if text in ("a", "an", "the", "it", "one") else text


def _is_prime(value: float) -> bool:
    number = int(value)
    return number == value and number > 1 and all(number % part for part in range(2, isqrt(min(number, 10**12)) + 1))


_PREDICATES: dict[str, Callable[[float], bool]] = {
    "odd": lambda value: value % 2 == 1,
    "even": lambda value: value % 2 == 0,
    "prime": _is_prime,
    "positive": lambda value: value > 0,
    "negative": lambda value: value < 0,
    "zero": lambda value: value == 0,
    "whole": lambda value: value == int(value),
}


def is_so(kind: str, value: float) -> bool:
    """Whether a number is `odd`, `even`, `prime`, `positive` …"""
    return _PREDICATES[kind](value)


def predicate_of(word: str) -> str:
    """The predicate that a word names; "" when none."""
    text = folded(word)
    return next((kind for kind, names in vocabulary()["predicates"].items() if text in names), "")
