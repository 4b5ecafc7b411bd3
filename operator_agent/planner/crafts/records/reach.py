"""Things by their names, and the controls that do something to them: in their row, in a menu, behind a tick, in what they open.

Each look tells the next act on the way to a control, and the control itself once it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from operator_agent.flow.action import Action, Click, RightClick, Select, Tick
from operator_agent.flow.plan import Step
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import letters
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import UNITS, controls_in, handle, reacts, text_of
from operator_agent.planner.crafts.records.forms import dialog, words

SURE = 100.0
"""Of a way that was found: what only accounts for the words does not come before it."""
_QUOTED = re.compile(r'^["“”\'‘’](.+)["“”\'‘’]$')
_PLACED = re.compile(r"(.+?)\s+(?:of|in|from|on)\s+(?:the\s+)?(.+)", re.IGNORECASE)
_KIND = 3  # words that may come before a name
_LONG = 6  # words that a control's name may have and still be called by its first
_LISTED = frozenset(
    {
        "link",
        "row",
        "rowheader",
        "cell",
        "gridcell",
        "listitem",
        "option",
        "treeitem",
        "generic",
        "text",
        "heading",
        "button",
        "article",
        "code",
        "strong",
        "paragraph",
    }
)


class Found(NamedTuple):
    """`control` is its place among the elements, None when none shows yet; `steps` come first."""

    steps: tuple[Step, ...]
    control: int | None = None


def names(said: str) -> list[str]:
    """What a thing may be called that was said so: "the topic Music" is Music or topic Music; what was quoted is just that."""
    said = said.strip().rstrip(".,;:!?")
    if quoted := _QUOTED.match(said):
        return [quoted[1]]
    inner = re.search(r'["“]([^"”]+)["”]', said)
    parts = said.split()
    while parts and parts[0].casefold() in (*words("articles"), "all"):
        parts = parts[1:]
    found = [inner[1]] if inner else []
    found += [" ".join(parts[at:]) for at in range(min(len(parts), _KIND + 1)) if _is_kind(parts[:at]) and _begins_name(parts[at:])]
    led = next((at + 1 for at, word in enumerate(parts[:_KIND]) if word.casefold() in words("about")), 0)
    return list(dict.fromkeys([*found, *([" ".join(parts[led:])] if led and parts[led:] else [])]))


def _is_kind(before: Sequence[str]) -> bool:
    """Whether the words before a name may say what kind of thing it is: a word or two that are no names themselves."""
    return all(word.islower() and word not in words("small") for word in before)


def _begins_name(name: Sequence[str]) -> bool:
    return bool(name) and name[0].casefold() not in (*words("small"), *words("about"), *words("articles"))


def parted(said: str) -> tuple[str, str]:
    """A thing and where it is kept: "the column shelf of the table book"; "" when it is not said."""
    found = _PLACED.match(said) if not _QUOTED.match(said) else None
    return (found[1], found[2]) if found else (said, "")


def things(said: str, page: Page) -> list[int]:
    """The elements that are called like this, those outside of navigation first; the longest of its names that anything has."""
    for name in (*names(said)[:1], *names(parted(said)[0])):
        wanted = folded(name)
        found = [i for i in range(len(page.elements)) if page.elements[i].role in _LISTED and page.labels[i] == wanted]
        found = [i for i in found if not page.is_off(i) and not _in_header(i, page)]
        if found:
            return sorted(found, key=lambda i: (_aside(i, page), i))
    return []


def _in_header(index: int, page: Page) -> bool:
    return any(page.elements[i].role == "columnheader" for i in page.ancestors(index))


def _aside(index: int, page: Page) -> bool:
    return any(page.elements[i].role in ("navigation", "banner", "contentinfo") for i in page.ancestors(index))


def unit_of(index: int, page: Page) -> int | None:
    """The row, card or item that an element stands in."""
    around = (i for i in (index, *page.ancestors(index)) if page.elements[i].role in UNITS and page.elements[i].role != "option")
    return next((i for i in around if not page.is_header(i)), None)


def called(kinds: Sequence[str], candidates: Iterable[int], page: Page) -> int | None:
    """The control of these whose name is, else begins with, one of the words; earlier words first."""
    controls = [i for i in candidates if page.elements[i].role not in FIELDS and "disabled" not in page.elements[i].states]
    for name in kinds:
        exact = [i for i in controls if plain(page.labels[i]) == name]
        if exact:
            return page.one_each(exact)[0]
    for name in kinds:
        first = [
            i
            for i in controls
            if name.isalpha() and plain(page.labels[i]).startswith(f"{name} ") and len(letters(page.labels[i])) <= _LONG
        ]
        if first:
            return page.one_each(first)[0]
    return None


def plain(label: str) -> str:
    """A label without the pictures and marks around it."""
    return (
        re.sub(r"^[\W_]+(?=\w)|(?<=\w)[\s.…:!⌄▾▼]+$", "", "".join(c for c in label if not 0xE000 <= ord(c) <= 0xF8FF)).strip()
        or label.strip()
    )


def front(page: Page) -> list[int]:
    """The controls that can be used: those of an open dialog or menu, else all."""
    inside = dialog(page)
    menus = [i for i, e in enumerate(page.elements) if e.role == "menu" and page.ends[i] > i + 1 and not page.is_off(i)]
    outer = inside if inside is not None else menus[-1] if menus else -1
    return [i for i in controls_in(outer, page) if not page.is_off(i)]


class Way:
    """How to get at a control that does `kinds` to what is called `said`; `memory` holds what was tried."""

    def __init__(self, said: str, kinds: Sequence[str], asked: Asked) -> None:
        self.said, self.kinds = said, tuple(dict.fromkeys(kinds))
        self.page, self.memory = asked.page, asked.memory.setdefault("way", {"tried": []})
        if is_open(said, asked.page):
            self.memory["here"] = True

    def next(self) -> Found | None:
        """The control, or the next act on the way to it; None when there is no way."""
        for name, way in self._ways():
            if name in self.memory["tried"]:
                continue
            found = way
            if found is not None and found.control is None:
                self.memory["tried"].append(name)
            if found is not None:
                return found
        return None

    def _ways(self) -> Iterator[tuple[str, Found | None]]:
        yield "shown", self.shown()
        yield "place", self._placed()
        yield "list", self._list_action()
        yield "tick", self._ticked()
        if "tick" not in self.memory["tried"] and not self.memory.get("here"):
            yield "open", self._opened()
        yield "menu", self._menu()
        yield "context", self._context()

    def _placed(self) -> Found | None:
        """Where it is kept is opened, when that was said and it is not here."""
        place = parted(self.said)[1]
        found = opener(place, self.page) if place and not self._things() else None
        target = handle(found, self.page) if found is not None else None
        return Found((_step(Click(target=target)),)) if target else None

    def _things(self) -> list[int]:
        return things(self.said, self.page)

    def shown(self) -> Found | None:
        """In the thing's own row or, once it was ticked, opened or its menu is there, anywhere."""
        for thing in self._things():
            unit = unit_of(thing, self.page)
            inside = list(controls_in(unit, self.page)) if unit is not None else []
            found = called(self.kinds, (i for i in inside if i != thing), self.page)
            if found is not None:
                return Found((), found)
        if {"tick", "open", "menu", "context"} & set(self.memory["tried"]) or self.memory.get("here"):
            rows = {i for row in self._rows() for i in self.page.below(row)}
            found = called(self.kinds, (i for i in front(self.page) if i not in rows), self.page)
            return Found((), found) if found is not None else None
        return None

    def _rows(self) -> list[int]:
        """Rows of things that are not the one that is meant."""
        return [
            i
            for i, e in enumerate(self.page.elements)
            if e.role == "row" and self.page.ends[i] > i + 1 and dialog(self.page) is None
        ]

    def _list_action(self) -> Found | None:
        """A tick in its row and an act chosen from a list for all that are ticked."""
        box, page = self._box(), self.page
        if box is None:
            return None
        for at, element in enumerate(page.elements):
            if element.role != "combobox":
                continue
            for i in page.below(at):
                acts = page.elements[i].role == "option" and letters(page.labels[i])[:1]
                if acts and acts[0] in self.kinds:
                    going = called(words("go"), controls_in(page.elements[at].parent, page) + controls_in(-1, page), page)
                    ticked, listed, pressed = (
                        handle(box, page),
                        handle(at, page),
                        handle(going, page) if going is not None else None,
                    )
                    if ticked and listed and pressed:
                        chosen = Select(target=listed, options=(page.elements[i].name or page.elements[i].value,))
                        return Found((_step(Tick(target=ticked)), _step(chosen), _step(Click(target=pressed))))
        return None

    def _box(self) -> int | None:
        for thing in self._things():
            unit = unit_of(thing, self.page)
            boxes = (
                [i for i in controls_in(unit, self.page) if self.page.elements[i].role == "checkbox"] if unit is not None else []
            )
            if len(boxes) == 1:
                return boxes[0]
        return None

    def _ticked(self) -> Found | None:
        """A tick in its row, which makes controls for what is ticked appear."""
        box = self._box()
        target = handle(box, self.page) if box is not None else None
        return Found((_step(Tick(target=target)),)) if target else None

    def _opened(self) -> Found | None:
        found = opener(self.said, self.page)
        target = handle(found, self.page) if found is not None else None
        return Found((_step(Click(target=target)),)) if target else None

    def _menu(self) -> Found | None:
        if "open" not in self.memory["tried"] and not self.memory.get("here"):
            return None
        units = [unit for thing in self._things() if (unit := unit_of(thing, self.page)) is not None]
        own = (menu_button(self.page, unit) for unit in units)
        found = next((one for one in own if one is not None), None)
        found = menu_button(self.page) if found is None else found
        target = handle(found, self.page) if found is not None else None
        return Found((_step(Click(target=target)),)) if target else None

    def _context(self) -> Found | None:
        thing = next((i for i in self._things() if not _aside(i, self.page)), None)
        target = handle(thing, self.page) if thing is not None else None
        return Found((_step(RightClick(target=target)),)) if target else None


def menu_button(page: Page, inside: int = -1) -> int | None:
    """What opens the menu of the page or entry that is open: called so, or announced as a menu."""
    controls = [i for i in controls_in(inside, page) if page.elements[i].role not in ("link", "tab", *FIELDS)]
    found = called(words("menus"), controls, page)
    if found is None:
        signs = [i for i in controls if set(letters(page.labels[i])) & set(words("menu_signs"))]
        found = signs[0] if len(signs) == 1 else None
    return found


def opener(said: str, page: Page) -> int | None:
    """What opens the thing of this name: itself when it reacts, a link in it or around it."""
    found = things(said, page)
    for links in (True, False):
        for thing in found:
            chain: list[int] = [thing, *page.below(thing), *list(page.ancestors(thing))[:2]]
            for i in chain:
                if reacts(i, page) and (page.elements[i].role in ("link", "treeitem", "option", "tab") or not links):
                    return i
    return None


def mentioned(said: str, page: Page) -> int | None:
    """The one link whose name has all words of these in it: "the issue about the front door"."""
    for name in names(said):
        wanted = {word for word in letters(folded(name)) if word not in words("articles")}
        links = [
            i
            for i in controls_in(-1, page)
            if page.elements[i].role in ("link", "treeitem") and wanted and wanted <= set(letters(page.labels[i]))
        ]
        shown = {page.labels[i] for i in links}
        if len(shown) == 1:
            return links[0]
    return None


def is_open(said: str, page: Page) -> bool:
    """Whether the page is this thing's own: its first heading is its name, or the address ends with it."""
    called_so = {folded(name) for name in names(said)}
    first = next((i for i, e in enumerate(page.elements) if e.role == "heading" and page.labels[i] and not page.is_off(i)), None)
    last = folded(unquote(urlsplit(page.observation.url).path.rstrip("/").rpartition("/")[2]).replace("_", " "))
    return (first is not None and plain(page.labels[first]) in called_so) or last in called_so


def state(page: Page) -> tuple[object, ...]:
    """What tells that something happened: the address, what is shown, an open dialog, what was sent."""
    sent = [one for one in page.observation.exchanges if one.method not in ("GET", "HEAD", "OPTIONS")]
    return page.observation.url, page.observation.tree, dialog(page), len(sent)


def asks(page: Page) -> bool:
    """Whether the page is a question: it can be cancelled."""
    return called(words("cancels"), front(page), page) is not None


def doubted(page: Page) -> bool:
    """Whether the page asks whether it shall really be done."""
    asking = dialog(page)
    text = folded(page.observation.text if asking is None else text_of(asking, page))
    return any(doubt in text for doubt in words("doubts"))


def proposal(actions: Iterable[Step | Action], end: int, *, again: bool, score: float = SURE) -> Proposal:
    return Proposal(score, tuple(one if isinstance(one, Step) else _step(one) for one in actions), end, again)


def _step(action: Action) -> Step:
    return Step(action=action)
