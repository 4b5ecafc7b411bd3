"""How much is thought: a table, and what must be true of it whatever the case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_agent.flow.record import LEVELS, Level
from operator_agent.planner.effort import EVIDENCE, Caps, Case, effort

CASES = st.builds(
    Case,
    kind=st.sampled_from([*EVIDENCE, "something new"]),
    times=st.integers(1, 6),
    risky=st.booleans(),
    pending=st.booleans(),
    away=st.booleans(),
    idle=st.one_of(st.none(), st.sampled_from(LEVELS)),
    output=st.integers(0, 50_000),
    reasoning=st.integers(0, 50_000),
    deep_calls=st.integers(0, 10),
)


@pytest.mark.parametrize(
    ("case", "level"),
    [
        (Case("first"), "off"),
        (Case("done"), "off"),
        (Case("find"), "off"),
        (Case("refuted", pending=True), "low"),
        (Case("refuted", times=2, pending=True), "high"),
        (Case("refuted", times=2, away=True), "low"),
        (Case("refuted", away=True), "off"),
        (Case("refuted", times=2, away=True, pending=True), "high"),
        (Case("stale", pending=True), "off"),
        (Case("refuted"), "low"),
        (Case("refuted", times=2), "high"),
        (Case("refuted", times=3), "high"),
        (Case("refuted", risky=True), "high"),
        (Case("absent"), "low"),
        (Case("stale"), "off"),
        (Case("stale", times=2), "low"),
        (Case("stall"), "high"),
        (Case("stall", times=2), "max"),
        (Case("refuted", times=2, idle="high"), "low"),
        (Case("refuted", idle="low"), "high"),
        (Case("refuted", times=3, deep_calls=4), "low"),
        (Case("refuted", output=2000, reasoning=1900), "off"),
        (Case("refuted", output=900, reasoning=900), "low"),
    ],
)
def test_the_level_of_a_case(case: Case, level: Level) -> None:
    assert effort(case)[0] == level


@given(CASES)
def test_an_easy_task_never_thinks_and_caps_hold(case: Case) -> None:
    level, trigger = effort(case)
    assert trigger
    if case.deep_calls >= Caps().calls:
        assert level in ("off", "low") or EVIDENCE.get(case.kind, EVIDENCE["refuted"]).first == "off"
    if case.kind in ("first", "done", "find", "answered"):
        assert level == "off", "good news lifts nothing"
    assert LEVELS.index(effort(case, Caps(highest="low"))[0]) <= LEVELS.index("low")
    assert effort(case) == effort(case), "pure"


def test_what_high_did_not_move_is_not_thought_about_as_much_again() -> None:
    for kind in ("refuted", "unknown", "absent", "ambiguous", "unproved"):
        level, trigger = effort(Case(kind, times=2, idle="high"))
        assert level == "low"
        assert "high changed nothing" in trigger


def test_the_docs_show_this_table() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \|", docs, re.MULTILINE)
    assert rows == [(kind, row.first, row.again) for kind, row in EVIDENCE.items()]
