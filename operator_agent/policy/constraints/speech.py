"""A command cut into tokens, and what stands at each: a phrase of the word lists, an amount, a date, a time, an address."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from operator_agent.planner.lexicon import load
from operator_agent.planner.numbers import read_number
from operator_agent.planner.times import SOON, read_times
from operator_agent.planner.tokens import Token, tidy, tokenise
from operator_agent.written import amounts, first_token

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_AHEAD = 40
"""Characters in which a value as pages write it is looked for."""
_LONGEST = 6
"""Tokens in the longest phrase of the word lists (more in Chinese, where each character is one)."""
Cut = tuple[str, ...]


class Value(NamedTuple):
    """What is bounded, at tokens … `end`. `texts` are its readings as `Constraint.values` writes them."""

    kind: Literal["price", "number", "date", "time"]
    texts: tuple[str, ...]
    end: int
    currencies: tuple[str, ...] = ()


class _Words(NamedTuple):
    phrases: dict[str, dict[Cut, Any]]
    """Role → phrase, cut into tokens → what it stands for, None when the role says all."""
    states: tuple[dict[str, list[str]], ...]


@lru_cache(maxsize=1)
def words() -> _Words:
    """The word lists of every language, cut as a command is."""
    data = json.loads(files(__package__).joinpath("words.json").read_text(encoding="utf-8"))
    phrases = {role: _cut_all(listed) for role, listed in data.items() if role != "states"}
    return _Words(phrases, tuple(data["states"]))


def cut(phrase: str) -> Cut:
    return tuple(token.text for token in tokenise(tidy(phrase)))


def _cut_all(listed: list[str] | dict[str, Any]) -> dict[Cut, Any]:
    return {cut(phrase): listed[phrase] if isinstance(listed, dict) else None for phrase in listed}


class Speech:
    """One command. `text` is what offsets count in: one space between words, otherwise as the person wrote it."""

    def __init__(self, text: str, today: date) -> None:
        self.text = " ".join(tidy(text).split())
        self.today = today
        self.tokens: list[Token] = tokenise(self.text)
        self._texts = [token.text for token in self.tokens]
        self._values: dict[int, Value | None] = {}
        self.emails = self._addresses()

    def __len__(self) -> int:
        return len(self.tokens)

    def phrase(self, role: str, at: int) -> int:
        """Where the longest phrase of `role` that begins at `at` ends; 0 when none does."""
        known = words().phrases[role]
        reach = min(len(self), at + _LONGEST)
        return next((end for end in range(reach, at, -1) if tuple(self._texts[at:end]) in known), 0)

    def meaning(self, role: str, at: int) -> tuple[Any, int] | None:
        """What the phrase at `at` stands for, and where it ends."""
        end = self.phrase(role, at)
        return (words().phrases[role][tuple(self._texts[at:end])], end) if end else None

    def ends_with(self, role: str, end: int) -> int:
        """Where the longest phrase of `role` that ends just before `end` begins; `end` when none does."""
        known = words().phrases[role]
        return next((start for start in range(max(0, end - _LONGEST), end) if tuple(self._texts[start:end]) in known), end)

    def has(self, role: str, start: int = 0, end: int | None = None) -> bool:
        return any(self.phrase(role, at) and not self.tokens[at].quote for at in range(start, len(self) if end is None else end))

    def skip(self, role: str, at: int) -> int:
        """The first token from `at` on that begins no phrase of `role`."""
        while at < len(self) and (end := self.phrase(role, at)):
            at = end
        return at

    def said(self, start: int, end: int) -> str:
        """The person's words from token `start` up to `end`."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end <= len(self) else ""

    def clause(self, at: int) -> tuple[int, int]:
        """The clause `at` stands in, up to what ends one."""
        start, end = at, at
        while start > 0 and not self.ends_clause(start - 1):
            start -= 1
        while end < len(self) and not self.ends_clause(end):
            end += 1
        return start, end

    def ends_clause(self, at: int) -> bool:
        return self._texts[at] in (",", ".", ";", "!", "?", "。", "、", "then") and not self.tokens[at].quote

    def value(self, at: int) -> Value | None:
        """The amount, date, time or number that begins at token `at`."""
        if at >= len(self) or self.tokens[at].quote or at in self.emails:
            return None
        if at not in self._values:
            self._values[at] = self._written(at) or self._day(at) or self._moment(at) or self._number(at)
        return self._values[at]

    def _written(self, at: int) -> Value | None:
        begin = self.tokens[at].start
        first = first_token(self.text[begin : begin + _AHEAD])
        if first is None or first.kind not in ("money", "date", "time"):
            return None
        end = self._token_at(begin + len(first.text), at)
        if first.kind == "money":
            end = self.phrase("coins", end - 1) or end
            return Value("price", (str(first.readings[0]),), end, tuple(sorted(first.currencies)))
        if first.kind == "date":
            return Value("date", tuple(self._dated(*reading) for reading in first.readings), end)
        hour, minute, _ = first.readings[0]
        return Value("time", (f"{hour:02}:{minute:02}",), end)

    def _token_at(self, offset: int, at: int) -> int:
        """The first token after `at` that begins at `offset` of the text or later."""
        return next((i for i in range(at + 1, len(self)) if self.tokens[i].start >= offset), len(self))

    def _dated(self, year: int, month: int, day: int) -> str:
        """A day without a year is the next one."""
        for candidate in (year,) if year else range(self.today.year, self.today.year + 9):
            try:
                found = date(candidate, month, day)
            except ValueError:
                continue
            if year or found >= self.today:
                return found.isoformat()
        return ""

    def _day(self, at: int) -> Value | None:
        if near := self.meaning("days", at):
            return Value("date", ((self.today + timedelta(days=near[0])).isoformat(),), near[1])
        if weekday := self.meaning("weekdays", at):
            ahead = (weekday[0] - self.today.weekday()) % 7
            return Value("date", ((self.today + timedelta(days=ahead)).isoformat(),), weekday[1])
        return None

    def _moment(self, at: int) -> Value | None:
        noon = datetime(self.today.year, self.today.month, self.today.day, 12)
        moment = next(read_times(self.tokens[at : at + 8], load(), noon), None)
        if moment is None or moment.start or moment.value in ("", SOON):
            return None
        return Value("time", (moment.value,), at + moment.end)

    def _number(self, at: int) -> Value | None:
        number = read_number(self.tokens, at, load())
        if number is None or number[0] == float("inf"):
            return None
        text, end = f"{number[0]:g}" if number[0] < 1_000_000 else str(int(number[0])), number[1]
        coin = self.meaning("coins", end) if end < len(self) else None
        if coin and not (coin[1] < len(self) and self._texts[coin[1]] == "of"):
            return Value("price", (text,), coin[1], tuple(sorted(amounts(f"{coin[0]} 1")[0].currencies)))
        return Value("number", (text,), end)

    def _addresses(self) -> dict[int, tuple[str, int]]:
        """Token → the mail address that begins there, and where it ends."""
        found = {}
        for match in _EMAIL.finditer(self.text):
            inside = [i for i, token in enumerate(self.tokens) if match.start() <= token.start < match.end()]
            if inside:
                found[inside[0]] = (match[0].rstrip("."), inside[-1] + 1)
        return found
