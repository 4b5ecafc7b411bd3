"""The Responses API: OpenAI's own wire. Nothing is stored there: every request says all it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operator_agent.models.chat import data_url
from operator_agent.models.exchange import TOOL, Answer, Ask, called, usage_of
from operator_agent.models.port import Image
from operator_agent.models.profiles import Profile
from operator_agent.models.thought import parted


def body(ask: Ask, profile: Profile) -> dict[str, Any]:
    turns: list[dict[str, Any]] = [{"role": "user", "content": [_part(part) for part in ask.parts]}]
    for turn in ask.turns:
        turns += _turn(turn.answer, turn.words)
    return {"model": ask.model, "instructions": ask.instructions, "input": turns, "store": False, **_format(ask)}


def _part(part: str | Image) -> dict[str, Any]:
    if isinstance(part, Image):
        return {"type": "input_image", "image_url": data_url(part)}
    return {"type": "input_text", "text": part}


def _turn(answer: Answer, words: str) -> list[dict[str, Any]]:
    if answer.call:
        return [
            {"type": "function_call", "call_id": answer.call, "name": TOOL, "arguments": answer.arguments or ""},
            {"type": "function_call_output", "call_id": answer.call, "output": words},
        ]
    return [
        {"role": "assistant", "content": [{"type": "output_text", "text": answer.text or "(nothing)"}]},
        {"role": "user", "content": [{"type": "input_text", "text": words}]},
    ]


def _format(ask: Ask) -> dict[str, Any]:
    kind = ask.mode.mode if ask.mode else "words"
    if kind == "schema":
        return {"text": {"format": {"type": "json_schema", "name": TOOL, "strict": True, "schema": ask.schema}}}
    if kind == "object":
        return {"text": {"format": {"type": "json_object"}}}
    if kind == "tool":
        tool = {"type": "function", "name": TOOL, "description": "Gives the answer.", "parameters": ask.schema}
        return {"tools": [tool], "tool_choice": {"type": "function", "name": TOOL}}
    return {}


def answer(reply: Mapping[str, Any], profile: Profile) -> Answer | None:
    output = reply.get("output")
    if not isinstance(output, list):
        return None
    items = [item for item in output if isinstance(item, Mapping)]
    parts = [part for item in items if item.get("type") == "message" for part in item.get("content") or ()]
    thought, text = parted("".join(str(part.get("text") or "") for part in parts if part.get("type") == "output_text"))
    summaries = [part for item in items if item.get("type") == "reasoning" for part in item.get("summary") or ()]
    calls = [item for item in items if item.get("type") == "function_call"]
    text, arguments = called(text, [call.get("arguments") for call in calls])
    why = (reply.get("incomplete_details") or {}).get("reason")
    return Answer(
        text=text,
        usage=usage_of(reply, profile.usage),
        thinking="\n".join(filter(None, (*(str(part.get("text") or "") for part in summaries), thought))),
        arguments=arguments,
        call=str(calls[0].get("call_id") or "") if calls else "",
        cut=why == "max_output_tokens",
        declined="".join(str(part.get("refusal") or "") for part in parts if part.get("type") == "refusal")
        or ("its filter" if why == "content_filter" else ""),
    )


def joined(events: list[dict[str, Any]]) -> dict[str, Any]:
    ended = ("response.completed", "response.incomplete", "response.failed")
    return next((event["response"] for event in reversed(events) if event.get("type") in ended), {})
