"""Patterns of words with slots: `(press|click) [on] {target}`. Everything is matched; every way to match is given.

`[…]` may be left out, `(a|b)` is one of them, `{slot}` takes one or more tokens, `{slot:a|b}` one of these expressions. A colon
elsewhere stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from operator_agent.grounding.tokens import Token, tokens

_PART = re.compile(r"\{(\w+)(?::([^{}]*))?\}|([\[\](|)])|([^\s\[\](){}|]+)")

Slots = Mapping[str, tuple[int, int]]
"""Slot → its tokens, from and to."""


class Literal(NamedTuple):
    text: str


class Slot(NamedTuple):
    name: str
    values: tuple[tuple[str, ...], ...] = ()


class Choice(NamedTuple):
    """One of several sequences; an optional part has an empty one among them."""

    ways: tuple[tuple[Part, ...], ...]


Part = Literal | Slot | Choice


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern. Raises ValueError for brackets that do not pair."""
    pieces = list(_PART.finditer(pattern))
    parts, at = _sequence(pieces, 0)
    if at != len(pieces):
        raise ValueError(f"brackets do not pair in the pattern {pattern!r}")
    return parts


def match(pattern: str, words: Sequence[Token], limit: int = 24) -> list[Slots]:
    """Every way the whole of `words` reads as the pattern, shortest slots first, at most `limit`."""
    ways = (slots for end, slots in _match(compiled(pattern), words, 0, {}) if end == len(words))
    return list(islice(ways, limit))


@lru_cache(maxsize=1024)
def open_slots(pattern: str) -> frozenset[str]:
    """The slots that take any words, unlike those of a few given ones."""
    return frozenset(slot for slot, values in re.findall(r"\{(\w+)(:[^{}]*)?\}", pattern) if not values)


@lru_cache(maxsize=1024)
def first_words(pattern: str) -> frozenset[str]:
    """The tokens that what matches can start with; "" among them stands for any, when it can start with a slot."""
    return frozenset(_first(compiled(pattern)))


def begins(pattern: str, words: Sequence[Token], at: int) -> int:
    """How many tokens from `at` the pattern's words before its first slot take, the most possible; 0 when they are not there."""
    head: list[Part] = []
    for part in compiled(pattern):
        if isinstance(part, Slot) and not part.values:
            break
        head.append(part)
    return max((end - at for end, _ in _match(tuple(head), words, at, {})), default=0)


def _sequence(pieces: list[re.Match[str]], at: int) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    while at < len(pieces) and pieces[at][3] not in ("]", ")", "|"):
        slot, values, bracket, word = pieces[at].groups()
        at += 1
        if bracket:
            choice, at = _choice(pieces, at, bracket)
            parts.append(choice)
        elif slot:
            parts.append(Slot(slot, tuple(_texts(value) for value in (values or "").split("|") if value)))
        else:
            parts += map(Literal, _texts(word))
    return tuple(parts), at


def _choice(pieces: list[re.Match[str]], at: int, opened: str) -> tuple[Choice, int]:
    ways: list[tuple[Part, ...]] = []
    while True:
        way, at = _sequence(pieces, at)
        ways.append(way)
        if at >= len(pieces):
            raise ValueError("a bracket is not closed")
        at += 1
        if pieces[at - 1][3] == "|":
            continue
        return Choice((*ways, ()) if opened == "[" else tuple(ways)), at


def _first(parts: tuple[Part, ...]) -> Iterator[str]:
    if not parts:
        return
    part, rest = parts[0], parts[1:]
    if isinstance(part, Literal):
        yield part.text
    elif isinstance(part, Slot):
        yield from (value[0] for value in part.values) if part.values else ("",)
    else:
        for way in part.ways:
            yield from _first(way + rest)


def _texts(expression: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens(expression))


def _match(parts: tuple[Part, ...], words: Sequence[Token], at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
    """Every end that `parts` can reach from `at`, and the slots on the way."""
    if not parts:
        yield at, slots
        return
    first, rest = parts[0], parts[1:]
    if isinstance(first, Literal):
        if at < len(words) and words[at].kind != "quoted" and words[at].text == first.text:
            yield from _match(rest, words, at + 1, slots)
    elif isinstance(first, Choice):
        head = words[at].text if at < len(words) else None
        for way in first.ways:
            if not way or not isinstance(way[0], Literal) or way[0].text == head:  # lists of a hundred words are common
                yield from _match(way + rest, words, at, slots)
    elif first.values:
        head = words[at].text if at < len(words) else None
        for value in first.values:
            if value[0] == head and tuple(word.text for word in words[at : at + len(value)]) == value:
                yield from _match(rest, words, at + len(value), {**slots, first.name: (at, at + len(value))})
    elif not rest:
        if at < len(words):
            yield len(words), {**slots, first.name: (at, len(words))}
    else:
        for end in range(at + 1, len(words) + 1):
            yield from _match(rest, words, end, {**slots, first.name: (at, end)})
