"""One act while it is being done: its deadline, what already left, what is known so far."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from operator_agent.flow.action import Action
from operator_agent.flow.observation import Box, Element, Performed, Trouble

if TYPE_CHECKING:
    from operator_agent.surfaces.browser.parts import Parts

Kind = Literal[
    "absent", "ambiguous", "stale", "covered", "disabled", "inert", "rejected", "timeout", "dialog", "blocked", "unsupported"
]


class Hindered(Exception):
    """The act cannot be done as asked. A signal inside this package; the surface makes a `Trouble` of it."""

    def __init__(self, kind: Kind, detail: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.trouble = Trouble(kind=kind, detail=detail, candidates=tuple(candidates))


@dataclass(slots=True)
class Turn:
    """What an act works with and what it leaves behind. Verbs fill it in; the surface reads it."""

    parts: Parts
    action: Action
    elements: Mapping[str, Element]
    deadline: float
    """Monotonic seconds; waiting for the target ends here."""
    began: float = field(default_factory=time.monotonic)
    started: float = 0.0
    delivery: Literal["none", "sent", "uncertain"] = "none"
    point: tuple[float, float] | None = None
    box: Box | None = None
    value: str | list[str] | list[dict[str, str]] | None = None
    source: str = ""
    facts: list[str] = field(default_factory=list)
    settles: bool = True
    """False for verbs that start nothing or have already waited for what they started."""

    answered: bool = False
    """True when the page has answered a script since the input: what the act started is known by now."""

    @property
    def left(self) -> float:
        """Seconds until the deadline, never below zero."""
        return max(0.0, self.deadline - time.monotonic())

    def element(self, name: str = "target") -> Element:
        return self.elements[name]

    def sending(self) -> None:
        """Input is about to leave: from here on the act must not be repeated unasked."""
        if not self.started:
            self.started = time.monotonic()
        self.delivery = "uncertain"

    def sent(self) -> None:
        self.delivery = "sent"

    def unsent(self) -> None:
        """It is proved that no input reached the page."""
        self.delivery = "none"

    async def wait(self, seconds: float = 0.15) -> None:
        """Until something changed, `seconds` at most and not past the deadline."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds + 0.1):
                await self.parts.changed(min(seconds, self.left))

    def performed(self, trouble: Trouble | None = None) -> Performed:
        hide = self.parts.redaction.hide
        value = self.value
        if isinstance(value, str):
            value = hide(value)
        elif isinstance(value, list):
            value = [_hidden(entry, hide) for entry in value]  # type: ignore[assignment]
        if trouble:
            trouble = Trouble(kind=trouble.kind, detail=hide(trouble.detail), candidates=tuple(map(hide, trouble.candidates)))
        return Performed(
            delivery=self.delivery,
            started=self.started or self.began,
            trouble=trouble,
            point=self.point,
            box=self.box,
            value=value,
            source=hide(self.source),
            facts=tuple(map(hide, self.facts)),
        )


def _hidden(entry: str | dict[str, str], hide: Callable[[str], str]) -> str | dict[str, str]:
    return hide(entry) if isinstance(entry, str) else {hide(key): hide(value) for key, value in entry.items()}
