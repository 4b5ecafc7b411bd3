"""`draws.jsonl` in a run folder: the keys `crypto` of its pages drew from, one document a line, in the order they drew first.

Readable by its owner alone: what a page made of what it drew, a nonce or a key, can be made again from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from operator_agent.errors import UsageError
from operator_agent.flow.tape import Drawn

DRAWS = "draws.jsonl"


def keep_drawn(folder: Path, drawn: Drawn, hide: Callable[[str], str]) -> None:
    """Appends one document; `hide` takes secrets out of its address. Raises OSError when it cannot be written."""
    line = hide(drawn.model_dump_json()).encode() + b"\n"
    file = os.open(folder / DRAWS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.write(file, line) != len(line):
            raise OSError(0, "a line was cut short: the disk is full")
    finally:
        os.close(file)


def read_draws(folder: Path) -> tuple[Drawn, ...]:
    """Empty when no page drew, or none was kept; a last line that was cut short is left out. Raises `UsageError` for any other
    line that is none."""
    file, found = folder / DRAWS, []
    for number, line in enumerate(file.read_bytes().splitlines(keepends=True) if file.is_file() else (), 1):
        if not line.endswith(b"\n"):
            break
        try:
            found.append(Drawn.model_validate_json(line))
        except ValidationError:
            raise UsageError(f"{file}:{number} tells of no document; the file was changed after the run") from None
    return tuple(found)
