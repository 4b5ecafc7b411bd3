"""What a page offers to fill, choose and press, by what each is called; and the words that only stand there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from operator_agent.flow.target import Target
from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.sentences.stems import label_units, same, units

Kind = Literal["text", "number", "choice", "option", "check", "radio", "press"]
_KINDS: dict[str, Kind] = {
    "textbox": "text", "searchbox": "text", "spinbutton": "number", "slider": "number", "combobox": "choice", "listbox": "choice",
    "option": "option", "checkbox": "check", "switch": "check", "menuitemcheckbox": "check",
    "radio": "radio", "menuitemradio": "radio",
    "button": "press", "link": "press", "menuitem": "press", "tab": "press", "treeitem": "press",
}  # fmt: skip
_GROUPS = frozenset({"group", "radiogroup"})
_TEXTS = 80  # texts of a page that are read as what surrounds its controls
_LONG_TEXT = 160


class Thing(NamedTuple):
    at: int
    """Its place among the page's elements."""
    kind: Kind
    label: str
    units: tuple[str, ...]


class Offer:
    """A page seen as what can be done with it."""

    def __init__(self, page: Page, typed: Sequence[str] = ()) -> None:
        self.page, self.typed = page, typed

    @cached_property
    def things(self) -> list[Thing]:
        found = []
        for index, element in enumerate(self.page.elements):
            kind = _KINDS.get(element.role) or ("press" if element.clickable else None)
            if kind is None or (not element.ref and kind != "option") or (kind == "text" and "readonly" in element.states):
                continue
            label = self._label(index)
            if label and len(label) <= _LONG_TEXT:
                found.append(Thing(index, kind, label, label_units(label)))
        return found

    def _label(self, index: int) -> str:
        element = self.page.elements[index]
        if element.name:
            return element.name
        beside = labelled_by(index, self.page)
        if beside is not None and self.page.labels[beside]:
            return self.page.elements[beside].name or self.page.elements[beside].value
        field = _KINDS.get(element.role) in ("text", "number", "choice")
        return element.placeholder if field else element.value or self.page.observation.text_of(index)

    def of(self, *kinds: Kind) -> list[Thing]:
        return [thing for thing in self.things if thing.kind in kinds]

    @cached_property
    def groups(self) -> list[Thing]:
        """Named groups of radios or boxes."""
        named = [(i, e.name) for i, e in enumerate(self.page.elements) if e.role in _GROUPS and e.name]
        return [Thing(i, "choice", name, label_units(name)) for i, name in named]

    @cached_property
    def around(self) -> frozenset[str]:
        """The words that stand on the page and are no control's: headings, names of lists and groups, texts, the title."""
        texts = [self.page.observation.title, *self.typed]
        own = {folded(thing.label) for thing in self.things if thing.kind != "press"}
        for element in self.page.elements:
            if len(texts) > _TEXTS:
                break
            if element.value and element.role in ("textbox", "searchbox", "combobox") and len(element.value) <= _LONG_TEXT:
                texts.append(element.value)
            text = element.name if element.role not in INTERACTIVE else ""
            text = text or (
                element.value if element.role in ("heading", "text", "paragraph", "strong", "listitem", "cell", "generic") else ""
            )
            if text and len(text) <= _LONG_TEXT and folded(text) not in own:
                texts.append(text)
        return frozenset(unit.text for text in texts for unit in units(text))

    def stands_here(self, unit: str) -> bool:
        return unit in self.around or any(same(unit, other) for other in self.around)

    def target(self, index: int) -> Target | None:
        return pointer(index, self.page)

    def options(self, box: int) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == "option" and self.page.holds(box, thing.at)]

    def owner(self, index: int) -> int | None:
        """The list an option belongs to."""
        return next((i for i in self.page.ancestors(index) if self.page.elements[i].role in ("combobox", "listbox")), None)

    @cached_property
    def dialog(self) -> int | None:
        """The dialog that stands open in the page."""
        found = [i for i, e in enumerate(self.page.elements) if e.role in ("dialog", "alertdialog")]
        return found[-1] if found else None


def folds(index: int, page: Page) -> bool:
    """Whether a control only opens and closes a section."""
    element = page.elements[index]
    around = page.elements[element.parent].role if element.parent >= 0 else ""
    return element.role == "button" and ("expanded" in element.states or around == "heading")
