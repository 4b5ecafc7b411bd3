"""A round of scenarios on the terminal while it goes, in place of pytest's own reporter: each verdict as it falls, what is running
and at which step, how many are left and about how long that takes. On a pipe a plain line a scenario."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from operator_agent.scenarios.overview import SIGNS
from operator_agent.scenarios.progress import doing

if TYPE_CHECKING:
    from operator_agent.scenarios.plugin import Watch
    from operator_agent.scenarios.round import Case, Round

_STYLES = {"passed": "green", "failed": "red", "skipped": "dim"}


class ScenarioConsole:
    """A pytest plugin for one session. Without a `console` it shows nothing, and only keeps the round."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(quiet=True)
        self.round: Round | None = None
        self._watch: Watch | None = None
        self._live = Live(self, console=self.console, refresh_per_second=4, transient=True)
        self._spinner = Spinner("dots")
        self._since = monotonic()
        self._total = self._ended = 0
        self._running: dict[str, float] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        if standard := config.pluginmanager.get_plugin("terminalreporter"):
            config.pluginmanager.unregister(standard)
        self._watch = config.pluginmanager.get_plugin("operator-agent-watch")

    def pytest_sessionstart(self) -> None:
        self.round = self._watch.round if self._watch else None  # before the thread that draws asks for it, too
        if self.console.is_terminal:
            self._live.start()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._total = len(session.items) or self._total

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._total = len(ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._say((f"{report.nodeid} cannot be read", "red"))
            self._say(str(report.longrepr))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running[nodeid] = monotonic()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed and report.when != "call":
            return
        case = self.round.case(report.nodeid) if self.round else None
        self._ended += 1
        if case:
            self._tell(case, str(report.longrepr))
        elif report.failed:
            self._say((f"{report.nodeid} failed", "red"))
            self._say(str(report.longrepr))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._running.pop(nodeid, None)

    def pytest_internalerror(self, excrepr: Any) -> None:
        self._live.stop()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._live.stop()
        if self.round and (self.round.cases or self.round.files):
            if self.round.stopped:
                self._say(("stopped by Ctrl-C; this is what was known by then", "yellow"))
            for line in self.round.summary():
                self._say(line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What is running, and how far it has come."""
        line = Table.grid(padding=(0, 1))
        line.add_row("", self._spinner, Text(self.told(), "bold"))
        yield line
        now, steps = monotonic(), {one.id: one for one in doing(self.round.folder)} if self.round and self._running else {}
        for nodeid, since in list(self._running.items()):
            step = steps.get(nodeid)
            at = f"{step.step}/{step.of} {step.title}" if step else "starting"
            text = Text(f"   {nodeid.partition('::')[2]}  {at}  {now - since:.1f} s", "dim")
            text.truncate(console.width - 1, overflow="ellipsis")
            yield text

    def told(self) -> str:
        """How many of how many, and about how long the rest takes, at the pace so far."""
        if not self._total:
            return "reading the scenarios"
        if self._ended == self._total:
            return f"all {self._total} done, closing"
        passed = monotonic() - self._since
        left = passed / self._ended * (self._total - self._ended) if self._ended else None
        return f"{self._ended} of {self._total} done" + ("" if left is None else f", about {_span(left)} left")

    def _tell(self, case: Case, text: str) -> None:
        place = "" if self.console.is_terminal else f"[{self._ended}/{self._total}] "
        sign, style = SIGNS[case.verdict], _STYLES.get(case.verdict, "yellow")
        verdict = f"{sign} {case.verdict.replace('_', ' '):14} " if not self.console.is_terminal else f" {sign} "
        self._say(place, (verdict, style), f"{case.name}  ", (f"{case.title}  {case.seconds:.1f} s", "dim"))
        if case.verdict == "skipped":
            self._say((f"      {case.reason}", "dim"))
        elif case.verdict != "passed":
            for line in text.splitlines():
                self._say(f"      {line.strip()}")

    def _say(self, *parts: str | tuple[str, str]) -> None:
        self.console.print(Text.assemble(*parts), soft_wrap=True)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
