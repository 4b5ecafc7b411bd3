"""A recording that is not whole opens all the same: what could not be read is said above what could."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from operator_agent.errors import SetupError, UsageError
from operator_agent.flow.record import Called
from operator_agent.recorder.reader import opened, read, view
from operator_agent.recorder.recorder import Recorder
from operator_agent.version import __version__
from tests.recorder.test_journal import EVERY_KIND, recorded, started

TORN = "This recording is not whole."


def lines(folder: Path) -> list[bytes]:
    return (folder / "run.jsonl").read_bytes().splitlines(keepends=True)


def rewrite(folder: Path, changed: list[bytes]) -> None:
    (folder / "run.jsonl").write_bytes(b"".join(changed))


def with_field(line: bytes, path: str, value: object) -> bytes:
    """The record with one more field, at a path of keys."""
    said = node = json.loads(line)
    *way, last = path.split(".")
    for key in way:
        node = node[key]
    node[last] = value
    return json.dumps(said).encode() + b"\n"


def cut_short(folder: Path) -> None:
    rewrite(folder, [*lines(folder)[:-1], lines(folder)[-1][:40]])


def killed(folder: Path) -> None:
    rewrite(folder, lines(folder)[:7])


def broken_in_the_middle(folder: Path) -> None:
    rewrite(folder, [*lines(folder)[:4], b'{"kind":"deci\x00\xff\n', *lines(folder)[5:]])


def of_a_newer_version(folder: Path) -> None:
    first, *rest = lines(folder)
    newer = with_field(first, "versions.operator-agent", "9.0.0")
    judged = next(number for number, line in enumerate(rest) if b'"judged"' in line)
    rest[judged] = with_field(rest[judged], "verdict.confidence", 0.9)
    rewrite(folder, [newer, *rest[:-1], b'{"kind":"dreamt","at":1.0}\n', rest[-1]])


def without_its_beginning(folder: Path) -> None:
    rewrite(folder, [b"{}\n", *lines(folder)[1:]])


def a_picture_gone(folder: Path) -> None:
    for path in (folder / "screens").iterdir():
        path.unlink()


def a_picture_cut_short(folder: Path) -> None:
    for path in (folder / "screens").iterdir():
        path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut_short, (f"Line {len(EVERY_KIND)}, the last of run.jsonl, was cut short",)),
        (broken_in_the_middle, ("1 line of run.jsonl cannot be read and is left out: 5.",)),
        (
            of_a_newer_version,
            (
                f"written by operator-agent 9.0.0, and this is {__version__}",
                "1 record of run.jsonl said more than this version knows",
                f"1 line of run.jsonl cannot be read and is left out: {len(EVERY_KIND)}.",
            ),
        ),
        (without_its_beginning, ("left out: 1.",)),
        (a_picture_gone, ("1 picture missing from screens/, or unreadable: screens/001-step1-before.jpg",)),
        (a_picture_cut_short, ("1 picture missing from screens/, or unreadable",)),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_could_not_be_read_is_said(tmp_path: Path, damage: Callable[[Path], None], says: tuple[str, ...]) -> None:
    folder = recorded(tmp_path, *EVERY_KIND)
    damage(folder)
    result, report = view(folder)
    page = report.read_text(encoding="utf-8")
    assert TORN in page
    for said in says:
        assert said in page
    assert "press &lt;Send&gt;" in page, "what could be read is there"
    assert page.rstrip().endswith("</html>")
    assert result.outcome == ("incomplete" if damage is cut_short else "failed")
    if damage in (a_picture_gone, a_picture_cut_short):
        assert page.count("is missing from the run&#39;s folder, or cannot be read") == 2, "where it would stand, too"


def test_a_killed_run_is_whole_as_far_as_it_goes(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *EVERY_KIND)
    killed(folder)
    result, report = view(folder)
    assert (result.outcome, opened(folder).notes) == ("incomplete", ())
    assert TORN not in report.read_text(encoding="utf-8")


def test_what_a_newer_version_says_besides_is_left_out_and_the_rest_is_kept(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *EVERY_KIND)
    before = [record for record in read(folder) if record.kind == "judged"]
    of_a_newer_version(folder)
    assert [record for record in opened(folder).records if record.kind == "judged"] == before
    with pytest.raises(UsageError, match="view it with that version"):
        list(read(folder))  # what is done again from a recording must be all of it


def test_a_call_to_a_model_that_was_cut_short_is_left_out_of_its_step(tmp_path: Path) -> None:
    call = next(record for record in EVERY_KIND if isinstance(record, Called))
    recorder = Recorder(tmp_path)
    recorder(started())
    entry = {"system": "be brief", "parts": ["what now?"], "wants": "Draft", "reply": {}, "thinking": "hm", "error": None}
    recorder.model_traffic(entry)
    for record in (EVERY_KIND[1], call, *EVERY_KIND[2:]):
        recorder(record)
    page = recorder.report.read_text(encoding="utf-8")
    assert page.count("what now?") == 1
    assert "be brief" in page
    traffic = recorder.folder / "model.jsonl"
    traffic.write_bytes(traffic.read_bytes()[:50])
    rebuilt = view(recorder.folder)[1].read_text(encoding="utf-8")
    assert "be brief" not in rebuilt
    assert "thinking high" in rebuilt, "the ledger has the call"


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *EVERY_KIND)
    live = (folder / "report.html").read_bytes()
    (folder / "report.html.new").mkdir()
    with pytest.raises(SetupError, match="copy the run folder"):
        view(folder)
    assert (folder / "report.html").read_bytes() == live
