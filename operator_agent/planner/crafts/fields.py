"""Fields that are not called by their own name: several at once, pairs of label and text, the only one there is, its size.

"Enter the user name "ada" and the password "x" and log in", "type X into both fields", "enter 3 March as the date", "make the text
area wider".
"""

from __future__ import annotations

from operator_agent.flow.action import Click, DragFrom, Fill
from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.pattern import match
from operator_agent.grounding.plain import search
from operator_agent.grounding.tokens import Token, tokens
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard, hears, known
from operator_agent.planner.grammar import Said, said_in
from operator_agent.planner.meaning import phrase_of

_TYPED = frozenset({"textbox", "searchbox", "spinbutton", "combobox"})
_PAIRS = 95.0
_FOR_WANT_OF_BETTER = 71.0  # below what a field must be called like to be meant by its name
_GRIP = 5.0  # CSS pixels from its corner: there a text area is resized
_BY = 40.0
_LABEL = 5  # words before a quoted text that may say what it is called


class Fields:
    name = "fields"
    spans = True

    def hears(self, words: str) -> bool:
        plain = hears(words, "fields", "both", "only", "resize", "cased")
        return plain or any(_pairs(one) for one in heard(words, "fields", "pairs"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in reversed(heard(asked.words, "fields", "pairs")):
            if (pairs := _pairs(one)) and (found := _each(pairs, one.end, asked.page)):
                return _entered(found, asked)
        for one in heard(asked.words, "fields", "cased"):
            if cased := _cased(one, asked.page):
                return cased
        for one in heard(asked.words, "fields", "both"):
            if found := _both(one, asked.page):
                return found
        for one in heard(asked.words, "fields", "resize"):
            if resized := _resized(one, asked):
                return resized
        return next((found for one in heard(asked.words, "fields", "only") if (found := _only(one, asked.page))), None)


def typed_in(page: Page) -> list[int]:
    """The fields that text can be put into."""
    return [i for i, e in enumerate(page.elements) if e.role in _TYPED and e.ref and not {"disabled", "readonly"} & set(e.states)]


def pointed(index: int, page: Page) -> Target:
    """The element by its name or, among those of its role, by its place."""
    if named := pointer(index, page):
        return named
    role = page.elements[index].role
    same = page.of_role[role]
    return Target(role=role, nth=same.index(index) + 1 if len(same) > 1 else 0)


def text_of(slot: Said) -> str:
    """What is to be typed: what stands in quotes at the end ("the password "x""), else the words themselves."""
    return slot.span[-1].text if slot.span and slot.span[-1].kind == "quoted" and _one_text(slot) else slot.text


def _one_text(slot: Said) -> bool:
    """Whether it is a text, maybe with what it is called before it; words behind a quoted text say what to make of it."""
    quoted = [at for at, token in enumerate(slot.span) if token.kind == "quoted"]
    return not quoted or (len(quoted) == 1 and quoted[0] == len(slot.span) - 1 and quoted[0] < _LABEL)


def _pairs(one: Heard) -> list[tuple[Said, str]]:
    """Labels and the quoted texts that belong to them; none unless all of the words are such pairs, and more than one."""
    slot = one.slots["pairs"]
    source = " " * slot.span[0].start + slot.text
    parts = _parts(slot.span)
    found = [pair for part in parts if (pair := _pair(part, source))]
    return found if len(found) == len(parts) > 1 else []


def _parts(span: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """What stands between commas and joints."""
    parts: list[list[Token]] = [[]]
    for token in span:
        if token.text in (",;" if token.kind == "mark" else known("all", "joints")) and token.kind != "quoted":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts if part]


def _pair(span: tuple[Token, ...], source: str) -> tuple[Said, str] | None:
    for pattern in known("fields", "pair"):
        for slots in match(pattern, span):
            filled = {name: said_in(source, span[start:end]) for name, (start, end) in slots.items()}
            if filled["quoted"].quoted and not filled["label"].quoted:
                return filled["label"], filled["quoted"].text
    return None


def _each(pairs: list[tuple[Said, str]], end: int, page: Page) -> Proposal | None:
    steps = []
    for label, text in pairs:
        found = search(phrase_of(label), "fill", page)
        if found is None or len(found.indices) != 1:
            return None
        steps.append(Step(action=Fill(target=pointed(found.indices[0], page), text=text)))
    return Proposal(_PAIRS, tuple(steps), end)


def _entered(found: Proposal, asked: Asked) -> Proposal:
    """ "Log in with …" is done when it is handed in; the words need not say how."""
    verb = " ".join(folded(asked.words).split()[:2])
    if asked.words[found.end :].strip(" .!") or not any(verb.startswith(name) for name in known("fields", "enters")):
        return found
    buttons = {i for name in known("fields", "enters") if (hit := search(f'"{name}"', "click", asked.page)) for i in hit.indices}
    buttons = {i for i in buttons if asked.page.elements[i].role == "button"}
    if len(buttons) != 1:
        return found
    return found._replace(steps=(*found.steps, Step(action=Click(target=pointed(buttons.pop(), asked.page)))))


def _cased(one: Heard, page: Page) -> Proposal | None:
    """In capitals or without any."""
    found = search(phrase_of(one.slots["target"]), "fill", page)
    fields = found.indices if found else typed_in(page)
    text = one.slots["text"]
    if len(fields) != 1 or not _one_text(text):
        return None
    said = text_of(text)
    small = any(word in one.text("case").casefold() for word in ("lower", "small"))
    action = Fill(target=pointed(fields[0], page), text=said.lower() if small else said.upper())
    return Proposal(_PAIRS, (Step(action=action),), one.end)


def _both(one: Heard, page: Page) -> Proposal | None:
    """The same into each field of that kind."""
    nouns = frozenset(known("fields", "nouns"))
    called = [word for word in folded(one.text("kind")).split() if word not in nouns]
    indices = [i for i in typed_in(page) if all(word.rstrip("s") in page.labels[i] for word in called)]
    if len(indices) < 2 or not _one_text(one.slots["text"]):
        return None
    text = text_of(one.slots["text"])
    return Proposal(_PAIRS, tuple(Step(action=Fill(target=pointed(i, page), text=text)) for i in indices), one.end)


def _only(one: Heard, page: Page) -> Proposal | None:
    """The field is called by what goes into it, and there is but one."""
    fields = typed_in(page)
    if len(fields) != 1 or not _one_text(one.slots["text"]):
        return None
    action = Fill(target=pointed(fields[0], page), text=text_of(one.slots["text"]))
    return Proposal(_FOR_WANT_OF_BETTER, (Step(action=action),), one.end)


def _resized(one: Heard, asked: Asked) -> Proposal | Refusal | None:
    """Drags the lower right corner, and looks whether it became so; first the one way, then, when it does not move, farther."""
    page, memory = asked.page, asked.memory
    found = search(phrase_of(one.slots["target"]), "fill", page)
    box = page.elements[found.indices[0]].box if found and len(found.indices) == 1 else None
    if found is None or box is None:
        return None
    words = {folded(token.text) for token in tokens(asked.words[: one.end])}
    side = "width" if words & set(known("fields", "across")) else "height"
    more = bool(words & set(known("fields", "more")))
    first: Box = memory.setdefault("box", box)
    grown = getattr(box, side) - getattr(first, side)
    if grown > 1 if more else grown < -1:
        return Proposal(_PAIRS, (), one.end)
    tries = memory["tries"] = memory.get("tries", 0) + 1
    if tries > 2:
        return Refusal(reason=f'"{one.text("target")}" does not let itself be resized by its corner.')
    by = (_BY if more else -min(_BY, getattr(box, side) / 3)) * tries
    start = Spot(box.width - _GRIP, box.height - _GRIP)
    end = Spot(start.x + by, start.y) if side == "width" else Spot(start.x, start.y + by)
    step = Step(action=DragFrom(start=start, end=end, target=pointed(found.indices[0], page)))
    return Proposal(_PAIRS, (step,), 0, again=True)
