"""Two runs side by side as one page that opens offline: what each step came to in both, and where they first part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from operator_agent.errors import SetupError
from operator_agent.flow.record import Observed, Record
from operator_agent.recorder.reader import opened
from operator_agent.recorder.report import page_head, templates
from operator_agent.recorder.report_shots import Shots
from operator_agent.recorder.report_tree import Tree, Trees


class Side(Protocol):
    """A step as one run did it."""

    @property
    def title(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def seconds(self) -> float: ...


class Difference(Protocol):
    @property
    def step(self) -> int: ...
    @property
    def record(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def recorded(self) -> str: ...
    @property
    def replayed(self) -> str: ...


class Both(Protocol):
    """A step in both runs."""

    @property
    def step(self) -> int: ...
    @property
    def first(self) -> Side | None: ...
    @property
    def second(self) -> Side | None: ...
    @property
    def difference(self) -> Difference | None: ...


class Compared(Protocol):
    """What is shown: `replay.comparison.Comparison` is one."""

    @property
    def runs(self) -> tuple[str, str]: ...
    @property
    def outcomes(self) -> tuple[str, ...]: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    @property
    def divergence(self) -> Difference | None: ...
    @property
    def steps(self) -> Sequence[Both]: ...


class _Seen(NamedTuple):
    """What a step left."""

    look: Observed
    tree: str


class _Half(NamedTuple):
    """One side of a card."""

    run: str
    side: Side | None
    shot: str
    ratio: str
    lost: str


class _Row(NamedTuple):
    """A card."""

    pair: Both
    halves: tuple[_Half, _Half]
    trees: tuple[tuple[Observed, Tree], ...]
    """What each run left; the second's as changes of the first's."""
    at: float
    seconds: float


def write_pair(comparison: Compared) -> Path:
    """Writes the page into the second run's folder and gives its path. Raises `SetupError` when it cannot be written there,
    `UsageError` when a run cannot be read."""
    folders = [Path(run) for run in comparison.runs]
    recordings = [opened(folder) for folder in folders]
    page = folders[1] / f"compared-with-{folders[0].name}.html"
    seen = [_by_step(recording.records) for recording in recordings]
    shots, trees, sheets = Shots(), Trees(), list[str]()
    rows = [_row(pair, folders, seen, shots, trees, sheets) for pair in comparison.steps]
    notes = [f"{folder.name}: {note}" for folder, recording in zip(folders, recordings, strict=True) for note in recording.notes]
    body = templates().get_template("pair.html").render(
        comparison=comparison, rows=rows, names=[folder.name for folder in folders], notes=notes
    )
    html = page_head(f"{folders[0].name} and {folders[1].name}") + "".join(sheets) + body
    fresh = page.with_suffix(".new")
    try:
        fresh.write_text(html, encoding="utf-8")
        fresh.replace(page)
    except OSError as error:
        raise SetupError(f"{page} cannot be written ({error.strerror}); copy the run folder to a writable place") from error
    return page


def _row(
    pair: Both, folders: Sequence[Path], seen: Sequence[dict[int, _Seen]], shots: Shots, trees: Trees, sheets: list[str]
) -> _Row:
    halves = []
    for folder, looks, side in zip(folders, seen, (pair.first, pair.second), strict=True):
        seen_last = looks.get(pair.step) if side else None
        shot = lost = ""
        if seen_last and seen_last.look.picture:
            shot, sheet = shots.show(seen_last.look.picture)
            sheets.append(sheet)
        elif seen_last and seen_last.look.screen:
            lost = f"{seen_last.look.screen} is missing from the run's folder, or cannot be read"
        halves.append(_Half(folder.name, side, shot, shots.ratio, lost))
    left = [one for looks in seen if (one := looks.get(pair.step)) and one.tree]
    shown = tuple((one.look, tree) for one in left if (tree := trees.add(one.tree)))
    last = pair.second or pair.first
    seconds = last.seconds if last else 0.0
    at = max((one.look.at for one in left[-1:]), default=0.0)
    return _Row(pair, (halves[0], halves[1]), shown, max(at - seconds, 0.0), seconds)


def _by_step(records: Iterable[Record]) -> dict[int, _Seen]:
    """Step → the last look in it, with its tree also when that was the tree before."""
    found: dict[int, _Seen] = {}
    tree = ""
    for record in records:
        if isinstance(record, Observed):
            tree = record.tree or tree
            found[record.step] = _Seen(record, tree)
    return found
