"""One scenario, tried: its fixtures, the run, `done`, and the second witness once the browser is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from operator_agent.errors import OperatorError, ScriptError, SetupError, UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.command import Question
from operator_agent.flow.origin import Origin
from operator_agent.flow.plan import Plan
from operator_agent.flow.record import Result, StepResult
from operator_agent.flow.verdict import Verdict
from operator_agent.run import Listener, Operator
from operator_agent.scenarios.entries import CommandEntry
from operator_agent.scenarios.fixtures import APPS, Apps, opened
from operator_agent.scenarios.proof import Witnessed, allow, read_proof
from operator_agent.scenarios.scenario import Scenario
from operator_agent.script.fill import fill_checks
from operator_agent.settings import Settings
from operator_agent.written import normal

Planner = Literal["solution", "skill", "words", "model", "any", "nothing"]
"""Who says what is done: the scenario's own solution, one tier of planning or all of them, or nobody: then nothing is done."""
Ruling = Literal["passed", "failed", "blocked", "needs_human", "unverified", "infrastructure"]
_SETTLED = 1.0
_RUNGS: Mapping[str, tuple[str, ...]] = {
    "solution": ("skill", "words"), "nothing": (), "skill": ("skill",), "words": ("words",), "model": ("model",),
    "any": ("skill", "words", "model"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """How scenarios are tried."""

    planner: Planner = "solution"
    runs: Path | None = None
    """Where run folders are made; `Settings.runs_dir` when None."""
    apps: Apps = field(default_factory=lambda: APPS)
    """The apps fixtures may start, by name."""
    commands: frozenset[str] = frozenset()
    """The programs a proof may run."""
    pictures: bool = True
    headed: bool = False
    listeners: Sequence[Listener] = ()
    """Follow every run, for its progress."""
    operator: Callable[..., Operator] = Operator
    """Makes the operator of a trial."""
    left: Callable[[Mapping[str, Any]], None] | None = None
    """Told what the fixtures gave, when the browser is closed and they still stand."""


class Trial(Frozen):
    """What became of a scenario."""

    scenario: str
    """Its id."""
    source: str
    planner: Planner
    verdict: Ruling
    """`infrastructure`: a fixture, the browser or the model's server failed, which says nothing about what was tried."""
    reason: str
    result: Result | None = None
    """None when it did not come to a run."""
    done: Verdict | None = None
    """The scenario's `done`, where it was no part of the run's own plan."""
    proof: tuple[Witnessed, ...] = ()
    seconds: float = 0.0
    run: str = ""
    report: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"


async def try_scenario(scenario: Scenario, way: Way | None = None, settings: Settings | None = None) -> Trial:
    """Starts what the scenario needs, does it in a browser of its own without learning from it, and asks the second witness when
    the browser is closed. Raises ScriptError for a file that turns out wrong only now."""
    trying, began = _Trying(scenario, way or Way(), settings or Settings.from_env()), monotonic()
    try:
        await trying.go()
        verdict, reason = trying.ruling()
    except ScriptError:
        raise
    except OperatorError as error:
        verdict, reason = "infrastructure", str(error)
    result = trying.result
    return Trial(
        scenario=scenario.id, source=scenario.where, planner=trying.way.planner, verdict=verdict, reason=reason, result=result,
        done=trying.done, proof=trying.proof, seconds=round(monotonic() - began, 3), run=result.run if result else "",
        report=result.report if result else "",
    )  # fmt: skip


class Answers:
    """The person of a scenario: knows the answers that are written there, by the question or by what it is about."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = {normal(question): answer for question, answer in answers.items()}

    async def ask(self, question: Question) -> str | None:
        answer = self._answers.get(normal(question.text), self._answers.get(normal(question.about)) if question.about else None)
        if answer is None or not question.options:
            return answer
        return next((option for option in question.options if normal(option) == normal(answer)), None)


class _Trying:
    """One trial while it goes; what is known of it so far stays when something breaks."""

    def __init__(self, scenario: Scenario, way: Way, settings: Settings) -> None:
        self.scenario, self.way, self.settings = scenario, way, settings
        self.result: Result | None = None
        self.done: Verdict | None = None
        self.proof: tuple[Witnessed, ...] = ()

    async def go(self) -> None:
        scenario = self.scenario
        for entry in scenario.proof:
            if isinstance(entry, CommandEntry):
                allow(entry, self.way.commands)
        if self.way.planner == "model" and not self.settings.model_url:
            raise SetupError("there is no model to plan it; set OPERATOR_MODEL_URL and OPERATOR_MODEL")
        async with opened(scenario, apps=self.way.apps, settings=self.settings) as given:
            values = scenario.values(given)
            async with self._operator(values, given) as operator:
                self.result = await self._run(operator, values, given)
                if scenario.done and not self._judged and self.result.outcome in (scenario.outcome, "unverified"):
                    self.done = await self._judge(operator, given)
            if self.way.left:
                self.way.left(given)
            read = {name: value for name, value in self.result.values.items() if name not in values}
            self.proof = await read_proof(scenario, {**read, **given}, settings=self.settings, commands=self.way.commands)

    @asynccontextmanager
    async def _operator(self, values: Mapping[str, Any], given: Mapping[str, Any]) -> AsyncIterator[Operator]:
        scenario, way = self.scenario, self.way
        login = next((given[fixture.name] for fixture in scenario.fixtures if fixture.kind == "login"), None)
        secrets = {name: str(Origin.parse(scenario.filled(url, values))) for name, url in scenario.secrets.items()}
        answers = {scenario.filled(ask, values): scenario.filled(said, values) for ask, said in scenario.answers.items()}
        async with way.operator(
            scenario.filled(scenario.start, values), allow=scenario.allowed(values), approve=scenario.approve, secrets=secrets,
            person=Answers(answers) if answers else None, skills=scenario.skills, runs=way.runs, pictures=way.pictures,
            headed=way.headed, limits=scenario.limits, learning=False, listeners=way.listeners, settings=self.settings,
            login=login, downloads=given["downloads"], planners=_RUNGS[way.planner],
        ) as operator:  # fmt: skip
            yield operator

    async def _run(self, operator: Operator, values: Mapping[str, Any], given: Mapping[str, Any]) -> Result:
        scenario = self.scenario
        if self.way.planner == "solution":
            return await operator.run_plan(scenario.plan(given))
        if self.way.planner == "nothing":
            return await operator.run_plan(Plan(goal=f"nothing of: {scenario.name}", steps=(), start=scenario.plan(given).start))
        return await operator.run(scenario.filled(scenario.command, values) or scenario.name)

    @property
    def _judged(self) -> bool:
        """Whether `done` was read as a part of the run."""
        return self.way.planner == "solution" and self.result is not None and self.result.outcome in ("passed", "unverified")

    async def _judge(self, operator: Operator, given: Mapping[str, Any]) -> Verdict:
        assert self.result
        try:
            checks = fill_checks(self.scenario.checks(given), self.result.values)
        except UsageError as error:  # it names what only the solution reads
            return Verdict(status="refuted", reason=str(error))
        # Where nothing was done nothing is under way.
        return await operator.judge(checks, self.result.values, seconds=_SETTLED if self.way.planner == "nothing" else None)

    def ruling(self) -> tuple[Ruling, str]:
        """The verdict and why: the run, then `done`, then the second witness; the first of them that does not hold."""
        result, wanted = self.result, self.scenario.outcome
        assert result
        if result.outcome == "error" and wanted != "error":
            return "infrastructure", result.reason
        if wanted != "passed" and result.plan is None:  # whoever understands nothing does no harm, which proves nothing
            return "needs_human", f"nothing was planned: {result.reason}"
        if (lie := next((one for one in self.proof if not one.ok), None)) and result.outcome in (wanted, "unverified"):
            return "failed", f"{lie.entry} {lie.text}" + (f" ({lie.where})" if lie.where else "")
        if self.done and self.done.status != "verified":
            return ("failed" if self.done.status == "refuted" else "unverified"), f"done: {self.done.reason}"
        if result.outcome != wanted and not self._proved_otherwise(result):
            return _short_of(result, wanted)
        if wanted == "passed" and not self._asserted:
            return "unverified", "the scenario has neither `done` nor `proof` to tell whether it was carried out"
        return "passed", self._why(result)

    @property
    def _asserted(self) -> bool:
        """Whether the scenario itself says how it is known: what a solution's steps expect counts only when they are done."""
        return bool(self.scenario.done or self.scenario.proof) or self.way.planner == "solution"

    def _proved_otherwise(self, result: Result) -> bool:
        """The run could not prove what it did, but `done` or the second witness does, and no step is doubtful by its own checks."""
        if (result.outcome, self.scenario.outcome) != ("unverified", "passed") or (self._judged and self.scenario.done):
            return False
        return all(map(_sound, result.steps)) and bool(self.done or self.proof)

    def _why(self, result: Result) -> str:
        said = [result.reason]
        if result.outcome != self.scenario.outcome:
            said = [f"all {len(result.steps)} steps were done"]
        elif result.outcome != "passed":
            said = [f"ended {result.outcome}, as expected: {result.reason}"]
        if self.done:
            said.append(f"done: {self.done.reason}")
        if self.proof:
            said.append(f"second witness: {'; '.join(f'{one.entry} {one.text}' for one in self.proof)}")
        return ". ".join(said)


def _sound(step: StepResult) -> bool:
    """Whether nothing that was expected of it failed: of an act without expectations only its own effect may be unknown."""
    own = all(check["check"] == step.action for check in step.checks)
    return step.verdict in ("verified", "skipped") or (step.verdict == "unknown" and own)


def _short_of(result: Result, wanted: str) -> tuple[Ruling, str]:
    """The verdict of a run that did not end as it should."""
    told = result.reason if wanted == "passed" else f"ended {result.outcome}, not {wanted}: {result.reason}"
    if wanted == "passed" and result.outcome in ("blocked", "needs_human", "unverified"):
        return result.outcome, told
    return "failed", told
