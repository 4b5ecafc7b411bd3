"""What people read, said the same way on the terminal and in the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from operator_agent.flow.plan import Plan
from operator_agent.flow.record import Result

TIERS = {"words": "plain words", "model": "a model", "script": "a script"}

SIGNS = {"verified": "✓", "refuted": "✗", "unknown": "?", "skipped": "–", "not run": "·"}


def words(value: Any) -> str:
    """An input or a value that was read, as a person would write it; "" for what is not there."""
    match value:
        case None | "" | [] | ():
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case Mapping():
            return ", ".join(f"{name} {shown}" for name, one in value.items() if (shown := words(one)))
        case list() | tuple():
            return "; ".join(filter(None, map(words, value)))
        case _:
            return str(value)


def inputs(plan: Plan) -> Iterator[tuple[str, str]]:
    """The plan's inputs, a line each: a list of groups gets a line a group, what was left out none."""
    for name, value in plan.inputs.items():
        groups = value if isinstance(value, (list, tuple)) else [value]
        for number, group in enumerate(groups, 1):
            if shown := words(group):
                yield (f"{name} {number}" if len(groups) > 1 else name), shown


def read_values(result: Result) -> Iterator[tuple[str, str]]:
    """What the run has read besides what it was given."""
    given = result.plan.inputs if result.plan else {}
    for name, value in result.values.items():
        if name not in given and (shown := words(value)):
            yield name, shown


def source(plan: Plan) -> str:
    """Where the plan came from: `skill “order a coffee”`, `plain words`."""
    return f"skill “{plan.skill}”" if plan.skill else TIERS.get(plan.tier, plan.tier)


def culprit(result: Result) -> int:
    """The number of the step to look at when the run did not pass; 0 when it is none of them."""
    if result.outcome == "passed":
        return 0
    ran = [number for number, step in enumerate(result.steps, 1) if step.verdict in ("refuted", "unknown")]
    return ran[-1] if ran else 0


def advice(result: Result) -> str:
    """The next thing to do after a run that did not pass; "" when the reason says it already, or there is nothing to do."""
    step = culprit(result)
    at = f"step {step}" if step else "the last checks"
    match result.outcome:
        case "failed":
            return f"look at {at} in the report: the page before and after, and what each check saw"
        case "unverified":
            return f"say what must be so afterwards (`expect:` of the step, or `done:`), and look at {at} in the report"
        case "needs_human" if "--approve" not in result.reason and "before" not in result.reason:
            return "answer what is asked in the command or at a terminal, then run it again"
        case "blocked":
            return f"look at {at} in the report, and allow only what you trust"
        case "incomplete" if "limit" in result.reason:
            return f"look at {at} for what took so long, or allow more with --limit"
        case "incomplete":
            return "look at where it stopped, then run it again"
        case _:
            return ""
