"""An instruction cut where an order or a statement begins."""

from __future__ import annotations

from typing import NamedTuple

from operator_agent.grounding.tokens import Token, tokens
from operator_agent.planner.grammar import verbs
from operator_agent.planner.sentences.forms import begins_order, begins_statement, lexicon

_JOINTS = frozenset({"and", "then", "but", "so", "&", "-", "–", "—", "plus", "or rather"})
_DASHES = frozenset({"-", "–", "—"})
_ASKING = frozenset({"could", "can", "would", "will"})
_HARD = frozenset(";!?\n")
_STARTS = frozenset(
    {
        "please",
        "kindly",
        "then",
        "next",
        "first",
        "finally",
        "also",
        "now",
        "just",
        "only",
        "afterwards",
        "when",
        "once",
        "after",
        "before",
    }
)


class Piece(NamedTuple):
    text: str
    joint: str
    """What stands between it and the piece before."""
    joint_start: int
    end: int
    heading: bool = False
    """A goal whose orders follow behind a colon."""
    asks: bool = False
    """A question."""
    goes_on: bool = False
    """Not the last piece."""


def pieces(text: str) -> list[Piece]:
    words = tokens(text)
    found: list[Piece] = []
    start = at = before = 0
    while at < len(words):
        size = _joint(words, at)
        if size and at > start and (end := _divides(text, words, start, at, at + size)):
            heading = words[at].text == ":" and words[at].kind == "mark"
            found.append(_piece(text, words, before, start, at, heading))
            before, start, at = at, end, end
        else:
            at += size or 1
    if start < len(words):
        found.append(_piece(text, words, before, start, len(words), False))
    said = [piece for piece in found if piece.text]
    return [
        piece._replace(goes_on=piece is not said[-1], asks=text[piece.end : piece.end + 1] == "?" and _asks(piece.text))
        for piece in said
    ]


def _asks(text: str) -> bool:
    return text.split()[0].casefold() in (
        "would",
        "could",
        "should",
        "do",
        "did",
        "will",
        "how",
        "what",
        "which",
        "who",
        "where",
        "when",
        "is",
        "are",
        "does",
    )


def _piece(text: str, words: list[Token], before: int, start: int, end: int, heading: bool) -> Piece:
    while end > start and words[end - 1].kind == "mark":
        end -= 1
    joint_start = words[before - 1].end if before else 0
    if end == start:
        return Piece("", "", joint_start, joint_start)
    return Piece(
        text[words[start].start : words[end - 1].end],
        text[joint_start : words[start].start],
        joint_start,
        words[end - 1].end,
        heading,
    )


def _joint(words: list[Token], at: int) -> int:
    end = at
    while end < len(words):
        token = words[end]
        if token.kind == "mark" or (token.kind == "word" and token.text in _JOINTS):
            end += 1
        else:
            break
    return end - at


def _divides(text: str, words: list[Token], start: int, at: int, behind: int) -> int:
    """Where the next piece begins, when one does; else 0."""
    joint = words[at:behind]
    if behind >= len(words):
        return behind
    marks = {token.text for token in joint if token.kind == "mark"}
    if marks & _HARD or ("." in marks and words[at - 1].text not in verbs().abbreviations):
        return behind
    if marks or any(token.text in _DASHES for token in joint):
        left = text[words[behind].start :].casefold()
        if any(left.startswith(f"{one} ") for one in lexicon().corrections) and words[behind].text != "wait":
            return behind
    if at - start == 1 and not marks and (words[start].text,) in lexicon().orders and words[start].text not in ("cancel", "save"):
        return 0  # "drag and drop"
    asked = words[behind].text in _ASKING and behind + 1 < len(words) and words[behind + 1].text in ("you", "we", "i")
    if asked and words[behind].kind == "word":
        return behind
    order, statement = begins_order(words, behind), begins_statement(words, behind)
    if ":" in marks:
        wish = begins_order(words, start) or begins_statement(words, start)
        return behind if order and wish and at - start > 2 else 0
    if words[behind].kind == "word" and (words[behind].text in _STARTS or statement):
        return behind
    named = (
        not marks and words[behind].kind == "word" and text[words[behind].start].isupper() and text[words[at - 1].start].isupper()
    )
    return behind if order and not named else 0
