"""Whether two texts say the same: text, numbers, money, dates and times, as people and pages write them.

`same` compares wholes, `shows` looks for one inside the other at token boundaries ("1 item" is not in "11 items").
Where a spelling has two readings (03/04/2026, 1.234) it equals only itself: a doubtful match is no match.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from operator_agent.errors import UsageError
from operator_agent.flow.target import is_regex
from operator_agent.written import is_letter, normal, tokens


def same(expected: str, seen: str) -> bool:
    """Whether both say the same: equal text up to spelling, or the same values in it; or `/regex/` is found."""
    return found(expected, seen) if is_regex(expected) else equal(expected, seen)


def equal(expected: str, seen: str) -> bool:
    """`same` for text that is data, in which `/…/` is no expression."""
    if normal(expected) == normal(seen):
        return True
    ours, theirs = tokens(expected), tokens(seen)
    return bool(ours) and len(ours) == len(theirs) and all(mine.agrees(its) for mine, its in zip(ours, theirs, strict=True))


def shows(expected: str, seen: str) -> bool:
    """Whether `seen` holds `expected` in any spelling `same` accepts, never a part of a word or number; or `/regex/`."""
    if is_regex(expected):
        return found(expected, seen)
    wanted, text = normal(expected), normal(seen)
    if not wanted or not all(word in text for word in _plain_words(wanted)):
        return False
    return _stands_in(wanted, text) or _run_in(expected, seen)


def _plain_words(wanted: str) -> list[str]:
    """Words that must stand in a text letter by letter, a cheap way to say no."""
    return [token.text for token in tokens(wanted) if token.kind == "word"]


def _stands_in(wanted: str, text: str) -> bool:
    at = text.find(wanted)
    while at >= 0:
        if not cuts(text, at) and not cuts(text, at + len(wanted)) and not _signed(text, at):
            return True
        at = text.find(wanted, at + 1)
    return False


def cuts(text: str, at: int) -> bool:
    """Whether the place between two characters is inside a word or a number."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if is_letter(before) and is_letter(after):
        return True
    if after in ".,:'" and before.isdigit():
        return text[at + 1 : at + 2].isdigit()
    return before in ".,:'" and after.isdigit() and text[at - 2 : at - 1].isdigit()


def _signed(text: str, at: int) -> bool:
    """Whether an amount that begins here is really a negative one."""
    return text[at - 1 : at] == "-" and text[at - 2 : at - 1] in ("", " ", "(") and not text[at].isalpha()


def _run_in(expected: str, seen: str) -> bool:
    ours, theirs = tokens(expected), tokens(seen)
    width = len(ours)
    for at in range(len(theirs) - width + 1):
        if all(mine.agrees(its) for mine, its in zip(ours, theirs[at : at + width], strict=True)):
            return True
    return False


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """The regular expression written as `/…/`, case as written. Raises `UsageError` when it is not one."""
    try:
        return re.compile(text[1:-1])
    except re.error as error:
        raise UsageError(f"{text} is not a regular expression: {error}; correct it, or write plain text in quotes") from None


def found(regex: str, seen: str) -> bool:
    """Whether `/regex/` is found in `seen`, with white space collapsed and Unicode composed."""
    return pattern(regex).search(" ".join(unicodedata.normalize("NFKC", seen).split())) is not None


def glob(wanted: str, seen: str) -> bool:
    """Whether `seen` is `wanted`, in which `*` stands for any run of characters; letter case counts."""
    return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), seen, re.DOTALL) is not None
