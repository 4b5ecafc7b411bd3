"""Texts that say the same, and texts that only look as if they did."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_agent.compare import equal, found, glob, pattern, same, shows
from operator_agent.errors import UsageError
from operator_agent.written import amounts, normal, tokens


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Thank  you", "thank you\n", True),
        ("“Latte” – large", '"latte" - large', True),
        ("it’s", "it's", True),
        ("zero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen", True),
        ("Straße", "STRASSE", True),
        ("ﬁne №５", "fine No5", True),
        ("大杯 拿铁", "大杯拿铁", True),
        ("latte", "lattes", False),
        ("", " ", True),
        ("", "x", False),
        ("1,234.50", "1.234,50", True),
        ("1 234,5", "1234.5", True),
        ("1\u202f234", "1234", True),
        ("1 234", "1234", True),
        ("1,234", "1234", True),
        ("1'234'567", "1,234,567", True),
        ("1,00,000.50", "100000.5", True),
        ("1.234", "1234", False),
        ("1.234", "1.2340", False),
        ("0.125", ".125", False),
        ("4.50", "4.5", True),
        ("4.50", "45.0", False),
        ("-5", "−5", True),
        ("-5", "5", False),
        ("007", "7", False),
        ("1.2.3", "1.23", False),
        ("٣", "3", True),
        ("€ 4.50", "4,50 €", True),
        ("EUR 4.50", "€4.5", True),
        ("4.5", "$4.50", True),
        ("€4.5", "$4.5", False),
        ("US$ 3", "$3", True),
        ("US$ 3", "CAD 3", False),
        ("¥30", "30元", True),
        ("€ 1.234", "€ 1,234.00", True),
        ("-€ 4", "€ -4", True),
        ("2026-03-03", "3 March 2026", True),
        ("2026-03-03", "March 3rd, 2026", True),
        ("2026-03-03", "3. März 2026", True),
        ("2026-03-03", "2026年3月3日", True),
        ("2026-03-03", "03.03.2026", True),
        ("03/03/2026", "2026-03-03", True),
        ("March 3rd", "2026-03-03", True),
        ("March 3rd, 2025", "2026-03-03", False),
        ("03/04/2026", "2026-04-03", False),
        ("03/04/2026", "04/03/2026", False),
        ("03/04/2026", "3/4/2026", True),
        ("13/04/2026", "2026-04-13", True),
        ("30 February 2026", "2026-02-30", False),
        ("8:30", "08:30", True),
        ("8.30 am", "8:30", True),
        ("8:30 pm", "20:30", True),
        ("12 am", "0:00", True),
        ("8:30", "8:30 pm", False),
        ("15h30", "15:30:00", True),
        ("2 × latte", "2×latte", True),
    ],
)
def test_same(one: str, other: str, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


@pytest.mark.parametrize(
    ("wanted", "text", "shown"),
    [
        ("1 item", "Basket: 1 item", True),
        ("1 item", "Basket: 11 items", False),
        ("1 item", "1 items", False),
        ("2 × latte", "2 × latte, large", True),
        ("latte", "flat-latte", True),
        ("latte", "lattes", False),
        ("大杯", "您的大杯拿铁", True),
        ("2杯", "12杯", False),
        ("杯2", "杯20", False),
        ("커피", "커피를 주세요", True),
        ("€ 4", "€ 4.50", False),
        ("50", "4.50", False),
        ("8", "8:30", False),
        ("5", "-5", False),
        ("€ 5", "-€ 5.00", False),
        ("3", "3.5kg", False),
        ("order 12", "order 12a", False),
        ("Total 9.00", "Total € 9.00", True),
        ("Total € 9", "your total 9,00 € today", True),
        ("2026-03-03", "Delivered on 3 March 2026.", True),
        ("March 2026", "3 March 2026", True),
        ("", "anything", False),
        ("/Order \\d+/", "Your Order  12 is ready", True),
        ("/order \\d+/", "Your Order 12", False),
        ("/(?i)order/", "Your Order 12", True),
    ],
)
def test_shows(wanted: str, text: str, shown: bool) -> None:
    assert shows(wanted, text) is shown


@pytest.mark.parametrize(
    ("wanted", "seen", "fits"),
    [
        ("/orders/*", "/orders/1/x", True),
        ("/orders", "/orders/", False),
        ("*.pdf", "a.pdf", True),
        ("a?b", "axb", False),
        ("A", "a", False),
    ],
)
def test_glob(wanted: str, seen: str, fits: bool) -> None:
    assert glob(wanted, seen) is fits


def test_data_is_no_expression() -> None:
    assert same("/a/", "cat")
    assert not equal("/a/", "cat")
    assert equal("/A/", "/a/")


def test_a_bad_expression_says_so() -> None:
    with pytest.raises(UsageError, match="not a regular expression"):
        pattern("/(/")
    assert not found("/^b/", "ab")


def test_amounts_are_those_with_a_currency() -> None:
    assert [(token.readings[0], sorted(token.currencies)) for token in amounts("2 × latte € 4.50, 9 in all, CHF 3")] == [
        (Decimal("4.50"), ["EUR"]),
        (Decimal("3"), ["CHF"]),
    ]


TEXTS = st.text(max_size=40) | st.text("0123456789.,:-/ '€$ap年月日元大 ", max_size=20)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_normal_is_settled_and_every_text_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert equal(text, text)
    assert equal(text, f"  {text}\n")


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_same_is_symmetric(one: str, other: str) -> None:
    assert equal(one, other) == equal(other, one)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_tokens_lose_nothing_but_space(text: str) -> None:
    cut = "".join(token.text for token in tokens(text)).replace(" ", "")
    assert len(cut) >= len(normal(text).replace(" ", "")) - 1


@settings(max_examples=200, deadline=None)
@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_amounts_are_equal_exactly_when_their_values_are(one: Decimal, other: Decimal) -> None:
    english, german = f"€ {one:,.2f}", f"{other:,.2f} €".translate(str.maketrans(",.", ".,"))
    assert same(english, german) is (one == other)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 9999), st.integers(0, 9999))
def test_a_number_is_shown_only_as_itself(wanted: int, shown: int) -> None:
    assert shows(f"{wanted} items", f"you have {shown} items now") is (wanted == shown)


@settings(max_examples=100, deadline=None)
@given(st.dates(min_value=datetime.date(1000, 1, 1), max_value=datetime.date(2999, 12, 31)))
def test_dates_written_out_are_the_iso_date(day: datetime.date) -> None:
    assert same(day.isoformat(), f"{day.day} {day:%B} {day.year}")
    assert same(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")


@pytest.mark.speed
def test_a_large_page_is_searched_quickly() -> None:
    text = "\n".join(f"Drink number {i} costs € {i}.50" for i in range(5000))
    began = time.perf_counter()
    assert not shows("Thank you for your order", text)
    assert time.perf_counter() - began < 0.05
    assert shows("costs € 4999.50", text)
