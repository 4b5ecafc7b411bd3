"""Quantities in digits and words: 2, two, twenty-one, half a dozen, 十二."""

from __future__ import annotations

from operator_agent.planner.lexicon import Lexicon
from operator_agent.planner.tokens import Token, key

LONGEST = 4
"""Tokens in the longest phrase of `Lexicon.amounts`."""


def read_number(tokens: list[Token], at: int, lexicon: Lexicon) -> tuple[float, int] | None:
    """The number that starts at token `at`, and where it ends; None when there is none. Whole numbers are integers."""
    for end in range(min(len(tokens), at + LONGEST), at, -1):
        if (amount := lexicon.amounts.get(key(tokens, at, end))) is not None:
            return amount, end
    token = tokens[at]
    if token.text.lstrip("-")[:1].isdigit():
        value, end = _digits(token.text), at + 1
        if end < len(tokens) and tokens[end].text in lexicon.scales and isinstance(value, int):
            return value * lexicon.scales[tokens[end].text], end + 1
        return value, end
    return _in_words(tokens, at, lexicon)


def _digits(text: str) -> float:
    plain = text.replace(",", "") if text.count(",") and len(text.rsplit(",", 1)[1]) == 3 else text.replace(",", ".")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain.replace(":", "."))
    except ValueError:
        return float("inf")


def _in_words(tokens: list[Token], at: int, lexicon: Lexicon) -> tuple[float, int] | None:
    total, part, end = 0, -1, at
    while end < len(tokens):
        word = tokens[end].text
        if word in lexicon.scales and (part >= 0 or tokens[end].cjk):
            part = max(part, 1) * lexicon.scales[word]
            total, part = (total + part, 0) if lexicon.scales[word] != 12 else (total, part)
        elif word in lexicon.tens and part in (-1, 0):
            part = lexicon.tens[word]
        elif word in lexicon.units and (part in (-1, 0) or (part in lexicon.tens.values() and 0 < lexicon.units[word] < 10)):
            part = lexicon.units[word] if part in (-1, 0) else part + lexicon.units[word]
            if end + 1 < len(tokens) and tokens[end + 1].text in lexicon.units and not tokens[end].cjk:
                end += 1
                break
        elif word == "and" and total and part == 0 and end + 1 < len(tokens) and _small(tokens[end + 1].text, lexicon):
            pass
        else:
            break
        end += 1
    return (total + max(part, 0), end) if end > at else None


def _small(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.units or word in lexicon.tens
