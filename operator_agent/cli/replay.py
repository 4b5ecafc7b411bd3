"""`operator-agent replay`, `diff` and `bisect`: recorded runs done again, and set side by side."""

# ruff: noqa: B006 - an option that may be repeated is a list for typer, which copies its default
from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from operator_agent.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from operator_agent.flow.record import Result
    from operator_agent.healing.rewritten import Rewritten
    from operator_agent.recorder.console import ConsoleView
    from operator_agent.replay.comparison import Comparison, Divergence
    from operator_agent.replay.live import Here
    from operator_agent.replay.recording import Recording

_Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or its name in the runs folder.")]
_Other = Annotated[Path, typer.Argument(metavar="RUN", help="Another one.")]
_Bad = Annotated[list[Path], typer.Argument(metavar="BAD...", help="Runs that went another way.")]
_Hermetic = Annotated[bool, typer.Option("--hermetic", help="Without network, model and person: all from the recording.")]
_FromStep = Annotated[int | None, typer.Option(metavar="K", help="Hermetic up to step K, from there on anew.")]
_Edit = Annotated[Path | None, typer.Option("--edit", metavar="SCRIPT", help="From K on the steps of this script.")]
_Command = Annotated[str, typer.Option("--command", metavar="TEXT", help="From K on what this says.")]
_Model = Annotated[bool, typer.Option("--model", help="From K on the model of OPERATOR_MODEL_URL and OPERATOR_MODEL plans.")]
_Tail = Annotated[str, typer.Option("--tail", metavar="KIND", help="From K on: live, or hermetic (the recorded network).")]
_Heal = Annotated[bool, typer.Option("--heal", help="Write what was found again to script.yaml.healed and .diff in RUN.")]
_Times = Annotated[int, typer.Option(metavar="N", min=1, help="So many times, one after the other.")]
_Approve = Annotated[list[str], typer.Option(metavar="RISK", help="Besides what was approved beforehand. Repeatable.")]
_Full = Annotated[bool, typer.Option("--full", help="Live: record all of it, a picture of every step and the network.")]
_Trace = Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="Write Playwright's own trace there (a zip).")]
_Headed = Annotated[bool, typer.Option("--headed", help="Show the browser.")]
_Unattended = Annotated[bool, typer.Option("--unattended", help="Nobody is there: what would be asked is refused.")]
_Skills = Annotated[list[Path], typer.Option("--skills", metavar="PATH", help="More skills, as when it was recorded. Repeatable.")]
_Runs = Annotated[Path | None, typer.Option("--runs", metavar="FOLDER", help="Where run folders are [default: ./runs].")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]


class Done(NamedTuple):
    """One replay, as it is told."""

    result: Result
    divergence: Divergence | None = None
    notes: tuple[str, ...] = ()
    comparison: Comparison | None = None
    compared: bool = False
    """What it diverges from is part of its exit code."""
    page: Path | None = None
    """The two tails of a fork side by side."""

    @property
    def exit_code(self) -> int:
        """0 when it did the same, 1 when it did not; of a run that is not compared, its own."""
        return int(self.divergence is not None) if self.compared else self.result.exit_code


def replay(
    run: _Run, hermetic: _Hermetic = False, from_step: _FromStep = None, edit: _Edit = None, command: _Command = "",
    model: _Model = False, tail: _Tail = "live", times: _Times = 1, approve: _Approve = [], skills: _Skills = [],
    heal: _Heal = False, full: _Full = False, trace: _Trace = None, unattended: _Unattended = False, headed: _Headed = False,
    runs: _Runs = None, as_json: _Json = False,
) -> None:  # fmt: skip
    """Do a recorded run again: on the live application without a model, hermetic, or hermetic up to a step and then anew."""
    from operator_agent.cli.main import person_here, view_here
    from operator_agent.replay.live import Here
    from operator_agent.replay.recording import read_recording

    if (edit or command or model or tail != "live") and from_step is None:
        raise UsageError("--edit, --command, --model and --tail say how to go on from a step; name it with --from-step")
    if heal and (hermetic or from_step is not None):
        raise UsageError("--heal is for a replay on the live application: leave out --hermetic and --from-step")
    if hermetic and from_step is not None:
        raise UsageError("--hermetic is the whole run; with --from-step say --tail hermetic")
    view = view_here(as_json)
    here = Here(
        runs=runs, person=person_here(unattended, view), approve=approve,  # type: ignore[arg-type]
        headed=headed, full=full, trace=trace, skills=skills,
        listeners=(view,) if view else (), prepared=lambda operator: operator.stop_on_signals(),
    )  # fmt: skip
    recording = read_recording(_folder(run, runs))
    work = _forks(from_step, edit, command, model, tail) if from_step is not None else _hermetic if hermetic else _lives(heal)
    found = []
    for _ in range(times):
        found.append(asyncio.run(_watched(work(recording, here), view)))
        if not as_json:
            typer.echo("\n".join(_told(found[-1], recording)))
    code = next((one.exit_code for one in found if one.exit_code), 0)
    if as_json:
        typer.echo(_json(recording, found, code))
    elif times > 1:
        same = sum(one.exit_code == 0 for one in found)
        typer.echo(f"{same} of {times} {'did the same' if hermetic else 'passed'}")
    raise typer.Exit(code)


def diff(run: _Run, other: _Other, runs: _Runs = None, as_json: _Json = False) -> None:
    """Two runs side by side, step by step; exit 1 when they differ in more than times and names."""
    from operator_agent.replay.comparison import compared

    found = compared(_folder(run, runs), _folder(other, runs))
    typer.echo(found.model_dump_json(indent=2) if as_json else "\n".join(_side_by_side(found)))
    raise typer.Exit(0 if found.same else 1)


def bisect(good: _Run, bad: _Bad, runs: _Runs = None, as_json: _Json = False) -> None:
    """The first step in which runs that went wrong are not like one that went well; exit 1 when there is one."""
    from operator_agent.replay.bisect import bisected

    found = bisected(_folder(good, runs), [_folder(one, runs) for one in bad])
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2, ensure_ascii=False))
    for one in [] if as_json else found:
        typer.echo(f"{one.run} ({one.outcome.replace('_', ' ')})")
        typer.echo(f"  first difference on the page: {one.seen or 'none'}")
        typer.echo(f"  first difference in what was done: {one.done or 'none'}")
    raise typer.Exit(1 if any(one.seen for one in found) else 0)


async def _watched(work: Coroutine[Any, Any, Done], view: ConsoleView | None) -> Done:
    with view or nullcontext():
        return await work


def _lives(heal: bool) -> Callable[[Recording, Here], Coroutine[Any, Any, Done]]:
    from operator_agent.healing.rewritten import Rewritten
    from operator_agent.replay.live import live

    async def lived(recording: Recording, here: Here) -> Done:
        rewritten = Rewritten()
        result = await live(recording, replace(here, listeners=(*here.listeners, rewritten)))
        return Done(result, notes=_healed(rewritten, recording.folder / "script.yaml" if heal and result.passed else None))

    return lived


def _healed(rewritten: Rewritten, script: Path | None) -> tuple[str, ...]:
    """What was found again and proved, a line each, and where it is written."""
    notes = tuple(f"healed step {one.step}: {one.old} is now {one.new} ({one.why})" for _, one in rewritten.changes)
    if script and (written := rewritten.write(script)):
        return (*notes, f"the healed script is {written[0]}, what changed is in {written[1]}")
    return (*notes, "write them to a script with --heal") if notes and not script else notes


async def _hermetic(recording: Recording, here: Here) -> Done:
    from operator_agent.replay.hermetic import hermetic

    return Done(*await hermetic(recording, here), compared=True)


def _forks(
    from_step: int, edit: Path | None, command: str, model: bool, tail: str
) -> Callable[[Recording, Here], Coroutine[Any, Any, Done]]:
    from operator_agent.replay.fork import Tail, fork
    from operator_agent.script import load_plan

    if tail not in ("live", "hermetic"):
        raise UsageError(f"--tail {tail}: it is live or hermetic")
    how = Tail(tail, load_plan(edit) if edit else None, command, model)  # type: ignore[arg-type]

    async def forked(recording: Recording, here: Here) -> Done:
        from operator_agent.recorder.report_pair import write_pair

        result, before, sides, begun, notes = await fork(recording, from_step, how, here)
        if begun != from_step:
            notes = (f"step {from_step} answers the dialog of the step before, so the fork begins with that", *notes)
        return Done(result, before, notes, sides, before is not None, await asyncio.to_thread(write_pair, sides))

    return forked


def _folder(run: Path, runs: Path | None) -> Path:
    from operator_agent.settings import Settings

    return run if run.is_dir() else (runs or Settings.from_env().runs_dir) / run


def _told(done: Done, recording: Recording) -> list[str]:
    """What a person should know of a replay, besides what was shown while it went."""
    lines = [f"note: {note}" for note in done.notes]
    if done.comparison:
        lines += [f"before the step: {done.divergence or 'as recorded'}", *_side_by_side(done.comparison)]
        lines += [f"side by side: {done.page}"] if done.page else []
    elif done.compared:
        same = f"the same records as {recording.folder.name}"
        lines.append(f"first divergence: {done.divergence}" if done.divergence else same)
    return lines


def _side_by_side(found: Comparison) -> list[str]:
    ended = zip(found.runs, found.outcomes, strict=True)
    lines = [f"    {Path(run).name}: {outcome.replace('_', ' ')}" for run, outcome in ended]
    for pair in found.steps:
        sides = [f"{side.title} ({side.verdict or 'no verdict'})" if side else "no such step" for side in (pair.first, pair.second)]
        if pair.difference is None:
            lines.append(f"{pair.step:3} = {sides[0]}")
        else:
            lines.append(f"{pair.step:3} ≠ {sides[0]}" + (f" | {sides[1]}" if sides[0] != sides[1] else ""))
            what = pair.difference
            lines.append(f"      {what.record}{f', {what.field}' if what.field else ''}: {what.recorded} | {what.replayed}")
    lines.append("the same" if found.same else f"first difference: {found.divergence}")
    return lines


def _json(recording: Recording, found: list[Done], code: int) -> str:
    recorded = recording.result.outcome if recording.result else "cut off"
    replays = [
        {
            "outcome": one.result.outcome, "reason": one.result.reason, "run": one.result.run, "seconds": one.result.seconds,
            "model_calls": one.result.model_calls, "exit_code": one.exit_code,
            "divergence": one.divergence.model_dump() if one.divergence else None, "notes": list(one.notes),
            "comparison": one.comparison.model_dump(mode="json") if one.comparison else None,
            "page": str(one.page) if one.page else None,
        }
        for one in found
    ]  # fmt: skip
    told = {"recorded": {"run": str(recording.folder), "outcome": recorded}, "replays": replays, "exit_code": code}
    return json.dumps(told, indent=2, ensure_ascii=False)
