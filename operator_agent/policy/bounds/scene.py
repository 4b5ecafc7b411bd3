"""An act on its resolved element: what stage of the doing it is, what it sets, and what on the page belongs to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Literal

from operator_agent.flow.action import Action, Fill, Press, Select, Type
from operator_agent.flow.grant import FREE, Risk
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.plan import Step
from operator_agent.matching import FIELDS, label
from operator_agent.policy.risk import above, form_buttons, of_act, place
from operator_agent.written import Token, tokens

Stage = Literal["set", "choose", "onward", "final", "other"]
"""`set`: a value goes into a field, or an option is chosen. `choose`: a thing is put into the basket. `onward`: it goes on towards
the act with effect. `final`: that act. `other`: anything else, which no limit is about."""
Cut = tuple[str, ...]
_OPTIONS = frozenset({"radio", "checkbox", "switch", "option", "menuitemradio", "menuitemcheckbox", "tab", "gridcell"})
_CHOSEN = frozenset({"checked", "selected", "pressed"})
_GROUPS = frozenset({"radiogroup", "group", "listbox", "combobox", "grid", "table", "tablist"})
_ACTS = frozenset({"click", "click at", "drag from", "double click", "press", "type", "drag", "answer dialog"})
_NEAR = 3
"""Elements before a text among which its label is looked for."""
_LONG = 80
"""Characters up to which a text may be a label."""


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[Cut, ...]]:
    data = json.loads(files(__package__).joinpath("words.json").read_text(encoding="utf-8"))
    return {role: tuple(cut(phrase) for phrase in phrases) for role, phrases in data.items()}


# A page's texts are asked about once for each limit and each kind of word.
read = lru_cache(maxsize=16_384)(tokens)


@lru_cache(maxsize=16_384)
def cut(text: str) -> Cut:
    return tuple(token.text for token in tokens(text.replace("-", " ")))


def sums(text: str) -> list[Token]:
    """The amounts of money in `text`."""
    return [token for token in read(text) if token.kind == "money"]


def says(role: str, text: str) -> bool:
    """Whether a phrase of the word list stands anywhere in `text`."""
    return holds_any(cut(text), _words()[role])


def holds_any(pieces: Cut, wanted: Iterable[Cut]) -> bool:
    present = set(pieces)
    return any(places(pieces, phrase) for phrase in wanted if phrase and phrase[0] in present)


def places(pieces: Cut, phrase: Cut) -> list[int]:
    """Where `phrase` stands in `pieces`."""
    return [at for at in range(len(pieces) - len(phrase) + 1) if phrase and pieces[at : at + len(phrase)] == phrase]


def begins(role: str, text: str) -> bool:
    pieces = cut(text)
    while pieces and not pieces[0][0].isalnum() and pieces[0] not in "+＋":
        pieces = pieces[1:]
    return any(pieces[: len(phrase)] == phrase for phrase in _words()[role])


def phrases(role: str) -> tuple[Cut, ...]:
    return _words()[role]


@dataclass(frozen=True)
class Scene:
    """One act before it happens. `index` is where its element stands, None when it has none."""

    action: Action
    risks: frozenset[Risk]
    index: int | None
    observation: Observation

    @classmethod
    def of(cls, step: Step, elements: Mapping[str, Element], observation: Observation) -> Scene:
        element = elements.get("target")
        risks = of_act(step.action, elements, observation) | ({step.risk} if step.risk else set())
        return cls(step.action, frozenset(risks), place(element, observation), observation)

    @cached_property
    def name(self) -> str:
        return label(self.index, self.observation) if self.index is not None else ""

    @cached_property
    def stage(self) -> Stage:
        if self.action.verb not in _ACTS | {"select", "check", "fill"}:
            return "other"
        role = self.observation.elements[self.index].role if self.index is not None else ""
        is_option = role in _OPTIONS and self.action.verb in ("click", "double click", "check")
        sets = isinstance(self.action, Fill | Select) or self.action.verb == "check" or is_option
        if sets or (isinstance(self.action, Type) and "\n" not in self.action.text):
            return "set"
        if self.risks - FREE or any(begins("finals", name) for name in self._names):
            return "final"
        if begins("choosing", self.name):
            return "choose"
        return "onward" if any(begins("onward", name) for name in self._names) else "other"

    @cached_property
    def _names(self) -> list[str]:
        """What the act presses: the control, or the buttons of the form that Enter hands in."""
        if isinstance(self.action, Press | Type) and self.name and self.observation.elements[self.index or 0].role in FIELDS:
            return [label(i, self.observation) for i in form_buttons(self.index, self.observation)]
        return [self.name]

    @cached_property
    def given(self) -> tuple[str, ...]:
        """What the act sets."""
        if isinstance(self.action, Fill | Type):
            return (self.action.text,)
        return self.action.options if isinstance(self.action, Select) else (self.name,)

    @cached_property
    def field(self) -> str:
        """The name of the field that is set: of an option, of the group it stands in."""
        if self.index is None or self.observation.elements[self.index].role not in _OPTIONS:
            return self.field_name(self.index) if self.index is not None else ""
        outer = (self.observation.elements[i] for i in above(self.observation.elements[self.index].parent, self.observation))
        return next((element.name for element in outer if element.role in _GROUPS and element.name), "")

    def field_name(self, index: int) -> str:
        element = self.observation.elements[index]
        return element.name or element.placeholder or self.label_before(index)

    @cached_property
    def card(self) -> int | None:
        """The container that shows an amount and belongs to this control alone, while others like it stand outside. What ends an
        order ("Place order") is about the whole page, however many of it there are."""
        if self.index is None or begins("onward", self.name):
            return None
        like = [i for i in range(len(self.observation.elements)) if self._is_alike(i)]
        for container in above(self.index, self.observation):
            inside = set(self.observation.subtree(container))
            if len(inside.intersection(like)) > 1:
                return None
            if container == self.index or len(like) < 2:
                continue
            if self.observation.elements[container].role in _UNITS or any(sums(text) for _, text in self.numbered(inside)):
                return container
        return None

    def _is_alike(self, index: int) -> bool:
        assert self.index is not None
        mine, its = self.observation.elements[self.index], self.observation.elements[index]
        return mine.role == its.role and cut(mine.name)[:1] == cut(its.name)[:1]

    @cached_property
    def scope(self) -> list[int]:
        """The elements that belong to the act: those of its card, else of the page; never what is struck out."""
        places = range(len(self.observation.elements)) if self.card is None else self.observation.subtree(self.card)
        return [i for i in places if i not in self._struck]

    @cached_property
    def _struck(self) -> set[int]:
        gone = (i for i, element in enumerate(self.observation.elements) if element.role == "deletion")
        return {below for i in gone for below in self.observation.subtree(i)}

    def around(self) -> Iterator[list[int]]:
        """The act's surroundings, from the inside out, each whole; what belongs to other controls like it is left out."""
        scope = set(self.scope)
        for container in above(self.index, self.observation):
            yield [i for i in self.observation.subtree(container) if i in scope]
        yield self.scope

    def own(self, index: int) -> str:
        element = self.observation.elements[index]
        return " ".join((element.value or element.name).split())

    def fields(self) -> Iterator[tuple[int, str, str]]:
        """Every field of the scope: its place, name and content; of a group of options, what is chosen."""
        for i in self.scope:
            element = self.observation.elements[i]
            if element.role in FIELDS:
                chosen = [] if element.value else self._chosen(i)
                yield i, self.field_name(i), element.value or ", ".join(chosen)
            elif element.role in ("radiogroup", "group") and (chosen := self._chosen(i)):
                yield i, element.name, ", ".join(chosen)

    def _chosen(self, index: int) -> list[str]:
        inside = (self.observation.elements[i] for i in self.observation.subtree(index))
        return [element.name for element in inside if element.role != "group" and _CHOSEN.intersection(element.states)]

    def lines(self, places: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
        """What the page says, in the smallest pieces: texts that are no field's content and hold no further element."""
        for i in self.scope if places is None else places:
            element = self.observation.elements[i]
            if element.role not in FIELDS | {"option"} and i not in self.observation.children and (text := self.own(i)):
                yield i, text

    def numbered(self, places: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
        """The lines with a digit in them."""
        return ((i, text) for i, text in self.lines(places) if any(map(str.isdigit, text)))

    def label_before(self, index: int) -> str:
        """The short text that stands just before an element, when nothing is between that could be meant instead."""
        for before in range(index - 1, max(-1, index - 1 - _NEAR), -1):
            element = self.observation.elements[before]
            if element.role in FIELDS | {"button"}:
                return ""
            text = self.own(before)
            if text and before not in self.observation.children and len(text) <= _LONG:
                return text
        return ""


_UNITS = frozenset({"row", "listitem", "article", "treeitem", "figure"})
