"""Which of several boxes or options: all, none, all but some, only these, those that begin so, those that mean the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from operator_agent.flow.action import Select, Tick, Untick
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.fit import CHECKS
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.grounding.score import Wanted
from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.heard import heard, hears, known
from operator_agent.planner.grammar import clauses

_SURE = 96.0
_NAMED = 90.0  # how like a box must be to what was said to be it
_LISTS = frozenset({"listbox", "combobox"})
_JOINTS = {"mark": (",", ";"), "word": ("and", "or", "和", "与", "或", "及"), "quoted": ()}
_ONE_OF = frozenset({"radio", "menuitemradio"})


class Asking(NamedTuple):
    """`kind`: none, every, only, similar, or starting, ending, containing; `names`: what was named, or what is excepted."""

    kind: str
    names: tuple[str, ...]
    place: str
    drop: bool
    end: int


class Sets:
    name = "sets"
    spans = True

    def hears(self, words: str) -> bool:
        return hears(words, "sets", "choose", "drop") and _asking(words) is not None

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        asking = _asking(asked.words)
        if asking is None:
            return None
        page = asked.page
        boxes, box = _candidates(asking.place, page)
        if not boxes:
            return None
        chosen = _chosen(asking, boxes, page)
        if isinstance(chosen, Refusal):
            return chosen
        if box is not None:
            names = tuple(page.elements[i].name or page.elements[i].value for i in boxes if i in chosen)
            return Proposal(_SURE, (Step(action=Select(target=pointed(box, page), options=names)),), asking.end)
        return Proposal(_SURE, tuple(_steps(asking, boxes, chosen, page)), asking.end)


def _asking(words: str) -> Asking | None:
    """What the first clause asks for; None when it is no set but a name or a list of names, which the grammar reads."""
    found = clauses(words[:1000])
    if not found:
        return None
    end = found[0].end
    for one in heard(words[:end], "sets", "choose", "drop"):
        only = bool({token.text for token in tokens(words[:end])[:3]} & set(known("sets", "only")))
        if one.end == end and not one.slots["set"].quoted and (read := _read(one.text("set"), only=only)):
            return Asking(*read, one.text("place"), one.kind == "drop", end)
    return None


def _read(text: str, *, only: bool) -> tuple[str, tuple[str, ...]] | None:
    plain = folded(text)
    if plain in known("sets", "none"):
        return "none", ()
    if plain in known("sets", "every"):
        return "every", ()
    for kind in ("similar", "starting", "ending", "containing"):
        for phrase in sorted(known("sets", kind), key=len, reverse=True):
            before, found, behind = f" {plain} ".partition(f" {phrase} ")
            if found and behind.strip() and _only_nouns(before):
                return kind, _names(text[len(text) - len(behind.rstrip()) :])
    head, excepted = _but(text)
    if folded(head) in known("sets", "every") or (folded(head).split()[:1] and folded(head).split()[0] in known("sets", "every")):
        return ("every", excepted) if _only_nouns(head) else None
    return ("only", _names(text)) if only else None


def _but(text: str) -> tuple[str, tuple[str, ...]]:
    """What stands before "except", and what is excepted."""
    for phrase in sorted(known("sets", "except"), key=len, reverse=True):
        before, found, behind = folded(f" {text} ").partition(f" {phrase} ")
        if not found:
            at = f" {folded(text)} ".find(f" {phrase} ")
            before, behind = (folded(text)[:at], folded(text)[at + len(phrase) + 1 :]) if at > 0 else ("", "")
        if before and behind.strip():
            return before.strip(), _names(text[len(text) - len(behind.strip()) :])
    return text, ()


def _only_nouns(text: str) -> bool:
    words = {token.text for token in tokens(text) if token.kind == "word"}
    return words <= {*known("sets", "nouns"), *(part for phrase in known("sets", "every") for part in phrase.split())}


def _names(text: str) -> tuple[str, ...]:
    """The names of a list: "x", "x, y and z"."""
    parts: list[list[int]] = []
    new = True
    for token in tokens(text):
        joint = token.text in _JOINTS[token.kind]
        if joint:
            new = True
        elif new:
            parts.append([token.start, token.end])
            new = False
        else:
            parts[-1][1] = token.end
    return tuple(text[start:end].strip().strip("\"'“”") for start, end in parts)


def _candidates(place: str, page: Page) -> tuple[list[int], int | None]:
    """The boxes, or the options of the only list of several, and that list."""
    boxes = [i for i, e in enumerate(page.elements) if e.role in CHECKS - _ONE_OF and e.ref and "disabled" not in e.states]
    around = search(f"the {place}", "hover", page) if place else None
    if around and len(around.indices) == 1 and (inside := [i for i in boxes if page.holds(around.indices[0], i)]):
        boxes = inside
    if boxes:
        return boxes, None
    lists = [i for i, e in enumerate(page.elements) if e.role == "listbox"]
    if len(lists) != 1:
        return [], None
    return [i for i in page.below(lists[0]) if page.elements[i].role == "option"], lists[0]


def _label(index: int, page: Page) -> str:
    beside = labelled_by(index, page)
    return page.labels[index] or (page.labels[beside] if beside is not None else "")


def _chosen(asking: Asking, boxes: list[int], page: Page) -> set[int] | Refusal:
    labels = {i: _label(i, page) for i in boxes}
    if asking.kind in ("none", "every"):
        excepted = _named(asking.names, labels)
        if isinstance(excepted, Refusal):
            return excepted
        return set() if asking.kind == "none" else set(boxes) - excepted
    if asking.kind == "only":
        return _named(asking.names, labels)
    fits: dict[str, Callable[[str, str], bool]] = {
        "similar": alike, "starting": str.startswith, "ending": str.endswith, "containing": lambda label, name: name in label,
    }  # fmt: skip
    found: set[int] = set()
    for name in asking.names:
        its = {i for i, label in labels.items() if label and fits[asking.kind](label, folded(name))}
        if not its:
            return Refusal(reason=f'Nothing here is {"like" if asking.kind == "similar" else asking.kind} "{name}".')
        found |= its
    return found


def _named(names: tuple[str, ...], labels: dict[int, str]) -> set[int] | Refusal:
    found: set[int] = set()
    for name in names:
        wanted = Wanted(folded(name))
        scores = {i: wanted.score(label) for i, label in labels.items()}
        best = max(scores.values(), default=0.0)
        its = [i for i, score in scores.items() if score == best]
        if best < _NAMED or len(its) != 1:
            return Refusal(reason=f'"{name}" is {"several" if its and best >= _NAMED else "none"} of what can be chosen here.')
        found.update(its)
    return found


def _steps(asking: Asking, boxes: list[int], chosen: set[int], page: Page) -> list[Step]:
    """What is to be as said is made so; what is not named is only touched when the words speak of all there is."""
    off = chosen if asking.drop and asking.kind != "only" else set()
    on = set() if asking.drop else chosen
    if asking.kind in ("none", "only", "every") and not asking.drop:
        off = set(boxes) - chosen
    steps = []
    for index in boxes:
        checked = "checked" in page.elements[index].states
        if index in on and not checked:
            steps.append(Step(action=Tick(target=pointed(index, page))))
        elif index in off and checked:
            steps.append(Step(action=Untick(target=pointed(index, page))))
    return steps


def alike(one: str, other: str) -> bool:
    """Whether two words mean about the same, as far as the list of synonyms knows, or are forms of one word."""
    if one == other or (_groups().get(_stem(one), frozenset()) & _groups().get(_stem(other), frozenset())):
        return True
    stems = sorted((_stem(one), _stem(other)), key=len)
    return len(stems[0]) >= 4 and stems[1].startswith(stems[0])


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    """Stem → the groups of words of like meaning it belongs to."""
    found: dict[str, set[int]] = {}
    lines = (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(line for line in lines if line and not line.startswith("#")):
        for word in line.split(","):
            found.setdefault(_stem(folded(word.strip())), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "ly", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
