"""Elements as Playwright's locators, as short as they are sure: by role and name, then by what they stand in, last by place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from operator_agent.export.code import Texts, quoted
from operator_agent.flow.observation import Observation
from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.naming import places
from operator_agent.grounding.page import Page
from operator_agent.matching import containers, folded, has_states, label, matches
from operator_agent.script.placeholder import literal, names

_UNKNOWN = frozenset(
    {"", "text", "generic", "iframe", "window", "canvas", "graphics-document", "graphics-object", "graphics-symbol"}
)
"""Roles `get_by_role` does not know, or that say nothing."""
BY_CONTENT = frozenset(
    {"row", "cell", "gridcell", "option", "treeitem", "link", "button", "heading", "tab", "columnheader", "rowheader"}
)
"""Roles that are named by what they show."""
_STATES = {"checked": "checked", "disabled": "disabled", "expanded": "expanded", "pressed": "pressed", "selected": "selected"}
_OPPOSITES = {"enabled": "disabled", "unchecked": "checked", "collapsed": "expanded", "unselected": "selected"}
_LONGEST = 80


class Locators:
    """Writes locators. `tab` is the variable of the page they are on."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.tab = "page"

    def of_act(
        self, planned: Target | None, done: Target, element: str, seen: Observation, placeholder: str = ""
    ) -> str:  # fmt: skip
        """The element an act went to. `planned` is the target as written, with placeholders; `element` what it was resolved to."""
        page = Page(seen)
        found = matches(done, seen) if not done.words else []
        if len(found) != 1:
            called = Target.parse(element) if element else done
            alike = matches(called, seen) if element else []
            found = alike if len(alike) == 1 or not found else [i for i in found if i in alike] or found
            done = called if len(alike) == 1 else done
            planned = None if done is called else planned
        template = _template(planned, done)
        if placeholder and found and not seen.elements[found[0]].name and not done.within:
            return f"{self.frame_of(found[0], page)}.get_by_placeholder({quoted(placeholder)}, exact=True)"
        if found:
            place = _nth_of(done, found) if len(found) > 1 else 0
            return self._element(found[place], template, page, planned or done)
        return self._target(planned or done, seen)

    def of_check(self, target: Target, filled: Target, seen: Observation) -> tuple[str, int]:
        """The elements a check means, and how many there were."""
        found = matches(filled, seen)
        if len(found) == 1:
            return self._element(found[0], _template(target, filled), Page(seen), target), 1
        return self._target(target, seen), len(found)

    def frame_of(self, index: int, page: Page) -> str:
        """What stands for the document an element is in: the tab, or a frame of it."""
        above = [i for i in page.ancestors(index) if page.elements[i].role == "iframe"]
        code = self.tab
        for frame in reversed(above):
            code += self._frame(frame, page)
        return code

    def _frame(self, frame: int, page: Page) -> str:
        name = page.elements[frame].name
        if name:
            return f".get_by_title({quoted(name)}, exact=True).content_frame"
        outer = next((i for i in page.ancestors(frame) if page.elements[i].role == "iframe"), -1)
        inside = [i for i in _scope(outer, page) if page.elements[i].role == "iframe"]
        return f'.locator("iframe"){_nth(inside.index(frame), len(inside))}.content_frame'

    def _element(self, index: int, template: str, page: Page, said: Target | None = None) -> str:
        """The locator of one element, and of no other on the page. `said` is the target that meant it."""
        element, base, said = page.elements[index], self.frame_of(index, page), said or Target()
        scope = _scope(next((i for i in page.ancestors(index) if page.elements[i].role == "iframe"), -1), page)
        if is_regex(said.name) and element.role not in _UNKNOWN and (known := self._by_pattern(index, said, page, scope)):
            return f"{base}.{known}"
        if element.role in _UNKNOWN:
            return self._by_text(index, template, page, base, scope)
        if said.nth and not said.name and not said.within and said.role == element.role:
            return f'{base}.get_by_role("{element.role}")' + (".last" if said.nth < 0 else _nth(said.nth - 1, 2))
        told = [state for state in said.states if _kwargs([state])]
        call, equals = self._by_role(element.role, template, element.name, said.states, exact=False), list[int]()
        for exact in (False, True):
            same = [i for i in scope if _fits(page, i, element.role, element.name, exact=exact)]
            stated = [i for i in same if has_states(page.elements[i], told)]
            if stated != equals:  # else exactness would only make it longer
                call, equals = self._by_role(element.role, template, element.name, said.states, exact=exact), stated
            if stated == [index]:
                return f"{base}.{call}"
        if "active" in said.states and "active" in element.states:
            return f'{base}.{call}.and_({base}.locator(":focus"))'
        there = said.within
        meant = [there] if there and there.name and not (there.within or there.words or there.nth) else []
        for place in (*meant, *islice(places(index, page), 8)):
            if (inside := self._inside(place, index, page, base)) and _sole(index, place, page):
                return f"{inside}.{call.replace(', exact=True', '')}"
        for place in meant:
            if (inside := self._inside(place, index, page, base)) and index in equals:
                within = next(i for i in page.ancestors(index) if i in containers(place, page.observation))
                equals = [i for i in equals if i in set(page.below(within))]
                return f"{inside}.{call}{_nth(equals.index(index), len(equals))}"
        return f"{base}.{call}{_nth(equals.index(index), len(equals))}" if index in equals else f"{base}.{call}"

    def _by_pattern(self, index: int, said: Target, page: Page, scope: Sequence[int]) -> str:
        """By the pattern it was meant with; "" when that alone fits others too."""
        alone = said.model_copy(update={"within": None, "nth": 0, "states": (), "name": said.name})
        if list(names(said.name)) or matches(alone, page.observation) != [index]:
            return ""
        role, text = page.elements[index].role, said.name[1:-1]
        if re.fullmatch(r"[\w ]+", text) and [i for i in scope if _fits(page, i, role, text, exact=False)] == [index]:
            return self._by_role(role, literal(text), text, said.states, exact=False)
        return f'get_by_role("{role}", name={self.texts.compared(said.name)}{_kwargs(said.states)})'

    def _by_role(self, role: str, template: str, name: str, states: Sequence[str], *, exact: bool) -> str:
        if not name:
            return f'get_by_role("{role}"{_kwargs(states)})'
        sure = ", exact=True" if exact else ""
        return f'get_by_role("{role}", name={self.texts.text(template or literal(name))}{sure}{_kwargs(states)})'

    def _by_text(self, index: int, template: str, page: Page, base: str, scope: Sequence[int]) -> str:
        shown = page.elements[index].name or page.elements[index].value or page.observation.text_of(index)
        if not shown:
            around = next((i for i in page.ancestors(index) if page.elements[i].role not in _UNKNOWN), None)
            return self._element(around, "", page) if around is not None else f'{base}.locator("body")'
        same = [i for i in scope if label(i, page.observation) == shown and not set(page.below(i)) & {index}]
        text = self.texts.text(template or literal(shown[:_LONGEST]))
        exact = ", exact=True" if len(shown) <= _LONGEST else ""
        return f"{base}.get_by_text({text}{exact})" + (".first" if len(same) > 1 else "")

    def _inside(self, place: Target, index: int, page: Page, base: str) -> str:
        """A container, by its own name or by what it holds; "" when Playwright could not tell it from others."""
        around = [i for i in page.ancestors(index) if i in containers(place, page.observation)]
        if not around or place.role in _UNKNOWN:
            return ""
        own = page.elements[around[0]].name
        name = self.texts.text(literal(place.name))
        if own:
            alike = [i for i in range(len(page.elements)) if _fits(page, i, place.role, place.name, exact=False)]
            whole = "" if len(alike) == 1 else ", exact=True"
            return f'{base}.get_by_role("{place.role}", name={self.texts.text(literal(own)) if whole else name}{whole})'
        part = next((i for i in page.below(around[0]) if page.labels[i] == folded(place.name)), None)
        if part is not None and page.elements[part].role not in _UNKNOWN and page.elements[part].name and base == self.tab:
            inner = f'{base}.get_by_role("{page.elements[part].role}", name={name}, exact=True)'
            return f'{base}.get_by_role("{place.role}").filter(has={inner})'
        return f'{base}.get_by_role("{place.role}").filter(has_text={name})'

    def _target(self, target: Target, seen: Observation) -> str:
        """A target that is not one element of a look: what is gone, what is counted."""
        base = self.tab
        if found := matches(target, seen) if not list(names(target.name)) else []:
            base = self.frame_of(found[0], Page(seen))
        if target.within:
            inner = target.within
            name = self.texts.compared(inner.name) if inner.name else ""
            own = inner.role not in BY_CONTENT and inner.role not in ("listitem", "article")
            base = f'{base}.get_by_role("{inner.role}"' + (f", name={name})" if own and name else ")")
            base += f".filter(has_text={name})" if name and not own else ""
        if target.role in _UNKNOWN:
            return f"{base}.get_by_text({self.texts.compared(target.name)})" if target.name else f'{base}.locator("body")'
        name = f", name={self.texts.compared(target.name)}" if target.name else ""
        exact = ", exact=True" if target.name and not is_regex(target.name) else ""
        call = f'{base}.get_by_role("{target.role}"{name}{exact}{_kwargs(target.states)})'
        return call + ("" if not target.nth else ".last" if target.nth < 0 else _nth(target.nth - 1, 2))


def _template(planned: Target | None, done: Target) -> str:
    """The name as written, when something is to be put into it: it is what was found there then."""
    if planned and list(names(planned.name)) and not is_regex(planned.name):
        return planned.name
    return ""


def _scope(frame: int, page: Page) -> list[int]:
    """The elements of one document: those in a frame of it are not in it."""
    inside = range(len(page.elements)) if frame < 0 else page.below(frame)
    return [i for i in inside if next((a for a in page.ancestors(i) if page.elements[a].role == "iframe"), -1) == frame]


def _fits(page: Page, index: int, role: str, name: str, *, exact: bool) -> bool:
    """Whether `get_by_role` would take it for the one of this role and name."""
    one = page.elements[index]
    if one.role != role:
        return False
    known = one.name or (page.observation.text_of(index) if role in BY_CONTENT else "")
    seen, wanted = " ".join(known.split()), " ".join(name.split())
    return not name or (seen == wanted if exact else wanted.casefold() in seen.casefold())


def _sole(index: int, place: Target, page: Page) -> bool:
    """Whether nothing else in containers of that kind has its role and name."""
    element = page.elements[index]
    within = Target(role=element.role, name=element.name if not is_regex(element.name) else "", within=place)
    return matches(within, page.observation) == [index]


def _kwargs(states: Sequence[str]) -> str:
    """States as arguments of `get_by_role`; those it has none for are left to `expect`."""
    told = ""
    for state in states:
        name, _, value = state.partition("=")
        if name == "level":
            told += f", level={value}"
        elif name in _STATES and value in ("", "true", "false"):
            told += f", {name}={value != 'false'}"
        elif name in _OPPOSITES:
            told += f", {_OPPOSITES[name]}=False"
    return told


def _nth(place: int, count: int) -> str:
    if count <= 1:
        return ""
    return ".first" if place == 0 else f".nth({place})"


def _nth_of(target: Target, found: Sequence[int]) -> int:
    return len(found) - 1 if target.nth < 0 else 0
