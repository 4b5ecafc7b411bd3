"""The Chat Completions API, as everyone speaks it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from operator_agent.models.exchange import TOOL, Answer, Ask, Turn, called, usage_of
from operator_agent.models.port import Image
from operator_agent.models.profiles import Profile
from operator_agent.models.thought import parted


def body(ask: Ask, profile: Profile) -> dict[str, Any]:
    parts = ask.parts
    messages: list[dict[str, Any]] = []
    if profile.instructions == "user":
        parts = (ask.instructions, *parts)
    else:
        messages.append({"role": profile.instructions, "content": ask.instructions})
    messages.append({"role": "user", "content": _content(parts)})
    for turn in ask.turns:
        messages += _turn(turn, profile)
    return {"model": ask.model, "messages": messages, **_format(ask)}


def _content(parts: tuple[str | Image, ...]) -> str | list[dict[str, Any]]:
    """One string where there is only text: the form every server takes."""
    if not any(isinstance(part, Image) for part in parts):
        return "\n\n".join(str(part) for part in parts)
    return [
        {"type": "image_url", "image_url": {"url": data_url(part)}} if isinstance(part, Image) else {"type": "text", "text": part}
        for part in parts
    ]


def data_url(image: Image) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode('ascii')}"


def _turn(turn: Turn, profile: Profile) -> list[dict[str, Any]]:
    answer = turn.answer
    said: dict[str, Any] = {"role": "assistant", "content": answer.text or "(nothing)"}
    if answer.call:
        said["tool_calls"] = [
            {"id": answer.call, "type": "function", "function": {"name": TOOL, "arguments": answer.arguments or ""}}
        ]
    if answer.raw_thinking and (profile.echo == "always" or (profile.echo == "tools" and answer.call)):
        said |= answer.raw_thinking
    if answer.call:
        return [said, {"role": "tool", "tool_call_id": answer.call, "content": turn.words}]
    return [said, {"role": "user", "content": turn.words}]


def _format(ask: Ask) -> dict[str, Any]:
    kind = ask.mode.mode if ask.mode else "words"
    if kind == "schema":
        return {"response_format": {"type": "json_schema", "json_schema": {"name": TOOL, "strict": True, "schema": ask.schema}}}
    if kind == "object":
        return {"response_format": {"type": "json_object"}}
    if kind == "tool":
        function = {"name": TOOL, "description": "Gives the answer.", "parameters": ask.schema}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": TOOL}},
        }
    return {}


def answer(reply: Mapping[str, Any], profile: Profile) -> Answer | None:
    choices = reply.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    if not isinstance(first, Mapping) or not isinstance(message, Mapping):
        return None
    inside, said = _said(message.get("content"))
    thought, text = parted(said)
    fields = {name: message[name] for name in profile.thinking if message.get(name)}
    calls = message.get("tool_calls") or [{}]
    text, arguments = called(text, [(call.get("function") or {}).get("arguments") for call in calls])
    return Answer(
        text=text,
        usage=usage_of(reply, profile.usage),
        thinking="\n".join(filter(None, (*dict.fromkeys(map(_plain, fields.values())), inside, thought))),
        arguments=arguments,
        call=str(calls[0].get("id") or ""),
        cut=first.get("finish_reason") == "length",
        declined=str(message.get("refusal") or "") or ("its filter" if first.get("finish_reason") == "content_filter" else ""),
        raw_thinking=fields,
    )


def _said(content: Any) -> tuple[str, str]:
    """(thinking, text) of a content that is a string or a list of typed parts."""
    if not isinstance(content, list):
        return "", content if isinstance(content, str) else ""
    parts = [part for part in content if isinstance(part, Mapping)]
    text = "".join(str(part.get("text") or "") for part in parts if part.get("type") in ("text", "output_text"))
    return "".join(_plain(part.get("thinking")) for part in parts if part.get("type") == "thinking"), text


def _plain(thinking: Any) -> str:
    """Thinking as text: a string, or a list of details with `text` or `summary`."""
    if isinstance(thinking, list):
        return "".join(str(part.get("text") or part.get("summary") or "") for part in thinking if isinstance(part, Mapping))
    return thinking if isinstance(thinking, str) else ""


def joined(events: list[dict[str, Any]]) -> dict[str, Any]:
    message: dict[str, Any] = {}
    reply: dict[str, Any] = {}
    finish = None
    for event in events:
        reply |= {key: value for key, value in event.items() if key != "choices" and value is not None}
        for choice in event.get("choices") or ():
            _add(message, choice.get("delta") or {})
            finish = choice.get("finish_reason") or finish
            if choice.get("usage"):
                reply["usage"] = choice["usage"]
    return {**reply, "choices": [{"message": message, "finish_reason": finish}]} if finish else {}


def _add(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        if key == "tool_calls":
            for call in value or ():
                _add_call(message.setdefault("tool_calls", []), call)
        elif isinstance(value, str | list) and value:
            message[key] = message[key] + value if key in message and key != "role" else value


def _add_call(calls: list[dict[str, Any]], part: Mapping[str, Any]) -> None:
    index = int(part.get("index") or 0)
    while len(calls) <= index:
        calls.append({"id": "", "function": {"name": "", "arguments": ""}})
    function = part.get("function") or {}
    calls[index]["id"] = part.get("id") or calls[index]["id"]
    for key in ("name", "arguments"):
        calls[index]["function"][key] += function.get(key) or ""
