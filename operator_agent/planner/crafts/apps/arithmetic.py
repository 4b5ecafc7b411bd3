"""Sums and simple equations as pages and people write them, worked out exactly; nothing is evaluated as code."""

from __future__ import annotations

import re
from fractions import Fraction

from operator_agent.written import tokens

_LONGEST = 200  # characters
_DEEPEST = 20  # brackets within brackets
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-zA-Z])(?![a-zA-Z])|([-+*/^()=]))")
_SIGNS = str.maketrans({"×": "*", "·": "*", "∙": "*", "÷": "/", "−": "-", "–": "-"})
_WORDS = (
    ("divided by", "/"), ("multiplied by", "*"), ("to the power of", "^"), ("times", "*"), ("plus", "+"), ("minus", "-"),
    ("over", "/"),    ("equals", "="), ("is equal to", "="), ("加", "+"), ("减", "-"), ("乘", "*"), ("除以", "/"), ("等于", "="),
)  # fmt: skip

_BETWEEN = re.compile(r"(?<=[\d)])\s*x\s*(?=[\d(])")
_BLANK = re.compile(r"\?+|_+|□|…")

Linear = tuple[Fraction, Fraction]
"""How often the unknown, and what is added."""


def worked_out(text: str) -> str | None:
    """The value of a sum (`3 + 4 =`, `12 divided by 5`), or of the one unknown of a linear equation (`2x - 4 = 10`), as people
    write numbers; None when the text is neither, or has no one answer."""
    text = text.strip().casefold()
    for words, sign in _WORDS:
        text = text.replace(words, f" {sign} ")
    text = _BETWEEN.sub("*", text.translate(_SIGNS))
    parser = _Parser(_BLANK.sub(" x " if "=" in text else " ", text))
    sides = parser.sides()
    if sides is None:
        return None
    unknowns = parser.unknowns
    if len(sides) == 1 and not unknowns:
        return _shown(sides[0][1])
    if len(sides) != 2 or len(unknowns) != 1:
        return None
    times = sides[0][0] - sides[1][0]
    return _shown((sides[1][1] - sides[0][1]) / times) if times else None


def is_sum(text: str) -> bool:
    """Whether a text is a sum or an equation and nothing else: it has a sign between numbers."""
    signed = re.search(r"[-+*/×÷·−^=]|\d\s*x\s*\d|\b(?:plus|minus|times|divided by)\b", text.strip()[1:])
    dated = any(token.kind == "date" for token in tokens(text))
    return signed is not None and not dated and bool(re.search(r"\d", text)) and worked_out(text) is not None


def _shown(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    exact = value.denominator
    while exact % 2 == 0:
        exact //= 2
    while exact % 5 == 0:
        exact //= 5
    digits = f"{float(value):.10f}" if exact == 1 else f"{float(value):.2f}"
    return digits.rstrip("0").rstrip(".")


class _Parser:
    """Recursive descent over a sum; what does not parse, is not linear or divides by nothing gives None."""

    def __init__(self, text: str) -> None:
        self.unknowns: set[str] = set()
        self._tokens: list[str] | None = [] if len(text) <= _LONGEST else None
        at = 0
        text = text.strip()
        while self._tokens is not None and at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                self._tokens = None
                break
            self._tokens.append(found[1] or found[2] or found[3])
            at = found.end()
        self._at = 0

    def sides(self) -> list[Linear] | None:
        """One side, or both of an equation; a trailing `=` is none."""
        if not self._tokens or self._tokens.count("=") > 1:
            return None
        if self._tokens[-1] == "=" or self._tokens[0] == "=":
            self._tokens.remove("=")
        try:
            sides = [self._sum(0)]
            while self._next() == "=":
                self._at += 1
                sides.append(self._sum(0))
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return sides if self._at == len(self._tokens) else None

    def _next(self) -> str:
        assert self._tokens is not None
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _sum(self, depth: int) -> Linear:
        times, added = self._product(depth)
        while (sign := self._next()) in ("+", "-") and sign:
            self._at += 1
            other = self._product(depth)
            way = 1 if sign == "+" else -1
            times, added = times + way * other[0], added + way * other[1]
        return times, added

    def _product(self, depth: int) -> Linear:
        left = self._power(depth)
        while True:
            sign = self._next()
            if sign in ("*", "/") and sign:
                self._at += 1
                right = self._power(depth)
            elif sign and (sign == "(" or sign.isalpha()):
                sign, right = "*", self._power(depth)
            else:
                return left
            left = _multiplied(left, right) if sign == "*" else _divided(left, right)

    def _power(self, depth: int) -> Linear:
        left = self._atom(depth)
        if self._next() == "^":
            self._at += 1
            right = self._atom(depth)
            if left[0] or right[0] or right[1].denominator != 1 or not 0 <= right[1] <= 12:
                raise ValueError("only small whole powers of numbers")
            return Fraction(0), left[1] ** int(right[1])
        return left

    def _atom(self, depth: int) -> Linear:
        token = self._next()
        self._at += 1
        if token in ("-", "+") and depth < _DEEPEST:
            times, added = self._power(depth + 1)
            return (-times, -added) if token == "-" else (times, added)
        if token == "(" and depth < _DEEPEST:
            inner = self._sum(depth + 1)
            if self._next() != ")":
                raise ValueError("a bracket is open")
            self._at += 1
            return inner
        if token.isalpha():
            self.unknowns.add(token)
            return Fraction(1), Fraction(0)
        return Fraction(0), Fraction(token)


def _multiplied(left: Linear, right: Linear) -> Linear:
    if left[0] and right[0]:
        raise ValueError("not linear")
    return left[0] * right[1] + right[0] * left[1], left[1] * right[1]


def _divided(left: Linear, right: Linear) -> Linear:
    if right[0]:
        raise ValueError("not linear")
    return left[0] / right[1], left[1] / right[1]
