"""What people say, taken to the shop: the witness is the shop's database. The phrasings are of `planner/strangers.yaml`'s kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from operator_agent import Operator, Result
from operator_agent.demo.order import AS_SOON_AS_POSSIBLE
from operator_agent.demo.serve import Served, serve
from operator_agent.demo.tour import ordered

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE: list[tuple[str, list[str]]] = [
    ("latte, large, oat", ["1 large oat latte for Guest"]),
    ("G'day mate, can I grab a flat white cheers", ["1 medium whole flat white for Guest"]),
    ("lrage capucino w almnd milk plz", ["1 large almond cappuccino for Guest"]),
    ("small mocha for Zoë Østergård at quarter past nine", ["1 small whole mocha for Zoë Østergård at 09:15"]),
    ("a large latte, no wait, make that a small one", ["1 small whole latte for Guest"]),
    (
        "can i get uh two large oat lattes and a small espresso for bob at eight thirty",
        ["2 large oat latte for bob at 08:30", "1 small none espresso for bob at 08:30"],
    ),
    (
        "three hot chocolates, one of them small",
        ["1 small whole hot chocolate for Guest", "2 medium whole hot chocolate for Guest"],
    ),
    ("帮我订一杯杏仁奶拿铁，上午九点一刻来取", ["1 medium almond latte for Guest at 09:15"]),
    ("唔該，兩杯大杯美式，名字是陳大文", ["2 large none americano for 陳大文"]),
    ("order一杯绿茶 for Kevin", ["1 medium none green tea for Kevin"]),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Served]:
    async with serve() as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(shop: Served, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    runs = tmp_path_factory.mktemp("runs")
    async with Operator(shop.url, approve=["pay"], runs=runs, pictures=False) as opened:
        yield opened


async def say(command: str, operator: Operator, shop: Served) -> tuple[Result, list[str]]:
    """The run's result, and the lines the shop's database has since."""
    before = len(ordered(shop.db))
    result = await operator.run(command)
    return result, [line(row) for row in ordered(shop.db)[before:]]


def line(row: dict[str, Any]) -> str:
    pickup = "" if row["pickup"] == AS_SOON_AS_POSSIBLE else f" at {row['pickup']}"
    return "{quantity} {size} {milk} {drink} for {name}".format_map(row) + pickup


@pytest.mark.parametrize(("command", "wanted"), SAMPLE, ids=[command for command, _ in SAMPLE])
async def test_what_was_said_is_what_the_shop_stored(command: str, wanted: list[str], operator: Operator, shop: Served) -> None:
    result, lines = await say(command, operator, shop)
    assert result.outcome == "passed", result.reason
    assert sorted(lines) == sorted(wanted)
    assert result.model_calls == 0


async def test_without_a_drink_a_person_is_needed(operator: Operator, shop: Served) -> None:
    result, lines = await say("two large coffees please", operator, shop)
    assert (result.outcome, result.exit_code, lines) == ("needs_human", 4, [])
    assert "Which drink" in result.reason


async def test_what_is_not_on_the_menu_is_named_and_nothing_ordered(operator: Operator, shop: Served) -> None:
    result, lines = await say("a matcha please", operator, shop)
    assert lines == []
    assert result.outcome != "passed"
    assert "matcha" in result.reason
    assert "latte" in result.reason  # what there is instead


async def test_what_somebody_left_in_the_basket_is_not_ordered_along(shop: Served) -> None:
    """A run that may not pay leaves its drink in the basket; the next order in that browser must not take it with it."""
    async with Operator(shop.url, record=False, pictures=False) as operator:
        result, lines = await say("a small mocha", operator, shop)
        assert (result.outcome, lines) == ("needs_human", [])
        result, lines = await say("a large latte", operator, shop)
        assert (result.outcome, lines) == ("failed", [])
        assert "Remove mocha" in result.reason
