"""Every profile against a server that imitates its vendor: what arrives is what it documents, what comes out the answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from operator_agent.errors import BadReply, ModelRefused
from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Level
from operator_agent.models.client import ServedModel
from operator_agent.models.overlay import load_overlay
from operator_agent.models.port import Image, Prompt
from operator_agent.models.profiles import profile_for
from operator_agent.models.stub import VENDORS, Asked, Quirks, Say, Status, StubServer

KEY = "sk-in-no-message"
DECOY = 'First: {"act": "delete", "n": 9}. No, wait.'
PICTURE = Image(b"\xff\xd8\xff\xe0 not looked at", 10, 10)


class Chosen(Frozen):
    act: str
    n: int


GOOD = '{"act": "click", "n": 3}'
VALUE = Chosen(act="click", n=3)


def good(asked: Asked) -> Say:
    return Say(GOOD, thinking=DECOY, tool_calls=(("answer", GOOD),) if "tools" in asked.body else ())


def prompt(level: Level = "off", *parts: str | Image) -> Prompt:
    return Prompt("plan", "You plan.", parts or ("the page",), level)


@asynccontextmanager
async def served(
    answer: Any, provider: str = "plain", quirks: Quirks | None = None, **more: Any
) -> AsyncIterator[tuple[ServedModel, StubServer]]:
    async with StubServer(answer, quirks=quirks or VENDORS.get(provider, Quirks()), key=KEY) as server:
        model = ServedModel(server.url, "stub", key=KEY, profile=profile_for("", provider), pause=0.01, timeout=10, **more)
        try:
            yield model, server
        finally:
            await model.close()


def kwargs(on: bool) -> dict[str, Any]:
    return {"chat_template_kwargs": {"enable_thinking": on, "thinking": on}}


ON, OFF = {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}
SWITCHES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "openai": ({"reasoning": {"effort": "none"}}, {"reasoning": {"effort": "low"}}, {"reasoning": {"effort": "high"}}),
    "deepseek": (OFF, {**ON, "reasoning_effort": "low"}, {**ON, "reasoning_effort": "high"}),
    "moonshot": (OFF, {**ON, "reasoning_effort": "low"}, {**ON, "reasoning_effort": "high"}),
    "zhipu": (OFF, {**ON, "reasoning_effort": "low"}, {**ON, "reasoning_effort": "high"}),
    "qwen": (
        {"enable_thinking": False},
        {"enable_thinking": True, "thinking_budget": 1024, "stream": True},
        {"enable_thinking": True, "thinking_budget": 8192, "stream": True},
    ),
    "vllm": (kwargs(False), kwargs(True), kwargs(True)),
    "sglang": tuple({**kwargs(on), "separate_reasoning": True} for on in (False, True, True)),  # type: ignore[dict-item]
    "ollama": ({"reasoning_effort": "none"}, {"reasoning_effort": "low"}, {"reasoning_effort": "high"}),
    "openrouter": ({"reasoning": {"effort": "none"}}, {"reasoning": {"effort": "low"}}, {"reasoning": {"effort": "high"}}),
    "gemini": ({"reasoning_effort": "none"}, {"reasoning_effort": "low"}, {"reasoning_effort": "high"}),
    "anthropic": (
        {},
        {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        {"thinking": {"type": "enabled", "budget_tokens": 8192}},
    ),
}
"""What asks for off, low and high there."""
FORMATS = {
    **dict.fromkeys(("vllm", "sglang", "ollama", "openrouter", "gemini", "openai"), ("schema", "schema")),
    **dict.fromkeys(("deepseek", "moonshot", "zhipu"), ("object", "object")),
    **{"qwen": ("schema", "words"), "anthropic": ("tool", "words")},
}
"""How JSON is asked for without and with thinking."""
BUDGETS = {"openai": "max_output_tokens", "moonshot": "max_completion_tokens"}
HIDDEN = ("openai", "anthropic", "gemini")
"""Thinking does not show unless it is asked for."""
OWN = "thinking reasoning reasoning_effort enable_thinking thinking_budget chat_template_kwargs separate_reasoning".split()


def how(body: Mapping[str, Any]) -> str:
    """How a request asks for JSON."""
    given = body.get("response_format") or (body.get("text") or {}).get("format") or {}
    kind = {"json_schema": "schema", "json_object": "object"}.get(given.get("type", ""), "")
    return kind or ("tool" if body.get("tool_choice") else "words")


@pytest.mark.parametrize("level", ["off", "low", "high"])
@pytest.mark.parametrize("provider", SWITCHES)
async def test_each_level_is_asked_for_as_the_vendor_documents(provider: str, level: Level) -> None:
    async with served(good, provider) as (model, server):
        reply = await model.ask(prompt(level), Chosen)
    (asked,) = server.asked
    at = ("off", "low", "high").index(level)
    switch = SWITCHES[provider][at]
    assert {key: value for key, value in asked.body.items() if key in (*OWN, *switch)} == switch
    assert bool(asked.effort) == (level != "off")
    assert how(asked.body) == FORMATS[provider][at > 0]
    assert asked.body[BUDGETS.get(provider, "max_tokens")] == (4096, 8192, 16384)[at]
    assert asked.path == ("/v1/responses" if provider == "openai" else "/v1/chat/completions")
    assert (reply.value, reply.level, reply.requests, reply.notes) == (VALUE, level, 1, ())
    assert reply.thinking == ("" if level == "off" or provider in HIDDEN else DECOY)
    assert reply.usage.input > 0 and reply.usage.output > 0
    assert reply.usage.cost is None


@pytest.mark.parametrize("vendor", ["skywork-o1", "r1-distill"])
@pytest.mark.parametrize("level", ["off", "low", "high"])
async def test_what_always_thinks_thinks_first_and_is_put_into_form_then(vendor: str, level: Level) -> None:
    """The first pass's text is a draft for the model itself: only the second is read."""

    def answer(asked: Asked) -> Say:
        return good(asked) if how(asked.body) == "schema" else Say("I shall click 3.", thinking=DECOY)

    async with served(answer, "always-thinks", VENDORS[vendor]) as (model, server):
        reply = await model.ask(prompt(level), Chosen)
    first, second = server.asked
    assert (how(first.body), how(second.body)) == ("words", "schema")
    assert [bool(asked.effort) for asked in server.asked] == [True, False]
    assert [turn["role"] for turn in first.body["messages"]] == ["user"]
    assert first.body["temperature"] == 0.6
    assert (reply.value, reply.level, reply.requests, reply.notes) == (VALUE, "high", 2, ())
    assert "<think>" not in str(second.body)
    if vendor == "r1-distill":
        assert reply.thinking == DECOY
        assert second.body["messages"][1] == {"role": "assistant", "content": "I shall click 3."}


async def test_plain_assumes_nothing_and_learns_what_is_refused(tmp_path: Path) -> None:
    said: list[str] = []
    async with served(good, "plain", VENDORS["openai"], state_dir=tmp_path, say=said.append) as (model, server):
        reply = await model.ask(prompt("high"), Chosen)
        assert (reply.value, reply.level, reply.requests) == (VALUE, "off", 2)
        assert reply.notes == ("it wants max_completion_tokens instead of max_tokens",)
        assert said == [f"stub at {server.url}: {reply.notes[0]}"]
        assert load_overlay(tmp_path, server.url, "stub").budget == "max_completion_tokens"
        fresh = ServedModel(server.url, "stub", key=KEY, profile=profile_for("", "plain"), state_dir=tmp_path)
        again = await fresh.ask(prompt(), Chosen)
        await fresh.close()
    assert (again.requests, again.notes) == (1, ())
    assert KEY not in load_overlay(tmp_path, server.url, "stub").model_dump_json()


async def test_a_refused_json_mode_gives_way_to_the_next_and_is_remembered() -> None:
    async with served(good, "plain", VENDORS["deepseek"]) as (model, server):
        first = await model.ask(prompt(), Chosen)
        second = await model.ask(prompt(), Chosen)
    assert [how(asked.body) for asked in server.asked] == ["schema", "object", "object"]
    assert first.notes == ("it refuses JSON mode `schema`, so the next one is used",)
    assert (first.value, second.value, second.notes) == (VALUE, VALUE, ())


async def test_a_server_that_only_streams_is_streamed_from() -> None:
    async with served(good, "plain", VENDORS["qwen"]) as (model, server):
        reply = await model.ask(prompt(), Chosen)
    assert server.asked[-1].body["stream"] is True
    assert (reply.value, reply.thinking) == (VALUE, DECOY)
    assert any("only streams" in note for note in reply.notes)


Refusal = tuple[int, str, str | None]


def refusing(key: str, *refusal: Any) -> Callable[[Asked], Say | Status]:
    """A server that refuses whatever has `key` in it, in these words."""
    code, message, param, *name = refusal

    def answer(asked: Asked) -> Say | Status:
        error = {"message": message, "param": param, "code": name[0] if name else None}
        return Status(code, {"error": error}) if key in str(asked.body) else good(asked)

    return answer


@pytest.mark.parametrize(
    "refusal",
    [
        (400, "Unknown parameter", "separate_reasoning"),
        (400, "Unrecognized request argument supplied: separate_reasoning", None),
        (400, "Invalid parameter: SEPARATE_REASONING", ""),
        (422, "Extra inputs are not permitted: `separate_reasoning`", None),
    ],
)
async def test_a_parameter_that_is_named_is_dropped_once_and_said(refusal: Refusal, tmp_path: Path) -> None:
    said: list[str] = []
    async with served(refusing("separate_reasoning", *refusal), "sglang", state_dir=tmp_path, say=said.append) as (model, server):
        first = await model.ask(prompt(), Chosen)
        second = await model.ask(prompt(), Chosen)
    assert len(server.asked) == 3
    assert (first.value, first.requests, second.requests, second.notes) == (VALUE, 2, 1, ())
    assert "refuses the parameter separate_reasoning" in first.notes[0] and first.notes[0] in said[0]
    kept = load_overlay(tmp_path, server.url, "stub")
    assert kept.drop == ("separate_reasoning",)
    assert refusal[1] in kept.why["drop separate_reasoning"]


async def test_a_level_that_is_refused_is_asked_for_in_another_way() -> None:
    refusal = (400, "Unsupported value: 'none'", "reasoning.effort", "unsupported_value")
    async with served(refusing("'effort': 'none'", *refusal), "openai") as (model, server):
        reply = await model.ask(prompt(), Chosen)
    assert [asked.body["reasoning"] for asked in server.asked] == [{"effort": "none"}, {"effort": "minimal"}]
    assert (reply.value, reply.level) == (VALUE, "off")
    assert "level off is asked for as" in reply.notes[0]


async def test_a_model_that_cannot_think_is_not_said_to_have_thought() -> None:
    refusal = (400, "Unsupported parameter: 'reasoning.effort'", "reasoning.effort", "unsupported_parameter")
    answer = refusing("'reasoning'", *refusal)
    async with served(lambda asked: Say(GOOD) if "reasoning" not in asked.body else answer(asked), "openai") as (model, server):
        reply = await model.ask(prompt("high"), Chosen)
    assert len(server.asked) == 2
    assert (reply.value, reply.level) == (VALUE, "off")


async def test_a_refusal_that_names_nothing_we_sent_is_the_end() -> None:
    async with served([Status(400, {"error": {"message": "This model's maximum context length is 8 tokens"}})]) as (model, server):
        with pytest.raises(ModelRefused, match=r"maximum context length.*models probe"):
            await model.ask(prompt(), Chosen)
    assert len(server.asked) == 1


async def test_a_parameter_that_was_not_to_blame_is_kept() -> None:
    no = Status(400, {"error": {"message": "No memory left while thinking"}})
    async with served([no, no], "deepseek") as (model, server):
        with pytest.raises(ModelRefused, match="No memory left"):
            await model.ask(prompt("low"), Chosen)
    assert ["thinking" in asked.body for asked in server.asked] == [True, False]
    assert (model.overlay.drop, model.profile.drop) == ((), ())


@pytest.mark.parametrize("provider", ["deepseek", "vllm", "qwen", "zhipu"])
async def test_pictures_are_left_out_where_they_are_refused(provider: str, tmp_path: Path) -> None:
    said: list[str] = []
    async with served(good, provider, state_dir=tmp_path, say=said.append) as (model, server):
        assert model.sees
        first = await model.ask(prompt("off", "look", PICTURE), Chosen)
        assert not model.sees
        second = await model.ask(prompt("off", "look", PICTURE), Chosen)
    assert [asked.images for asked in server.asked] == [1, 0, 0]
    assert first.value == second.value == VALUE
    assert "takes no pictures" in first.notes[0] and len(said) == 1
    assert second.notes == ("the picture was left out: the model takes none",)
    assert load_overlay(tmp_path, server.url, "stub").vision == "no"


@pytest.mark.parametrize("provider", ["openai", "gemini", "anthropic"])
async def test_pictures_arrive_where_they_are_seen(provider: str) -> None:
    async with served(good, provider) as (model, server):
        reply = await model.ask(prompt("off", "look", PICTURE), Chosen)
    assert ([asked.images for asked in server.asked], reply.notes) == ([1], ())


async def test_a_budget_eaten_by_thinking_is_asked_again_one_level_lower() -> None:
    def answer(asked: Asked) -> Say:
        return Say("", thinking=DECOY, finish="length") if asked.effort == "high" else good(asked)

    async with served(answer, "deepseek") as (model, server):
        reply = await model.ask(prompt("high"), Chosen)
    assert [asked.effort for asked in server.asked] == ["high", "low"]
    assert (reply.value, reply.level, reply.requests) == (VALUE, "low", 2)
    assert reply.notes == ("thinking at level high used up the whole output, so it was asked again at low",)


async def test_one_repair_turn_quotes_the_error_and_usage_is_summed() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "reasoning_tokens": 10, "cached_tokens": 400}
    bad, better = Say('{"act": "click"}', usage=usage), Say(GOOD, usage=usage)
    async with served([bad, better], "openai", prices=(1.0, 0.1, 2.0)) as (model, server):
        reply = await model.ask(prompt("low"), Chosen)
    turns = server.asked[1].body["input"]
    assert turns[1]["content"][0]["text"] == '{"act": "click"}'
    assert "n: missing" in turns[2]["content"][0]["text"]
    assert (reply.value, reply.requests, reply.usage.input, reply.usage.output, reply.usage.reasoning) == (VALUE, 2, 2000, 200, 20)
    assert reply.usage.cost == pytest.approx(2 * (600 * 1 + 400 * 0.1 + 100 * 2) / 1e6)
    assert any("asked once more" in note for note in reply.notes)


@pytest.mark.parametrize("provider", ["deepseek", "anthropic"], ids=["text", "tool call"])
async def test_of_a_giant_wrong_answer_only_the_beginning_goes_back(provider: str) -> None:
    giant = '{"act": "click", "x": "' + "x" * 50_000
    said = [Say(text) if provider == "deepseek" else Say("", tool_calls=(("answer", text),)) for text in (giant, GOOD)]
    async with served(said, provider) as (model, server):
        assert (await model.ask(prompt(), Chosen)).value == VALUE
    echoed = server.asked[1].body["messages"][2]
    assert echoed["content"].startswith(giant[:1000])
    assert "tool_calls" not in echoed
    assert len(json.dumps(server.asked[1].body)) < len(json.dumps(server.asked[0].body)) + 3_000


async def test_a_second_bad_reply_is_a_typed_failure() -> None:
    async with served([Say("no idea"), Say(""), Say(GOOD)], "deepseek") as (model, server):
        with pytest.raises(BadReply, match="also when told what was wrong"):
            await model.ask(prompt(), Chosen)
    assert len(server.asked) == 2


async def test_thinking_alone_is_never_an_answer() -> None:
    for vendor in ("deepseek", "r1-distill", "gemini"):
        async with served(lambda _: Say("", thinking=GOOD), "plain", VENDORS[vendor]) as (model, _):
            with pytest.raises(BadReply):
                await model.ask(prompt(), Chosen)


async def test_what_was_thought_goes_back_with_a_tool_turn_only_where_it_must() -> None:
    called = Say("", thinking=DECOY, tool_calls=(("answer", '{"act": "click"}'),))
    profile = profile_for("", "deepseek").model_copy(update={"json_modes": profile_for("", "anthropic").json_modes})
    profile = profile.model_copy(update={"json_modes": (profile.json_modes[0].model_copy(update={"thinking": True}),)})
    quirks = Quirks(places=("reasoning_content",), switches=("thinking.type", "reasoning_effort"), echo="required")
    async with StubServer([called, Say("", thinking=DECOY, tool_calls=(("answer", GOOD),))], quirks=quirks) as server:
        model = ServedModel(server.url, "stub", profile=profile, timeout=10)
        reply = await model.ask(prompt("low"), Chosen)
        await model.close()
    said, told = server.asked[1].body["messages"][2:]
    assert reply.value == VALUE
    assert said["reasoning_content"] == DECOY
    assert (told["role"], told["tool_call_id"]) == ("tool", said["tool_calls"][0]["id"])


async def test_without_a_tool_turn_nothing_thought_goes_back() -> None:
    quirks = Quirks(places=("reasoning_content",), switches=("thinking.type", "reasoning_effort"), echo="refused")
    async with served([Say("what?", thinking=DECOY), Say(GOOD)], "deepseek", quirks) as (model, server):
        assert (await model.ask(prompt("low"), Chosen)).value == VALUE
    assert DECOY not in str(server.asked[1].body)


async def test_the_price_a_server_names_is_the_cost_where_no_prices_are_given() -> None:
    reply = {
        "choices": [{"message": {"role": "assistant", "content": GOOD}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "cost": 0.25},
    }
    async with served([Status(200, reply)], "openrouter") as (model, _):
        assert (await model.ask(prompt(), Chosen)).usage.cost == 0.25


async def test_a_refusal_of_the_model_is_no_answer() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I would rather not."}
    async with served([Status(200, {"choices": [{"message": message, "finish_reason": "stop"}]})]) as (model, server):
        with pytest.raises(BadReply, match="I would rather not"):
            await model.ask(prompt(), Chosen)
    assert len(server.asked) == 1
