"""The tasks on other applications are whole: each can be read, planned as written, and has its bare script and its witness."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operator_agent.planner.proposal import Proposal, proposal
from operator_agent.surfaces.browser.vocabulary import VOCABULARY

REPLAYS = Path(__file__).parents[2] / "benchmarks" / "replays"


@pytest.fixture(scope="module", autouse=True)
def importable() -> Iterator[None]:
    added = [str(REPLAYS), str(REPLAYS.parent)]
    sys.path[:0] = added
    yield
    for one in added:
        sys.path.remove(one)


def test_every_task_can_be_planned_and_witnessed() -> None:
    from apps import App
    from bare import SCRIPTS
    from tasks import load_tasks

    tasks = load_tasks([])
    assert len(tasks) >= 10
    assert {task.name for task in tasks} == set(SCRIPTS)
    reply: type[Proposal] = proposal(VOCABULARY)
    for task in tasks:
        assert App.load(task.app).serve and task.witness, task.name
        for said in task.replies:
            assert reply.model_validate(said).steps, task.name
        assert task.replies[-1]["finished"] and task.replies[-1]["done"], task.name


def test_a_store_that_lacks_what_was_asked_is_told(tmp_path: Path) -> None:
    from tasks import load_tasks

    (task,) = load_tasks(["notebook_folder"])
    assert task.missing(tmp_path) == "there is no folder work/reports"
    (tmp_path / "work" / "reports").mkdir(parents=True)
    assert task.missing(tmp_path) == ""
