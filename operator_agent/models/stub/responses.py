"""`POST /v1/responses`: what is refused, and how an answer is written, at once or as events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from operator_agent.models.stub.answers import Asked, Say
from operator_agent.models.stub.given import Given, event, number, pieces
from operator_agent.models.stub.quirks import Quirks
from operator_agent.models.stub.refusals import Refused
from operator_agent.models.stub.requests import check_format, check_parameters, check_pictures, check_tools

_KNOWN = frozenset(
    "background context_management conversation include input instructions max_output_tokens max_tool_calls metadata model"
    " moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention"
    " reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs"
    " top_p truncation user".split()
)
_ROLES = ("system", "developer", "user", "assistant")
_CALLS = {"function_call_output": "function_call", "computer_call_output": "computer_call"}


@dataclass(slots=True)
class Memory:
    """What a server keeps between two requests: its answers, its calls, and the safety checks it waits for."""

    answers: set[str] = field(default_factory=set)
    checks: dict[str, set[str]] = field(default_factory=dict)
    """Of each call made, by `call_id`."""

    def keep(self, response: dict[str, Any]) -> None:
        self.answers.add(response["id"])
        for item in response["output"]:
            if "call_id" in item:
                self.checks[item.get("call_id", "")] = {check["id"] for check in item.get("pending_safety_checks", ())}


def check(asked: Asked, quirks: Quirks, memory: Memory) -> None:
    """Raises `Refused` for what this vendor does not take."""
    if asked.body.get("input") is None and not asked.body.get("prompt"):
        raise Refused("Missing required parameter: 'input'.", param="input", name="missing_required_parameter")
    check_parameters(asked, quirks, _KNOWN, "max_output_tokens")
    before = asked.body.get("previous_response_id")
    if before is not None and before not in memory.answers:
        why = f"Previous response with id '{before}' not found."
        raise Refused(why, param="previous_response_id", name="previous_response_not_found")
    check_format(asked, quirks, (asked.body.get("text") or {}).get("format"), "text.format")
    check_tools(asked, quirks, [tool for tool in asked.body.get("tools") or () if tool.get("type") == "function"])
    check_pictures(asked, quirks)
    _check_items(asked, memory)


def _check_items(asked: Asked, memory: Memory) -> None:
    checks = dict(memory.checks)
    for at, item in enumerate(asked.turns):
        kind = item.get("type", "message")
        if kind == "message" and item.get("role") not in _ROLES:
            why = f"Invalid value: '{item.get('role')}'. Supported values are: {', '.join(_ROLES)}."
            raise Refused(why, param=f"input[{at}].role")
        if kind in _CALLS.values():
            checks[item.get("call_id", "")] = {check["id"] for check in item.get("pending_safety_checks") or ()}
        if kind not in _CALLS:
            continue
        call = item.get("call_id")
        if call not in checks:
            what = kind.removesuffix("_output").replace("_", " ")
            raise Refused(f"No tool call found for {what} output with call_id {call}.", param="input")
        if left := checks[call] - {check["id"] for check in item.get("acknowledged_safety_checks") or ()}:
            why = f"Computer call output with call_id {call} must acknowledge the pending safety checks: {', '.join(sorted(left))}."
            raise Refused(why, param=f"input[{at}].acknowledged_safety_checks")


def response(asked: Asked, say: Say, given: Given, quirks: Quirks) -> dict[str, Any]:
    """The whole answer as one object."""
    cut = given.finish == "length"
    whole = _envelope(asked) | {
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": list(_items(asked, say, given, quirks)),
    }
    counts = given.counts
    if quirks.usage:
        whole["usage"] = {
            "input_tokens": counts.input,
            "input_tokens_details": {"cached_tokens": counts.cached, "cache_write_tokens": 0},
            "output_tokens": counts.output,
            "output_tokens_details": {"reasoning_tokens": counts.reasoning},
            "total_tokens": counts.input + counts.output,
        }
    return whole


def _envelope(asked: Asked) -> dict[str, Any]:
    body = asked.body
    return {
        "id": number("resp_"),
        "object": "response",
        "created_at": int(asked.at),
        "model": body.get("model", ""),
        "error": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "reasoning": {"effort": asked.effort or "none", "summary": (body.get("reasoning") or {}).get("summary")},
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p", 1.0),
        "usage": None,
    }


def _items(asked: Asked, say: Say, given: Given, quirks: Quirks) -> Iterator[dict[str, Any]]:
    if given.thinking:
        yield _reasoning(asked, given.thinking, quirks)
    if given.content or not (given.tool_calls or say.computer or given.finish == "length"):
        part = {"type": "output_text", "text": given.content, "annotations": [], "logprobs": []}
        yield {"type": "message", "id": number("msg_"), "role": "assistant", "status": "completed", "content": [part]}
    for name, arguments in given.tool_calls:
        item = {"type": "function_call", "id": number("fc_"), "call_id": number("call_"), "name": name, "arguments": arguments}
        yield item | {"status": "completed"}
    if say.computer and given.finish != "length":
        yield from _computer_calls(asked, say)


def _reasoning(asked: Asked, thinking: str, quirks: Quirks) -> dict[str, Any]:
    """OpenAI shows a summary, and only when one was asked for; open weights are shown as they are."""
    item: dict[str, Any] = {"type": "reasoning", "id": number("rs_"), "summary": []}
    if "hidden" not in quirks.places:
        return item | {"content": [{"type": "reasoning_text", "text": thinking}]}
    if (asked.body.get("reasoning") or {}).get("summary"):
        item["summary"] = [{"type": "summary_text", "text": thinking}]
    return item


def _computer_calls(asked: Asked, say: Say) -> Iterator[dict[str, Any]]:
    """One call with all actions for the tool `computer`, a call for each with its predecessor `computer_use_preview`."""
    checks = list(say.pending_safety_checks)
    if any(tool.get("type") == "computer_use_preview" for tool in asked.body.get("tools") or ()):
        for action in say.computer:
            yield _computer_call({"action": action}, checks)
    else:
        yield _computer_call({"actions": list(say.computer)}, checks)


def _computer_call(acts: dict[str, Any], checks: list[dict[str, Any]]) -> dict[str, Any]:
    head = {"type": "computer_call", "id": number("cu_"), "call_id": number("call_")}
    return head | acts | {"pending_safety_checks": checks, "status": "completed"}


def stream(whole: dict[str, Any]) -> Iterator[bytes]:
    """The same as server-sent events, numbered, each with its name."""
    started = whole | {"status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    events = [
        ("response.created", {"response": started}),
        ("response.in_progress", {"response": started}),
        *(told for at, item in enumerate(whole["output"]) for told in _item_events(at, item)),
        ("response.incomplete" if whole["status"] == "incomplete" else "response.completed", {"response": whole}),
    ]
    for position, (name, data) in enumerate(events):
        yield event({"type": name, "sequence_number": position} | data, name)


def _item_events(at: int, item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    place = {"item_id": item["id"], "output_index": at}
    empty = {"content": [], "arguments": "", "summary": []}
    begun = {name: empty.get(name, value) for name, value in item.items()} | {"status": "in_progress"}
    yield "response.output_item.added", {"output_index": at, "item": begun}
    if item["type"] == "message":
        yield from _text(place | {"content_index": 0}, item["content"][0], "response.content_part", "response.output_text")
    elif item["type"] == "function_call":
        for piece in pieces(item["arguments"]):
            yield "response.function_call_arguments.delta", place | {"delta": piece}
        yield "response.function_call_arguments.done", place | {"arguments": item["arguments"], "name": item["name"]}
    elif item["type"] == "reasoning" and item["summary"]:
        part = item["summary"][0]
        yield from _text(place | {"summary_index": 0}, part, "response.reasoning_summary_part", "response.reasoning_summary_text")
    elif item["type"] == "reasoning" and item.get("content"):
        yield from _text(place | {"content_index": 0}, item["content"][0], "response.content_part", "response.reasoning_text")
    yield "response.output_item.done", {"output_index": at, "item": item}


def _text(place: dict[str, Any], part: dict[str, Any], whole: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    more: dict[str, Any] = {"logprobs": []} if part["type"] == "output_text" else {}
    yield f"{whole}.added", place | {"part": part | {"text": ""}}
    for piece in pieces(part["text"]):
        yield f"{text}.delta", place | {"delta": piece} | more
    yield f"{text}.done", place | {"text": part["text"]} | more
    yield f"{whole}.done", place | {"part": part}
