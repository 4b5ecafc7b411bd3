"""The pytest plugin: scenario files are tests, one a row of their data.

pytest loads this module in every project it is installed in, so it imports next to nothing of ours until there is a scenario: a
YAML file with a text behind a top-level `scenario:`.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from operator_agent.scenarios.named import is_scenario

if TYPE_CHECKING:
    from operator_agent.scenarios.items import ScenarioFile
    from operator_agent.scenarios.round import Round
    from operator_agent.scenarios.scenario import Scenario
    from operator_agent.scenarios.trial import Trial, Way

PLANNERS = ("solution", "skill", "words", "model", "any", "nothing")


def _leave_ours_alone() -> None:
    """pytest would rewrite the asserts of all modules of a distribution that has a plugin. Ours are no tests; and we import some in
    threads, where two parsers at once end CPython 3.11 with a SystemError ("AST constructor recursion depth mismatch")."""
    for finder in sys.meta_path:
        marked = getattr(finder, "_must_rewrite", None)  # no public way leads there
        if isinstance(marked, set):
            marked.discard("operator_agent")


_leave_ours_alone()


class Hooks:
    """What projects may do otherwise, as in every pytest plugin."""

    @pytest.hookspec(firstresult=True)
    def pytest_try_scenario(self, scenario: Scenario, way: Way) -> Trial | None:
        """Tries a scenario once; what came of it. The first hook that gives a trial is believed."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(Hooks)


@pytest.hookimpl(trylast=True)
def pytest_try_scenario(scenario: Scenario, way: Way) -> Trial:
    from operator_agent.scenarios.items import alone
    from operator_agent.scenarios.trial import try_scenario

    return alone(try_scenario(scenario, way))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("scenarios", "scenarios of operator-agent")
    add = group.addoption
    add("--planner", choices=PLANNERS, default=None, dest="scenario_planner",
        help="who plans the scenarios: their solution, skills, plain words, a model, any of these, or nobody "
             "[default: the solution of those that have one, any for the others]")  # fmt: skip
    add("--repeat", type=_times, default=1, metavar="K", dest="scenario_repeat",
        help="do every scenario so many times; tells how often each passed, and the flake rate")  # fmt: skip
    add("--shard", type=_shard, default=None, metavar="I/N", dest="scenario_shard",
        help="only the I-th of N parts of the scenarios; a scenario stays in its part whatever others there are")  # fmt: skip
    add("--scenario-tag", action="append", default=[], metavar="TAG", dest="scenario_tags",
        help="only scenarios with this tag, or without it: not:slow. Repeatable, all must fit")  # fmt: skip
    add("--prove", action="store_true", dest="scenario_prove",
        help="prove the scenarios: the solution passes, doing nothing fails, and so does each falsified proof")  # fmt: skip
    add("--scenario-runs", default=None, metavar="FOLDER", dest="scenario_runs",
        help="where the folder of this round is made [default: scenarios in the runs folder]")  # fmt: skip
    add("--allow-command", action="append", default=[], metavar="NAME", dest="scenario_commands",
        help="a program that proofs may start. Repeatable")  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Watch(config), "operator-agent-watch")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    if file_path.suffix not in (".yaml", ".yml") or not is_scenario(file_path):
        return None
    from operator_agent.scenarios.items import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not (config.option.scenario_shard or config.option.scenario_tags):
        return
    from operator_agent.scenarios.items import chosen

    kept = [item for item in items if chosen(item, config)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Where nothing was refuted the scenario could not be carried out: an error in JUnit's terms, not a failure. pytest tells the
    two apart by the phase alone."""
    report = yield
    if call.excinfo and getattr(call.excinfo.value, "hindered", False):
        report.when = "setup"
    return report


class Watch:
    """Follows the session where it is controlled, not in the workers of xdist: what became of each scenario, and the exit code."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self._input: dict[str, Any] | None = getattr(config, "workerinput", None)
        """Of a worker; None where the session is controlled."""
        self._round: Round | None = None
        self._left_out = 0
        self._begun: dict[str, pytest.TestReport] = {}
        """What is under way, by the report of its beginning."""

    @property
    def round(self) -> Round:
        """Begun when it is first asked for: without scenarios and workers it never is."""
        if self._round is None:
            from operator_agent.scenarios.round import Round

            given = (self._input or {}).get("scenario_folder")
            self._round = Round.begin(self.config.option.scenario_runs, given)
        return self._round

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["scenario_folder"] = str(self.round.folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._left_out += getattr(node, "workeroutput", {}).get("scenarios_left_out", 0)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._left_out += len(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self._input is None:
            self.round.broken(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._input is not None or not (self._round or report.failed or report.user_properties):
            return
        of_scenario = self.round.heard(report)
        if report.when == "setup" and report.passed and of_scenario:
            self._begun[report.nodeid] = report
        elif report.when == "teardown":
            self._begun.pop(report.nodeid, None)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if self._input is None and (self._round or self._begun):
            self.round.interrupted(excinfo.value)
            if self.round.stopped:
                self._stop()

    def _stop(self) -> None:
        """Reports what was under way as stopped: pytest itself would leave a nameless case of each in its JUnit file."""
        for began in list(self._begun.values()):
            self.config.hook.pytest_runtest_logreport(report=_stopped(began, "setup", "failed", "stopped before its end"))
            self.config.hook.pytest_runtest_logreport(report=_stopped(began, "teardown", "passed", None))
        self._begun.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._input is not None:
            self.config.workeroutput["scenarios_left_out"] = self._left_out  # type: ignore[attr-defined]
            return
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.config.option.scenario_shard and self._left_out:
            session.exitstatus = pytest.ExitCode.OK  # this part of the scenarios is empty, the others are not
        elif self._round:
            session.exitstatus = self._round.pytest_code(int(exitstatus))
            self._round.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._round and self._round.cases:
            terminalreporter.section("scenarios")
            for line in self._round.summary():
                terminalreporter.write_line(line)


def _stopped(
    began: pytest.TestReport, when: Literal["setup", "teardown"], outcome: Literal["passed", "failed"], told: str | None
) -> pytest.TestReport:
    report = pytest.TestReport(
        nodeid=began.nodeid, location=began.location, keywords={}, outcome=outcome, longrepr=told, when=when,
        user_properties=[*began.user_properties, ("verdict", "stopped")],
    )  # fmt: skip
    for name in ("node", "worker_id"):  # of xdist; JUnit's file knows the case by them
        if hasattr(began, name):
            setattr(report, name, getattr(began, name))
    return report


def _times(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise ValueError(text)
    return int(text)


def _shard(text: str) -> tuple[int, int]:
    part, slash, of = text.partition("/")
    if not (slash and part.isdigit() and of.isdigit() and 1 <= int(part) <= int(of)):
        raise ValueError(text)
    return int(part), int(of)
