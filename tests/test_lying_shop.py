"""The shop lies in every way it knows; what is said of the run must be true all the same. The witness is the shop's database.

Over all faults: no false `passed`, no second order, no order of ours that differs from what was asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from operator_agent import Limits, Operator, Result
from operator_agent.demo.faults import FAULTS
from operator_agent.demo.serve import Served, serve
from operator_agent.demo.tour import ordered

COMMAND = "order two large oat lattes for Ada"
WANTED = {"drink": "latte", "size": "large", "milk": "oat", "quantity": 2}


class Ending(NamedTuple):
    """What a fault must end in: an outcome, a piece of the reason, and how many lines the database has."""

    outcome: str
    reason: str
    orders: int


ENDINGS = {
    "dead-button": Ending("failed", "Place order", 0),
    "order-500": Ending("failed", "500", 0),
    "toast-no-row": Ending("failed", "every step was done, but", 0),
    "wrong-drink": Ending("failed", "every step was done, but", 1),
    "price-raised": Ending("failed", "Total", 0),
    "sold-out": Ending("failed", "409", 0),
    "slow-3s": Ending("passed", "", 1),
    "slow-60s": Ending("needs_human", "delivery uncertain: POST", 1),
    "session-expired": Ending("failed", "session has expired", 0),
    "confirm": Ending("passed", "", 1),
    "pay-iframe": Ending("passed", "", 1),
    "pay-tab": Ending("passed", "", 1),
    "renamed-button": Ending("failed", "Complete purchase", 0),
    "decoy": Ending("needs_human", "Place order", 0),
    "cookie-banner": Ending("passed", "", 1),
    "row-inserted": Ending("passed", "", 1),
    "late-handler": Ending("passed", "", 1),
    "long-poll": Ending("passed", "", 1),
    "redirect-foreign": Ending("blocked", "not allowed", 0),
    "small-print": Ending("failed", "phone number", 0),
    "already-thanks": Ending("passed", "", 1),
}


LACKING = ("dead-button", "toast-no-row", "wrong-drink", "price-raised", "sold-out", "small-print", "renamed-button", "order-500")
"""Faults that only show as something that never comes: it is waited for up to the step's limit, so that is short for them."""


def test_every_fault_of_the_shop_has_an_ending() -> None:
    assert set(ENDINGS) == set(FAULTS)


async def order(shop: Served, runs: Path, *, step: float = 10.0, allow_payment: bool = True) -> Result:
    allow = [shop.payment_url.removesuffix("/pay")] if allow_payment else []
    operator = Operator(shop.url, allow=allow, approve=["pay"], runs=runs, pictures=False, limits=Limits(step=step))
    async with operator:
        return await operator.run(COMMAND)


@pytest.mark.parametrize("fault", sorted(ENDINGS))
async def test_what_is_said_is_true(fault: str, tmp_path: Path) -> None:
    wanted = ENDINGS[fault]
    async with serve(faults=[fault]) as shop:
        result = await order(shop, tmp_path, step=3.0 if fault in LACKING else 5.0)
        rows = ordered(shop.db)
        assert (result.outcome, len(rows)) == (wanted.outcome, wanted.orders), result.reason
        assert wanted.reason in result.reason
        assert result.model_calls == 0
        if result.passed:
            assert {key: rows[0][key] for key in WANTED} == WANTED
        if fault == "redirect-foreign":
            assert shop.foreign_bytes == 0


async def test_an_honest_shop(tmp_path: Path) -> None:
    async with serve() as shop:
        result = await order(shop, tmp_path)
        assert result.outcome == "passed", result.reason
        assert [{key: row[key] for key in WANTED} for row in ordered(shop.db)] == [WANTED]
        assert all(step.verdict == "verified" for step in result.steps)


@pytest.mark.parametrize("fault", ["pay-iframe", "pay-tab"])
async def test_a_payment_site_nobody_allowed_is_not_reached(fault: str, tmp_path: Path) -> None:
    async with serve(faults=[fault]) as shop:
        result = await order(shop, tmp_path, step=3.0, allow_payment=False)
        assert result.outcome == "blocked"
        assert shop.payment_url.removesuffix("/pay") in result.reason
        assert ordered(shop.db) == []


async def test_a_slow_answer_within_the_limit_is_waited_for_once(tmp_path: Path) -> None:
    """The limit is shorter than the answer takes: either one order that is said to be uncertain, or none."""
    async with serve(faults=["slow-3s"]) as shop:
        result = await order(shop, tmp_path, step=1.5)
        assert result.outcome == "needs_human"
        assert "delivery uncertain" in result.reason
        assert len(ordered(shop.db)) <= 1


async def test_without_approval_nothing_is_paid(tmp_path: Path) -> None:
    async with serve() as shop, Operator(shop.url, runs=tmp_path, pictures=False) as operator:
        result = await operator.run(COMMAND)
        assert (result.outcome, result.exit_code) == ("needs_human", 4)
        assert "--approve pay" in result.reason
        assert "€" in result.reason  # what would have been paid is read from the page
        assert ordered(shop.db) == []
