"""What goes to a model's server and what comes back, whichever wire it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from operator_agent.flow.record import Level, Usage
from operator_agent.models.port import Image
from operator_agent.models.profiles import JsonMode, Patch, Profile, UsagePaths, merged

_NOTHING = Usage()
TOOL = "answer"
"""The one tool a model can be made to call, and the name of the schema."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    text: str
    """The answer without any thinking."""
    usage: Usage = _NOTHING
    thinking: str = ""
    arguments: str | None = None
    """What it called the tool `answer` with."""
    call: str = ""
    """The id of that call."""
    cut: bool = False
    """The output budget ended it."""
    declined: str = ""
    """Why it would not answer."""
    raw_thinking: Mapping[str, Any] | None = None
    """The fields that held the thinking, as they came, for servers that want them back."""


def called(text: str, arguments: list[str | None]) -> tuple[str, str | None]:
    """Text and arguments of an answer that called the tool so often: of several calls none is chosen, all are read as one text."""
    if len(arguments) < 2:
        return text, next(iter(arguments), None)
    return "\n".join(one or "" for one in arguments), None


@dataclass(frozen=True, slots=True)
class Turn:
    """A former answer, and what was said to it."""

    answer: Answer
    words: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, before it takes the shape of a wire."""

    model: str
    system: str
    parts: tuple[str | Image, ...]
    level: Level
    patch: Patch
    mode: JsonMode | None = None
    """How the object is asked for; None asks for plain words."""
    schema: Mapping[str, Any] | None = None
    form: str = ""
    """The schema as a person would write it."""
    turns: tuple[Turn, ...] = ()

    @property
    def instructions(self) -> str:
        """The system text, with the form of the answer where the mode does not show it to the model."""
        if self.mode is None or not self.form or not self.mode.told:
            return self.system
        means = "Call the tool `answer`" if self.mode.mode == "tool" else "Answer with one JSON object and nothing else"
        return f"{self.system}\n\n{means}; every property is given, and nothing else:\n{self.form}"


class Wire(Protocol):
    """One of the two APIs."""

    def body(self, ask: Ask, profile: Profile) -> dict[str, Any]:
        """The request, before the profile's patches."""
        ...

    def joined(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """The whole reply of a streamed one; {} when its end is missing."""
        ...

    def answer(self, reply: Mapping[str, Any], profile: Profile) -> Answer | None:
        """What it says; None when it is no reply of this API."""
        ...


def request(ask: Ask, profile: Profile, wire: Wire) -> dict[str, Any]:
    """The body that is sent: the wire's own, the profile's patches over it, and without what is to be left out."""
    body = merged(merged(wire.body(ask, profile), profile.request), ask.patch)
    body.setdefault(profile.budget.name, getattr(profile.budget, ask.level))
    if profile.streams(ask.level):
        body["stream"] = True
        if profile.wire == "chat" and profile.stream_usage:
            body["stream_options"] = {"include_usage": True}
    return {key: value for key, value in body.items() if key not in profile.drop}


def usage_of(reply: Mapping[str, Any], paths: UsagePaths) -> Usage:
    """The server's own figures; what it does not say is 0, a cost it does not say is None."""
    counted = {name: int(_at(reply, getattr(paths, name)) or 0) for name in ("input", "output", "reasoning", "cached", "total")}
    total = counted.pop("total")
    # Some count thinking in the total only.
    counted["output"] = max(counted["output"], counted["reasoning"], total - counted["input"])
    cost = _at(reply, paths.cost)
    return Usage(**counted, cost=None if cost is None else float(cost))


def _at(reply: Mapping[str, Any], paths: tuple[str, ...]) -> float | None:
    for path in paths:
        found: Any = reply
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, int | float) and not isinstance(found, bool):
            return found
    return None
