"""What is wrong or doubtful in a scenario file, by line, without running it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from operator_agent.errors import ScriptError
from operator_agent.scenarios.falsify import falsified
from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.named import is_scenario
from operator_agent.scenarios.scenario import Scenario
from operator_agent.skills import Problem

BARE = "it asserts nothing: say with `proof` or `done` how it is known that it was carried out"


def diagnose(file: Path) -> list[Problem]:
    """Everything wrong or doubtful in a scenario file, each thing once; empty when all is well."""
    if not is_scenario(file):
        return [Problem("error", f"{file}:1", "scenario", "this is no scenario: there is no `scenario:` at its top")]
    try:
        found = load_scenarios(file)
    except ScriptError as error:
        return [_wrong(line, error) for line in str(error).split("\n")]
    return list(dict.fromkeys(problem for scenario in found for problem in _doubts(scenario)))


def _wrong(line: str, error: ScriptError) -> Problem:
    """One of the errors of a file, which are told a line each, `file:line: message`."""
    where, colon, message = line.partition(": ")
    return Problem("error", where, error.key, message) if colon else Problem("error", error.where, error.key, line)


def _doubts(scenario: Scenario) -> Iterator[Problem]:
    if not (scenario.done or scenario.proof or scenario.outcome != "passed"):
        yield Problem("error", scenario.where, "proof", BARE)
    elif not falsified(scenario):
        yield Problem("warning", scenario.where, "proof", "only the screen tells whether it was carried out; add a `proof`")
    if not scenario.solution:
        yield Problem("warning", scenario.where, "solution", "without a `solution` nothing proves that it can be done")
    if not scenario.command:
        yield Problem("warning", scenario.where, "command", "without a `command` the planners are asked for its name")
