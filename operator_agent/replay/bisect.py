"""Where runs went wrong: the first step in which a bad run is not like a good one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Record
from operator_agent.replay.comparison import Divergence, divergence
from operator_agent.replay.recording import read_recording

_TELLING = frozenset({"chosen", "decided", "acted", "judged", "ended"})


class Found(Frozen):
    """One bad run beside the good one."""

    run: str
    outcome: str
    seen: Divergence | None
    """The first difference of any kind: often something that is new on the page each time."""
    done: Divergence | None
    """The first difference in what was chosen, done or proved."""


def bisected(good: Path, bad: Sequence[Path]) -> tuple[Found, ...]:
    """Each bad run, and where it leaves the good one. Raises UsageError for a folder that cannot be read."""
    model = read_recording(good)
    found = []
    for folder in bad:
        run = read_recording(folder)
        seen = divergence(model.records, run.records, moved=True)
        done = divergence(_acts(model.records), _acts(run.records), moved=True)
        outcome = run.result.outcome if run.result else "cut off"
        found.append(Found(run=str(folder), outcome=outcome, seen=seen, done=done))
    return tuple(found)


def _acts(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.kind in _TELLING]
