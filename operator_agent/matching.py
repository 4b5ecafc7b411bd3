"""Which elements a structured target means, without guessing: the strict half of finding things.

Names are equal up to letter case, white space and Unicode form, or searched by a `/regex/`; nothing is scored. A
container (`… in row "Latte"`) may be named by a part of what it shows: rows and list items seldom have own names.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache

from operator_agent.compare import found, shows
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.target import Target, is_regex
from operator_agent.written import normal

FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "listbox", "slider", "progressbar", "meter", "scrollbar"})
"""Roles whose value is content, never a name."""

_OPPOSITE = {"enabled": "disabled", "unchecked": "checked", "collapsed": "expanded", "unselected": "selected"}

# Names repeat from look to look; a long one is seldom a name and not worth keeping.
_folded = lru_cache(maxsize=16_384)(normal)


def folded(name: str) -> str:
    """`normal`, remembered for short names: a page is looked at many times."""
    return _folded(name) if len(name) <= 200 else normal(name)


def matches(target: Target, observation: Observation) -> list[int]:
    """Indices of the elements `target` means, in document order; empty when none does, or when it is in plain words.

    More than one means the target is ambiguous, unless it says which (`nth`). Raises `UsageError` for a bad `/regex/`.
    """
    if target.words:
        return []
    indices = _candidates(target, observation)
    indices = [i for i in indices if has_states(observation.elements[i], target.states)]
    if target.within:
        inside = _inside(containers(target.within, observation), observation)
        indices = [i for i in indices if i in inside]
    if not target.role:
        indices = _one_per_nest(indices, observation)
    return _nth(indices, target.nth)


def containers(target: Target, observation: Observation) -> list[int]:
    """The elements `target` means as a place to look in.

    By their own name, else by the name of something in them, else by text they show; of nested ones the innermost.
    """
    if not target.name or target.words:
        return matches(target, observation)
    named = matches(target.model_copy(update={"nth": 0}), observation)
    if not named:
        places = [i for i in _of_role(target.role, observation) if has_states(observation.elements[i], target.states)]
        if target.within:
            inside = _inside(containers(target.within, observation), observation)
            places = [i for i in places if i in inside]
        named = _by_part(target, places, observation) or _by_text(target, places, observation)
    return _nth(named, target.nth)


def has_states(element: Element, wanted: Iterable[str]) -> bool:
    """Whether all hold: `disabled`, `level=2`, `checked=false`, or an opposite: `enabled`, `unchecked`, `collapsed`."""
    return all(_has_state(element, state) for state in wanted)


def label(index: int, observation: Observation) -> str:
    """What a person would call the element: its name, else, unless it is a field, the text it shows."""
    element = observation.elements[index]
    if element.name or element.role in FIELDS:
        return element.name
    return element.value or observation.text_of(index)


def _has_state(element: Element, state: str) -> bool:
    state = state.removesuffix("=true")
    if state.endswith("=false") or state in _OPPOSITE:
        absent = _OPPOSITE.get(state, state.removesuffix("=false"))
        return absent not in element.states
    return state in element.states


def _of_role(role: str, observation: Observation) -> list[int]:
    if not role:
        return list(range(len(observation.elements)))
    return observation.of_role.get(role, [])


def _candidates(target: Target, observation: Observation) -> list[int]:
    if not target.name:
        return _of_role(target.role, observation)
    if not is_regex(target.name):
        return _by_label(target.role, observation).get(folded(target.name), [])
    fits = _name_test(target.name)
    return [i for i in _of_role(target.role, observation) if fits(_read(target.role, i, observation))]


def _read(role: str, index: int, observation: Observation) -> str:
    # Without a role every ancestor would be read again and again: only what has a name or text of its own counts.
    return label(index, observation) if role and role != "generic" else _own_label(index, observation)


_recent: deque[tuple[Observation, dict[str, dict[str, list[int]]]]] = deque(maxlen=4)
"""The latest looks that were searched, each with its elements by role and label: many targets are looked up in one."""


def _by_label(role: str, observation: Observation) -> dict[str, list[int]]:
    known = next((roles for seen, roles in _recent if seen is observation), None)
    if known is None:
        known = {}
        _recent.append((observation, known))
    if role not in known:
        known[role] = {}
        for index in _of_role(role, observation):
            known[role].setdefault(folded(_read(role, index, observation)), []).append(index)
    return known[role]


def _own_label(index: int, observation: Observation) -> str:
    element = observation.elements[index]
    return element.name or ("" if element.role in FIELDS else element.value)


def _name_test(name: str) -> Callable[[str], bool]:
    if is_regex(name):
        return lambda seen: bool(seen) and found(name, seen)
    wanted = folded(name)
    return lambda seen: folded(seen) == wanted


def _by_part(target: Target, places: list[int], observation: Observation) -> list[int]:
    """Places that hold an element whose own name is exactly the one wanted."""
    fits = _name_test(target.name)
    parts = [i for i in range(len(observation.elements)) if fits(_own_label(i, observation))]
    above = {ancestor for part in parts for ancestor in _ancestors(part, observation)}
    return _innermost([i for i in places if i in above], observation)


def _by_text(target: Target, places: list[int], observation: Observation) -> list[int]:
    if not target.role:
        return []
    return _innermost([i for i in places if shows(target.name, _full_text(i, observation))], observation)


def _full_text(index: int, observation: Observation) -> str:
    return f"{observation.elements[index].name} {observation.text_of(index)}"


def _ancestors(index: int, observation: Observation) -> Iterable[int]:
    above = observation.elements[index].parent
    while above >= 0:
        yield above
        above = observation.elements[above].parent


def _innermost(indices: list[int], observation: Observation) -> list[int]:
    above = {ancestor for index in indices for ancestor in _ancestors(index, observation)}
    return [index for index in indices if index not in above]


def _inside(places: list[int], observation: Observation) -> set[int]:
    return {below for place in places for below in observation.subtree(place) if below != place}


def _one_per_nest(indices: list[int], observation: Observation) -> list[int]:
    """Cell, link and text that carry one name are one thing: the innermost that is not a run of text."""
    solid = [index for index in indices if observation.elements[index].role != "text"]
    kept = set(_innermost(solid, observation))
    within_kept = _inside(sorted(kept), observation)
    return [i for i in indices if i in kept or (observation.elements[i].role == "text" and i not in within_kept)]


def _nth(indices: list[int], nth: int) -> list[int]:
    if nth == 0:
        return indices
    if nth < 0:
        return indices[-1:]
    return indices[nth - 1 : nth]
