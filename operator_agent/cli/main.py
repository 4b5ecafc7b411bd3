"""The command line: arguments in, exit code out. Heavy parts are imported by the command that needs them."""

# ruff: noqa: B006 - an option that may be repeated is a list for typer, which copies its default
from __future__ import annotations

import asyncio
import functools
import json
import os
import shlex
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operator_agent.cli.export import export
from operator_agent.cli.models import models_app
from operator_agent.cli.mutate import mutate
from operator_agent.cli.replay import bisect, diff, replay
from operator_agent.cli.research import research
from operator_agent.cli.scenarios import COMMANDS as SCENARIO_COMMANDS
from operator_agent.cli.scenarios import scenarios_app
from operator_agent.errors import OperatorError, UsageError

if TYPE_CHECKING:
    from operator_agent.flow.grant import Limits
    from operator_agent.flow.record import Outcome, Result
    from operator_agent.person import AtTerminal
    from operator_agent.recorder.console import ConsoleView
    from operator_agent.run import Operator

BUG = 70
"""Exit code of a mistake of ours (EX_SOFTWARE). Python's own 1 would say that a check was refuted."""

app = typer.Typer(
    name="operator-agent",
    help="Operates GUIs on command, proves every step, leaves a recording.", invoke_without_command=True,
    epilog="Exit codes: 0 passed, 1 failed, 2 usage or set-up, 3 unverified, 4 needs a person, 5 blocked, 6 incomplete, 7 error.",
    pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
demo_app = typer.Typer(help="The demo coffee shop: order in it, or serve it.", rich_markup_mode=None, invoke_without_command=True)
skills_app = typer.Typer(help="What can be asked for without a model.", rich_markup_mode=None, invoke_without_command=True)
app.add_typer(demo_app, name="demo")
app.add_typer(skills_app, name="skills")
app.add_typer(models_app, name="models")
app.add_typer(scenarios_app, name="scenarios")

_LIMITED = "steps, seconds, step, load, calls, tokens or cost. Repeatable."
Said = Annotated[str, typer.Argument(metavar="COMMAND", help='"order a large oat latte", or plain steps: "press Save".')]
Start = Annotated[str, typer.Option(metavar="URL", help="Address to begin at.")]
SkillName = Annotated[str, typer.Option(metavar="NAME", help="Use this skill instead of matching one.")]
Inputs = Annotated[list[str], typer.Option("--input", metavar="NAME=VALUE", help="An input of the skill. Repeatable.")]
Allow = Annotated[list[str], typer.Option(metavar="ORIGIN", help="A further origin: https://pay.example. Repeatable.")]
Approve = Annotated[list[str], typer.Option(metavar="RISK", help="send, pay, delete, publish or grant. Repeatable.")]
Secrets = Annotated[list[str], typer.Option("--secret", metavar="NAME=ORIGIN", help="OPERATOR_SECRET_NAME goes there. Repeatable.")]
GivenLimits = Annotated[list[str], typer.Option("--limit", metavar="NAME=NUMBER", help=_LIMITED)]
MaxCalls = Annotated[int | None, typer.Option(metavar="N", help="Model requests at most; 0 asks none.")]
MaxTokens = Annotated[int | None, typer.Option(metavar="N", help="Tokens at most, in and out, of all model requests.")]
MaxCost = Annotated[float | None, typer.Option(metavar="AMOUNT", help="What the model may cost, in the currency of its prices.")]
MaxSeconds = Annotated[float | None, typer.Option(metavar="S", help="Seconds the run may take, waiting for a person apart.")]
SkillFiles = Annotated[list[Path], typer.Option("--skills", metavar="PATH", help="More skills: a file or folder. Repeatable.")]
Unattended = Annotated[bool, typer.Option("--unattended", help="Nobody is there: what would be asked is refused.")]
NoNetwork = Annotated[bool, typer.Option("--no-network-recording", help="Leave the network out of the recording.")]
NoPictures = Annotated[bool, typer.Option("--no-pictures", help="Record without screenshots.")]
NoLearning = Annotated[bool, typer.Option("--no-learning", help="Keep no candidate skill of this run, and use none.")]
Headed = Annotated[bool, typer.Option("--headed", help="Show the browser.")]
Runs = Annotated[Path | None, typer.Option("--runs", metavar="FOLDER", help="Where run folders are made [default: ./runs].")]
Trace = Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="Write Playwright's own trace there (a zip).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Order = Annotated[str, typer.Option("--say", metavar="COMMAND", help="What to order.")]
Faults = Annotated[list[str], typer.Option("--fault", metavar="NAME", help="Let the shop misbehave; `list` says how. Repeatable.")]
Port = Annotated[int, typer.Option(metavar="NUMBER", help="Port on loopback; 0 takes a free one.")]
Db = Annotated[Path | None, typer.Option("--db", metavar="FILE", help="SQLite file; a temporary one when left out.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or its name in the runs folder.")]
OtherRun = Annotated[Path | None, typer.Argument(metavar="OTHER", help="Another run to put beside it.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Only build the report and print its path.")]
Name = Annotated[str, typer.Argument(metavar="NAME")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE")]
Things = Annotated[list[str], typer.Option("--only", metavar="THING", help="browser, display, fonts, folders, model. Repeatable.")]
Version = Annotated[bool, typer.Option("--version", help="Print the version.")]


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """Our errors as one line and their exit code; with `--json` also as a result object: stdout holds one in every ending."""

    @functools.wraps(command)
    def told(**given: Any) -> None:
        said, as_json = str(given.get("command") or " ".join(sys.argv[1:])), bool(given.get("as_json"))
        try:
            command(**given)
        except OperatorError as error:
            raise typer.Exit(_tell("error", str(error), error.exit_code, said, as_json)) from None
        except KeyboardInterrupt:
            raise typer.Exit(_tell("incomplete", "stopped by Ctrl-C", 6, said, as_json)) from None

    return told


@app.callback()
def about(context: typer.Context, version: Version = False) -> None:
    if version:
        from operator_agent.version import __version__

        _print(f"operator-agent {__version__}")
        raise typer.Exit
    if not context.invoked_subcommand:
        _print(context.get_help())


@app.command()
@_told
def run(
    command: Said, start: Start = "", skill: SkillName = "", inputs: Inputs = [], allow: Allow = [], approve: Approve = [],
    secret: Secrets = [], limit: GivenLimits = [], skills: SkillFiles = [], unattended: Unattended = False,
    no_pictures: NoPictures = False, no_network_recording: NoNetwork = False, headed: Headed = False, runs: Runs = None,
    no_learning: NoLearning = False, as_json: Json = False, max_calls: MaxCalls = None, max_tokens: MaxTokens = None,
    max_cost: MaxCost = None, max_seconds: MaxSeconds = None, trace: Trace = None,
) -> None:  # fmt: skip
    """Do what COMMAND says and prove every step. At a terminal questions are asked there; without one they are refused."""
    from operator_agent.run import Operator

    view = view_here(as_json)
    operator = Operator(
        start, allow=allow, approve=approve, secrets=_pairs(secret, "--secret"),  # type: ignore[arg-type]
        limits=_limits(limit, calls=max_calls, tokens=max_tokens, cost=max_cost, seconds=max_seconds),
        skills=skills, headed=headed, runs=runs, pictures=not no_pictures, network=not no_network_recording,
        learning=not no_learning, person=person_here(unattended, view), listeners=(view,) if view else (), trace=trace,
    )  # fmt: skip
    _end(asyncio.run(_run(operator, command, skill, _pairs(inputs, "--input"), view)), as_json)


app.command()(_told(research))
app.command()(_told(export))
for _command in (replay, diff, bisect):
    app.command()(_told(_command))
for _name, _scenarios in SCENARIO_COMMANDS.items():
    scenarios_app.command(_name)(_told(_scenarios))
scenarios_app.command()(_told(mutate))


@demo_app.callback()
@_told
def demo(
    context: typer.Context, command: Order = "order two large oat lattes for Ada, please", fault: Faults = [],
    unattended: Unattended = False, headed: Headed = False, runs: Runs = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Start the shop, order in it, look into its database, leave a report."""
    if context.invoked_subcommand:
        return
    if "list" in fault:
        _list_faults(as_json)
        return
    from operator_agent.demo.tour import order

    view = view_here(as_json)
    result, stored = asyncio.run(order(command, fault, headed=headed, runs=runs, person=person_here(unattended, view), view=view))
    if not as_json:
        _print(f"the shop's database: {stored}")
    _end(result, as_json)


@demo_app.command("serve")
@_told
def demo_serve(port: Port = 0, db: Db = None, fault: Faults = [], as_json: Json = False) -> None:
    """Serve the coffee shop until Ctrl-C. The first line printed is JSON: {"url": …, "db": …}."""
    if "list" in fault:
        _list_faults(as_json)
        return
    from operator_agent.demo.serve import run as serve

    asyncio.run(serve(db, port, fault))


@app.command()
@_told
def view(
    run: RunFolder, other: OtherRun = None, runs: Runs = None, no_open: NoOpen = False, as_json: Json = False
) -> None:
    """Build a run's report anew from its journal, also of a run that was cut off, and open it; with OTHER, both side by side."""
    from operator_agent.recorder.reader import built, opened

    folder = _folder(run, runs)
    if other:
        from operator_agent.recorder.report_pair import write_pair
        from operator_agent.replay.comparison import compared

        comparison = compared(folder, _folder(other, runs))
        report = write_pair(comparison)
        said = f"first difference: {comparison.divergence}" if comparison.divergence else "the same, times and names of runs apart"
        _print(comparison.model_dump_json(indent=2) if as_json else f"{said}\n{report}")
    else:
        recording = opened(folder)
        result, report = built(folder, recording)
        told = (f"{result.outcome.replace('_', ' ')}: {result.reason}", *(f"note: {note}" for note in recording.notes), str(report))
        _print(result.model_dump_json(indent=2) if as_json else "\n".join(told))
    if not (no_open or as_json) and sys.stdout.isatty():
        typer.launch(str(report))


def _folder(run: Path, runs: Path | None) -> Path:
    """A run folder as it was named: by its path, or by its name in the runs folder."""
    from operator_agent.settings import Settings

    return run if run.is_dir() else (runs or Settings.from_env().runs_dir) / run


@skills_app.callback()
def skills_by_default(context: typer.Context) -> None:
    if not context.invoked_subcommand:
        skills_list()


@skills_app.command("list")
@_told
def skills_list(skills: SkillFiles = [], as_json: Json = False) -> None:
    """What can be asked for, and what was learned on which site."""
    from operator_agent.cli.skills import listed

    _print(listed(skills, as_json=as_json))


@skills_app.command("show")
@_told
def skills_show(name: Name, skills: SkillFiles = []) -> None:
    """The file of one skill."""
    from operator_agent.cli.skills import shown

    _print(shown(skills, name))


@skills_app.command("forget")
@_told
def skills_forget(name: Name) -> None:
    """Take a learned skill away, with its counts and its earlier versions."""
    from operator_agent.cli.skills import forgotten

    _print(forgotten(name))


@skills_app.command("check")
@_told
def skills_check(files: Files, as_json: Json = False) -> None:
    """Say what is wrong with skill files; exit 2 when something is."""
    from operator_agent.skills import diagnose

    found = [problem for file in files for problem in diagnose(file)]
    code = 2 if any(problem.severity == "error" for problem in found) else 0
    if as_json:
        _print(json.dumps({"exit_code": code, "problems": [problem._asdict() for problem in found]}, indent=2, ensure_ascii=False))
    else:
        _print("\n".join(map(str, found)) or "all good")
    raise typer.Exit(code)


@app.command()
@_told
def doctor(only: Things = [], runs: Runs = None, as_json: Json = False) -> None:
    """Check this machine: one line a thing, with cause and fix for what is missing; exit 2 when something is."""
    from operator_agent.doctor import examine
    from operator_agent.settings import Settings

    settings = Settings.from_env()
    found = asyncio.run(examine(replace(settings, runs_dir=runs) if runs else settings, only))
    code = 2 if any(one.state == "missing" for one in found) else 0
    if as_json:
        _print(json.dumps({"exit_code": code, "findings": [one._asdict() for one in found]}, indent=2, ensure_ascii=False))
    else:
        _print("\n".join(map(str, found)))
    raise typer.Exit(code)


def _list_faults(as_json: bool) -> None:
    from operator_agent.demo.faults import FAULTS

    _print(json.dumps(FAULTS, indent=2) if as_json else "\n".join(f"{name:16} {what}" for name, what in FAULTS.items()))


async def _run(operator: Operator, command: str, skill: str, inputs: dict[str, str], view: ConsoleView | None) -> Result:
    operator.stop_on_signals()
    with view or nullcontext():
        async with operator:
            result = await operator.run(command, skill=skill, inputs=inputs)
    if view and operator.lesson:
        view.console.print(operator.lesson, style="dim", soft_wrap=True, highlight=False, markup=False)
    return result


def view_here(as_json: bool) -> ConsoleView | None:
    """What shows the run on the terminal while it goes; nothing with `--json`."""
    if as_json:
        return None
    from operator_agent.recorder.console import ConsoleView

    return ConsoleView()


def person_here(unattended: bool, view: ConsoleView | None) -> AtTerminal | None:
    """Whoever sits at the terminal. Questions go to stderr: stdout may be a file, or one JSON object."""
    if unattended or sys.stdin is None or not sys.stdin.isatty():
        return None
    from rich.console import Console

    from operator_agent.person import AtTerminal

    return AtTerminal(Console(stderr=True), still=view.still if view else nullcontext)


def _pairs(texts: list[str], option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} {text!r}: write it as name=value")
        pairs[name.strip()] = value
    return pairs


_WHOLE = ("steps", "calls", "tokens")


def _limits(texts: list[str], **at_most: float | None) -> Limits:
    from operator_agent.flow.grant import Limits

    known = Limits.model_fields
    given: dict[str, float] = {}
    for name, value in _pairs(texts, "--limit").items():
        if name not in known:
            raise UsageError(f"--limit {name}: it is one of {', '.join(known)}")
        try:
            given[name] = int(value) if name in _WHOLE else float(value)
        except ValueError:
            unit = "a whole number" if name in _WHOLE else "a number" if name == "cost" else "a number of seconds"
            raise UsageError(f"--limit {name}={value}: write {unit}") from None
    given |= {name: value for name, value in at_most.items() if value is not None}
    for name, number in given.items():
        if not (0 < number < float("inf") or (number == 0 and name in ("calls", "cost", "tokens"))):
            raise UsageError(f"the limit {name}={number:g} must be above 0 and finite")
    return Limits.model_validate(given)


def _tell(outcome: Outcome, reason: str, code: int, said: str, as_json: bool) -> int:
    """Says why nothing came of it; the exit code."""
    if as_json:
        from operator_agent.flow.record import Result

        _print(Result(outcome=outcome, reason=reason, exit_code=code, command=said).model_dump_json(indent=2))
    print(f"operator-agent: {reason}", file=sys.stderr)
    return code


def _end(result: Result, as_json: bool) -> None:
    if as_json:
        _print(result.model_dump_json(indent=2))
    raise typer.Exit(result.exit_code)


def _print(text: str) -> None:
    """One piece of output. A reader who has left (`| head`) changes nothing about how the command ends."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# What the argument parser raises. Some releases of typer bring a click of their own, so its classes are found by way of typer.
_CLICK_ERROR: type[Any] = typer.BadParameter.__mro__[2]


def _exit_code(arguments: list[str]) -> int:
    """Runs one command line, whatever happens, to an exit code."""
    as_json, said = "--json" in arguments, shlex.join(arguments)
    try:
        return int(app(arguments, prog_name="operator-agent", standalone_mode=False) or 0)
    except _CLICK_ERROR as error:
        where = error.ctx.command_path if error.ctx else "operator-agent"
        message = error.format_message().rstrip(".")
        return _tell("error", f"{message}; see `{where} --help`", 2, said, as_json)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing is hidden, only the exit code is ours
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}. This is a bug in operator-agent: please report it with the lines above"
        return _tell("error", reason, BUG, said, as_json)


def main() -> None:
    """The `operator-agent` command."""
    sys.exit(_exit_code(sys.argv[1:]))
