"""`operator-agent scenarios mutate`: break pages and servers on purpose, and count which mutants the scenarios catch."""

# ruff: noqa: B006 - an option that may be repeated is a list for typer, which copies its default
from __future__ import annotations

import json
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from operator_agent.cli.scenarios import _Commands, _files, _Json, _loaded, _Paths, _places, _Tags
from operator_agent.errors import UsageError

if TYPE_CHECKING:
    from operator_agent.scenarios.mutants.examination import Examination
    from operator_agent.scenarios.mutants.mutant import Examined
    from operator_agent.scenarios.scenario import Scenario

_Seed = Annotated[int, typer.Option(metavar="N", help="Draws the same mutants again.")]
_Per = Annotated[int, typer.Option("--per", metavar="K", min=1, help="So many mutants a scenario.")]
_Kinds = Annotated[list[str], typer.Option("--kind", metavar="NAME", help="Only mutants of this kind. Repeatable.")]
_Jobs = Annotated[int, typer.Option("--jobs", "-n", metavar="N", min=1, help="Scenarios at once.")]
_Least = Annotated[float, typer.Option("--least", metavar="PERCENT", min=0, max=100, help="The score below which it fails.")]
_Only = Annotated[str, typer.Option("--only", "-k", metavar="WORD", help="Only scenarios with this in their name.")]
_Runs = Annotated[Path | None, typer.Option("--runs", metavar="FOLDER", help="Where the runs of survivors are kept.")]


def mutate(
    paths: _Paths = [], seed: _Seed = 0, per: _Per = 8, kind: _Kinds = [], tag: _Tags = [], only: _Only = "", jobs: _Jobs = 2,
    least: _Least = 90.0, allow_command: _Commands = [], runs: _Runs = None, as_json: _Json = False,
) -> None:  # fmt: skip
    """Break pages and servers while solutions run: which mutants do the scenarios catch?

    Exit code 0 when the score is high enough and no scenario tagged `journey` let a mutant pass."""
    import asyncio

    from operator_agent.scenarios.items import tagged
    from operator_agent.scenarios.mutants.score import Score

    examination = _examination(seed, per, kind, allow_command, runs)
    found = [one for file in _files(_places(paths)) for one in _loaded(file) if tagged(one.tags, tag) and only in one.id]
    if not found:
        raise UsageError("there is no scenario to be examined")
    examined: list[Examined] = []
    stopped = False
    try:
        asyncio.run(_examine(found, examination, jobs, examined, quiet=as_json))
    except KeyboardInterrupt:
        stopped = True
    score = Score(examined, seed, least, stopped=stopped)
    typer.echo(json.dumps(score.as_json(), indent=2, ensure_ascii=False) if as_json else "\n".join(score.lines()))
    raise typer.Exit(score.exit_code)


def _examination(seed: int, per: int, kinds: list[str], commands: list[str], runs: Path | None) -> Examination:
    """Raises UsageError for a kind that there is not."""
    from operator_agent.scenarios.mutants.examination import Examination
    from operator_agent.scenarios.mutants.mutant import KINDS
    from operator_agent.scenarios.project import read_project
    from operator_agent.scenarios.trial import Way
    from operator_agent.settings import Settings

    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise UsageError(f"there are no mutants of the kind {unknown[0]!r}; they are {', '.join(KINDS)}")
    project, settings = read_project(Path()), Settings.from_env()
    way = Way(
        runs=runs or settings.runs_dir / "mutants", apps=project.apps, commands=project.commands | set(commands), pictures=False
    )
    return Examination(way, seed, per, tuple(kind for kind in KINDS if kind in kinds or not kinds), settings)


async def _examine(found: list[Scenario], examination: Examination, jobs: int, examined: list[Examined], *, quiet: bool) -> None:
    """Examines them all, into `examined`; a line for each on the way, on stderr when stdout is for JSON."""
    from rich.console import Console
    from rich.text import Text

    from operator_agent.scenarios.mutants.examination import examine_all
    from operator_agent.scenarios.mutants.score import summed, weaknesses

    console, began = Console(stderr=quiet), monotonic()

    def told(one: Examined) -> None:
        examined.append(one)
        left = (monotonic() - began) / len(examined) * (len(found) - len(examined))
        weak = list(weaknesses(one))
        line = Text.assemble(
            f"[{len(examined)}/{len(found)}] ", ("✗" if weak else "✓", "red" if weak else "green"), f" {one.scenario}  ",
            summed(one), (f"  about {left / 60:.0f} min left" if left > 90 else "", "dim"),
        )  # fmt: skip
        console.print(line, *(Text(f"      {text}", "red") for text in weak), sep="\n", soft_wrap=True)

    with console.status("breaking things"):
        await examine_all(found, examination, at_once=jobs, told=told)
