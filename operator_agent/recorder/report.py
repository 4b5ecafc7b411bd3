"""The report: one HTML file that opens offline and grows while the run goes.

It is only ever appended to, so a run that is killed leaves a page that ends where the run did. What is known last is shown first,
by style sheet: the result above the steps, a step's verdict in its first line. Until it is known, the page says that the run was
cut off, and in which step. No script runs in it and nothing is fetched; what a page says is text here and nothing else.
"""

from __future__ import annotations

import os
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.flow.observation import Box, Picture
from operator_agent.flow.record import (
    Acted,
    Asked,
    Called,
    Chosen,
    Decided,
    Ended,
    Judged,
    Noted,
    Observed,
    Planned,
    Record,
    Result,
    Started,
    StepStarted,
)
from operator_agent.recorder import wording
from operator_agent.surfaces.redaction import Redaction

if TYPE_CHECKING:
    from jinja2 import Environment

_BLANK = "about:blank"


class Card:
    """What must be remembered of a step until its card on the page is closed."""

    def __init__(self, started: StepStarted, name: str) -> None:
        self.started, self.name = started, name
        self.verdict = ""
        self.shot = ""
        """The picture of the latest look before the act, by its class on the page."""
        self.looks = 0
        self.times: list[str] = []


class Report:
    """A listener that writes `path`, a file of its own. Raises OSError when it cannot."""

    def __init__(self, path: Path, redact: Redaction) -> None:
        self._page = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        self._redact = redact
        self._open: list[Card] = []
        """The step that is under way, and in it the one that clears its way."""
        self._cards = self._proofs = 0
        self._shown = self._promised = False
        """Whether there is a plan's card, and whether all there is so far is a plan without steps."""
        self._calls: list[Called] = []
        self._new_calls: list[Called] = []
        """Those since the last step began."""
        self._shots: dict[bytes, str] = {}
        self._view: Picture | None = None
        self._tree = ""
        self._trees: dict[str, str] = {}
        """A tree → the card that shows it."""

    def __call__(self, record: Record) -> None:
        match record:
            case Started():
                self._write("head.html", started=record)
            case Planned():
                self._planned(record)
            case Called():
                self._calls.append(record)
                self._new_calls.append(record)
            case StepStarted():
                self._begin(record)
            case Judged() if record.step == 0:
                self._close_all(record.at)
                self._proofs += 1
                self._write("done.html", verdict=record.verdict, number=self._proofs)
            case Ended():
                self._close_all(record.at, record.result)
                ledger = wording.ledger(self._calls, record.result)
                self._write("tail.html", result=record.result, proofs=self._proofs, ledger=ledger)
                self.close()
            case _ if self._open:
                self._add(self._open[-1], record)
            case Asked() | Noted():
                self._write("aside.html", record=record, alone=True)

    def close(self) -> None:
        """The page stays as it is. A second call does nothing."""
        if self._page >= 0:
            os.close(self._page)
            self._page = -1

    def _planned(self, record: Planned) -> None:
        """A plan's card. One without steps is only a promise; what a later one follows is closed, and says why it was left."""
        self._close_all(record.at, left=record.because)
        if record.plan.open and not record.plan.steps:
            self._promised = True
            return
        because = record.because if self._shown or not self._promised else ""
        self._write("plan.html", plan=record.plan, because=because, anew=self._shown)
        self._shown = True

    def _begin(self, record: StepStarted) -> None:
        if not record.recovery:
            self._close_all(record.at)
        self._cards += 1
        name = f"step-{record.step}" + (f"-{self._cards}" if self._open else "")
        self._open.append(Card(record, name))
        calls, self._new_calls = self._new_calls, []
        self._write("begun.html", step=record, card=name, calls=calls)

    def _add(self, card: Card, record: Record) -> None:
        match record:
            case Observed():
                self._see(card, record)
            case Chosen():
                mark = _percent(record.box, self._view) if record.box and self._view and card.shot else None
                self._write("chosen.html", chosen=record, card=card, mark=mark)
            case Acted():
                card.times.append(f"acted {record.seconds:.2f} s")
                self._write("acted.html", performed=record.performed)
            case Judged():
                card.verdict = record.verdict.status
                card.times.append(f"proved {record.seconds:.2f} s")
                self._write("judged.html", verdict=record.verdict)
            case Noted():
                card.verdict = card.verdict or "skipped"
                self._write("aside.html", record=record)
            case Decided() | Asked():
                self._write("aside.html", record=record)

    def _see(self, card: Card, record: Observed) -> None:
        shot = self._shot(record.picture) if record.picture and record.url != _BLANK else ""
        if record.phase == "before":
            self._tree = record.tree or self._tree
            card.looks += 1
            card.shot = shot
            self._write("before.html", card=card, shot=shot, ratio=self._ratio, seen=record)
            return
        tree = self._tree = record.tree or self._tree
        known = self._trees.setdefault(tree, card.name)
        same = bool(shot) and shot == card.shot
        self._write("after.html", card=card, shot=shot, same=same, seen=record, tree=tree, known=known, ratio=self._ratio)
        self._close(self._open.pop(), record.at)

    def _shot(self, picture: Picture) -> str:
        """The class that shows the picture. One that was shown before is not stored again."""
        self._view = picture
        if (shot := self._shots.get(picture.jpeg)) is None:
            shot = self._shots[picture.jpeg] = f"shot{len(self._shots) + 1}"
            image = b64encode(picture.jpeg).decode()
            self._append(f"<style>.{shot}{{background-image:url(data:image/jpeg;base64,{image})}}</style>\n")
        return shot

    @property
    def _ratio(self) -> str:
        return f"{self._view.width} / {self._view.height}" if self._view else "16 / 9"

    def _close_all(self, at: float, result: Result | None = None, left: str = "") -> None:
        """Closes what is open: by the next step, by another plan, or by the end of the run; the latter two say why."""
        while self._open:
            self._close(self._open.pop(), at, result, left)

    def _close(self, card: Card, at: float, result: Result | None = None, left: str = "") -> None:
        stopped = bool(result) and not card.verdict
        if result and stopped:
            number = card.started.step
            ran = result.steps[number - 1].verdict if 0 < number <= len(result.steps) else "unknown"
            card.verdict = ran
        reason = result.reason if result and stopped else "" if card.verdict else left
        card.verdict = card.verdict or (left and "given up")
        self._write("closed.html", card=card, seconds=at - card.started.at, reason=reason, stopped=stopped)

    def _write(self, template: str, **values: object) -> None:
        self._append(self._redact.hide(_templates().get_template(template).render(**values)))

    def _append(self, html: str) -> None:
        data = memoryview(html.encode())
        while data:
            data = data[os.write(self._page, data) :]


def _percent(box: Box, view: Picture) -> dict[str, float] | None:
    """The box in percent of the picture, cut to it; None when it lies outside."""
    width, height = view.width / view.scale, view.height / view.scale
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, width), min(box.y + box.height, height)
    if right <= left or bottom <= top:
        return None
    percent = {"left": left / width, "top": top / height, "width": (right - left) / width, "height": (bottom - top) / height}
    return {side: round(100 * share, 2) for side, share in percent.items()}


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("operator_agent.recorder")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["wording"] = wording
    return environment
