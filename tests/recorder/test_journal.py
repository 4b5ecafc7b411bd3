"""Every kind of record comes back from the journal as it was, and what cannot be read says why."""

from __future__ import annotations

import io
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from operator_agent.errors import RecordingFailed
from operator_agent.flow.action import Click, Read
from operator_agent.flow.check import HoldsCheck, TextCheck
from operator_agent.flow.command import Command, Question
from operator_agent.flow.grant import Grant, SecretHandle
from operator_agent.flow.observation import Box, Performed, Picture, Trouble
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import (
    Acted,
    Asked,
    Called,
    Chosen,
    Decided,
    Ended,
    Healed,
    Judged,
    Noted,
    Observed,
    Planned,
    Record,
    Result,
    Started,
    StepResult,
    StepStarted,
    Thought,
    Usage,
)
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Evidence, Verdict
from operator_agent.recorder.reader import read, view
from operator_agent.recorder.recorder import Recorder
from operator_agent.version import __version__


def picture(colour: str = "white") -> Picture:
    data = io.BytesIO()
    Image.new("RGB", (1280, 720), colour).save(data, "JPEG")
    return Picture(jpeg=data.getvalue(), width=1280, height=720)


def started(**more: object) -> Started:
    given = {"run": "r", "command": Command(text="点一杯拿铁 <b>"), "grant": Grant(), "when": "2026-03-03T12:00:00+00:00"}
    return Started.model_validate({**given, "versions": {"operator-agent": __version__}, **more})


SITE = "https://a.example"
TARGET = Target(role="button", name="Send")
PLAN = Plan(
    goal="order",
    steps=(Step(action=Click(target=TARGET), expect=(HoldsCheck(check=TextCheck(text="ok")),)),),
    inputs={"n": [{"a": 1}]},
)
VERDICT = Verdict(
    status="refuted", reason="no ok", evidence=(Evidence(check="text: ok", status="refuted", saw="nothing", before=False),)
)
RESULT = Result(
    outcome="failed", reason="step 1 (click): no ok", exit_code=1, command="order", plan=PLAN,
    steps=(StepResult(intent="click", action="click", verdict="refuted"),), values={"rows": [{"a": "1"}]}, seconds=1.5,
    model_calls=1, tokens=1830, cost=None,
    thoughts=(Thought(step=1, purpose="plan", level="high", trigger="first plan", tokens=1830, reasoning_tokens=30, cost=None,
                      before="unknown", after="refuted"),),
)  # fmt: skip
EVERY_KIND: tuple[Record, ...] = (
    started(grant=Grant(origins=(SITE,), approved=frozenset({"pay"}), secrets=(SecretHandle(name="k", origin=SITE),))),
    Planned(plan=PLAN, because="asked anew"),
    StepStarted(step=1, of=1, title="press <Send>", action="click", recovery=""),
    Observed(step=1, phase="before", url=SITE, title="A", tree='- button "Send"', notices=("refused",), picture=picture()),
    Decided(step=1, decision="ask", risk="pay", reasons=("a", "b"), effect="pay € 9"),
    Asked(step=1, question=Question(kind="approval", text="ok?", options=("yes", "no"), about="pay"), answer=None, waited=2.5),
    Healed(step=1, old=TARGET, new=TARGET, why="moved", renamed=True, unsure=True),
    Chosen(step=1, action=Read(target=TARGET, into="rows"), element='button "Send"', box=Box(1, 2, 3, 4), why="exact name"),
    Acted(
        step=1, seconds=0.5,
        performed=Performed(delivery="uncertain", started=3.0, point=(1, 2),
                            trouble=Trouble(kind="covered", detail="by x", candidates=("y",)),
                            box=Box(1, 2, 3, 4), value=[{"a": "1"}], source="here", facts=("opened tab",)),
    ),
    Judged(step=1, verdict=VERDICT, seconds=0.1),
    Observed(step=1, phase="after", url="https://a.example/", title="A", tree="", picture=picture()),
    Noted(step=1, text="by the way"),
    Called(
        step=1, purpose="plan", model="m at <url>", level="high", trigger="first plan", seconds=2.1, before="unknown",
        usage=Usage(input=1500, output=330, reasoning=30), notes=("a note",),
    ),
    Judged(step=0, verdict=VERDICT, seconds=0.1),
    Ended(result=RESULT),
)  # fmt: skip


def recorded(runs: Path, *records: Record, secrets: dict[str, str] | None = None) -> Path:
    recorder = Recorder(runs, secrets)
    for record in records:
        recorder(record)
    return recorder.folder


def test_every_kind_of_record_reads_back(tmp_path: Path) -> None:
    union = get_args(get_args(Record)[0])
    assert {type(record) for record in EVERY_KIND} == set(union), "a new kind of record belongs into this test"
    folder = recorded(tmp_path, *EVERY_KIND)
    back = list(read(folder))
    for before, after in zip(EVERY_KIND, back, strict=True):
        if isinstance(before, Observed):
            assert isinstance(after, Observed)
            assert after.screen
            assert after.picture == before.picture
        hidden = {"screen", "picture", "observation"}
        assert after.model_dump(exclude=hidden) == before.model_dump(exclude=hidden)


def test_a_picture_seen_twice_is_kept_once(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *EVERY_KIND)
    assert len(list((folder / "screens").iterdir())) == 1


def test_two_runs_of_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    folders = [recorded(tmp_path, started()) for _ in range(3)]
    assert len(set(folders)) == 3


def test_viewing_again_gives_the_same_report(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *EVERY_KIND)
    live = (folder / "report.html").read_text(encoding="utf-8")
    result, report = view(folder)
    assert result == RESULT
    assert report.read_text(encoding="utf-8") == live
    assert sorted(path.name for path in folder.iterdir()) == ["looks.jsonl", "report.html", "run.jsonl", "screens", "script.yaml"]


def test_a_folder_that_goes_away_stops_the_run(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder(started())
    (recorder.folder / "screens").write_text("", encoding="utf-8")
    with pytest.raises(RecordingFailed, match="--runs"):
        recorder(EVERY_KIND[3])
