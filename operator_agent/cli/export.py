"""`operator-agent export`: a recorded run as a Playwright test, a skill or a scenario."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

_Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or its name in the runs folder.")]
_To = Annotated[str, typer.Option("--to", metavar="KIND", help="playwright, skill or scenario.")]
_Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it [default: stdout].")]
_Runs = Annotated[Path | None, typer.Option("--runs", metavar="FOLDER", help="Where run folders are [default: ./runs].")]
KINDS = ("playwright", "skill", "scenario")
Kind = Literal["playwright", "skill", "scenario"]


def export(run: _Run, to: _To, output: _Output = None, runs: _Runs = None) -> None:
    """Write a run that passed as something else that does the same: a pytest-playwright test, a skill with inputs, a scenario."""
    from operator_agent.errors import SetupError, UsageError
    from operator_agent.settings import Settings

    if to not in KINDS:
        raise UsageError(f"--to {to}: it is one of {', '.join(KINDS)}")
    folder = run if run.is_dir() else (runs or Settings.from_env().runs_dir) / run
    text = exported(folder, to)  # type: ignore[arg-type]
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{output} cannot be written ({error.strerror}); choose another place with --output") from error
    print(output)


def exported(folder: Path, kind: Kind) -> str:
    """The run in `folder` as source text. Raises UsageError for a run that did not pass."""
    from operator_agent.export.retold import retell
    from operator_agent.recorder.reader import read
    from operator_agent.recorder.tape import read_tape

    told, name = retell(read(folder), read_tape(folder)), folder.resolve().name
    if kind == "playwright":
        from operator_agent.export.playwright import playwright_test

        return playwright_test(told, name)
    from operator_agent.export.skill import scenario_file, skill_file

    return skill_file(told) if kind == "skill" else scenario_file(told)
