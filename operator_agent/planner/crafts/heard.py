"""How requests to crafts are put, as data: patterns in `requests/*.toml`, one table a craft, and what of an instruction they fit.

The notation is that of `grounding/pattern.py`. A pattern is tried on the beginning of the words, up to each place where a clause
may end, the shortest first: what it fits is one request, and what follows is read anew.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from operator_agent.grounding.pattern import begins, first_words, match
from operator_agent.grounding.tokens import Token, tokens
from operator_agent.planner.grammar import Said, polite, said_in

_LONGEST = 80
"""Tokens of one request."""
_READ = 1000
"""Characters of the words that are looked at: a request is never that long."""
_ENDS = frozenset(".,;!?\n")
_MOST = 16  # places where a request may end that are tried


class Heard(NamedTuple):
    """`kind` is the key in the craft's table; `end` is where the request ends, in characters of the words."""

    kind: str
    slots: dict[str, Said]
    end: int

    def text(self, slot: str) -> str:
        return self.slots[slot].text if slot in self.slots else ""


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    """Craft → kind → patterns or words, of all languages."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in sorted((Path(__file__).parent / "requests").glob("*.toml")):
        for craft, kinds in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for kind, texts in kinds.items():
                known = found.setdefault(craft, {})
                known[kind] = (*known.get(kind, ()), *texts)
    return found


def known(craft: str, kind: str) -> tuple[str, ...]:
    """The words or patterns that a craft's table has under `kind`."""
    return _tables().get(craft, {}).get(kind, ())


def heard(words: str, craft: str, *kinds: str) -> list[Heard]:
    """Every way the beginning of the words is a request of these kinds, the shortest request first."""
    return list(_heard(words, tuple((kind, text) for kind in kinds for text in known(craft, kind))))


def hears(words: str, craft: str, *kinds: str) -> bool:
    return any(True for _ in _heard(words, tuple((kind, text) for kind in kinds for text in known(craft, kind))))


def _heard(words: str, patterns: tuple[tuple[str, str], ...]) -> Iterator[Heard]:
    """Lazily, for only whether there is one may be asked."""
    span = list(_beginning(words[:_READ]))
    while span and span[0].kind == "mark":
        span = span[1:]
    if not span:
        return
    first = "" if span[0].kind == "quoted" else span[0].text
    fitting = [(kind, text) for kind, text in patterns if _may_begin(text, span, first)]
    if not fitting:
        return
    for size in _ends(span):
        for kind, text in fitting:
            for slots in match(text, span[:size], 6):
                filled = {name: said_in(words, span[start:end]) for name, (start, end) in slots.items()}
                yield Heard(kind, filled, span[size - 1].end)


@lru_cache(maxsize=64)
def _beginning(words: str) -> tuple[Token, ...]:
    span = tokens(words)[: _LONGEST + 8]
    return tuple(span[polite(span) :])


def _may_begin(pattern: str, span: list[Token], first: str) -> bool:
    starts = first_words(pattern)
    return "" in starts or (first in starts and begins(pattern, span, 0) > 0)


def _ends(span: list[Token]) -> list[int]:
    """After how many tokens a request may end: before a mark or an "and", and at the end of all."""
    ends = {"mark": _ENDS, "word": frozenset(known("all", "joints")), "quoted": frozenset[str]()}
    found = [at for at in range(1, min(len(span), _LONGEST)) if span[at].text in ends[span[at].kind]]
    last = len(span)
    while last and span[last - 1].kind == "mark":
        last -= 1
    whole = [last] if 0 < last <= _LONGEST else []
    return sorted({*found[:_MOST], *whole})
