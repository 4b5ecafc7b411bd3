"""The skill planner beyond the table: questions and answers, inputs of the command line, several skills, a ladder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.command import Command, Question
from operator_agent.flow.plan import Plan, Refusal
from operator_agent.flow.skill import Skill
from operator_agent.planner.ladder import Ladder, NotMine
from operator_agent.planner.phrases import example, parse
from operator_agent.planner.skill import SkillPlanner, match
from operator_agent.skills import find_skills

COFFEE = next(skill for skill in find_skills() if skill.name == "order a coffee")
SEARCH = Skill.model_validate(
    {
        "name": "search",
        "says": ["search [the shop] for {query} [on {site}]"],
        "inputs": {"query": {"type": "text"}, "site": {"type": "text", "default": "all"}},
    }
)
PIZZA = Skill.model_validate(
    {
        "name": "order a pizza",
        "says": ["order (a|an) [{size}] {kind} pizza"],
        "inputs": {
            "kind": {"one_of": {"margherita": {}, "salami": {}, "mocha": {}}},
            "size": {"one_of": {"small": {}, "large": {}}, "default": "small"},
            "guests": {"type": "integer", "after": ["for a party of"], "default": 1, "max": 8},
        },
    }
)


def planner(*skills: Skill, **options: Any) -> SkillPlanner:
    return SkillPlanner(skills or (COFFEE,), now=lambda: datetime(2026, 1, 15, 12, 0), **options)


async def say(text: str, answers: dict[str, str] | None = None, *, by: SkillPlanner | None = None) -> Plan | Question | Refusal:
    return await (by or planner()).plan(Command(text=text), answers or {})


async def items(text: str, answers: dict[str, str] | None = None, *, by: SkillPlanner | None = None) -> list[dict[str, Any]]:
    found = await say(text, answers, by=by)
    assert isinstance(found, Plan), found
    return list(found.inputs["items"])


async def test_a_missing_drink_is_asked_once_and_the_answer_taken() -> None:
    asked = await say("order two large coffees")
    assert isinstance(asked, Question)
    assert (asked.about, asked.kind) == ("drink", "choice")
    assert "latte" in asked.options
    assert await items("order two large coffees", {"drink": "a capuccino please"}) == [
        {"drink": "cappuccino", "size": "large", "milk": "whole", "quantity": 2}
    ]


async def test_an_answer_that_is_none_is_refused_not_asked_again() -> None:
    found = await say("order a coffee", {"drink": "tomato soup"})
    assert isinstance(found, Refusal)
    assert "tomato soup" in found.reason


async def test_answers_settle_a_conflict_in_the_second_group_only() -> None:
    text = "a large latte and a small medium mocha"
    asked = await say(text)
    assert isinstance(asked, Question)
    assert (asked.about, set(asked.options)) == ("items.1.size", {"small", "medium"})
    assert [item["size"] for item in await items(text, {"items.1.size": "medium"})] == ["large", "medium"]


@pytest.mark.parametrize(("answer", "sizes"), [("leave it out", ["large"]), ("yes", ["large"])])
async def test_what_was_not_understood_is_left_out_only_when_the_person_says_so(answer: str, sizes: list[str]) -> None:
    assert [item["size"] for item in await items("a large latte with cinnamon", {"leftover": answer})] == sizes
    stopped = await say("a large latte with cinnamon", {"leftover": "stop"})
    assert isinstance(stopped, Refusal)


async def test_an_unclear_request_is_said_again() -> None:
    asked = await say("two lattes and one large")
    assert isinstance(asked, Question)
    assert asked.about == "command"
    assert len(await items("two lattes and one large", {"command": "two lattes, one large and one small"})) == 2


async def test_how_many_is_asked_for_a_plural() -> None:
    assert (await items("lattes please", {"quantity": "three"}))[0]["quantity"] == 3
    too_many = await say("lattes please", {"quantity": "300"})
    assert isinstance(too_many, Refusal)


async def test_what_a_choice_implies_is_taken_when_the_person_agrees() -> None:
    assert (await items("espresso with oat milk", {"milk": "none"}))[0]["milk"] == "none"


async def test_inputs_of_the_command_line() -> None:
    by = planner(named="order-coffee", inputs={"items": "2 large oat latte, 1 espresso", "name": "Ada", "pickup": "8:30"})
    found = await say("", by=by)
    assert isinstance(found, Plan)
    assert (found.inputs["name"], found.inputs["pickup"]) == ("Ada", "08:30")
    assert [(item["quantity"], item["drink"], item["milk"]) for item in found.inputs["items"]] == [
        (2, "latte", "oat"),
        (1, "espresso", "none"),
    ]
    assert (await items("order a coffee", by=planner(named="order-coffee", inputs={"drink": "flat white", "quantity": "2"})))[
        0
    ] == {
        "drink": "flat white",
        "size": "medium",
        "milk": "whole",
        "quantity": 2,
    }


async def test_inputs_of_the_command_line_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="no input 'colour'"):
        await say("a latte", by=planner(named="order-coffee", inputs={"colour": "red"}))
    with pytest.raises(UsageError, match="given once"):
        await say("a latte and a mocha", by=planner(named="order-coffee", inputs={"size": "large"}))
    with pytest.raises(UsageError, match="no skill"):
        await say("a latte", by=planner(named="order-tea"))
    refused = await say("", by=planner(named="order-coffee", inputs={"drink": "matcha"}))
    assert isinstance(refused, Refusal)


async def test_the_skill_that_fits_wins_and_equals_are_asked() -> None:
    by = planner(COFFEE, PIZZA, SEARCH)
    pizza = await say("order a large salami pizza for a party of four", by=by)
    assert isinstance(pizza, Plan)
    assert pizza.inputs == {"kind": "salami", "size": "large", "guests": 4}
    equal = await say("order a mocha", by=by)
    assert isinstance(equal, Question)
    assert (equal.about, set(equal.options)) == ("skill", {"order a coffee", "order a pizza"})
    chosen = await say("order a mocha", {"skill": "order a coffee"}, by=by)
    assert isinstance(chosen, Plan)


async def test_free_text_runs_to_the_next_input() -> None:
    found = await say("please search for large green shoes on Ebay", by=planner(COFFEE, SEARCH))
    assert isinstance(found, Plan)
    assert found.inputs == {"query": "large green shoes", "site": "Ebay"}


async def test_a_flat_skill_has_one_group() -> None:
    asked = await say("order a small large salami pizza", by=planner(PIZZA))
    assert isinstance(asked, Question)
    assert asked.about == "size"
    corrected = await say("order a small, no wait, large salami pizza", by=planner(PIZZA))
    assert isinstance(corrected, Plan)
    assert corrected.inputs["size"] == "large"


async def test_a_number_the_skill_has_no_use_for_is_not_dropped() -> None:
    asked = await say("order 3 salami pizzas", by=planner(PIZZA))
    assert isinstance(asked, Question)
    assert "3" in asked.text


async def test_a_ladder_goes_on_only_when_a_planner_says_it_is_not_its_own() -> None:
    ladder = Ladder(planner(COFFEE), planner(PIZZA))
    assert isinstance(await ladder.plan(Command(text="salami pizza"), {}), Plan)
    refused = await ladder.plan(Command(text="order a matcha latte and a matcha"), {})
    assert isinstance(refused, Refusal)
    assert not isinstance(refused, NotMine)
    nobody = await ladder.plan(Command(text="send an email"), {})
    assert isinstance(nobody, NotMine)
    assert any("pizza" in near for near in nobody.nearest)


def test_a_match_tells_what_is_left_over_and_missing() -> None:
    found = match("order a large one with cinnamon", COFFEE)
    assert found.leftovers == ("cinnamon",)
    assert found.missing == ("drink",)
    assert 0 < found.score < 1
    assert match("send an email", COFFEE).score == 0


def test_phrases_pair_their_brackets() -> None:
    assert len(parse("order (a|an) [{size}] {drink}")) == 10
    assert example(PIZZA) == "order a <kind> pizza"
    for wrong in ("order [a", "order a)", "order {a b", "order (a]"):
        with pytest.raises(ScriptError):
            parse(wrong)
