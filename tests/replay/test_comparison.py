"""What makes two runs the same, on records alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from operator_agent.flow.action import Click
from operator_agent.flow.command import Command
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Box, Performed, Trouble
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Chosen, Ended, Judged, Observed, Planned, Record, Result, Started, StepStarted
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Verdict
from operator_agent.recorder.looks import Place, read_looks
from operator_agent.replay.comparison import divergence
from operator_agent.replay.recording import read_recording
from tests.program import environment, operator_agent

CLICK = Click(target=Target(role="button", name="Save"))
STALE = Performed(delivery="none", started=1.0, trouble=Trouble(kind="stale", detail="it went away"))
DONE = Performed(delivery="sent", started=2.0)


def tried(step: int, performed: Performed, at: float, tree: str = "") -> list[Record]:
    seen = Observed(at=at, step=step, phase="before", url="http://a.example/", title="A", tree=tree)
    chosen = Chosen(at=at, step=step, action=CLICK, element='button "Save"', box=Box(10.0, 10.0, 40.0, 20.0))
    return [seen, chosen, Acted(at=at, step=step, performed=performed, seconds=at)]


def judged(reason: str, status: str = "verified", at: float = 3.0) -> Judged:
    return Judged(at=at, step=1, verdict=Verdict(status=status, reason=reason), seconds=at)  # type: ignore[arg-type]


def begun(run: str = "one") -> list[Record]:
    started = Started(run=run, command=Command(text="save it"), grant=Grant(), when=f"2026-01-01T00:00:0{len(run)}")
    plan = Plan(goal="save it", steps=(Step(action=CLICK),))
    return [started, Planned(plan=plan), StepStarted.begin(Step(action=CLICK), 1, 1)]


def test_times_and_names_are_no_difference() -> None:
    one = [*begun("one"), *tried(1, DONE, 1.0, "- button"), judged("no answer came within 3 s")]
    other = [*begun("another"), *tried(1, DONE, 9.0, "- button"), judged("no answer came within 0.52 s", at=7.0)]
    assert divergence(one, other) is None


def test_a_try_that_never_left_is_no_difference_and_one_that_may_have_is() -> None:
    one = [*begun(), *tried(1, DONE, 1.0, "- button"), judged("saved")]
    other = [*begun(), *tried(1, STALE, 1.0, "- button"), *tried(1, DONE, 2.0), judged("saved")]
    assert divergence(one, other) is None
    sent = STALE.model_copy(update={"delivery": "uncertain"})
    found = divergence(one, [*begun(), *tried(1, sent, 1.0, "- button"), *tried(1, DONE, 2.0), judged("saved")])
    assert found
    assert (found.record, found.field) == ("acted", "performed.delivery")


def test_places_count_a_try_that_never_left_back() -> None:
    straight, crooked = Place(), Place()
    for record in (*begun(), *tried(1, DONE, 1.0)):
        straight(record)
    for record in (*begun(), *tried(1, STALE, 1.0), *tried(1, DONE, 1.0)):
        crooked(record)
    assert straight.number == crooked.number == 6


def test_the_first_difference_is_named_with_both_sides() -> None:
    one = [*begun(), *tried(1, DONE, 1.0, "- heading\n- button"), judged("saved")]
    found = divergence(one, [*begun(), *tried(1, DONE, 1.0, "- heading\n- link"), judged("lost", "refuted")])
    assert found
    told = "step 1 (click button \"Save\"), observed, tree: recorded '- button'; now '- link'"
    assert str(found) == told
    found = divergence(one, [*begun(), *tried(1, DONE, 1.0, "- heading\n- button"), judged("lost", "refuted")])
    assert found
    assert (found.recorded, found.replayed) == ("verified: saved", "refuted: lost")


def test_a_run_that_goes_on_is_another_one() -> None:
    one = [*begun(), *tried(1, DONE, 1.0)]
    found = divergence(one, [*one, judged("saved")])
    assert found
    assert (found.recorded, found.replayed) == ("nothing more", "verified: saved")


def written(folder: Path, records: list[Record]) -> Path:
    folder.mkdir()
    result = Result(outcome="passed", reason="all 1 steps were verified", exit_code=0, command="save it")
    lines = [record.model_dump_json() for record in (*records, Ended(result=result))]
    (folder / "run.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_server_on_another_port_is_no_difference_and_another_server_is() -> None:
    def run(*ports: int, host: str = "127.0.0.1", text: str = "") -> list[Record]:
        looks = [
            Observed(at=1.0, step=1, phase="after", url=f"http://{host}:{port}/", title="A", tree=f"- text: {host}:{port} {text}")
            for port in ports
        ]
        return [*begun(), *looks, judged(f"the address is http://{host}:{ports[-1]}/done")]

    assert divergence(run(8000, 8001), run(9000, 9001)), "in a replay every port is its own"
    assert divergence(run(8000, 8001), run(9000, 9001), moved=True) is None
    assert divergence(run(8000, 8001, 8000), run(9000, 9001, 9001), moved=True), "it came back to the first, and to the second"
    assert divergence(run(8000, 8001), run(8001, 8000), moved=True), "a port that both know is the same server"
    assert divergence(run(8000), run(8000, host="localhost"), moved=True), "another host is another server"
    assert divergence(run(8000, text="8000 left"), run(9000, text="9000 left"), moved=True), "a number is no port"


async def test_diff_and_bisect_on_the_command_line(tmp_path: Path) -> None:
    good = written(tmp_path / "good", [*begun(), *tried(1, DONE, 1.0, "- button"), judged("saved")])
    bad = written(tmp_path / "bad", [*begun(), *tried(1, DONE, 1.0, "- button\n- text: 7"), judged("lost", "refuted")])
    shutil.copytree(good, tmp_path / "twin")
    same = await operator_agent("diff", "good", "twin", "--runs", tmp_path, env=environment())
    assert (same.code, same.out.splitlines()[-1]) == (0, "the same")
    other = await operator_agent("diff", good, bad, "--json", env=environment())
    assert other.code == 1
    (step,) = other.result["steps"]
    assert (step["first"]["verdict"], step["second"]["verdict"], step["difference"]["field"]) == ("verified", "refuted", "tree")
    found = await operator_agent("bisect", good, tmp_path / "twin", bad, env=environment())
    assert found.code == 1
    assert found.out.count("none") == 2, "the twin did the same"
    assert "recorded verified: saved; now refuted: lost" in found.out


async def test_what_cannot_be_replayed_is_said(tmp_path: Path) -> None:
    good = written(tmp_path / "good", [*begun(), *tried(1, DONE, 1.0, "- button"), judged("saved")])
    for options, told in (
        (("--hermetic",), "holds no network recording"),
        ((), "has no script.yaml"),
        (("--edit", good), "name it with --from-step"),
        (("--hermetic", "--from-step", "1"), "say --tail hermetic"),
        (("--from-step", "1", "--tail", "dead"), "it is live or hermetic"),
    ):
        ending = await operator_agent("replay", good, *options, env=environment(OPERATOR_STATE=tmp_path / "state"))
        assert (ending.code, told in ending.err) == (2, True), ending.err


def test_looks_of_a_run_that_was_killed(tmp_path: Path) -> None:
    line = '{"place":3,"at":1.0,"ended":1.1,"deep":false,"url":"http://a.example/","digest":"ab"}\n'
    (tmp_path / "looks.jsonl").write_text(line + line[:20], encoding="utf-8")
    assert list(read_looks(tmp_path)) == [3]
    assert read_recording(written(tmp_path / "bare", begun())).looks() == {}
