"""Words of an instruction or a label, in any script: Chinese and Japanese one character each, quoted text as one token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from operator_agent.matching import folded

_CJK = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_QUOTES = dict(zip("\"“”„‘'`「『«《【", "\"””“’'`」』»》】", strict=True))
_URL = re.compile(rf"(?:https?|about|file):[^\s\"'“”{_CJK}，。；、」』]+")
_NUMBERING = re.compile(r"\s*(?:\(?\d{1,2}[.)、]|[-*•])\s+|\s*\d{1,2}、")
_WORD = re.compile(rf"[^\s{_CJK}，。；：、！？「」『』“”«»《》【】,.;:!?]+|[,.;:!?](?=[^\s{_CJK}])")
_MARK = re.compile(r"[,.;:!?，。；：、！？]")
_MARKS = str.maketrans("，。；：、！？", ",.;:,!?")
_LETTERS = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")

_SHORT = 2000
"""Characters of a text whose tokens are remembered: clauses of one instruction are read again and again."""


class Token(NamedTuple):
    """`text` is folded, except what stood in quotes; `start` and `end` are its place in the source, quotes included."""

    text: str
    start: int
    end: int
    kind: Literal["word", "quoted", "mark"] = "word"


def tokens(source: str) -> list[Token]:
    """The tokens of an instruction. Marks are `, . ; : ! ?` and a line end; list numbering belongs to the line end before it."""
    return list(_tokens(source) if len(source) <= _SHORT else _tokens.__wrapped__(source))


@lru_cache(maxsize=1024)
def _tokens(source: str) -> tuple[Token, ...]:
    found: list[Token] = []
    at = len(numbering[0]) if (numbering := _NUMBERING.match(source)) else 0
    while at < len(source):
        token = _next(source, at)
        if token.text or token.kind == "quoted":
            found.append(token)
        at = max(token.end, at + 1)
    return tuple(found)


def _next(source: str, at: int) -> Token:
    """The token at `at`; one without text stands for space."""
    if source[at] == "\n":
        numbering = _NUMBERING.match(source, at + 1)
        return Token("\n", at, numbering.end() if numbering else at + 1, "mark")
    if source[at].isspace():
        return Token("", at, at + 1)
    if quoted := _quoted(source, at):
        return quoted
    if url := _URL.match(source, at):
        return Token(url[0].rstrip(",.;:!?"), at, at + len(url[0].rstrip(",.;:!?")))
    if mark := _MARK.match(source, at):
        inner = mark[0].isascii() and at > 0 and not source[at - 1].isspace() and re.match(rf"[^\s{_CJK}]", source[at + 1 : at + 2])
        extension = mark[0] == "." and re.match(r"\.[a-z0-9]", source[at : at + 2]) and source[at - 1 : at].isspace()
        if not inner and not extension:
            return Token(mark[0].translate(_MARKS), at, at + 1, "mark")
    end = at + 1
    if not re.match(rf"[{_CJK}]", source[at]):
        while end < len(source) and (more := _WORD.match(source, end)) and not _opens(source, end):
            end = more.end()
    return Token(folded(source[at:end]), at, end)


def _opens(source: str, at: int) -> bool:
    return source[at] in '"“「『' and at > 0 and source[at - 1].isspace()


def _quoted(source: str, at: int) -> Token | None:
    """What stands between quotes that open here. An apostrophe inside or behind a word neither opens nor closes."""
    close = _QUOTES.get(source[at])
    if not close or (source[at] in "'‘" and at > 0 and source[at - 1].isalnum()):
        return None
    end = at + 1
    while (end := source.find(close, end)) >= 0:
        apostrophe = close in "'’" and source[end + 1 : end + 2].isalnum()
        if source[end - 1] != "\\" and not apostrophe:
            text = re.sub(r"\\([\"'\\])", r"\1", source[at + 1 : end])
            return Token(text, at, end + 1, "quoted")
        end += 1
    return None


@lru_cache(maxsize=16_384)
def letters(label: str) -> tuple[str, ...]:
    """The words of a folded label without punctuation and symbols: `("save", "draft")` for `save draft…`."""
    return tuple(_LETTERS.findall(label))


def said(source: str, span: Sequence[Token]) -> str:
    """What was said there, as it was written; without the quotes when all of it is quoted."""
    if not span:
        return ""
    return span[0].text if len(span) == 1 and span[0].kind == "quoted" else source[span[0].start : span[-1].end]
