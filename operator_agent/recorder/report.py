"""The report: one HTML file that opens offline and grows while the run goes.

It is only ever appended to, so a run that is killed leaves a page whose last word is the step it was in. The summary is written
last and shown first, by style sheet; as long as it is missing the page says that the run was cut off.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.flow.observation import Box, Picture
from operator_agent.flow.record import (
    Acted, Asked, Chosen, Decided, Ended, Judged, Noted, Observed, Planned, Record, Started, StepStarted,
)  # fmt: skip
from operator_agent.surfaces.redaction import Redaction

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass
class StepView:
    """What the page shows of one step, gathered from its records."""

    started: StepStarted
    chosen: Chosen | None = None
    decided: list[Decided] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    acted: Acted | None = None
    judged: Judged | None = None
    after: Observed | None = None
    before_shot: str = ""
    after_shot: str = ""
    mark: dict[str, float] | None = None
    """Where the acted element was, in percent of the view: left, top, width, height."""

    @property
    def status(self) -> str:
        return self.judged.verdict.status if self.judged else "skipped" if self.noted else "open"

    @property
    def seconds(self) -> float:
        end = self.judged or self.acted or self.started
        return max(0.0, end.at - self.started.at)


class Report:
    """A listener that appends to `path`. Raises OSError when it cannot."""

    def __init__(self, path: Path, redact: Redaction) -> None:
        self._path, self._redact = path, redact
        self._open: list[StepView] = []
        self._shot = ""
        self._size: Picture | None = None
        self._shots = 0
        self._steps: list[StepView] = []

    def __call__(self, record: Record) -> None:
        if isinstance(record, Started):
            self._write("head.html", started=record)
        elif isinstance(record, Planned):
            self._write("plan.html", plan=record.plan, because=record.because)
        elif isinstance(record, StepStarted):
            self._begin(record)
        elif isinstance(record, Observed):
            self._see(record)
        elif isinstance(record, Judged) and record.step == 0:
            self._close_all()
            self._write("done.html", verdict=record.verdict)
        elif isinstance(record, Ended):
            self._close_all()
            self._write("tail.html", result=record.result, steps=self._steps)
        elif self._open:
            self._add(self._open[-1], record)
        elif isinstance(record, Asked):
            self._write("asked.html", asked=record)

    def _begin(self, record: StepStarted) -> None:
        if not record.recovery:
            self._close_all()
        view = StepView(record, before_shot=self._shot)
        self._open.append(view)
        self._write("begun.html", step=record)

    def _add(self, view: StepView, record: Record) -> None:
        if isinstance(record, Chosen):
            view.chosen = record
        elif isinstance(record, Decided):
            view.decided.append(record)
        elif isinstance(record, Asked):
            view.asked.append(record)
        elif isinstance(record, Noted):
            view.noted.append(record)
        elif isinstance(record, Judged):
            view.judged = record
        elif isinstance(record, Acted):
            view.acted = view.acted if view.acted and view.acted.performed.box else record
            view.mark = view.mark or self._mark(record.performed.box)

    def _see(self, record: Observed) -> None:
        if record.picture:
            self._shots += 1
            self._shot, self._size = f"shot{self._shots}", record.picture
            image = b64encode(record.picture.jpeg).decode()
            self._append(f"<style>.{self._shot}{{background-image:url(data:image/jpeg;base64,{image})}}</style>\n")
        if not self._open:
            return
        view = self._open[-1]
        if record.phase == "before":
            view.before_shot = self._shot
        elif record.phase == "after":
            view.after, view.after_shot = record, self._shot
            self._close(self._open.pop())

    def _mark(self, box: Box | None) -> dict[str, float] | None:
        """The box in percent of the picture; None when it lies outside."""
        if not box or not self._size:
            return None
        width, height = self._size.width / self._size.scale, self._size.height / self._size.scale
        if box.x + box.width <= 0 or box.y + box.height <= 0 or box.x >= width or box.y >= height:
            return None
        percent = {"left": box.x / width, "top": box.y / height, "width": box.width / width, "height": box.height / height}
        return {side: round(100 * share, 2) for side, share in percent.items()}

    def _close_all(self) -> None:
        while self._open:
            self._close(self._open.pop())

    def _close(self, view: StepView) -> None:
        self._steps.append(view)
        ratio = f"{self._size.width} / {self._size.height}" if self._size else "16 / 9"
        self._write("step.html", step=view, ratio=ratio)

    def _write(self, template: str, **values: object) -> None:
        self._append(self._redact.hide(_templates().get_template(template).render(**values)))

    def _append(self, html: str) -> None:
        with self._path.open("a", encoding="utf-8") as page:
            page.write(html)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("operator_agent.recorder"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
