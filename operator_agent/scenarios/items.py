"""Scenarios as pytest items: collected from their files, tried each on its own, judged by what came of it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

import pytest

from operator_agent.errors import OperatorError, ScriptError

if TYPE_CHECKING:
    from operator_agent.scenarios.progress import Progress
    from operator_agent.scenarios.scenario import Scenario
    from operator_agent.scenarios.trial import Trial, Way

T = TypeVar("T")
HINDERED = ("blocked", "needs_human", "infrastructure")
"""Verdicts that refute nothing: the scenario could not be carried out."""


class ScenarioFailed(Exception):
    """What a scenario was meant to come to, it did not."""

    hindered = False


class ScenarioHindered(ScenarioFailed):
    """The scenario could not be carried out; nothing is known of what it tests."""

    hindered = True


for _shown in (ScenarioFailed, ScenarioHindered):
    _shown.__module__ = "builtins"  # as pytest's own: in summaries and JUnit a reader wants the reason, not a path in our package


class ScenarioFile(pytest.File):
    def collect(self) -> Iterable[pytest.Item]:
        from operator_agent.scenarios.file import load_scenarios

        try:
            found = load_scenarios(self.path)
        except OperatorError as error:
            raise self.CollectError(_where(error)) from error
        option = self.config.option
        for scenario in found:
            for turn in range(1, option.scenario_repeat + 1):
                suffix = f" ({turn} of {option.scenario_repeat})" if option.scenario_repeat > 1 else ""
                for kind, about, tried in _proving(scenario) if option.scenario_prove else ((ScenarioItem, "", scenario),):
                    name = scenario.id.replace("::", ":") + about + suffix
                    yield kind.from_parent(self, name=name, scenario=tried, about=about)


class ScenarioItem(pytest.Item):
    """One scenario, tried once."""

    def __init__(self, *, scenario: Scenario, about: str = "", **given: Any) -> None:
        super().__init__(**given)
        self.scenario = scenario
        self.extra_keyword_matches.update(scenario.tags)
        file = self.parent.nodeid if self.parent else ""
        self.user_properties += [("scenario", f"{file}::{scenario.id}{about}"), ("title", scenario.name)]

    @property
    def planner(self) -> str:
        return str(self.config.option.scenario_planner or ("solution" if self.scenario.solution else "any"))

    def runtest(self) -> None:
        if self.planner == "solution" and not self.scenario.solution:
            pytest.skip("it has no solution")
        self.judge(self.tried(self.planner))

    def tried(self, planner: str) -> Trial:
        """One trial, whose facts become properties of this item."""
        from operator_agent.scenarios.progress import Progress

        watch: Any = self.config.pluginmanager.get_plugin("operator-agent-watch")
        folder: Path = watch.round.folder
        try:
            with Progress(folder, self.nodeid) as progress:
                way = self._way(planner, folder, progress)
                trial: Trial = self.ihook.pytest_try_scenario(scenario=self.scenario, way=way)
        except OperatorError as error:
            raise ScenarioHindered(f"infrastructure: {_where(error)}") from error
        self.user_properties += facts(trial, planner)
        return trial

    def _way(self, planner: str, folder: Path, progress: Progress) -> Way:
        from operator_agent.scenarios.project import read_project
        from operator_agent.scenarios.trial import Way

        project, allowed = read_project(self.config.rootpath), self.config.option.scenario_commands
        return Way(
            planner=planner, runs=folder, apps=project.apps, commands=project.commands | set(allowed),  # type: ignore[arg-type]
            listeners=(progress,),
        )  # fmt: skip

    def judge(self, trial: Trial) -> None:
        if trial.verdict != "passed":
            raise (ScenarioHindered if trial.verdict in HINDERED else ScenarioFailed)(told(trial))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Without a traceback: our own code is not what failed."""
        if isinstance(excinfo.value, ScenarioFailed):
            return excinfo.getrepr(style="value")
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, None, self.name


class NothingItem(ScenarioItem):
    """A scenario in which nothing is done: it must fail, or it passes whatever happens."""

    why = "though nothing was done"

    def runtest(self) -> None:
        self.judge(self.tried("nothing"))

    def judge(self, trial: Trial) -> None:
        self.user_properties.append(("expected", "failed"))
        if trial.verdict == "passed":
            raise ScenarioFailed(f"it passed {self.why}, so what it asserts proves nothing\n{trial.reason}")
        if trial.verdict == "infrastructure":
            raise ScenarioHindered(told(trial))


class FalsifiedItem(NothingItem):
    """A scenario whose proof asks for something else than what its solution does: it must fail."""

    why = "though its proof was falsified"

    def runtest(self) -> None:
        self.judge(self.tried("solution"))


def _proving(scenario: Scenario) -> Iterator[tuple[type[ScenarioItem], str, Scenario]]:
    """What proves a scenario, each with what it is called; without a solution there is nothing to prove it by."""
    from operator_agent.scenarios.falsify import falsified

    yield ScenarioItem, "", scenario
    if scenario.solution:
        yield NothingItem, " (nothing done)", scenario
        for number, wrong in enumerate(falsified(scenario), start=1):
            yield FalsifiedItem, f" (falsified {number})", wrong


def told(trial: Trial) -> str:
    """Why a trial did not pass, first in one line, then where to look."""
    lines = [trial.reason if trial.verdict == "failed" else f"{trial.verdict.replace('_', ' ')}: {trial.reason}"]
    said = [(one.ok, f"{one.entry} {one.text}") for one in trial.proof]
    lines += [f"    {'holds' if ok else 'does not hold'}: {text}" for ok, text in said if text not in trial.reason]
    if trial.report:
        lines.append(f"    report: {trial.report}")
    return "\n".join(lines)


def facts(trial: Trial, planner: str) -> list[tuple[str, object]]:
    """What JUnit keeps of a trial, and what the controlling process reads of it: plain values, as they cross processes."""
    return [
        ("verdict", trial.verdict), ("reason", trial.reason), ("planner", planner), ("seconds", round(trial.seconds, 3)),
        ("model_requests", trial.result.model_calls if trial.result else 0), ("run", str(trial.run or "")),
        ("report", str(trial.report or "")),
    ]  # fmt: skip


def chosen(item: pytest.Item, config: pytest.Config) -> bool:
    """Whether an item is in this shard and has the tags that are asked for; what is no scenario always is."""
    if not isinstance(item, ScenarioItem):
        return True
    option = config.option
    if option.scenario_shard:
        part, of = option.scenario_shard
        if crc32(dict(item.user_properties)["scenario"].encode()) % of != part - 1:  # type: ignore[attr-defined]
            return False
    return tagged(item.scenario.tags, option.scenario_tags)


def tagged(tags: Sequence[str], wanted: Iterable[str]) -> bool:
    """Whether these tags have all that are wanted, and none that is wanted as `not:…`."""
    return all((tag.removeprefix("not:") in tags) != tag.startswith("not:") for tag in wanted)


def alone(work: Coroutine[Any, Any, T]) -> T:
    """On an event loop that nobody else sees: the thread's own is left as it was. Ctrl-C and SIGTERM end the work in order, so that
    it can close what it opened, and raise KeyboardInterrupt."""
    with ending_on_sigterm(), asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """In here SIGTERM is what Ctrl-C is; afterwards it is what it was."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    """Also in a program that ignores Ctrl-C, as those do that a shell's script leaves in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def _where(error: OperatorError) -> str:
    """The message with file, line and key."""
    key = error.key if isinstance(error, ScriptError) else ""
    return f"{error} (key: {key})" if key and key not in str(error) else str(error)
