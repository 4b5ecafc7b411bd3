"""`operator-agent scenarios`: run, list, check and begin scenario files. Running them is pytest's work; this is a front for it."""

# ruff: noqa: B006 - an option that may be repeated is a list for typer, which copies its default
from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operator_agent.errors import UsageError

if TYPE_CHECKING:
    from operator_agent.scenarios.round import Round
    from operator_agent.scenarios.scenario import Scenario

_CODES = (
    "Exit codes of run: 0 all passed, 1 a check was refuted, 2 a file or the call is wrong, 3 nothing was proved, "
    "4 needs a person, 5 blocked, 6 stopped, 7 the machine or a fixture failed."
)
scenarios_app = typer.Typer(
    help="Scripted scenarios: run, list, check and begin them.", rich_markup_mode=None, invoke_without_command=True, epilog=_CODES
)
_Paths = Annotated[list[Path], typer.Argument(metavar="[PATH]...", help="Files or folders [default: scenarios].")]
_Planner = Annotated[str, typer.Option(metavar="NAME", help="solution, skill, words, model or any [default: solution, if any].")]
_Repeat = Annotated[int, typer.Option(metavar="K", min=1, help="Each so many times: pass rates and the flake rate.")]
_Shard = Annotated[str, typer.Option(metavar="I/N", help="Only the I-th of N parts; stable by name.")]
_Tags = Annotated[list[str], typer.Option("--tag", metavar="TAG", help="Only with this tag; not:TAG is without it. Repeatable.")]
_Only = Annotated[str, typer.Option("--only", "-k", metavar="WORDS", help="Only whose names or tags fit, as pytest's -k.")]
_Failed = Annotated[bool, typer.Option("--last-failed", help="Only those that did not pass the last time.")]
_Stop = Annotated[bool, typer.Option("--stop", "-x", help="Stop at the first that does not pass.")]
_Prove = Annotated[bool, typer.Option("--prove", help="Prove each: its solution passes; doing nothing fails; a false proof fails.")]
_Jobs = Annotated[int | None, typer.Option("--jobs", "-n", metavar="N", min=0, help="At once [default: one a processor].")]
_Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML there.")]
_Commands = Annotated[list[str], typer.Option("--allow-command", metavar="NAME", help="A program proofs may run. Repeatable.")]
_Runs = Annotated[Path | None, typer.Option("--runs", metavar="FOLDER", help="Where its folder is made [default: runs/scenarios].")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
_Source = Annotated[str, typer.Argument(metavar="SOURCE", help="An address, or the run folder of a run that passed.")]
_Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where [default: scenarios/NAME.yaml].")]
_USAGE, _INTERNAL = 2, 70
_KNOWN = "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
"""pytest would rewrite the asserts of its plugins, and says so where the command line has loaded ours before; a project may
have made all warnings errors."""


@scenarios_app.callback()
def about(context: typer.Context) -> None:
    if not context.invoked_subcommand:
        typer.echo(context.get_help())


def run(
    paths: _Paths = [], planner: _Planner = "", repeat: _Repeat = 1, shard: _Shard = "", tag: _Tags = [], only: _Only = "",
    last_failed: _Failed = False, stop: _Stop = False, prove: _Prove = False, jobs: _Jobs = None, junit: _Junit = None,
    allow_command: _Commands = [], runs: _Runs = None, as_json: _Json = False,
) -> None:  # fmt: skip
    """Run scenarios, several at once, each in its own browser.

    An overview is left that links the report of every run."""
    found = _places(paths)
    given: list[tuple[str, object]] = [
        ("--planner", planner), ("--repeat", repeat), ("--shard", shard), ("-k", only), ("--junitxml", junit),
        ("--scenario-runs", runs), *(("--scenario-tag", one) for one in tag), *(("--allow-command", one) for one in allow_command),
    ]  # fmt: skip
    flags = [name for name, on in (("--lf", last_failed), ("-x", stop), ("--prove", prove)) if on]
    options = [text for name, value in given if value for text in (name, str(value))]
    at_once = workers(found, jobs, times=repeat * (3 if prove else 1))
    arguments = [*map(str, found), "--continue-on-collection-errors", *flags, *options, *at_once]
    code, held = _held(arguments, as_json)
    if as_json:
        typer.echo(json.dumps({**(held.as_json() if held else {}), "exit_code": code, "junit": str(junit or "")}, indent=2))
    raise typer.Exit(code)


def _held(arguments: Sequence[str], as_json: bool) -> tuple[int, Round | None]:
    """Lets pytest hold the round; our exit code, and the round when there was one."""
    import pytest
    from rich.console import Console

    from operator_agent.scenarios.console import ScenarioConsole
    from operator_agent.scenarios.items import ending_on_sigterm

    console = ScenarioConsole(None if as_json else Console())
    with redirect_stdout(sys.stderr if as_json else sys.stdout), ending_on_sigterm():
        status = int(pytest.main([*arguments, "-W", _KNOWN], plugins=[console]))
    held = console.round
    if status == pytest.ExitCode.INTERNAL_ERROR:
        return _INTERNAL, held
    if status == pytest.ExitCode.USAGE_ERROR or held is None:
        return _USAGE, held
    if status == pytest.ExitCode.OK and not held.cases:
        return 0, held  # this part of the scenarios is empty, the others are not
    return held.exit_code, held


def list_scenarios(paths: _Paths = [], tag: _Tags = [], as_json: _Json = False) -> None:
    """What scenarios there are, one for each row of data."""
    from operator_agent.scenarios.items import tagged

    found = [one for file in _files(_places(paths)) for one in _loaded(file) if tagged(one.tags, tag)]
    if as_json:
        typer.echo(json.dumps({"scenarios": [_told(one) for one in found], "exit_code": 0}, indent=2, ensure_ascii=False))
        return
    width = max((len(one.id) for one in found), default=0)
    for one in found:
        typer.echo(f"{one.id:{width}}  {one.name}" + (f"  [{', '.join(one.tags)}]" if one.tags else ""))
    typer.echo(f"{len(found)} scenario{'s' * (len(found) != 1)}, {sum(bool(one.solution) for one in found)} with a solution, "
               f"{sum(bool(one.proof) for one in found)} with a second witness")  # fmt: skip


def check(paths: _Paths = [], as_json: _Json = False) -> None:
    """Say what is wrong or doubtful in scenario files, by line.

    Nothing is run. Exit code 2 when something is wrong."""
    from operator_agent.scenarios.diagnosis import diagnose

    files = _files(_places(paths), all_named=True)
    problems = [problem for file in files for problem in diagnose(file)]
    code = 2 if any(problem.severity == "error" for problem in problems) else 0
    if as_json:
        told = {"exit_code": code, "files": len(files), "problems": [problem._asdict() for problem in problems]}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(map(str, problems)) or f"all good: {len(files)} file{'s' * (len(files) != 1)}")
    raise typer.Exit(code)


def new(source: _Source, output: _Output = None, runs: _Runs = None) -> None:
    """Begin a scenario file, from an address or a run.

    Of an address, one link of its page is followed; of a run that passed, all that was done."""
    from operator_agent.scenarios.first import from_page, from_run

    if source.startswith(("http://", "https://")):
        import asyncio

        name, text = asyncio.run(from_page(source))
    else:
        folder = Path(source)
        name, text = from_run(folder if folder.is_dir() or runs is None else runs / source)
    file = output or Path("scenarios") / f"{name}.yaml"
    _write(file, text)
    typer.echo(f"{file}\nnext: operator-agent scenarios run {file}")


def _write(file: Path, text: str) -> None:
    """Raises UsageError for a file that is there already, SetupError for one that cannot be written."""
    from operator_agent.errors import SetupError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(f"{file} is there already; choose another place with --output") from None
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}); choose another place with --output") from error


def _places(paths: Sequence[Path]) -> list[Path]:
    """Raises UsageError for a place that is not there, and when none is named and there is no folder of the usual name."""
    found = list(paths) or [Path("scenarios")]
    for path in found:
        if not Path(str(path).partition("::")[0]).exists():
            hint = "" if paths else "; name the folder or file, or begin one with `operator-agent scenarios new`"
            raise UsageError(f"there is no {path}{hint}")
    return found


def _files(places: Iterable[Path], *, all_named: bool = False) -> list[Path]:
    """The scenario files at these places; with `all_named` also files that were named and are none."""
    from operator_agent.scenarios.named import is_scenario

    found: dict[Path, None] = {}
    for place in places:
        inside = sorted(one for one in place.rglob("*") if one.suffix in (".yaml", ".yml")) if place.is_dir() else []
        found |= dict.fromkeys(one for one in inside if is_scenario(one))
        if place.is_file() and (all_named or is_scenario(place)):
            found[place] = None
    return list(found)


def workers(places: list[Path], jobs: int | None, *, times: int) -> list[str]:
    """How pytest is told to do several at once: one a processor, as far as there are scenarios for them. A single one needs no
    worker."""
    if jobs is None:
        import os

        files = _files(Path(str(place).partition("::")[0]) for place in places)
        jobs = min(os.cpu_count() or 1, sum(map(_about_how_many, files)) * times)
    return ["-n", str(jobs), "--dist", "worksteal"] if jobs > 1 else []


def _about_how_many(file: Path) -> int:
    """The rows of a file, without reading it as YAML."""
    table = file.read_text(encoding="utf-8", errors="replace").partition("\nrows:")[2]
    return max(1, table.count("{"), table.count("- "))


def _loaded(file: Path) -> list[Scenario]:
    from operator_agent.scenarios.file import load_scenarios

    return load_scenarios(file)


def _told(one: Scenario) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "file": str(one.source), "tags": list(one.tags), "command": one.command,
        "outcome": one.outcome, "solution": bool(one.solution), "proof": len(one.proof),
    }  # fmt: skip


COMMANDS: dict[str, Callable[..., None]] = {"run": run, "list": list_scenarios, "check": check, "new": new}
"""By name; `main` adds them, with our errors as one line each."""
