"""The tape in a run folder: `network.jsonl`, one exchange a line in the order they ended, and `network/`, bodies by digest."""

from __future__ import annotations

from pathlib import Path

from operator_agent.flow.tape import Taped
from operator_agent.surfaces.redaction import Redaction

TAPE = "network.jsonl"
BODIES = "network"


class TapeWriter:
    """Appends exchanges to the tape in `folder`. The file is made with the first one; `close` may be called twice.

    Secrets are hidden in addresses, headers and bodies. Raises `RecordingFailed` when an exchange can no longer be written.
    """

    def __init__(self, folder: Path, redaction: Redaction) -> None:
        self.folder = folder
        self._redact = redaction

    def __call__(self, exchange: Taped) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def read_tape(folder: Path) -> list[Taped]:
    """The exchanges of a run in the order they began; empty when it has no tape. A last line that was cut short is left out.

    An exchange whose body file is missing says so in `cut`. Raises `UsageError` for a line before the last that is none.
    """
    raise NotImplementedError
