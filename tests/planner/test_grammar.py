"""Clauses and their readings."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operator_agent.grounding.pattern import compiled, match
from operator_agent.grounding.phrase import readings
from operator_agent.grounding.tokens import said, tokens
from operator_agent.planner.grammar import LONGEST, clauses, is_address, key_name, said_in, verbs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("press Save, then press Send; go back. Press A\npress B", ["press Save", "press Send", "go back", "Press A", "press B"]),
        ("type Doe, John into Name", ["type Doe, John into Name"]),
        ("type 'a, then press b' into Name", ["type 'a, then press b' into Name"]),
        ("type “press Save and press Send” into Note and press Go", ["type “press Save and press Send” into Note", "press Go"]),
        ("press Don't save and press Bob's", ["press Don't save", "press Bob's"]),
        ("press Pay 1,234.50 now", ["press Pay 1,234.50 now"]),
        ("- press A\n* press B\n• press C", ["press A", "press B", "press C"]),
        ("1、点击甲\n2、点击乙", ["点击甲", "点击乙"]),
        ("点击甲，然后点击乙。再点击丙", ["点击甲", "点击乙", "点击丙"]),
        ("Please, press Save, please", ["press Save"]),
        ("first press A, next press B and finally press C", ["press A", "press B", "press C"]),
    ],
)
def test_where_clauses_part(text: str, expected: list[str]) -> None:
    assert [clause.words for clause in clauses(text)] == expected


@pytest.mark.parametrize(
    ("text", "verb", "slots"),
    [
        ("type Ada into Name", "fill", {"text": "Ada", "target": "Name"}),
        ("type a letter to Bob into Message", "fill", {"text": "a letter to Bob", "target": "Message"}),
        ('write "a new page"', "type", {"quoted": "a new page"}),
        ("put 3 in Quantity", "fill", {"text": "3", "target": "Quantity"}),
        ("fill out Name with 'Tea with milk'", "fill", {"target": "Name", "text": "Tea with milk"}),
        ("Name: Ada", "set", {"target": "Name", "text": "Ada"}),
        ("press the Enter key", "press_key", {"keys": "Enter"}),
        ("hit ctrl+s key", "press_key", {"keys": "ctrl+s"}),
        ("check out", "named", {"name": "check out"}),
        ("check the box", "check", {"target": "the box"}),
        ("check that it says Done", "expect", {"thing": "Done"}),
        ("scroll down in the list", "scroll", {"direction": "down", "target": "the list"}),
        ("search Help for printer", "search", {"target": "Help", "text": "printer"}),
        ("wait until Loading is gone", "wait_gone", {"thing": "Loading"}),
        ("go to the previous page", "back", {}),
        ("close the tab", "close_tab", {}),
        ("close the Cookies dialog", "close", {"target": "the Cookies dialog"}),
        ("在「姓名」里输入张三", "fill", {"target": "姓名", "text": "张三"}),
        ("把张三输入到姓名里", "fill", {"text": "张三", "target": "姓名"}),
        ("从城市中选择上海", "choose", {"target": "城市", "option": "上海"}),
        ("把「卡片」拖到「完成」", "drag", {"target": "卡片", "to": "完成"}),
        ("向下滚动", "scroll", {"direction": "下"}),
    ],
)
def test_the_likeliest_reading(text: str, verb: str, slots: dict[str, str]) -> None:
    (clause,) = clauses(text)
    reading = clause.readings[0]
    assert reading.verb == verb
    assert {name: slot.text for name, slot in reading.slots.items()} == slots


def test_two_ways_to_read_are_both_kept() -> None:
    (clause,) = clauses("type tea in the pot in Note")
    assert {reading.text("target") for reading in clause.readings} == {"the pot in Note", "Note"}


@pytest.mark.parametrize(
    "text",
    [
        "type Ada into First name and not into Last name",
        "type Ada into First name, not into Last name",
        "在姓名里输入小明，不要点击提交",
        "choose Yes for Newsletter, not No",
    ],
)
def test_what_is_denied_is_neither_done_nor_dropped(text: str) -> None:
    (clause,) = clauses(text)
    assert clause.readings == ()


def test_writing_something_new_is_no_typing_where_the_cursor_stands() -> None:
    (clause,) = clauses('Write a new tiddler "Bread" that says "Flour, water, salt and time." and tag it recipe.')
    assert "type" not in {reading.verb for reading in clause.readings}


def test_a_denial_in_the_text_to_type_is_text() -> None:
    (clause,) = clauses("type salt and not pepper into Note")
    assert clause.readings[0].text("text") == "salt and not pepper"


def test_a_list_can_be_one_name_or_several() -> None:
    (clause,) = clauses("tick Terms and Newsletter")
    assert clause.readings[0].text("target") == "Terms and Newsletter"
    assert [part.readings[0].text("target") for part in clause.parts] == ["Terms", "Newsletter"]


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("https://a.example/x", True),
        ("shop.example", True),
        ("localhost:8080", True),
        ("127.0.0.1:80/x", True),
        ("/orders", True),
        ("about:blank", True),
        ("Menu", False),
        ("invoice.pdf of May", False),
        ("3.50", False),
        ("v1.", False),
        ("", False),
    ],
)
def test_what_is_an_address(text: str, yes: bool) -> None:
    assert is_address(text) is yes


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("enter", "Enter"),
        ("Ctrl+A", "Control+A"),
        ("ctrl + shift + t", "Control+Shift+T"),
        ("F5", "F5"),
        ("page down", "PageDown"),
        ("回车", "Enter"),
        ("+", "+"),
        ("Save", None),
        ("F13x", None),
        ("a b", None),
    ],
)
def test_keys(text: str, key: str | None) -> None:
    assert key_name(said_in(text, tokens(text))) == key


def test_every_pattern_compiles_and_every_verb_has_one() -> None:
    for verb, pattern in verbs().says:
        assert compiled(pattern), verb
    assert {verb for verb, _ in verbs().forms} <= {verb for verb, _ in verbs().says}


@pytest.mark.parametrize("pattern", ["(a|b", "a]", "[a", "a)"])
def test_brackets_must_pair(pattern: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        compiled(pattern)


def test_a_pattern_gives_every_way_to_match() -> None:
    words = tokens("put a in b in c")
    found = [
        tuple(said("put a in b in c", words[slice(*slots[name])]) for name in ("x", "y"))
        for slots in match("put {x} in {y}", words)
    ]
    assert found == [("a", "b in c"), ("a in b", "c")]


_WORDS = [
    "press",
    "type",
    "into",
    "in",
    "and",
    "then",
    ",",
    ".",
    "the",
    "of",
    "row",
    "choose",
    "with",
    "Name",
    '"',
    "'",
    "「",
    "」",
]
_WORDS += [
    "点击",
    "输入",
    "在",
    "的",
    "里",
    "to",
    "set",
    ":",
    "open",
    "drag",
    "\n",
    "1.",
    "x.y",
    "next to",
    "second",
    "button",
    "wait for",
]
INSTRUCTIONS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(_WORDS), max_size=60).map(" ".join))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(INSTRUCTIONS)
def test_any_text_is_read_without_fail_and_at_once(text: str) -> None:
    verbs()
    began = time.process_time()
    found = clauses(text)
    assert time.process_time() - began < 0.5  # measured at most 0.1 s; the bound leaves room for a busy machine
    assert all(text[clause.start : clause.end] for clause in found if clause.readings)
    readings(text[:200])


@pytest.mark.speed
@pytest.mark.parametrize(
    "unit", ["press ", "type a into ", "a, ", "and ", "点击", "in the row of ", '"', "drag a to b to ", "(", "x\n", "set : to "]
)
def test_the_longest_instruction_is_read_in_time(unit: str) -> None:
    text = (unit * LONGEST)[:LONGEST]
    clauses("press Save")
    began = time.process_time()
    clauses(text)
    readings(text)
    assert time.process_time() - began < 2.0
