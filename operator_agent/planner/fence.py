"""Page text kept apart from the words of the conversation: what it is made of is made visible, and it cannot end its own fence."""

from __future__ import annotations

import re
import secrets
import unicodedata

_BLANK = frozenset("\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they show nothing by themselves, and can carry a text that nobody sees."""


def new_mark() -> str:
    """A mark for the fences of one run, which no page can know: 96 random bits."""
    return secrets.token_hex(12)


def fenced(text: str, mark: str) -> str:
    """`text` between two lines that only one who knows the `mark` can write. Raises ValueError for a mark that is too short."""
    if len(mark) < 16:
        raise ValueError("a mark that can be guessed fences nothing in; take new_mark()")
    lines = (legible(line) for line in text.split("\n"))
    # Taking the mark away could join what stands around it to the mark again.
    body = re.sub(re.escape(mark), "…", "\n".join(lines), flags=re.IGNORECASE)
    return f"<page {mark}>\n{body}\n</page {mark}>"


def legible(text: str) -> str:
    """The text on one line, as a person would see it: white space of any kind as a space, other control characters as their
    pictures (␛), and nothing that takes no room or turns the direction of reading."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() else _shown(char) for char in _SELECTORS.sub("", text))


def _shown(char: str) -> str:
    if char in _BLANK:
        return " "
    match unicodedata.category(char):
        case "Zs":
            return " "
        case "Cc":
            return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "␡" if char == "\x7f" else "\ufffd"
        case "Cf":
            return ""
        case _:
            return "\ufffd"
