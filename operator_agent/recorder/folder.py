"""Where runs are kept. Imports nothing of the nouns: it is asked before the browser starts, and that must not wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from operator_agent.errors import SetupError


def check(runs: Path) -> None:
    """Raises `SetupError` when no run folder can be made in `runs`; leaves `runs` there, and nothing in it."""
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=runs, prefix="."):
            pass
    except OSError as error:
        raise _cannot(runs, error) from error


def _cannot(runs: Path, error: OSError) -> SetupError:
    return SetupError(f"no run folder can be made in {runs} ({error.strerror}); choose a writable one with --runs")


def new_folder(runs: Path) -> Path:
    """`runs/2026-03-03T12-30-05`, with a number behind it when that second already has one."""
    stamp = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    try:
        runs.mkdir(parents=True, exist_ok=True)
        for name in _names(stamp):
            try:
                (runs / name).mkdir()
            except FileExistsError:
                continue
            return runs / name
    except OSError as error:
        raise _cannot(runs, error) from error
    raise SetupError(f"{runs} holds too many runs of {stamp}")


def _names(stamp: str) -> Iterable[str]:
    yield stamp
    for number in range(2, 1000):
        yield f"{stamp}-{number}"
