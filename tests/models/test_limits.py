"""Limits stop before the request that would exceed them, and the ledger has every call, also the one that was not made."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from operator_agent.errors import BadReply, LimitReached, ModelLost
from operator_agent.flow.grant import Limits
from operator_agent.flow.record import Usage
from operator_agent.models.ledger import Ledgered
from operator_agent.models.limits import Limited
from operator_agent.models.port import Image, Prompt, Reply
from operator_agent.models.scripted import ScriptedModel


class Answer(BaseModel):
    said: str = "ok"


def prompt(tokens: int = 100, purpose: str = "plan") -> Prompt:
    return Prompt(purpose, "s" * 40, ("t" * (4 * tokens - 40),))


def reply(input: int = 100, output: int = 50, cost: float | None = 0.01, requests: int = 1) -> Reply[BaseModel]:
    return Reply(Answer(), Usage(input=input, output=output, cost=cost), "off", requests)


async def asked(limited: Limited, times: int, tokens: int = 100) -> int:
    """How many of that many calls were answered."""
    for done in range(times):
        try:
            await limited.ask(prompt(tokens), Answer)
        except LimitReached:
            return done
    return times


async def test_calls() -> None:
    model = ScriptedModel(lambda *_: Answer())
    limited = Limited(model, Limits(calls=3))
    assert await asked(limited, 5) == 3
    assert len(model.asked) == 3
    with pytest.raises(LimitReached, match=r"limit of 3 model calls .* 3 are used .* at least 1; .*--max-calls"):
        await limited.ask(prompt(), Answer)


async def test_a_repair_turn_is_a_call_afterwards() -> None:
    model = ScriptedModel(lambda *_: reply(requests=2))
    assert await asked(Limited(model, Limits(calls=3)), 5) == 2
    failing = Limited(ScriptedModel(lambda *_: BadReply("no JSON")), Limits(calls=3))
    for _ in range(2):
        with pytest.raises(BadReply):
            await failing.ask(prompt(), Answer)
    with pytest.raises(LimitReached, match="4 are used"):
        await failing.ask(prompt(), Answer)


async def test_tokens_are_estimated_before_and_counted_after() -> None:
    model = ScriptedModel(lambda *_: reply(input=300, output=100))
    limited = Limited(model, Limits(tokens=1_000))
    assert await asked(limited, 5) == 3, "each is taken for 100 before, and found to be 400 after"
    assert limited.tokens == 1_200
    with pytest.raises(LimitReached, match=r"limit of 1,000 model tokens .* 1,200 are used .* at least 100; .*--max-tokens"):
        await limited.ask(prompt(), Answer)


async def test_a_request_too_large_for_the_limit_is_never_sent() -> None:
    model = ScriptedModel(lambda *_: Answer(), sees=True)
    limited = Limited(model, Limits(tokens=1_200))
    for large in (prompt(1_201), Prompt("plan", "", (Image(b"", 1280, 720),))):
        with pytest.raises(LimitReached, match="0 are used"):
            await limited.ask(large, Answer)
    assert await asked(limited, 1, 1_000) == 1
    assert len(model.asked) == 1


async def test_two_at_a_time_are_held_like_two_in_a_row() -> None:
    async def slow(*_: object) -> Answer:
        await asyncio.sleep(0)
        return Answer()

    model = ScriptedModel(slow)
    limited = Limited(model, Limits(tokens=150))
    done = await asyncio.gather(*(limited.ask(prompt(), Answer) for _ in range(3)), return_exceptions=True)
    assert [isinstance(one, LimitReached) for one in done] == [False, True, True]
    assert len(model.asked) == 1


async def test_cost_stops_at_the_lowest_price_seen() -> None:
    limited = Limited(ScriptedModel(lambda *_: reply(cost=0.03)), Limits(cost=0.10))
    assert await asked(limited, 9) == 3, "0.09 is spent, and 100 tokens more would cost 0.02"
    with pytest.raises(LimitReached, match=r"limit of 0\.1 on .* 0\.0900 is spent .* at least 0\.0200; .*--max-cost"):
        await limited.ask(prompt(), Answer)
    assert await asked(limited, 1, tokens=40) == 1, "a smaller one still fits"
    assert await asked(Limited(ScriptedModel(lambda *_: reply(cost=0.0)), Limits(cost=0.01)), 9) == 9


async def test_without_a_price_a_limit_on_cost_lets_one_call_through_to_learn_it() -> None:
    model = ScriptedModel(lambda *_: reply(cost=None), name="local")
    limited = Limited(model, Limits(cost=1))
    assert await asked(limited, 3) == 1
    with pytest.raises(LimitReached, match="the price of local is not known; give OPERATOR_MODEL_PRICES or drop the cost limit"):
        await limited.ask(prompt(), Answer)
    assert await asked(Limited(model, Limits(cost=1), priced=False), 3) == 0
    assert await asked(Limited(model, Limits()), 3) == 3


async def test_a_request_that_failed_counts_as_it_was_estimated() -> None:
    limited = Limited(ScriptedModel([ModelLost("gone"), Answer()]), Limits(calls=2, tokens=150))
    with pytest.raises(ModelLost):
        await limited.ask(prompt(), Answer)
    assert (limited.requests, limited.tokens) == (1, 100)
    with pytest.raises(LimitReached):
        await limited.ask(prompt(), Answer)


async def test_the_ledger_has_every_call_with_its_reason() -> None:
    answers = [reply(requests=2), ModelLost("gone"), reply()]
    ledger = Ledgered(Limited(ScriptedModel(answers, name="m"), Limits(calls=3)))
    await ledger.about(1, "first plan").ask(prompt(), Answer)
    assert [entry.step for entry in ledger.take()] == [1]
    with pytest.raises(ModelLost):
        await ledger.about(2, "a check was refuted", "refuted").ask(prompt(purpose="revise"), Answer)
    with pytest.raises(LimitReached):
        await ledger.ask(prompt(), Answer)
    lost, limit = ledger.take()
    assert (lost.step, lost.purpose, lost.trigger, lost.before) == (2, "revise", "a check was refuted", "refuted")
    assert (lost.usage, lost.requests, lost.notes, lost.model) == (Usage(), 1, ("ModelLost: gone",), "m")
    assert (limit.usage.cost, limit.requests, limit.trigger) == (0.0, 0, "plan")
    assert ledger.take() == []


async def test_a_call_that_is_cut_off_is_entered_too() -> None:
    async def never(*_: object) -> Answer:
        await asyncio.Event().wait()
        return Answer()

    ledger = Ledgered(ScriptedModel(never))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await ledger.about(1, "first plan").ask(prompt(), Answer)
    (entry,) = ledger.take()
    assert entry.notes == ("CancelledError",)
    assert entry.seconds >= 0.005
