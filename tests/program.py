"""`operator-agent`, run as a person runs it: a process with arguments, an environment and an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests import warm

PROGRAM = Path(sys.executable).with_name("operator-agent")
_AT_ONCE = 3
Lines = dict[str, tuple[Sequence[str | Path], Mapping[str, str]]]
"""Command lines by name, each with its environment."""
KEYS = {
    "outcome", "reason", "exit_code", "command", "plan", "steps", "values", "answer", "model_calls", "tokens", "cost", "thoughts",
    "seconds", "run", "report",
}  # fmt: skip
"""Of the object that `--json` prints."""


class Ending(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The one object on stdout; fails when there is anything else."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def environment(**settings: str | Path) -> dict[str, str]:
    """This process's, without what could make a test depend on the machine's user; `settings` win."""
    dropped = ("OPERATOR_", "DISPLAY", "WAYLAND_DISPLAY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, **{name: str(value) for name, value in settings.items()}}


async def operator_agent(*arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ending:
    """Runs one command line to its end, with nobody at stdin, in a process that has its imports already."""
    with contextlib.closing(warm.Warm(warm.PROGRAM, arguments, env or environment(), cwd)) as process:
        return Ending(await process.ended(), process.out, process.err)


async def installed(*arguments: str | Path) -> Ending:
    """The same of the installed program: what only a fresh start can show."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment()
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ending(process.returncode, out.decode(), err.decode())


async def at_once(lines: Lines, cwd: Path) -> dict[str, Ending]:
    """The endings of several command lines with their environments, a few at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(arguments: Sequence[str | Path], env: Mapping[str, str]) -> Ending:
        async with gate:
            return await operator_agent(*arguments, env=env, cwd=cwd)

    async with asyncio.TaskGroup() as group:
        running = {name: group.create_task(one(*line)) for name, line in lines.items()}
    return {name: task.result() for name, task in running.items()}
