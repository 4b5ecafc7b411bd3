"""What recording costs: the demo order with the network on the tape and without, and with nothing recorded at all.

    python benchmarks/recording.py --rounds 9

The three alternate in one process, each in a browser freshly started for it. `run` is timed from the command to its result, `open`
from before the browser is started until everything is closed and written, `cpu` is that of our process over the same time. Ratios
are medians of the ratios of neighbouring rounds: the machine may be busy. A missed limit is exit code 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from overhead import served

from operator_agent import Operator
from operator_agent.recorder.tape import read_tape

COMMAND = "order two large oat lattes for Ada, please"
LIMIT = 1.15
"""The network on the tape, compared to the same run without."""
WAYS: dict[str, dict[str, bool]] = {"with network": {}, "without network": {"network": False}, "nothing": {"record": False}}


class Figures(NamedTuple):
    run: float
    """Seconds from the command to its result."""
    open: float
    """Seconds with the browser's start and end."""
    cpu: float
    """Seconds of CPU of our process, the proxy in it, over the same time."""
    exchanges: int


async def order(url: str, runs: Path, way: str) -> Figures:
    """One run."""
    opened, used = perf_counter(), process_time()
    async with Operator(url, approve=["pay"], runs=runs, **WAYS[way]) as operator:
        await operator.observe()  # the browser is up: its start is not the run's
        began = perf_counter()
        result = await operator.run(COMMAND)
        seconds = perf_counter() - began
    if not result.passed:
        raise SystemExit(f"{way}: {result.reason}")
    tape = read_tape(Path(result.run)) if result.run else []
    return Figures(seconds, perf_counter() - opened, process_time() - used, len(tape))


async def measure(rounds: int) -> dict[str, list[Figures]]:
    found: dict[str, list[Figures]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as runs, served("-m", "operator_agent.demo.serve") as url:
        for number in range(rounds + 1):
            ways = list(WAYS) if number % 2 else list(reversed(WAYS))
            for way in ways:
                one = await order(url, Path(runs), way)
                if number:  # the first round warms up
                    found[way].append(one)
    return found


def ratio(found: dict[str, list[Figures]], one: str, other: str, place: str) -> float:
    return statistics.median(getattr(a, place) / getattr(b, place) for a, b in zip(found[one], found[other], strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measure(given.rounds))
    ratios = {
        f"{one} / {other}, {place}": round(ratio(found, one, other, place), 3)
        for one, other in (("with network", "without network"), ("with network", "nothing"))
        for place in ("run", "open", "cpu")
    }
    if given.json:
        print(json.dumps({"runs": found, "ratios": ratios}))
    else:
        for way, runs in found.items():
            print(f"{way:16} {statistics.median(run.run for run in runs):6.2f} s   {runs[0].exchanges} exchanges on the tape")
        for name, value in ratios.items():
            print(f"{name:40} {value:.3f}")
    return int(ratios["with network / without network, run"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
