"""What the crafts for apps read and hear, without a browser: sums, quantities, conditions, values, and any words at all."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operator_agent.flow.action import describe
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Refusal
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps import apps
from operator_agent.planner.crafts.apps.arithmetic import is_sum, worked_out
from operator_agent.planner.crafts.apps.conditions import condition_of, shown_number
from operator_agent.planner.crafts.apps.quantities import durations, moments, money
from operator_agent.planner.crafts.apps.values import Unclear, Value, means_a_value, value_of
from operator_agent.planner.crafts.apps.wording import patterns, vocabulary
from tests.aria import observe

_MOST = 0.1  # seconds of CPU for an instruction, its first reading of the word lists apart

SHEET = observe("""
    - heading "People"
    - table:
      - row:
        - columnheader "Person"
        - columnheader "Phone"
      - row:
        - cell "Bob"
        - cell "555-1"
      - row:
        - cell "Amy"
        - cell "555-2"
    - paragraph: Velit, porttitor felis.
    - generic: Weight: 12 kg
    - generic: 3 + 4 =
    - textbox "Answer"
""")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 + 4 =", "7"), ("12 divided by 5", "2.4"), ("2x - 4 = 10", "7"), ("5 + ? = 12", "7"), ("9 - x = 4", "5"),
        ("3 x 4 = ?", "12"), ("2 × (3 + 1)", "8"), ("7 / 3", "2.33"), ("-3 * -2", "6"), ("2^10", "1024"),
        ("3x + 2 = 2x + 9", "7"),
    ],
)  # fmt: skip
def test_sums_are_worked_out(text: str, value: str) -> None:
    assert worked_out(text) == value
    assert is_sum(text)


NO_SUMS = ["", "hello", "1 / 0", "x * x = 4", "(((1", "x + y = 3", "x - 3", "9^9^9", "10/12/2016", "2 +", "7"]


@pytest.mark.parametrize("text", NO_SUMS)
def test_what_is_no_sum_is_not_worked_out_as_one(text: str) -> None:
    assert not is_sum(text)


def test_quantities_are_read_in_one_measure() -> None:
    assert durations("13h 42m") == durations("13:42") == [822.0]
    assert durations("1 hr 5 min, then 20 min") == [65.0, 20.0]
    assert money("from € 1,200.50") == [1200.5]
    assert moments("2016-10-12 3:05 PM")[0] < moments("2016-10-12 17:00")[0] < moments("2016-10-13")[0]
    assert moments("3 days ago")[0] < moments("5h ago")[0]


@pytest.mark.parametrize(
    ("words", "yes", "no"),
    [
        ("less than 5", 4, 5), ("an odd number", 7, 8), ("greater than 10", 11, 10), ("between 3 and 6", 6, 7),
        ("at least 5", 5, 4),
        ("数字大于10", 11, 10), ("an even number less than 4", 2, 6), ("a prime number", 13, 15),
        ("the price is below $40.10", 40, 40.1),
        ("negative", -1, 1),
    ],
)  # fmt: skip
def test_conditions_hold_and_do_not(words: str, yes: float, no: float) -> None:
    condition = condition_of(words)
    assert condition is not None
    assert condition.holds(yes)
    assert not condition.holds(no)


def test_a_condition_is_about_what_it_names() -> None:
    page = Page(observe("- generic: Company 77\n- generic: Stock price: $40.50\n- generic: Volume: 12"))
    assert (condition_of("the stock price is below 41") or pytest.fail()).subject == "stock price"
    assert shown_number("stock price", page) == 40.5
    assert shown_number("", page) is None  # three numbers: none of them is meant


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("the phone of Amy", "555-2"), ("Bob's phone", "555-1"), ("the value of Weight", "12 kg"),
        ("the 2nd word in the paragraph", "porttitor"),
        ("the last word of the paragraph in uppercase", "FELIS"), ("the answer to the math problem", "7"),
        ("the sum of 3 and 9", "12"),
        ("the first letter of the paragraph", "V"), ("the number of rows", "3"),
    ],
)  # fmt: skip
def test_values_of_a_page(words: str, value: str) -> None:
    found = value_of(words, Page(SHEET), {})
    assert isinstance(found, Value)
    assert found.text == value


def test_a_value_that_is_not_shown_is_not_made_up() -> None:
    assert isinstance(value_of("the value of Height", Page(SHEET), {}), Unclear)
    assert isinstance(value_of("the 9th word in the paragraph", Page(SHEET), {}), Unclear)
    assert value_of("Ada Lovelace", Page(SHEET), {}) is None
    assert not means_a_value('"the last word"')  # quoted, it is what to type


def _heard(words: str, page: Observation) -> list[str]:
    found: list[str] = []
    for craft in apps():
        if craft.hears(words):
            offered = craft.propose(Asked(words, Page(page), {}, {}))
            if isinstance(offered, Proposal):
                found += [describe(step.action) for step in offered.steps]
            else:
                assert offered is None or isinstance(offered, Refusal)
    return found


@pytest.mark.parametrize(
    "words",
    ["press Save and Continue", "type Ada into Name and press Send", "order a large oat latte", "tick Terms", "choose Oslo in City",
     "set the volume to 7", 'type "the last word" into Answer', "go back", "delete Bob"],
)  # fmt: skip
def test_ordinary_instructions_are_left_to_the_grammar(words: str) -> None:
    assert _heard(words, SHEET) == []


def test_every_pattern_can_be_read() -> None:
    for kind in vocabulary()["says"]:
        assert patterns(kind)


WORDS = st.sampled_from(
    r"""find the email by with in and or of to click press on for 1st 2 @x 'a' "b , . : all each post until when is less than
    type into value submit then reply text order items that are guess number between 5 cheapest book
    from Bob's 3 x = 在 点击 ｘ {a} ( ) [ \ ] |""".split()
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=300))
def test_any_words_are_heard_quickly_or_not_at_all(words: str) -> None:
    _heard("find the phone of Bob", SHEET)  # the word lists are read once
    began = process_time()
    for craft in apps():
        craft.hears(words)
    assert process_time() - began < _MOST
    _heard(words, SHEET)
