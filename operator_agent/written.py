"""Numbers, amounts of money, dates and times as people and pages write them, read out of text.

`tokens` cuts text into words, signs and such values. A value keeps every reading its spelling allows, in a fixed
order, so that what is doubtful (03/04/2026, 1.234) equals only the same doubt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

_UNIFIED = (
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033«»", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-")
    | dict.fromkeys(map(chr, (0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F))), "")
    | dict.fromkeys(map(chr, range(0x2060, 0x2070)), "")
)
"""Quotes and dashes in one form each; what takes no room (soft hyphen, joiners, direction marks) removed."""
_UNIFIABLE = re.compile(f"[{''.join(map(re.escape, _UNIFIED))}]")
_LARGE = 4_000
"""Characters above which a text is a page: a few are remembered, not hundreds."""


def normal(text: str) -> str:
    """`text` up to letter case, white space, Unicode form, kinds of quotes and dashes, and invisible characters."""
    return _normal_page(text) if len(text) > _LARGE else _normal(text)


def _normal(text: str) -> str:
    if text.isascii():
        return " ".join(text.split()).lower().replace("`", "'")
    folded = unicodedata.normalize("NFKC", _unified(text)).casefold()
    return " ".join(_unified(unicodedata.normalize("NFKC", folded)).split())


_normal_page = lru_cache(maxsize=4)(_normal)


def _unified(text: str) -> str:
    # Almost no character needs it, so finding them beats translating each.
    return _UNIFIABLE.sub(lambda found: _UNIFIED[found[0]], text)


class Token(NamedTuple):
    """A piece of text and what it can mean."""

    kind: Literal["word", "sign", "number", "money", "date", "time"]
    text: str
    readings: tuple[Any, ...] = ()
    """Decimals for number and money, (year or 0, month, day) for a date, (hour, minute, second) for a time; else empty."""
    currencies: frozenset[str] = frozenset()

    def agrees(self, other: Token) -> bool:
        """Whether both mean the same. A number agrees with an amount, a day without a year with that day of any year."""
        if not self.readings or not other.readings:
            return self.kind == other.kind and self.text == other.text
        if {self.kind, other.kind} <= {"number", "money"}:
            one_currency = not self.currencies or not other.currencies or bool(self.currencies & other.currencies)
            return one_currency and self.readings == other.readings
        if self.kind != other.kind or len(self.readings) != len(other.readings):
            return False
        return all(
            mine == its or (self.kind == "date" and _same_day(mine, its))
            for mine, its in zip(self.readings, other.readings, strict=True)
        )


def tokens(text: str) -> tuple[Token, ...]:
    """`text` cut up; scripts written without spaces give one word per character."""
    text = _unspaced(text)
    return _page_tokens(text) if len(text) > _LARGE else _some_tokens(text)


def first_token(text: str) -> Token | None:
    """The first of `tokens(text)`, without reading the rest."""
    return next(_each(_unspaced(text)), None)


def amounts(text: str) -> tuple[Token, ...]:
    """The amounts of money in `text`, in order; only those written with a currency."""
    return tuple(token for token in tokens(text) if token.kind == "money")


def is_letter(char: str) -> bool:
    """Whether a character joins the letters around it to one word: `[^\\W{SPACELESS}]` without compiling that."""
    return (char.isalnum() or char == "_") and not any(low <= char <= high for low, high in _SPACELESS)


# Scripts written without spaces between words, and Hangul, whose particles are attached to the word.
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACELESS = tuple(zip(SPACELESS[::3], SPACELESS[2::3], strict=True))

_MONEY = """
EUR € eur euro euros; GBP £ gbp; USD $ usd us$; AUD $ a$ aud; CAD $ c$ cad; HKD $ hk$ hkd; NZD $ nz$ nzd; SGD $ s$ sgd;
TWD $ nt$ twd; MXN $ mxn; BRL r$ brl; CNY ¥ cny rmb 元 块; JPY ¥ jpy 円; CHF chf fr.; INR ₹ inr; KRW ₩ krw 원; RUB ₽ rub;
TRY ₺; ILS ₪ ils; PLN zł pln; CZK kč czk; HUF huf; SEK kr sek; NOK kr nok; DKK kr dkk; ISK kr isk; THB ฿ thb; VND ₫ vnd;
UAH ₴ uah; ZAR zar; AED aed; BTC btc
"""
"""ISO 4217 code and how it is written, case folded. A sign that several share may mean each of them."""
_SPELLINGS = {code: spellings for code, *spellings in map(str.split, _MONEY.split(";"))}
_CURRENCIES = {
    coin: frozenset(code for code, others in _SPELLINGS.items() if coin in others)
    for coins in _SPELLINGS.values()
    for coin in coins
}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier janv enero",
            "february feb februar février févr febrero",
            "march mar märz mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre déc diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
"""English, German, French, Spanish; case folded."""


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_AMOUNT = r"(?P<n>[0-9]{1,3}(?: [0-9]{3})+[.,][0-9]+|[0-9]+(?:[.,'][0-9]+)*)"
_COIN = rf"(?P<coin>{_either(_CURRENCIES)})"
_MONTH = rf"(?P<month>{_either(_MONTHS)})"
_DAY = r"(?P<day>[0-3]?[0-9])"
_YEAR = r"(?P<year>[12][0-9]{3})"

_GROUP_SPACE = re.compile(r"(?<=[0-9])[\u00a0\u2007\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_WHOLE_GROUPED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+\Z")
_BEGINS = frozenset("-0123456789") | {word[0] for word in (*_MONTHS, *_CURRENCIES)}
"""What a value begins with."""


def _unspaced(text: str) -> str:
    """Normalised, the groups of a number kept together: collapsing white space would lose which space does."""
    return normal(text if text.isascii() else _GROUP_SPACE.sub("'", _ascii_digits(text)))


def _each(text: str) -> Iterator[Token]:
    """Of normalised text. Value patterns are tried only where a value can begin: most text is words."""
    if _WHOLE_GROUPED.match(text):
        yield Token("number", text, (Decimal(text.replace(" ", "")),))
        return
    apart = "" if text.isascii() or not _any_spaceless().search(text) else SPACELESS
    word = _word(apart)
    at, end = 0, len(text)
    while at < end:
        if text[at] == " ":
            at += 1
            continue
        token = _value_at(text, at, word, apart) or _plain_at(text, at, word)
        yield token
        at += len(token.text)


def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(_each(text))


_some_tokens = lru_cache(maxsize=512)(_tokens)
_page_tokens = lru_cache(maxsize=2)(_tokens)


def _plain_at(text: str, at: int, words: re.Pattern[str]) -> Token:
    word = words.match(text, at)
    if word:
        return Token("word", word[0])
    return Token("word" if text[at].isalnum() else "sign", text[at])


def _value_at(text: str, at: int, words: re.Pattern[str], apart: str) -> Token | None:
    char = text[at]
    if char not in _BEGINS:
        return None
    if char.isascii() and char.isalpha():
        word = words.match(text, at)
        if word and word[0] not in _MONTHS and word[0] not in _CURRENCIES and text[word.end() : word.end() + 1] not in ("$", "."):
            return None
    elif char == "-" and at and text[at - 1] not in " (":
        return None
    for pattern, reader in _readers(apart):
        if (match := pattern.match(text, at)) and (token := reader(match)):
            return token
    return None


def _year_first(match: re.Match[str]) -> Token | None:
    return _date(match, (_day(match),))


def _named_month(match: re.Match[str]) -> Token | None:
    year = int(match["year"] or 0)
    return _date(match, (_checked(year, _MONTHS[match["month"]], int(match["day"])),))


def _day_and_month(match: re.Match[str]) -> Token | None:
    """Written 3/4/2026: day first and month first, where both exist and differ; with dots it is always day first."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["year"])
    ways = [_checked(year, second, first)]
    if match["sep"] != "." and first != second:
        ways.append(_checked(year, first, second))
    return _date(match, tuple(way for way in ways if way))


def _day(match: re.Match[str]) -> tuple[int, int, int] | None:
    return _checked(int(match["year"] or 0), int(match["m"]), int(match["day"]))


def _date(match: re.Match[str], ways: tuple[tuple[int, int, int] | None, ...]) -> Token | None:
    return Token("date", match[0], ways) if ways and all(ways) else None


def _checked(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return None
    return year, month, day


def _time(match: re.Match[str]) -> Token | None:
    hour, minute, second = int(match["h"]), int(match["min"] or 0), int(match["sec"] or 0)
    half = match["half"]
    if hour > (12 if half else 23) or (half and hour == 0):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return Token("time", match[0], ((hour, minute, second),))


def _money(match: re.Match[str]) -> Token | None:
    values = _readings(match["n"])
    if not values:
        return None
    # Three digits after a point are thousands where money is meant: hardly any currency has thousandths.
    value = -values[-1] if "-" in match[0] else values[-1]
    return Token("money", match[0], (value,), _CURRENCIES[match["coin"]])


def _number(match: re.Match[str]) -> Token | None:
    values = _readings(match["n"])
    glued = match.string[match.end() : match.end() + 1]
    # "12a" is a name, "3.5kg" a number and its unit.
    if not values or (glued and is_letter(glued) and match["n"].isdigit()):
        return None
    return Token("number", match[0], tuple(-value for value in values) if match[0][0] == "-" else values)


# Compiled when first needed, and, for text that has none of the scripts to keep `apart` (most of it), without their characters:
# compiling these takes longer than most runs read.
@cache
def _any_spaceless() -> re.Pattern[str]:
    return re.compile(f"[{SPACELESS}]")


@cache
def _word(apart: str) -> re.Pattern[str]:
    return re.compile(rf"[^\W{apart}]+(?:'[^\W\d{apart}]+)*")


@cache
def _readers(apart: str) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Token | None]], ...]:
    """What is tried at each place, in order."""
    ends = rf"(?![^\W{apart}])"
    return (
        (re.compile(rf"{_YEAR}(?P<sep>[-/.])(?P<m>[01]?[0-9])(?P=sep){_DAY}(?![0-9a-su-z])"), _year_first),
        (re.compile(rf"(?:{_YEAR} ?年 ?)?(?P<m>[01]?[0-9]) ?月 ?{_DAY} ?[日号]"), _year_first),
        (re.compile(rf"(?P<a>[0-3]?[0-9])(?P<sep>[-/.])(?P<b>[0-3]?[0-9])(?P=sep){_YEAR}{ends}"), _day_and_month),
        (re.compile(rf"{_DAY}(?:st|nd|rd|th|\.)? ?(?:of |de )?{_MONTH}\b\.?(?:,? (?:de )?{_YEAR}{ends})?"), _named_month),
        (re.compile(rf"{_MONTH}\b\.? {_DAY}(?:st|nd|rd|th)?{ends}(?:,? {_YEAR}{ends})?"), _named_month),
        (
            re.compile(
                r"(?P<h>[0-2]?[0-9])[:h](?P<min>[0-5][0-9])(?::(?P<sec>[0-5][0-9]))?(?![0-9:])"
                r"(?: ?(?P<half>[ap])\.?m\b\.?)?" + ends
            ),
            _time,
        ),
        (re.compile(r"(?P<h>[0-2]?[0-9])(?:\.(?P<min>[0-5][0-9]))?(?P<sec>) ?(?P<half>[ap])\.?m\b\.?"), _time),
        (re.compile(rf"-?{_COIN} ?-?{_AMOUNT}{ends}"), _money),
        (re.compile(rf"-?{_AMOUNT} ?{_COIN}{ends}"), _money),
        (re.compile(rf"-?{_AMOUNT}"), _number),
    )


def _readings(text: str) -> tuple[Decimal, ...]:
    """What digits with `.`, `,`, `'` or space in them can mean; empty when they are no number (007, 1.2.3)."""
    text = text.replace(" ", "'")
    head, *tails = re.split(r"[.,']", text)
    marks = re.findall(r"[.,']", text)
    if len(head) > 1 and head[0] == "0":
        return ()
    if not marks:
        return (Decimal(text),)
    whole, fraction = (head + "".join(tails[:-1]), tails[-1])
    last, others = marks[-1], marks[:-1]
    if last not in others and last != "'" and (others or len(fraction) != 3 or head == "0"):
        return (Decimal(f"{whole}.{fraction}"),) if _grouped(head, tails[:-1], others) else ()
    if not _grouped(head, tails, marks):
        return ()
    integer = Decimal(whole + fraction)
    return (Decimal(f"{whole}.{fraction}"), integer) if marks == ["."] else (integer,)


def _grouped(head: str, groups: list[str], marks: list[str]) -> bool:
    """Whether the digits stand in groups of three (or two, as in 1,00,000) under one mark."""
    if not groups:
        return True
    return len(head) <= 3 and len(set(marks)) == 1 and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups)


def _same_day(mine: tuple[int, int, int], its: tuple[int, int, int]) -> bool:
    return mine[1:] == its[1:] and 0 in (mine[0], its[0])


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() and not char.isascii() else char for char in text)
