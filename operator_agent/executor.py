"""Action + observation → the one element each target means, or `absent`, or `ambiguous`. Pure: looks at nothing else."""

from __future__ import annotations

from operator_agent.errors import UsageError
from operator_agent.flow.action import Action, targets
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.target import Target, is_regex, quoted
from operator_agent.grounding.fingerprint import fingerprint
from operator_agent.grounding.fit import INERT, penalty
from operator_agent.grounding.naming import SHOWN, describe, distinct
from operator_agent.grounding.nearest import nearest
from operator_agent.grounding.page import Page
from operator_agent.matching import containers, matches
from operator_agent.roles import Grounded


class Executor:
    """Points at elements. Exact before near; two equals are ambiguous; a renamed element is absent, never guessed."""

    def __init__(self) -> None:
        self._page = Page(Observation(at=0.0))

    def ground(self, action: Action, observation: Observation) -> Grounded | Trouble:
        """The element of the observation for each target field the action has, and why it is that one."""
        if self._page.observation is not observation:
            self._page = Page(observation)  # an action and its recovery look at the same observation again
        elements, reasons, prints = {}, [], {}
        for field, target in targets(action).items():
            found = _resolve(target, action.verb, self._page)
            if isinstance(found, Trouble):
                return found
            index, why = found
            elements[field] = self._page.elements[index]
            prints[field] = fingerprint(index, self._page)
            reasons.append(why)
        return Grounded(elements, "; ".join(reasons), prints)


def _resolve(target: Target, verb: str, page: Page) -> tuple[int, str] | Trouble:
    """The index of the element that is meant, and why; never one without a handle."""
    try:
        found, why = _in_words(target.words, verb, page) if target.words else _exactly(target, verb, page)
    except UsageError as error:
        return Trouble(kind="absent", detail=str(error))
    if not found:
        return _absent(target, verb, page)
    if len(found) > 1:
        return _ambiguous(target, found, page)
    return _handle(found[0], why, page)


def _in_words(words: str, verb: str, page: Page) -> tuple[list[int], str]:
    from operator_agent.grounding import plain  # its word lists are for plain words; a structured target needs none

    return plain.find(words, verb, page)


def _exactly(target: Target, verb: str, page: Page) -> tuple[list[int], str]:
    found = page.one_each(matches(target, page.observation)) if not target.nth else _nth(target, page)
    if not target.role and len(found) > 1:
        costs = [penalty(verb, page.elements[i]) for i in found]
        found = [i for i, cost in zip(found, costs, strict=True) if cost == min(costs)]
        places = [i for i in found if page.elements[i].role not in ("heading", "text")] if verb == "drag" else []
        found = places if len(places) == 1 else found  # a list and its heading: the list
    if target == Target(name=target.name) and all(penalty(verb, page.elements[i]) >= INERT for i in found):
        # Only text is so called: then what it labels is meant ("Phone" beside a nameless field).
        labelled, why = _in_words(quoted(target.name), verb, page) if not is_regex(target.name) else ([], "")
        return (labelled, why) if labelled else (found, _how(target))
    return found, _how(target)


def _nth(target: Target, page: Page) -> list[int]:
    """The place counts things, so a link and the button inside it count once; of what has no name said, every element counts."""
    equals = matches(target.model_copy(update={"nth": 0}), page.observation)
    equals = page.one_each(equals) if target.name else equals
    place = target.nth if target.nth < 0 else target.nth - 1
    return [equals[place]] if -len(equals) <= place < len(equals) else []


def _how(target: Target) -> str:
    how = "pattern in the name" if is_regex(target.name) else "exact name" if target.name else f"the only {target.role}"
    if target.nth:
        how += ", by its place"
    return f"{how}, in {target.within}" if target.within else how


def _handle(index: int, why: str, page: Page) -> tuple[int, str] | Trouble:
    """`index`, or what stands for it when the surface gave it no handle of its own."""
    element = page.elements[index]
    if element.ref:
        return index, why
    around = next((i for i in page.ancestors(index) if page.elements[i].ref), None)
    if around is None:
        return Trouble(kind="unsupported", detail=f"{describe(index, page)} cannot be acted on by itself")
    if element.role == "option":
        detail = f'{element} is part of {describe(around, page)}; choose it there with select … option: "{element.name}"'
        return Trouble(kind="unsupported", detail=detail)
    if page.labels[around] == page.labels[index] or page.below(around) == range(index, index + 1):
        return around, f"{why}, through the {page.elements[around].role} around it"
    where = describe(around, page)
    return Trouble(kind="unsupported", detail=f"{describe(index, page)} is only text in {where}: nothing to act on by itself")


def _absent(target: Target, verb: str, page: Page) -> Trouble:
    if target.nth > 0 and (count := len(_equals(target, verb, page))):
        what = target.model_copy(update={"nth": 0}) if not target.words else target
        return Trouble(kind="absent", detail=f"there is no {target}: only {count} of {what}")
    if target.within and not containers(target.within, page.observation):
        near = nearest(target.within, page)
        return Trouble(kind="absent", detail=_sentence(f"there is no {target.within} to look in", near), candidates=near)
    near = nearest(target, page)
    return Trouble(kind="absent", detail=_sentence(f"there is no {target} on the page", near[:3]), candidates=near)


def _equals(target: Target, verb: str, page: Page) -> list[int]:
    return _exactly(target.model_copy(update={"nth": 0}), verb, page)[0] if not target.words else []


def _ambiguous(target: Target, found: list[int], page: Page) -> Trouble:
    names = distinct(found, page)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    detail = f"{target} means {len(found)} elements alike: {', '.join(names)}{more}; say which"
    return Trouble(kind="ambiguous", detail=detail, candidates=names)


def _sentence(fact: str, near: tuple[str, ...]) -> str:
    return f"{fact}; nearest: {', '.join(near)}" if near else f"{fact}, and nothing like it"
