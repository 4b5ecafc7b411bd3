"""However a run ends, what was recorded until then is whole, and says where it ended."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from operator_agent import Operator
from operator_agent.errors import SetupError, UsageError
from operator_agent.recorder.folder import check
from operator_agent.recorder.reader import read, view
from operator_agent.surfaces.browser.janitor import sweep
from tests.recorder.making import browsers, files, journal, parsed, running, site, until_lines

KILLED_AFTER = (1, 2, 5, 8, 11, 14, 18, 22)
"""Records in the journal when the run is killed: while planning, before the browser is up, around acts and verdicts."""
AT_ONCE = asyncio.Semaphore(2)


async def killed(folder: Path, start: str, after: int) -> None:
    async with AT_ONCE:
        with running(folder, start) as process:
            await until_lines(folder, after)
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait, 10)
        await asyncio.to_thread(sweep, folder / "state")


async def test_a_killed_run_leaves_whole_records_and_a_report_that_says_where(tmp_path: Path) -> None:
    async with site() as start:
        await asyncio.gather(*(killed(tmp_path / str(after), start, after) for after in KILLED_AFTER))
    for after in KILLED_AFTER:
        folder = tmp_path / str(after)
        found = journal(folder)
        assert found
        records = parsed(found)
        assert len(records) >= after
        kinds = [str(record["kind"]) for record in records]
        assert "ended" not in kinds, "the machine was too slow to kill it in time"
        live = (found.parent / "report.html").read_text(encoding="utf-8")
        assert "not ended" in live
        assert "</html>" not in live
        result, report = view(found.parent)
        assert (result.outcome, result.exit_code) == ("incomplete", 6)
        begun = [record for record in records if record["kind"] == "step_started"]
        where = f"in step {begun[-1]['step']} (" if begun else "while planning"
        assert where in result.reason
        assert ("may have been delivered" in result.reason) == (kinds[-1] == "chosen")
        built = report.read_text(encoding="utf-8")
        assert where.removesuffix(" (") in built
        assert built.rstrip().endswith("</html>")
        assert not browsers(folder)


async def test_a_run_killed_while_acting_says_that_the_act_may_have_happened(tmp_path: Path) -> None:
    async with site() as start, Operator(start, runs=tmp_path, record=True) as operator:
        await operator.do('fill textbox "Name" with "Ada"')
    found = next(path for path in files(tmp_path) if path.name == "run.jsonl")
    lines = found.read_bytes().splitlines(keepends=True)
    chosen = next(number for number, line in enumerate(lines) if b'"kind":"chosen"' in line and b"fill" in line)
    found.write_bytes(b"".join(lines[: chosen + 1]) + b'{"kind":"acted","at"')
    result, _ = view(found.parent)
    assert "in step" in result.reason
    assert "may have been delivered" in result.reason


async def test_a_full_disk_ends_the_run_with_cause_and_fix(tmp_path: Path) -> None:
    # The limit is set once the browser runs, so that it meets the recording only; pictures reach it within a step or two.
    before = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def fill(record):
    if record.kind == "acted":
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
"""
    async with site() as start:
        with running(tmp_path, start, before, ", listeners=[fill]") as process:
            await asyncio.to_thread(process.wait, 40)
            said = process.out
    assert process.returncode == 7, said
    found = journal(tmp_path)
    assert found
    assert str(found.parent) in said
    assert "--runs" in said
    assert not browsers(tmp_path)
    assert files(tmp_path / "state" / "browsers") == []
    assert next(record.kind for record in read(found.parent)) == "started"


async def test_runs_that_cannot_be_recorded_never_start_a_browser(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    async with site() as start:
        with running(tmp_path, start) as process:
            await asyncio.to_thread(process.wait, 40)
        assert process.returncode == 0
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "runs").write_text("", encoding="utf-8")
        with running(tmp_path / "other", start) as process:
            await asyncio.to_thread(process.wait, 40)
            said = process.out
    assert process.returncode == 2
    assert "--runs" in said
    assert not (tmp_path / "other" / "state").exists()
    with pytest.raises(SetupError, match="file/below"):
        check(tmp_path / "file" / "below")


def test_a_folder_without_records_is_told_from_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run folder"):
        view(tmp_path)
    (tmp_path / "run.jsonl").write_text('{"kind":"star', encoding="utf-8")
    with pytest.raises(UsageError, match="cut off before it began"):
        view(tmp_path)
