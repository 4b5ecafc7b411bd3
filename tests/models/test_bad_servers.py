"""Servers that fail: every limit holds, the reason is the right one, and nothing is asked more often than it may be."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from operator_agent.errors import ModelLost, ModelRefused, OperatorError, SetupError
from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Level
from operator_agent.models.client import ServedModel
from operator_agent.models.patience import Patience
from operator_agent.models.port import Prompt
from operator_agent.models.profiles import profile_for
from operator_agent.models.stub import Asked, Close, Drip, Html, Say, Silence, SlowStart, Status, StubServer, WrongType
from operator_agent.models.trouble import Problem

KEY = "sk-in-no-message"


class Sum(Frozen):
    sum: int


FINE = Say('{"sum": 42}')


class Ended:
    """How one question ended: `value` or `error`, after `seconds`."""

    def __init__(self) -> None:
        self.value: Sum | None = None
        self.error: OperatorError | None = None
        self.seconds = 0.0
        self.requests = 0

    @property
    def said(self) -> str:
        return str(self.error)


async def asked(*answers: Any, level: Level = "off", provider: str = "plain", key: str = KEY, **limits: Any) -> Ended:
    """What comes of one question to a server that answers so."""
    ended = Ended()
    limits = {"timeout": 5.0, "first_byte": 5.0, "retries": 3, "pause": 0.01, **limits}
    async with StubServer(list(answers), key=KEY) as server:
        model = ServedModel(server.url, "stub", key=key, profile=profile_for("", provider), **limits)
        model.connection.load()
        began = time.monotonic()
        try:
            ended.value = (await model.ask(Prompt("plan", "You add.", ("19 + 23",), level), Sum)).value
        except (ModelLost, ModelRefused) as error:
            ended.error = error
        ended.seconds = time.monotonic() - began
        ended.requests = len(server.asked)
        await model.close()
        assert KEY not in f"{ended.error!r}{model!r}{ended.error and ended.error.__cause__!r}"
    return ended


def within(seconds: float, limit: float) -> bool:
    """A limit honoured within a fifth, and never cut short; a tenth of a second is the machine's."""
    return limit * 0.99 <= seconds <= limit * 1.2 + 0.1


@pytest.mark.speed
async def test_a_server_that_never_answers_is_left_at_the_limit() -> None:
    ended = await asked(Silence(), timeout=0.6)
    assert within(ended.seconds, 0.6)
    assert isinstance(ended.error, ModelLost) and ended.error.exit_code == 7
    assert "no whole answer within 0.6 s" in ended.said


@pytest.mark.speed
async def test_an_answer_that_does_not_begin_is_asked_for_again_and_then_given_up() -> None:
    ended = await asked(Silence(), Silence(), first_byte=0.3, retries=1)
    assert within(ended.seconds, 0.6) and ended.requests == 2
    assert "kept failing, 2 times" in ended.said and "no answer began within 0.3 s" in ended.said


@pytest.mark.speed
async def test_a_late_first_byte_is_asked_for_again() -> None:
    ended = await asked(SlowStart(5, FINE), FINE, first_byte=0.3)
    assert ended.value == Sum(sum=42) and ended.requests == 2 and ended.seconds < 2


async def test_a_slow_first_byte_within_the_limit_is_waited_for() -> None:
    ended = await asked(SlowStart(0.3, FINE), first_byte=1.0)
    assert ended.value == Sum(sum=42) and ended.requests == 1


async def test_thinking_that_is_not_streamed_has_the_whole_time() -> None:
    ended = await asked(SlowStart(0.5, FINE), first_byte=0.2, level="high", provider="vllm")
    assert ended.value == Sum(sum=42) and ended.requests == 1


@pytest.mark.speed
async def test_a_server_that_drips_is_left_at_the_limit() -> None:
    ended = await asked(Drip(0.02, FINE), timeout=0.6)
    assert within(ended.seconds, 0.6) and ended.requests == 1
    assert "within 0.6 s" in ended.said


@pytest.mark.parametrize("code", [500, 502, 503, 504, 529])
async def test_errors_of_the_server_are_tried_again_and_then_given_up(code: int) -> None:
    ended = await asked(*[Status(code)] * 3, retries=2)
    assert ended.requests == 3 and isinstance(ended.error, ModelLost)
    assert f"kept failing, 3 times, the last: HTTP {code}" in ended.said


@pytest.mark.parametrize("answer", [Status(503), Status(429), Status(500), Close(), Close(after_bytes=20)])
async def test_what_passes_is_got_over(answer: Any) -> None:
    ended = await asked(answer, FINE)
    assert ended.value == Sum(sum=42) and ended.requests == 2


@pytest.mark.speed
@pytest.mark.parametrize("code", [429, 503, 529])
async def test_retry_after_in_seconds_is_waited(code: int) -> None:
    ended = await asked(Status(code, headers={"Retry-After": "0.5"}), FINE)
    assert ended.value == Sum(sum=42) and within(ended.seconds, 0.5)


@pytest.mark.speed
async def test_retry_after_as_a_date_is_waited_for() -> None:
    now = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
    dates = {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(now + timedelta(seconds=1), usegmt=True)}
    ended = await asked(Status(429, headers=dates), FINE)
    assert ended.value == Sum(sum=42) and within(ended.seconds, 1.0)


@pytest.mark.speed
async def test_a_wait_that_is_longer_than_what_is_left_is_not_begun() -> None:
    ended = await asked(Status(429, headers={"Retry-After": "3600"}), timeout=1.0)
    assert ended.seconds < 0.5 and ended.requests == 1
    assert "the next try is due in 3600.0 s" in ended.said and isinstance(ended.error, ModelLost)


@pytest.mark.speed
@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (401, "OPERATOR_MODEL_KEY"),
        (402, "top it up"),
        (403, "ask the owner of the account"),
        (404, "check OPERATOR_MODEL"),
        (301, "set OPERATOR_MODEL_URL to the address itself"),
    ],
)
async def test_what_a_person_must_solve_is_said_at_once(code: int, hint: str) -> None:
    ended = await asked(Status(code, {"error": {"message": f"no: {KEY}"}}))
    assert ended.requests == 1 and ended.seconds < 1
    assert isinstance(ended.error, ModelRefused) and isinstance(ended.error, SetupError) and ended.error.exit_code == 2
    assert hint in ended.said and str(code) in ended.said


async def test_an_empty_account_is_not_a_busy_server() -> None:
    ended = await asked(Status(429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}))
    assert ended.requests == 1 and isinstance(ended.error, ModelRefused) and "no credit" in ended.said


async def test_a_wrong_key_is_not_quoted() -> None:
    ended = await asked(key="sk-wrong")
    assert isinstance(ended.error, ModelRefused) and "sk-wrong" not in ended.said


@pytest.mark.parametrize(("answer", "kind"), [(Html(), "text/html"), (WrongType(FINE), "text/plain")])
async def test_a_page_instead_of_an_answer_names_the_address(answer: Any, kind: str) -> None:
    ended = await asked(answer, FINE)
    assert ended.requests == 1 and isinstance(ended.error, ModelLost)
    assert f"/v1 answered with {kind}, not JSON" in ended.said and "does it end in /v1?" in ended.said


async def test_json_of_another_kind_is_no_answer() -> None:
    ended = await asked(Status(200, {"status": "ok"}))
    assert isinstance(ended.error, ModelLost) and "JSON of another kind" in ended.said


async def test_an_error_within_a_200_is_an_error() -> None:
    inside = {"error": {"message": "Provider returned error", "code": 502}}
    ended = await asked(Status(200, inside), FINE)
    assert ended.value == Sum(sum=42) and ended.requests == 2
    ended = await asked(Status(200, {"error": {"message": "Insufficient credits", "code": 402}}))
    assert isinstance(ended.error, ModelRefused)


@pytest.mark.speed
@pytest.mark.parametrize("answer", [Close(after_bytes=200), Status(503), Drip(0.02, FINE)])
async def test_streams_fail_like_whole_answers(answer: Any) -> None:
    ended = await asked(answer, FINE, level="high", provider="deepseek", timeout=0.8)
    if isinstance(answer, Drip):
        assert within(ended.seconds, 0.8) and isinstance(ended.error, ModelLost)
    else:
        assert ended.value == Sum(sum=42) and ended.requests == 2


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = ServedModel(f"http://127.0.0.1:{port}/v1", "stub", retries=1, pause=0.01, timeout=5)
    with pytest.raises(ModelLost, match=r"kept failing, 2 times, the last: no connection"):
        await model.ask(Prompt("plan", "", ("x",)), Sum)
    await model.close()


async def test_what_cannot_be_remembered_is_told_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way", encoding="utf-8")
    said: list[str] = []
    refusal = Status(400, {"error": {"message": "response_format is not supported"}})
    assert (await asked(refusal, FINE, state_dir=tmp_path, say=said.append)).value == Sum(sum=42)
    assert any("cannot be remembered" in text for text in said)


async def test_being_cancelled_ends_the_question() -> None:
    heard = asyncio.Event()

    def answer(_: Asked) -> Silence:
        heard.set()
        return Silence()

    async with StubServer(answer) as server:
        model = ServedModel(server.url, "stub")
        asking = asyncio.ensure_future(model.ask(Prompt("plan", "", ("x",)), Sum))
        await heard.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await model.close()


def test_pauses_double_give_or_take_a_quarter() -> None:
    patience = Patience(3, 0.5)
    for tried, about in ((1, 0.5), (2, 1.0), (3, 2.0)):
        assert about * 0.75 <= patience.wait(tried, Problem("x", 500)) <= about * 1.25
    assert patience.wait(3, Problem("x", 429, wait=7.0)) == 7.0
