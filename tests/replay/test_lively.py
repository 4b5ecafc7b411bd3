"""A run on an application that never rests is replayed hermetically, record for record."""

from __future__ import annotations

from pathlib import Path

from operator_agent import Operator
from operator_agent.recorder.tape import read_tape
from operator_agent.replay.hermetic import hermetic
from operator_agent.replay.live import Here
from operator_agent.replay.recording import read_recording
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from tests.replay.lively import SCRIPT, lively


async def test_a_page_with_streams_a_socket_a_service_worker_and_chance(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", search_path=Settings.from_env().search_path)
    async with lively() as site:
        (tmp_path / "script.yaml").write_text(SCRIPT.format(url=site.url), encoding="utf-8")
        async with Operator(runs=tmp_path / "runs", settings=settings) as op:
            result = await op.run_plan(load_plan(tmp_path / "script.yaml"))
    assert result.passed, result.reason
    recording = read_recording(Path(result.run))
    assert [drawn.document for drawn in recording.draws()] == [f"/ {site.url}"]
    assert (recording.folder / "draws.jsonl").stat().st_mode & 0o077 == 0
    hello = next(one for one in read_tape(recording.folder) if "/hello" in one.url)
    assert hello.answered
    assert hello.at - 0.001 <= site.greeted - recording.conditions.clock / 1000 <= hello.answered + 0.001, "one clock for all"
    done = await hermetic(recording, Here(settings=settings, runs=tmp_path / "replays"))
    assert done.divergence is None, f"{done.divergence} {done.notes}"
    assert (done.result.outcome, done.notes) == ("passed", ())
