"""Whether a command is a phrase word for word: the same words in the same order, with other data in the places of the inputs.

Stricter than how a skill's words are read otherwise. Where nobody has said what else these words might mean, it is all there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from operator_agent.planner.phrases import Literal, Slot, parse
from operator_agent.planner.tokens import Token, tidy, tokenise

_POLITE = frozenset({"please", "pls", "kindly", "bitte", "请", "謝謝", "thanks", "."})
_ENDS = frozenset({".", "!", "?", ","})
_JOINING = frozenset(
    {",", ":", "and", "then", "but", "or", "except", "unless", "if", "not", "only", "without", "instead", "before", "after", "also"}
    | {"und", "dann", "aber", "oder", "nicht", "nur", "wenn", "ohne", "和", "然", "再", "但", "或", "不", "只", "如", "，", "、"}
)
"""A value that holds one of these, outside quotation marks, may be a wish of its own: another planner may understand it."""
_LONGEST = 12


def heard(phrase: str, command: str, known: Mapping[str, str] | None = None) -> dict[str, str] | None:
    """The inputs a command gives to a phrase, by name; None when it asks for anything else.

    `known` are the values the phrase was learned with: what they hold (a comma), others may hold."""
    return next(hearings(phrase, command, known), None)


def hearings(phrase: str, command: str, known: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """All ways to hear it so, those with the shorter first values first. None for a phrase with `[…]` or `(…|…)` in it."""
    if re.search(r"[\[\]()|]", phrase):
        return
    wanted: list[str | Slot] = []
    for piece in parse(phrase):
        if isinstance(piece, Literal):
            wanted += [token.text for token in tokenise(tidy(piece.words))]
        elif isinstance(piece, Slot):
            wanted.append(piece)
    # Marks that mean something in a phrase stand in none that was made of a command.
    text = tidy(command)
    said = tokenise(re.sub(r"[\[\](){}|]", " ", text))
    yield from _match(_plain(wanted), _bare(said), text, known or {})


def is_bounded(phrase: str) -> bool:
    """Whether words of its own stand behind each input, so that no value can take in more than was meant."""
    pieces = [*parse(phrase), ""]
    return all(isinstance(after, Literal) for one, after in pairwise(pieces) if isinstance(one, Slot))


def _plain(wanted: list[str | Slot]) -> list[str | Slot]:
    while wanted and isinstance(wanted[-1], str) and wanted[-1] in _POLITE | _ENDS:
        wanted.pop()
    while wanted and isinstance(wanted[0], str) and wanted[0] in _POLITE | _ENDS:
        wanted.pop(0)
    return wanted


def _bare(tokens: list[Token]) -> list[Token]:
    """Without politeness and the mark at the end."""
    while tokens and not tokens[-1].quote and tokens[-1].text in _POLITE | _ENDS:
        tokens = tokens[:-1]
    while tokens and not tokens[0].quote and tokens[0].text in _POLITE | _ENDS:
        tokens = tokens[1:]
    return tokens


def _match(
    wanted: Sequence[str | Slot], said: Sequence[Token], text: str, known: Mapping[str, str]
) -> Iterator[dict[str, str]]:  # fmt: skip
    if not wanted:
        if not said:
            yield {}
        return
    first = wanted[0]
    if isinstance(first, str):
        if said and said[0].text == first:
            yield from _match(wanted[1:], said[1:], text, known)
        return
    free = {token.text for token in tokenise(tidy(known.get(first.name, "")))}
    for size in range(1, min(len(said), _LONGEST) + 1):
        taken, rest = said[:size], said[size:]
        if not taken[-1].quote and taken[-1].text in _JOINING - free:
            return
        if rest and taken[-1].quote and taken[-1].quote == rest[0].quote:
            continue  # a quotation is one value
        value = _closed(text, taken[0].start, taken[-1].end)
        for others in _match(wanted[1:], rest, text, known):
            if others.get(first.name, value) == value:
                yield {first.name: value, **others}


def _closed(text: str, start: int, end: int) -> str:
    """The part of a text, with the bracket at its end that belongs to one in it."""
    for opening, closing in ("()", "[]", "{}"):
        part = text[start:end]
        if part.count(opening) > part.count(closing) and text[end : end + 1] == closing:
            end += 1
        if part.count(closing) > part.count(opening) and text[start - 1 : start] == opening:
            start -= 1
    return text[start:end]
