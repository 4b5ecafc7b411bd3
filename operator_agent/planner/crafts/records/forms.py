"""The fields of a form and what is said for them: "title Life drawing, level Intermediate, the seats to 9".

What the labels are is known from the page, so that a value may be any words: it ends where the next label or the next order begins.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from operator_agent.flow.action import Action, Click, Fill, Select, Tick, Untick
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.grounding.around import enabling, labelled_by
from operator_agent.grounding.fit import CHECKS
from operator_agent.grounding.page import Page
from operator_agent.grounding.score import Wanted
from operator_agent.grounding.tokens import Token, letters, said, tokens
from operator_agent.matching import folded
from operator_agent.planner.crafts.apps.units import handle
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.grammar import clauses
from operator_agent.written import tokens as written

_TYPED = frozenset({"textbox", "searchbox", "spinbutton"})
_LISTS = frozenset({"combobox", "listbox"})
_FIELDS = _TYPED | _LISTS | frozenset({"checkbox", "switch"})
_ASIDE = frozenset({"search", "navigation", "banner", "contentinfo"})
_LIKE = 84.0
_OPTION = 78.0
_WORDS = 4  # of a label that is said
_NEAR = 8  # elements behind a field, in which a control belongs to it


class Given(NamedTuple):
    """A field, by its place among the elements, and what is said for it."""

    field: int
    text: str


class Said(NamedTuple):
    """What is said for fields, and where in the words it ends; `label` is the first one's as it was said."""

    given: tuple[Given, ...]
    end: int
    label: str = ""


def words(kind: str) -> tuple[str, ...]:
    return known("records", kind)


def dialog(page: Page) -> int | None:
    """The dialog on the page that is in front of all else."""
    found = [
        i
        for i, e in enumerate(page.elements)
        if e.role in ("dialog", "alertdialog") and page.ends[i] > i + 1 and not page.is_off(i)
    ]
    return found[-1] if found else None


def fields(page: Page) -> list[int]:
    """What can be filled in, those of the dialog that is open alone; no search fields, unless there are no others."""
    front = dialog(page)
    scope = range(len(page.elements)) if front is None else page.below(front)
    found = [
        i
        for i in scope
        if page.elements[i].role in _FIELDS
        and page.elements[i].ref
        and ("disabled" not in page.elements[i].states or enabling(i, page) is not None)
    ]
    found = [i for i in found if not page.is_off(i)]
    return [i for i in found if front is not None or not _is_search(i, page)]


def _is_search(index: int, page: Page) -> bool:
    element = page.elements[index]
    label = label_of(index, page)
    aside = any(page.elements[i].role in _ASIDE for i in page.ancestors(index))
    return aside or element.role == "searchbox" or any(word in letters(label)[:2] for word in words("searches"))


def label_of(index: int, page: Page) -> str:
    """Its name, the text that labels it, or its placeholder; folded, without marks."""
    element = page.elements[index]
    label = folded(element.name)
    if not label and (by := labelled_by(index, page)) is not None:
        label = page.labels[by]
    return (label or folded(element.placeholder)).strip(" :*?…")


@lru_cache(maxsize=4096)
def alike(said_as: str, label: str) -> float:
    """How well a label answers to what was said, 0 to 100: its words, or words of one family."""
    score = Wanted(said_as).score(label)
    if score >= _LIKE or not said_as or not label:
        return score
    short = {_stem(word) for word in letters(said_as)} <= {_stem(word) for word in letters(label)}
    if short and letters(said_as):
        return 83.0
    near = [family for family in _families() if _stem(said_as) in family]
    if any(_stem(label) in family for family in near):
        return 82.0
    said_of = [word for word in letters(label) if word not in (*words("articles"), "full", "own")]
    return 81.0 if len(said_of) == 1 and any(_stem(said_of[0]) in family for family in near) else 0.0


@lru_cache(maxsize=1)
def _families() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(_stem(word) for word in family.split("|")) for family in words("kin"))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "er", "ers", "es", "s", "d"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def field_for(label: str, page: Page, among: Collection[int] | None = None) -> int | None:
    """The one field that is so called; None when none or two are equally."""
    among = fields(page) if among is None else among
    scored = sorted(((alike(folded(label), label_of(i, page)), -i) for i in among), reverse=True)
    if not scored or scored[0][0] < 80:
        return untitled(among, page) if folded(label) in words("names") else None
    return None if len(scored) > 1 and scored[1][0] > scored[0][0] - 1 else -scored[0][1]


def untitled(among: Collection[int], page: Page) -> int | None:
    """The field without a label that holds the name a new thing has until it gets one: "New tiddler", "Untitled folder"."""
    bare = [i for i in among if page.elements[i].role in _TYPED and not label_of(i, page)]
    found = [i for i in bare if letters(folded(page.elements[i].value))[:1] in (("new",), ("untitled",), ("unnamed",))]
    return found[0] if len(found) == 1 else None


def read(source: str, start: int, page: Page) -> Said:
    """What is said for fields of the page from character `start` on."""
    span = [token for token in tokens(source) if token.start >= start]
    among = fields(page)
    stops = {clause.start for clause in clauses(source[start:])}
    at, given, end, first = 0, [], start, ""
    while at < len(span):
        here, size, index = _next_label(span, at, page, among)
        if index is None:
            break
        value = here + size
        value += next((n for n in (2, 1) if " ".join(t.text for t in span[value : value + n]) in words("leads")), 0)
        behind = _value(span, value, page, among, {stop + start for stop in stops})
        text = said(source, span[value:behind])
        box = page.elements[index].role in CHECKS
        if (behind == value or box) and folded(text) not in (*words("on"), *words("off")):
            break
        given.append(Given(index, text))
        first = first or said(source, span[here : here + size])
        at, end = behind, span[behind - 1].end
    return Said(tuple(given), end, first)


def _next_label(span: Sequence[Token], at: int, page: Page, among: Sequence[int]) -> tuple[int, int, int | None]:
    """Where the next label begins behind words that only join, how many words it has, and whose it is."""
    last = _joints(span, at)
    for here in range(at, last + 1):
        size, index = _label(span, here, page, among)
        if index is not None:
            return here, size, index
    return last, 0, None


def _joints(span: Sequence[Token], at: int) -> int:
    """Behind the words that only join, and articles."""
    while at < len(span) and span[at].kind != "quoted":
        size = next(
            (
                n
                for n in (3, 2, 1)
                if at + n < len(span) and " ".join(t.text for t in span[at : at + n]) in (*words("joints"), *words("articles"))
            ),
            0,
        )
        if not size:
            break
        at += size
    return at


def _label(span: Sequence[Token], at: int, page: Page, among: Sequence[int]) -> tuple[int, int | None]:
    """How many words from `at` are a field's label, and which field's."""
    best: tuple[float, int, int | None] = (0.0, 0, None)
    for size in range(1, _WORDS + 1):
        part = span[at : at + size]
        if len(part) < size or any(token.kind != "word" for token in part):
            break
        label = " ".join(token.text for token in part)
        if all(token.text in words("articles") for token in part):
            continue
        index = field_for(label, page, among)
        if index is not None and (score := alike(label, label_of(index, page)) + size) > best[0]:
            best = (score, size, index)
    return best[1], best[2]


def _value(span: Sequence[Token], at: int, page: Page, among: Sequence[int], stops: Collection[int]) -> int:
    """Where the value that begins at `at` ends."""
    if at < len(span) and span[at].kind == "quoted":
        return at + 1
    end = at
    while end < len(span):
        token = span[end]
        if token.kind == "mark" and (token.text != ":" or end == at):
            break
        if end > at and (token.text in ("and", "then") and _goes_on(span, end, page, among, stops)):
            break
        if end > at and token.start in stops:
            break
        end += 1
    while end > at and span[end - 1].text in ("and", "then", "with", "the"):
        end -= 1
    return end


def _goes_on(span: Sequence[Token], at: int, page: Page, among: Sequence[int], stops: Collection[int]) -> bool:
    """Whether behind the joint at `at` another label or another order begins."""
    behind = _joints(span, at)
    return (
        behind >= len(span)
        or any(t.start in stops for t in span[at + 1 : behind + 1])
        or _next_label(span, at, page, among)[2] is not None
    )


def entered(given: Given, page: Page) -> list[Step] | None:
    """The acts that give a field its value; None when it cannot have that value."""
    index, text = given.field, given.text
    element, target = page.elements[index], handle(index, page)
    if target is None:
        return None
    action: Action
    if element.role in CHECKS:
        action = Untick(target=target) if folded(text) in words("off") else Tick(target=target)
    elif element.role in _LISTS and (options := [i for i in page.below(index) if page.elements[i].role == "option"]):
        chosen = option(text, options, page) or option(text.rpartition(" of ")[0], options, page)
        if chosen is None:
            return None
        action = Select(target=target, options=(chosen,))
    else:
        action = Fill(target=target, text=as_asked(text, index, page))
    steps = [Step(action=action, intent=f"{label_of(index, page)}: {text}")]
    box = enabling(index, page)
    if box is not None and (switch := handle(box, page)):
        steps.insert(0, Step(action=Tick(target=switch), intent=f"so that {label_of(index, page)} can be changed"))
    adding = _adds(index, page)
    return [*steps, Step(action=Click(target=adding), intent=f"add {text}")] if adding is not None else steps


def option(text: str, options: Sequence[int], page: Page) -> str | None:
    """The option that is so called, as the page writes it."""
    scored = sorted(((Wanted(folded(text)).score(page.labels[i]), -i) for i in options), reverse=True) if text else []
    if not scored or scored[0][0] < _OPTION or (len(scored) > 1 and scored[1][0] == scored[0][0] < 100):
        return None
    chosen = page.elements[-scored[0][1]]
    return chosen.name or chosen.value


def _adds(index: int, page: Page) -> Target | None:
    """The control beside a field that takes what was typed into a list: it is called "add" and nothing else."""
    box = page.elements[index]
    if box.role not in _TYPED:
        return None
    near = range(page.ends[index], min(len(page.elements), page.ends[index] + _NEAR))
    for i in near:
        role = page.elements[i].role
        if role in _FIELDS:
            return None
        if role == "button":
            return handle(i, page) if page.labels[i] in ("add", "+") else None
    return None


def as_asked(text: str, index: int, page: Page) -> str:
    """A date with its year in the form that programs write, where the field stands beside a calendar; else as it was said."""
    found = written(text)
    whole = len(found) == 1 and found[0].kind == "date" and len(found[0].readings) == 1
    near = range(max(0, index - _NEAR), min(len(page.elements), index + _NEAR))
    if whole and found[0].readings[0][0] and any({"date", "calendar", "today"} & set(letters(page.labels[i])) for i in near):
        year, month, day = found[0].readings[0][:3]
        return f"{int(year):04}-{int(month):02}-{int(day):02}"
    return text


def read_plainly(source: str, *but: str) -> bool:
    """Whether the grammar knows what the first clause asks for, and what it is done to; as any but these verbs."""
    found = clauses(source)
    return bool(found and found[0].readings) and found[0].readings[0].verb not in ("type", *but)
