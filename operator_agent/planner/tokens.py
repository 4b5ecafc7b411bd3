"""A command's text, cut into the smallest pieces that can mean something."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_HAN = "\u4e00"
"""What all Chinese characters are to the pattern: a set of 28,000 takes longer to compile than a command takes to read."""
_QUOTES = '"“”«»「」『』'
_PIECE = re.compile(
    rf"""
    \d{{1,2}}[:.]\d{{2}}(?!\d)                              # 8:30, 8.30: a clock time, or a number with decimals
    | (?:(?<=\s)|^)-\d+ | \d+(?:[.,]\d+)*                   # 12, 1.5, 1,000, -1
    | {_HAN}
    | (?i:a\.s\.a\.p|[ap]\.m|mr|mrs|ms|dr|st|prof)\.(?=\s|$|,)
    | [wW]/[oO]\b | [wW]/(?=\s|[^\W\d_])
    | [^\W\d_{_HAN}]+(?:['\-.&][^\W\d_{_HAN}]+)*            # words: o'brien, jean-luc, half-past
    | \S
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One piece. `text` is folded for comparing; `raw`, `start` and `end` are as in the command's text."""

    text: str
    raw: str
    start: int
    end: int
    quote: int = 0
    """Which quotation it stands in, 0 for none."""

    @property
    def cjk(self) -> bool:
        return "\u3400" <= self.text[0] <= "\u9fff"

    @property
    def word(self) -> bool:
        return self.text[0].isalpha()


def fold(text: str) -> str:
    """Text for comparing: compatibility forms and case folded, accents dropped, curly apostrophes straight."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'")).casefold()
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def tidy(text: str) -> str:
    """The text with control characters gone, full-width letters narrow and apostrophes straight; what offsets count in."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return "".join(letter if letter.isprintable() else " " for letter in text)


def tokenise(text: str) -> list[Token]:
    """The tokens of `tidy`ed text. Quotation marks are not tokens; what stands between them knows it does."""
    tokens: list[Token] = []
    quote = opened = 0
    for piece in _PIECE.finditer(text if text.isascii() else "".join(map(_alike, text))):
        raw = text[piece.start() : piece.end()]
        if raw in _QUOTES:
            quote, opened = (0, opened) if quote else (opened + 1, opened + 1)
            continue
        tokens.append(Token("," if raw == ";" else fold(raw) or raw, raw, piece.start(), piece.end(), quote))
    return _hyphens(tokens)


def _alike(letter: str) -> str:
    han = "\u3400" <= letter <= "\u4dbf" or "\u4e00" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff"
    return _HAN if han else letter


def key(tokens: list[Token], start: int, end: int) -> str:
    """How a lexicon would write tokens start … end: Chinese without spaces, all else with one."""
    out = ""
    for before, token in zip([None, *tokens[start : end - 1]], tokens[start:end], strict=True):
        out += token.text if before is None or (before.cjk and token.cjk) else " " + token.text
    return out


def written(phrase: str) -> str:
    """A phrase from a file, in the form `key` gives."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():
        return " ".join(phrase.lower().split())
    tokens = tokenise(tidy(phrase))
    return key(tokens, 0, len(tokens)) if tokens else ""


def _hyphens(tokens: list[Token]) -> list[Token]:
    """Hyphenated words apart (`half-past`, `flat-white`), but not names: a capital after the hyphen keeps it whole."""
    out: list[Token] = []
    for token in tokens:
        parts = token.raw.split("-")
        if len(parts) == 1 or not token.word or any(part[:1].isupper() for part in parts):
            out.append(token)
            continue
        at = token.start
        for part in parts:
            out.append(Token(fold(part), part, at, at + len(part), token.quote))
            at += len(part) + 1
    return out
