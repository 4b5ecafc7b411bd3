"""What people write, in the form a field of the browser takes: "December 4, 2010" → `2010-12-04`, "5:16 PM" → `17:16`."""

from __future__ import annotations

import re

from operator_agent.written import Token, tokens

MONTH_FIRST = frozenset({"en", "en-us", "en-ph", "fil", "fil-ph"})
"""Languages of a browser in which 3/4 is the fourth of March."""


def spelt(text: str, form: str, language: str) -> str | None:
    """`text` as a field of the type `form` takes it; None when it is no such value, or a date without a year. A date that may be
    read two ways is read as the browser's `language` does, as the field itself would read it from the keyboard."""
    found = tokens(text)
    if form in ("number", "range"):
        return str(found[0].readings[0]) if len(found) == 1 and found[0].kind == "number" and len(found[0].readings) == 1 else None
    if form == "month" and not any(token.kind == "date" for token in found):
        found = tokens(f"1 {text}")  # a month and a year are a date without its day
    day = next((token for token in found if token.kind == "date"), None)
    clock = next((token for token in found if token.kind == "time"), None)
    others = [token for token in found if token.kind not in ("date", "time", "word", "sign")]
    if others or sum(token.kind in ("date", "time") for token in found) > 2:
        return None
    date = _date(day, language) if day else None
    time = "{:02}:{:02}".format(*clock.readings[0]) if clock else None
    if form == "date":
        return date if not clock else None
    if form == "time":
        return time if not day else None
    if form == "datetime-local":
        return f"{date}T{time}" if date and time else None
    return date[:7] if form == "month" and date and not clock else None


def _date(day: Token, language: str) -> str | None:
    ways = [(int(year), int(month), int(number)) for year, month, number in day.readings]
    if len(ways) > 1:
        first = int(re.findall(r"\d+", day.text)[0])
        wanted = 1 if language.casefold() in MONTH_FIRST else 2
        ways = [way for way in ways if way[wanted] == first]
    return "{:04}-{:02}-{:02}".format(*ways[0]) if len(ways) == 1 and ways[0][0] else None
