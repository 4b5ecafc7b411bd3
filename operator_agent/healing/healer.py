"""The healer: is what a locator finds still what was meant, and where is it when the locator finds nothing?

An element is taken for the recorded one only when all of this is so: it can do what the verb needs; it was not on the page already
as something else; it says the same (`meaning.same`), or leads to the same address, or asks for the same; it stands where the other
stood by several independent signs; nothing else on the page could be meant; and, for a click, the step expects something that will
show whether it was the right one. What only stands in the place is shown to a person, never clicked unasked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from operator_agent.flow.action import Action
from operator_agent.flow.check import Check, HoldsCheck
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.grant import FREE, Risk
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Step
from operator_agent.flow.record import Healed
from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.fingerprint import address, beside, fingerprint, known_by, label_of, options, order, unit_of
from operator_agent.grounding.fit import CHECKS, CHOOSERS
from operator_agent.grounding.naming import describe, distinct, pointer
from operator_agent.grounding.page import Page
from operator_agent.healing.meaning import differ, same
from operator_agent.healing.place import Place, compare, crowded, same_unit
from operator_agent.healing.prints import Print, Prints
from operator_agent.healing.unneeded import unneeded
from operator_agent.matching import folded
from operator_agent.policy.risk import highest, of_name
from operator_agent.roles import Grounded, Settled

_POINTS = frozenset({"click", "double click", "right click", "download"})
_FILLS = frozenset({"fill", "type", "select", "check", "uncheck", "upload", "press"})
_PRESSED = frozenset({"button", "link", "menuitem", "tab"})
_TEXT = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
_ALIKE = (_PRESSED, _TEXT, CHECKS, CHOOSERS)
"""Roles of one family: a button may have become a link."""
_SAME = 2
"""Signs of place that one of the same name needs, one more when the act is risky: a decoy may stand under the same heading."""
_STANDS = 3
"""Signs of place that one with another name needs."""
_ALONE = 4
"""Signs of place without which not even a person is asked about one that is called otherwise."""


class _Candidate(NamedTuple):
    at: int
    place: Place
    like: str
    """Why it could be the one, apart from its place; "" when nothing says so."""


class Healer:
    """`roles.Healer` for one replay of what `prints` were taken of."""

    def __init__(self, prints: Prints) -> None:
        self._prints = prints.acts
        self._next = 0
        self._last: tuple[Step, Print | None] | None = None

    def settle(self, step: Step, found: Grounded | Trouble, seen: Observation) -> Settled:
        """As found when nothing is known of the step or all agrees; else see the module."""
        known = self._known(step)
        if known is None or step.action.verb not in _POINTS | _FILLS:
            return Settled(step, found)
        page = Page(seen)
        if isinstance(found, Grounded):
            return _confirmed(step, found, known, page)
        if found.kind != "absent" or step.optional:
            return Settled(step, found)
        if (already := unneeded(step, known.known, seen)) is not None:
            detail = f"{found.detail}; it is not needed: {already}"
            return Settled(step.model_copy(update={"optional": True}), found.model_copy(update={"detail": detail}))
        return _found_again(step, found, known, page)

    def _known(self, step: Step) -> Print | None:
        """The print of this step: the next one with its verb and target in the order they were taken."""
        if self._last and self._last[0] is step:
            return self._last[1]
        target = getattr(step.action, "target", None)
        places = [i for i, one in enumerate(self._prints) if (one.verb, one.target) == (step.action.verb, target)]
        at = next((i for i in places if i >= self._next), None)
        self._next = self._next if at is None else at + 1
        known = self._prints[at if at is not None else places[-1]] if places else None
        self._last = (step, known)
        return known


def _confirmed(step: Step, found: Grounded, print_: Print, page: Page) -> Settled:
    """What the locator finds, when it is what was meant; a decoy of the same name is not."""
    known, target = print_.known, print_.target
    index = next((i for i, element in enumerate(page.elements) if element is found.elements.get("target")), None)
    if index is None or target.nth < 0 or is_regex(target.name) or not (target.name or target.words):
        return Settled(step, found)  # "the last", "the one with the focus": the script says it by something else than a name
    counted = target.nth > 0 and crowded(known)
    if folded(label_of(index, page)) != folded(known.name):
        if not target.words:
            return Settled(step, found)
        detail = f"{_was(known)} is not on the page any more; {target} now means {describe(index, page)}"
        return _found_again(step, Trouble(kind="absent", detail=detail), print_, page)
    place = compare(known, index, page)
    if counted and not place.unit:
        moved = f"{target} is another one now: it was the one {_where(known)}"
        return _found_again(step, Trouble(kind="ambiguous", detail=moved), print_, page)
    # Where its place is part of the locator, and holds, no more signs are needed.
    there = target.within is not None and not target.nth and _in_what_is_so_called(target.within, known, index, page)
    agrees = place.agrees + bool(known.url and address(page.elements[index].url, page) == known.url)
    agrees += bool(place.unit)  # the same name in the same form or dialog: it may have moved about in there
    risky = not _risks(step, known) <= FREE
    there = there or (agrees >= min(_SAME + risky, _signs(known)) and place.unit is not False)
    usurper = _usurper(known, index, place, risky, page)
    if there and usurper is None:
        return Settled(step, found)
    names = distinct([index] if usurper is None else [index, usurper], page)
    detail = f"{target} is on the page, but not where it was: it was {_where(known)}; it may be another one of that name"
    if usurper is not None:
        detail = f"{target} is on the page, but {names[1]} is new where it stood ({_where(known)}); which is meant cannot be told"
    return Settled(step, Trouble(kind="ambiguous", detail=detail, candidates=names))


def _in_what_is_so_called(within: Target, known: Fingerprint, index: int, page: Page) -> bool:
    """Whether it still stands in what the locator names. A row may be named by a part of what it shows: when "Latte" is gone from
    the list, that is "Iced latte"."""
    if known.kin < 2 or not any(same(title, within.name) for title in known.unit):
        return True
    return bool(same_unit(known.model_copy(update={"unit": (within.name,)}), index, page))


def _found_again(step: Step, trouble: Trouble, print_: Print, page: Page) -> Settled:
    """The one element that is beyond doubt the recorded one; else the trouble, with what stands in the place."""
    known = _named_by_locator(print_)
    there = [one for one in _candidates(step.action, known, page) if one.place.unit is not False]
    likely = [one for one in there if one.like]
    strangers = [one for one in there if not one.like and not _explained(known, one.at, page)]
    if len(likely) > 1:
        return Settled(step, _tie([one.at for one in likely], known, page))
    if likely:
        return _taken(step, trouble, likely[0], strangers, print_, page)
    standing = [one for one in strangers if one.place.agrees >= _ALONE]
    if len(strangers) == 1 and standing and _provable(step) and not differ(known.name, label_of(standing[0].at, page)):
        why = f"{describe(standing[0].at, page)} stands where {_was(known)} stood ({', '.join(standing[0].place.told)})"
        return _healed(step, trouble, standing[0], print_, page, why, unsure=True)
    return Settled(step, trouble)


def _taken(step: Step, trouble: Trouble, one: _Candidate, strangers: list[_Candidate], print_: Print, page: Page) -> Settled:
    known = print_.known
    renamed = not _named_alike(known, one.at, page)
    rivals = [other.at for other in strangers if other.place.agrees >= one.place.agrees]
    if renamed and rivals:
        return Settled(step, _tie([one.at, *rivals], known, page))
    if not _provable(step):
        detail = f"{trouble.detail}; {describe(one.at, page)} may be it, but the step expects nothing that would show it"
        return Settled(step, trouble.model_copy(update={"detail": detail}))
    must_be_there = crowded(known) or print_.target.within is not None
    if one.place.agrees < (_STANDS if renamed else _SAME) or (must_be_there and not one.place.unit):
        return Settled(step, trouble)
    why = f"{one.like}; {', '.join(one.place.told)}"
    return _healed(step, trouble, one, print_, page, why, unsure=False)


def _named_by_locator(print_: Print) -> Fingerprint:
    """The fingerprint; of a row that the locator names, that name is what it is known by."""
    known, within = print_.known, print_.target.within
    if within is None or known.kin < 2 or not any(same(title, within.name) for title in known.unit):
        return known
    return known.model_copy(update={"unit": (within.name,)})


def _healed(step: Step, trouble: Trouble, one: _Candidate, print_: Print, page: Page, why: str, *, unsure: bool) -> Settled:
    new = pointer(one.at, page)
    if new is None:
        return Settled(step, trouble)
    renamed = not _named_alike(print_.known, one.at, page)
    risk = highest(_risks(step, print_.known)) if renamed else step.risk
    update = {"action": step.action.model_copy(update={"target": new}), "intent": step.title, "risk": risk}
    element = page.elements[one.at]
    grounded = Grounded({"target": element}, f"healed: {why}", {"target": fingerprint(one.at, page)})
    record = Healed(step=0, old=print_.target, new=new, why=why, renamed=renamed, unsure=unsure)
    return Settled(step.model_copy(update=update), grounded, record)


def _candidates(action: Action, known: Fingerprint, page: Page) -> Iterable[_Candidate]:
    """Everything that could do what the verb needs and was not on the page already as something else."""
    for index in page.controls:
        element = page.elements[index]
        if element.role not in _family(known.role) and not (element.clickable and action.verb in _POINTS):
            continue
        place = compare(known, index, page)
        like = _like(known, index, place, page)
        if like != "same name" and _was_there(known, index, page):
            continue
        yield _Candidate(index, place, like)


def _like(known: Fingerprint, index: int, place: Place, page: Page) -> str:
    """What says that it is the same thing, apart from its place."""
    name, element = label_of(index, page), page.elements[index]
    if _named_alike(known, index, page):
        return "same name"
    if differ(known.name, name):
        return ""
    around = known.unit if place.unit else ()
    if same(known.name or known.label, name, around):
        return f"{name!r} says the same as {(known.name or known.label)!r}"
    if known.url and address(element.url, page) == known.url:
        return f"leads to {known.url} as before"
    if known.placeholder and folded(element.placeholder) == folded(known.placeholder):
        return f"asks for {known.placeholder!r} as before"
    if len(known.options) > 1 and options(index, page) == known.options:
        return "offers the same choices"
    return ""


def _was_there(known: Fingerprint, index: int, page: Page) -> bool:
    """Whether it was on the page when the recorded one was, under the name it has now."""
    name, role = folded(label_of(index, page)), page.elements[index].role
    return bool(name) and any(folded(other.name) == name and _family(other.role) == _family(role) for other in known.others)


def _explained(known: Fingerprint, index: int, page: Page) -> bool:
    """Whether it is another of the recorded controls, called otherwise now: the whole page speaks another language. What was called
    like this one explains nothing: it may as well be this one."""
    name, unit, family = label_of(index, page), unit_of(index, page), _family(page.elements[index].role)
    titles = known_by(unit, index, page) if unit is not None else ()
    others = [other.name for other in known.others if _family(other.role) == family]
    return any(same(other, name, titles) for other in others if not same(other, known.name, titles))


def _usurper(known: Fingerprint, index: int, place: Place, risky: bool, page: Page) -> int | None:
    """Something new that stands where the recorded one stood rather than this one: then which of them it is, neither name nor place
    can tell. Beside a risky one anything new that nobody knows is too much."""
    pushed = known.order[0] != order(index, unit_of(index, page), page)[0]
    for other in page.controls:
        if other == index or page.elements[other].role not in _family(known.role) or _was_there(known, other, page):
            continue
        there = compare(known, other, page)
        in_slot = pushed and known.order[0] == order(other, unit_of(other, page), page)[0]
        beside_it = in_slot and same(known.before, beside(other, page, -1))
        stands = there.agrees >= (_STANDS if beside_it else max(_STANDS, place.agrees + (not risky)))
        if there.unit is False or not stands or _explained(known, other, page):
            continue
        if beside_it or not differ(known.name, label_of(other, page)):
            return other
    return None


def _signs(known: Fingerprint) -> int:
    """How many signs of place there are of it at all."""
    return sum((bool(known.unit), bool(known.section), bool(known.before), bool(known.after), known.order[0] >= 0))


def _risks(step: Step, known: Fingerprint) -> set[Risk]:
    return {*of_name(known.name), *({step.risk} if step.risk else set())}


def _provable(step: Step) -> bool:
    """Whether the step would show that the wrong one was taken: a field shows itself what it holds."""
    return step.action.verb not in _POINTS or any(not _stands_still(check) for check in step.expect)


def _stands_still(check: Check) -> bool:
    return isinstance(check, HoldsCheck)


def _named_alike(known: Fingerprint, index: int, page: Page) -> bool:
    return bool(known.name) and folded(label_of(index, page)) == folded(known.name)


def _family(role: str) -> frozenset[str]:
    return next((roles for roles in _ALIKE if role in roles), frozenset({role}))


def _tie(indices: list[int], known: Fingerprint, page: Page) -> Trouble:
    names = distinct(sorted(indices), page)
    detail = f"{_was(known)} is not where it was, and {len(indices)} could be meant: {', '.join(names)}; say which"
    return Trouble(kind="ambiguous", detail=detail, candidates=names)


def _was(known: Fingerprint) -> str:
    return str(Target(role=known.role, name=known.name))


def _where(known: Fingerprint) -> str:
    signs = (
        known.unit and f"in {known.unit_role} {known.unit[0]!r}", known.section and f"under {known.section!r}",
        known.before and f"behind {known.before!r}",
    )  # fmt: skip
    return ", ".join(str(sign) for sign in signs if sign) or "elsewhere"
