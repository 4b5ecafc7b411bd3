"""What is asked of the applications, as data: the command, what a model answers to each request, what must be stored at the end.

`tasks/*.yaml`:

    app: sqlite-web
    start: /book/insert/
    command: Put the book …
    replies:                    one for each request, in order; steps and checks in the notation of scripts
      - steps: [{fill: textbox "title", with: Walden}, …]
        finished: true
        done: ['text: Walden']
    witness:                    read from the application's own store, never from a page
      - {sql: select title from book, in: library.db, gives: [[Walden]]}
      - {file: "tiddlers/*.tid", holds: [Walden], files: 1}    so many of these files hold it
      - {json: state.json, holds: {accounts: [{plan: Team}]}}
      - {folder: work/reports}

A task of the application `pages` is one of the model benchmarks', named by `of`: a reply for each page of its solution.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_tasks.tasks import fits, move
from model_tasks.tasks import load_tasks as load_solutions
from ruamel.yaml import YAML

TASKS = Path(__file__).parent / "tasks"
RISKS = ("send", "pay", "delete", "publish", "grant")


@dataclass(frozen=True, slots=True)
class Task:
    """`start` is a path below the application's address; `approve` the risk classes the person approves beforehand."""

    name: str
    app: str
    command: str
    replies: tuple[dict[str, Any], ...]
    witness: tuple[dict[str, Any], ...]
    start: str = "/"
    approve: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    """Name and value of secrets the person has given; each may be filled on the application's own origin."""

    def missing(self, state: Path) -> str:
        """What the application's store lacks of what was asked; "" when nothing does."""
        return missing(self.witness, state)


def missing(witness: Sequence[dict[str, Any]], state: Path) -> str:
    """What the store in this folder lacks of what a witness wants; "" when nothing does."""
    return next(filter(None, (_missing(one, state) for one in witness)), "")


def load_tasks(names: list[str]) -> list[Task]:
    """All tasks, or those whose name or app is named, in alphabetical order."""
    tasks = [_task(path) for path in sorted(TASKS.glob("*.yaml"))]
    return [one for one in tasks if not names or one.name in names or one.app in names]


def _task(path: Path) -> Task:
    data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    if "of" in data:
        return _of_pages(path.stem, data)
    replies = tuple(_said(reply) for reply in data.pop("replies"))
    command = " ".join(data.pop("command").split())
    lists = {"approve": tuple(data.pop("approve", ())), "secrets": tuple(data.pop("secrets", {}).items())}
    return Task(path.stem, command=command, replies=replies, witness=tuple(data.pop("witness")), **lists, **data)


def _of_pages(name: str, data: dict[str, Any]) -> Task:
    task = load_solutions([data["of"]])[0]
    last = len(task.stages)
    replies = tuple(
        {"steps": [move.said for move in stage.moves], "finished": number == last, "done": list(task.done)}
        for number, stage in enumerate(task.stages, 1)
    )
    witness = ({"json": "state.json", "holds": task.witness},)
    return Task(name, data["app"], task.command, replies, witness, start=f"/r1/{task.app}/{task.start}", approve=RISKS)


def _said(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply as a model writes it."""
    return reply | {"steps": [move(dict(step)).said for step in reply.get("steps", ())]}


def _missing(wanted: dict[str, Any], state: Path) -> str:
    if query := wanted.get("sql"):
        with closing(sqlite3.connect(state / wanted["in"])) as database:
            found = [list(row) for row in database.execute(query)]
        return "" if found == wanted["gives"] else f"{query}: {found}"
    if name := wanted.get("json"):
        stored = json.loads((state / name).read_text(encoding="utf-8"))
        return "" if fits(wanted["holds"], stored) else f"{name}: {stored}"
    if folder := wanted.get("folder"):
        return "" if (state / folder).is_dir() else f"there is no folder {folder}"
    texts = [path.read_text(encoding="utf-8") for path in sorted(state.glob(wanted["file"]))]
    holding = [text for text in texts if all(part in text for part in wanted["holds"])]
    return "" if len(holding) == wanted.get("files", 1) else f"{len(holding)} of {len(texts)} files {wanted['file']} hold it"
