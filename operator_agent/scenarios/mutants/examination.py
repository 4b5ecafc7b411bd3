"""Scenarios against their mutants: first unbroken, then once for each mutant, and what became of each."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

from operator_agent.errors import ScriptError
from operator_agent.scenarios.mutants.body import gist
from operator_agent.scenarios.mutants.browser import TamperedOperator
from operator_agent.scenarios.mutants.candidates import chosen
from operator_agent.scenarios.mutants.mutant import KINDS, TOLERATED, Ending, Examined, Fate, Kind, Mutant, Traffic
from operator_agent.scenarios.mutants.tampering import Tampering
from operator_agent.scenarios.scenario import Scenario
from operator_agent.scenarios.trial import Trial, Way, try_scenario
from operator_agent.settings import Settings

_LEAST_STEP = 3.0
_TIMES_AS_LONG = 2.0
"""How much longer than unbroken a step may take: a mutant must not cost the time of a slow machine, only of a slow page."""


@dataclass(frozen=True, slots=True)
class Examination:
    """How scenarios are examined."""

    way: Way
    seed: int = 0
    most: int = 8
    """Mutants a scenario."""
    kinds: tuple[Kind, ...] = KINDS
    settings: Settings | None = None

    async def examine(self, scenario: Scenario) -> Examined:
        """Does a scenario unbroken, then once with each of its mutants."""
        known = Examined(scenario=scenario.id, source=scenario.where, tags=scenario.tags)
        if not scenario.solution:
            return known.model_copy(update={"unsound": "it has no solution that could be done while something is broken"})
        watching = Tampering()
        try:
            trial = await self._tried(scenario, watching)
        except ScriptError as error:
            return known.model_copy(update={"unsound": str(error)})
        if not trial.passed:
            return known.model_copy(update={"unsound": f"{trial.verdict} with nothing broken: {trial.reason}"})
        self._forget(trial)
        mutants, possible = self.mutants(scenario, watching.traffic)
        hurried = _hurried(scenario, trial)
        fates = [await self._fate(hurried, mutant, watching.traffic) for mutant in mutants]
        return known.model_copy(update={"fates": tuple(fates), "possible": possible})

    def mutants(self, scenario: Scenario, traffic: Traffic) -> tuple[list[Mutant], int]:
        """Those of the seed; the same in every run and beside whatever other scenarios."""
        return chosen(traffic, Random(f"{self.seed} {scenario.id}"), self.most, self.kinds)

    async def _fate(self, scenario: Scenario, mutant: Mutant, unbroken: Traffic) -> Fate:
        began, tampering = monotonic(), Tampering(mutant, unbroken)
        try:
            trial = await self._tried(scenario, tampering)
        except ScriptError as error:  # a value that was read from the broken page fits nowhere
            return Fate(mutant=mutant, ending="caught", reason=str(error), seconds=monotonic() - began)
        ending = judged(mutant, unbroken, tampering.traffic, trial)
        if ending not in ("survived", "not tolerated"):
            self._forget(trial)
            trial = trial.model_copy(update={"report": ""})
        return Fate(mutant=mutant, ending=ending, reason=trial.reason, seconds=round(trial.seconds, 1), report=trial.report)

    async def _tried(self, scenario: Scenario, tampering: Tampering) -> Trial:
        way = replace(self.way, planner="solution", operator=partial(TamperedOperator, tampering), left=tampering.left)
        return await try_scenario(scenario, way, self.settings)

    def _forget(self, trial: Trial) -> None:
        if trial.run:
            shutil.rmtree(Path(trial.run), ignore_errors=True)


def judged(mutant: Mutant, unbroken: Traffic, broken: Traffic, trial: Trial) -> Ending:
    """What became of a mutant. Only one that fired and changed something can be caught."""
    if trial.verdict == "infrastructure":
        return "undecided"
    if not broken.fired:
        return "not reached"
    if mutant.kind == TOLERATED:
        return "tolerated" if trial.passed else "not tolerated"
    if mutant.kind != "stale page" and effect(unbroken) == effect(broken):
        return "equivalent"
    if mutant.kind == "doubled write" and trial.passed and unbroken.stored and unbroken.stored == broken.stored:
        return "equivalent"  # what it did once it did not do again
    return "survived" if trial.passed else "caught"


def effect(traffic: Traffic) -> object:
    """What the server took, in its order, and what was downloaded; where nothing is ever sent, also what is shown at the end."""
    if traffic.writes:
        taken = [one for one in traffic.delivered if one.answer and one.answer.status < 400]
        return [(one.method, one.path, gist(one.kind, one.body)) for one in taken], traffic.files
    return [" ".join(text.split()) for text in traffic.shown], traffic.files


def _hurried(scenario: Scenario, unbroken: Trial) -> Scenario:
    """The same with less patience, by what it needed."""
    longest = max((step.seconds for step in unbroken.result.steps), default=0.0) if unbroken.result else 0.0
    step = max(_LEAST_STEP, longest * _TIMES_AS_LONG)
    limits = scenario.limits
    seconds = min(limits.seconds, 20 + 4 * unbroken.seconds)
    hurried = limits.model_copy(update={"step": min(limits.step, step), "load": min(limits.load, 2 * step), "seconds": seconds})
    return replace(scenario, limits=hurried)


async def examine_all(
    scenarios: Iterable[Scenario], examination: Examination, *, at_once: int = 2, told: Callable[[Examined], None] = lambda _: None
) -> list[Examined]:
    """All of them, some at a time; `told` hears of each when it is through."""
    turn = asyncio.Semaphore(at_once)

    async def one(scenario: Scenario) -> Examined:
        async with turn:
            examined = await examination.examine(scenario)
        told(examined)
        return examined

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(scenario)) for scenario in scenarios]
    return [task.result() for task in tasks]
