"""Runs on other people's applications: recorded with a model, then done again without one.

    python benchmarks/replays/run.py                          all tasks, every column
    python benchmarks/replays/run.py sqlite-web --only record tasks by name or application

Every task is recorded by `operator-agent run`; the plans come from a model server on loopback that answers with what the task says
(`tasks.py`). Then, each over a fresh state of the application and with its own store as the witness:

    live      `replay RUN`: no model request may be made, the same must be stored; its wall time by that of a bare Playwright
              script of the same acts (`bare.py`), both from process start to process end, alternating, in the median
    hermetic  `replay RUN --hermetic`, three times, with the application and the model stopped
    export    `export RUN --to playwright` as a pytest in a virtual environment of its own, without operator-agent
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from apps import App, Served  # noqa: E402
from tasks import Task, load_tasks  # noqa: E402

from operator_agent.models.stub import Say, StubServer  # noqa: E402
from operator_agent.settings import Settings  # noqa: E402
from operator_agent.surfaces.browser.launch import ARGUMENTS, find_browser  # noqa: E402

PROGRAM = Path(sys.executable).with_name("operator-agent")
COLUMNS = ("record", "live", "hermetic", "export")
RATIO = 1.5
"""Live replay's wall time by the bare script's, at most."""
TIMES = 3
"""How often each run is replayed hermetically."""


class Said(NamedTuple):
    """What a process came to. `seconds` are from its start to its end."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def told(self) -> dict[str, Any]:
        """The object on stdout; what went wrong in its place when there is none."""
        try:
            found = json.loads(self.out)
        except ValueError:
            found = None
        return found if isinstance(found, dict) else {"outcome": "error", "reason": self.last}

    @property
    def last(self) -> str:
        """The last line it said, to stderr before stdout."""
        return next(iter((self.err.strip() or self.out.strip()).splitlines()[-1:]), "")

    @property
    def ending(self) -> str:
        """What became of a run, or of the first replay that did not do the same."""
        replays = self.told.get("replays") or [self.told]
        wrong = next((one for one in replays if one.get("exit_code", 1)), replays[0])
        return f"{wrong['outcome']}: {wrong.get('divergence') or wrong['reason']}"


@dataclass(slots=True)
class Row:
    """What became of one task. "" is good, everything else says what was wrong."""

    task: Task
    columns: dict[str, str] = field(default_factory=dict)
    steps: int = 0
    requests: int = 0
    """Model requests of the recording."""
    run: str = ""
    identical: int = 0
    """Hermetic replays with the same records."""
    ratio: float = 0.0
    seconds: list[float] = field(default_factory=list)
    """Live replay and bare script, medians."""

    @property
    def good(self) -> bool:
        return not any(self.columns.values())


async def process(*line: str | Path, env: Mapping[str, str], cwd: Path | None = None) -> Said:
    """Runs a program to its end, with nobody at its stdin."""
    pipe = asyncio.subprocess.PIPE
    began = perf_counter()
    running = await asyncio.create_subprocess_exec(
        *map(str, line), stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=dict(env), cwd=cwd
    )
    out, err = await running.communicate()
    return Said(running.returncode or 0, out.decode(), err.decode(), perf_counter() - began)


class Bench:
    """One task on one application, whose address stays the same from recording to replay."""

    def __init__(self, task: Task, server: Served, tester: Tester, work: Path, rounds: int) -> None:
        self.task, self.server, self.tester, self.rounds = task, server, tester, rounds
        self.runs, self.row = work / "runs", Row(task)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPERATOR_")}
        secrets = {f"OPERATOR_SECRET_{name.upper()}": value for name, value in task.secrets}
        self.env = kept | secrets | {"OPERATOR_STATE": str(work / "state"), "OPERATOR_MODEL": "scripted"}

    async def measure(self, columns: tuple[str, ...]) -> Row:
        for column in columns:
            self.row.columns[column] = await getattr(self, column)()
            if column == "record" and self.row.columns["record"]:
                break
        return self.row

    async def record(self) -> str:
        answers = [Say(json.dumps(reply, ensure_ascii=False)) for reply in self.task.replies]
        self.server.begin()
        async with StubServer(answers) as model:
            approved = [word for risk in self.task.approve for word in ("--approve", risk)]
            bound = [word for name, _ in self.task.secrets for word in ("--secret", f"{name}={self.server.url}")]
            said = await process(
                PROGRAM, "run", self.task.command, "--start", self.server.url + self.task.start, "--unattended", "--json",
                "--runs", self.runs, *approved, *bound, env=self.env | {"OPERATOR_MODEL_URL": model.url},
            )  # fmt: skip
            self.row.requests = len(model.asked)
        told = said.told
        self.row.run, self.row.steps = told.get("run", ""), len(told.get("steps", ()))
        if told["outcome"] != "passed":
            return said.ending
        if self.row.requests != len(self.task.replies):
            return f"{self.row.requests} model requests for {len(self.task.replies)} replies"
        return self.task.missing(self.server.state)

    async def live(self) -> str:
        ours, bare = [], []
        for _ in range(self.rounds):
            self.server.begin()
            plain = await process(sys.executable, HERE / "bare.py", self.task.name, self.server.url, env=self.env)
            if plain.code or (lacks := self.task.missing(self.server.state)):
                return f"the bare script: {plain.last or lacks}"
            self.server.begin()
            async with StubServer([]) as model:
                env = self.env | {"OPERATOR_MODEL_URL": model.url}
                said = await process(PROGRAM, "replay", self.row.run, "--unattended", "--json", "--runs", self.runs, env=env)
            if said.code or model.asked:
                return f"{said.ending}, {len(model.asked)} model requests"
            if lacks := self.task.missing(self.server.state):
                return lacks
            ours.append(said.seconds)
            bare.append(plain.seconds)
        self.row.ratio = statistics.median(mine / plain for mine, plain in zip(ours, bare, strict=True))
        self.row.seconds = [statistics.median(ours), statistics.median(bare)]
        return "" if self.row.ratio <= RATIO else f"{self.row.ratio:.2f} × the bare script"

    async def hermetic(self) -> str:
        self.server.stop()
        line = (PROGRAM, "replay", self.row.run, "--hermetic", "--times", str(TIMES), "--json", "--runs", self.runs)
        said = await process(*line, env=self.env)
        replays = said.told.get("replays", [])
        self.row.identical = sum(one["divergence"] is None for one in replays)
        return said.ending if said.code or self.row.identical != TIMES else ""

    async def export(self) -> str:
        test = self.runs.parent / "export" / f"test_{self.task.name}.py"
        test.parent.mkdir(exist_ok=True)
        said = await process(
            PROGRAM, "export", self.row.run, "--to", "playwright", "-o", test, "--runs", self.runs, env=self.env
        )  # fmt: skip
        if said.code:
            return said.last
        self.server.begin()
        alone = await self.tester.run(test, self.env)
        if alone.code:
            why = next((line for line in alone.out.splitlines() if line.startswith("E  ")), alone.last)
            return f"the exported test: {why}"
        if lacks := self.task.missing(self.server.state):
            return lacks
        self.server.begin()
        broken = await self.tester.run(test, self.env | {"BROKEN": "1"})
        return "" if broken.code == 1 else f"the exported test on a broken page: pytest exit code {broken.code}"


class Tester:
    """pytest-playwright in a virtual environment without operator-agent."""

    CONFTEST = """
import os
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {{**browser_type_launch_args, "executable_path": {executable!r}, "args": {flags!r}}}

@pytest.fixture(autouse=True)
def broken(context):
    if os.environ.get("BROKEN"):  # whatever changes something is answered with an error, and searches find nothing
        for_reading = ("GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT")
        context.route(
            lambda url: True,
            lambda route: route.fallback() if route.request.method in for_reading else route.fulfill(status=500, body="broken"),
        )
"""

    def __init__(self, home: Path) -> None:
        self._place = home / "pytest"

    def install(self) -> None:
        if not (self._place / ".installed").exists():
            shutil.rmtree(self._place, ignore_errors=True)
            venv.create(self._place, with_pip=True)
            subprocess.run([self._place / "bin" / "pip", "install", "--quiet", "pytest-playwright"], check=True)
            (self._place / ".installed").touch()

    async def run(self, test: Path, env: Mapping[str, str]) -> Said:
        executable = str(find_browser(Settings.from_env(), headed=False))
        conftest = self.CONFTEST.format(executable=executable, flags=[*ARGUMENTS, "--no-sandbox"])
        (test.parent / "conftest.py").write_text(conftest, encoding="utf-8")
        plain = {name: value for name, value in env.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return await process(
            self._place / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", test, env=plain, cwd=test.parent
        )  # fmt: skip


async def measure(tasks: list[Task], columns: tuple[str, ...], home: Path, work: Path, rounds: int) -> list[Row]:
    rows: list[Row] = []
    tester = Tester(home)
    if "export" in columns:
        tester.install()
    for task in tasks:
        shutil.rmtree(work / task.name, ignore_errors=True)
        server = Served(App.load(task.app), home, work / task.name / "app")
        try:
            rows.append(await Bench(task, server, tester, work / task.name, rounds).measure(columns))
        finally:
            server.stop()
        show(rows[-1])
    return rows


def show(row: Row) -> None:
    marks = "  ".join(f"{column} {'✗' if row.columns[column] else '✓'}" for column in row.columns)
    timed = f"  {row.seconds[0]:.2f} s / {row.seconds[1]:.2f} s = {row.ratio:.2f}" if row.seconds else ""
    print(f"{row.task.name:22}{row.steps:>3} steps {row.requests:>2} requests  {marks}{timed}", flush=True)
    for column, wrong in row.columns.items():
        if wrong:
            print(f"    {column}: {wrong}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", help="names of tasks or applications; all when left out")
    parser.add_argument("--only", action="append", choices=COLUMNS, help="a column, repeatable; `record` is always done")
    parser.add_argument("--apps", type=Path, default=HERE / ".apps", help="where applications are installed")
    parser.add_argument("--work", type=Path, help="where states and run folders are kept; a temporary folder when left out")
    parser.add_argument("--rounds", type=int, default=3, help="of live replay and bare script")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    given = parser.parse_args()
    columns = tuple(column for column in COLUMNS if column == "record" or column in (given.only or COLUMNS))
    tasks = load_tasks(given.tasks)
    with tempfile.TemporaryDirectory() as scratch:
        work = (given.work or Path(scratch)).absolute()
        rows = asyncio.run(measure(tasks, columns, given.apps.absolute(), work, given.rounds))
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False), encoding="utf-8")
    for column in columns:
        print(f"{column}: {sum(row.columns.get(column, 'not tried') == '' for row in rows)} of {len(rows)}")
    sys.exit(0 if all(row.good for row in rows) else 1)


if __name__ == "__main__":
    main()
