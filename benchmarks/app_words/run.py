"""Other people's web applications, worked with plain words alone; what came of it is read from their own stores.

    python benchmarks/app_words/run.py                       every task
    python benchmarks/app_words/run.py --only roundup        those of an application, or of a number: roundup-4
    python benchmarks/app_words/run.py --half dev            without every third, which nothing was made by (`--half held`)

`tasks/*.yaml`, one application each (how it is had: `replays/apps/*.yaml`):

    app: sqlite-web
    start: /                        where tasks begin that do not say otherwise
    secrets: {name: value}          which the person has given, for the application's own origin
    given: {files: …, seed: …}      what its store holds besides what the application is seeded with
    tasks:
      - words: Delete the row of Dracula.
        start: /book/content/
        witness: [{sql: …}]         as in `replays/tasks.py`
      - words: In which year was Emma published?
        answer: "1815"              or a list of what would be right

`right`: the run thought itself done (passed, or unverified only because nothing was named to prove) and the store holds what was
asked, or the answer is right. `wrong`: it thought so, and the store or the answer says otherwise. `asked`: the run said that it did
not understand, cannot, or must ask. All risks are approved, so that nothing but the words decides. Exit code 1 when anything was
wrong, or less than 90 % right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "replays"), str(HERE.parent)]

from apps import HERE as REPLAYS  # noqa: E402
from apps import App, Served  # noqa: E402
from tasks import RISKS, missing  # noqa: E402

from operator_agent.errors import OperatorError  # noqa: E402
from operator_agent.flow.record import Result  # noqa: E402
from operator_agent.outcome import NOTHING_NAMED  # noqa: E402
from operator_agent.run import Operator  # noqa: E402
from operator_agent.settings import Settings  # noqa: E402

WANTED = 0.9
THIRD = 3
"""Every third task is held back: nothing is made by it."""
PATIENCE = 4.0
"""Seconds that an application has to store what was done, before the browser is closed."""


@dataclass(frozen=True, slots=True)
class Task:
    """`answer` is what a question may be answered with; empty for what is to be done."""

    app: str
    number: int
    words: str
    start: str = "/"
    witness: tuple[dict[str, Any], ...] = ()
    answer: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """Written into the state's folder, for the words to name."""
    held: bool = False

    @property
    def name(self) -> str:
        return f"{self.app}-{self.number}"


class Told(NamedTuple):
    """What became of one task."""

    task: Task
    ending: str
    """`right`, `asked` or `wrong`."""
    outcome: str
    reason: str
    lacks: str
    """What the store lacks, or the answer that was given."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Suite:
    """The tasks of one application."""

    app: App
    secrets: dict[str, str]
    tasks: tuple[Task, ...]


def suites(chosen: list[str], half: str) -> Iterator[Suite]:
    """The applications that have a task that is chosen; all when nothing is."""
    count = 0
    for path in sorted((HERE / "tasks").glob("*.yaml")):
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        app, given = App.load(data["app"]), data.get("given", {})
        seed = (*app.seed, *(tuple(line) for line in given.get("seed", ())))
        app = replace(app, files=app.files | given.get("files", {}), seed=seed)
        tasks = []
        for number, one in enumerate(data["tasks"], 1):
            count += 1
            tasks.append(_task(one, app.name, number, data.get("start", "/"), held=count % THIRD == 0))
        taken = [task for task in tasks if not chosen or task.name in chosen or task.app in chosen]
        taken = [task for task in taken if not half or task.held == (half == "held")]
        if taken:
            yield Suite(app, data.get("secrets", {}), tuple(taken))


def _task(data: dict[str, Any], app: str, number: int, start: str, *, held: bool) -> Task:
    answer = data.get("answer", ())
    return Task(
        app, number, data["words"], data.get("start", start), tuple(data.get("witness", ())),
        (answer,) if isinstance(answer, str) else tuple(answer), tuple(data.get("files", {}).items()), held,
    )  # fmt: skip


async def tried(task: Task, suite: Suite, server: Served, work: Path) -> Told:
    """The task over a fresh state of its application, in a browser of its own."""
    began = time.monotonic()
    await asyncio.to_thread(server.begin)
    for name, text in task.files:
        (server.state / name).write_text(text, encoding="utf-8")
    words = task.words.replace("{state}", str(server.state))
    settings = replace(Settings.from_env(), secrets=suite.secrets, model_url=None, state_dir=work / "state")
    bound = dict.fromkeys(suite.secrets, server.url)
    async with Operator(
        server.url + task.start, approve=RISKS, secrets=bound, runs=work / "runs", pictures=False, learning=False,
        planners=("words",), settings=settings,
    ) as operator:  # fmt: skip
        result = await operator.run(words)
        lacks = _lacks(task, result, server) if _sure(result) else _lacks(task, result, server, patience=0)
    return Told(task, _ending(result, lacks), result.outcome, result.reason, lacks, round(time.monotonic() - began, 1))


def _lacks(task: Task, result: Result, server: Served, patience: float = PATIENCE) -> str:
    if task.answer:
        said = " ".join((result.answer or "").split())
        return "" if said.rstrip(".").casefold() in [one.rstrip(".").casefold() for one in task.answer] else f"answered {said!r}"
    until = time.monotonic() + patience
    while (lacks := missing(task.witness, server.state)) and time.monotonic() < until:
        time.sleep(0.1)  # the application stores on its own time
    return lacks


def _sure(result: Result) -> bool:
    return result.outcome == "passed" or result.reason == NOTHING_NAMED


def _ending(result: Result, lacks: str) -> str:
    if _sure(result):
        return "wrong" if lacks else "right"
    return "asked"


async def measure(chosen: list[Suite], home: Path, work: Path, quiet: set[bool]) -> list[Told]:
    told: list[Told] = []
    for suite in chosen:
        server = Served(suite.app, home, work / suite.app.name)
        try:
            for task in suite.tasks:
                told.append(await tried(task, suite, server, work))
                if task.held not in quiet:
                    show(told[-1])
        finally:
            server.stop()
    return told


def show(one: Told) -> None:
    print(f"{one.ending:6}{one.seconds:>6.1f} s  {one.task.name}: {one.task.words}", file=sys.stderr, flush=True)
    if one.ending != "right":
        print(f"              {one.outcome}: {one.reason[:300]}\n              {one.lacks[:300]}", file=sys.stderr, flush=True)


def table(told: list[Told]) -> str:
    """Done, asked and wrong for each application, the developed and the held-back tasks apart."""
    rows = [f"{'':16}{'done':>8}{'asked':>8}{'wrong':>8}"]
    groups = [(app, [one for one in told if one.task.app == app]) for app in dict.fromkeys(one.task.app for one in told)]
    groups += [("developed", [one for one in told if not one.task.held]), ("held back", [one for one in told if one.task.held])]
    for name, group in [*groups, ("all", told)]:
        count = Counter(one.ending for one in group)
        if group:
            rows.append(f"{name:16}{count['right']:>4}/{len(group):<3}{count['asked']:>8}{count['wrong']:>8}")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="APP", help="an application or a task, repeatable")
    parser.add_argument("--half", choices=("dev", "held"), default="")
    parser.add_argument("--quiet-held", action="store_true", help="say of tasks held back only how many were done")
    parser.add_argument("--apps", type=Path, default=REPLAYS / ".apps", help="where applications are installed")
    parser.add_argument("--work", type=Path, help="where states and run folders are kept; a temporary folder when left out")
    parser.add_argument("--json", action="store_true", help="print every task")
    given = parser.parse_args()
    chosen = list(suites(given.only, given.half))
    with tempfile.TemporaryDirectory() as scratch:
        work = (given.work or Path(scratch)).absolute()
        try:
            told = asyncio.run(measure(chosen, given.apps.absolute(), work, {True} if given.quiet_held else set()))
        except (OperatorError, RuntimeError) as error:
            print(error, file=sys.stderr)
            return 2
    if given.json:
        rows = [one._asdict() | {"task": one.task.name, "words": one.task.words, "held": one.task.held} for one in told]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(table(told))
    count = Counter(one.ending for one in told)
    return int(count["wrong"] > 0 or count["right"] < WANTED * len(told))


if __name__ == "__main__":
    sys.exit(main())
