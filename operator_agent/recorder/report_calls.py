"""What a model was sent and what it replied, read from the run's `model.jsonl` as the report needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from operator_agent.flow.record import Called

_ROOM = 4_000_000
"""Characters of all calls of a page; what comes after is cut to its beginning."""
_BEGINNING = 1_000


class Said(NamedTuple):
    """A part of what was sent: its text, or which call sent the same before."""

    name: str
    text: str
    same: str = ""


class Sent(NamedTuple):
    """One call. `error` has `kind` and `text`, and is None when there was a reply."""

    parts: tuple[Said, ...]
    wants: str
    reply: str
    thinking: str
    error: dict[str, str] | None


class Calls:
    """Reads on where it stopped: the file grows while the run goes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "model.jsonl"
        self._at = self._number = 0
        self._seen: dict[str, str] = {}
        self._room = _ROOM

    def next(self, call: Called) -> Sent | None:
        """What belongs to `call`, the one after the last that was asked for; None when it is not there or cannot be read."""
        if not call.requests or not self._file.is_file():
            return None
        self._number += 1
        with self._file.open("rb") as file:
            file.seek(self._at)
            line = file.readline()
        if not line.endswith(b"\n"):
            return None
        self._at += len(line)
        try:
            entry = json.loads(line)
            return self._sent(entry)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None  # cut, or of another version: the ledger still has the call

    def _sent(self, entry: dict[str, Any]) -> Sent:
        named = [f"message {number}" for number in range(1, len(entry["parts"]) + 1)] if len(entry["parts"]) > 1 else ["message"]
        parts = [("instructions", entry["system"]), *zip(named, entry["parts"], strict=False)]
        said = tuple(self._said(name, part) for name, part in parts)
        reply = json.dumps(entry["reply"], indent=1, ensure_ascii=False)
        return Sent(said, str(entry["wants"]), reply, str(entry.get("thinking", "")), entry.get("error"))

    def _said(self, name: str, part: Any) -> Said:
        text = part if isinstance(part, str) else f"a picture of {part['width']} × {part['height']} ({part['sha256'][:12]})"
        same = self._seen.setdefault(text, f"call {self._number}")
        if same != f"call {self._number}":
            return Said(name, text, same)
        self._room -= len(text)
        more = len(text) - _BEGINNING
        if self._room > 0 or more <= 0:
            return Said(name, text)
        return Said(name, f"{text[:_BEGINNING]}\n… and {more:,} characters, in model.jsonl")
