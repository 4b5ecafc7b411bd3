"""Every fault of the lying shop, replayed over a good recording.

    python -m benchmarks.mutations.shop [--only FAULT …]

An order is made once at the honest shop, then its recording is replayed live, with healing, at a shop with each fault. The witness
is the shop's database. Exit code 1 when a replay is said to have passed although the database has not exactly the order that was
asked for, or when anything else was ordered or reached.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from operator_agent import Limits, Operator
from operator_agent.demo.faults import FAULTS
from operator_agent.demo.serve import Served, serve
from operator_agent.demo.tour import ordered
from operator_agent.healing.rewritten import Rewritten
from operator_agent.replay.live import Here, live
from operator_agent.replay.recording import Recording, read_recording

COMMAND = "order two large oat lattes for Ada"
WANTED = {"drink": "latte", "size": "large", "milk": "oat", "quantity": 2}


class Ending(NamedTuple):
    """One replay, and what the shop's database says of it."""

    fault: str
    outcome: str
    reason: str
    orders: int
    right: int
    """Orders that are what was asked."""
    healed: int
    foreign: int
    """Bytes that reached the foreign server."""

    @property
    def lie(self) -> bool:
        """Whether something is said or done that should not be. A wrong drink is the shop's own doing: it must only not pass."""
        return (self.outcome == "passed" and (self.orders, self.right) != (1, 1)) or self.orders > 1 or self.foreign > 0


async def record(runs: Path, step: float = 8.0) -> Recording:
    """A good run at the honest shop."""
    async with serve() as shop, Operator(shop.url, approve=["pay"], runs=runs, pictures=False, limits=Limits(step=step)) as op:
        result = await op.run(COMMAND)
        assert result.passed, result.reason
        assert len(ordered(shop.db)) == 1
    return read_recording(Path(result.run))


async def replay(recording: Recording, fault: str, runs: Path) -> Ending:
    """The ending of a live replay at a shop with this fault."""
    async with serve(faults=[fault] if fault else []) as shop:
        moved = _moved(recording, shop, runs)
        rewritten = Rewritten()
        result = await live(moved, Here(runs=runs, listeners=(rewritten,)))
        rows = ordered(shop.db)
        right = sum({key: row[key] for key in WANTED} == WANTED for row in rows)
        return Ending(fault, result.outcome, result.reason, len(rows), right, len(rewritten.changes), shop.foreign_bytes)


def _moved(recording: Recording, shop: Served, runs: Path) -> Recording:
    """The recording as if it had been made at this shop: one that is opened anew has another port."""
    folder = Path(tempfile.mkdtemp(dir=runs)) / recording.folder.name
    shutil.copytree(recording.folder, folder)
    old, new = recording.conditions.start.rstrip("/"), shop.url.rstrip("/")
    for name in ("run.jsonl", "script.yaml"):
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return read_recording(folder)


async def all_faults(only: Sequence[str]) -> list[Ending]:
    endings = []
    with tempfile.TemporaryDirectory() as runs:
        recording = await record(Path(runs))
        for fault in only or ["", *sorted(FAULTS)]:
            endings.append(await replay(recording, fault, Path(runs)))
            one = endings[-1]
            said = f"{one.fault or 'none':18} {one.outcome:12} {one.orders} order(s), {one.right} right, {one.healed} healed"
            print(f"{said}{'  A LIE' * one.lie}  {one.reason[:140]}", flush=True)
    return endings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=sorted(FAULTS))
    endings = asyncio.run(all_faults(parser.parse_args().only))
    print(f"{len(endings)} replays, {sum(one.lie for one in endings)} that say or do what is not so")
    return int(any(one.lie for one in endings))


if __name__ == "__main__":
    sys.exit(main())
