"""`POST /v1/chat/completions`: what is refused, and how an answer is written, at once or as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from operator_agent.models.stub.answers import Asked
from operator_agent.models.stub.given import Counts, Given, event, number, pieces
from operator_agent.models.stub.quirks import Quirks
from operator_agent.models.stub.refusals import Refused
from operator_agent.models.stub.requests import check_format, check_parameters, check_pictures, check_tools

_ROLES = ("system", "developer", "user", "assistant", "tool")
_PARTS = ("text", "image_url", "input_audio", "file", "refusal")
_UNANSWERED = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
_KNOWN = frozenset(
    "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages metadata"
    " modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options"
    " prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options"
    " temperature tool_choice tools top_logprobs top_p user verbosity web_search_options".split()
)


def check(asked: Asked, quirks: Quirks) -> None:
    """Raises `Refused` for what this vendor does not take."""
    _check_messages(asked.body.get("messages"))
    check_parameters(asked, quirks, _KNOWN, "max_completion_tokens")
    if quirks.stream_only and asked.effort and not asked.body.get("stream"):
        raise Refused("parameter.enable_thinking must be set to false for non-streaming calls", name="invalid_parameter_error")
    if asked.body.get("stream_options") is not None and not asked.body.get("stream"):
        raise Refused("The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options")
    check_format(asked, quirks, asked.body.get("response_format"), "response_format")
    check_tools(asked, quirks, [tool.get("function", {}) for tool in asked.body.get("tools") or ()])
    check_pictures(asked, quirks)
    _check_echo(asked, quirks)


def _check_messages(messages: Any) -> None:
    if messages is None:
        raise Refused("Missing required parameter: 'messages'.", param="messages", name="missing_required_parameter")
    if not isinstance(messages, list) or not messages:
        raise Refused("Invalid 'messages': expected a non-empty array.", param="messages", name="invalid_type")
    waiting: set[str | None] = set()
    for at, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in _ROLES:
            raise Refused(f"Invalid value: '{role}'. Supported values are: {', '.join(_ROLES)}.", param=f"messages[{at}].role")
        content = message.get("content")
        if content is None and not (role == "assistant" and message.get("tool_calls")):
            why = "Invalid value for 'content': expected a string, got null."
            raise Refused(why, param=f"messages[{at}].content")
        for part in content if isinstance(content, list) else ():
            if part.get("type") not in _PARTS:
                raise Refused(f"Invalid value: '{part.get('type')}'.", param=f"messages[{at}].content")
        if role == "tool" and message.get("tool_call_id") not in waiting:
            why = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
            raise Refused(f"Invalid parameter: {why}", param=f"messages[{at}].role")
        if role != "tool" and waiting:
            raise Refused(_UNANSWERED, param=f"messages[{at}].role")
        waiting = waiting - {message.get("tool_call_id")} | {call.get("id") for call in message.get("tool_calls") or ()}
    if waiting:
        raise Refused(_UNANSWERED, param="messages")


def _check_echo(asked: Asked, quirks: Quirks) -> None:
    for at, turn in enumerate(asked.turns):
        if turn.get("role") != "assistant":
            continue
        has = bool(turn.get("reasoning_content"))
        if has and quirks.echo == "refused":
            why = f"messages[{at}]: 'reasoning_content' is not permitted in the input."
            raise Refused(why, param=f"messages[{at}].reasoning_content")
        if asked.effort and turn.get("tool_calls") and not has and quirks.echo == "required":
            why = f"The `reasoning_content` in the thinking mode must be passed back to the API: messages[{at}]"
            raise Refused(why, name="invalid_request_error")


def completion(asked: Asked, given: Given, quirks: Quirks) -> dict[str, Any]:
    """The whole answer as one object."""
    message: dict[str, Any] = {"role": "assistant", "content": given.content or (None if given.tool_calls else "")}
    for name, thinking in given.fields.items():
        message[name] = [_detail(thinking)] if name == "reasoning_details" else thinking
    if given.tool_calls:
        message["tool_calls"] = [_call(name, arguments) for name, arguments in given.tool_calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(given)}
    whole = _envelope(asked, "chat.completion") | {"choices": [choice]}
    return whole | ({"usage": usage(given.counts, quirks)} if quirks.usage else {})


def stream(asked: Asked, given: Given, quirks: Quirks) -> Iterator[bytes]:
    """The same as server-sent events."""
    envelope = _envelope(asked, "chat.completion.chunk")
    wants_usage = bool((asked.body.get("stream_options") or {}).get("include_usage")) and quirks.usage
    rest = {"usage": None} if wants_usage else {}
    for delta in _deltas(given):
        yield event(envelope | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]} | rest)
    last = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": _finish(given)}
    yield event(envelope | {"choices": [last]} | rest)
    if wants_usage:
        yield event(envelope | {"choices": [], "usage": usage(given.counts, quirks)})
    yield event("[DONE]")


def _deltas(given: Given) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    thinking = next(iter(given.fields.values()), "")
    for piece in pieces(thinking):
        yield {name: [_detail(piece)] if name == "reasoning_details" else piece for name in given.fields}
    for piece in pieces(given.content):
        yield {"content": piece}
    for at, (name, arguments) in enumerate(given.tool_calls):
        yield {"tool_calls": [{"index": at, **_call(name, "")}]}
        for piece in pieces(arguments):
            yield {"tool_calls": [{"index": at, "function": {"arguments": piece}}]}


def usage(counts: Counts, quirks: Quirks) -> dict[str, Any]:
    """The figures where this vendor puts them."""
    told: dict[str, Any] = {
        "prompt_tokens": counts.input,
        "completion_tokens": counts.output,
        "total_tokens": counts.input + counts.output,
    }
    match quirks.cached_usage:
        case "details":
            told["prompt_tokens_details"] = {"cached_tokens": counts.cached}
        case "top":
            told["cached_tokens"] = counts.cached
        case "hit":
            told |= {"prompt_cache_hit_tokens": counts.cached, "prompt_cache_miss_tokens": counts.input - counts.cached}
    match quirks.reasoning_usage:
        case "details":
            told["completion_tokens_details"] = {"reasoning_tokens": counts.reasoning}
        case "top":
            told["reasoning_tokens"] = counts.reasoning
    return told


def _envelope(asked: Asked, kind: str) -> dict[str, Any]:
    return {"id": number("chatcmpl-"), "object": kind, "created": int(asked.at), "model": asked.body.get("model", "")}


def _call(name: str, arguments: str) -> dict[str, Any]:
    return {"id": number("call_"), "type": "function", "function": {"name": name, "arguments": arguments}}


def _detail(text: str) -> dict[str, Any]:
    return {"type": "reasoning.text", "text": text, "signature": None, "id": "reasoning-text-1", "format": "unknown", "index": 0}


def _finish(given: Given) -> str:
    return "tool_calls" if given.tool_calls and given.finish == "stop" else given.finish
