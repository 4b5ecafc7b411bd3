"""The forms of `en.toml`, and which of them a clause has."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from operator_agent.grounding.lexicon import Words, split
from operator_agent.grounding.pattern import begins, first_words, match
from operator_agent.grounding.tokens import Token, tokens

_ROUNDS = 10
_LONGEST = 60  # tokens of a clause that is tried


class Lexicon(NamedTuple):
    plain: tuple[tuple[str, str], ...]
    """Form → what it says plainly."""
    subjects: frozenset[Words]
    verbs: frozenset[str]
    complements: tuple[str, ...]
    facts: tuple[str, ...]
    news: tuple[str, ...]
    updates: tuple[str, ...]
    picks: tuple[str, ...]
    fills: tuple[str, ...]
    turns: tuple[str, ...]
    surveys: tuple[str, ...]
    days: tuple[str, ...]
    calendars: tuple[str, ...]
    not_values: frozenset[str]
    pronouns: frozenset[Words]
    possessives: frozenset[str]
    again: frozenset[str]
    hands_in: frozenset[Words]
    handed: frozenset[str]
    done_before: frozenset[str]
    leaves: tuple[str, ...]
    looks: tuple[str, ...]
    times: tuple[str, ...]
    corrections: tuple[str, ...]
    wishes: frozenset[Words]
    proofs: frozenset[Words]
    """What is to be seen, or waited for, is said to be read as it stands."""
    texts: tuple[str, ...]
    may: tuple[str, ...]
    yes: frozenset[str]
    orders: frozenset[Words]
    noun_verbs: frozenset[str]
    paths: frozenset[str]
    prepositions: frozenset[str]
    particles: frozenset[str]
    relatives: frozenset[str]
    chatter: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    file = tomllib.loads((Path(__file__).parent / "en.toml").read_text(encoding="utf-8"))
    statements, words = file["statements"], file["words"]
    found: dict[str, Any] = {
        "plain": tuple((says, one["plain"]) for one in file["plain"] for says in one["says"]),
        "subjects": frozenset(map(split, statements["subjects"])),
        "verbs": frozenset(statements["verbs"]),
        "not_values": frozenset(statements["not_values"]),
        "corrections": tuple(sorted(words["corrections"], key=len, reverse=True)),
        "texts": tuple(file["answers"]["texts"]),
        "may": tuple(file["answers"]["may"]),
        "yes": frozenset(file["answers"]["yes"]),
    }
    found |= {
        name: tuple(statements[name])
        for name in ("complements", "facts", "news", "updates", "picks", "fills", "turns", "surveys", "days", "calendars")
    }
    found |= {name: tuple(words[name]) for name in ("leaves", "looks", "times")}
    found |= {name: frozenset(map(split, words[name])) for name in ("pronouns", "hands_in", "orders", "wishes", "proofs")}
    others = (
        "possessives",
        "again",
        "handed",
        "done_before",
        "noun_verbs",
        "paths",
        "prepositions",
        "particles",
        "relatives",
        "chatter",
    )
    found |= {name: frozenset(words[name]) for name in others}
    return Lexicon(**found)


def words_at(words: Sequence[Token], at: int, expressions: Collection[Words]) -> int:
    """How many tokens from `at` are one of the expressions, the most possible."""
    for size in range(min(5, len(words) - at), 0, -1):
        span = words[at : at + size]
        if tuple(token.text for token in span) in expressions and all(token.kind == "word" for token in span):
            return size
    return 0


def fits(pattern: str, clause: str) -> dict[str, str] | None:
    """What fills the slots when the whole clause has this form; None when it has not."""
    span = tokens(clause)
    if not span or len(span) > _LONGEST or not (first_words(pattern) & {"", span[0].text if span[0].kind != "quoted" else ""}):
        return None
    if "" not in first_words(pattern) and not begins(pattern, span, 0):
        return None
    found = match(pattern, span, 1)
    return {name: clause[span[start].start : span[end - 1].end] for name, (start, end) in found[0].items()} if found else None


def simply(clause: str) -> str:
    """The clause in its plainest form; "" when nothing is left of it."""
    for _ in range(_ROUNDS):
        for pattern, plain in lexicon().plain:
            slots = fits(pattern, clause)
            if slots is not None and _one_label(slots) and (said := _put(plain, slots).strip(" ,")) != clause:
                clause = said
                break
        else:
            return clause
    return clause


def _one_label(slots: dict[str, str]) -> bool:
    """Whether what a form takes for one name is no list and no place, and what it takes for a value no further order."""
    label, value = tokens(slots.get("label", "")), tokens(slots.get("value", ""))
    if any(token.text in ("and", "as", ",", "&") for token in label if token.kind != "quoted"):
        return False
    placed = bool(label) and label[0].kind == "word" and label[0].text in {*lexicon().prepositions, *lexicon().particles, "between"}
    return not placed and not (label and len(value) > 1 and begins_order(value, 0))


def _put(plain: str, slots: dict[str, str]) -> str:
    if "{do:object}" in plain:
        thing = thing_of(slots["do"])
        return plain.replace("{do:object}", thing) if thing else slots["do"]
    return plain.format(**slots)


def thing_of(clause: str) -> str:
    """What an order is done to: the words behind its verb, up to where or how."""
    words = tokens(clause)
    value = fits("set {label} to {value}", clause)
    if value:
        return value["value"]
    at = 1
    while at < len(words) and words[at].text in lexicon().particles:
        at += 1
    end = at
    while (
        end < len(words)
        and words[end].kind != "mark"
        and not (words[end].kind == "word" and words[end].text in lexicon().prepositions)
    ):
        end += 1
    return clause[words[at].start : words[end - 1].end] if at < end and words_at(words, 0, lexicon().orders) else ""


def begins_order(words: Sequence[Token], at: int) -> bool:
    """Whether an order begins at this token."""
    size = words_at(words, at, lexicon().orders)
    if not size:
        return False
    if size > 1 or words[at].text not in lexicon().noun_verbs:
        return True
    behind = words[at + 1] if at + 1 < len(words) else None
    return behind is not None and behind.kind != "mark" and behind.text not in ("and", "&", "or")


def begins_statement(words: Sequence[Token], at: int) -> bool:
    """Whether somebody or something is told about from this token on: "we are ten", "the frames stay white"."""
    if words_at(words, at, lexicon().subjects):
        return True
    if at < len(words) and words[at].kind == "word" and words[at].text in ("my", "our", "the", "its", "their"):
        ahead = [token.text for token in words[at + 1 : at + 5] if token.kind == "word"]
        return any(text in lexicon().verbs or text in ("should", "must") for text in ahead)
    return False


def is_statement(clause: str) -> bool:
    """Whether a clause tells how something is, and orders nothing by itself."""
    words = tokens(clause)
    return bool(words) and not words_at(words, 0, lexicon().orders) and begins_statement(words, 0)
