"""What a stub server is asked, and everything it can be told to answer: an ordinary answer, or one of the ways servers fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

PICTURES = ("image_url", "input_image", "computer_screenshot")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it was received. `at` is the loop's clock, in seconds."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    at: float
    effort: str = ""
    """How much this vendor will think for it: "" not at all, else a level (`low`, `high` …) or `on` where there are no levels."""

    @property
    def text(self) -> str:
        """All text a model is given, in order, one paragraph each: of the system, of the user, and results of tools."""
        return "\n\n".join(part["text"] for part in self._parts() if "text" in part)

    @property
    def images(self) -> int:
        """How many pictures came with it."""
        return sum(part.get("type") in PICTURES for part in self._parts())

    @property
    def everything(self) -> str:
        """The same with the assistant's own turns and the descriptions of tools: what input tokens are counted from."""
        said = [part["text"] for part in self._parts(own=True) if "text" in part]
        calls = [str(turn[key]) for turn in self.turns for key in ("tool_calls", "arguments", "actions") if turn.get(key)]
        return "\n\n".join([*said, *calls, *(str(tool) for tool in self.body.get("tools") or ())])

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The messages, or the input items."""
        turns = self.body.get("messages", self.body.get("input")) or []
        return [{"role": "user", "content": turns}] if isinstance(turns, str) else turns

    def _parts(self, *, own: bool = False) -> Iterator[dict[str, Any]]:
        if isinstance(self.body.get("instructions"), str):
            yield {"type": "text", "text": self.body["instructions"]}
        for turn in self.turns:
            if own or turn.get("role") != "assistant":
                yield from parts(turn)


def parts(turn: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """The text and pictures of a message or an input item."""
    content = turn.get("content") or turn.get("output") or ()
    if isinstance(content, str):
        return ({"type": "text", "text": content},)
    return (content,) if isinstance(content, dict) else content


@dataclass(frozen=True, slots=True)
class Say:
    """An ordinary answer. Thinking is only given out where this vendor thinks for this request."""

    content: str = ""
    thinking: str = ""
    tool_calls: tuple[tuple[str, str], ...] = ()
    """Name and arguments, as the JSON text a model writes: it may be wrong JSON."""
    computer: tuple[dict[str, Any], ...] = ()
    """Actions of one `computer_call` of the Responses API, such as `{"type": "click", "button": "left", "x": 1, "y": 2}`."""
    pending_safety_checks: tuple[dict[str, Any], ...] = ()
    """Of that call: `{"id": …, "code": …, "message": …}`."""
    finish: str = "stop"
    delay: float = 0.0
    """Seconds before the first byte."""
    usage: dict[str, int] | None = None
    """`prompt_tokens`, `completion_tokens` (with thinking), `reasoning_tokens`, `cached_tokens`; those missing are counted from the
    text, four characters a token."""


@dataclass(frozen=True, slots=True)
class Status:
    """An error, or anything else to be sent as it is. An empty body becomes the error object OpenAI sends with this code."""

    code: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Silence:
    """The request is taken and never answered."""


@dataclass(frozen=True, slots=True)
class Drip:
    """The head at once, then a right answer one byte at a time."""

    seconds_between_bytes: float
    say: Say = Say("late")


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is lost: before anything is sent, or after the head and this many bytes of a right answer."""

    after_bytes: int = 0
    say: Say = Say("cut off")


@dataclass(frozen=True, slots=True)
class Html:
    """A page for people with status 200, as proxies and captive portals send it."""


@dataclass(frozen=True, slots=True)
class WrongType:
    """A right answer, labelled `text/plain`."""

    say: Say = Say("mislabelled")


@dataclass(frozen=True, slots=True)
class SlowStart:
    """Not a byte for so long, then a right answer."""

    seconds: float
    say: Say = Say("at last")


Answer: TypeAlias = Say | Status | Silence | Drip | Close | Html | WrongType | SlowStart
Answers: TypeAlias = Callable[[Asked], Answer | Awaitable[Answer]] | Iterable[Answer]
