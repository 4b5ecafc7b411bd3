"""What customers may write into the forms, and the shop's own data."""

from __future__ import annotations

import pytest

from operator_agent.demo.menu import DRINKS, MENU, SIZES, drink_named
from operator_agent.demo.order import Line, read_card, read_pickup
from operator_agent.demo.words import WORDS, euros, language


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", "as soon as possible"),
        ("As soon as possible", "as soon as possible"),
        ("ASAP", "as soon as possible"),
        ("尽快", "as soon as possible"),
        ("15:20", "15:20"),
        ("8:05", "08:05"),
        ("3.20 pm", "15:20"),
        ("3pm", "15:00"),
        ("12:30 am", "00:30"),
        ("12 p.m.", "12:00"),
        ("00:00", "00:00"),
        ("24:00", None),
        ("12:60", None),
        ("13 pm", None),
        ("7", None),
        ("later", None),
    ],
)
def test_a_pickup_time(typed: str, meant: str | None) -> None:
    assert read_pickup(typed) == meant


@pytest.mark.parametrize(
    ("number", "expiry", "code", "wrong"),
    [
        ("4242 4242 4242 4242", "12/34", "123", set()),
        ("5555-5555-5555-4444", "01 / 30", "1234", set()),
        ("4242 4242 4242 4243", "13/30", "12", {"card_number", "card_expiry", "card_code"}),
        ("", "", "", {"card_number", "card_expiry", "card_code"}),
    ],
)
def test_a_card(number: str, expiry: str, code: str, wrong: set[str]) -> None:
    form = {"payment": "card", "card_number": number, "card_expiry": expiry, "card_code": code}
    assert set(read_card(form)) == wrong
    assert read_card(form | {"payment": "counter"}) == {}


def test_a_line_costs_what_the_menu_says() -> None:
    assert Line.of("flat-white", "large", "oat", 3) == Line("flat white", "large", "oat", 3, 1410)
    with pytest.raises(KeyError):
        Line.of("mud", "large", "oat", 3)


def test_the_menu_is_complete() -> None:
    assert {drink.name for drink in DRINKS} > {drink.name for drink in MENU} > {"espresso", "latte", "hot chocolate"}
    for drink in DRINKS:
        assert drink_named(drink.slug) is drink_named(drink.name) is drink
        assert list(drink.cents) == sorted(drink.cents) and len(drink.cents) == len(SIZES)
        assert drink.zh and drink.about_zh


def test_both_languages_say_everything() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    assert all(WORDS["zh"].values())


@pytest.mark.parametrize(
    ("chosen", "remembered", "accepted", "spoken"),
    [
        (None, None, "", "en"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "de, zh;q=0.4, en;q=0.7", "en"),
        (None, None, "de;q=x, fr", "en"),
        (None, "zh", "en", "zh"),
        ("en", "zh", "zh", "en"),
        ("xx", None, "zh", "zh"),
    ],
)
def test_the_language_a_visitor_gets(chosen: str | None, remembered: str | None, accepted: str, spoken: str) -> None:
    assert language(chosen, remembered, accepted) == spoken


def test_money_is_written_with_two_places() -> None:
    assert (euros(5), euros(960), euros(12345)) == ("€0.05", "€9.60", "€123.45")
