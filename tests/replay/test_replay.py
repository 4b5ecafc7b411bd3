"""Recorded runs done again: live, without network and model, and differently from one of their steps on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import pytest_asyncio

from operator_agent import Operator, Result
from operator_agent.errors import UsageError
from operator_agent.replay.comparison import compared
from operator_agent.replay.fork import Tail, fork
from operator_agent.replay.hermetic import hermetic
from operator_agent.replay.live import Here, live
from operator_agent.replay.recording import Recording, read_recording
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from tests.replay.pages import SCRIPT, STEPS, Application, opened


def settings(folder: Path) -> Settings:
    return Settings(state_dir=folder / "state", search_path=Settings.from_env().search_path)


def here(folder: Path) -> Here:
    return Here(settings=settings(folder), runs=folder / "replays")


async def recorded(application: Application, folder: Path) -> Recording:
    (folder / "tour.yaml").write_text(SCRIPT.format(url=application.url), encoding="utf-8")
    async with Operator(runs=folder / "runs", pictures=False, settings=settings(folder)) as op:
        result = await op.run_plan(load_plan(folder / "tour.yaml"))
    assert result.passed, result.reason
    assert len(result.steps) == STEPS
    return read_recording(Path(result.run))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tour(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A run on an application that is gone since."""
    async with opened() as application:
        return await recorded(application, tmp_path_factory.mktemp("tour"))


@pytest.mark.asyncio(loop_scope="module")
class TestHermetic:
    async def test_three_times_the_same_records_with_the_application_stopped(self, tour: Recording, tmp_path: Path) -> None:
        for _ in range(3):
            done = await hermetic(tour, here(tmp_path))
            assert done.divergence is None, f"{done.divergence} {done.notes}"
            assert done.result.passed
            assert done.notes == ()
