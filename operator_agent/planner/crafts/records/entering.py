"""Filling in by labels, and handing in: "give it the title Bread and the text …", "save it", "submit the changes"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from operator_agent.flow.action import Action, Click, Fill, Press, Tick
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import controls_in, handle
from operator_agent.planner.crafts.heard import Heard, heard, hears
from operator_agent.planner.crafts.records.forms import (
    Given,
    dialog,
    entered,
    field_for,
    fields,
    label_of,
    read,
    read_plainly,
    untitled,
    words,
)
from operator_agent.planner.crafts.records.reach import SURE, called, front, plain, proposal, state, things, unit_of
from operator_agent.planner.grammar import clauses

_STRONG = 9  # of the names of what hands in; the others may do something else beside a form
_LISTED = 100.0
_ONE = 93.0


class Enter:
    """Several fields by their labels in one breath; one field the grammar can fill by itself."""

    name = "enter"

    def hears(self, words: str) -> bool:
        return hears(words, "records", "enter") and not read_plainly(words)

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one = next(iter(heard(asked.words, "records", "enter")), None)
        found = read(asked.words, one.slots["rest"].span[0].start, asked.page) if one else None
        if not found or not found.given:
            return None
        steps: list[Step] = []
        for given in found.given:
            acts = entered(given, asked.page)
            if acts is None:
                return Refusal(reason=f'"{label_of(given.field, asked.page)}" cannot be "{given.text}" here.')
            steps += acts
        sure = _ONE if len(found.given) == 1 else _LISTED
        return Proposal(sure, tuple(steps), found.end)


class Run:
    """A query, a command, a script: written into the field for it, and run."""

    name = "run"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "run")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, one = asked.page, next(iter(heard(asked.words, "records", "run")), None)
        typed = [i for i in fields(page) if page.elements[i].role == "textbox"]
        running = saving(page, one.text("verb")) if one else None
        if one is None or running is None:
            return None
        so = [i for i in typed if folded(one.text("what")) in letters(label_of(i, page))]
        active = [i for i in typed if "active" in page.elements[i].states]
        field = next((found[0] for found in (so, active, typed) if len(found) == 1), None)
        target, press = handle(field, page) if field is not None else None, handle(running, page)
        if target is None or press is None:
            return None
        return proposal([Fill(target=target, text=one.text("quoted")), Click(target=press)], one.end, again=False)


class Login:
    """A name and a password into the fields for them, and in."""

    name = "login"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "login")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, one = asked.page, next(iter(heard(asked.words, "records", "login")), None)
        if one is None:
            return None
        fits = [next((i for i in fields(page) if label_of(i, page) in words(kind)), None) for kind in ("users", "passwords")]
        going = called(words("logins"), [i for i in front(page) if page.elements[i].role in ("button", "link")], page)
        user, password, press = (handle(i, page) if i is not None else None for i in (*fits, going))
        if user is None or password is None or press is None:
            return None
        steps: list[Action] = [
            Fill(target=user, text=one.text("user")),
            Fill(target=password, text=one.text("password")),
            Click(target=press),
        ]
        return proposal(steps, one.end, again=False)


class Ticks:
    """Entries of a list that have a box each: ticked, for what is done to them then."""

    name = "ticks"
    firm = True

    def hears(self, words: str) -> bool:
        return any(len(_listed(one)) > 1 for one in heard(words, "records", "tick"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in reversed(heard(asked.words, "records", "tick")):
            found = [(name, boxes_of(name, asked.page)) for name in _listed(one)]
            if found and all(len(boxes) == 1 for _, boxes in found):
                targets = [handle(boxes[0], asked.page) for _, boxes in found]
                asked.kept["ticked"] = [name for name, _ in found]
                steps = [Tick(target=target) for target in targets if target]
                return proposal(steps, one.end, again=False) if len(steps) == len(found) else None
        return None


def _listed(one: Heard) -> list[str]:
    return re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", one.text("things"))


def boxes_of(name: str, page: Page) -> list[int]:
    """The only box in the row of what is so called."""
    for thing in things(name, page):
        unit = unit_of(thing, page)
        boxes = [i for i in controls_in(unit, page) if page.elements[i].role == "checkbox"] if unit is not None else []
        if len(boxes) == 1:
            return boxes
    return []


class Save:
    """Hands in what was filled in; what the page then says is wrong with it is a refusal."""

    name = "save"

    def hears(self, words: str) -> bool:
        return hears(words, "records", "save")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one = next(iter(reversed([one for one in heard(asked.words, "records", "save") if _whole(one, asked.words)])), None)
        return handed_in(one.text("verb"), one.end, asked, with_text=_message(one)) if one else None


def _whole(one: Heard, source: str) -> bool:
    """Whether the request is all of its clause: "save" in "Save and close" is a part of a name."""
    rest = clauses(source)
    return bool(rest) and one.end >= rest[0].end - 1


def _message(one: Heard) -> str:
    return one.text("rest")


def handed_in(verb: str, end: int, asked: Asked, with_text: str = "", about: str = "") -> Proposal | Refusal | None:
    """Presses what hands in; looks again whether the page took it, or asks for more in a dialog."""
    page, memory = asked.page, asked.memory
    if "shown" in memory:
        return _after(verb, end, asked, with_text)
    found = saving(page, verb, about=about)
    target = handle(found, page) if found is not None else None
    if target is None:
        return None
    memory.update(shown=state(page), wrong=troubles(page), dialog=dialog(page) is not None)
    steps = [*_with_message(with_text, asked), Step(action=Click(target=target), intent=asked.words[:end])]
    return proposal(steps, end, again=True)


def _with_message(said: str, asked: Asked) -> list[Step]:
    """What is to go with it ("with the message …"), when the page has a field for it already."""
    if not said:
        return []
    at = asked.words.find(said)
    found = read(asked.words, max(at, 0), asked.page)
    if found.given:
        asked.memory["message"] = True
    return [step for given in found.given for step in entered(given, asked.page) or ()]


def _after(verb: str, end: int, asked: Asked, with_text: str) -> Proposal | Refusal | None:
    page, memory = asked.page, asked.memory
    if dialog(page) is not None and not memory["dialog"] and not memory.get("twice"):
        again = saving(page, verb)
        target = handle(again, page) if again is not None else None
        if target is not None:
            memory.update(twice=True, shown=state(page))
            return proposal([*_with_message(with_text, asked), Click(target=target)], end, again=True)
    if state(page) == memory["shown"]:
        return Refusal(reason=f'"{asked.words[:end]}": what was pressed for it changed nothing that shows.')
    new = troubles(page) - memory["wrong"]
    if new:
        return Refusal(reason=f'The page did not take it: "{min(new, key=len)[:200]}".')
    if with_text and not memory.get("message"):
        return Refusal(reason=f'There is no field for "{with_text}".')
    return Proposal(SURE, (), end)


def troubles(page: Page) -> frozenset[str]:
    """What the page says is wrong."""
    said = (e.value or e.name for e in page.elements if e.role not in ("textbox", "option", "link", "button"))
    return frozenset(text for text in said if text and len(text) < 300 and any(one in folded(text) for one in words("wrong")))


def saving(page: Page, verb: str = "", last: int | None = None, about: str = "") -> int | None:
    """The control that hands in: called by the verb that was said, else as such controls usually are; near the last field first.
    `about` is the kind of thing that is handed in: "Create link" hands in a link and nothing else."""
    controls = [i for i in front(page) if page.elements[i].role in ("button", "menuitem")]
    controls = [i for i in controls if not _other(plain(page.labels[i]), verb, about)]
    own = fields(page)
    if last is None and own:
        last = own[-1]
    scopes = [[i for i in controls if i in scope] for scope in _around(last, page)]
    for kinds in ((verb,) if verb else (), words("saves")[:_STRONG], words("saves")):
        for inside in scopes if kinds else ():
            if (found := _called_so(kinds, inside, page)) is not None:
                return found
    links = [i for i in front(page) if page.elements[i].role == "link"]
    return _called_so((verb,), links, page) if verb else None


def _other(label: str, verb: str, about: str) -> bool:
    """Whether it makes, by its name, a thing of another kind than the one that is handed in."""
    seen = letters(label)
    if len(seen) < 2 or seen[0] == verb or seen[0] not in words("makes"):
        return False
    return seen[1] not in (*letters(folded(about)), *words("goes_on"))


def _called_so(kinds: Sequence[str], controls: Sequence[int], page: Page) -> int | None:
    found = called(kinds, controls, page)
    if found is not None or len(kinds) > 1:
        return found
    return next((i for kind in kinds for i in controls if kind in letters(plain(page.labels[i]))), None)


def _around(index: int | None, page: Page) -> list[range]:
    """The elements below each of what is around a field, the nearest first; the whole page last."""
    chain = list(page.ancestors(index)) if index is not None else []
    return [*(page.below(i) for i in chain), range(len(page.elements))]


def follows(source: str, page: Page) -> bool:
    """Whether the next order goes on with the form that is open: a press, handing in, another of its fields."""
    if not source:
        return False
    if hears(source, "records", "save"):
        return True
    if (one := next(iter(heard(source, "records", "enter")), None)) and read(source, one.slots["rest"].span[0].start, page).given:
        return True
    found = clauses(source)
    verb = found[0].readings[0].verb if found and found[0].readings else ""
    if verb in ("click", "named", "submit", "press_key"):
        return True
    slot = found[0].readings[0].slots.get("target") if verb else None
    return slot is not None and field_for(folded(slot.text), page) is not None


def name_field(kind: str, page: Page, *others: str) -> int | None:
    """Where the name of a new thing goes."""
    among = [
        i
        for i in fields(page)
        if page.elements[i].role in ("textbox", "combobox", "searchbox") and "readonly" not in page.elements[i].states
    ]
    for name in (
        *others,
        *words("names"),
        folded(kind),
        f"{folded(kind)} name",
        f"name of the {folded(kind)}",
        f"new {folded(kind)}",
    ):
        exact = [i for i in among if label_of(i, page) == name]
        if len(exact) == 1:
            return exact[0]
    if (blank := untitled(among, page)) is not None:
        return blank
    own = {*letters(folded(kind)), "new", "full", "display", "your", "the", "login", "user", "file", "folder"}
    for name in words("names"):
        near = [i for i in among if name in letters(label_of(i, page)) and set(letters(label_of(i, page))) <= {name, *own}]
        if len(near) == 1:
            return near[0]
    active = [i for i in among if "active" in page.elements[i].states]
    if len(active) == 1 or len(among) == 1:
        return (active or among)[0]
    return None


def with_enter(given: Given, page: Page) -> list[Step] | None:
    """A name typed into a field that nothing hands in: Enter does."""
    steps = entered(given, page)
    target = handle(given.field, page)
    return [*steps, Step(action=Press(keys="Enter", target=target))] if steps is not None and target else None
