"""The tasks: a command, the known solution page by page in the notation of scripts, and what the app's state must then be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote_plus

from ruamel.yaml import YAML

from operator_agent.flow.action import MAIN, OTHERS, describe
from operator_agent.flow.plan import Step
from operator_agent.script import parse_step

TASKS = Path(__file__).parent / "tasks"
Difficulty = Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a solution, as a model would write it (`said`) and as it is read (`step`)."""

    said: dict[str, Any]
    step: Step
    difficulty: Difficulty
    """How hard a model would find it; only `effort.py` looks at that."""

    @property
    def target(self) -> str:
        return str(self.said.get("target", ""))

    @property
    def action(self) -> str:
        """As histories tell it."""
        return describe(self.step.action)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is to be done on one page; the last move leads on. `at` is its address below the app."""

    at: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    command: str
    app: str
    start: str
    stages: tuple[Stage, ...]
    done: tuple[str, ...]
    witness: dict[str, Any]

    @property
    def acts(self) -> int:
        return sum(len(stage.moves) for stage in self.stages)

    def achieved(self, state: Mapping[str, Any]) -> bool:
        """Whether the app's own state is what was asked for: exactly once, and nothing else in those places."""
        return fits(self.witness, state)


def load_tasks(names: Iterable[str] = ()) -> list[Task]:
    """All tasks, or those named, in alphabetical order."""
    wanted = set(names)
    return [_task(path) for path in sorted(TASKS.glob("*.yaml")) if not wanted or path.stem in wanted]


def _task(path: Path) -> Task:
    data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    stages = tuple(
        Stage(unquote_plus(stage["at"]), tuple(move(dict(step)) for step in stage["steps"])) for stage in data["solution"]
    )
    command = " ".join(data["command"].split())
    return Task(path.stem, command, data["app"], data["start"], stages, tuple(data["done"]), data["witness"])


def move(written: dict[str, Any]) -> Move:
    """A step in the notation of scripts, with its `difficulty` beside it."""
    difficulty: Difficulty = written.pop("difficulty", "easy")
    verb = next(key for key in written if key in MAIN)
    said: dict[str, Any] = {"kind": verb, MAIN[verb][1]: written[verb]}
    for key, field in OTHERS.get(verb, {}).items():
        if key in written:
            said[field] = [written[key]] if field == "options" else written[key]
    said |= {key: written[key] for key in ("expect", "risk") if key in written}
    return Move(said, parse_step(written), difficulty)


def fits(wanted: Any, found: Any) -> bool:
    """Whether all that is wanted is found, lists in full."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(fits(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(fits, wanted, found))
    return bool(wanted == found)
