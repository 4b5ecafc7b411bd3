"""From looks to a verdict: what an act must have done and what was expected of it, followed until it is decided."""

from __future__ import annotations

from time import monotonic

from operator_agent.flow.action import WaitFor, describe
from operator_agent.flow.check import AllCheck, AnyCheck, BecameCheck, Check, DialogCheck, ElementCheck, HoldsCheck, WithinCheck
from operator_agent.flow.observation import Observation, unanswered_writes
from operator_agent.flow.verdict import Evidence, Status, Verdict
from operator_agent.roles import Attempt, Values, Witness
from operator_agent.script.checks import check_text
from operator_agent.verifier.checks import Finding, World, answer, evaluate, leaves, path_of, patience, steadiness
from operator_agent.verifier.effects import effect
from operator_agent.verifier.news import differences, nearest, news

_PAUSE = 0.5
"""Seconds after which to look again although nothing was reported as changed."""
_STEADY_DONE = 0.05
"""Seconds between two looks at a plan's `done`."""


class Verifier:
    """`roles.Verifier`: reads the world again until what must hold is decided, or time is up."""

    async def judge(self, attempt: Attempt, witness: Witness, deadline: float) -> tuple[Verdict, Observation]:
        """Looks until the step's effect and expectations are decided or `deadline` (monotonic seconds) has come.

        Raises SurfaceLost, and UsageError for a check with a bad `/regex/`.
        """
        expect, since = attempt.step.expect, attempt.performed.started
        after = await witness.observe()
        if attempt.performed.trouble:
            return _troubled(attempt, after), after
        before = World(attempt.before, attempt.values, since, before=True)
        proofs = [_Proof(check, _before(check, before)) for check in expect]
        act = _Effect(attempt)
        watched: list[_Proof] = [act, *proofs] if effect(attempt, World(after, since=since)) is not None else proofs
        if not watched:
            return _unproved(attempt, after), after
        deadline = max(deadline, since + max(map(patience, expect), default=0.0))
        values = _values(attempt)
        after = await _follow(watched, World(after, values, since), witness, deadline, _awaits_dialog(attempt))
        if proofs and all(proof.status == "verified" for proof in proofs) and act.finding.holds is None:
            watched = proofs  # what the verb did cannot be read any more, but what it was for is proved
        return _verdict(watched, attempt.before, after, since), after

    async def judge_done(
        self,
        checks: tuple[Check, ...],
        values: Values,
        since: float,
        witness: Witness,
        deadline: float,
        first: Observation | None = None,
    ) -> tuple[Verdict, Observation]:
        """Whether `checks` hold on a surface at rest: in two looks in a row. Exchanges count from `since`. With `first`, a look
        from when nothing was done yet, they must have become true since."""
        after = await witness.observe()
        if not checks:
            return Verdict(status="unknown", reason="the plan has no done checks"), after
        before = World(first, values, since, before=True) if first else None
        proofs = [_Proof(check, _before(check, before) if before else None, steady=_STEADY_DONE) for check in checks]
        after = await _follow(proofs, World(after, values, since), witness, deadline, any(map(_is_about_dialog, checks)))
        return _verdict(proofs, None, after, since), after


class _Proof:
    """One thing that must hold, followed from look to look. `before` True: it held already, so it proves nothing."""

    def __init__(self, check: Check | None, before: bool | None, steady: float = 0.0) -> None:
        self.check = check
        self.before = before
        self.finding = Finding(None, "not looked at")
        self._steady = max(steady, steadiness(check) if check else 0.0)
        self._held: float | None = None
        self._hopeless: float | None = None
        self._now = 0.0

    def read(self, world: World) -> Finding:
        assert self.check
        return evaluate(self.check, world)

    def look(self, world: World, now: float) -> None:
        self.finding, self._now = self.read(world), now
        if not self.finding.holds:
            self._held = None
        elif self._held is None:
            self._held = min(now, self.finding.since or now)
        if self.finding.holds or self.finding.hopeless is None:
            self._hopeless = None
        elif self._hopeless is None:
            self._hopeless = now

    @property
    def label(self) -> str:
        return check_text(self.check) if self.check else ""

    @property
    def hidden(self) -> bool:
        """It does not hold, and may only not show: what stands in an editable region itself is in a deep look alone."""
        return self.finding.holds is False and any(map(_is_about_text_field, leaves(self.check) if self.check else ()))

    @property
    def steady(self) -> bool:
        """It holds, and has for long enough."""
        return self._held is not None and (not self._steady or self._now - self._held >= self._steady)

    @property
    def missing(self) -> float:
        """Seconds it must still hold to be steady."""
        return self._steady - (self._now - self._held) if self._held is not None and not self.steady else 0.0

    @property
    def given_up(self) -> bool:
        """It does not hold and will not any more."""
        return self._hopeless is not None and self._now - self._hopeless >= (self.finding.hopeless or 0.0)

    @property
    def status(self) -> Status:
        if self.finding.holds is False:
            return "refuted"
        return "verified" if self.steady and not self.before else "unknown"

    def evidence(self) -> Evidence:
        saw = self.finding.saw
        if self.finding.holds and self.before:
            saw = f"already there before the action, so it proves nothing: {saw}"
        elif self.finding.holds and not self.steady:
            saw = f"it did not stay so long enough to be sure: {saw}"
        return Evidence(check=self.label, status=self.status, saw=saw, source=self.finding.source, before=self.before)


class _Effect(_Proof):
    """What the verb itself must have done."""

    def __init__(self, attempt: Attempt) -> None:
        action = attempt.step.action
        super().__init__(None, None, steady=steadiness(action.check) if isinstance(action, WaitFor) else 0.0)
        self._attempt = attempt

    def read(self, world: World) -> Finding:
        return effect(self._attempt, world) or self.finding

    @property
    def label(self) -> str:
        return describe(self._attempt.step.action)

    @property
    def hidden(self) -> bool:
        return self.finding.holds is False and self._attempt.step.action.verb in ("fill", "type")


async def _follow(proofs: list[_Proof], world: World, witness: Witness, deadline: float, dialog_meant: bool) -> Observation:
    """Looks again and again until everything is decided, one thing is refuted for good, a dialog bars the view, or time is up."""
    seen, deep = world.seen, False
    while True:
        now = monotonic()
        for proof in proofs:
            proof.look(World(seen, world.values, world.since, held=world.held), now)
        if not deep and not seen.dialog and any(proof.hidden for proof in proofs):
            deep, seen = True, await witness.observe(deep=True)
            continue
        if all(proof.steady or proof.given_up for proof in proofs) or any(p.given_up and p.status == "refuted" for p in proofs):
            return seen
        if now >= deadline or (seen.dialog and not dialog_meant):
            return seen
        waits = [proof.missing for proof in proofs if proof.missing] if all(proof.finding.holds for proof in proofs) else []
        await witness.changed(min(max(waits, default=_PAUSE), deadline - now))
        seen = await witness.observe(deep=deep)


def _before(check: Check, world: World) -> bool | None:
    """Whether the check held already, so that holding now proves nothing; None when that does not matter (`holds`, also inside)."""
    match check:
        case HoldsCheck():
            return None
        case AnyCheck() | AllCheck():
            parts = [_before(part, world) for part in check.checks]
            told = [part for part in parts if part is not None]
            if isinstance(check, AnyCheck):
                return True if True in told else None if None in parts else False
            return all(told) if told else None
        case WithinCheck() | BecameCheck():
            return _before(check.check, world)
        case _:
            return evaluate(check, world).holds


def _values(attempt: Attempt) -> Values:
    into = getattr(attempt.step.action, "into", None)
    return attempt.values if into is None else {**attempt.values, into: attempt.performed.value}


def _is_about_text_field(check: Check) -> bool:
    return isinstance(check, ElementCheck) and check.text is not None and check.target.role == "textbox"


def _is_about_dialog(check: Check) -> bool:
    return any(isinstance(leaf, DialogCheck) for leaf in leaves(check))


def _awaits_dialog(attempt: Attempt) -> bool:
    """Whether an open dialog is part of the step, not something in its way."""
    action = attempt.step.action
    checks = (*attempt.step.expect, *([action.check] if isinstance(action, WaitFor) else ()))
    return any(map(_is_about_dialog, checks)) or action.verb == "answer dialog"


def _troubled(attempt: Attempt, after: Observation) -> Verdict:
    trouble, delivery = attempt.performed.trouble, attempt.performed.delivery
    assert trouble
    status: Status = "unknown" if delivery == "uncertain" else "refuted"
    evidence = Evidence(check=describe(attempt.step.action), status=status, saw=trouble.detail, source="surface")
    sent = _uncertain(after, attempt.performed.started)
    if sent or delivery == "uncertain":
        reason = f"{sent or 'delivery uncertain: the input may have left'}. {trouble.detail}"
        return Verdict(status="unknown", reason=reason, evidence=(evidence, *_dialog_evidence(after)))
    return Verdict(status=status, reason=trouble.detail, evidence=(evidence, *_dialog_evidence(after)))


def _unproved(attempt: Attempt, after: Observation) -> Verdict:
    """A verb that proves nothing by itself, with nothing expected of it: what changed is said, and is no proof."""
    changes = differences(attempt.before, after, attempt.performed.started)
    saw = "; ".join(changes) or "nothing changed"
    evidence = Evidence(check=describe(attempt.step.action), status="unknown", saw=saw)
    reason = f"nothing was expected of this step, so nothing proves it: {saw}"
    if sent := _uncertain(after, attempt.performed.started):
        reason = f"{sent}. {reason}"
    return Verdict(status="unknown", reason=reason, evidence=(evidence, *_dialog_evidence(after, attempt.step.answers)))


def _verdict(proofs: list[_Proof], before: Observation | None, after: Observation, since: float) -> Verdict:
    evidence = [proof.evidence() for proof in proofs]
    for status in ("refuted", "unknown"):
        failing = next((n for n, one in enumerate(evidence) if one.status == status), None)
        if failing is not None:
            break
    else:
        first = evidence[-1]
        return Verdict(status="verified", reason=f"{first.check}: {first.saw}", evidence=tuple(evidence))
    if after.dialog:
        evidence += _dialog_evidence(after)
        if proofs[failing].finding.source != "dialog":
            reason = f'the page asks ({after.dialog.kind}): "{after.dialog.text}"; nothing can be read until it is answered'
            return Verdict(status="unknown", reason=reason, evidence=tuple(evidence))
    reason = _reason(proofs[failing], evidence[failing], before, after)
    if sent := _uncertain(after, since):
        status, reason = "unknown", f"{sent}. {reason}"
    return Verdict(status=status, reason=reason, evidence=tuple(evidence))


def _reason(proof: _Proof, evidence: Evidence, before: Observation | None, after: Observation) -> str:
    parts = [f"{evidence.check}: {evidence.saw}"]
    if not proof.finding.holds and proof.check and (near := nearest(proof.check, after)):
        parts.append(f"nearest is {near}")
    if before is not None and (lines := news(before, after)):
        parts.append("the page now says: " + ", ".join(f'"{line}"' for line in lines))
    return "; ".join(parts)


def _uncertain(after: Observation, since: float) -> str:
    """The warning that something may have happened although nothing shows it; "" when there is no cause for it."""
    pending = unanswered_writes(after.exchanges, since)
    if not pending:
        return ""
    one = pending[0]
    waited = (after.at if one.ended is None else one.ended) - one.started
    what = f"no answer came within {max(waited, 0.0):.0f} s" if one.ended is None else answer(one)
    return f"delivery uncertain: {one.method} {path_of(one.url)} was sent and {what}; look whether it happened before trying again"


def _dialog_evidence(after: Observation, expected: bool = False) -> list[Evidence]:
    if after.dialog is None or expected:
        return []
    saw = f'{after.dialog.kind}: "{after.dialog.text}"'
    return [Evidence(check="no dialog in the way", status="unknown", saw=saw, source="dialog")]
