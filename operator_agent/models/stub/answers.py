"""What a stub server is asked, and everything it can be told to answer: an ordinary answer, or one of the ways servers fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

_OURS = ("system", "developer", "user")
_PICTURES = ("image_url", "input_image", "computer_screenshot")


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
        """All text of the system's and the user's messages or input items, in order, one paragraph each."""
        return "\n\n".join(part["text"] for part in self._parts(_OURS) if "text" in part)

    @property
    def images(self) -> int:
        """How many pictures came with it."""
        return sum(part.get("type") in _PICTURES for part in self._parts(()))

    @property
    def everything(self) -> str:
        """All text a model would read, the turns of the assistant and the tools' descriptions included: what is counted."""
        tools = self.body.get("tools")
        return "\n\n".join([part["text"] for part in self._parts(()) if "text" in part] + ([str(tools)] if tools else []))

    def _parts(self, roles: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """The parts of the messages of these roles; without roles, of everything."""
        if isinstance(self.body.get("instructions"), str):
            yield {"type": "text", "text": self.body["instructions"]}
        turns = self.body.get("messages", self.body.get("input", ()))
        for turn in [{"role": "user", "content": turns}] if isinstance(turns, str) else turns:
            if roles and turn.get("role") not in roles:
                continue
            content = turn.get("content") or turn.get("output") or ()
            yield from _as_parts(content)


def _as_parts(content: Any) -> Iterable[dict[str, Any]]:
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
