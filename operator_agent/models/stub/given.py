"""What a vendor makes of an answer: with thinking or without, cut off where the request's bound is reached, and counted."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from operator_agent.models.stub.answers import Asked, Say
from operator_agent.models.stub.quirks import Place, Quirks
from operator_agent.models.stub.thinking import shows

_numbers = itertools.count(1)
_A_TOKEN = 4
_A_PICTURE = 1000
_TAGS: dict[Place, tuple[str, str]] = {
    "<think>": ("<think>\n", "\n</think>\n\n"),
    "</think>": ("", "\n</think>\n\n"),
    "◁think▷": ("◁think▷", "◁/think▷"),
    "<thought>": ("<thought>", "</thought>"),
    "untagged": ("", "\n\n"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens. `output` includes `reasoning`, `input` includes `cached`."""

    input: int
    output: int
    reasoning: int
    cached: int


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it leaves the model. `content` has the thinking inside where that is this vendor's way."""

    content: str
    fields: dict[str, str]
    """Thinking that has a field of its own, by its name."""
    thinking: str
    """All of it, shown or not."""
    tool_calls: tuple[tuple[str, str], ...]
    finish: str
    counts: Counts


def given(asked: Asked, say: Say, quirks: Quirks) -> Given:
    """The answer as this vendor gives it."""
    thinking = (say.thinking or "Hmm " * quirks.thinks) if asked.effort else ""
    content, calls, finish = say.content, say.tool_calls, say.finish
    limit = _limit(asked.body, quirks)
    over = limit is not None and quirks.limited == "all" and tokens(thinking) >= limit
    if over:
        thinking, content, calls, finish = thinking[: (limit or 0) * _A_TOKEN], "", (), "length"
    elif limit is not None:
        room = limit - (tokens(thinking) if quirks.limited == "all" else 0)
        content, calls, cut = _fitted(content, calls, room)
        finish = "length" if cut else finish
    counts = _counts(asked, say, thinking, content + "".join(map("".join, calls)))
    seen = thinking if shows(asked.body, quirks) else ""
    fields: dict[str, str] = {place: seen for place in quirks.places if seen and place.startswith("reasoning")}
    if seen and (tags := next((_TAGS[place] for place in quirks.places if place in _TAGS), None)):
        content = tags[0] + seen + ("" if over else tags[1]) + content
    return Given(content, fields, thinking, calls, finish, counts)


def _limit(body: dict[str, Any], quirks: Quirks) -> int | None:
    return next((body[name] for name in ("max_output_tokens", *quirks.limits) if isinstance(body.get(name), int)), None)


def _fitted(content: str, calls: tuple[tuple[str, str], ...], room: int) -> tuple[str, tuple[tuple[str, str], ...], bool]:
    """As much as fits into that many tokens, in the order it is written, and whether anything was cut."""
    if tokens(content) > room:
        return content[: room * _A_TOKEN], (), True
    left = room * _A_TOKEN - len(content)
    fitting = []
    for name, arguments in calls:
        left -= len(name) + len(arguments)
        fitting.append((name, arguments if left >= 0 else arguments[:left]))
        if left < 0:
            return content, tuple(fitting), True
    return content, calls, False


def _counts(asked: Asked, say: Say, thinking: str, answer: str) -> Counts:
    told = say.usage or {}
    reasoning = told.get("reasoning_tokens", tokens(thinking))
    output = told.get("completion_tokens", reasoning + tokens(answer))
    heard = tokens(asked.everything) + asked.images * _A_PICTURE
    return Counts(told.get("prompt_tokens", heard), output, reasoning, told.get("cached_tokens", 0))


def tokens(text: str) -> int:
    """Four characters each."""
    return -(-len(text) // _A_TOKEN)


def number(prefix: str) -> str:
    """A name nothing else in this process has."""
    return f"{prefix}{next(_numbers):08d}"


def pieces(text: str) -> Iterator[str]:
    """The text as a stream brings it: short enough to break tags and words, and never more than some fifty pieces."""
    size = max(5, -(-len(text) // 50))
    return (text[at : at + size] for at in range(0, len(text), size))


def event(data: Any, name: str = "") -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()
