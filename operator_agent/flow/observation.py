"""What a surface shows at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import ConfigDict

from operator_agent.flow.base import Frozen
from operator_agent.flow.geometry import Box as Box
from operator_agent.flow.looks import Looks
from operator_agent.flow.target import quoted


@dataclass(frozen=True, slots=True)
class Element:
    """One node of the tree. A plain dataclass: a page may have tens of thousands."""

    ref: str
    """The surface's handle: good for this observation only, stale afterwards; "" when it cannot be acted on by itself."""
    role: str
    name: str = ""
    value: str = ""
    """What it holds or shows: a field's value, a selected option, the text of a paragraph. Secrets and passwords are masked."""
    states: tuple[str, ...] = ()
    """As in ARIA snapshots: `checked`, `checked=mixed`, `disabled`, `expanded`, `level=2`, `pressed`, `selected`, `active`."""
    parent: int = -1
    """Index of the parent in `Observation.elements`, -1 for a root."""
    depth: int = 0
    url: str = ""
    placeholder: str = ""
    clickable: bool = False
    """It reacts to the pointer although its role does not say so (listener, cursor)."""
    box: Box | None = None
    frame: str = ""
    """Origin of the frame it lives in when that is not the page's own, else ""."""

    def __str__(self) -> str:
        return self.role + (f" {quoted(self.name)}" if self.name else "")


class Tab(Frozen):
    title: str
    url: str
    active: bool = False


class Dialog(Frozen):
    """An open JavaScript dialog: the page stands still until it is answered."""

    kind: Literal["alert", "confirm", "prompt", "beforeunload"]
    text: str
    default: str = ""


class DownloadedFile(Frozen):
    name: str
    path: str
    bytes: int
    url: str = ""
    at: float = 0.0


class Exchange(Frozen):
    """One request and what came back. Times are seconds of the surface's monotonic clock."""

    method: str
    url: str
    kind: str = ""
    """`document`, `fetch`, `xhr`, `websocket`, `eventsource`, `image` …"""
    started: float
    ended: float | None = None
    """None while no answer has come."""
    status: int | None = None
    failure: str = ""
    blocked: bool = False
    """Refused by our own policy; nothing left the machine."""


_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_BACKGROUND = frozenset({"ping", "beacon", "image", "font", "stylesheet", "script", "media", "websocket", "eventsource"})
_NEVER_LEFT = (
    "ERR_CONNECTION_REFUSED", "ERR_NAME_NOT_RESOLVED", "ERR_BLOCKED", "ERR_PROXY_CONNECTION_FAILED", "ERR_INTERNET_DISCONNECTED",
)  # fmt: skip


def unanswered_writes(exchanges: Iterable[Exchange], since: float) -> list[Exchange]:
    """Requests that write, started at or after `since`, of which nobody knows whether they were carried out."""
    writes = (one for one in exchanges if one.method in _WRITES and one.started >= since and one.kind not in _BACKGROUND)
    return [one for one in writes if _is_uncertain(one)]


def _is_uncertain(exchange: Exchange) -> bool:
    if exchange.blocked or exchange.status is not None:
        return False
    return exchange.ended is None or not any(cause in exchange.failure for cause in _NEVER_LEFT)


class Picture(Frozen):
    """A JPEG of the view, `width` × `height` in image pixels, `scale` image pixels per CSS pixel. Secrets are painted over."""

    jpeg: bytes
    width: int
    height: int
    scale: float = 1.0
    mark: Box | None = None
    """Where the element it was taken for is in it, in CSS pixels."""


class Observation(Frozen):
    """The world as read at `at` (monotonic seconds). `elements` is in document order, parents before children."""

    # cached_property needs to write into the instance's own dict, which `frozen` does not forbid.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    at: float
    url: str = ""
    title: str = ""
    elements: tuple[Element, ...] = ()
    complete: bool = True
    """False when part of the tree could not be read: then nothing can be proved gone."""
    deep: bool = False
    """True when elements that only listeners or closed shadow roots reveal are in it too."""
    tabs: tuple[Tab, ...] = ()
    dialog: Dialog | None = None
    downloads: tuple[DownloadedFile, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    """Every exchange of the session so far, oldest first (bounded; the oldest are dropped)."""
    looks: Looks | None = None
    """Shapes and colours, when they were asked for."""
    notices: tuple[str, ...] = ()
    """What a person should know about this look: "3 requests to https://ads.example were refused"."""

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Index of a parent (-1 for the roots) → indices of its children, in order."""
        found: dict[int, list[int]] = {}
        for index, element in enumerate(self.elements):
            found.setdefault(element.parent, []).append(index)
        return found

    @cached_property
    def of_role(self) -> dict[str, list[int]]:
        """Role → indices of the elements that have it, in order."""
        found: dict[str, list[int]] = {}
        for index, element in enumerate(self.elements):
            found.setdefault(element.role, []).append(index)
        return found

    def subtree(self, index: int) -> Iterator[int]:
        """`index` and everything below it, in document order. Relies on document order: ends at the first node not deeper."""
        yield index
        depth = self.elements[index].depth
        for below in range(index + 1, len(self.elements)):
            if self.elements[below].depth <= depth:
                return
            yield below

    def text_of(self, index: int) -> str:
        """What an element shows: the names and values below it in reading order, or its own when it has nothing below."""
        if index not in self.texts:
            self.texts[index] = self._text_of(index)
        return self.texts[index]

    @cached_property
    def texts(self) -> dict[int, str]:
        """What `text_of` was asked for so far."""
        return {}

    def _text_of(self, index: int) -> str:
        words: list[str] = []
        element = self.elements[index]
        below = [self.elements[i] for i in self.subtree(index)][1:]
        if element.name and not below:
            words.append(element.name)
        if element.value:
            words.append(element.value)
        for child in below:
            words += [part for part in (child.name, child.value) if part and (not words or words[-1] != part)]
        return " ".join(words)

    @cached_property
    def text(self) -> str:
        """All text of the page in reading order, one element a line."""
        lines = (" ".join(part for part in (e.name, e.value) if part) for e in self.elements)
        return "\n".join(line for line in lines if line)

    @cached_property
    def tree(self) -> str:
        """The elements as an ARIA snapshot without refs and boxes, for people, records and models."""
        return "\n".join("  " * e.depth + "- " + _line(e) for e in self.elements)


def _line(element: Element) -> str:
    states = "".join(f" [{state}]" for state in element.states)
    shown = f"{element}{states}" + (" [clickable]" if element.clickable else "")
    return f"{shown}: {element.value}" if element.value else shown


class Trouble(Frozen):
    """Why an action could not be done as asked. A fact, not an error."""

    kind: Literal[
        "absent", "ambiguous", "stale", "covered", "disabled", "inert", "rejected", "timeout", "dialog", "blocked", "unsupported"
    ]
    detail: str
    """One sentence for a person, naming the element and what was in the way."""
    candidates: tuple[str, ...] = ()


class Performed(Frozen):
    """What the surface knows of an action it was asked for."""

    delivery: Literal["none", "sent", "uncertain"]
    """`none`: no input left, it may be tried again. `uncertain`: it may have left, so it must not."""
    started: float
    """Monotonic seconds just before the first input."""
    trouble: Trouble | None = None
    point: tuple[float, float] | None = None
    """CSS pixels in the view where the input went."""
    box: Box | None = None
    value: str | list[str] | list[dict[str, str]] | None = None
    """What a read or download gave."""
    source: str = ""
    """Where a value was read: address and the text span, or the file's path."""
    facts: tuple[str, ...] = ()
    """Side effects seen at once: `opened tab "Payment"`."""
