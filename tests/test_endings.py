"""Twenty runs over six endings, by the command line: nothing of ours stays, other people's browsers do, the record is whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from operator_agent.demo.serve import serve
from operator_agent.recorder.reader import read, view
from tests import warm
from tests.recorder.making import browsers, files, journal, parsed, until_lines
from tests.surfaces.browser.test_janitor import foreign_browser

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ORDER = "order a latte"
AT_ONCE = 3


class Ending(NamedTuple):
    name: str
    code: int
    outcome: str
    options: tuple[str, ...] = ()
    signal: signal.Signals | None = None
    after: int = 0
    """Records in the journal when the signal is sent."""


SIX = (
    *[Ending("success", 0, "passed", ("--approve", "pay"))] * 3,
    *[Ending("failure", 1, "failed", ("--limit", "step=3"))] * 3,
    *[Ending("time-out", 6, "incomplete", ("--limit", f"seconds={seconds}")) for seconds in (0.3, 1, 2)],
    *[Ending("ctrl-c", 6, "incomplete", signal=signal.SIGINT, after=after) for after in (1, 3, 9, 20)],
    *[Ending("sigterm", 6, "incomplete", signal=signal.SIGTERM, after=after) for after in (2, 6, 16)],
    *[Ending("sigkill", -9, "incomplete", signal=signal.SIGKILL, after=after) for after in (1, 4, 10, 23)],
)


def command(folder: Path, start: str, options: tuple[str, ...]) -> warm.Warm:
    environment = {**os.environ, "OPERATOR_STATE": str(folder.parent / "state"), "TMPDIR": str(folder.parent / "tmp")}
    arguments = ["run", ORDER, "--start", start, "--unattended", "--runs", str(folder / "runs"), *options]
    return warm.Warm(warm.PROGRAM, arguments, environment)


async def ended(folder: Path, start: str, ending: Ending) -> float:
    """Lets one run end that way and looks at what it leaves in its own folder; seconds from the signal to the last record."""
    sent = time.time()
    with contextlib.closing(command(folder, start, ending.options)) as process:
        if ending.signal:
            await until_lines(folder, ending.after)
            process.send_signal(ending.signal)
            sent = time.time()
        await asyncio.wait_for(process.ended(), 180)
        assert process.returncode == ending.code, f"{ending}: {process.out}{process.err}"
    found = journal(folder)
    assert found
    took = found.stat().st_mtime - sent
    kinds = [record["kind"] for record in parsed(found)]
    assert [record.kind for record in read(found.parent)] == kinds
    assert (kinds[-1] == "ended") == (ending.signal != signal.SIGKILL)
    result, report = view(found.parent)
    assert (result.outcome, report.exists()) == (ending.outcome, True), result.reason
    if ending.signal in (signal.SIGINT, signal.SIGTERM):
        assert ("Ctrl-C" if ending.signal == signal.SIGINT else "SIGTERM") in result.reason
    return took


@pytest.mark.speed  # three at once keep two cores busy by themselves, and what it bounds is time
async def test_twenty_runs_leave_nothing(tmp_path: Path) -> None:
    assert len(SIX) == 20
    (tmp_path / "tmp").mkdir()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, ending: Ending) -> tuple[Ending, float]:
        start = {"failure": lying.url}.get(ending.name, honest.url)
        async with places:
            return ending, await ended(tmp_path / f"{number}-{ending.name}", start, ending)

    with foreign_browser(tmp_path / "foreign") as foreign:
        async with serve() as honest, serve(faults=["price-raised"]) as lying:
            took = await asyncio.gather(*(one(number, ending) for number, ending in enumerate(SIX)))
            await ended(tmp_path / "the next start", honest.url, SIX[0])
        assert foreign.poll() is None
    assert browsers(tmp_path / "state") == []
    assert files(tmp_path / "state" / "browsers") == []
    assert files(tmp_path / "tmp") == []
    # The run is over with its last record; how long a browser takes to close is the machine's.
    asked = [seconds for ending, seconds in took if ending.signal in (signal.SIGINT, signal.SIGTERM)]
    assert statistics.median(asked) < 1.5, asked
