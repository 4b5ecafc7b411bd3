"""Whether an act would break a limit the person stated: read from the page before the act, whatever a model plans.

When a limit is held: at an act with effect (send, pay, delete, publish, grant; also "Book" and its like), against what the page
shows around it; on the way there ("Checkout", "Add to basket"), against what already speaks against it; and when the bounded thing
itself is set: 5 into "Quantity", another day, another recipient.

Missing evidence never allows an act that cannot be undone: a price must be readable where something is paid or booked, so must
number, day and time unless an earlier page of the run showed them (`shown`), recipients where something is sent, and a condition
before any effect. A limit in one currency is not compared with a price in another. What is merely part of what to do
(`Constraint.firm` is False) is refused only for what the page shows otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from operator_agent.flow.action import AnswerDialog
from operator_agent.flow.constraint import Bounded, Constraint
from operator_agent.flow.grant import FREE
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.plan import Step
from operator_agent.policy.bounds.claims import condition, exclusion
from operator_agent.policy.bounds.count import count, more
from operator_agent.policy.bounds.finding import Finding
from operator_agent.policy.bounds.moment import moment
from operator_agent.policy.bounds.price import price
from operator_agent.policy.bounds.recipient import recipient
from operator_agent.policy.bounds.scene import Scene, begins

__all__ = ["broken", "broken_by_dialog", "shown"]

_READERS: Final[dict[Bounded, Callable[[Constraint, Scene], Finding]]] = {
    "price": price,
    "count": count,
    "date": moment,
    "time": moment,
    "recipient": recipient,
    "condition": condition,
    "exclusion": exclusion,
}
_REMEMBERED = frozenset({"count", "date", "time", "condition"})
"""What may be shown on one page and acted on from the next. Price and recipient are read where the act is."""
_DELIVERED = frozenset({"send", "publish", "grant"})


def broken(
    constraints: Iterable[Constraint],
    step: Step,
    elements: Mapping[str, Element],
    observation: Observation,
    known: frozenset[Constraint] = frozenset(),
) -> tuple[str, ...]:
    """Why this act would break a limit, one sentence each; empty when it breaks none.

    `known` are those an earlier page of the run has shown to hold: they need not be readable here, but nothing may speak against
    them. Pure.
    """
    scene = Scene.of(step, elements, observation)
    return tuple(reason for constraint in constraints if (reason := _reason(constraint, scene, constraint in known)))


def broken_by_dialog(constraints: Iterable[Constraint], observation: Observation) -> tuple[str, ...]:
    """Why accepting the open dialog would break a limit: the price it names. The act it belongs to was judged before."""
    scene = Scene.of(Step(action=AnswerDialog(answer="accept")), {}, observation)
    findings = [(one, price(one, scene)) for one in constraints if one.kind == "price"]
    return tuple(f'you said "{one.said}", and {found.why}' for one, found in findings if found.status == "broken")


def shown(
    constraints: Iterable[Constraint],
    step: Step,
    elements: Mapping[str, Element],
    observation: Observation,
    known: frozenset[Constraint] = frozenset(),
) -> frozenset[Constraint]:
    """Those of the constraints that are known to hold once this act was allowed: by this page, or by an earlier one of which this
    says nothing else. Choosing a thing, or one more of it, makes what was read of the ones before worthless."""
    scene = Scene.of(step, elements, observation)
    return frozenset(one for one in constraints if one.kind in _REMEMBERED and _is_known(one, scene, one in known))


def _is_known(constraint: Constraint, scene: Scene, before: bool) -> bool:
    chooses = scene.stage == "choose"
    if constraint.kind == "condition":
        if not (chooses or scene.stage in ("onward", "final")):
            return before
        found = condition(constraint, scene)
        return found.status == "holds" or (before and not chooses and found.status == "unread")
    if chooses or begins("more", scene.name) or scene.stage == "set":
        return False
    found = _READERS[constraint.kind](constraint, _as_read(scene))
    return found.status == "holds" or (before and found.status == "unread")


def _as_read(scene: Scene) -> Scene:
    """The same page, read as at the end: what its fields hold, not what this act would set."""
    plain = Scene(scene.action, scene.risks, scene.index, scene.observation)
    plain.__dict__["stage"] = "onward"
    return plain


def _reason(constraint: Constraint, scene: Scene, known: bool) -> str:
    found = _found(constraint, scene)
    if found.status == "broken" or (found.status == "unread" and not known and constraint.firm and _must_show(constraint, scene)):
        return f'you said "{constraint.said}", and {found.why}'
    return ""


def _found(constraint: Constraint, scene: Scene) -> Finding:
    read = _READERS[constraint.kind]
    if scene.stage == "final":
        return read(constraint, scene)
    if constraint.kind == "count" and (pressed := more(constraint, scene)).status == "broken":
        return pressed
    if scene.stage == "other" and constraint.kind not in ("date", "time"):
        return Finding("unread")
    if scene.stage == "set" and constraint.kind == "condition":
        return Finding("unread")
    if scene.stage == "choose" and constraint.kind in ("count", "recipient"):
        return Finding("unread")
    found = read(constraint, scene)
    # On the way, less than the least is not yet too little: more may come.
    growing = constraint.relation in ("at least", "above") and constraint.kind in ("price", "count") and scene.stage != "set"
    return Finding("unread") if growing else found


def _must_show(constraint: Constraint, scene: Scene) -> bool:
    """Whether an act of this stage and class needs the limit to be readable."""
    if scene.stage != "final":
        return False
    binds = "pay" in scene.risks or not scene.risks - FREE
    match constraint.kind:
        case "recipient":
            return bool(scene.risks & _DELIVERED) or begins("transfers", scene.name)
        case "condition":
            return True
        case _:
            return binds
