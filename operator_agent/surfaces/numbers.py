"""Numbers as pages write them."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?P<sign>[-−(]?\s*)[^\d\s.,]{0,3}\s*(?P<digits>\d(?:[\d.,'\u2019\s]*\d)?)")


def number_in(text: str) -> str | None:
    """The first number in `text`, with a point for decimals and no grouping: `€ 1.234,50` → `1234.50`."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    digits = re.split(r"\s(?!\d{3}(?!\d))", found["digits"])[0]
    digits = re.sub(r"[\s'\u2019]", "", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        whole, mark, rest = digits[:last], digits[last], digits[last + 1 :]
        # One mark before exactly three digits groups thousands, unless another kind of mark has done that already.
        grouped = (
            len(rest) == 3
            and whole.strip("0") != ""
            and (mark == "," or whole.count(mark) > 0)
            and (set(whole) & set(".,")) <= {mark}
        )
        whole = re.sub(r"[.,]", "", whole)
        digits = whole + rest if grouped else f"{whole}.{rest}"
    negative = found["sign"].strip() in ("-", "−", "(")
    return f"-{digits}" if negative else digits
