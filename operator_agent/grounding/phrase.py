"""Plain words for a thing, read in every way they allow: `the second Add button in the row of Bob`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.lexicon import Relation, Words, lexicon
from operator_agent.grounding.pattern import match
from operator_agent.grounding.tokens import Token, said, tokens
from operator_agent.matching import folded

_DEPTH = 2  # "the button in the row of the table in …": places within places that are still read
_LONGEST = 40  # words; nobody points at a thing with more, and every pair of them is tried


class Phrase(NamedTuple):
    """One reading. `place` holds the readings of where it is; `cost` is how far the reading is from the letter."""

    label: str
    roles: frozenset[str] = frozenset()
    nth: int = 0
    relation: Relation | None = None
    place: tuple[Phrase, ...] = ()
    cost: int = 0
    exact: bool = False
    """The label stood in quotes: nothing less than all of it counts."""


def readings(words: str) -> list[Phrase]:
    """Every reading of the words, the most literal first; never empty unless the words are."""
    span = _trimmed(tokens(words))
    found = dict.fromkeys(islice(_readings(words, span, _DEPTH), 200))
    bare = _without_pointing(span)
    if 0 < len(bare) < len(span):
        found |= dict.fromkeys(one._replace(cost=one.cost + 1) for one in islice(_readings(words, bare, _DEPTH), 200))
    return sorted(found, key=lambda phrase: phrase.cost)


def _readings(source: str, span: list[Token], depth: int) -> Iterator[Phrase]:
    if not span:
        return
    if len(span) == 1 and span[0].kind == "quoted":
        yield Phrase(folded(span[0].text), exact=True)
        return
    yield Phrase(folded(said(source, span)))
    yield from _things(source, span)
    if depth == 0 or len(span) > _LONGEST:
        return
    for relation, pattern in lexicon().places:
        for slots in match(pattern, span):
            place = tuple(dict.fromkeys(_readings(source, _trimmed(span[slice(*slots["place"])]), depth - 1)))
            for thing in _things(source, span[slice(*slots["thing"])]):
                if place:
                    thing = _labelled(thing, source, span[slice(*slots["label"])]) if "label" in slots else thing
                    yield thing._replace(relation=relation, place=place, cost=thing.cost + 3)


def _things(source: str, span: list[Token]) -> Iterator[Phrase]:
    """The readings without a place: articles and looks dropped, a role word taken from either end, an ordinal from the start."""
    yield from _widgets(span)
    bare = _without_head(span, lexicon().articles)
    for nth, rest in _ordinals(bare):
        cost = 1 + 3 * bool(nth)
        for roles, label in _roles(rest):
            for shown in dict.fromkeys((tuple(label), tuple(_without_looks(label)))):
                if shown or roles:
                    dropped = 2 * (len(shown) != len(label))
                    quoted = len(shown) == 1 and shown[0].kind == "quoted"
                    name = folded(said(source, list(shown))).removesuffix("'s")
                    yield Phrase(name, roles, nth, cost=cost + dropped, exact=quoted)


def _labelled(thing: Phrase, source: str, label: list[Token]) -> Phrase:
    """The thing with the label that is said behind its place: "the button in the dialog labelled OK"."""
    return thing._replace(label=folded(said(source, label)), exact=len(label) == 1 and label[0].kind == "quoted")


def _widgets(span: list[Token]) -> Iterator[Phrase]:
    """`a "radio" widget`: any of that role, for the words leave it open which."""
    if len(span) not in (2, 3) or span[-1].text not in lexicon().widgets:
        return
    roles = lexicon().roles.get(tuple(span[-2].text.casefold().split()))
    if roles:
        any_one = len(span) == 3 and (span[0].text,) in lexicon().any_one
        yield Phrase("", roles & INTERACTIVE or frozenset({"textbox", "searchbox"}), int(any_one), cost=1)


def _ordinals(span: list[Token]) -> Iterator[tuple[int, list[Token]]]:
    yield 0, span
    for size in _heads(span, lexicon().ordinals):
        rest = _without_head(span[size:], lexicon().articles)
        if rest:
            yield lexicon().ordinals[_texts(span[:size])], rest


def _roles(span: list[Token]) -> Iterator[tuple[frozenset[str], list[Token]]]:
    """Role asked for, and the words that are left as the label."""
    roles = lexicon().roles
    for size in range(min(len(span), 4), 0, -1):
        if meant := roles.get(_texts(span[-size:])):
            yield meant, _label(span[:-size])
        if size < len(span) and (meant := roles.get(_texts(span[:size]))):
            yield meant, _label(span[size:])
    yield frozenset(), _label(span)


def _label(span: list[Token]) -> list[Token]:
    named = _without_head(span, lexicon().naming)
    if named and named[-1].text == "的":
        named = named[:-1]
    return named


def _without_pointing(span: list[Token]) -> list[Token]:
    size = next((size for size in range(min(len(span) - 1, 4), 0, -1) if _texts(span[-size:]) in lexicon().pointing), 0)
    return _trimmed(span[: len(span) - size])


def _without_looks(span: list[Token]) -> list[Token]:
    return _without_head(span, lexicon().looks)


def _without_head(span: list[Token], expressions: frozenset[Words]) -> list[Token]:
    while sizes := _heads(span, expressions):
        span = span[sizes[0] :]
    return span


def _heads(span: list[Token], expressions: frozenset[Words] | dict[Words, int]) -> list[int]:
    """How many tokens at the start are one of the expressions, longest first."""
    return [size for size in range(min(len(span), 4), 0, -1) if _texts(span[:size]) in expressions]


def _texts(span: list[Token]) -> Words:
    return tuple("" if token.kind == "quoted" else token.text for token in span)


def _trimmed(span: list[Token]) -> list[Token]:
    while span and span[-1].kind == "mark":
        span = span[:-1]
    while span and span[0].kind == "mark":
        span = span[1:]
    return span
