"""Numbers and clock times as people say them."""

from __future__ import annotations

from datetime import datetime

import pytest

from operator_agent.planner.lexicon import load
from operator_agent.planner.numbers import read_number
from operator_agent.planner.times import SOON, read_times
from operator_agent.planner.tokens import tidy, tokenise

NOON = datetime(2026, 1, 15, 12, 0)


def times(text: str) -> list[str]:
    return [moment.value for moment in read_times(tokenise(tidy(text)), load(), NOON)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("at half past eight", "08:30"),
        ("8:30", "08:30"),
        ("08:30", "08:30"),
        ("8.30 am", "08:30"),
        ("at 8.30", "08:30"),
        ("quarter to nine", "08:45"),
        ("a quarter past 10", "10:15"),
        ("ten past four", "16:10"),
        ("twenty to five", "16:40"),
        ("five minutes to nine", "08:55"),
        ("at half eight", "08:30"),
        ("for eight thirty", "08:30"),
        ("at eight oh five", "08:05"),
        ("8am", "08:00"),
        ("8 a.m.", "08:00"),
        ("8 pm", "20:00"),
        ("at nine", "09:00"),
        ("at three", "15:00"),
        ("at 3 in the morning", "03:00"),
        ("eight in the evening", "20:00"),
        ("ten o'clock", "10:00"),
        ("at ten o'clock", "10:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("17:45", "17:45"),
        ("in 20 minutes", "12:20"),
        ("in half an hour", "12:30"),
        ("in an hour and a half", "13:30"),
        ("ten minutes from now", "12:10"),
        ("asap", SOON),
        ("as soon as possible", SOON),
        ("八点半", "08:30"),
        ("早上八点十五", "08:15"),
        ("下午三点", "15:00"),
        ("下午三点一刻", "15:15"),
        ("晚上8点20分", "20:20"),
        ("二十分钟后", "12:20"),
        ("半小时后", "12:30"),
        ("中午", "12:00"),
        ("尽快", SOON),
        ("25:70", ""),
        ("13 am", ""),
    ],
)
def test_a_time(said: str, meant: str) -> None:
    assert times(said) == [meant]


@pytest.mark.parametrize("said", ["two lattes", "a half", "for two", "20 minutes", "five", "half a dozen", "1.50", "二十分钟"])
def test_no_time(said: str) -> None:
    assert times(said) == []


@pytest.mark.parametrize(
    ("said", "meant", "tokens"),
    [
        ("two hundred and five lattes", 205, 4),
        ("twenty-one", 21, 2),
        ("twenty one", 21, 2),
        ("half a dozen", 6, 3),
        ("two dozen", 24, 2),
        ("a couple of", 2, 3),
        ("1,000", 1000, 1),
        ("1.5", 1.5, 1),
        ("-1", -1, 1),
        ("2 hundred", 200, 2),
        ("zero", 0, 1),
        ("十二杯", 12, 2),
        ("二十一", 21, 3),
        ("两百", 200, 2),
        ("一千零五", 1005, 4),
        ("半打", 6, 2),
        ("one two", 1, 1),
    ],
)
def test_a_number(said: str, meant: float, tokens: int) -> None:
    assert read_number(tokenise(tidy(said)), 0, load()) == (meant, tokens)


def test_offsets_are_those_of_the_tidied_text() -> None:
    text = tidy("Ｔwo “flat-whites” for Jean-Luc’s　friend 🙂 两杯")
    for token in tokenise(text):
        assert text[token.start : token.end] == token.raw
