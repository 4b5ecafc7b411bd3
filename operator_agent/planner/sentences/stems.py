"""Words as they are compared: by their stem, by what means the same, and with a slip of the pen."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from operator_agent.grounding.tokens import Token, letters, tokens
from operator_agent.matching import folded

_LONG = 5  # letters; a shorter word with a slip is another word
_CLOSE = 0.82
_BETWEEN = frozenset({"me", "us", "it", "them", "him", "her", "you", "myself", "that", "this"})
_DENIALS = frozenset({"no", "not", "none", "non"})
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ed", "es", "al", "ment", "ly", "s", "e", "y")


class Unit(NamedTuple):
    """A word that says something, or an expression that stands for one; `first` and `last` are its tokens."""

    text: str
    first: int
    last: int


@lru_cache(maxsize=1)
def nouns() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "nouns.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    word = nouns()["irregular"].get(word, word).removesuffix("'s").removesuffix("’s").strip(".,")
    word = word.replace("our", "or") if len(word) > 4 else word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return "i".join((word[:-1], "")) if word.endswith("y") and len(word) > 3 else word.removesuffix("e") if len(word) > 3 else word


@lru_cache(maxsize=1)
def _groups() -> dict[tuple[str, ...], frozenset[int]]:
    found: dict[tuple[str, ...], set[int]] = {}
    for number, group in enumerate(nouns()["alike"]):
        for text in group:
            found.setdefault(tuple(map(stem, text.split())), set()).add(number)
    return {text: frozenset(numbers) for text, numbers in found.items()}


@lru_cache(maxsize=16_384)
def same(one: str, other: str) -> bool:
    """Whether two words or expressions may mean the same."""
    if one in _DENIALS or other in _DENIALS:
        return one == other
    ones, others = tuple(map(stem, one.split())), tuple(map(stem, other.split()))
    return ones == others or bool(_groups().get(ones, frozenset()) & _groups().get(others, frozenset())) or _slip(one, other)


def _slip(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _LONG or abs(len(one) - len(other)) > 1 or not (one + other).isalpha() or one[0] != other[0]:
        return False
    from rapidfuzz.distance import OSA  # few words come so far

    return OSA.distance(one, other) == 1


@lru_cache(maxsize=1)
def _empty() -> frozenset[str]:
    return frozenset(nouns()["empty"])


def is_empty(word: str) -> bool:
    return word in _empty() or word.removesuffix("s") in _empty()


@lru_cache(maxsize=2048)
def units(text: str) -> tuple[Unit, ...]:
    """The units of a clause or a label. What only joins words is none, unless it is part of an expression."""
    return units_of(tuple(tokens(text)))


def units_of(words: tuple[Token, ...]) -> tuple[Unit, ...]:
    found: list[Unit] = []
    at = 0
    while at < len(words):
        size = _expression(words, at)
        if size > 1:
            said = [token.text for token in words[at : at + size] if size < 3 or token.text not in _BETWEEN]
            found.append(Unit(" ".join(said), at, at + size - 1))
        elif words[at].kind != "mark" and not (words[at].kind == "word" and is_empty(words[at].text)):
            found.append(Unit(folded(words[at].text), at, at))
        at += size
    return tuple(found)


def _expression(words: tuple[Token, ...], at: int) -> int:
    span = words[at : at + 3]
    apart = len(span) == 3 and span[1].text in _BETWEEN and all(token.kind == "word" for token in span)
    if apart and (stem(span[0].text), stem(span[2].text)) in _groups():
        return 3
    for size in (3, 2):
        span = words[at : at + size]
        if (
            len(span) == size
            and all(token.kind == "word" for token in span)
            and tuple(stem(token.text) for token in span) in _groups()
        ):
            return size
    return 1


@lru_cache(maxsize=8192)
def label_units(label: str) -> tuple[str, ...]:
    """What a label is known by; all its words when each of them alone says nothing."""
    found = tuple(unit.text for unit in units(label))
    return found or letters(folded(label))


@lru_cache(maxsize=8192)
def phrasal(label: str) -> tuple[str, ...]:
    """The particle of a phrasal verb that begins a label: "up" of "Sign me up"."""
    words = letters(folded(label))
    if any(" " in unit for unit in label_units(label)):
        return ()  # what means the same says it otherwise
    return tuple(word for word in words[1:3] if word in nouns()["particles"])
