"""Several acts on the entries of a list, in their order: "add A and B, set B to 3, remove A and place the order to Elm Row 4".

All of it is read before the first act; what is not about an entry must be a form that can be filled in and handed in as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from operator_agent.flow.action import Click, Fill, Press, Tick, Untick
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.pattern import match
from operator_agent.grounding.tokens import Token, tokens
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import content
from operator_agent.planner.crafts.wholes.pieces import number_of, stem
from operator_agent.planner.crafts.wholes.whole import Whole, state_of
from operator_agent.planner.grammar import polite, said_in

_SURE = 100.0
_MOST = 120  # tokens
_KINDS = ("rename", "amount", "finish", "remove", "add")
_MARKS = frozenset(",;.!?:\n")


class Act(NamedTuple):
    """`item` is what it is done to, `value` the new name or number."""

    kind: str
    item: str
    value: str = ""


class Items:
    name = "items"
    spans = True
    whole = True
    eager = True
    """Parts of such words may be read otherwise: "make the tea three packs"."""

    def hears(self, words: str) -> bool:
        return False  # only where the words are not understood otherwise

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        found = acts_in(asked.words)
        if found is None or len(found[0]) < 2:
            return None
        acts, rest = found
        page = asked.page
        state = state_of(asked.memory, page, {"at": 0, "opened": False})
        at: int = state["at"]
        if at == 0 and not state["opened"] and (_steps(acts[0], page, state) is None or not _understood(rest, asked)):
            asked.memory.clear()
            return None
        if at >= len(acts):
            return self._rest(rest, asked)
        steps = _steps(acts[at], page, state) or _awaited(acts[at], page)
        if steps is None:
            return Refusal(reason=f'Nothing here can {acts[at].kind} "{acts[at].item}".')
        more = acts[at].kind == "rename" and not state["opened"]
        asked.memory["next"] = {"at": at if more else at + 1, "opened": more}
        return Proposal(_SURE, steps, 0, again=True)

    def _rest(self, rest: str, asked: Asked) -> Proposal | Refusal:
        if not rest:
            return Proposal(_SURE, (), len(asked.words))
        found = Whole().propose(asked._replace(words=rest, memory=asked.memory.setdefault("rest", {})))
        if isinstance(found, Proposal) and not found.again:
            return found._replace(end=len(asked.words))
        return Refusal(reason=f'Did not understand: "{rest}".')


def _understood(rest: str, asked: Asked) -> bool:
    if not rest:
        return True
    found = Whole().propose(Asked(rest, asked.page, {}, {}))
    return isinstance(found, Proposal) and not found.again


@lru_cache(maxsize=32)
def acts_in(words: str) -> tuple[tuple[Act, ...], str] | None:
    """The acts in order, and what is said behind them that is none; None when something before is no act."""
    if len(words) > 1000:
        return None
    span = tokens(words)
    if not 0 < len(span) <= _MOST:
        return None
    found: list[Act] = []
    for start, end in _parts(span, words):
        part = span[start:end]
        acts = _read(words, part, found)
        if acts is None:
            rest = words[part[0].start :].strip(" ,;.")
            return (tuple(found), rest) if found else None
        found += acts
    return tuple(found), ""


def _parts(span: Sequence[Token], words: str) -> Iterator[tuple[int, int]]:
    """The parts that begin with a verb in small letters, or a sentence."""
    verbs = {word for kind in _KINDS for word in known("items", f"{kind}_verbs")} | set(known("items", "others"))
    starts = [0]
    at = 1
    while at < len(span):
        joint = at
        while joint < len(span) and _joins(span[joint]):
            joint += 1
        hard = any(one.kind == "mark" and one.text in ";.!?\n" for one in span[at:joint])
        behind = joint + polite(list(span[joint:]))
        ours = behind < len(span) and span[behind].kind == "word" and span[behind].text in verbs
        if (ours and joint > at and words[span[behind].start].islower()) or (hard and joint < len(span)):
            starts.append(joint)
        at = max(joint, at + 1)
    for start, end in zip(starts, [*starts[1:], len(span)], strict=True):
        while end > start and _joins(span[end - 1]):
            end -= 1
        if end > start:
            yield start, end


def _joins(one: Token) -> bool:
    return one.text in _MARKS if one.kind == "mark" else one.kind == "word" and one.text in known("items", "joints")


def _read(words: str, part: list[Token], before: Sequence[Act]) -> list[Act] | None:
    """The acts of one part; None when it is none."""
    part = part[polite(part) :]
    if " ".join(one.text for one in part) in known("items", "asides"):
        return []
    for kind in _KINDS:
        for pattern in known("items", kind):
            for slots in sorted(match(pattern, part, 12), key=lambda slots: sum(end - start for start, end in slots.values())):
                filled = {name: said_in(words, part[start:end]) for name, (start, end) in slots.items()}
                texts = {name: slot.text for name, slot in filled.items()}
                listed = kind in ("add", "remove", "finish") and not filled.get("item", next(iter(filled.values()))).quoted
                names = _names(part[slice(*slots["item"])], words) if "item" in slots and listed else [texts.get("item", "")]
                acts = [_act(kind, name, texts, before) for name in names]
                if acts and all(acts):
                    return [one for one in acts if one]
    return None


def _names(span: Sequence[Token], words: str) -> list[str]:
    """ "A, B and C"; what stands in quotes is a name by itself."""
    groups: list[list[Token]] = [[]]
    for one in span:
        if _joins(one):
            groups.append([])
        else:
            groups[-1].append(one)
    return [_name(words, group) for group in groups if group]


def _name(words: str, group: Sequence[Token]) -> str:
    while len(group) > 1 and group[0].text in known("items", "nouns"):
        group = group[1:]
    return said_in(words, group).text


def _act(kind: str, item: str, texts: dict[str, str], before: Sequence[Act]) -> Act | None:
    item = _meant(item, before)
    if kind == "amount":
        number = number_of(texts["number"])
        return Act(kind, item, number) if number and item else None
    value = texts.get("new", "")
    # What a thing was renamed to is its name from then on.
    return Act(kind, item, value) if item else None


def _meant(item: str, before: Sequence[Act]) -> str:
    """What "it", "the former", "the second" stand for."""
    plain = folded(item).removeprefix("the ")
    added = [one.item for one in before if one.kind == "add"]
    renamed = {one.item: one.value for one in before if one.kind == "rename"}
    if plain in known("items", "it"):
        last = before[-1] if before else None
        return (last.value if last.kind == "rename" else last.item) if last else ""
    for place, names in ((0, known("items", "former")), (-1, known("items", "latter"))):
        if plain in names:
            return renamed.get(added[place], added[place]) if len(added) > 1 else ""
    return re.sub(r"^(?:the|a|an)\s+", "", item.strip(), flags=re.IGNORECASE)


def _steps(act: Act, page: Page, state: dict[str, Any]) -> tuple[Step, ...] | None:
    """What does one act on this page; None when there is nothing that does."""
    match act.kind:
        case "add":
            return _pressed("add", act.item, page) or _entered(act.item, page)
        case "remove":
            return _pressed("remove", act.item, page)
        case "amount":
            field = _only(("spinbutton", "combobox", "textbox"), act.item, page)
            return (Step(action=Fill(target=pointed(field, page), text=act.value)),) if field is not None else None
        case "finish":
            box = _only(("checkbox", "switch"), act.item, page)
            action = Untick if act.value == "off" else Tick
            return (Step(action=action(target=pointed(box, page))),) if box is not None else _pressed("finish", act.item, page)
        case _:
            return _renamed(act, page) if state["opened"] else _pressed("rename", act.item, page)


def _awaited(act: Act, page: Page) -> tuple[Step, ...] | None:
    """The act in words, for the page may still be at work on the act before."""
    match act.kind:
        case "finish":
            return (Step(action=Tick(target=Target(words=act.item))),)
        case "remove" | "rename":
            first = (word for i in page.controls for word in _words(page.labels[i])[:1])
            doing = [word for word in first if word in known("items", f"{act.kind}_verbs")]
            return (Step(action=Click(target=Target(words=f"{doing[0]} {act.item}"))),) if doing else None
        case _:
            return None


def _says(label: str, item: str) -> bool:
    words, said = content(item), content(label.replace(":", " "))
    return bool(words) and any(said[at : at + len(words)] == words for at in range(len(said)))


def _rank(label: str, item: str) -> int:
    """How many more words a label has than what was said."""
    return len(content(label.replace(":", " "))) - len(content(item))


def _units(item: str, page: Page) -> list[int]:
    """The rows that show the item."""
    rows = (i for i, e in enumerate(page.elements) if e.role in ("row", "listitem"))
    return [i for i in rows if _says(folded(page.observation.text_of(i)), item)]


def _only(roles: Sequence[str], item: str, page: Page) -> int | None:
    """The one control of these roles that is called by the item, or stands in its row."""
    fitting = [i for i, e in enumerate(page.elements) if e.role in roles and e.ref]
    found = [i for i in fitting if _says(page.labels[i], item)]
    least = min((_rank(page.labels[i], item) for i in found), default=0)
    found = [i for i in found if _rank(page.labels[i], item) == least]
    if not found:
        found = [i for i in fitting if any(page.holds(unit, i) for unit in _units(item, page))]
    return found[0] if len(found) == 1 else None


def _pressed(kind: str, item: str, page: Page) -> tuple[Step, ...] | None:
    """The button that does this to the item: its name says both, or it stands in the item's row and says what it does."""
    verbs = {stem(verb) for verb in known("items", f"{kind}_verbs") + known("items", f"{kind}_signs")}
    doing = [i for i in _buttons(page) if verbs & set(_words(page.labels[i])[:1])]
    named = [i for i in doing if _says(page.labels[i], item)]
    least = min((_rank(page.labels[i], item) for i in named), default=0)
    named = [i for i in named if _rank(page.labels[i], item) == least]
    if not named:
        named = [i for i in doing if any(page.holds(unit, i) for unit in _units(item, page))]
    target = pointer(named[0], page) if len(named) == 1 else None
    return (Step(action=Click(target=target)),) if target else None


def _buttons(page: Page) -> list[int]:
    return [i for i in page.controls if page.elements[i].role in ("button", "link", "menuitem")]


def _texts(page: Page) -> list[int]:
    return [i for i, e in enumerate(page.elements) if e.role == "textbox" and e.ref]


def _words(label: str) -> list[str]:
    return [stem(word) for word in re.findall(r"[\w'’-]+|[^\w\s]", label)]


def _entered(item: str, page: Page) -> tuple[Step, ...] | None:
    """Into the field for new entries, and added."""
    fields = [i for i in _texts(page) if set(_words(page.labels[i])) & set(known("items", "new"))]
    adding = [i for i in _buttons(page) if _words(page.labels[i])[:1] in (["add"], ["create"], ["+"])]
    if len(fields) != 1:
        return None
    target = pointed(fields[0], page)
    button = pointer(adding[0], page) if len(adding) == 1 else None
    last = Click(target=button) if button else Press(keys="Enter", target=target)
    return Step(action=Fill(target=target, text=item)), Step(action=last)


def _renamed(act: Act, page: Page) -> tuple[Step, ...] | None:
    """The new name into the field that opened for it, and kept."""
    fields = _texts(page)
    holding = [i for i in fields if folded(page.elements[i].value) == folded(act.item)]
    named = [i for i in fields if {"name", "rename"} & set(_words(page.labels[i]))]
    active = [i for i in fields if "active" in page.elements[i].states]
    field = next((group[0] for group in (holding, named, active) if len(group) == 1), None)
    if field is None:
        return None
    target = pointed(field, page)
    place = page.elements[field].parent
    said = [i for i in _buttons(page) if {*_words(page.labels[i])[:1]} & {*known("items", "keeps")}]
    keeping = [i for i in said if page.holds(place, i)] or said
    button = pointer(keeping[0], page) if len(keeping) == 1 else None
    last = Click(target=button) if button else Press(keys="Enter", target=target)
    return Step(action=Fill(target=target, text=act.value)), Step(action=last)
