"""The tape in a run folder: `network.jsonl`, one exchange a line in the order they ended, and `network/`, bodies by digest.

Both are readable by their owner alone: cookies that a server sets are on the tape, without them no session could be played.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from operator_agent.errors import RecordingFailed, UsageError
from operator_agent.flow.tape import Chunk, Frame, Headers, Taped
from operator_agent.surfaces.redaction import Redaction

TAPE = "network.jsonl"
BODIES = "network"
FORMAT = 1
INLINE = 400
"""Bytes of a body that stands in its line; a longer one is a file."""
MOST = 1 << 30
"""Bytes of all bodies of a run; what comes after is left out, and said so."""


class TapeWriter:
    """Appends exchanges to the tape in `folder`. The file is made with the first one; `close` may be called twice.

    Secrets are hidden in addresses, headers and bodies. Raises `RecordingFailed` when an exchange can no longer be written.
    """

    def __init__(self, folder: Path, redaction: Redaction, *, most: int = MOST) -> None:
        self.folder = folder
        self._redact, self._left = redaction, most
        self._file: int | None = None
        self._kept: set[str] = set()

    def __call__(self, exchange: Taped) -> None:
        try:
            if self._file is None:
                self._file = os.open(self.folder / TAPE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                self._append(json.dumps({"tape": FORMAT}))
            self._append(json.dumps(self._written(exchange), ensure_ascii=False, separators=(",", ":")))
        except OSError as error:
            why, fix = error.strerror or str(error), "free some space or choose another place with --runs"
            raise RecordingFailed(f"{self.folder} can no longer be written ({why}); {fix}") from error

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, text: str) -> None:
        assert self._file is not None
        line = text.encode("utf-8", "backslashreplace") + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError(0, "a line was cut short: the disk is full")

    def _written(self, exchange: Taped) -> dict[str, Any]:
        """The exchange as its line says it: without secrets, what is empty left out, long bodies in files."""
        cut = list(exchange.cut)
        body, offsets = self._redact.hide_body(exchange.body, [chunk.offset for chunk in exchange.chunks])
        asked = self._redact.hide_bytes(exchange.request_body)
        if self._redact and any("as it came" in note and note.startswith("the body") for note in cut):
            body = b""  # a secret in it could not be seen
            cut.append("the body is left out: it cannot be read, and may hold a secret")
        fields = exchange.model_dump(exclude={"request_body", "body", "chunks", "frames", "cut"}, exclude_defaults=True)
        fields |= {name: self._redact.hide(fields[name]) for name in ("method", "url", "reason", "failure") if name in fields}
        fields |= {"headers": self._hidden(exchange.headers), "request_headers": self._hidden(exchange.request_headers)}
        fields["request_body"] = self._kept_body(asked, "the request's body", cut)
        fields["body"] = self._kept_body(body, "the body", cut)
        fields["chunks"] = [[offset, chunk.at] for offset, chunk in zip(offsets, exchange.chunks, strict=True)]
        fields["frames"] = [self._frame(frame, cut) for frame in exchange.frames]
        fields["cut"] = cut
        return {name: value for name, value in fields.items() if value not in (None, "", [], ())}

    def _hidden(self, headers: Headers) -> list[list[str]]:
        return [[self._redact.hide(name), self._redact.hide(value)] for name, value in headers]

    def _frame(self, frame: Frame, cut: list[str]) -> list[Any]:
        data = self._redact.hide_bytes(frame.data)
        return [frame.at, "sent" if frame.sent else "received", frame.kind, self._kept_body(data, "a message", cut), frame.code]

    def _kept_body(self, data: bytes, what: str, cut: list[str]) -> dict[str, str] | None:
        if not data:
            return None
        if len(data) <= INLINE:
            return _inline(data)
        name = sha256(data).hexdigest()[:40]
        if name in self._kept:
            return {"file": name}
        if len(data) > self._left:
            cut.append(f"{what} is left out ({len(data):,} bytes): the tape is full")
            return None
        self._left -= len(data)
        (self.folder / BODIES).mkdir(mode=0o700, exist_ok=True)
        # Written whole or not at all: the line that names it comes after it.
        with os.fdopen(os.open(self.folder / BODIES / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        self._kept.add(name)
        return {"file": name}


def read_tape(folder: Path) -> list[Taped]:
    """The exchanges of a run in the order they began; empty when it has no tape. A last line that was cut short is left out.

    An exchange whose body file is missing says so in `cut`. Raises `UsageError` for a line before the last that is none, and for
    a tape of a newer format.
    """
    file = folder / TAPE
    try:
        lines = file.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})") from None
    found = []
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            break
        try:
            fields = json.loads(line)
            if number > 1:
                found.append(_read(fields, folder))
            elif fields["tape"] > FORMAT:
                raise UsageError(f"{file} has the format {fields['tape']}, and this version reads up to {FORMAT}; use a newer one")
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
            raise UsageError(f"{file}:{number} is no exchange ({why}); the file was changed after the run") from None
    return sorted(found, key=lambda one: one.number)


def _read(fields: dict[str, Any], folder: Path) -> Taped:
    missing: list[str] = []

    def body(kept: dict[str, str] | None, what: str) -> bytes:
        if kept is None:
            return b""
        if "file" not in kept:
            return kept["text"].encode() if "text" in kept else b64decode(kept["base64"])
        try:
            return (folder / BODIES / Path(kept["file"]).name).read_bytes()
        except OSError:
            missing.append(f"{what} is missing: {BODIES}/{kept['file']} cannot be read")
            return b""

    made: dict[str, Callable[[Any], Any]] = {
        "request_body": lambda kept: body(kept, "the request's body"),
        "body": lambda kept: body(kept, "the body"),
        "headers": lambda pairs: tuple(map(tuple, pairs)),
        "request_headers": lambda pairs: tuple(map(tuple, pairs)),
        "chunks": lambda chunks: tuple(Chunk(offset=offset, at=at) for offset, at in chunks),
        "frames": lambda frames: tuple(
            Frame(at=at, sent=sent == "sent", kind=kind, data=body(kept, "a message"), code=code)
            for at, sent, kind, kept, code in frames
        ),
    }
    read = {name: made[name](value) if name in made else value for name, value in fields.items()}
    read["cut"] = (*fields.get("cut", ()), *missing)
    return Taped.model_validate(read)


def _inline(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
