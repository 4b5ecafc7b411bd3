"""Where candidates are kept: `learned/<origin>/<name>.yaml`, beside each its counts and its earlier versions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from difflib import unified_diff
from pathlib import Path

from operator_agent.errors import ScriptError
from operator_agent.flow.skill import Skill
from operator_agent.script.cache import load_cached
from operator_agent.script.file import load_script

TIRED = 3
"""A candidate that failed so often in a row is left alone until a model has planned it anew."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a candidate."""

    origin: str = ""
    command: str = ""
    """The one it was learned from."""
    known: dict[str, str] | None = None
    """The inputs it was learned with."""
    version: int = 1
    runs: int = 0
    passed: int = 0
    failed_in_a_row: int = 0
    healed: int = 0
    """Steps that were written anew."""
    learned: str = ""
    last: str = ""

    @property
    def tired(self) -> bool:
        return self.failed_in_a_row >= TIRED


@dataclass(frozen=True, slots=True)
class Candidate:
    skill: Skill
    file: Path
    counts: Counts


class Shelf:
    """The candidates of a user. Whoever may write the folder decides what runs: it is the user's own state."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder, self._cache = folder, cache

    def place(self, origin: str) -> Path:
        """The folder of a site: `https_shop.example`, `http_127.0.0.1_8000`."""
        return self.folder / re.sub(r"[^\w.-]+", "_", origin).strip("_")

    def folders(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_dir()) if self.folder.is_dir() else []

    def of(self, origin: str) -> list[Candidate]:
        """What was learned on this site and nowhere else; a file that is broken is left out."""
        return [one for one in self._in(self.place(origin)) if one.counts.origin == origin]

    def all(self) -> list[Candidate]:
        return [one for folder in self.folders() for one in self._in(folder)]

    def keep(
        self, origin: str, name: str, text: str, *, command: str, known: dict[str, str], replaced: Candidate | None = None
    ) -> Path:
        """Writes a candidate; in the place of an older one it is the next version, and the old one is kept beside it."""
        place = self.place(origin)
        place.mkdir(parents=True, exist_ok=True)
        if replaced:
            return self._replace(replaced, text, healed=0, command=command, known=known)
        file = next(path for path in _free(place, name) if not path.exists())
        _write(file, text)
        self._count(file, Counts(origin=origin, command=command, known=known, learned=_now()))
        return file

    def heal(self, candidate: Candidate, text: str, steps: int) -> Path:
        """Writes the version in which so many steps are new; gives the file with what changed, for review."""
        return self._replace(candidate, text, healed=steps)

    def imprint(self, file: Path, prints: str) -> None:
        """Keeps what the steps of the candidate in `file` were done on, for whoever finds it again."""
        _write(prints_of(file), prints)

    def used(self, candidate: Candidate, *, passed: bool) -> None:
        """Counts a run of it."""
        counts = self._counts(candidate.file)
        row = 0 if passed else counts.failed_in_a_row + 1
        runs, good = counts.runs + 1, counts.passed + passed
        self._count(candidate.file, replace(counts, runs=runs, passed=good, failed_in_a_row=row, last=_now()))

    def forget(self, candidate: Candidate) -> None:
        """Takes it off the shelf, with its counts and versions."""
        history = _history(candidate.file)
        for file in (
            candidate.file,
            candidate.file.with_suffix(".json"),
            prints_of(candidate.file),
            *(history.iterdir() if history.is_dir() else ()),
        ):
            file.unlink(missing_ok=True)
        if history.is_dir():
            history.rmdir()

    def _replace(
        self, old: Candidate, text: str, *, healed: int, command: str = "", known: dict[str, str] | None = None
    ) -> Path:  # fmt: skip
        counts, before = self._counts(old.file), old.file.read_text(encoding="utf-8")
        if before == text:
            self._count(old.file, replace(counts, failed_in_a_row=0))
            return old.file
        history = _history(old.file)
        history.mkdir(exist_ok=True)
        _write(history / f"{counts.version}.yaml", before)
        names = (f"{old.file.name} (version {counts.version})", f"{old.file.name} (version {counts.version + 1})")
        diff = history / f"{counts.version}-{counts.version + 1}.diff"
        _write(diff, "".join(unified_diff(before.splitlines(keepends=True), text.splitlines(keepends=True), *names)))
        _write(old.file, text)
        told = {"command": command, "known": known} if command else {}
        new = replace(counts, version=counts.version + 1, healed=counts.healed + healed, failed_in_a_row=0, **told)  # type: ignore[arg-type]
        self._count(old.file, new)
        return diff

    def _in(self, folder: Path) -> Iterator[Candidate]:
        for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            try:
                skill = load_cached(file, self._cache) if self._cache else load_script(file)
                yield Candidate(skill, file, self._counts(file))
            except ScriptError:
                continue

    def _counts(self, file: Path) -> Counts:
        try:
            told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            return Counts(**told)
        except (OSError, ValueError, TypeError):
            return Counts()

    def _count(self, file: Path, counts: Counts) -> None:
        _write(file.with_suffix(".json"), json.dumps(asdict(counts), indent=2, ensure_ascii=False) + "\n")


def prints_of(file: Path) -> Path:
    """Where the fingerprints of a candidate's elements are."""
    return file.with_suffix(".prints")


def _history(file: Path) -> Path:
    return file.with_suffix(".history")


def _free(place: Path, name: str) -> Iterator[Path]:
    short = re.sub(r"[^\w]+", "-", name.casefold()).strip("-")[:60] or "learned"
    yield place / f"{short}.yaml"
    for number in range(2, 1000):
        yield place / f"{short}-{number}.yaml"


def _write(file: Path, text: str) -> None:
    """Whole or not at all: another run may read it at any moment."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
