"""The run on the terminal: plain on a pipe, within the width of a terminal, quiet while somebody is asked."""

from __future__ import annotations

import io
import re

from rich.cells import cell_len
from rich.console import Console

from operator_agent.flow.record import Ended, Judged, Planned, Record, StepStarted
from operator_agent.flow.verdict import Verdict
from operator_agent.recorder.console import ConsoleView
from tests.recorder.test_journal import EVERY_KIND, PLAN, RESULT, VERDICT, started

LONG = "点一杯大杯燕麦拿铁 [bold]not markup[/bold] " * 8


def followed(*records: Record, width: int = 80, terminal: bool = False, colours: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, no_color=not colours, color_system="standard" if colours else None
    )
    with ConsoleView(console) as (hear,):
        for record in records:
            hear(record)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_whole_lines_without_colours() -> None:
    text = followed(started(), *EVERY_KIND[1:], width=40)
    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[0].startswith("order  a script, 1 step")
    assert any(line.startswith(" ✗  1 press <Send>") for line in lines)
    assert "      saw: nothing" in lines
    assert "failed  step 1 (click): no ok" in lines
    assert any(line.startswith("next  look at step 1") for line in lines)
    assert "0 of 1 steps verified, 1 model call, 1,830 tokens, cost unknown, 1.5 s" in lines
    assert "      thinking high · 1,830 tokens · 2.1 s · first plan" in lines
    assert "    – a note" in lines


def test_what_a_page_says_is_no_markup_and_fits_a_narrow_terminal() -> None:
    step = StepStarted(step=1, of=1, title=LONG, action="click")
    judged = Judged(step=1, seconds=0.1, verdict=Verdict(status="refuted", reason=LONG, evidence=(
        VERDICT.evidence[0].model_copy(update={"saw": LONG}),)))  # fmt: skip
    plain = followed(step, judged)
    assert "[bold]not markup[/bold]" in plain
    assert len([line for line in plain.splitlines() if "saw:" in line]) == 1
    narrow = followed(step, judged, width=44, terminal=True)
    lines = [line for line in narrow.replace("\r", "\n").split("\n") if "\x1b" not in line]
    assert lines
    assert all(cell_len(line) <= 44 for line in lines)
    assert any(re.search(r"… \d+\.\d s of", line) for line in lines), "the seconds are kept"


def test_colours_can_be_off_on_a_terminal() -> None:
    assert "\x1b[3" in followed(*EVERY_KIND, terminal=True, colours=True)
    assert "\x1b[3" not in followed(*EVERY_KIND, terminal=True)


def test_the_outcome_is_never_cut() -> None:
    ended = Ended(result=RESULT.model_copy(update={"reason": LONG, "report": "/runs/" + "x" * 100 + "/report.html"}))
    text = followed(ended, width=44, terminal=True)
    assert "/runs/" + "x" * 100 + "/report.html" in text
    assert "…" not in text
    assert text.count("not") == 8


def test_nothing_moves_while_somebody_is_asked() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    view = ConsoleView(console)
    with view as (hear,):
        hear(Planned(plan=PLAN))
        hear(EVERY_KIND[2])
        assert view._live.is_started
        with view.still():
            assert not view._live.is_started
        assert view._live.is_started
        hear(EVERY_KIND[-1])
        with view.still():
            pass
        assert not view._live.is_started


def test_a_passed_run_is_told_in_a_few_lines() -> None:
    spared = RESULT.model_copy(update={"model_calls": 0, "tokens": 0, "cost": 0.0, "thoughts": ()})
    passed = spared.model_copy(update={"outcome": "passed", "exit_code": 0, "reason": "all 1 steps were verified", "answer": "42"})
    lines = followed(EVERY_KIND[1], Ended(result=passed)).splitlines()
    assert "passed  all 1 steps were verified" in lines
    assert "answer  42" in lines
    assert not any(line.startswith("next") for line in lines)
    assert "0 of 1 steps verified, 0 model calls, 1.5 s" in lines
