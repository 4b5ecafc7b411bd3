"""What pieces of an instruction say, apart from values: labels and acts in any of their ways, and what asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import groups, small
from operator_agent.planner.crafts.wholes.pieces import Piece, number_of, stem

ENDS = frozenset(".;!?\n")
_FAR = 12  # pieces over which a label may be spread


def idle(span: Sequence[Piece]) -> set[int]:
    """Marks, small words, verbs of giving and asides."""
    verbs = {*known("whole", "gives")}
    found = {i for i, one in enumerate(span) if one.kind == "mark" or (one.kind == "word" and one.text in small() | verbs)}
    for aside in known("whole", "asides"):
        found.update(said_at(tuple(aside.split()), span))
    return found


def said_at(words: tuple[str, ...], span: Sequence[Piece]) -> Iterator[int]:
    """The pieces that say these words; `*` stands for any one word."""
    for at in range(len(span) - len(words) + 1):
        if all(one.kind in ("word", "number") and word in (one.text, "*") for one, word in zip(span[at:], words, strict=False)):
            yield from range(at, at + len(words))


def same_words(span: Sequence[Piece], at: int, words: tuple[str, ...]) -> int:
    """How many pieces from `at` say these stems, small words between them apart; 0 when they do not."""
    end = at
    for number, word in enumerate(words):
        while number and end < len(span) and end - at < _FAR and span[end].text in small() and stem(span[end].text) != word:
            end += 1
        if end >= len(span) or span[end].kind in ("mark", "quoted", "date") or not _says(span[end], word):
            return 0
        end += 1
    return end - at


def _says(one: Piece, word: str) -> bool:
    return stem(one.text) == word or (one.kind == "number" and number_of(one.text) == word)


def begins_sentence(span: Sequence[Piece], at: int) -> bool:
    return at == 0 or span[at - 1].text in ENDS


def is_act(text: str) -> bool:
    return any(way[0] == stem(text) for group in groups("acts") for way in group)
