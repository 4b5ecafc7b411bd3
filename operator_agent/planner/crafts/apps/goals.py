"""A goal that a form stands for: "book the cheapest flight from Oslo to Rome on 3 March 2027", "find films directed by Ann Lee".

The form says by its labels what it asks for, and the words say it behind the same or a like word (`[fields]` in the word lists).
Then the form is handed in, and when the words ask for the cheapest, the earliest …, that one is chosen of what comes.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from operator_agent.flow.action import Action, Click, Do, Press, Select, Type
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.choosing import picked
from operator_agent.planner.crafts.apps.lookup import label_text
from operator_agent.planner.crafts.apps.units import best, controls_in, fields, handle, known
from operator_agent.planner.crafts.apps.wording import vocabulary, wordings, words_of
from operator_agent.written import tokens

_SURE = 96.0
_LOOKS = 4  # at what a field suggests, before what was typed is taken as it is
_RESULT_LOOKS = 4
_END = re.compile(r"[.;!](?=\s|$)|\s(?:and\s)?then\s|\n")
_OFFERED = frozenset({"option", "menuitem", "listitem", "generic", "button", "link", "cell", "text"})


class Given(NamedTuple):
    """What the words say for one field, known by its label."""

    label: str
    text: str


class Goals:
    name = "goals"

    def hears(self, words: str) -> bool:
        return bool(wordings("goal", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        memory, page = asked.memory, asked.page
        end = found.start() if (found := _END.search(asked.words)) else len(asked.words)
        if "given" not in memory:
            given = said_for_fields(asked.words[:end], page)
            if len(given) < 2:
                return None
            memory.update(given=given, at=0, looks=0)
        if memory["at"] < len(memory["given"]):
            return self._fill(memory["given"][memory["at"]], asked, end)
        if "handed in" not in memory:
            memory["handed in"] = True
            target = _handing_in(asked.words, page)
            if target is None:
                return Refusal(reason="Nothing on the page hands the form in.")
            return Proposal(_SURE, (Step(action=Click(target=target), intent="hand the form in"),), end, again=True)
        return self._choose(asked, end)

    def _fill(self, given: Given, asked: Asked, end: int) -> Proposal | Refusal:
        page, memory = asked.page, asked.memory
        field = next((i for i in fields(page) if _label(i, page) == given.label), None)
        target = handle(field, page) if field is not None else None
        if field is None or target is None:
            return Refusal(reason=f'The field "{given.label}" is gone.')
        dated = [token for token in tokens(given.text) if token.kind == "date"]
        options = [i for i in page.below(field) if page.elements[i].role == "option"]
        if dated or options:
            memory["at"] += 1
            words = f"set the {given.label.removesuffix(' date')} date to {given.text}".replace("the date date", "the date")
            action: Action = Do(words=words) if dated else Select(target=target, options=(given.text,))
            return Proposal(_SURE, (Step(action=action, intent=f"{given.label}: {given.text}"),), end, again=True)
        if "shown" not in memory:
            memory["shown"] = frozenset(page.labels)
            return self._step(Type(text=given.text, target=target), given, end)
        return self._settled(field, target, given, asked, end)

    def _settled(self, field: int, target: Target, given: Given, asked: Asked, end: int) -> Proposal | Refusal:
        """What the field suggests for it, as soon as it does; else what was typed."""
        page, memory = asked.page, asked.memory
        fresh = [i for i, e in enumerate(page.elements) if e.role in _OFFERED and page.labels[i] not in memory["shown"]]
        offers = page.one_each(i for i in fresh if i != field and _offers(given.text, page.labels[i]))
        memory["looks"] += 1
        if not offers and memory["looks"] < _LOOKS:
            return self._step(Press(keys="ArrowDown", target=target), given, end)
        memory.update(at=memory["at"] + 1, looks=0)
        del memory["shown"]
        chosen = next((found for i in offers if (found := handle(i, page))), None)
        if chosen is not None:
            return self._step(Click(target=chosen), given, end)
        return self.propose(asked) or Refusal(reason=f'"{given.text}" cannot be put into "{given.label}".')

    def _choose(self, asked: Asked, end: int) -> Proposal | Refusal:
        memory, page = asked.memory, asked.page
        best_of = next((one for one in wordings("pick", asked.words) if "best" in one.slots), None)
        if best_of is None:
            return Proposal(_SURE, (), end)
        found = picked(best_of, page)
        if isinstance(found, Refusal):
            return found
        if found is None:
            memory["results"] = memory.get("results", 0) + 1
            if memory["results"] > _RESULT_LOOKS:
                return Refusal(reason=f"Nothing that came can be compared to choose the {best_of.get('best')}.")
            return Proposal(_SURE, (Step(action=Press(keys="Shift"), intent="look again"),), end, again=True)
        return Proposal(_SURE, (Step(action=found[0], intent=f"{asked.words[:end]}: {found[1]}"),), end)

    def _step(self, action: Action, given: Given, end: int) -> Proposal:
        return Proposal(_SURE, (Step(action=action, intent=f"{given.label}: {given.text}"),), end, again=True)


def said_for_fields(words: str, page: Page) -> list[Given]:
    """What the words say for the page's empty fields, by the words that lead to each: its label, or a word for such a label."""
    leads: dict[str, str] = {}
    for i in fields(page):
        label = _label(i, page)
        if not label or page.elements[i].value.strip():
            continue
        for lead, labels in vocabulary()["fields"].items():
            if any(word == label or (len(word) > 3 and word in label.split()) or word in label for word in map(folded, labels)):
                leads.setdefault(folded(lead), label)
        leads.setdefault(label, label)
    if not leads:
        return []
    names = "|".join(re.escape(lead) for lead in sorted(leads, key=len, reverse=True))
    found = list(re.finditer(rf"(?<!\w)({names})(?!\w)\s*[:=]?\s*", words, re.IGNORECASE))
    given: dict[str, str] = {}
    for place, one in enumerate(found):
        text = words[one.end() : found[place + 1].start() if place + 1 < len(found) else len(words)].strip(" ,.;\"'“”")
        text = re.sub(r"\s+(?:and|,)$", "", text)
        if text:
            given.setdefault(leads[folded(one[1])], text)
    if found and (kind := _kind(words[: found[0].start()])):
        labels = [label for i in fields(page) if (label := _label(i, page)) in words_of("kinds", "labels") and label not in given]
        given.update(dict.fromkeys(labels[:1], kind))
    return [Given(label, text) for label, text in given.items()]


def _kind(head: str) -> str:
    """The one word before a noun that takes one: `action` of "search for action movies"."""
    nouns = "|".join(map(re.escape, words_of("kinds", "of")))
    found = re.search(rf"(?<!\w)(?!for\b|the\b|all\b|some\b|any\b)([\w-]+)\s+(?:{nouns})\s*$", head.strip(), re.IGNORECASE)
    return found[1] if found else ""


def _label(index: int, page: Page) -> str:
    own = label_text(index, page) or folded(page.elements[index].placeholder).strip(" :*")
    beside = labelled_by(index, page) if not own else None
    return own or (label_text(beside, page) if beside is not None else "")


def _offers(text: str, label: str) -> bool:
    """Whether a suggestion is for this text: it begins with it, or holds it as a whole word or code."""
    wanted = folded(text)
    return label.startswith(wanted) or re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", label) is not None


def _handing_in(words: str, page: Page) -> Any:
    controls = [i for i in controls_in(-1, page) if page.elements[i].role == "button"]
    verb = words.split()[0] if words.split() else ""
    called = [found for name in (*words_of("known", "hand in"), verb) if name and (found := best(name, controls, page)) is not None]
    found = called[0] if called else known("submit", page)
    return handle(found, page) if found is not None else None
