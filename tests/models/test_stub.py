"""The stub server, asked by the real client over HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest

from operator_agent.models.stub import (
    VENDORS,
    Asked,
    Close,
    Drip,
    Html,
    Quirks,
    Say,
    Silence,
    SlowStart,
    Status,
    StubServer,
    WrongType,
)

USER = {"role": "user", "content": "2+2, as json"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
THOUGHT = "I take two and add two to it."
OFF: dict[str, dict[str, Any]] = {
    "openai": {"reasoning_effort": "none"},
    "deepseek": {"thinking": {"type": "disabled"}},
    "moonshot": {"thinking": {"type": "disabled"}},
    "zhipu": {"thinking": {"type": "disabled"}},
    "qwen": {"enable_thinking": False},
    "vllm": {"chat_template_kwargs": {"enable_thinking": False}},
    "sglang": {"chat_template_kwargs": {"thinking": False}},
    "ollama": {"reasoning_effort": "none"},
    "openrouter": {"reasoning": {"enabled": False}},
    "gemini": {"extra_body": {"google": {"thinking_config": {"thinking_budget": 0}}}},
    "anthropic": {"thinking": {"type": "disabled"}},
}
HIGH: dict[str, dict[str, Any]] = {
    "openai": {"reasoning_effort": "high"},
    "deepseek": {"thinking": {"type": "enabled"}, "reasoning_effort": "high"},
    "moonshot": {"thinking": {"type": "enabled"}},
    "zhipu": {"thinking": {"type": "enabled"}},
    "qwen": {"enable_thinking": True, "thinking_budget": 20000},
    "vllm": {"chat_template_kwargs": {"enable_thinking": True}},
    "sglang": {"chat_template_kwargs": {"thinking": True}},
    "ollama": {"reasoning_effort": "high"},
    "openrouter": {"reasoning": {"max_tokens": 20000}},
    "gemini": {"extra_body": {"google": {"thinking_config": {"thinking_budget": 20000, "include_thoughts": True}}}},
    "anthropic": {"thinking": {"type": "enabled", "budget_tokens": 20000}},
    "skywork-o1": {},
    "r1-distill": {},
}
EFFORT = {"moonshot": "on", "zhipu": "on", "vllm": "on", "sglang": "on", "skywork-o1": "on", "r1-distill": "on"}


@asynccontextmanager
async def client(server: StubServer, *, key: str = "k", timeout: float = 5.0) -> AsyncIterator[openai.AsyncOpenAI]:
    plain = openai.DefaultAsyncHttpxClient(verify=False)  # loading certificates would take longer than all of a test
    async with server, openai.AsyncOpenAI(
        base_url=server.url, api_key=key, max_retries=0, timeout=timeout, http_client=plain
    ) as found:
        yield found


async def chat(ask: openai.AsyncOpenAI, messages: list[Any] | None = None, **more: Any) -> Any:
    """A completion, whatever is in the request."""
    return await ask.chat.completions.create(model="m", messages=messages or [USER], extra_body=more)


async def streamed(ask: openai.AsyncOpenAI, **more: Any) -> tuple[list[Any], str, str]:
    """The chunks of a streamed completion, its content, and what came in fields of thinking."""
    stream = await ask.chat.completions.create(
        model="m", messages=[USER], stream=True, stream_options={"include_usage": True}, extra_body=more
    )
    chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    extra = [getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None) or "" for delta in deltas]
    return chunks, "".join(delta.content or "" for delta in deltas), "".join(extra)


async def refusal(quirks: Quirks, messages: list[Any] | None = None, **more: Any) -> openai.APIStatusError:
    async with client(StubServer([Say("never")], quirks=quirks)) as ask:
        with pytest.raises(openai.APIStatusError) as caught:
            await chat(ask, messages, **more)
    return caught.value


async def test_a_plain_question() -> None:
    server = StubServer([Say("four", thinking="two and two", usage={"cached_tokens": 3})])
    async with client(server) as ask:
        parts = [{"type": "text", "text": "2+2"}, PICTURE]
        got = await chat(ask, [{"role": "system", "content": "Add."}, {"role": "user", "content": parts}])
        assert got.choices[0].message.content == "four"
        assert got.choices[0].message.reasoning_content == "two and two"
        assert got.usage.completion_tokens_details.reasoning_tokens == 3
        assert got.usage.completion_tokens == 4
        assert got.usage.prompt_tokens_details.cached_tokens == 3
    assert server.asked[0].text == "Add.\n\n2+2"
    assert server.asked[0].images == 1
    assert server.asked[0].headers["authorization"] == "Bearer k"


async def test_a_stream_has_the_same_content_calls_and_usage() -> None:
    said = Say("four", thinking=THOUGHT, tool_calls=(("add", '{"a": 2, "b": 2}'),))
    async with client(StubServer([said, said])) as ask:
        whole = await chat(ask)
        chunks, content, thinking = await streamed(ask)
    assert (content, thinking) == ("four", THOUGHT)
    calls = [call for chunk in chunks if chunk.choices for call in chunk.choices[0].delta.tool_calls or ()]
    assert calls[0].function.name == "add"
    assert "".join(call.function.arguments for call in calls) == '{"a": 2, "b": 2}'
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "tool_calls"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert whole.choices[0].message.tool_calls[0].function.arguments == '{"a": 2, "b": 2}'


async def test_an_answer_may_be_computed_and_awaited() -> None:
    async def answer(asked: Asked) -> Say:
        await asyncio.sleep(0)
        return Say(f"{len(server.asked)}: {asked.text}")

    server = StubServer(answer)
    async with client(server) as ask:
        assert (await chat(ask)).choices[0].message.content == "1: 2+2, as json"
        assert (await chat(ask)).choices[0].message.content == "2: 2+2, as json"


async def test_an_error_of_the_test_is_not_lost() -> None:
    def answer(asked: Asked) -> Say:
        raise AssertionError(asked.path)

    with pytest.raises(AssertionError, match="/v1/chat/completions"):
        async with client(StubServer(answer)) as ask:
            with pytest.raises(openai.APIConnectionError):
                await chat(ask)


async def test_a_list_of_answers_runs_out() -> None:
    async with client(StubServer([])) as ask:
        with pytest.raises(openai.InternalServerError, match="used up"):
            await chat(ask)


async def test_key_models_and_addresses() -> None:
    server = StubServer([], key="right", models=("a", "b"))
    async with client(server, key="wrong") as ask:
        with pytest.raises(openai.AuthenticationError) as caught:
            await ask.models.list()
        assert caught.value.code == "invalid_api_key"
        right = ask.with_options(api_key="right")
        assert [model.id for model in (await right.models.list()).data] == ["a", "b"]
        with pytest.raises(openai.NotFoundError, match="`m` does not exist"):
            await chat(right)
        with pytest.raises(openai.NotFoundError, match="Invalid URL"):
            await right.embeddings.create(model="a", input="x")


WAITS = {"silence": Silence(), "drip": Drip(0.05), "slow": SlowStart(30), "delay": Say("late", delay=30)}


@pytest.mark.parametrize("said", WAITS.values(), ids=WAITS)
async def test_a_server_that_keeps_one_waiting(said: Any) -> None:
    async with client(StubServer([said]), timeout=0.3) as ask:
        started = time.monotonic()
        with pytest.raises((openai.APITimeoutError, TimeoutError)):
            await asyncio.wait_for(chat(ask), 0.4)
        assert time.monotonic() - started < 2


async def test_dripped_and_slow_answers_are_right_in_the_end() -> None:
    async with client(StubServer([Drip(0.0001), SlowStart(0.05), Say("now", delay=0.05)])) as ask:
        assert [(await chat(ask)).choices[0].message.content for _ in range(3)] == ["late", "at last", "now"]


@pytest.mark.parametrize("after", [0, 1, 100])
async def test_a_lost_connection(after: int) -> None:
    async with client(StubServer([Close(after), Say("again")])) as ask:
        with pytest.raises(openai.APIConnectionError):
            await chat(ask)
        assert (await chat(ask)).choices[0].message.content == "again"


async def test_statuses_pages_and_wrong_types() -> None:
    broke = Status(402, {"error": {"message": "broke"}})
    async with client(StubServer([Status(429, headers={"Retry-After": "7"}), broke, Status(503), Html(), WrongType()])) as ask:
        with pytest.raises(openai.RateLimitError) as caught:
            await chat(ask)
        assert caught.value.response.headers["retry-after"] == "7"
        with pytest.raises(openai.APIStatusError, match="broke"):
            await chat(ask)
        with pytest.raises(openai.InternalServerError):
            await chat(ask)
        page = await ask.chat.completions.with_raw_response.create(model="m", messages=[USER])  # type: ignore[list-item]
        assert page.headers["content-type"].startswith("text/html")
        assert b"<html" in page.content
        wrong = await ask.chat.completions.with_raw_response.create(model="m", messages=[USER])  # type: ignore[list-item]
        assert wrong.headers["content-type"].startswith("text/plain")
        assert json.loads(wrong.content)["choices"][0]["message"]["content"] == "mislabelled"


@pytest.mark.parametrize("vendor", VENDORS)
async def test_no_vendor_thinks_when_it_is_switched_off(vendor: str) -> None:
    server = StubServer([Say('{"n": 4}', thinking=THOUGHT)], quirks=VENDORS[vendor])
    async with client(server) as ask:
        got = await chat(ask, **OFF.get(vendor, {"response_format": {"type": "json_object"}}))
    assert got.choices[0].message.content == '{"n": 4}'
    assert THOUGHT not in got.model_dump_json()
    assert server.asked[0].effort == ""


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_vendor_thinks_in_its_own_place(vendor: str) -> None:
    server = StubServer([Say('{"n": 4}', thinking=THOUGHT)], quirks=VENDORS[vendor])
    async with client(server) as ask:
        chunks, content, aside = await streamed(ask, **HIGH[vendor])
    places = VENDORS[vendor].places
    inline = {"r1-distill": f"{THOUGHT}\n</think>\n\n", "skywork-o1": f"{THOUGHT}\n\n", "gemini": f"<thought>{THOUGHT}</thought>"}
    assert content == inline.get(vendor, "") + '{"n": 4}'
    assert aside == (THOUGHT if places[0].startswith("reasoning") else "")
    assert server.asked[0].effort == EFFORT.get(vendor, "high")
    assert chunks[-1].usage.completion_tokens == 10, "hidden thinking is paid as well"
    figures = chunks[-1].usage.model_dump()
    inside = (figures.get("completion_tokens_details") or {}).get("reasoning_tokens")
    expected = {"details": (8, None), "top": (None, 8), "missing": (None, None)}
    assert (inside, figures.get("reasoning_tokens")) == expected[VENDORS[vendor].reasoning_usage]


async def test_details_of_reasoning_are_next_to_it() -> None:
    async with client(StubServer([Say("4", thinking=THOUGHT)] * 2, quirks=VENDORS["openrouter"])) as ask:
        message = (await chat(ask)).choices[0].message
        assert message.reasoning == message.reasoning_details[0]["text"] == THOUGHT
        quiet = (await chat(ask, reasoning={"effort": "low", "exclude": True})).choices[0].message
        assert not hasattr(quiet, "reasoning")


@pytest.mark.parametrize("place, content", [("<think>", "<think>\nHm\n</think>\n\n4"), ("◁think▷", "◁think▷Hm◁/think▷4")])
async def test_thinking_inside_the_content(place: Any, content: str) -> None:
    async with client(StubServer([Say("4", thinking="Hm")], quirks=Quirks(places=(place,)))) as ask:
        assert (await chat(ask)).choices[0].message.content == content


@pytest.mark.parametrize(
    "vendor, request_, names",
    [
        ("openai", {"max_tokens": 9}, "max_tokens"),
        ("openai", {"temperature": 0}, "temperature"),
        ("openai", {"thinking": {"type": "disabled"}}, "thinking"),
        ("openai", {"reasoning_effort": "extreme"}, "reasoning_effort"),
        ("gemini", {"enable_thinking": False}, "enable_thinking"),
        ("gemini", {"google": {"thinking_config": {}}}, "google"),
        ("moonshot", {"temperature": 0.6}, "temperature"),
        ("moonshot", {"temperature": 1, "thinking": {"type": "disabled"}}, "temperature"),
        ("ollama", {"reasoning_effort": "minimal"}, "minimal"),
        ("deepseek", {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}}, "response_format"),
        ("qwen", {}, "enable_thinking"),
        ("qwen", {"stream": True, "response_format": {"type": "json_object"}}, "response_format"),
        ("deepseek", {"tools": [TOOL], "tool_choice": "required"}, "tool_choice"),
        ("openai", {"tool_choice": "auto"}, "tool_choice"),
        ("openai", {"parallel_tool_calls": True}, "parallel_tool_calls"),
        ("openai", {"stream_options": {"include_usage": True}}, "stream_options"),
        ("openai", {"response_format": {"type": "yaml"}}, "yaml"),
        ("openai", {"max_completion_tokens": 0}, "max_completion_tokens"),
    ],
)
async def test_what_vendors_refuse_names_what_it_was(vendor: str, request_: dict[str, Any], names: str) -> None:
    error = await refusal(VENDORS[vendor], **request_)
    assert error.status_code == 400
    assert names in error.response.text
    form = VENDORS[vendor].errors
    assert isinstance(error.body, list) if form == "list" else isinstance(error.body, dict)
    if form == "unnamed":
        assert error.body["param"] is None  # type: ignore[index]


async def test_switches_of_others_are_ignored_where_they_are() -> None:
    async with client(StubServer([Say("4", thinking=THOUGHT)] * 2, quirks=VENDORS["deepseek"])) as ask:
        got = await chat(ask, enable_thinking=False, temperature=0)
        assert got.choices[0].message.reasoning_content == THOUGHT


async def test_json_has_to_be_mentioned() -> None:
    error = await refusal(VENDORS["openai"], [{"role": "user", "content": "2+2"}], response_format={"type": "json_object"})
    assert "must contain the word 'json'" in str(error)


async def test_pictures_for_the_blind() -> None:
    message = {"role": "user", "content": [{"type": "text", "text": "See"}, PICTURE]}
    assert "image_url" in str(await refusal(VENDORS["deepseek"], [message]))
    async with client(StubServer([Say("seen")], quirks=VENDORS["openai"])) as ask:
        assert (await chat(ask, [message])).choices[0].message.content == "seen"


def _schema(**more: Any) -> dict[str, Any]:
    whole = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False} | more
    return {"type": "json_schema", "json_schema": {"name": "plan", "strict": True, "schema": whole}}


def _kind(name: str) -> dict[str, Any]:
    return _schema(properties={"kind": {"const": name}}, required=["kind"])["json_schema"]["schema"]


def _variants(*schemas: dict[str, Any]) -> dict[str, Any]:
    return _schema(properties={"a": {"anyOf": list(schemas)}})


@pytest.mark.parametrize(
    "format_, why",
    [
        (_schema(additionalProperties=True), "additionalProperties"),
        (_schema(required=[]), "Missing 'a'"),
        (_schema(properties={"a": {"type": "string", "default": ""}}), "'default' is not permitted"),
        (_schema(properties={"a": {"oneOf": [{"type": "string"}]}}), "'oneOf' is not permitted"),
        (_schema(properties={"a": {"$ref": "#/$defs/b", "description": "b"}}), r"\$ref cannot have keywords"),
        (_schema(**{"$defs": {"b": {"type": "object", "properties": {}}}}), "'\\$defs', 'b'"),
        (_variants(_kind("x"), _kind("x")), "identical first keys"),
        ({"type": "json_schema", "json_schema": {"name": "a plan", "schema": {}}}, "name"),
        ({"type": "json_schema", "json_schema": {"name": "plan"}}, "schema"),
        (_schema(type="array"), "object"),
    ],
)
async def test_strict_schemas_are_held_to_what_openai_supports(format_: dict[str, Any], why: str) -> None:
    error = await refusal(VENDORS["openai"], response_format=format_)
    with pytest.raises(openai.BadRequestError, match=why):
        raise error


async def test_a_portable_schema_is_taken() -> None:
    async with client(StubServer([Say("{}")], quirks=VENDORS["openai"])) as ask:
        await chat(ask, response_format=_variants(_kind("x"), _kind("y")))


@pytest.mark.parametrize("vendor", ["deepseek", "moonshot"])
async def test_thinking_must_come_back_with_results_of_tools(vendor: str) -> None:
    async with client(StubServer([Say(thinking=THOUGHT, tool_calls=(("add", "{}"),)), Say("4")], quirks=VENDORS[vendor])) as ask:
        first = (await chat(ask, tools=[TOOL])).choices[0].message.model_dump(exclude_none=True)
        result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "4"}
        bare = {name: value for name, value in first.items() if name != "reasoning_content"}
        with pytest.raises(openai.BadRequestError, match="reasoning_content"):
            await chat(ask, [USER, bare, result])
        assert (await chat(ask, [USER, first, result])).choices[0].message.content == "4"


async def test_thinking_may_have_to_stay_away() -> None:
    turns = [USER, {"role": "assistant", "content": "4", "reasoning_content": "Hm"}, USER]
    assert "not permitted" in str(await refusal(Quirks(echo="refused"), turns))


async def test_thinking_may_be_impossible_to_switch_off() -> None:
    refused = await refusal(Quirks(off="refused"), thinking={"type": "disabled"})
    assert "cannot be disabled" in str(refused)
    async with client(StubServer([Say("4", thinking=THOUGHT)], quirks=Quirks(off="ignored"))) as ask:
        assert (await chat(ask, thinking={"type": "disabled"})).choices[0].message.reasoning_content == THOUGHT


CALLING = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "add"}}]}


@pytest.mark.parametrize(
    "messages, why",
    [
        ([USER, CALLING], "must be followed by tool messages"),
        ([USER, CALLING, USER], "must be followed by tool messages"),
        ([{"role": "robot", "content": "x"}], "robot"),
        ([{"role": "user", "content": None}], "content"),
        ([USER, {"role": "tool", "tool_call_id": "c", "content": "x"}], "role 'tool'"),
        ([{"role": "user", "content": [{"type": "smell"}]}], "smell"),
    ],
)
async def test_messages_that_make_no_sense(messages: list[Any], why: str) -> None:
    assert why in str(await refusal(Quirks(), messages))


async def test_a_budget_may_go_into_thinking() -> None:
    quirks = Quirks(thinks=100)
    async with client(StubServer([Say("four")] * 3, quirks=quirks)) as ask:
        starved = await chat(ask, max_tokens=100)
        assert (starved.choices[0].finish_reason, starved.choices[0].message.content) == ("length", "")
        assert starved.usage.completion_tokens_details.reasoning_tokens == 100
        fed = await chat(ask, max_tokens=101)
        assert (fed.choices[0].finish_reason, fed.choices[0].message.content) == ("stop", "four")
        off = await chat(ask, max_tokens=1, enable_thinking=False)
        assert off.choices[0].message.content == "four"


async def test_an_answer_may_be_cut() -> None:
    said = Say("1234567", tool_calls=(("add", "{}"),))
    async with client(StubServer([said, Say(tool_calls=(("add", '{"a": 123456}'),))])) as ask:
        cut = (await chat(ask, max_tokens=1)).choices[0]
        assert (cut.message.content, cut.message.tool_calls, cut.finish_reason) == ("1234", None, "length")
        call = (await chat(ask, max_tokens=3)).choices[0]
        assert (call.message.tool_calls[0].function.arguments, call.finish_reason) == ('{"a": 123', "length")


async def test_figures_of_the_cache() -> None:
    for vendor, expected in (("deepseek", "prompt_cache_hit_tokens"), ("moonshot", "cached_tokens")):
        async with client(StubServer([Say("4", usage={"prompt_tokens": 9, "cached_tokens": 5})], quirks=VENDORS[vendor])) as ask:
            assert (await chat(ask)).usage.model_dump()[expected] == 5
    async with client(StubServer([Say("4")], quirks=Quirks(usage=False))) as ask:
        assert (await chat(ask)).usage is None


async def test_the_responses_api() -> None:
    said = Say("four", thinking=THOUGHT, tool_calls=(("add", "{}"),))
    server = StubServer([said] * 2, quirks=VENDORS["openai"])
    async with client(server) as ask:
        got = await ask.responses.create(model="m", instructions="Add.", input="2+2", reasoning={"effort": "low"})
        assert [item.type for item in got.output] == ["reasoning", "message", "function_call"]
        assert got.output_text == "four"
        assert got.output[0].summary == []  # type: ignore[union-attr]
        assert got.usage is not None
        assert got.usage.output_tokens_details.reasoning_tokens == 8
        told = await ask.responses.create(model="m", input="2+2", reasoning={"effort": "low", "summary": "auto"})
        assert told.output[0].summary[0].text == THOUGHT  # type: ignore[union-attr]
    assert server.asked[0].text == "Add.\n\n2+2"
    assert server.asked[0].effort == "low"


async def test_responses_are_streamed_as_the_client_expects() -> None:
    said = Say("four and more", thinking=THOUGHT, tool_calls=(("add", '{"a": 1}'),))
    async with client(StubServer([said])) as ask, ask.responses.stream(model="m", input="2+2") as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert {"response.output_text.delta", "response.reasoning_text.delta", "response.function_call_arguments.done"} <= set(kinds)
    assert final.output_text == "four and more"


async def test_a_response_may_be_incomplete() -> None:
    async with client(StubServer([Say("four")], quirks=Quirks(thinks=100))) as ask:
        got = await ask.responses.create(model="m", input="2+2", max_output_tokens=50)
    assert got.status == "incomplete"
    assert got.incomplete_details is not None
    assert got.incomplete_details.reason == "max_output_tokens"
    assert got.output_text == ""


async def test_computer_calls_and_their_safety_checks() -> None:
    click = {"type": "click", "button": "left", "x": 1, "y": 2}
    checks = ({"id": "s1", "code": "malicious_instructions", "message": "Look out"},)
    said = Say(computer=(click, {"type": "type", "text": "a"}), pending_safety_checks=checks)
    async with client(StubServer([said, Say("done")])) as ask:
        first = await ask.responses.create(model="m", input="Click", tools=[{"type": "computer"}])
        call: Any = next(item for item in first.output if item.type == "computer_call")
        assert [action.type for action in call.actions] == ["click", "type"]
        assert call.pending_safety_checks[0].id == "s1"
        screen = {"type": "computer_screenshot", "image_url": "data:image/png;base64,AAAA"}
        output: Any = {"type": "computer_call_output", "call_id": call.call_id, "output": screen}
        with pytest.raises(openai.BadRequestError, match="acknowledge"):
            await ask.responses.create(model="m", previous_response_id=first.id, input=[output])
        output |= {"acknowledged_safety_checks": [{"id": "s1"}]}
        last = await ask.responses.create(model="m", previous_response_id=first.id, input=[output])
        assert last.output_text == "done"


async def test_responses_refuse_as_openai_does() -> None:
    unknown: Any = {"type": "function_call_output", "call_id": "c", "output": "x"}
    async with client(StubServer([], quirks=VENDORS["openai"])) as ask:
        with pytest.raises(openai.BadRequestError, match="No tool call found for function call output"):
            await ask.responses.create(model="m", input=[unknown])
        with pytest.raises(openai.BadRequestError, match="resp_x"):
            await ask.responses.create(model="m", input="x", previous_response_id="resp_x")
        with pytest.raises(openai.BadRequestError, match="temperature"):
            await ask.responses.create(model="m", input="x", temperature=0)
        with pytest.raises(openai.BadRequestError, match="yaml"):
            await ask.responses.create(model="m", input="x", text={"format": {"type": "yaml"}})  # type: ignore[typeddict-item]
    async with client(StubServer([], quirks=VENDORS["zhipu"])) as ask:
        with pytest.raises(openai.NotFoundError):
            await ask.responses.create(model="m", input="x")
