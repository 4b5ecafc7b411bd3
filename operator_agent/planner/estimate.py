"""How many tokens a text may cost a model, without any model's tokenizer."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""(?P<word>\ ?[A-Za-z]+) | (?P<digits>\ ?[0-9]+) | (?P<blank>[\ \t]+) | (?P<line>[\r\n]) | (?P<mark>[\x00-\x7f])
      | (?P<latin>[\u0080-\u024f]+) | (?P<script>[\u0250-\u1fff]+) | (?P<sign>[\u2000-\u2fff])
      | (?P<cjk>[\u3000-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]) | (?P<other>[^\x00-\x7f])""",
    re.VERBOSE,
)
_SMOOTH = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PER_TOKEN = 4  # letters of a word of a Latin alphabet
_EACH = {"line": 1.0, "mark": 1.0, "sign": 2.0, "cjk": 1.5, "other": 3.0}
_PER_CHAR = {"digits": 1.0, "latin": 1.0, "script": 1.0}


def estimate(text: str) -> int:
    """Tokens, rather too many than too few; each line's and line end's estimates add up to the whole's, rounding aside."""
    return _up(weigh(text))


def weigh(text: str) -> float:
    """`estimate` before rounding: adds up over lines and line ends."""
    return sum(_cost(found.lastgroup or "", found[0]) for found in _PIECE.finditer(text))


def _cost(kind: str, piece: str) -> float:
    if kind in _EACH:
        return _EACH[kind]
    if kind == "blank":
        return 1 + len(piece) // 16
    piece = piece.lstrip(" ")
    if kind in _PER_CHAR:
        return len(piece) * _PER_CHAR[kind]
    return sum(-(-len(part) // _PER_TOKEN) for part in _SMOOTH.findall(piece))


def _up(number: float) -> int:
    return -int(-number // 1)
