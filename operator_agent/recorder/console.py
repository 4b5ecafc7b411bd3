"""The run on the terminal while it goes: the plan, each step ticking to its verdict, the outcome."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from operator_agent.flow.record import Asked, Ended, Judged, Noted, Planned, Record, Result, StepStarted

_MARKS = {"verified": "[green]✓[/]", "refuted": "[red]✗[/]", "unknown": "[yellow]?[/]", "skipped": "[dim]–[/]"}
_COLOURS = {"passed": "green", "failed": "red", "error": "red", "blocked": "red"}


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read along has left (`| head`): the run goes on without being shown."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class ConsoleView:
    """`with ConsoleView() as listeners:` shows what the listeners hear. On a pipe it prints one plain line a step."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _Terminal()
        self._live = Live(self, console=self.console, refresh_per_second=8, transient=True)
        self._spinner = Spinner("dots")
        self._step: StepStarted | None = None
        self._since = self._began = monotonic()

    def __enter__(self) -> tuple[Any, ...]:
        if self.console.is_terminal:
            self._live.start()
        return (self,)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing moves inside the block: somebody is typing on the terminal."""
        moving = self._live.is_started
        self._live.stop()
        try:
            yield
        finally:
            if moving:
                self._live.start()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The line that is still moving: the step under way and how long it has taken."""
        if self._step:
            line = Table.grid(padding=(0, 1))
            title = f"{self._step.step:>2}/{self._step.of} {escape(self._step.title)}"
            line.add_row(" ", self._spinner, title, f"[dim]{monotonic() - self._since:.1f} s[/]")
            yield line
        else:
            yield Text("")

    def __call__(self, record: Record) -> None:
        if isinstance(record, Planned):
            self._plan(record)
        elif isinstance(record, StepStarted):
            if record.recovery:
                self._line(f"   [yellow]↻[/] {escape(record.recovery)}: {escape(record.title)}")
            else:
                self._step, self._since = record, monotonic()
        elif isinstance(record, Noted):
            self._line(f"   [dim]– {escape(record.text)}[/]")
            self._step = None
        elif isinstance(record, Judged):
            self._judge(record)
        elif isinstance(record, Asked) and record.answer is None:
            self._line(f"   [yellow]?[/] {escape(record.question.text)} [dim](nobody was there to answer)[/]")
        elif isinstance(record, Ended):
            self._step = None
            self._live.stop()
            self._end(record.result)

    def _plan(self, record: Planned) -> None:
        plan = record.plan
        how = f"skill “{plan.skill}”" if plan.skill else {"words": "plain words"}.get(plan.tier, plan.tier)
        self._line(f"[bold]{escape(plan.goal)}[/]  [dim]{escape(how)}, {len(plan.steps)} steps[/]")
        for name, value in plan.inputs.items():
            for group in value if isinstance(value, list) else [value]:
                shown = " · ".join(map(str, group.values())) if isinstance(group, dict) else str(group)
                self._line(f"   [dim]{escape(name)}:[/] {escape(shown)}")

    def _judge(self, record: Judged) -> None:
        verdict = record.verdict
        title = f"{self._step.step:>2} {escape(self._step.title)}" if self._step and record.step else "   what was asked, read again"
        if record.step == 0 and not verdict.evidence:
            return
        self._line(f" {_MARKS[verdict.status]} {title}  [dim]{monotonic() - self._since:.2f} s[/]")
        if verdict.status == "refuted":
            self._line(f"      [red]{escape(verdict.reason)}[/]")
        if record.step:
            self._step = None
        self._since = monotonic()

    def _end(self, result: Result) -> None:
        colour = _COLOURS.get(result.outcome, "yellow")
        verified = sum(step.verdict == "verified" for step in result.steps)
        self._line(f"[bold {colour}]{result.outcome.replace('_', ' ')}[/]  {escape(result.reason)}")
        counts = f"{verified} of {len(result.steps)} steps verified, {result.model_calls} model calls, {result.seconds:.1f} s"
        self._line(f"[dim]{counts}[/]")
        if result.report:
            self._line(f"report: {escape(result.report)}")

    def _line(self, markup: str) -> None:
        self.console.print(markup, highlight=False, soft_wrap=True)
