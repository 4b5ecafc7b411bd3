"""What may be done: decided on the resolved target, from the grant, never because a page says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from operator_agent.errors import UsageError
from operator_agent.flow.action import Action, Fill, GoTo, Type, Upload
from operator_agent.flow.constraint import Constraint
from operator_agent.flow.grant import FREE, Grant, Risk
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.origin import Origin, OriginPattern, allowed
from operator_agent.flow.plan import Step
from operator_agent.policy.risk import above, highest, of_act, of_speech, place, says_total
from operator_agent.roles import Decision
from operator_agent.written import amounts, normal, tokens

_HANDLE = re.compile(r"\{secret:([^{}]+)\}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_FOLLOWS = frozenset({"click", "double click", "press", "download"})
_AMOUNT_LINE = 80
"""Characters up to which a line around an amount is quoted whole."""


class Policy:
    """`roles.Policy` of one run. Pure but for resolving upload paths, and for what earlier pages have shown of the person's limits;
    what cannot be told is never a reason to allow."""

    def __init__(self) -> None:
        self._known: frozenset[Constraint] = frozenset()

    def decide(self, step: Step, elements: Mapping[str, Element], observation: Observation, grant: Grant) -> Decision:
        """Allow, ask or deny one act on its resolved elements.

        An unattended run gets `ask` as well: whoever asks finds nobody, and the act does not happen.
        """
        risks = of_act(step.action, elements, observation) | ({step.risk} if step.risk else set())
        risk = highest(risks)
        effect = _effect(step, elements.get("target"), observation, risk) if risk not in FREE else ""
        barred = (*_barred(step.action, elements, observation, grant), *self._beyond(step, elements, observation, grant))
        if barred:
            return Decision("deny", risk, barred, effect)
        return _by_approval(risks, grant, effect)

    def _beyond(self, step: Step, elements: Mapping[str, Element], observation: Observation, grant: Grant) -> tuple[str, ...]:
        """Why the act would break a limit the person stated."""
        if not grant.constraints:
            return ()
        from operator_agent.policy.bounds import broken, shown

        reasons = broken(grant.constraints, step, elements, observation, self._known)
        self._known = shown(grant.constraints, step, elements, observation, self._known)
        return reasons

    def _beyond_in_dialog(self, observation: Observation, grant: Grant) -> tuple[str, ...]:
        if not grant.constraints:
            return ()
        from operator_agent.policy.bounds import broken_by_dialog

        return broken_by_dialog(grant.constraints, observation)

    def decide_dialog(self, approved: Decision, observation: Observation, grant: Grant) -> Decision:
        """Whether the open dialog may be accepted as part of the act that was just approved."""
        dialog = observation.dialog
        if dialog is None:
            return Decision("deny", approved.risk, ("no dialog is open",))
        if dialog.kind == "alert":
            return Decision("allow", "read", ("an alert only tells",), approved.effect)
        if dialog.kind == "beforeunload" and approved.risk == "read" and approved.decision != "deny":
            return Decision("allow", "read", ("leaving the page is what was asked for",), approved.effect)
        spoken = of_speech(dialog.text) - FREE
        risk = highest(spoken | {approved.risk})
        if beyond := self._beyond_in_dialog(observation, grant):
            return Decision("deny", risk, beyond, dialog.text)
        doubts = _doubts(approved, dialog.text, spoken, grant)
        if not doubts:
            return Decision("allow", risk, (f"it confirms what was approved: {approved.risk}",), approved.effect)
        if grant.unattended:
            return Decision("deny", risk, (*doubts, "nobody is there to ask"), dialog.text)
        return Decision("ask", risk, doubts, dialog.text)


def _by_approval(risks: Iterable[Risk], grant: Grant, effect: str) -> Decision:
    """What is neither free nor approved beforehand is asked for; each class by itself, the highest is reported."""
    risk = highest(risks)
    open_ = sorted(set(risks) - FREE - grant.approved)
    if not open_:
        why = "needs no approval" if risk in FREE else "was approved beforehand"
        return Decision("allow", risk, (f"{risk} {why}",), effect)
    reasons = tuple(f"{one} needs approval" for one in open_)
    return Decision("ask", risk, (*reasons, *(("nobody is there to give it",) if grant.unattended else ())), effect)


def _barred(action: Action, elements: Mapping[str, Element], observation: Observation, grant: Grant) -> tuple[str, ...]:
    """Why the act is out of bounds whoever approves it; empty when it is not."""
    reasons = [
        *_bad_address(action, observation, grant),
        *_bad_frame(elements, grant),
        *_bad_secret(action, elements, observation, grant),
    ]
    if isinstance(action, Upload) and grant.files:
        reasons += [
            f"{file} is outside the folders uploads may come from" for file in action.files if not _is_within(file, grant.files)
        ]
    if isinstance(action, GoTo):
        return tuple(reasons)
    return (*reasons, *_bad_link(action, elements, observation, grant))


def _bad_address(action: Action, observation: Observation, grant: Grant) -> list[str]:
    return _outside(urljoin(observation.url, action.url), grant) if isinstance(action, GoTo) else []


def _bad_link(action: Action, elements: Mapping[str, Element], observation: Observation, grant: Grant) -> list[str]:
    """The addresses a click may lead to: of the element, and of a link it is part of."""
    element = elements.get("target")
    if element is None or action.verb not in _FOLLOWS:
        return []
    index = place(element, observation)
    urls = {
        element.url,
        *(observation.elements[i].url for i in above(index, observation) if observation.elements[i].role == "link"),
    }
    reasons: list[str] = []
    for url in sorted(urls - {""}):
        scheme = url.partition(":")[0].lower()
        # The page's own script: where it leads is seen when it leads there. A file the page itself has made comes from nowhere.
        if scheme == "javascript" or (scheme in ("blob", "data") and action.verb == "download"):
            continue
        # What is kept in the browser belongs to the origin that made it.
        reasons += _outside(urljoin(observation.url, url[5:] if scheme == "blob" else url), grant)
    return reasons


def _bad_frame(elements: Mapping[str, Element], grant: Grant) -> list[str]:
    frames = {element.frame for element in elements.values() if element.frame and _origin(element.frame)}
    return [reason for frame in sorted(frames) for reason in _outside(frame, grant)]


def _outside(url: str, grant: Grant) -> list[str]:
    if allowed(url, _patterns(grant)):
        return []
    origin = _origin(url)
    if origin is None:
        return [f"{urlsplit(url).scheme or 'no'}: addresses are not opened, only http, https and about:blank"]
    return [f"{origin} is not among the allowed origins; allow it with --allow {origin}"]


def _patterns(grant: Grant) -> list[OriginPattern]:
    return [OriginPattern.parse(text) for text in grant.origins]


def _origin(url: str) -> Origin | None:
    try:
        return Origin.parse(url)
    except UsageError:
        return None


def _bad_secret(action: Action, elements: Mapping[str, Element], observation: Observation, grant: Grant) -> list[str]:
    names = _HANDLE.findall(action.model_dump_json())
    if not names:
        return []
    if not isinstance(action, Fill | Type) or not (element := elements.get("target")):
        return [f"a secret may only be filled into a field, not used in {action.verb}"]
    seen_at = _origin(element.frame or observation.url)
    bound = {secret.name: _origin(secret.origin) for secret in grant.secrets}
    reasons = []
    for name in names:
        if name not in bound:
            reasons.append(f"no secret is called {name}")
        elif seen_at is None or bound[name] != seen_at:
            reasons.append(f"the secret {name} is for {bound[name]}, this field is on {seen_at or 'no web origin'}")
    return reasons


def _is_within(file: str, folders: Iterable[str]) -> bool:
    path = Path(file).expanduser().resolve()
    return any(path.is_relative_to(Path(folder).expanduser().resolve()) for folder in folders)


def _effect(step: Step, element: Element | None, observation: Observation, risk: Risk) -> str:
    """What will happen, in one line read from the page: the control, and the amounts or the recipient next to it."""
    parts = [(element.name or step.title) if element else step.title]
    index = place(element, observation)
    for container in above(index, observation):
        lines = _amount_lines(container, observation)
        if risk == "send" and (emails := _EMAIL.findall(_all_text(container, observation))):
            lines = [f"to {', '.join(dict.fromkeys(emails))}", *lines]
        lines = [line for line in lines if normal(line) not in normal(parts[0])]
        if lines:
            return " · ".join([*parts, *lines])
    return parts[0]


def _amount_lines(container: int, observation: Observation) -> list[str]:
    """What the container says with amounts in it: the totals when it names any, else up to three lines."""
    lines: dict[str, None] = {}
    for index in observation.subtree(container):
        element = observation.elements[index]
        text = " ".join((element.value or element.name).split())
        if amounts(text) and len(text) <= _AMOUNT_LINE:
            lines[_with_label(text, index, observation)] = None
    found = list(lines)
    totals = [line for line in found if says_total(line)]
    return _without_parts(totals or found)[:3]


def _with_label(text: str, index: int, observation: Observation) -> str:
    """A bare amount with what stands next to it: the text of what it is in."""
    if any(token.kind == "word" for token in tokens(text)):
        return text
    parent = observation.elements[index].parent
    around = " ".join((observation.text_of(parent) if parent >= 0 else "").split())
    return around if len(text) < len(around) <= _AMOUNT_LINE else text


def _without_parts(lines: list[str]) -> list[str]:
    return [line for line in lines if not any(line != other and normal(line) in normal(other) for other in lines)]


def _all_text(container: int, observation: Observation) -> str:
    return f"{observation.elements[container].name} {observation.text_of(container)}"


def _doubts(approved: Decision, text: str, spoken: set[Risk], grant: Grant) -> tuple[str, ...]:
    """Why accepting the dialog would be more than what was approved."""
    doubts = []
    if approved.decision == "deny" or approved.risk in FREE:
        doubts.append(f"nothing was approved that a dialog could confirm ({approved.risk})")
    if beyond := sorted(spoken - {approved.risk} - grant.approved):
        doubts.append(f"it speaks of {', '.join(beyond)}, which was not approved")
    shown_amounts = amounts(approved.effect)
    new = [amount.text for amount in amounts(text) if not any(amount.agrees(other) for other in shown_amounts)]
    new += [email for email in _EMAIL.findall(text) if normal(email) not in normal(approved.effect)]
    if new:
        doubts.append(f"it names {', '.join(new)}, which was not shown before: {approved.effect or 'nothing was'}")
    return tuple(doubts)
