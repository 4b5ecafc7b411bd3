"""A step whose control is gone because what it was for is so already: a notice that does not come any more."""

from __future__ import annotations

from operator_agent.flow.check import Check, ElementCheck
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Step
from operator_agent.policy.risk import of_name
from operator_agent.verifier.checks import World, evaluate, leaves

_PLAIN = frozenset({"read", "edit"})


def unneeded(step: Step, known: Fingerprint, seen: Observation) -> str | None:
    """What already holds, when a click was only to make things go away and they are away; else None.

    Only that: a status that says "Saved" may be an old one, but a dialog that is not there need not be closed.
    """
    risks = {*of_name(known.name), *({step.risk} if step.risk else set())}
    if step.action.verb != "click" or not step.expect or not risks <= _PLAIN or not seen.complete:
        return None
    if not all(_is_absence(leaf) for check in step.expect for leaf in leaves(check)):
        return None
    findings = [evaluate(check, World(seen)) for check in step.expect]
    return "; ".join(finding.saw for finding in findings) if all(finding.holds for finding in findings) else None


def _is_absence(check: Check) -> bool:
    return isinstance(check, ElementCheck) and check.count == 0
