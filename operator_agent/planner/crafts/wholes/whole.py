"""A request as a whole: every value in it goes where the page's controls say it belongs, page after page, and it is handed in.

"Sign Noor Haddad up for weaving: two places, first day 5 April 2027". Nothing is handed in before every word is accounted for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from operator_agent.flow.action import Action, Click, Fill, Select, Tick, Untick, Upload
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.dates import calendar_opener
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.account import Account, account, key_of
from operator_agent.planner.crafts.wholes.controls import around, buttons, content, groups, small
from operator_agent.planner.crafts.wholes.linking import Link
from operator_agent.planner.crafts.wholes.pieces import Piece, is_name, pieces, stem
from operator_agent.planner.crafts.wholes.saying import idle, same_words
from operator_agent.planner.grammar import Clause, Said, clauses
from operator_agent.written import tokens

_SURE = 100.0
_PAGES = 8
_MOST = 150  # pieces
_READ = 1200  # characters
_LONG = 5  # words of a name that is none, more likely
_CHOICE = re.compile(r"\w{3,}est|most|least|best|worst|\d+(?:st|nd|rd|th)|second|third|fourth|fifth|last|random")
"""Words that ask to choose among what a later page shows: that is for others."""
_NAMING = frozenset({"check", "uncheck", "choose", "set", "upload", "download", "drag"})


class Press(NamedTuple):
    """A button, the pieces that ask for it, and whether it only leads on."""

    button: int
    covered: frozenset[int]
    onward: bool = False
    asked: bool = False
    """The words themselves ask to go on, and for nothing behind it."""


class Whole:
    name = "whole"
    spans = True
    whole = True
    """Understands all of the words or nothing: words that nobody else understands may be for it."""

    def hears(self, words: str) -> bool:
        span = pieces(words) if len(words) <= _READ else ()
        if not 0 < len(span) <= _MOST or not _gives_something(span):
            return False
        found = clauses(words)
        return any(_doubtful(one) for one in found) and all(one.readings or _may_be_ours(one.words) for one in found)

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        if len(asked.words) > _READ:
            return None
        span, page, memory = memory_span(asked), asked.page, asked.memory
        state = state_of(memory, page, {"done": memory.get("known", frozenset()), "taken": frozenset(), "pages": 0})
        found = account(span, state["done"], state["taken"], page, memory.get("habits"))
        steps = tuple(Step(action=act) for link in found.links if (act := _action(link, page)))
        if len(steps) < len(found.links):
            memory.clear()
            return None
        press = _press(span, found, page, begun=bool(state["pages"]))
        tab = _tab(span, found, page) if not found.links and (press is None or not press.onward) else None
        press = tab or press
        explained = found.explained | (press.covered if press else frozenset())
        left = [i for i in range(len(span)) if i not in explained]
        begun = bool(state["pages"])
        if steps and not left and press is None and not _in_form([link.control.at for link in found.links], page):
            return Proposal(_SURE, steps, len(asked.words))
        if not begun and any(_CHOICE.fullmatch(span[i].text) or span[i].text in known("whole", "guards") for i in left):
            return self._stuck(span, left, begun, memory)
        if press is None or (left and not press.onward) or not (begun or steps or tab):
            return self._stuck(span, left, begun, memory)
        target = pointer(press.button, page)
        if target is None or state["pages"] >= _PAGES:
            return self._stuck(span, left, begun, memory)
        values = frozenset(i for i in explained if i in found.explained or i in press.covered)
        filled = state["taken"] | {key_of(link.control) for link in found.links}
        memory["next"] = {"done": values - idle(span), "taken": filled, "pages": state["pages"] + 1}
        steps = (*steps, Step(action=Click(target=target)))
        again = bool(left) or (press.onward and not press.asked)
        return Proposal(_SURE, steps, 0 if again else len(asked.words), again=again)

    def _stuck(self, span: Sequence[Piece], left: Sequence[int], begun: bool, memory: dict[str, Any]) -> Refusal | None:
        if not begun:
            memory.clear()
            return None
        words = ", ".join(f'"{span[i].said}"' for i in left[:5])
        return Refusal(reason=f"This page has nothing for {words}." if words else "This page has nothing to go on with.")


def memory_span(asked: Asked) -> tuple[Piece, ...]:
    """The pieces of the words, with what another craft made of them."""
    span: tuple[Piece, ...] = asked.memory.get("span") or pieces(asked.words)
    return span


def state_of(memory: dict[str, Any], page: Page, begin: dict[str, Any]) -> dict[str, Any]:
    """What was done on the pages before this one: asked twice with one look, it answers the same."""
    if memory.get("at") != page.observation.at:
        memory["state"] = memory.get("next") or begin
        memory["at"] = page.observation.at
    state: dict[str, Any] = memory["state"]
    return state


def _gives_something(span: Sequence[Piece]) -> bool:
    """Whether there is anything to fill in or to choose by."""
    states = {*known("whole", "on"), *known("whole", "off")}
    return any(one.is_value or one.text in states or one.text == ":" or is_name(one) for one in span)


def _may_be_ours(clause: str) -> bool:
    """Whether a clause that the grammar cannot read begins as a request does, or has a value or a list of names in it."""
    span = [one for one in pieces(clause) if one.kind != "mark"]
    verbs = {way[0] for group in groups("acts") for way in group} | {word.split()[0] for word in known("whole", "onward")}
    verbs |= {word for kind in ("gives", "carries", "on", "off") for word in known("whole", kind)}
    verbs |= {way[0] for group in groups("same") for way in group}
    pointing = {*known("whole", "leads"), *known("whole", "follows")} - {"it's"}
    first = {stem(span[0].text), span[0].text} if span else set()
    begins = bool(first & (verbs - pointing)) or (bool(first & small()) and (len(span) > 2 or not first & pointing))
    given = any(one.is_value or one.text in known("whole", "on") + known("whole", "off") for one in span)
    return begins or given or (len(span) > 1 and all(one.said[:1].isupper() for one in span))


def _doubtful(clause: Clause) -> bool:
    """Whether the grammar may have read it wrong: not at all, as "label: value", or as one name what is several things."""
    if not clause.readings or clause.readings[0].verb == "set":
        return True
    verb, slots = clause.readings[0].verb, [slot for slot in clause.readings[0].slots.values() if not slot.quoted]
    if any(_mixed(slot) for slot in slots):
        return True
    return verb in _NAMING and any((_joined(slot) and not clause.parts) or len(slot.span) > _LONG for slot in slots)


def _joined(slot: Said) -> bool:
    return any(token.text in (",", "and") for token in slot.span if token.kind != "quoted")


def _mixed(slot: Said) -> bool:
    return _joined(slot) and any(one.kind in ("quoted", "file", "date") for one in pieces(slot.text))


def _action(link: Link, page: Page) -> Action | None:
    control, value = link.control, link.value
    target = pointed(control.at, page)
    match control.kind:
        case "box":
            return Untick(target=target) if value.text == "off" else Tick(target=target)
        case "radios":
            return Tick(target=pointed(value.option, page))
        case "choice":
            element = page.elements[value.option]
            return Select(target=target, options=(element.name or element.value,))
        case "file":
            return Upload(target=target, files=tuple(value.text.split("\n")))
        case _:
            dated = [token.kind for token in tokens(value.text)] == ["date"]
            # A day that is chosen in a calendar is no text: the words are understood one by one.
            return None if dated and calendar_opener(control.at, page) else Fill(target=target, text=value.text)


def _press(span: Sequence[Piece], found: Account, page: Page, begun: bool) -> Press | None:
    """What to press next: what leads on while something is left, else what the words ask for, else what hands this form in."""
    used = [link.control.at for link in found.links]
    offered = [i for i in _in_form(used, page) if i not in used and not _words_in(i, page, "never")]
    asked = [one for i in offered if (one := asked_for(i, span, page))]
    asked.sort(key=lambda one: -len(one[1]))
    asked = asked or [one for i in offered if used and (one := _by_noun(i, span, page))]
    left = {i for i in range(len(span)) if i not in found.explained}
    entries = [entry for i in offered if (entry := _entry(i, span, left, page))]
    if len(entries) == 1 and not used:
        return entries[0]
    final = [Press(i, covered) for i, covered in asked if not _words_in(i, page, "onward")]
    if final and (len(final) == 1 or len(final[0].covered) > len(final[1].covered)) and left <= final[0].covered:
        return final[0]
    onward = [Press(i, frozenset(), True) for i in offered if _words_in(i, page, "onward")]
    if len(onward) == 1:
        covered = next((covered for i, covered in asked if i == onward[0].button), frozenset())
        return onward[0]._replace(covered=covered, asked=bool(covered) and left <= covered)
    last = [i for i in offered if "disabled" not in page.elements[i].states] or (offered if used else [])
    if len(last) == 1 and (used or begun) and not final:
        return Press(last[0], _verb_for(last[0], span, left, page))
    return None


def _tab(span: Sequence[Piece], found: Account, page: Page) -> Press | None:
    """A tab that is not shown and that the words name."""
    left = [i for i in range(len(span)) if i not in found.explained]
    shut = [i for i, e in enumerate(page.elements) if e.role == "tab" and "selected" not in e.states and e.ref]
    for index in shut:
        words = content(page.labels[index])
        for at in left:
            if size := same_words(span, at, words):
                return Press(index, frozenset(range(at, at + size)), True)
    return None


def _in_form(used: list[int], page: Page) -> list[int]:
    """The buttons of the form that the controls are in: of the innermost container that has any."""
    every = buttons(page)
    if not used:
        return [i for i in every if "disabled" not in page.elements[i].states]
    place = around(used, page)
    while place >= 0:
        inside = [i for i in every if page.holds(place, i)]
        if inside:
            return inside
        place = page.elements[place].parent
    return every


def _words_in(index: int, page: Page, kind: str) -> bool:
    label = f" {page.labels[index]} "
    return any(label.startswith(f" {word} ") for word in known("whole", kind))


def asked_for(index: int, span: Sequence[Piece], page: Page) -> tuple[int, frozenset[int]] | None:
    """The button and the pieces that say its label: its verb, maybe by another word for it, and what else of it is said."""
    words = content(page.labels[index])
    if not words:
        return None
    if quoted := [i for i, one in enumerate(span) if one.kind == "quoted" and one.text.casefold() == page.labels[index]]:
        return index, frozenset(quoted)
    verbs = [(words[:1], words[1:]), (words, ())] if len(words) > 1 else [(words, ())]
    for verb, rest in verbs:
        for way in (verb, *other_ways_of_acts(verb)):
            for at in range(len(span)):
                if size := _apart(span, at, way):
                    covered = set(size) | {i for i, one in enumerate(span) if one.kind == "word" and stem(one.text) in rest}
                    return index, frozenset(covered)
    return None


def _by_noun(index: int, span: Sequence[Piece], page: Page) -> tuple[int, frozenset[int]] | None:
    """The button by what it does it to, where the words only say that it is wanted: "I need it as CSV", "Export as CSV"."""
    rest = content(page.labels[index])[1:]
    said = {i for word in rest for i, one in enumerate(span) if one.kind == "word" and stem(one.text) == word}
    return (index, frozenset(said)) if rest and len(said) >= len(rest) else None


def other_ways_of_acts(verb: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {way for group in groups("acts") if verb in group for way in group}


def _apart(span: Sequence[Piece], at: int, way: tuple[str, ...]) -> tuple[int, ...]:
    """The pieces that say a verb; one of two words may have what it is done to between them: "sign Ada up"."""
    if size := same_words(span, at, way):
        return tuple(range(at, at + size))
    if len(way) == 2 and span[at].kind == "word" and stem(span[at].text) == way[0]:
        for end in range(at + 2, min(len(span), at + 7)):
            if span[end].kind == "mark":
                break
            if span[end].text == way[1]:
                return at, end
    return ()


def _verb_for(index: int, span: Sequence[Piece], left: set[int], page: Page) -> frozenset[int]:
    """Of the words that are left, the verb that the form's only button may stand for."""
    verbs = {way[0] for group in groups("acts") for way in group}
    said = {i for i in left if span[i].kind == "word" and stem(span[i].text) in verbs}
    return frozenset(said) if len(said) == 1 else frozenset()


def _entry(index: int, span: Sequence[Piece], left: set[int], page: Page) -> Press | None:
    """A button for one of several things that the words name: "Choose Captain"."""
    label = page.labels[index]
    verb = next((word for word in known("whole", "takes") if label.startswith(f"{word} ")), "")
    words = content(label.removeprefix(verb)) if verb else ()
    if not words or "disabled" in page.elements[index].states:
        return None
    for at in sorted(left):
        if size := same_words(span, at, words):
            return Press(index, frozenset(range(at, at + size)), True)
    return None


