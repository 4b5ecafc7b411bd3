"""The table of phrasings: each gives the right order, an honest question or a reason; never another order."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from operator_agent.flow.command import Command, Question
from operator_agent.flow.plan import Plan, Refusal
from operator_agent.planner.skill import SkillPlanner
from operator_agent.skills import find_skills

NOON = datetime(2026, 1, 15, 12, 0)
HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = [row for file in ("orders.yaml", "overheard.yaml") for row in YAML(typ="safe").load(HERE / file)]
STRANGERS: list[dict[str, Any]] = YAML(typ="safe").load(HERE / "strangers.yaml")


@pytest.fixture(scope="module")
def planner() -> SkillPlanner:
    return SkillPlanner(find_skills(), now=lambda: NOON)


def shown(found: Plan | Question | Refusal) -> dict[str, Any]:
    """What came of a command, in the table's words."""
    if isinstance(found, Plan):
        items = [f"{item['quantity']} {item['size']} {item['milk']} {item['drink']}" for item in found.inputs["items"]]
        return {"gives": items, "name": found.inputs["name"], "pickup": found.inputs["pickup"]}
    return {"ask": found.about} if isinstance(found, Question) else {"refuse": found.reason}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["say"])
async def test_phrasing(row: dict[str, Any], planner: SkillPlanner) -> None:
    found = shown(await planner.plan(Command(text=row["say"]), {}))
    if "refuse" in row:
        assert row["refuse"] in found.get("refuse", ""), found
    elif "ask" in row:
        assert found.get("ask") == row["ask"], found
    else:
        assert found == {"gives": row["gives"], "name": row.get("name", "Guest"), "pickup": row.get("pickup", "")}


def totals(items: list[str]) -> Counter[str]:
    """How many of each: `1 latte, 1 latte` and `2 lattes` are the same order."""
    found: Counter[str] = Counter()
    for item in items:
        number, what = item.split(" ", 1)
        found[what] += int(number)
    return found


@pytest.mark.parametrize("row", STRANGERS, ids=lambda row: row["say"])
async def test_a_stranger_gets_what_was_said_or_is_asked(row: dict[str, Any], planner: SkillPlanner) -> None:
    found = shown(await planner.plan(Command(text=row["say"]), {}))
    if "gives" not in found:
        assert "query" in row, found
        return
    assert "gives" in row, found
    assert totals(found.pop("gives")) == totals(row["gives"])
    assert found == {"name": row.get("name", "Guest"), "pickup": row.get("pickup", "")}


async def test_strangers_are_seldom_asked_back(planner: SkillPlanner) -> None:
    """Of what could be taken, though to ask back is honest too, at most one in six is asked about."""
    orders = [row for row in STRANGERS if "gives" in row]
    asked = [row["say"] for row in orders if "gives" not in shown(await planner.plan(Command(text=row["say"]), {}))]
    assert len(asked) <= len(orders) // 6, asked
