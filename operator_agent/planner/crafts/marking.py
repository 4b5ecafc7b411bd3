"""Text that is selected, given a style in an editor, or copied from one place to another."""

from __future__ import annotations

from operator_agent.flow.action import Action, Click, Fill, Mark
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import describe, pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed, text_of, typed_in
from operator_agent.planner.crafts.heard import Heard, heard, hears, known
from operator_agent.planner.crafts.visual.acting import click
from operator_agent.planner.crafts.visual.colours import family

_SURE = 95.0
_SHOWS = frozenset({"paragraph", "textbox", "heading", "listitem", "cell", "blockquote", "generic", "text", "article", "code"})
_STYLES = {
    "italics": "italic", "italicize": "italic", "italicise": "italic", "underlined": "underline", "struck through": "strikethrough",
}  # fmt: skip
_PATCH = 40.0  # CSS pixels
_PLAIN = frozenset({"bold", "italic", "underline", "strikethrough"})


class Marking:
    name = "marking"
    spans = True
    sees = True  # swatches of colour have no names

    def hears(self, words: str) -> bool:
        return hears(_bare(words)[0], "marking", "mark", "style", "copy")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        words, cut = _bare(asked.words)
        for one in heard(words, "marking", "copy"):
            if found := _copied(one._replace(end=one.end + cut), asked.page):
                return found
        for one in heard(words, "marking", "style"):
            if styled := _styled(one._replace(end=one.end + cut), words, asked):
                return styled
        marks = heard(words, "marking", "mark")
        return next((found for one in marks if (found := _marked(one._replace(end=one.end + cut), asked.page))), None)


def _bare(words: str) -> tuple[str, int]:
    """Without "using the text editor," at the beginning, and how much that was."""
    cut = max((one.end for one in heard(words, "marking", "prelude")), default=0)
    rest = words[cut:].lstrip(" ,")
    return rest, len(words) - len(rest)


def _marked(one: Heard, page: Page) -> Proposal | None:
    place = one.text("place")
    text = text_of(one.slots["text"]) if "text" in one.slots else ""
    index = _shown(place, "" if _all(text) else text, page)
    if index is None:
        return None
    action = Mark(target=_place(index, page), text="" if _all(text) else text)
    return Proposal(_SURE, (Step(action=action),), one.end)


def _all(text: str) -> bool:
    return not text or folded(text) in known("marking", "everything")


def _shown(place: str, text: str, page: Page) -> int | None:
    """What shows the text: where it was said to be, else the innermost element that has it; for all of it the only prose."""
    if place:
        found = search(place, "hover", page) or search(f"the {place}", "hover", page)
        return found.indices[0] if found and len(found.indices) == 1 else None
    prose = [i for i, e in enumerate(page.elements) if e.role in _SHOWS and e.ref and (e.value or e.name)]
    if text:
        prose = [i for i in prose if text in (page.elements[i].value or page.elements[i].name)]
        return prose[-1] if prose else None
    fields = [i for i in prose if page.elements[i].role == "textbox"]
    paragraphs = [i for i in prose if page.elements[i].role == "paragraph"]
    only = next((group for group in (fields, paragraphs, prose) if len(group) == 1), None)
    return only[0] if only else None


def _place(index: int, page: Page) -> Target:
    """By its role and place when its text is too long to be a name."""
    element = page.elements[index]
    if element.role in FIELDS or not (element.name or len(element.value) < 60):
        return pointed(index, page)
    return pointer(index, page) or pointed(index, page)


def _styled(one: Heard, words: str, asked: Asked) -> Proposal | Refusal | None:
    """Selects the text, then presses what the editor has for the style; a colour may be in a list that must be opened."""
    style = folded(one.text("style") or words.split()[0])
    style = _STYLES.get(style, style)
    page, memory = asked.page, asked.memory
    if not memory.get("marked"):
        marked = _marked(one, page)
        if marked is None:
            return None
        memory["marked"] = True
        return Proposal(_SURE, marked.steps, 0, again=True)
    button = _button(style, page)
    if button is not None:
        return Proposal(_SURE, (Step(action=Click(target=_place(button, page))),), one.end)
    if memory.get("opened") and (swatch := _swatch(style, page)):
        return Proposal(_SURE, (swatch,), one.end)
    opener = None if style in _PLAIN or memory.get("opened") else _opener(page)
    if opener is None:
        return Refusal(reason=f'Nothing here makes text "{style}".')
    memory["opened"] = True
    look = Step(action=Click(target=_place(opener, page)), intent=f"look in {describe(opener, page)}")
    return Proposal(_SURE, (look,), 0, again=True)


def _button(style: str, page: Page) -> int | None:
    """What is called like the style, by itself or as a word of its name."""
    named = [i for i in page.controls if style in page.labels[i].replace("-", " ").split()]
    return named[0] if len(named) == 1 else None


def _swatch(style: str, page: Page) -> Step | None:
    """The purest of the small patches of that colour."""
    looks = page.observation.looks
    wanted = {"gray": "grey", "violet": "purple"}.get(style, style)
    patches = [shape for shape in (looks.shapes if looks else ()) if shape.fill and shape.size <= _PATCH and not shape.text]
    found = [shape for shape in patches if shape.fill and family(shape.fill) == wanted]
    if not found or not looks:
        return None
    return click(max(found, key=lambda shape: max(shape.fill or (0,)) - min(shape.fill or (0,))), looks, page)


def _opener(page: Page) -> int | None:
    """What opens a list of colours: by its name, else the only list in the editor's bar."""
    words = {"color", "colour", "colors", "colours", "picker", "palette", "foreground", "fill"}
    named = [i for i in page.controls if words & set(page.labels[i].split()) and page.elements[i].role not in FIELDS]
    return named[0] if named else None


def _copied(one: Heard, page: Page) -> Proposal | Refusal | None:
    """The text of the one into the other. Of several fields that are called alike, the one that holds a text is copied from."""
    source = search(f"the {one.text('source')}", "read", page) or search(one.text("source"), "read", page)
    sources = [i for i in (source.indices if source else []) if _text(i, page)]
    if len(sources) != 1:
        return None
    target = search(f"the {one.text('target')}", "fill", page)
    targets = [i for i in (target.indices if target else []) if i in typed_in(page) and i != sources[0]]
    empty = [i for i in targets if not page.elements[i].value]
    targets = empty if len(targets) > 1 else targets
    if len(targets) != 1:
        return None
    actions: tuple[Action, ...] = (Fill(target=pointed(targets[0], page), text=_text(sources[0], page)),)
    return Proposal(100.0, tuple(Step(action=action) for action in actions), one.end)


def _text(index: int, page: Page) -> str:
    element = page.elements[index]
    return element.value if element.role in FIELDS else element.value or element.name or page.observation.text_of(index)
