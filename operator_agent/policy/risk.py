"""What an act may do, as risk classes, read from its verb and from the element it lands on.

The words are data (`risk.json`): phrases that count anywhere in a control's name, verbs that count at its beginning,
and harmless phrases that begin with such a verb.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from operator_agent.flow.action import Action, Press, Type
from operator_agent.flow.grant import RISKS, Risk
from operator_agent.flow.observation import Element, Observation
from operator_agent.matching import label
from operator_agent.written import tokens

Phrase = tuple[str, ...]
CONTROLS = frozenset({"button", "link", "menuitem"})
"""Roles that do something when clicked."""
_CHOICES = frozenset(
    {"radio", "checkbox", "switch", "option", "menuitemradio", "menuitemcheckbox", "tab", "columnheader"}
) | frozenset({"textbox", "searchbox", "combobox", "spinbutton", "slider"})
"""Roles that choose, show or take input, whatever they are called."""
_READ: set[Risk] = {"read"}
_EDIT: set[Risk] = {"edit"}
_QUIET = frozenset(
    {"read", "mark", "hover", "hover at", "scroll", "wait for", "switch tab", "close tab", "go to", "back", "download", "ask", "do"}
)
_CLICKS = frozenset({"click", "double click"})
_ENTER = frozenset({"enter", "numpadenter", "return"})
_JOINTS = frozenset({"and", "&", "+", "/", ",", "·", "|", ":", "-", ">", "→", "und", "et", "y", "then"})
_LONGEST = 100
"""Characters up to which a text is read as a control's name; what is longer is prose."""


class _Words(NamedTuple):
    anywhere: dict[Risk, list[Phrase]]
    leading: dict[Risk, list[Phrase]]
    spoken: dict[Risk, list[Phrase]]
    fields: dict[Risk, list[Phrase]]
    harmless: list[Phrase]
    assent: list[Phrase]
    total: list[Phrase]


@lru_cache(maxsize=1)
def words() -> _Words:
    """The word lists, cut into tokens."""
    data = json.loads(files(__package__).joinpath("risk.json").read_text(encoding="utf-8"))

    def phrases(texts: Iterable[str]) -> list[Phrase]:
        return [_cut(text) for text in texts]

    def by_class(key: str) -> dict[Risk, list[Phrase]]:
        return {risk: phrases(data[key].get(risk, ())) for risk in RISKS}

    return _Words(
        anywhere=by_class("anywhere"),
        leading=by_class("leading"),
        spoken=by_class("spoken"),
        fields=by_class("fields"),
        harmless=phrases(data["harmless"]),
        assent=phrases(data["assent"]),
        total=phrases(data["total"]),
    )


def highest(risks: Iterable[Risk]) -> Risk:
    return max(risks, key=RISKS.index, default="read")


def of_name(name: str) -> set[Risk]:
    """The classes a control's name stands for; empty for one that only opens, shows or chooses."""
    if len(name) > _LONGEST:
        return set()
    cut = _cut(name)
    found = {risk for risk in RISKS if any(_holds(cut, phrase) for phrase in words().anywhere[risk])}
    for part in _parts(cut):
        found |= {risk for risk in RISKS if _begins(part, words().leading[risk])}
    return found


def of_speech(text: str) -> set[Risk]:
    """The classes a sentence speaks of, wherever in it."""
    cut = _cut(text)
    return {risk for risk in RISKS if any(_holds(cut, phrase) for phrase in words().spoken[risk])}


def says_total(text: str) -> bool:
    """Whether a text names a sum to be paid."""
    return any(_holds(_cut(text), phrase) for phrase in words().total)


def of_act(action: Action, elements: Mapping[str, Element], observation: Observation) -> set[Risk]:
    """Every class the act may fall into, at least one."""
    if action.verb == "answer dialog":
        speaks = observation.dialog is not None and action.answer == "accept"
        return _READ | (of_speech(observation.dialog.text) if speaks and observation.dialog else set())
    if action.verb in _QUIET:
        return {"read"}
    index = place(elements.get("target"), observation)
    if action.verb in _CLICKS:
        return _of_click(elements.get("target"), index, observation)
    if isinstance(action, Press) and _is_space(action) and index is not None:
        return _of_click(elements.get("target"), index, observation)
    if (isinstance(action, Press) and _is_enter(action)) or (isinstance(action, Type) and "\n" in action.text):
        return _of_enter(index, observation)
    if action.verb == "drag" and (onto := elements.get("to")):
        return _EDIT | of_name(onto.name)
    return {"edit"}


def place(element: Element | None, observation: Observation) -> int | None:
    """Where `element` stands in the observation it came from."""
    if element is None:
        return None
    return next((i for i, other in enumerate(observation.elements) if other is element or other == element), None)


def above(index: int | None, observation: Observation) -> Iterator[int]:
    """`index` and its ancestors, from the inside out."""
    while index is not None and index >= 0:
        yield index
        index = observation.elements[index].parent


def _of_click(element: Element | None, index: int | None, observation: Observation) -> set[Risk]:
    if element is None:
        return {"edit"}
    if index is None:
        return _EDIT | of_name(element.name)
    if element.role in _CHOICES:
        return {"edit"}
    found: set[Risk] = {"read" if element.role == "link" else "edit"}
    for control in _touched(index, observation):
        found |= of_name(label(control, observation))
        if _is_assent(label(control, observation)):
            found |= _of_context(control, observation)
    return found


def _touched(index: int, observation: Observation) -> list[int]:
    """The controls a click on an element may reach: itself, the one it is part of, and, when it is no control, those in it."""
    touched = [i for i in above(index, observation) if i == index or observation.elements[i].role in CONTROLS]
    if observation.elements[index].role not in CONTROLS:
        touched += [i for i in observation.subtree(index) if i != index and observation.elements[i].role in CONTROLS]
    return touched


def _of_context(index: int, observation: Observation) -> set[Risk]:
    """What "Yes" or "Continue" agrees to: the question its dialog asks."""
    for container in above(index, observation):
        if observation.elements[container].role in ("dialog", "alertdialog"):
            return of_speech(observation.elements[container].name + " " + observation.text_of(container))
    return set()


def _of_enter(index: int | None, observation: Observation) -> set[Risk]:
    """Enter presses the button of the form the focus is in; where the focus is unknown it may press any."""
    focus = index
    if focus is None:
        focus = next((i for i, e in enumerate(observation.elements) if "active" in e.states), None)
    found: set[Risk] = {"submit"}
    if focus is not None:
        element = observation.elements[focus]
        if element.role in CONTROLS:
            return _of_click(element, focus, observation)
        name = _cut(element.name or element.placeholder)
        found |= {risk for risk in RISKS if any(_holds(name, phrase) for phrase in words().fields[risk])}
    for control in form_buttons(focus, observation):
        found |= _of_click(observation.elements[control], control, observation)
    return found


def form_buttons(focus: int | None, observation: Observation) -> list[int]:
    """The buttons of the smallest container around `focus` that has any. A form without a name is no node of the tree."""
    for container in above(focus, observation):
        buttons = [i for i in observation.subtree(container) if observation.elements[i].role == "button"]
        if buttons:
            return buttons
    return [i for i, element in enumerate(observation.elements) if element.role == "button"]


def _is_enter(press: Press) -> bool:
    return any(keys.rsplit("+", 1)[-1].casefold() in _ENTER for keys in press.keys.split())


def _is_space(press: Press) -> bool:
    return press.keys == " " or "space" in press.keys.casefold().split()


def _is_assent(name: str) -> bool:
    cut = _cut(name)
    return _begins(cut, words().assent) and not _begins(cut, words().harmless)


@lru_cache(maxsize=4096)
def _cut(text: str) -> Phrase:
    return tuple(token.text for token in tokens(text))


def _parts(cut: Phrase) -> Iterator[Phrase]:
    """The name and what follows each joint in it, unless harmless, also without assent before: "Yes, delete", "Save & publish"."""
    starts = [0, *(at + 1 for at, word in enumerate(cut) if word in _JOINTS)]
    for start in starts:
        part = cut[start:]
        while part and not part[0][0].isalnum():
            part = part[1:]
        if _begins(part, words().harmless):
            continue
        yield part
        yield from (part[len(phrase) :] for phrase in words().assent if part[: len(phrase)] == phrase)


def _begins(cut: Phrase, phrases: Iterable[Phrase]) -> bool:
    return any(cut[: len(phrase)] == phrase for phrase in phrases)


def _holds(cut: Phrase, phrase: Phrase) -> bool:
    return any(cut[at : at + len(phrase)] == phrase for at in range(len(cut) - len(phrase) + 1))
