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
    from operator_agent.scenarios.mutants.mutant import Tested
    from operator_agent.scenarios.mutants.score import Score
    from operator_agent.scenarios.mutants.testing import Testing
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

    testing = _testing(seed, per, kind, allow_command, runs)
    found = [one for file in _files(_places(paths)) for one in _loaded(file) if tagged(one.tags, tag) and only in one.id]
    if not found:
        raise UsageError("there is no scenario to be tested")
    score = asyncio.run(_score(found, testing, jobs, least, quiet=as_json))
    typer.echo(json.dumps(score.as_json(), indent=2, ensure_ascii=False) if as_json else "\n".join(score.lines()))
    raise typer.Exit(score.exit_code)


def _testing(seed: int, per: int, kinds: list[str], commands: list[str], runs: Path | None) -> Testing:
    """Raises UsageError for a kind that there is not."""
    from operator_agent.scenarios.mutants.mutant import KINDS
    from operator_agent.scenarios.mutants.testing import Testing
    from operator_agent.scenarios.project import read_project
    from operator_agent.scenarios.trial import Way
    from operator_agent.settings import Settings

    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise UsageError(f"there are no mutants of the kind {unknown[0]!r}; they are {', '.join(KINDS)}")
    project, settings = read_project(Path()), Settings.from_env()
    way = Way(
        runs=runs or settings.runs_dir / "mutants", apps=project.apps, commands=project.commands | set(commands), pictures=False
    )
    return Testing(way, seed, per, tuple(kind for kind in KINDS if kind in kinds or not kinds), settings)


async def _score(found: list[Scenario], testing: Testing, jobs: int, least: float, *, quiet: bool) -> Score:
    """Tests them all; a line for each on the way, on stderr when stdout is for JSON."""
    from rich.console import Console
    from rich.text import Text

    from operator_agent.scenarios.mutants.score import Score, summed
    from operator_agent.scenarios.mutants.testing import test_all

    console, began, ended = Console(stderr=quiet), monotonic(), 0

    def told(tested: Tested) -> None:
        nonlocal ended
        ended += 1
        left = (monotonic() - began) / ended * (len(found) - ended)
        weak = tested.unsound or tested.count("survived", "not tolerated")
        line = Text.assemble(
            f"[{ended}/{len(found)}] ", ("✗" if weak else "✓", "red" if weak else "green"), f" {tested.scenario}  ",
            (summed(tested), "red" if weak else ""), (f"  about {left / 60:.0f} min left" if left > 90 else "", "dim"),
        )  # fmt: skip
        console.print(line, soft_wrap=True)

    with console.status("breaking things"):
        tested = await test_all(found, testing, at_once=jobs, told=told)
    return Score(tested, testing.seed, least)
