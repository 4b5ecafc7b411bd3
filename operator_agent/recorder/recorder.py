"""The recorder: one run folder, complete at every moment.

    run.jsonl      one record a line, written whole and flushed before the run goes on
    looks.jsonl    what each look of the run had before it, as a digest: what a replay waits for
    network.jsonl  the tape: every exchange with the network, longer bodies in network/
    draws.jsonl    the keys `crypto` of its pages drew from; only when one drew, and the network is recorded
    model.jsonl    what a model was sent and what it replied, one call a line; only when one was asked
    screens/       pictures, named by step and phase
    script.yaml    the plan that ran, in the script format; one that was planned anew holds what was done until then, too
    report.html    everything above as one page that opens offline; grows while the run goes
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.errors import RecordingFailed
from operator_agent.flow.record import Observed, Planned, Record, Started
from operator_agent.recorder.draws import keep_drawn
from operator_agent.recorder.folder import new_folder
from operator_agent.recorder.kept import Kept
from operator_agent.recorder.looks import LOOKS, LookLog
from operator_agent.recorder.tape import TapeWriter
from operator_agent.surfaces.redaction import Redaction

if TYPE_CHECKING:
    from operator_agent.flow.tape import Drawn, Taped
    from operator_agent.recorder.report import Report


class Recorder:
    """A listener. Makes its folder at once and raises `SetupError` when it cannot, before anything is done.

    `secrets` are names and values: a value appears in nothing that is written, in no encoding `Redaction` knows.
    Raises `RecordingFailed` when a record can no longer be written: a run nobody can look into does not go on.
    """

    def __init__(self, runs: Path, secrets: Mapping[str, str] | None = None) -> None:
        self.folder = new_folder(runs)
        self.report = self.folder / "report.html"
        self._redact = Redaction(secrets or {})
        self._journal = _opened(self.folder / "run.jsonl")
        self._look_file = _opened(self.folder / LOOKS)
        self._looks = LookLog(lambda line: self._append(self._look_file, line))
        self.looked = self._looks.looked
        """To be told every look of the run, and whether it was a deep one."""
        self._traffic: int | None = None
        self._network = TapeWriter(self.folder, self._redact)
        self._lost: RecordingFailed | None = None
        self._report: Report | None = None
        self._kept = Kept()
        self._screens: dict[bytes, str] = {}

    def __call__(self, record: Record) -> None:
        if self._lost:
            raise self._lost
        with self._writing():
            self._looks(record)
            if isinstance(record, Observed) and record.picture:
                record = self._keep_picture(record)
            # The report first: whoever finds a record in the journal finds a page that says where the run was cut off.
            self._follow(record)
            self._append(self._journal, record.model_dump_json())
            self._kept(record)
            if isinstance(record, Planned):
                self._keep_script()
            if record.kind == "ended":
                self._close()

    def model_traffic(self, entry: Mapping[str, object]) -> None:
        """Keeps one call to a model: the `write` of `models.traffic.Recorded`. Raises `RecordingFailed` as for a record."""
        with self._writing():
            if self._traffic is None:
                self._traffic = _opened(self.folder / "model.jsonl")
            self._append(self._traffic, json.dumps(entry, ensure_ascii=False, separators=(",", ":")))

    def tape(self, exchange: Taped) -> None:
        """Keeps one exchange with the network, also after the last record. When it cannot, the next record says so."""
        try:
            if not self._lost:
                self._network(exchange)
        except RecordingFailed as error:
            self._lost = error

    def drawn(self, drawn: Drawn) -> None:
        """Keeps what `crypto` of a document drew from, also after the last record. When it cannot, the next record says so."""
        try:
            with self._writing():
                keep_drawn(self.folder, drawn, self._redact.hide)
        except RecordingFailed as error:
            self._lost = self._lost or error

    def close_tape(self) -> None:
        """To be called when no exchange can come any more."""
        self._network.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            fix = "free some space or choose another place with --runs"
            raise RecordingFailed(f"{self.folder} can no longer be written ({why}); {fix}") from error

    def _append(self, file: int, text: str) -> None:
        line = self._redact.hide(text).encode() + b"\n"
        # One write for one line: whoever is killed leaves whole records.
        if os.write(file, line) != len(line):
            raise OSError(0, "a record was cut short: the disk is full")

    def _close(self) -> None:
        os.close(self._journal)
        os.close(self._look_file)
        if self._traffic is not None:
            os.close(self._traffic)
            self._traffic = None

    def _keep_picture(self, record: Observed) -> Observed:
        """The record with its picture's file. A picture that is kept already is not written again."""
        assert record.picture
        jpeg = record.picture.jpeg
        if (name := self._screens.get(jpeg)) is None:
            name = self._screens[jpeg] = f"screens/{len(self._screens) + 1:03d}-step{record.step}-{record.phase}.jpg"
            (self.folder / "screens").mkdir(exist_ok=True)
            (self.folder / name).write_bytes(jpeg)
        return record.model_copy(update={"screen": name, "scale": record.picture.scale})

    def _keep_script(self) -> None:
        from operator_agent.script import dump_plan

        if self._kept.plan:
            (self.folder / "script.yaml").write_text(self._redact.hide(dump_plan(self._kept.plan)), encoding="utf-8")

    def _follow(self, record: Record) -> None:
        if isinstance(record, Started):
            from operator_agent.recorder.report import Report

            self._report = Report(self.report, self._redact)
        if self._report:
            self._report(record)


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
