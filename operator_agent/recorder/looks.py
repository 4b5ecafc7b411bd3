"""The looks of a run: for each place in its stream of records, what the look taken there last had before it.

Records tell of the looks a person should see. A planner looks, too, and while a page is still moving it matters which look was
taken: a replay that knows them all can wait until it sees the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from time import monotonic

from pydantic import ValidationError

from operator_agent.errors import UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.observation import Observation
from operator_agent.flow.record import Acted, Observed, Record

LOOKS = "looks.jsonl"
COUNTED = frozenset({"started", "planned", "step_started", "observed", "decided", "chosen", "acted", "judged", "ended"})
"""The kinds of records that make a place."""


class Look(Frozen):
    """The last look at one place."""

    place: int
    """See `Place`."""
    at: float
    """When it began, on the clock of the records, and when it ended: what came in between may be in it, or not."""
    ended: float
    deep: bool
    url: str
    digest: str
    """Of all a look has before it: see `digest`."""


class Place:
    """Follows records and counts those that every replay has: not the calls to models and persons, which it may do without. A try
    whose input never left, because its element went stale, is counted back: whether one happens is a matter of milliseconds, and
    what is done next is the same try again."""

    def __init__(self) -> None:
        self.number = 0
        self._try = 0

    def __call__(self, record: Record) -> None:
        if isinstance(record, Observed) and record.phase == "before":
            self._try = self.number
        self.number = self._try if never_left(record) else self.number + (record.kind in COUNTED)


class LookLog:
    """Keeps the looks of a run. Told of every look, and of every record before the next look."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._place = Place()
        self._last: tuple[Observation, bool, float] | None = None

    def looked(self, seen: Observation, deep: bool) -> None:
        self._last = (seen, deep, monotonic())

    def __call__(self, record: Record) -> None:
        if self._last:
            seen, deep, ended = self._last
            self._last = None
            times = (round(max(record.at - (monotonic() - at), 0.0), 4) for at in (seen.at, ended))
            at, ended = times
            look = Look(place=self._place.number, at=at, ended=ended, deep=deep, url=seen.url, digest=digest(seen))
            self._write(look.model_dump_json())
        self._place(record)


def never_left(record: Record) -> bool:
    """An act that will be tried again as if nothing had been."""
    if not isinstance(record, Acted) or not (trouble := record.performed.trouble):
        return False
    return trouble.kind == "stale" and record.performed.delivery == "none"


def digest(seen: Observation) -> str:
    """Equal for looks that a run cannot tell apart: address, title, tree, tabs and dialog."""
    tabs = [(tab.title, tab.url, tab.active) for tab in seen.tabs]
    dialog = [seen.dialog.kind, seen.dialog.text] if seen.dialog else None
    whole = json.dumps([seen.url, seen.title, seen.tree, tabs, dialog], ensure_ascii=False)
    return sha256(whole.encode(errors="surrogatepass")).hexdigest()[:24]


def read_looks(folder: Path) -> Mapping[int, Look]:
    """The last look at each place; of a place that was come back to, the latest. Empty when the run has kept none.

    Raises `UsageError` for a line before the last that is no look.
    """
    return {look.place: look for look in _looks(folder / LOOKS)}


def _looks(file: Path) -> Iterator[Look]:
    if not file.is_file():
        return
    for number, line in enumerate(file.read_bytes().splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            return
        try:
            yield Look.model_validate_json(line)
        except ValidationError:
            raise UsageError(f"{file}:{number} is no look; the file was changed after the run") from None
