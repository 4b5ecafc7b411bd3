"""What people read, said the same way on the terminal and in the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operator_agent.flow.plan import Plan
from operator_agent.flow.record import Called, Result, Thought

TIERS = {"words": "plain words", "model": "a model", "script": "a script", "learned": "what was learned"}

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
        case "incomplete" if "--max-" in result.reason or "OPERATOR_" in result.reason:
            return ""
        case "incomplete" if "limit" in result.reason:
            return f"look at {at} for what took so long, or allow more with --limit"
        case "incomplete":
            return "look at where it stopped, then run it again"
        case _:
            return ""


def count(number: int, noun: str) -> str:
    """`1 step`, `1,830 tokens`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def steps(plan: Plan) -> str:
    """How many there are; a plan that is only a beginning says so."""
    return count(len(plan.steps), "step") if plan.steps or not plan.open else "as it goes"


def money(cost: float | None) -> str:
    """A cost in the currency of the prices: `0.0123`, `0`, or that nobody knows it."""
    if cost is None:
        return "unknown"
    return f"{cost:.4f}" if cost >= 0.0001 else "under 0.0001" if cost else "0"


def tokens(call: Called) -> int:
    """In and out."""
    return call.usage.input + call.usage.output


def called(call: Called) -> str:
    """One call to a model: `thinking off · 1,830 tokens · 2.1 s · first plan`."""
    took = count(tokens(call), "token") if tokens(call) else "no reply" if call.requests else "not asked"
    repaired = (f"{call.requests} requests",) if call.requests > 1 else ()
    return " · ".join((f"thinking {call.level}", took, *repaired, f"{call.seconds:.1f} s", call.trigger or call.purpose))


def spent(result: Result) -> str:
    """What models took: `2 model calls, 3,660 tokens, cost unknown`."""
    calls = count(result.model_calls, "model call")
    if not (result.model_calls or result.thoughts):
        return calls
    return f"{calls}, {count(result.tokens, 'token')}, cost {money(result.cost)}"


def ledger(calls: Sequence[Called], result: Result) -> list[tuple[Called, str]]:
    """Every call with the verdict of the step that came after it, "" when none did."""
    matched = len(calls) == len(result.thoughts)
    return [(call, result.thoughts[number].after if matched else "") for number, call in enumerate(calls)]


def paid(thoughts: Sequence[Thought]) -> str:
    """Whether deep thinking paid: how many of its calls led from trouble to a verified step."""
    deep = [one for one in thoughts if one.level in ("high", "max")]
    if not deep:
        return "no call was at high or max."
    good = sum(one.before in ("refuted", "unknown") and one.after == "verified" for one in deep)
    return f"{good} of {count(len(deep), 'call')} at high or max led from refuted or unknown to verified."
