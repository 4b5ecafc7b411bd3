"""What must hold for any command: it ends quickly with a plan, a question or a refusal; nothing said is lost."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operator_agent.flow.command import Command, Question
from operator_agent.flow.plan import Plan, Refusal
from operator_agent.planner.skill import SkillPlanner
from operator_agent.skills import find_skills

SKILLS = find_skills()
LONG = "hey could i please get two lagre oat lattes a smal espresso and 3 capuccinos with soy milk for bob at half past eight"
PLANNER = SkillPlanner(SKILLS, now=lambda: datetime(2026, 1, 15, 12, 0))
COFFEE = next(skill for skill in SKILLS if skill.name == "order a coffee")
CHOICES = {name: list(spec.one_of) for name, spec in COFFEE.inputs["items"].each.items() if spec.one_of}
WITH_MILK = [drink for drink in CHOICES["drink"] if not COFFEE.inputs["items"].each["drink"].one_of[drink].implies]
MILKS = [milk for milk in CHOICES["milk"] if milk != "none"]
WORDS = [
    "a",
    "two",
    "3",
    "large",
    "small",
    "latte",
    "lattes",
    "mocha",
    "espresso",
    "oat",
    "soy",
    "milk",
    "with",
    "and",
    ",",
    "no",
    "not",
    "wait",
    "one",
    "for",
    "Bob",
    "at",
    "half past eight",
    "8:30",
    "please",
    "both",
    "all",
    "the other",
    "or",
    "cinnamon",
    "x",
    "make that",
    "of them",
    "without",
    "一杯",
    "拿铁",
    "大杯",
    "不要",
    "我叫",
    "和",
    "?",
    "(",
    '"',
    "1.5",
    "-1",
    "dozen",
    "hundred",
    "name is",
    "in 20 minutes",
    "each",
    "instead of",
]
FILLERS = [
    "please",
    "um",
    "hey",
    "thanks",
    "could you",
    "I'd like",
    "for me",
    "just",
    "uh",
    "thank you very much",
    "can i get",
    "ok",
]
NUMBERS = {"one": 1, "two": 2, "three": 3, "seven": 7, "twelve": 12, "5": 5, "20": 20}


def outcome(text: str) -> Plan | Question | Refusal:
    return asyncio.run(PLANNER.plan(Command(text=text), {}))


def rows(text: str) -> list[dict[str, Any]]:
    found = outcome(text)
    assert isinstance(found, Plan), (text, found)
    return list(found.inputs["items"])


@given(st.lists(st.sampled_from(WORDS), max_size=25))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_words_end_in_a_plan_a_question_or_a_reason(words: list[str]) -> None:
    assert isinstance(outcome(" ".join(words)), (Plan, Question, Refusal))


@given(st.text(max_size=120))
@settings(max_examples=120, deadline=None)
def test_any_text_ends_in_a_plan_a_question_or_a_reason(text: str) -> None:
    assert isinstance(outcome(text), (Plan, Question, Refusal))


GROUP = st.tuples(
    st.sampled_from(list(NUMBERS)), st.sampled_from(CHOICES["size"]), st.sampled_from(MILKS), st.sampled_from(WITH_MILK)
)


@given(st.lists(GROUP, min_size=1, max_size=4), st.sampled_from([" and ", ", ", " plus ", " "]))
@settings(max_examples=100, deadline=None)
def test_every_number_size_and_milk_lands_in_its_own_group(groups: list[tuple[str, str, str, str]], joint: str) -> None:
    said = joint.join(f"{number} {size} {milk} {drink}" for number, size, milk, drink in groups)
    assert [(r["quantity"], r["size"], r["milk"], r["drink"]) for r in rows(said)] == [
        (NUMBERS[n], s, m, d) for n, s, m, d in groups
    ]


@given(GROUP, st.lists(st.sampled_from(FILLERS), max_size=4), st.lists(st.sampled_from(FILLERS), max_size=4))
@settings(max_examples=100, deadline=None)
def test_politeness_changes_nothing(group: tuple[str, str, str, str], before: list[str], after: list[str]) -> None:
    plain = " ".join(group)
    assert rows(" ".join([*before, plain, *after])) == rows(plain)


@given(GROUP, st.sampled_from(list(NUMBERS)), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_a_further_number_is_never_lost(group: tuple[str, str, str, str], number: str, at: int) -> None:
    words = list(group)
    words.insert(at, number)
    found = outcome(" ".join(words))
    if isinstance(found, Plan):
        said = sorted({NUMBERS[group[0]], NUMBERS[number]})
        assert sorted({row["quantity"] for row in found.inputs["items"]}) == said or len(said) == 1, (words, found.inputs)


@given(GROUP, st.sampled_from(["zorblax", "sprinkled", "matcha", "decaf", "extra hot", "抹茶"]), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_an_unknown_word_is_never_dropped(group: tuple[str, str, str, str], word: str, at: int) -> None:
    words = list(group)
    words.insert(at, word)
    assert not isinstance(outcome(" ".join(words)), Plan)


@pytest.mark.speed
def test_a_command_is_read_quickly_even_against_twenty_skills() -> None:
    many = SkillPlanner([COFFEE.model_copy(update={"name": f"skill {n}"}) for n in range(20)])
    command = Command(text=LONG)
    asyncio.run(many.plan(command, {}))
    begun = time.process_time()
    for _ in range(3):
        asyncio.run(many.plan(command, {}))
    assert (time.process_time() - begun) / 3 < 0.12, "20 skills; 30 ms on an idle machine"


@pytest.mark.speed
def test_a_long_command_takes_time_in_proportion() -> None:
    text = "a large oat latte and " * 200
    begun = time.process_time()
    outcome(text)
    assert time.process_time() - begun < 2
