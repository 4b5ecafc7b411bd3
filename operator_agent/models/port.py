"""What is asked of a model, and what comes back. Servers, recordings, limits and fakes all stand behind this one method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from operator_agent.flow.record import Level, Usage

T = TypeVar("T", bound=BaseModel)
T_co = TypeVar("T_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as it is sent; `width` and `height` are its pixels."""

    data: bytes
    width: int
    height: int
    media_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question: instructions, and one turn of text and pictures. A model has no memory of the one before."""

    purpose: str
    """What it is for, in one word: `plan`, `revise`, `research`; for ledgers and fakes, never sent."""
    system: str
    parts: tuple[str | Image, ...]
    level: Level = "off"
    """How much may be thought before answering."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[T_co]):
    """A validated answer and what it cost. `usage` is the sum over all requests it took, repair turn included."""

    value: T_co
    usage: Usage
    level: Level
    """The level it was really given at: a server may have none, or thinking may have eaten the whole budget."""
    requests: int = 1
    thinking: str = ""
    """For the recording only: no part of it is ever acted on."""
    notes: tuple[str, ...] = ()
    """What a person should know: a parameter the server refused, a picture it would not take, a repaired reply."""


class Model(Protocol):
    """Something that answers prompts with objects of a given type."""

    @property
    def name(self) -> str:
        """As in records: `qwen3-32b at http://127.0.0.1:8000/v1`."""
        ...

    @property
    def sees(self) -> bool:
        """It takes pictures."""
        ...

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        """An instance of `reply`, complete and valid.

        Raises ModelRefused (key, credit, no such model: a person must act), ModelLost (never answered, went away, kept failing),
        BadReply (no valid object after one repair turn), LimitReached (the next request would exceed a limit; it was not sent).
        """
        ...
