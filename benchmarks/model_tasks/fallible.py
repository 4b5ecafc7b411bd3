"""A simulated model that errs: how often depends on how hard a step is and on how much it may think. Nothing here is measured on a
real model; the numbers are assumptions, and stated.

What a step is wrong in is chosen by the seed: another element of the same role that stands on the page, another value, a forgotten
step, an expectation that will not come true. Half of the errors are habits: the model makes the same one each time it is asked for
that step at the same level, and only more thinking cures it. The other half are drawn anew at every call.

It sees its own mistakes when a check has failed, and only then: it goes back to the first page where it went wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

from model_tasks.oracle import Oracle, Request
from model_tasks.tasks import Move, Task
from pydantic import BaseModel

from operator_agent.flow.record import Level, Usage
from operator_agent.models.limits import tokens_in, tokens_of
from operator_agent.models.port import Prompt, Reply, T

ERRORS: dict[str, dict[Level, float]] = {
    "easy": {"off": 0.005, "low": 0.003, "high": 0.002, "max": 0.002},
    "medium": {"off": 0.08, "low": 0.04, "high": 0.015, "max": 0.01},
    "hard": {"off": 0.45, "low": 0.25, "high": 0.08, "max": 0.05},
}
"""How often a step of this difficulty is wrong at each level."""
THINKING: dict[Level, int] = {"off": 0, "low": 400, "high": 2_500, "max": 6_000}
"""Tokens thought for one answer."""
HABIT = 0.5
"""The part of errors that come back."""


@dataclass
class Fallible:
    """The port `Model` for one run."""

    task: Task
    seed: int
    name: str = "simulated"
    sees: bool = False
    errors: int = 0
    """Wrong steps written so far."""
    oracle: Oracle = field(init=False)
    _asked: int = 0

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.task)

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        self._asked += 1
        text = "\n\n".join(part for part in prompt.parts if isinstance(part, str))
        answer = self.oracle.answer(text, lambda move, stage, request: self._written(move, stage, request, prompt.level))
        value = reply.model_validate(answer)
        thought = THINKING[prompt.level]
        output = tokens_of(_json(value)) + thought
        return Reply(value, Usage(input=tokens_in(prompt), output=output, reasoning=thought, cost=0.0), prompt.level)

    def _written(self, move: Move, stage: int, request: Request, level: Level) -> dict[str, Any] | None:
        """The move as this model writes it; None when it forgets it."""
        place = f"{self.seed} {self.task.name} {stage} {move.action}"
        habit, fresh = Random(place), Random(f"{place} {self._asked}")
        drawn = habit if Random(f"{place} kind").random() < HABIT else fresh
        if drawn.random() >= ERRORS[move.difficulty][level]:
            return dict(move.said)
        self.errors += 1
        wrong = drawn.choice(_WAYS[move.said["kind"]])(move, request, drawn)
        if move.said["kind"] != "click":
            self.oracle.spoilt.add(stage)
        return wrong


def _other(move: Move, request: Request, random: Random) -> dict[str, Any] | None:
    others = request.others(move.target)
    return {**move.said, "target": random.choice(others)} if others else None


def _forgotten(move: Move, request: Request, random: Random) -> None:
    return None


def _hoped(move: Move, request: Request, random: Random) -> dict[str, Any]:
    """The right act, with an expectation nobody can meet."""
    return {**move.said, "expect": ['heading "Success"']}


def _misread(move: Move, request: Request, random: Random) -> dict[str, Any]:
    """Another option of the same list, or the text with one figure or word changed."""
    if options := move.said.get("options"):
        block = request.page.partition(move.target)[2]
        listed = re.findall(r'option "([^"]+)"', block.partition("combobox")[0])
        return {**move.said, "options": [random.choice([one for one in listed if one not in options] or ["Other"])]}
    text = str(move.said["text"])
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not digits:
        return {**move.said, "text": " ".join(text.split()[:-1]) or text.upper() + "s"}
    at = random.choice(digits)
    return {**move.said, "text": text[:at] + str((int(text[at]) + random.randint(1, 9)) % 10) + text[at + 1 :]}


_WAYS: dict[str, list[Any]] = {
    "fill": [_other, _misread, _forgotten],
    "select": [_misread, _forgotten],
    "check": [_other, _forgotten],
    "uncheck": [_other, _forgotten],
    "click": [_other, _hoped],
}


def _json(value: BaseModel) -> str:
    return json.dumps(value.model_dump(mode="json"), ensure_ascii=False)
