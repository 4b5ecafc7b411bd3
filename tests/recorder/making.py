"""A small site, and a run on it in a process of its own that can be killed, starved and looked at from outside."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from tests import warm
from tests.site import serving

FORM = """<!doctype html><title>Claim</title><main><h1>Claim</h1><div style="height:900px"></div>
<label>Name <input name=name></label><label>Reason <input name=reason></label>
<button type=button onclick="result.textContent='Thank you, '+document.querySelector('input').value">Send</button>
<p role=status id=result aria-label=Result></p></main>"""

PLAN = """
plan: hand in a claim
start: {start}
steps:
  - fill: textbox "Name"
    with: Ada
  - fill: textbox "Reason"
    with: A talk
  - click: button "Send"
    expect: 'status "Result": Thank you, Ada'
done: [text: "Thank you, Ada"]
"""

RUN = """
import asyncio, sys
from operator_agent import Operator
from operator_agent.errors import OperatorError
from operator_agent.script import load_plan
from tests.site import serving
{before}
async def main():
    async with Operator(runs=sys.argv[1], approve=["send"]{arguments}) as operator:
        result = await operator.run_plan(load_plan(sys.argv[2]))
        print(result.outcome, result.reason)
        return result.exit_code
try:
    sys.exit(asyncio.run(main()))
except OperatorError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@asynccontextmanager
async def site(page: str = FORM) -> AsyncIterator[str]:
    """The address of a server that answers everything with `page`."""
    async with serving(page) as opened:
        yield opened.url


@contextmanager
def running(folder: Path, start: str, before: str = "", arguments: str = "") -> Iterator[warm.Warm]:
    """A run in a process of its own: run folders in `folder/runs`, browsers registered in `folder/state`."""
    environment = {**os.environ, "OPERATOR_STATE": str(folder / "state")}
    script = RUN.format(before=before, arguments=arguments)
    folder.mkdir(exist_ok=True)
    with closing(warm.Warm(script, [str(folder / "runs"), PLAN.format(start=start)], environment)) as process:
        yield process


def journal(folder: Path) -> Path | None:
    """The journal of the only run in `folder/runs`, or of any of them; None when there is none yet."""
    return next((folder / "runs").glob("*/run.jsonl"), None)


async def until_lines(folder: Path, wanted: int, within: float = 120.0) -> None:
    """Returns once the journal in `folder/runs` has that many whole lines, which is known by looking."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = journal(folder)
        if found and found.read_bytes().count(b"\n") >= wanted:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"no {wanted} records within {within} s")


def parsed(journal: Path) -> list[dict[str, object]]:
    """Every line; a line that is not whole raises."""
    data = journal.read_bytes()
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def files(folder: Path) -> list[Path]:
    """Every file below."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def browsers(folder: Path) -> list[int]:
    """Pids of living processes that name `folder` on their command line, zombies not counted."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
