"""Quantities in a text, of one kind each, as numbers that can be compared: money, minutes, moments, plain numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from operator_agent.written import tokens

_CLOCKED = re.compile(r"(?<![\d:])(\d{1,3}):(\d{2})(?::(\d{2}))?(?![\d:])")
_UNITS = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?|天|小时|分钟?|秒)(?![a-z])",
    re.IGNORECASE,
)
_MINUTES = {"d": 1440.0, "h": 60.0, "m": 1.0, "s": 1 / 60, "天": 1440.0, "小": 60.0, "分": 1.0, "秒": 1 / 60}
_AGO = re.compile(r"(\d+)\s*(s|m|h|d|w|y|min|sec|hour|day|week|month|year)[a-z]*\s*ago\b", re.IGNORECASE)
_AGO_DAYS = {"s": 1 / 86400, "m": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "mo": 30.0, "y": 365.0}


def money(text: str) -> list[float]:
    return [float(token.readings[0]) for token in tokens(text) if token.kind == "money" and len(token.readings) == 1]


def numbers(text: str) -> list[float]:
    return [float(token.readings[0]) for token in tokens(text) if token.kind in ("number", "money") and token.readings]


def durations(text: str) -> list[float]:
    """Minutes: `13h 42m`, `1 hr 5 min`, `2:35`; neighbouring parts are one."""
    found: list[float] = []
    end = -9
    for part in _UNITS.finditer(text):
        minutes = float(part[1].replace(",", ".")) * _MINUTES[part[2][0].lower()]
        if found and not text[end : part.start()].strip(" ,and"):
            found[-1] += minutes
        else:
            found.append(minutes)
        end = part.end()
    return found or [60.0 * int(clock[1]) + int(clock[2]) for clock in _CLOCKED.finditer(text)]


def moments(text: str) -> list[float]:
    """Days: dates and times of day, and how long ago; a date and the time behind it are one."""
    found: list[float] = []
    dated = False
    for token in tokens(text):
        if token.kind == "date" and token.readings:
            year, month, day = token.readings[0]
            found.append(float(date(year or 2000, month, min(day, 28)).toordinal() + max(0, day - 28)))
        elif token.kind == "time" and token.readings:
            hour, minute, second = token.readings[0]
            part = (hour * 3600 + minute * 60 + second) / 86400
            if dated:
                found[-1] += part
            else:
                found.append(part)
        dated = token.kind == "date"
    return found or [-int(ago[1]) * _days(ago[2].lower()) for ago in _AGO.finditer(text)]


def _days(unit: str) -> float:
    return _AGO_DAYS["mo" if unit.startswith("mo") else unit[0]]


KINDS: dict[str, Callable[[str], list[float]]] = {"money": money, "number": numbers, "duration": durations, "moment": moments}
"""Kind of quantity → the quantities of that kind in a text, in order."""
