"""What a model that knows the task would answer, read from the request alone: where it is, what was done, what the page shows.

It plans as far as a real model could: the steps whose targets stand on the page that is shown, up to the one that leaves it. A
target that the page text left out is asked for (`find`). A page it did not expect to be on is left by address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlsplit

from model_tasks.tasks import Move, Stage, Task

_LINE = re.compile(r"^(\d+)\. (.*): (verified|refuted|unknown|skipped)$", re.MULTILINE)
_ADDRESS = re.compile(r"^address: (\S+)$", re.MULTILINE)
_NAMED = re.compile(r'^\s*([a-z]+) "((?:[^"\\]|\\.)*)"', re.MULTILINE)


class Request(NamedTuple):
    """A request as a model reads it."""

    done: dict[int, tuple[str, str]]
    """Number → act and verdict."""
    trouble: str
    at: str
    """Address of the page, below the app."""
    page: str

    @classmethod
    def read(cls, text: str) -> Request:
        history = _section(text, "Done so far")
        done = {int(number): (act, status) for number, act, status in _LINE.findall(history)}
        page = text.rpartition("# The page now")[2]
        address = _ADDRESS.search(page)
        parts = urlsplit(address[1]) if address else urlsplit("")
        below = parts.path.split("/", 3)[-1] + (f"?{parts.query}" if parts.query else "")
        return cls(done, _section(text, "What went wrong"), unquote_plus(below), page)

    def shows(self, target: str) -> bool:
        return target in self.page

    def others(self, target: str) -> list[str]:
        """Elements of the same role on the page, as targets."""
        role = target.partition(" ")[0]
        found = (f'{kind} "{name}"' for kind, name in _NAMED.findall(self.page) if kind == role)
        return [one for one in dict.fromkeys(found) if one != target]


Written = Callable[[Move, int, Request], "dict[str, Any] | None"]
"""How a move of a stage (by its number) is written down: as it should be, or wrongly; None when it is forgotten."""


@dataclass
class Oracle:
    """Answers one run of a task. `spoilt` are stages in which it knows to have gone wrong, once evidence makes it look."""

    task: Task
    spoilt: set[int] = field(default_factory=set)
    _done: dict[int, tuple[str, str]] = field(default_factory=dict)
    _undone: set[int] = field(default_factory=set)
    """Lines of the history that no longer count: it went back to before them."""

    def answer(self, text: str, written: Written = lambda move, stage, request: dict(move.said)) -> dict[str, Any]:
        """The fields of a `Proposal`."""
        request = Request.read(text)
        self._done |= {line: entry for line, entry in request.done.items() if line not in self._undone}
        stage, arrived = self._progress()
        if request.trouble and self.spoilt:
            return self._again(min(self.spoilt))
        stages = self.task.stages
        if stage + 1 < len(stages) and request.at == stages[stage + 1].at != stages[stage].at:
            stage, arrived = stage + 1, max(self._done, default=0)  # it was led on although its check said otherwise
        if stage == len(stages) or (stage == len(stages) - 1 and request.at not in {one.at for one in stages}):
            return {"finished": True, "done": list(self.task.done), "note": "everything is done"}
        if request.at != stages[stage].at:
            return self._go(stages[stage])
        return self._stage(stage, arrived, request, written)

    def _stage(self, number: int, arrived: int, request: Request, written: Written) -> dict[str, Any]:
        stage = self.task.stages[number]
        done = {act for line, (act, status) in self._done.items() if status == "verified" and line > arrived}
        todo = [move for move in stage.moves if move.action not in done]
        planned, ends = [], True
        for move in todo:
            if not request.shows(move.target):
                ends = False
                break
            planned.append(written(move, number, request))
        if not planned:
            return {"find": [todo[0].target.partition('"')[2].rpartition('"')[0]], "note": "the page is not shown in full"}
        steps = [one for one in planned if one]
        finished = ends and number == len(self.task.stages) - 1
        return {"steps": steps, "finished": finished, "done": list(self.task.done), "note": f"what is to be done at {stage.at}"}

    def _go(self, stage: Stage) -> dict[str, Any]:
        steps = [{"kind": "go to", "url": quote(stage.at, safe="/?=&")}]
        return {"steps": steps, "note": "back to where it went wrong", "done": list(self.task.done)}

    def _again(self, first: int) -> dict[str, Any]:
        """Goes back to a stage; what was done from there on is to be done again."""
        last = self._before(first)
        self._undone |= {line for line in self._done if line > last}
        self._done = {line: entry for line, entry in self._done.items() if line <= last}
        self.spoilt = {one for one in self.spoilt if one < first}
        return self._go(self.task.stages[first])

    def _before(self, first: int) -> int:
        """The line of the act that led to a stage."""
        line = 0
        for stage in self.task.stages[:first]:
            line = min((n for n, (act, status) in self._done.items() if n > line and act == stage.moves[-1].action), default=line)
        return line

    def _progress(self) -> tuple[int, int]:
        """The stage that is under way, and the line of the history with which its page came."""
        line = 0
        for number, stage in enumerate(self.task.stages):
            last = stage.moves[-1].action
            led = [n for n, (act, status) in self._done.items() if n > line and act == last and status == "verified"]
            if not led:
                return number, max([line, *(n for n, (act, _) in self._done.items() if act.startswith("go to"))])
            line = led[0]
        return len(self.task.stages), line


def said(answer: dict[str, Any], reply: Any) -> str:
    """The answer as a model writes it: every field, as a strict schema wants it."""
    return json.dumps(reply.model_validate(answer).model_dump(mode="json"), ensure_ascii=False)


def _section(text: str, title: str) -> str:
    head, _, rest = text.rpartition("# The page now")[0].partition(f"# {title}\n")
    return rest.partition("\n# ")[0] if rest or head else ""
