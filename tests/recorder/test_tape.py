"""The tape on disk: what is read back is what was written, without secrets, and what is torn or gone says so."""

from __future__ import annotations

import base64
import gzip
import json
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from operator_agent import Operator
from operator_agent.errors import RecordingFailed, UsageError
from operator_agent.flow.record import Noted
from operator_agent.flow.tape import Chunk, Frame, Taped
from operator_agent.recorder.recorder import Recorder
from operator_agent.recorder.tape import BODIES, TAPE, TapeWriter, read_tape
from operator_agent.script import load_plan
from operator_agent.surfaces.redaction import Redaction
from tests.recorder.making import FORM, PLAN, site
from tests.surfaces.browser.test_egress import EgressProxy, answering, anything, connected

SECRET = "p@ss wörd/7+\"<&>'x"


def exchange(number: int = 1, **fields: Any) -> Taped:
    times = {"at": number * 1.0, "answered": number + 0.1, "ended": number + 0.2}
    return Taped(number=number, **(times | {"method": "GET", "url": "http://a/", "status": 200} | fields))


def written(folder: Path, *exchanges: Taped, secrets: dict[str, str] | None = None, most: int = 1 << 30) -> list[Taped]:
    writer = TapeWriter(folder, Redaction(secrets or {}), most=most)
    for one in exchanges:
        writer(one)
    writer.close()
    writer.close()
    return read_tape(folder)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    frames = (Frame(sent=True, kind="text", data=b"hi", at=1.5), Frame(sent=False, kind="close", data=b"bye", code=4001, at=1.6))
    whole = exchange(
        2, method="POST", reason="OK", headers=(("Content-Type", "a/b"), ("X", "1"), ("X", "2")), request_headers=(("Host", "a"),),
        request_body=b"sent", body=b"\x00\xff" * 900, chunks=(Chunk(offset=0, at=2.1), Chunk(offset=900, at=3.0)),
    )  # fmt: skip
    odd = exchange(1, kind="socket", url="ws://a/", status=101, frames=frames, end="left", failure="gone", cut=("a note",))
    refused = exchange(3, status=None, answered=None, end="broken", refused=True)
    small = exchange(4, body=b"\xff\xfe")
    assert written(tmp_path, whole, odd, refused, small) == [odd, whole, refused, small]
    assert stat.S_IMODE((tmp_path / TAPE).stat().st_mode) == 0o600


def test_the_same_body_is_kept_once(tmp_path: Path) -> None:
    tape = written(tmp_path, *(exchange(number, body=b"again and again" * 100) for number in (1, 2, 3)))
    assert [one.body for one in tape] == [b"again and again" * 100] * 3
    assert len(list((tmp_path / BODIES).iterdir())) == 1


def test_a_run_without_a_tape_has_an_empty_one(tmp_path: Path) -> None:
    assert read_tape(tmp_path) == []


def test_no_secret_is_on_the_tape_in_any_spelling(tmp_path: Path) -> None:
    coded = base64.b64encode(SECRET.encode()).decode()
    spelled = {
        "plain": SECRET, "quoted": quote(SECRET, safe=""), "plus": quote_plus(SECRET), "base64": coded,
        "inside": base64.b64encode(f"user:{SECRET}".encode()).decode(), "json": json.dumps(SECRET),
        "php": json.dumps(SECRET).replace("/", "\\/"),
    }  # fmt: skip
    bodies = [
        *(text.encode() for text in spelled.values()), SECRET.encode("latin-1"), SECRET.encode("utf-16-le"),
        b"\x00\x01" + SECRET.encode() + b"\xff" * 1000,
    ]  # fmt: skip
    tape = [exchange(number, url=f"http://a/?k={spelled['quoted']}", body=body) for number, body in enumerate(bodies, 1)]
    tape += [exchange(50, request_body=SECRET.encode(), headers=(("X-Key", coded),), request_headers=(("X-Key", SECRET),))]
    tape += [exchange(51, frames=(Frame(sent=True, kind="text", data=SECRET.encode(), at=1.0),), failure=f"no {SECRET}")]
    read = written(tmp_path, *tape, secrets={"key": SECRET})
    kept = everything(tmp_path)
    for form in (*spelled.values(), json.dumps(SECRET)[1:-1], SECRET.encode("latin-1"), SECRET.encode("utf-16-le")):
        if form != spelled["inside"]:
            assert (form if isinstance(form, bytes) else form.encode()).strip(b'"') not in kept, form
    assert base64.b64encode(SECRET.encode())[:12] not in kept
    assert read[0].body == b"{secret:key}"
    assert read[0].url == "http://a/?k={secret:key}"
    assert read[-1].frames[0].data == b"{secret:key}"


def test_pieces_of_a_stream_stay_where_they_were_around_a_secret(tmp_path: Path) -> None:
    body, chunks = b"one hunter2 two three", (Chunk(offset=0, at=1.0), Chunk(offset=12, at=2.0), Chunk(offset=16, at=3.0))
    (read,) = written(tmp_path, exchange(body=body, chunks=chunks), secrets={"key": "hunter2"})
    assert [read.body[chunk.offset :] for chunk in read.chunks] == [b"one {secret:key} two three", b"two three", b"three"]


async def test_a_secret_in_a_packed_answer_is_found(tmp_path: Path) -> None:
    packed = gzip.compress(f"you are {SECRET}".encode())
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    writer = TapeWriter(tmp_path, Redaction({"key": SECRET}))
    async with answering(answer) as server, EgressProxy(anything, tape=writer) as proxy, connected(proxy) as client:
        await client.get(server.url)
    writer.close()
    assert read_tape(tmp_path)[0].body == b"you are {secret:key}"


def test_a_body_that_cannot_be_read_is_left_out_where_there_are_secrets(tmp_path: Path) -> None:
    strange = exchange(body=b"\x8b\x01", cut=("the body is kept as it came, in the encoding br",))
    (read,) = written(tmp_path, strange, secrets={"key": SECRET})
    assert (read.body, read.cut[1]) == (b"", "the body is left out: it cannot be read, and may hold a secret")


def test_a_number_that_is_a_secret_does_not_break_the_line(tmp_path: Path) -> None:
    (read,) = written(tmp_path, exchange(1234, body=b"pin 1234"), secrets={"pin": "1234"})
    assert (read.number, read.body) == (1234, b"pin {secret:pin}")


def test_a_full_tape_leaves_bodies_out_and_says_so(tmp_path: Path) -> None:
    first, second, third = written(
        tmp_path, exchange(1, body=b"a" * 1000), exchange(2, body=b"b" * 1000), exchange(3, body=b"a" * 1000), most=1500
    )
    assert (first.body, second.body, third.body) == (b"a" * 1000, b"", b"a" * 1000)
    assert second.cut == ("the body is left out (1,000 bytes): the tape is full",)


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    written(tmp_path, exchange(1), exchange(2))
    whole = (tmp_path / TAPE).read_bytes()
    for cut in range(1, 40):
        (tmp_path / TAPE).write_bytes(whole[:-cut])
        assert [one.number for one in read_tape(tmp_path)] == [1]


def test_a_body_that_is_gone_is_said(tmp_path: Path) -> None:
    written(tmp_path, exchange(1, body=b"long " * 200))
    (file,) = (tmp_path / BODIES).iterdir()
    file.unlink()
    (read,) = read_tape(tmp_path)
    assert (read.body, read.cut) == (b"", (f"the body is missing: {BODIES}/{file.name} cannot be read",))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('{"tape": 1}\n{"number": 1}\n{}\n', "network.jsonl:2 is no exchange"),
        ('{"tape": 1}\nnot json\n', "network.jsonl:2 is no exchange"),
        ('{"other": 1}\n', "network.jsonl:1 is no exchange"),
        ('{"tape": 99}\n', "has the format 99, and this version reads up to 1"),
    ],
)
def test_a_changed_or_newer_tape_is_refused_with_its_line(tmp_path: Path, lines: str, reason: str) -> None:
    (tmp_path / TAPE).write_text(lines, encoding="utf-8")
    with pytest.raises(UsageError, match=reason):
        read_tape(tmp_path)


def test_a_body_file_is_never_looked_for_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("private", encoding="utf-8")
    line = '{"number": 1, "at": 1, "method": "GET", "url": "http://a/", "body": {"file": "../outside"}}'
    (tmp_path / TAPE).write_text('{"tape": 1}\n' + line + "\n", encoding="utf-8")
    assert read_tape(tmp_path)[0].body == b""


def test_a_tape_that_cannot_be_written_ends_the_run_with_the_next_record(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    (recorder.folder / BODIES).write_text("a file where the folder has to be", encoding="utf-8")
    recorder.tape(exchange(1))
    recorder(Noted(step=0, text="still fine"))
    recorder.tape(exchange(2, body=b"x" * 1000))
    recorder.tape(exchange(3))
    with pytest.raises(RecordingFailed, match="can no longer be written"):
        recorder(Noted(step=0, text="too late"))
    recorder.close_tape()
    assert [one.number for one in read_tape(recorder.folder)] == [1]


async def test_a_run_keeps_its_network_on_its_own_clock_unless_told_not_to(tmp_path: Path) -> None:
    async with site() as start:
        plan = load_plan(PLAN.format(start=start))
        for network in (True, False):
            async with Operator(start, runs=tmp_path / str(network), network=network, approve=["send"], pictures=False) as operator:
                results = [await operator.run_plan(plan) for _ in range(1 + network)]
            tapes = [read_tape(Path(result.run)) for result in results]
            if not network:
                assert not (Path(results[0].run) / TAPE).exists()
                return
            # Each run has its own, although one browser did both.
            for result, tape in zip(results, tapes, strict=True):
                assert result.passed, result.reason
                (page,) = [one for one in tape if one.url == start]
                assert (page.status, page.end, page.body.decode()) == (200, "whole", FORM)
                assert 0 < page.at < page.ended < result.seconds


def test_times_move_together() -> None:
    frame, chunk = Frame(sent=True, kind="text", at=11.5), Chunk(offset=0, at=11.25)
    moved = exchange(1, at=11.0, answered=11.1, ended=None, chunks=(chunk,), frames=(frame,)).shifted(-10.0)
    assert (moved.at, moved.answered, moved.ended, moved.chunks[0].at, moved.frames[0].at) == (1.0, 1.1, None, 1.25, 1.5)
