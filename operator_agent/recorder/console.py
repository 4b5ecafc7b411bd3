"""The run on the terminal while it goes: the plan, each step ticking to its verdict, the outcome and what to do next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from operator_agent.flow.grant import FREE
from operator_agent.flow.record import Asked, Called, Decided, Ended, Healed, Judged, Noted, Planned, Record, Result, StepStarted
from operator_agent.flow.verdict import Verdict
from operator_agent.recorder import wording

_STYLES = {"verified": "green", "refuted": "red", "unknown": "yellow", "skipped": "dim"}
_OUTCOMES = {"passed": "bold green", "failed": "bold red", "error": "bold red", "blocked": "bold red"}
_DECIDED = {"allow": "(approved)", "ask": "(to be asked)", "deny": "(denied)"}
_AHEAD = 6
"""How many of the steps to come are shown below the one under way."""


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read along has left (`| head`): the run goes on unshown, where rich would end the program with 1, "failed"."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class ConsoleView:
    """`with ConsoleView() as listeners:` shows what the listeners hear. On a pipe it prints a plain line a step.

    On a terminal no line is longer than the terminal is wide, but for the outcome, which is never cut.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _Screen()
        self._live = Live(self, console=self.console, refresh_per_second=8, transient=True)
        self._spinner = Spinner("dots")
        self._step: StepStarted | None = None
        self._planned: tuple[str, ...] = ()
        self._open = True
        self._told: set[str] = set()
        """What was noted of calls to models: said once."""
        self._begun = self._ended = False
        self._since = self._began = monotonic()

    def __enter__(self) -> tuple[Any, ...]:
        if self.console.is_terminal:
            self._live.start()
        return (self,)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing moves on the terminal in here: somebody is being asked something."""
        moving = self._live.is_started
        self._live.stop()
        try:
            yield
        finally:
            if moving and not self._ended:
                self._live.start()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What is still moving: the step under way, how long it has taken, and what comes next."""
        now = monotonic()
        line = Table.grid(padding=(0, 1))
        doing = "planning" if self._open else "checking"
        if self._step:
            doing = f"{self._step.step:>2}/{self._step.of} {self._step.title}"
        times = f"{now - self._since:.1f} s of {now - self._began:.1f} s"
        line.add_row("", self._spinner, self._cut(doing, len(times) + 6), Text(times, "dim"))
        yield line
        ahead = self._planned[-left:] if self._step and (left := self._step.of - self._step.step) else ()
        for title in ahead[:_AHEAD]:
            yield self._cut(f"      {title}", 1, "dim")
        if len(ahead) > _AHEAD:
            yield Text(f"      and {len(ahead) - _AHEAD} more", "dim")

    def __call__(self, record: Record) -> None:
        match record:
            case Planned():
                self._plan(record)
            case StepStarted() if record.recovery:
                self._line((" ↻ ", "yellow"), f"to clear the way: {record.title}")
            case StepStarted():
                self._step, self._since = record, monotonic()
            case Healed():
                self._line((" ↻ ", "yellow"), f"{record.old} is now {record.new}", (f"  {record.why}", "dim"))
            case Decided() if record.risk not in FREE or record.decision != "allow":
                what = record.effect or "; ".join(record.reasons)
                self._line((f"      {record.risk}: {what} {_DECIDED[record.decision]}", "dim"))
            case Asked() if record.answer is None:
                self._line((" ? ", "yellow"), record.question.text, (" (nobody was there to answer)", "dim"))
            case Called():
                self._called(record)
            case Noted():
                self._line("    – ", (record.text, "dim"))
            case Judged():
                self._judge(record)
            case Ended():
                self._ended, self._step = True, None
                self._live.stop()
                self._end(record.result)

    def _plan(self, record: Planned) -> None:
        plan, before = record.plan, self._planned
        self._planned, self._open = tuple(step.title for step in plan.steps), plan.open
        if record.because and self._begun:
            self._leave()
            why = f": {record.because}" if before else ""
            self._line((f"      {wording.source(plan)} plans {wording.steps(plan)}{why}", "dim"))
            return
        self._begun = True
        self._whole((plan.goal, "bold"), (f"  {wording.source(plan)}, {wording.steps(plan)}", "dim"))
        for name, value in wording.inputs(plan):
            self._whole((f"   {name}: ", "dim"), value)

    def _leave(self) -> None:
        """A step without a verdict that is planned around: it could not be done."""
        if self._step:
            title = f" {self._step.step:>2} {self._step.title}"
            self._line((f" {wording.SIGNS['unknown']}", "yellow"), title, ("  given up", "dim"), keep=len("  given up"))
        self._step = None

    def _called(self, call: Called) -> None:
        self._leave()
        self._line((f"      {wording.called(call)}", "dim"))
        for note in call.notes:
            if note not in self._told:
                self._line("    – ", (note, "dim"))
        self._told.update(call.notes)

    def _judge(self, record: Judged) -> None:
        verdict, seconds = record.verdict, f"  {monotonic() - self._since:.2f} s"
        title = f" {self._step.step:>2} {self._step.title}" if self._step and record.step else "    what was asked, read again"
        if record.step or verdict.evidence:
            mark = (f" {wording.SIGNS[verdict.status]}", _STYLES[verdict.status])
            self._line(mark, title, (seconds, "dim"), keep=len(seconds))
            self._checks(verdict)
        self._step = None if record.step else self._step
        self._since = monotonic()

    def _checks(self, verdict: Verdict) -> None:
        """What did not hold, and what was there instead."""
        for one in verdict.evidence if verdict.status != "verified" else ():
            if one.status != "verified":
                self._line("      ", (one.check, _STYLES[one.status]))
                self._line("      saw: ", one.saw)

    def _end(self, result: Result) -> None:
        self._whole((result.outcome.replace("_", " "), _OUTCOMES.get(result.outcome, "bold yellow")), f"  {result.reason}")
        if next_thing := wording.advice(result):
            self._whole(("next", "bold"), f"  {next_thing}")
        if result.answer:
            self._whole(("answer", "bold"), f"  {result.answer}")
        verified = sum(step.verdict == "verified" for step in result.steps)
        counts = f"{verified} of {len(result.steps)} steps verified, {wording.spent(result)}, {result.seconds:.1f} s"
        self._whole((counts, "dim"))
        if result.report:
            # Never broken: it is there to be copied.
            self.console.print(Text(f"report: {result.report}"), soft_wrap=True)

    def _whole(self, *parts: str | tuple[str, str]) -> None:
        """Text that is never cut: wrapped between words on a terminal, one line on a pipe."""
        self.console.print(Text.assemble(*parts), soft_wrap=not self.console.is_terminal)

    def _line(self, *parts: str | tuple[str, str], keep: int = 0) -> None:
        """One line, the text of a page never read as markup. On a terminal what is too long is cut before the last `keep` cells."""
        line = Text.assemble(*parts)
        line.plain = line.plain.replace("\n", " ")
        if self.console.is_terminal and line.cell_len > self.console.width:
            tail = line[len(line) - keep :] if keep else Text()
            line = line[: len(line) - keep]
            line.truncate(max(self.console.width - keep, 8), overflow="ellipsis")
            line.append_text(tail)
        self.console.print(line, soft_wrap=True)

    def _cut(self, text: str, less: int, style: str = "") -> Text:
        line = Text(" ".join(text.split()) if not text.startswith(" ") else text, style)
        line.truncate(max(self.console.width - less, 8), overflow="ellipsis")
        return line
