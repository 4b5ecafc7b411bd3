"""From what happened to how the run is said to have ended: outcome, exit code, and a reason that helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha1
from time import monotonic
from typing import Any

from operator_agent.errors import LimitReached, OperatorError
from operator_agent.flow.action import GoTo, Read, describe
from operator_agent.flow.command import Command
from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Observation, Trouble, unanswered_writes
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import EXIT_CODES, Called, Outcome, Result, StepResult, Thought
from operator_agent.flow.verdict import Verdict
from operator_agent.roles import Situation, Taken, Values

NOTHING_NAMED = "the steps were done, but the plan expects nothing that would prove it: give it `expect` or `done`"
"""Why a run is `unverified` whose acts all had their own effect, and nobody said what they are to come to."""


class Stop(Exception):
    """Ends a run early. Not an error: an outcome with its reason. `step` is where, None before the first."""

    def __init__(self, outcome: Outcome, cause: str, step: Step | None = None, verdict: Verdict | None = None) -> None:
        super().__init__(cause)
        self.outcome = outcome
        self.cause = cause
        self.step = step
        self.verdict = verdict
        self.kind = ""
        """What hinders, as in `Situation.kind`, when another plan may still reach the goal; else ""."""
        self.exit_code = EXIT_CODES[outcome]

    @classmethod
    def of(cls, why: BaseException, limits: Limits) -> Stop:
        """What ended the run, as an outcome: a limit, a lost surface or model, a plan that cannot be filled."""
        if isinstance(why, Stop):
            return why
        if isinstance(why, TimeoutError):
            return cls("incomplete", f"the run's limit of {limits.seconds:g} s was reached")
        stop = cls("incomplete" if isinstance(why, LimitReached) else "error", str(why))
        if isinstance(why, OperatorError):
            stop.exit_code = why.exit_code  # a missing browser or a wrong input is the set-up's or the caller's: 2, not 7
        return stop

    @classmethod
    def of_trouble(cls, trouble: Trouble, step: Step) -> Stop:
        """A target that could not be pointed at: two equals are a person's to choose between, an absent one is a failure."""
        verdict = Verdict(status="refuted" if trouble.kind == "absent" else "unknown", reason=trouble.detail)
        stop = cls("failed" if trouble.kind == "absent" else "needs_human", trouble.detail, step, verdict)
        stop.kind = trouble.kind
        return stop

    @classmethod
    def of_verdict(cls, verdict: Verdict, step: Step, after: Observation, since: float) -> Stop:
        """A step that was not verified: blocked by our own policy, a person's to look into when a write has no answer, failed."""
        caused = [exchange for exchange in after.exchanges if exchange.started >= since]
        if refused := [exchange for exchange in caused if exchange.blocked]:
            origin = "/".join(refused[0].url.split("/")[:3])
            cause = f"{refused[0].method} {origin} is not allowed (allow it with --allow {origin}); {verdict.reason}"
            return cls("blocked", cause, step, verdict)
        if unanswered_writes(caused, since):
            return cls("needs_human", verdict.reason, step, verdict)
        stop = cls("failed" if verdict.status == "refuted" else "unverified", verdict.reason, step, verdict)
        stop.kind = verdict.status
        return stop


class Tally:
    """What a run's result is made of, kept while it goes."""

    def __init__(self, command: Command, plan: Plan | None) -> None:
        self.command = command
        self.plan = plan
        self.stop: Stop | None = None
        self.done: Verdict | None = None
        self._steps: list[StepResult] = []
        self._rest: list[Step] = []
        self._current: Step | None = None
        self._since = 0.0
        self._taken: list[Taken] = []

    def begin(self, step: Step, rest: Iterable[Step]) -> None:
        self._current, self._rest, self._since = step, list(rest), monotonic()

    def end(self, step: Step, verdict: Verdict | None, seen: Observation | None) -> None:
        self._steps.append(self._result(step, verdict.status if verdict else "skipped", verdict))
        self._taken.append(Taken(step, verdict, _page(seen)))
        self._current, self._rest = None, []

    def situation(self, stop: Stop | None, seen: Observation, values: Values) -> Situation:
        """Where the run stands: for whoever plans how to go on."""
        assert self.plan
        failed = (Taken(self._current, stop.verdict, _page(seen)),) if stop and self._current else ()
        kind, why = (stop.kind, stop.cause) if stop else ("done", "")
        return Situation(
            self.command, self.plan, (*self._taken, *failed), kind, why, self._current, tuple(self._rest), seen, values, {}
        )  # fmt: skip

    def revised(self, plan: Plan, situation: Situation) -> Plan:
        """A plan took over: it is what the run is about from now on; a step it was made because of is over."""
        if situation.failed:
            self.end(situation.failed, situation.taken[-1].verdict, situation.seen)
        self.plan, self.done = plan, None
        return plan

    def unproved(self) -> Stop | None:
        """Why what was asked is not proved; None when it is."""
        if self.done and self.done.status == "verified":
            return None
        why = self.done.reason if self.done else "no `done` checks were named"
        stop = Stop("unverified", why, verdict=self.done)
        stop.kind = "unproved"
        return stop

    def result(self, values: dict[str, Any], seconds: float, calls: Sequence[Called] = ()) -> Result:
        """The run's result; `report` and `run` are filled by whoever records."""
        number = len(self._steps) + 1
        if self._current:
            verdict = self.stop.verdict if self.stop else None
            self._steps.append(self._result(self._current, verdict.status if verdict else "unknown", verdict))
        self._steps += [self._result(step, "not run", None) for step in self._rest]
        outcome, reason = self._outcome(number)
        code = self.stop.exit_code if self.stop and self.stop.outcome == outcome else EXIT_CODES[outcome]
        return Result(
            outcome=outcome, reason=reason, exit_code=code, command=self.command.text, plan=self.plan,
            steps=tuple(self._steps), values=values, answer=self._answer(values), seconds=round(seconds, 3),
            **self._model(calls),
        )  # fmt: skip

    def _outcome(self, number: int) -> tuple[Outcome, str]:
        if self.stop:
            where = f"step {number} ({self.stop.step.title}): " if self.stop.step else ""
            outcome = self.stop.outcome
            starting = number == 1 and self.stop.step is not None and isinstance(self.stop.step.action, GoTo)
            if starting and outcome in ("failed", "unverified"):
                outcome = "error"  # the start page never came: nothing of the plan was tried, so nothing of it failed
            return outcome, where + self.stop.cause
        if self.plan and self.plan.by_model and self.done is None:
            return "unverified", "the model named nothing that would prove that the whole was done"
        proved = all(step.verdict in ("verified", "skipped") for step in self._steps) and bool(self._steps)
        if self.done is None and proved:
            return "passed", f"all {len(self._steps)} steps were verified"
        if self.done is None:
            return "unverified", NOTHING_NAMED
        if self.done.status == "refuted":
            return "failed", f"every step was done, but what was asked is not so: {self.done.reason}"
        if self.done.status == "verified":
            steps = f"all {len(self._steps)} steps were verified" if proved else "every step was done"
            return "passed", f"{steps}; then, read again: {_checks(self.done)}"
        return "unverified", f"the steps were done, but what was asked could not be proved: {self.done.reason}"

    def _model(self, calls: Sequence[Called]) -> dict[str, Any]:
        """What models were asked, and whether each call paid."""
        spent = [call.usage for call in calls]
        cost = None if any(one.cost is None for one in spent) else sum((one.cost or 0.0 for one in spent), 0.0)
        tokens = sum(one.input + one.output for one in spent)
        return {
            "model_calls": sum(call.requests for call in calls), "tokens": tokens, "cost": cost,
            "thoughts": tuple(self._thought(call) for call in calls),
        }  # fmt: skip

    def _thought(self, call: Called) -> Thought:
        after = self._steps[call.step - 1].verdict if 0 < call.step <= len(self._steps) else ""
        return Thought(
            step=call.step, purpose=call.purpose, level=call.level, trigger=call.trigger,
            tokens=call.usage.input + call.usage.output, reasoning_tokens=call.usage.reasoning, cost=call.usage.cost,
            before=call.before, after="" if after == "not run" else after,
        )  # fmt: skip

    def _answer(self, values: dict[str, Any]) -> str:
        last = self._taken[-1].step.action if self._taken else None  # plain words are read only when their turn comes
        told = last.into if isinstance(last, Read) else "answer" if self.plan and self.plan.by_model else ""
        return str(values.get(told, ""))

    def _result(self, step: Step, verdict: Any, proved: Verdict | None) -> StepResult:
        checks = tuple(evidence.model_dump() for evidence in proved.evidence) if proved else ()
        seconds = round(monotonic() - self._since, 3) if verdict not in ("not run",) else 0.0
        return StepResult(intent=step.title, action=describe(step.action), verdict=verdict, checks=checks, seconds=seconds)


def _page(seen: Observation | None) -> str:
    """Address and digest of a look."""
    return f"{seen.url} {sha1(seen.tree.encode(), usedforsecurity=False).hexdigest()[:12]}" if seen else ""


def _checks(verdict: Verdict, most: int = 2, longest: int = 100) -> str:
    """The first checks of a verdict in one line."""
    said = [one.check if len(one.check) <= longest else f"{one.check[: longest - 1]}…" for one in verdict.evidence]
    return "; ".join(said[:most]) + (f" and {len(said) - most} more" if len(said) > most else "")


def joined(results: Sequence[Result]) -> Result:
    """One result for a script of single steps: as good as its worst step."""
    worst = max(results, key=lambda result: result.exit_code)
    steps = tuple(step for result in results for step in result.steps)
    reason = worst.reason if worst.exit_code else f"all {len(steps)} steps were verified"
    seconds = round(sum(result.seconds for result in results), 3)
    costs = [result.cost for result in results]
    told = {
        "command": "a script of single steps", "reason": reason, "steps": steps, "plan": None, "seconds": seconds,
        "model_calls": sum(result.model_calls for result in results), "tokens": sum(result.tokens for result in results),
        "cost": None if None in costs else sum(cost or 0.0 for cost in costs),
        "thoughts": tuple(thought for result in results for thought in result.thoughts),
    }  # fmt: skip
    return worst.model_copy(update=told)
