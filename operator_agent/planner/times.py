"""Times of day as people say them, read as `HH:MM` on a 24-hour clock.

An hour without a half of the day is read as a working day has it: 6 to 12 before noon, 1 to 5 after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from operator_agent.planner.lexicon import Lexicon, load
from operator_agent.planner.numbers import read_number
from operator_agent.planner.tokens import Token, key

SOON = "as soon as possible"
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_LONGEST = 6


class Moment(NamedTuple):
    """A time found at tokens start … end. `value` is `HH:MM` or `SOON`; "" for a time that cannot be (25:70)."""

    start: int
    end: int
    value: str


def read_times(tokens: list[Token], lexicon: Lexicon, now: datetime) -> Iterator[Moment]:
    """All times in the command, left to right, each with the words that belong to it."""
    reader = _Reader(tokens, lexicon, now)
    at = 0
    while at < len(tokens):
        found = reader.read(at)
        if found:
            yield found
        at = found.end if found else at + 1


@lru_cache(maxsize=1)
def _roles_by_phrase() -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for role, phrases in load().clock.items():
        for phrase in phrases:
            roles.setdefault(phrase, []).append(role)
    return roles


class _Reader:
    def __init__(self, tokens: list[Token], lexicon: Lexicon, now: datetime) -> None:
        self.tokens, self.lexicon, self.now = tokens, lexicon, now
        self._roles: dict[int, dict[str, int]] = {}
        """Token → the roles that start there, each with where its longest phrase ends."""
        self._by_phrase = _roles_by_phrase()

    def read(self, at: int) -> Moment | None:
        cue = self._role("cue", at) or self._role("weak_cue", at)
        cued = cue > at
        sure = self._role("cue", at) > at
        start = max(cue, at)
        half, start = self._half_before(start)
        for reader in (self._soon, self._relative, self._named, self._point, self._fraction, self._clock):
            if reader == self._soon and half:
                continue
            found = reader(start, cued, sure, half)
            if found:
                return Moment(at, self._tail(found.end), found.value)
        return None

    def _role(self, role: str, at: int) -> int:
        """Where the longest phrase of that role that starts at `at` ends; 0 when there is none."""
        if at not in self._roles:
            self._roles[at] = found = {}
            for end in range(at + 1, min(len(self.tokens), at + _LONGEST) + 1):
                for known in self._by_phrase.get(key(self.tokens, at, end), ()):
                    found[known] = end
        return self._roles[at].get(role, 0)

    def _value(self, role: str, at: int) -> tuple[int, int] | None:
        end = self._role(role, at)
        return (self.lexicon.clock[role][key(self.tokens, at, end)], end) if end else None

    def _number(self, at: int) -> tuple[int, int] | None:
        found = read_number(self.tokens, at, self.lexicon) if at < len(self.tokens) else None
        return (found[0], found[1]) if found and isinstance(found[0], int) else None

    def _tail(self, end: int) -> int:
        while further := self._role("tail", end):
            end = further
        return end

    def _half_before(self, at: int) -> tuple[str, int]:
        """Chinese names the half of the day first: 下午三点."""
        for role, half in (("before_am", "am"), ("before_pm", "pm")):
            if (end := self._role(role, at)) and self._number(end):
                return half, end
        return "", at

    def _half_after(self, at: int) -> tuple[str, int]:
        at = self._role("hour_mark", at) or at
        for half in ("am", "pm"):
            if end := self._role(half, at):
                return half, end
        return "", at

    def _soon(self, at: int, cued: bool, sure: bool, half: str) -> Moment | None:
        end = self._role("soon", at)
        return Moment(at, end, SOON) if end else None

    def _named(self, at: int, cued: bool, sure: bool, half: str) -> Moment | None:
        found = self._value("named", at)
        return Moment(at, found[1], f"{found[0] // 60:02}:00") if found else None

    def _relative(self, at: int, cued: bool, sure: bool, half: str) -> Moment | None:
        """`in 20 minutes`, `20 minutes from now`, 二十分钟后."""
        begin = self._role("in", at)
        span = self._span(begin or at)
        if not span:
            return None
        end = self._role("later", span[1]) or self._role("after_span", span[1])
        if not begin and not end:
            return None
        then = self.now + timedelta(minutes=span[0])
        return Moment(at, end or span[1], f"{then:%H:%M}") if span[0] <= 24 * 60 else Moment(at, end or span[1], "")

    def _span(self, at: int) -> tuple[int, int] | None:
        if fixed := self._value("span", at):
            return fixed
        number = self._number(at)
        unit = self._value("minute", number[1]) if number else None
        return (number[0] * unit[0], unit[1]) if number and unit else None

    def _point(self, at: int, cued: bool, sure: bool, half: str) -> Moment | None:
        """八点半, 下午三点一刻, 8点20分."""
        hour = self._number(at)
        end = self._role("point", hour[1]) if hour else 0
        if not hour or not end:
            return None
        minute = 0
        if part := self._value("point_part", end):
            minute, end = part
        elif number := self._number(end):
            marked = self._role("point_minute", number[1])
            if marked or number[0] >= 10:
                minute, end = number[0], marked or number[1]
        return self._moment(at, end, hour[0], minute, half)

    def _fraction(self, at: int, cued: bool, sure: bool, half: str) -> Moment | None:
        """half past eight, a quarter to nine, ten minutes past 8, half eight."""
        part = self._value("part", at)
        if not part:
            return None
        minutes, middle = part
        middle = self._role("part_mark", middle) or middle
        for role, sign in (("past", 1), ("to", -1)):
            if (end := self._role(role, middle)) and (hour := self._hour(end)):
                return self._around(at, hour, sign * minutes)
        if cued and self._role("half_past", at) and (hour := self._hour(middle)):
            return self._around(at, hour, 30)
        return None

    def _around(self, at: int, hour: tuple[int, int], minutes: int) -> Moment | None:
        half, end = self._half_after(hour[1])
        whole, minute = (hour[0], minutes) if minutes >= 0 else (hour[0] - 1 or 12, 60 + minutes)
        if hour[0] == 12 and minutes < 0:
            half = ""
        return self._moment(at, end, whole, minute, half)

    def _hour(self, at: int) -> tuple[int, int] | None:
        number = self._number(at)
        return number if number and 1 <= number[0] <= 12 else None

    def _clock(self, at: int, cued: bool, sure: bool, half: str) -> Moment | None:
        """8:30, 8.30 am, eight thirty, 9 pm, at nine."""
        if at >= len(self.tokens):
            return None
        if exact := _CLOCK.fullmatch(self.tokens[at].text):
            after, end = self._half_after(at + 1)
            if ":" not in exact[0] and not cued and end == at + 1:
                return None
            return self._moment(at, end, int(exact[1]), int(exact[2]), half or after, padded=exact[1][0] == "0")
        hour = self._number(at)
        if not hour or not 0 <= hour[0] <= 23:
            return None
        minutes = self._minutes(hour[1]) if cued or half else self._minutes_before_half(hour[1])
        after, end = self._half_after(minutes[1] if minutes else hour[1])
        bare = not minutes and end == hour[1] and not half
        if (bare and not (sure and self._ends_time(end))) or (not bare and not cued and not half and end == hour[1]):
            return None
        return self._moment(at, end, hour[0], minutes[0] if minutes else 0, half or after)

    def _minutes(self, at: int) -> tuple[int, int] | None:
        number = self._number(at)
        if at + 1 < len(self.tokens) and self.tokens[at].text in ("oh", "o", "zero") and (digit := self._number(at + 1)):
            return digit if 1 <= digit[0] <= 9 else None
        return number if number and 10 <= number[0] <= 59 else None

    def _minutes_before_half(self, at: int) -> tuple[int, int] | None:
        """Without a word such as `at`, two numbers are a time only when am or pm follows."""
        minutes = self._minutes(at)
        return minutes if minutes and self._half_after(minutes[1])[1] > minutes[1] else None

    def _ends_time(self, at: int) -> bool:
        """Whether a bare `at nine` may end here: no second number follows that would belong to it."""
        return at >= len(self.tokens) or not self._number(at)

    def _moment(self, at: int, end: int, hour: int, minute: int, half: str, *, padded: bool = False) -> Moment:
        if half and hour > 12 and half == "am":
            return Moment(at, end, "")
        if half == "pm" and hour < 12:
            hour += 12
        elif half == "am" and hour == 12:
            hour = 0
        elif not half and not padded and 1 <= hour <= 5:
            hour += 12
        return Moment(at, end, f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else "")
