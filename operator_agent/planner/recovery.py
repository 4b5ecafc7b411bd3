"""Clearing the way: a notice that covers an element is closed by what commits to the least, or not at all."""

from __future__ import annotations

from collections.abc import Iterable

from operator_agent.flow.action import Click, Scroll, Tick
from operator_agent.flow.check import ElementCheck
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Step
from operator_agent.flow.target import ROLES, Target, is_regex
from operator_agent.grounding.fit import FIELDS, INTERACTIVE
from operator_agent.grounding.lexicon import Words, split
from operator_agent.grounding.naming import describe, pointer
from operator_agent.grounding.page import Page
from operator_agent.matching import folded, matches
from operator_agent.planner.grammar import verbs

_LONGEST = 7  # words; a longer label says more than that something closes
_READABLE = frozenset({"region", "article", "document", "group", "textbox"})
_DIALOGS = ("alertdialog", "dialog")
_FORM = 2  # fields; what has more is no notice but something to fill in


def recover(step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
    """One step that closes what covers the step's element, proved by the closing control being gone; empty when it is not clear
    what to press: nothing is ever accepted, bought or subscribed to on the way."""
    page = Page(observation)
    if trouble.kind == "disabled" and isinstance(step.action, Click | Tick):
        return _read_to_the_end(step.action.target, page)
    if trouble.kind != "covered":
        return ()
    cover = find_cover(trouble, page)
    control = None if cover is None else closing_control(cover, page)
    target = None if control is None else pointer(control, page)
    if cover is None or target is None:
        return ()
    intent = f"close {describe(cover, page)}, which covers what is needed"
    return (Step(action=Click(target=target), expect=(ElementCheck(target=target, count=0),), intent=intent),)


def _read_to_the_end(target: Target, page: Page) -> tuple[Step, ...]:
    """What can be agreed to only when it was read: the region that it names is scrolled to its end, "Terms" for "Accept terms"."""
    words = set(split(folded(target.name or target.words)))
    named = [i for i, e in enumerate(page.elements) if e.role in _READABLE and e.name]
    regions = [i for i in named if words & set(split(page.labels[i]))]
    place = pointer(regions[0], page) if len(regions) == 1 else None
    intent = f"read {describe(regions[0], page)} to its end" if place else ""
    return (Step(action=Scroll(direction="bottom", target=place), intent=intent),) if place else ()


def find_cover(trouble: Trouble, page: Page) -> int | None:
    """The element that the trouble says covers another; None when it cannot be told."""
    said = trouble.detail.rpartition("covered by ")[2].strip()
    for name in (said, *trouble.candidates):
        found = _named(name, page)
        if found is not None:
            return found
    open_ = [i for i, element in enumerate(page.elements) if element.role in _DIALOGS]
    return open_[0] if len(open_) == 1 else None


def closing_control(cover: int, page: Page) -> int | None:
    """What closes the notice with the least commitment: reject before later before close; None when there is none, when two
    are equal, or when it is a form somebody may be filling in."""
    fields = [i for i in page.below(cover) if page.elements[i].role in FIELDS]
    if len(fields) > _FORM or any(page.elements[i].value for i in fields):
        return None
    inside = [i for i in page.below(cover) if _pressable(i, page)]
    for kind in ("rejects", "later", "closes"):
        if found := page.one_each(i for i in inside if _says(kind, page.labels[i])):
            return found[0] if len(found) == 1 else None
    return None


def _pressable(index: int, page: Page) -> bool:
    element = page.elements[index]
    if element.role in INTERACTIVE - {"button", "link"} or not element.ref or "disabled" in element.states:
        return False
    return element.clickable or element.role in ("button", "link")


def _says(kind: str, label: str) -> bool:
    words, closing = split(label), verbs().closing
    said = next((expression for expression in sorted(closing[kind], key=len, reverse=True) if _run(expression, words)), None)
    if said is None or len(words) > _LONGEST:
        return False
    rest = _without(said, words)
    return not any(_run(expression, rest) for expression in closing["commits"])


def _run(expression: Words, words: Words) -> bool:
    return bool(expression) and any(words[i : i + len(expression)] == expression for i in range(len(words)))


def _without(expression: Words, words: Words) -> Words:
    at = next(i for i in range(len(words)) if words[i : i + len(expression)] == expression)
    return words[:at] + words[at + len(expression) :]


def _named(name: str, page: Page) -> int | None:
    """The element called `dialog "Cookies"`, or `div "We use cookies…"` when the surface could only give its text."""
    tag, _, quoted = name.partition(" ")
    target = Target.parse(name if tag in ROLES else quoted)
    if target.words or not (target.role or target.name) or is_regex(target.name):
        return None
    found = matches(target, page.observation)
    if len(found) == 1 and _holds_control(found[0], page):
        return found[0]
    return _showing(target, page) if target.name else None


def _showing(target: Target, page: Page) -> int | None:
    """The smallest element of the role that shows the text and has something to press."""
    start = folded(target.name).rstrip("…. ")
    holders = [i for i in range(len(page.elements)) if _holds_control(i, page) and target.role in ("", page.elements[i].role)]
    showing = [i for i in holders if start and start in folded(f"{page.elements[i].name} {page.observation.text_of(i)}")]
    return max(showing, key=lambda i: page.elements[i].depth) if len(_chain(showing, page)) == 1 else None


def _chain(indices: list[int], page: Page) -> list[int]:
    """Those that hold no other of them."""
    return [i for i in indices if not any(page.holds(i, other) for other in indices)]


def _holds_control(index: int, page: Page) -> bool:
    return any(_pressable(i, page) for i in _within(index, page))


def _within(index: int, page: Page) -> Iterable[int]:
    return page.below(index)
