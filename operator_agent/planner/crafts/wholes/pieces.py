"""An instruction as pieces: words, and the values in it, each with its kind: quoted texts, dates, times, numbers, files, codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from operator_agent.grounding.tokens import Token, tokens
from operator_agent.planner.crafts.heard import known
from operator_agent.written import tokens as written

_DATE_TOKENS = 7
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?%?")
_TIME = re.compile(r"\d{1,2}[:.]\d\d(?:am|pm)?|\d{1,2}(?:am|pm)")
_FILE = re.compile(r"[\w()\-.]+\.(?=[a-z0-9]*[a-z])[a-z0-9]{2,5}", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_CODE = re.compile(r"(?=\S*\d)[\w./#+()-]+")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_DAY = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?\b")
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]")


class Piece(NamedTuple):
    """`text` is folded, except of a quoted text; `said` is as it was written, without quotes."""

    text: str
    kind: str
    start: int
    end: int
    said: str

    @property
    def is_value(self) -> bool:
        return self.kind not in ("word", "mark")


@lru_cache(maxsize=32)
def pieces(words: str) -> tuple[Piece, ...]:
    """The words with what belongs together as one piece: "5 March 2027" is a date, "two" a number."""
    source = tokens(words)
    found: list[Piece] = []
    at = 0
    while at < len(source):
        size = _date(words, source, at)
        if size:
            span = words[source[at].start : source[at + size - 1].end]
            found.append(Piece(span.casefold(), "date", source[at].start, source[at + size - 1].end, span))
        else:
            found.append(_piece(words, source[at]))
        at += size or 1
    return tuple(_ranges(found))


def _date(words: str, source: Sequence[Token], at: int) -> int:
    """How many tokens from `at` are one date with a year; a word before it, as in "the 5th of", is no part of it."""
    if source[at].kind != "word" or not (source[at].text[:1].isdigit() or source[at].text.isalpha()):
        return 0
    if not any(any(c.isdigit() for c in token.text) for token in source[at : at + _DATE_TOKENS]):
        return 0
    for size in range(min(_DATE_TOKENS, len(source) - at), 0, -1):
        if source[at + size - 1].kind == "word":
            read = written(words[source[at].start : source[at + size - 1].end])
            if len(read) == 1 and read[0].kind == "date" and read[0].readings[0][0]:
                return size
    return 0


def _piece(words: str, token: Token) -> Piece:
    said = token.text if token.kind == "quoted" else words[token.start : token.end]
    kind = token.kind if token.kind != "word" else _kind(token.text)
    return Piece(token.text, kind, token.start, token.end, said)


def _kind(text: str) -> str:
    if _ORDINAL.fullmatch(text):
        return "word"
    for kind, shape in (("number", _NUMBER), ("time", _TIME), ("mail", _MAIL), ("file", _FILE), ("code", _CODE)):
        if shape.fullmatch(text):
            return kind
    return "number" if text in _counts() else "word"


@lru_cache(maxsize=1)
def _counts() -> dict[str, str]:
    return {word: str(count) for count, words in enumerate(known("whole", "counts")) for word in words.split("|")}


def number_of(text: str) -> str:
    """In digits: `two` → `2`, `85%` → `85`; "" when it is no number."""
    plain = text.casefold().rstrip("%").strip()
    return _counts().get(plain) or (plain if _NUMBER.fullmatch(plain) else "")


def _ranges(found: list[Piece]) -> list[Piece]:
    """ "from 12 to 15 March 2027": the first is a date, too."""
    until = known("whole", "until")
    for at in range(len(found) - 2):
        first, joint, last = found[at : at + 3]
        if first.kind == "number" and first.text.isdigit() and len(first.text) < 3 and joint.text in until and last.kind == "date":
            whole = _DAY.sub(first.text, last.said, count=1)
            found[at] = Piece(whole.casefold(), "date", first.start, first.end, whole)
    return found


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    ways = [text.split("|") for text in known("whole", "forms")]
    return {form: way[0] for way in ways for form in way[1:]}


def is_name(piece: Piece) -> bool:
    """Whether it is spelled like a name."""
    return piece.kind in ("word", "code") and (piece.said[:1].isupper() or bool(_CJK.match(piece.said)))


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """Without what grammar adds: `places` → `place`, `Mina's` → `mina`."""
    word = word.removesuffix("'s").removesuffix("’s")
    word = _forms().get(word, word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
