"""What a clause asks for on the page that is open: its readings are tried on what is there, and the one that fits is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from operator_agent.flow.action import Action, AnswerDialog, Click, CloseTab, Fill, Press, Select, SwitchTab, Tick, Untick, Upload
from operator_agent.flow.plan import Refusal
from operator_agent.flow.target import Target, quoted
from operator_agent.grounding.around import enabling
from operator_agent.grounding.fit import CHECKS, INTERACTIVE
from operator_agent.grounding.lexicon import lexicon
from operator_agent.grounding.naming import describe, distinct, pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import EXACT, search
from operator_agent.grounding.score import Wanted
from operator_agent.grounding.tokens import letters, tokens
from operator_agent.matching import folded
from operator_agent.planner.grammar import Clause, Reading, Said, verbs
from operator_agent.planner.meaning import Meant, check_of, keys_of, no_mere_waiting, phrase_of, worded
from operator_agent.planner.recovery import closing_control
from operator_agent.planner.sentences.stems import stem
from operator_agent.planner.sentences.things import folds

_GOOD = 78.0  # an option that is less like what was said is not it
_BUT_SAID_OTHERWISE = 2.0  # the whole clause is a name: as good as exact, unless the verb's own reading is
_BOXES = frozenset({"combobox", "listbox"})
_PRESSED = frozenset({"button", "link", "menuitem", "tab"})
_MOST_WORDS = 7  # of a name whose words may be said in another order


class Aim(NamedTuple):
    """Elements that answer to some words equally well; `target` means the one, or repeats the words when it is not one."""

    score: float
    indices: list[int]
    target: Target

    @property
    def one(self) -> bool:
        return len(self.indices) == 1


def meant(clause: Clause, page: Page) -> Meant | Refusal | None:
    """The actions for this page. Words that nothing on it answers to are kept as words in the likeliest reading; None when
    there is no such reading either. A `Refusal` names the choices when two different things are meant equally well."""
    if clause.readings[0].verb == "wait":
        return no_mere_waiting(clause.words)
    several = _all_parts(clause, page)
    if several and len(clause.readings[0].slots) > 1:
        return several
    found = [result for reading in clause.readings if (result := _resolve(reading, page))]
    refusals = [result for result in found if isinstance(result, Refusal)]
    good = sorted((result for result in found if isinstance(result, Meant)), key=lambda result: -result.score)
    whole = whole_name(clause.words, page)
    if whole and (not good or good[0].score < whole.score - _BUT_SAID_OTHERWISE):
        return whole
    if good and (good[0].score >= EXACT - 1 or not several):
        return good[0]
    if several or refusals:
        return several or refusals[0]
    return name_and_place(clause.words, page) or _as_said(clause)


def whole_name(words: str, page: Page) -> Meant | None:
    """A press of what is called like the whole clause: "Add to basket", "Sign in"."""
    found = search(words, "click", page)
    if not found or found.score < EXACT or found.phrase.label != folded(words) or len(found.indices) != 1:
        return _same_words(words, page)
    index = found.indices[0]
    element = page.elements[index]
    if element.role not in INTERACTIVE and not element.clickable:
        return None
    return Meant(found.score - 1, (Click(target=pointer(index, page) or Target(words=words)),))


def _same_words(words: str, page: Page) -> Meant | None:
    """A press of what is called by the same words in another order: "archive the plumber's invoice"."""
    said = _telling(words)
    if not 1 < len(said) <= _MOST_WORDS:
        return None
    pressed = [i for i in page.controls if page.elements[i].role in _PRESSED and sorted(_telling(page.labels[i])) == sorted(said)]
    target = pointer(pressed[0], page) if len(pressed) == 1 else None
    return Meant(EXACT - 1, (Click(target=target),)) if target else None


def _telling(words: str) -> list[str]:
    said = (one.text for one in tokens(folded(words)) if one.kind == "word" and one.text not in lexicon().stop)
    return [stem(word.removesuffix("'s").removesuffix("’s")) for word in said]


def name_and_place(words: str, page: Page) -> Meant | None:
    """A press of what is called like the first words, where the others say: "delete Bob", "add the Iced Latte"."""
    parts = words.split()
    for size in range(1, min(len(parts), 4)):
        found = _aim(f"{quoted(' '.join(parts[:size]))} in {' '.join(parts[size:])}", "click", page)
        if found and found.one and page.elements[found.indices[0]].role in INTERACTIVE:
            return Meant(found.score, (Click(target=found.target),))
    return None


def aim(slot: Said, verb: str, page: Page) -> Aim | None:
    """What the words point at for this verb; None when nothing does."""
    return _aim(phrase_of(slot), verb, page)


def _aim(words: str, verb: str, page: Page) -> Aim | None:
    found = search(words, verb, page)
    if found is None:
        return None
    target = pointer(found.indices[0], page) if len(found.indices) == 1 else None
    return Aim(found.score, found.indices, target or Target(words=words))


def _known(what: str, verb: str, page: Page, where: str = "") -> Aim | None:
    """The thing that a verb alone points at, by the names it usually has."""
    return next((found for words in verbs().known[what] if (found := _aim(words + where, verb, page))), None)


def _as_said(clause: Clause) -> Meant | None:
    """The likeliest reading in its own words; a list of boxes or fields one by one, a list of names to press as one name."""
    parts = clause.parts if clause.parts and clause.readings[0].verb not in ("click", "open", "choose") else ()
    first = [part.readings[0] for part in parts] or [clause.readings[0]]
    actions = [action for reading in first if (action := _default(reading))]
    if clause.readings[0].verb == "expect":
        return Meant(0, (), tuple(check_of(reading.slots["thing"]) for reading in first))
    return Meant(0, tuple(actions)) if actions else None


def _default(reading: Reading) -> Action | None:
    if reading.verb == "choose":
        option = reading.slots["option"]
        if "target" in reading.slots:
            return Select(target=Target(words=phrase_of(reading.slots["target"])), options=(option.text,))
        return Click(target=Target(words=phrase_of(option)))
    if reading.verb == "close":
        return Click(target=Target(words=f"close {reading.text('target')}"))
    if reading.verb == "search":
        field = reading.slots.get("target")
        return Fill(target=Target(words=phrase_of(field) if field else "search"), text=reading.text("text"))
    return worded(reading)


def _all_parts(clause: Clause, page: Page) -> Meant | None:
    """The clause as a list, when everything in the list is there."""
    actions: list[Action] = []
    scores = []
    for part in clause.parts:
        found = [result for reading in part.readings if isinstance(result := _resolve(reading, page), Meant) and result.score]
        if not found:
            return None
        best = max(found, key=lambda result: result.score)
        actions += best.actions
        scores.append(best.score)
    return Meant(min(scores), tuple(actions)) if scores else None


def _resolve(reading: Reading, page: Page) -> Meant | Refusal | None:
    resolver = _RESOLVERS.get(reading.verb)
    if resolver:
        return resolver(reading, page)
    if reading.verb == "expect":
        return Meant(EXACT, (), (check_of(reading.slots["thing"]),))
    action = worded(reading)
    return _pointed(action, reading, page) if action else None


def _pointed(action: Action, reading: Reading, page: Page) -> Meant | None:
    """The action with each of its targets found on the page; None when one is not there."""
    fields = {"target": "target", "to": "to"} if reading.verb != "scroll_to" else {"to": "target"}
    scores, found = [], {}
    for field, slot in fields.items():
        if slot in reading.slots and isinstance(getattr(action, field, None), Target):
            aimed = aim(reading.slots[slot], action.verb, page)
            if aimed is None:
                return None
            scores.append(aimed.score)
            found[field] = aimed.target
    return Meant(min(scores, default=EXACT), (action.model_copy(update=found),))


def _click(reading: Reading, page: Page) -> Meant | None:
    slot = reading.slots.get("target") or reading.slots.get("name") or reading.slots["place"]
    aimed = aim(slot, "click", page)
    pressed = keys_of(slot) if reading.verb == "click" else None
    if pressed and (aimed is None or aimed.score < EXACT):
        return Meant(EXACT, (pressed,))
    return Meant(aimed.score, (Click(target=aimed.target),)) if aimed else None


def _open(reading: Reading, page: Page) -> Meant | None:
    action = worded(reading)
    return _click(reading, page) if isinstance(action, Click) else Meant(100, (action,)) if action else None


def _fill(reading: Reading, page: Page) -> Meant | Refusal | None:
    """Into a field; for a list of options, the option; for a switch, on or off."""
    slot, text = reading.slots["target"], reading.slots["text"]
    aimed = aim(slot, "fill", page)
    if aimed and aimed.one and (options := _options(aimed.indices[0], page)):
        chosen = _option(text, options, page)
        return Meant(aimed.score, (Select(target=aimed.target, options=(chosen or text.text,)),))
    role = page.elements[aimed.indices[0]].role if aimed and aimed.one and reading.verb == "set" else ""
    if aimed and role == "combobox":
        return Meant(aimed.score, (Select(target=aimed.target, options=(text.text,)),))
    if aimed and role != "slider":  # that is moved, not typed into
        return Meant(aimed.score, (*_enabled(aimed, page), Fill(target=aimed.target, text=text.text)))
    return _set_otherwise(slot, text, page) if reading.verb == "set" else None


def _enabled(field: Aim, page: Page) -> tuple[Action, ...]:
    """A field that is disabled until the box beside it is ticked gets its tick."""
    box = enabling(field.indices[0], page) if field.one else None
    target = pointer(box, page) if box is not None else None
    return (Tick(target=target),) if target else ()


def _set_otherwise(slot: Said, text: Said, page: Page) -> Meant | Refusal | None:
    boxes = aim(slot, "check", page)
    on, off = (folded(text.text) in verbs().known[way] for way in ("on", "off"))
    if boxes and boxes.one and (on or off):
        return Meant(boxes.score, ((Tick if on else Untick)(target=boxes.target),))
    return _choose_in(text, slot, page)


def _choose(reading: Reading, page: Page) -> Meant | Refusal | None:
    option = reading.slots["option"]
    return _choose_in(option, reading.slots["target"], page) if "target" in reading.slots else _choose_any(option, page)


def _choose_in(option: Said, slot: Said, page: Page) -> Meant | Refusal | None:
    """An option of a list; else what is so called within what is so called: a radio of a group, a button of a row of sizes."""
    aimed = aim(slot, "select", page)
    if aimed and aimed.one and page.elements[aimed.indices[0]].role in _BOXES:
        options = _options(aimed.indices[0], page)
        chosen = _several(option, options, page) if options else (option.text,)
        return Meant(aimed.score, (Select(target=aimed.target, options=chosen),))
    inside = _aim(f"{phrase_of(option)} in {phrase_of(slot)}", "click", page)
    if inside is None and aimed and aimed.one and page.elements[aimed.indices[0]].role == "button":
        return None  # what it opens is not seen yet
    if inside is None and aimed:
        return Meant(aimed.score, (Select(target=aimed.target, options=(option.text,)),))
    return _press_or_tick(inside, page) if inside else None


def _choose_any(option: Said, page: Page) -> Meant | Refusal | None:
    """Whatever can be chosen and is so called. One on the page and one in a list are two things: then a person must say."""
    aimed = aim(option, "click", page)
    boxes = (i for i, element in enumerate(page.elements) if element.role in _BOXES)
    lists = [(i, text) for i in boxes if (text := _option(option, _options(i, page), page))]
    if not lists:
        folded_away = aimed and aimed.one and folds(aimed.indices[0], page)  # to open it is not to choose it
        return _press_or_tick(aimed, page) if aimed and not folded_away else None
    if aimed and aimed.score >= EXACT and not set(aimed.indices) & {o for i, _ in lists for o in _options(i, page)}:
        names = (*distinct(aimed.indices, page), *(f'option "{text}" in {describe(i, page)}' for i, text in lists))
        return Refusal(reason=f'"{option.text}" means several things here; say which:', nearest=names)
    if len(lists) > 1:
        names = tuple(f'option "{text}" in {describe(i, page)}' for i, text in lists)
        return Refusal(reason=f'"{option.text}" is an option of several lists; say which:', nearest=names)
    box, text = lists[0]
    target = pointer(box, page)
    return Meant(EXACT, (Select(target=target, options=(text,)),)) if target else None


def _press_or_tick(aimed: Aim, page: Page) -> Meant:
    tick = aimed.one and page.elements[aimed.indices[0]].role in CHECKS
    return Meant(aimed.score, (Tick(target=aimed.target) if tick else Click(target=aimed.target),))


def _options(box: int, page: Page) -> list[int]:
    """The options that a list or combobox shows in the tree."""
    if page.elements[box].role not in _BOXES:
        return []
    return [i for i in page.below(box) if page.elements[i].role == "option"]


def _option(said: Said, options: Iterable[int], page: Page) -> str | None:
    """The one option that is called like this, as the page writes it."""
    wanted = Wanted(folded(said.text))
    scored = sorted(((wanted.score(page.labels[i]), -i) for i in options), reverse=True)
    if not scored or scored[0][0] < (EXACT if said.quoted else _GOOD):
        return None
    exact = scored[0][0] >= EXACT
    if len(scored) > 1 and scored[1][0] > scored[0][0] - (1 if exact else 6):
        return None
    element = page.elements[-scored[0][1]]
    return element.name or element.value


def _several(said: Said, options: list[int], page: Page) -> tuple[str, ...]:
    """One option, or all of a list of them ("Red and Blue"); as it was said when the page does not have it."""
    if one := _option(said, options, page):
        return (one,)
    parts = [part.strip() for part in said.text.replace(" and ", ",").replace("和", ",").replace("、", ",").split(",")]
    named = [_option(Said(part, False, ()), options, page) for part in parts if part]
    return tuple(name for name in named if name) if len(named) > 1 and all(named) else (said.text,)


def _clear(reading: Reading, page: Page) -> Meant | None:
    slot = reading.slots["target"]
    if field := aim(slot, "fill", page):
        return Meant(field.score, (Fill(target=field.target, text=""),))
    box = aim(slot, "uncheck", page)
    return Meant(box.score, (Untick(target=box.target),)) if box else None


def _search(reading: Reading, page: Page) -> Meant | None:
    """Into the search field, then Enter."""
    text = reading.text("text")
    slot = reading.slots.get("target")
    field = aim(slot, "fill", page) if slot else _known("search", "fill", page)
    if field is None and not slot:
        field = _search_part(page)
    if field is None:
        return None
    return Meant(field.score, (Fill(target=field.target, text=text), Press(keys="Enter", target=field.target)))


def _search_part(page: Page) -> Aim | None:
    """The only field of the page's search part, whatever it is called."""
    typed = [i for i, e in enumerate(page.elements) if e.role in ("searchbox", "textbox", "combobox") and e.ref]
    inside = {i for part in page.of_role.get("search", ()) for i in page.below(part)}
    found = [i for i in typed if page.elements[i].role == "searchbox" or i in inside]
    target = pointer(found[0], page) if len(found) == 1 else None
    if target is None and len(found) == 1:
        target = Target(role=page.elements[found[0]].role, within=Target(role="search"))
    return Aim(EXACT, found, target) if target else None


def _submit(reading: Reading, page: Page) -> Meant | None:
    found = _known("submit", "click", page)
    return Meant(found.score, (Click(target=found.target),)) if found else None


def _upload(reading: Reading, page: Page) -> Meant | None:
    slot = reading.slots.get("target")
    field = aim(slot, "upload", page) if slot else _known("file", "upload", page)
    return Meant(field.score, (Upload(target=field.target, files=(reading.text("file"),)),)) if field else None


def _switch_tab(reading: Reading, page: Page) -> Meant | Refusal | None:
    """A tab of the browser or one on the page."""
    name = reading.text("tab")
    tabs = [tab for tab in page.observation.tabs if folded(name) in folded(tab.title) or folded(name) in tab.url]
    found = aim(reading.slots["tab"], "click", page)
    inner = found if found and all(page.elements[i].role == "tab" for i in found.indices) else None
    if tabs and inner:
        names = (*(f'browser tab "{tab.title}"' for tab in tabs), *distinct(inner.indices, page))
        return Refusal(reason=f'"{name}" is a tab of the browser and one of the page; say which:', nearest=names)
    if inner:
        return Meant(inner.score, (Click(target=inner.target),))
    return Meant(EXACT, (SwitchTab(tab=name),)) if tabs else None


def _close(reading: Reading, page: Page) -> Meant | None:
    """A dialog or notice by its own closing control; anything else by a control that says so."""
    slot = reading.slots["target"]
    if page.observation.dialog:
        return Meant(EXACT, (AnswerDialog(answer="dismiss"),))
    place = aim(slot, "hover", page)
    control = closing_control(place.indices[0], page) if place and place.one else None
    if place and control is not None and (target := pointer(control, page)):
        return Meant(place.score, (Click(target=target),))
    tabs = [tab for tab in page.observation.tabs if letters(folded(slot.text)) == letters(folded(tab.title))]
    if tabs:
        return Meant(EXACT, (CloseTab(tab=tabs[0].title),))
    return None


def _answer(reading: Reading, page: Page) -> Meant | None:
    """The browser's own dialog; when none is open, one on the page is answered by a control that says so."""
    action = worded(reading)
    if page.observation.dialog or not page.elements:
        return Meant(100, (action,)) if action else None
    found = _known(reading.verb, "click", page, where=" in the dialog")
    return Meant(found.score, (Click(target=found.target),)) if found else Meant(0, (action,)) if action else None


_RESOLVERS: dict[str, Callable[[Reading, Page], Meant | Refusal | None]] = {
    "open": _open,
    "click": _click,
    "named": _click,
    "submit": _submit,
    "fill": _fill,
    "set": _fill,
    "clear": _clear,
    "choose": _choose,
    "search": _search,
    "upload": _upload,
    "switch_tab": _switch_tab,
    "close": _close,
    "accept": _answer,
    "dismiss": _answer,
}
