"""The overview of a round: one small HTML page that opens offline and links the report of every run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.errors import RecordingFailed
from operator_agent.scenarios.flakes import Rate

if TYPE_CHECKING:
    from jinja2 import Template

    from operator_agent.scenarios.round import Case, Round

NAME = "index.html"
SIGNS = {
    "passed": "✓", "failed": "✗", "unverified": "?", "blocked": "⊘", "needs_human": "!", "infrastructure": "!", "stopped": "■",
    "skipped": "–", "flaky": "≈",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A scenario with all the times it was tried."""

    title: str
    """As people call it."""
    id: str
    """As pytest does."""
    cases: tuple[Case, ...]
    rate: Rate | None

    @property
    def verdict(self) -> str:
        """That of the first time it did not pass; `flaky` when it also did."""
        if self.rate and self.rate.flaky:
            return "flaky"
        return next((case.verdict for case in self.cases if case.verdict != "passed"), "passed")

    @property
    def seconds(self) -> float:
        return sum(case.seconds for case in self.cases)


def write_overview(held: Round, *, shown: str = "") -> Path:
    """Writes `index.html` into the round's folder, whole or not at all. Raises RecordingFailed when it cannot be written."""
    path = held.folder / NAME
    page = _template().render(
        round=held, lines=lines(held), shown=shown, signs=SIGNS, link=lambda report: os.path.relpath(report, held.folder)
    )
    try:
        held.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise RecordingFailed(f"the overview cannot be written to {path} ({error.strerror})") from error
    return path


def lines(held: Round) -> list[Line]:
    """What did not pass first; else in the order of files and names."""
    found: dict[str, list[Case]] = {}
    for case in held.cases:
        found.setdefault(case.scenario, []).append(case)
    rated = {rate.scenario: rate for rate in held.rates}
    made = [
        Line(cases[0].title or cases[0].name or scenario, scenario, tuple(cases), rated.get(scenario))
        for scenario, cases in found.items()
    ]
    order = ("failed", "flaky", "infrastructure", "blocked", "needs_human", "unverified", "stopped", "passed", "skipped")
    return sorted(made, key=lambda line: (order.index(line.verdict), line.id))


@cache
def _template() -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(Path(__file__).with_name("overview.html").read_text(encoding="utf-8"))
