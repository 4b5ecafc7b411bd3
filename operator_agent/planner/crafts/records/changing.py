"""One thing's name, field or state: "rename figures.txt to numbers.txt", "assign the issue X to milo", "mark Amy as paid"."""

from __future__ import annotations

from operator_agent.flow.action import Click, Tick
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import controls_in, handle
from operator_agent.planner.crafts.heard import Heard, heard, hears
from operator_agent.planner.crafts.records.entering import follows, handed_in, name_field, saving, with_enter
from operator_agent.planner.crafts.records.forms import (
    Given,
    alike,
    dialog,
    entered,
    field_for,
    fields,
    label_of,
    option,
    read_plainly,
    words,
)
from operator_agent.planner.crafts.records.reach import SURE, Way, mentioned, names, opener, parted, proposal, things, unit_of
from operator_agent.planner.crafts.records.removing import named, reachable
from operator_agent.planner.grammar import behind

_MOST = 8
_STATE = 80.0


class Change:
    name = "change"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "rename", "change") and not read_plainly(words, "set")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in _requests(asked.words):
            found = self._next(one, asked)
            if found is not None:
                return found
        return None

    def _next(self, one: Heard, asked: Asked) -> Proposal | Refusal | None:
        memory = asked.memory
        if "saving" in memory:
            return handed_in("", memory["end"], asked._replace(memory=memory["saving"]))
        memory["looks"] = memory.get("looks", 0) + 1
        said = named(_written(one, "name"), asked)
        if memory["looks"] > _MOST:
            return Refusal(reason=f'Where "{said}" is changed was not found.')
        if one.kind == "rename":
            return _renamed(one, said, asked)
        return _marked(one, said, asked) if "state" in one.slots else _set(one, said, asked)


def _requests(source: str) -> list[Heard]:
    """The shortest, those with the fewest words in their slots first; renaming before changing a name."""
    found = heard(source, "records", "rename", "change")
    shortest = [one for one in found if one.end == found[0].end]
    return sorted(
        shortest, key=lambda one: (one.kind != "rename", "state" in one.slots, sum(len(slot.span) for slot in one.slots.values()))
    )[:6]


def _written(one: Heard, slot: str) -> str:
    return f'"{one.text(slot)}"' if one.slots[slot].quoted else one.text(slot)


def _renamed(one: Heard, said: str, asked: Asked) -> Proposal | Refusal | None:
    """By a control for renaming; else in the form that holds its name."""
    page, memory = asked.page, asked.memory
    if memory.get("renaming") == "by itself" and (field := name_field("", page, "new name", "rename to", "new title")) is not None:
        given = Given(field, one.text("new"))
        which = _choice(said, page)
        asked.kept["thing"] = asked.kept["opened"] = one.text("new")
        if saving(page, "rename", last=field) is None:
            return proposal(with_enter(given, page) or (), one.end, again=False)
        return _saved([*which, given], one.end, asked)
    here = asked.kept.get("opened") == said
    field = name_field("", page) if memory.get("way", {}).get("tried") or memory.get("renaming") or here else None
    if field is not None and _holds_name(field, said, page):
        return _saved([Given(field, one.text("new"))], one.end, asked)
    if not memory.get("way") and not here and not reachable(said, page):
        return None
    if here:
        memory.setdefault("way", {"tried": []})["here"] = True
    found, how = Way(said, words("renames"), asked).next(), "by itself"
    if found is None:
        edits = asked._replace(memory=memory.setdefault("edits", {}))
        found, how = Way(said, words("edits"), edits).next(), "in a form"
    if found is None:
        return Refusal(reason=f'Nothing here renames "{said}".')
    if found.control is None:
        return Proposal(SURE, found.steps, one.end, again=True)
    target = handle(found.control, page)
    memory["renaming"] = how
    return proposal([Click(target=target)], one.end, again=True) if target else None


def _choice(said: str, page: Page) -> list[Given]:
    """The list of the form that says which thing is renamed, when it does not say so yet."""
    lists = [i for i in fields(page) if page.elements[i].role in ("combobox", "listbox")]
    for name in names(parted(said)[0]):
        found = [i for i in lists if option(name, [o for o in page.below(i) if page.elements[o].role == "option"], page)]
        if len(found) == 1 and label_of(found[0], page).isascii():
            return [Given(found[0], name)]
    return []


def _holds_name(field: int, said: str, page: Page) -> bool:
    value = folded(page.elements[field].value)
    return bool(value) and folded(said).strip("\"'").endswith(value)


def _saved(given: list[Given], end: int, asked: Asked) -> Proposal | Refusal | None:
    """Filled in, and handed in unless the next order does that."""
    steps: list[Step] = []
    for each in given:
        acts = entered(each, asked.page)
        if acts is None:
            return Refusal(reason=f'"{label_of(each.field, asked.page)}" cannot be "{each.text}" here.')
        steps += acts
    if follows(behind(asked.words, end), asked.page):
        return proposal(steps, end, again=False)
    asked.memory.update(saving={}, end=end)
    return proposal(steps, end, again=True)


def _set(one: Heard, said: str, asked: Asked) -> Proposal | Refusal | None:
    """In the form that is open when it is this thing's, else in the one that its name or its Edit opens."""
    page, memory = asked.page, asked.memory
    field = field_for(one.text("field"), page)
    opened = memory.get("opened") or asked.kept.get("opened") == said
    if field is not None and (opened or (one.text("name").casefold() in ("it", "them", "this") and one.slots)):
        return _saved([Given(field, one.text("new") or one.text("quoted"))], one.end, asked)
    if opened:
        return Refusal(reason=f'There is no field "{one.text("field")}" for "{said}".') if memory.get("opened") else None
    return _open(said, one.end, asked)


def _open(said: str, end: int, asked: Asked) -> Proposal | Refusal | None:
    page = asked.page
    thing = next(iter(things(said, page)), None)
    unit = unit_of(thing, page) if thing is not None else None
    edits = [i for i in controls_in(unit, page) if page.labels[i] in words("edits")] if unit is not None else []
    found = edits[0] if edits else opener(said, page)
    found = mentioned(said, page) if found is None else found
    target = handle(found, page) if found is not None else None
    if target is None:
        return None
    asked.memory["opened"] = True
    asked.kept["opened"] = asked.kept["thing"] = said
    return proposal([Click(target=target)], end, again=True)


def _marked(one: Heard, said: str, asked: Asked) -> Proposal | Refusal | None:
    """A box of its row under that header, a box or a list of its form that has such a choice."""
    page, state = asked.page, folded(one.text("state"))
    for thing in things(said, page):
        unit = unit_of(thing, page)
        for i in controls_in(unit, page) if unit is not None else ():
            if page.elements[i].role in ("checkbox", "switch") and _under(state, i, page) and (target := handle(i, page)):
                asked.memory.update(saving={}, end=one.end)
                last = follows(behind(asked.words, one.end), page) or saving(page, last=i) is None
                return proposal([Tick(target=target)], one.end, again=not last)
    if asked.memory.get("opened") or asked.kept.get("opened") == said:
        box = field_for(state, page)
        if box is not None and page.elements[box].role in ("checkbox", "switch"):
            return _saved([Given(box, "on")], one.end, asked)
        lists = [i for i in fields(page) if any(page.labels[o] == state for o in page.below(i))]
        return _saved([Given(lists[0], one.text("state"))], one.end, asked) if len(lists) == 1 else None
    return _open(said, one.end, asked) if things(said, page) and dialog(page) is None else None


def _under(state: str, box: int, page: Page) -> bool:
    """Whether the box is called so, or stands under such a header."""
    label = page.labels[box]
    cell = next((i for i in page.ancestors(box) if page.elements[i].role in ("cell", "gridcell")), None)
    head = labelled_by(cell, page) if cell is not None else None
    return any(alike(state, one.strip(" :")) >= _STATE for one in (label, page.labels[head] if head is not None else "") if one)
