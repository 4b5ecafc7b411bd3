"""`POST /v1/chat/completions`: what is refused, and how an answer is written."""

from __future__ import annotations

import itertools
from typing import Any

from operator_agent.models.stub.answers import Asked, Say
from operator_agent.models.stub.quirks import Quirks

_numbers = itertools.count(1)


def completion(asked: Asked, say: Say, quirks: Quirks) -> dict[str, Any]:
    """The whole answer as one object."""
    message: dict[str, Any] = {"role": "assistant", "content": say.content}
    if say.thinking:
        message["reasoning_content"] = say.thinking
    if say.tool_calls:
        message["content"] = say.content or None
        message["tool_calls"] = [
            {"id": f"call_{next(_numbers)}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for name, arguments in say.tool_calls
        ]
    finish = "tool_calls" if say.tool_calls and say.finish == "stop" else say.finish
    return {
        "id": f"chatcmpl-{next(_numbers)}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": usage(asked, say),
    }


def usage(asked: Asked, say: Say) -> dict[str, Any]:
    """Counted from the text unless it is said."""
    thought = _tokens(say.thinking)
    said = {
        "prompt_tokens": _tokens(asked.everything),
        "reasoning_tokens": thought,
        "completion_tokens": thought + _tokens(say.content + "".join(map("".join, say.tool_calls))),
        "cached_tokens": 0,
    } | (say.usage or {})
    return {
        "prompt_tokens": said["prompt_tokens"],
        "completion_tokens": said["completion_tokens"],
        "total_tokens": said["prompt_tokens"] + said["completion_tokens"],
        "prompt_tokens_details": {"cached_tokens": said["cached_tokens"]},
        "completion_tokens_details": {"reasoning_tokens": said["reasoning_tokens"]},
    }


def _tokens(text: str) -> int:
    return -(-len(text) // 4)
