"""Requests that go on until a page shows what was asked: "press Generate until the number is odd", "buy it when the price is
below 40", "guess the number"; each is a look, an act, and a look again."""

from __future__ import annotations

import re

from operator_agent.flow.action import Click, Fill, WaitFor
from operator_agent.flow.check import ElementCheck, HoldsCheck, NotCheck, WithinCheck
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.conditions import Condition, condition_of, shown_number
from operator_agent.planner.crafts.apps.quantities import numbers
from operator_agent.planner.crafts.apps.units import best, controls_in, fields, handle, known, mentions
from operator_agent.planner.crafts.apps.wording import Wording, wordings, words_of

_SURE = 96.0
_MOST_PRESSES = 60
_MOST_CHANGES = 400
_PATIENCE = 20.0  # seconds without any change of what is watched


class Until:
    """Presses one control again and again until a condition holds."""

    name = "until"

    def hears(self, words: str) -> bool:
        return any(condition_of(one.get("criterion") or one.get("condition")) for one in wordings("until", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in wordings("until", asked.words):
            condition = condition_of(one.get("criterion") or one.get("condition"))
            what = one.get("what") or one.get("verb")
            control = best(what, controls_in(-1, asked.page), asked.page)
            target = handle(control, asked.page) if control is not None else None
            if condition is None or target is None:
                continue
            presses = asked.memory.setdefault("presses", 0)
            # What a page shows before the first press was not made by it.
            if (presses or "condition" in one.slots) and _met(condition, asked.page):
                return Proposal(_SURE, (), one.end)
            if presses >= _MOST_PRESSES:
                return Refusal(reason=f"{what} was pressed {presses} times and the condition never held.", outcome="incomplete")
            asked.memory["presses"] = presses + 1
            return Proposal(_SURE, (Step(action=Click(target=target), intent=asked.words[: one.end]),), one.end, again=True)
        return None


class When:
    """Watches what a page shows, and acts at the moment a condition holds."""

    name = "when"

    def hears(self, words: str) -> bool:
        return any(_watchable(one) for one in wordings("when", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in wordings("when", asked.words):
            condition = condition_of(one.get("condition"))
            if condition is None or not _watchable(one):
                continue
            target = _acting(one.get("act"), asked.page)
            if target is None:
                continue
            if _met(condition, asked.page):
                return Proposal(_SURE, (Step(action=Click(target=target), intent=asked.words[: one.end]),), one.end)
            looks = asked.memory["looks"] = asked.memory.get("looks", 0) + 1
            if looks > _MOST_CHANGES:
                return Refusal(reason="The condition never held.", outcome="incomplete")
            return Proposal(_SURE, (_changed(condition, asked.page, asked.words[: one.end]),), one.end, again=True)
        return None


class Guess:
    """Finds a number by halving what is left, told by the page whether it is higher or lower."""

    name = "guess"

    def hears(self, words: str) -> bool:
        return bool(wordings("guess", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, memory, end = asked.page, asked.memory, len(asked.words)
        if "high" not in memory:
            ends = re.findall(r"-?\d+", re.sub(r"(?<=\d)\s*(?:-|–|to|and)\s*(?=\d)", " ", asked.words))
            memory.update(low=int(ends[0]) if len(ends) > 1 else 0, high=int(ends[1]) if len(ends) > 1 else 100)
        else:
            way = _feedback(memory["before"], page)
            if way == "right" or (not way and not fields(page)):
                return Proposal(_SURE, (), end)
            if not way:
                return Refusal(reason="The page does not say whether the number is higher or lower.")
            memory["low" if way == "higher" else "high"] = memory["guess"] + (1 if way == "higher" else -1)
        if memory["low"] > memory["high"]:
            return Refusal(reason="No number is left that the page has not ruled out.")
        steps = self._tried((memory["low"] + memory["high"]) // 2, page)
        memory.update(guess=(memory["low"] + memory["high"]) // 2, before=_lines(page))
        no_way = Refusal(reason="There is no one field and button to guess with.")
        return Proposal(_SURE, steps, end, again=True) if steps else no_way

    def _tried(self, guess: int, page: Page) -> tuple[Step, ...]:
        field = fields(page)[0] if len(fields(page)) == 1 else None
        into, press = (handle(i, page) if i is not None else None for i in (field, known("submit", page)))
        if into is None or press is None:
            return ()
        fill = Step(action=Fill(target=into, text=str(guess)), intent=f"guess {guess}")
        return fill, Step(action=Click(target=press), intent="hand it in")


def _watchable(one: Wording) -> bool:
    return condition_of(one.get("condition")) is not None and bool(one.get("act"))


def _met(condition: Condition, page: Page) -> bool:
    if condition.says:
        return condition.says in folded(page.observation.text)
    value = shown_number(condition.subject, page)
    return value is not None and condition.holds(value)


def _acting(words: str, page: Page) -> Target | None:
    """The control that the act names: called so in full, else by its first word ("buy the stock": Buy)."""
    controls = [i for i in controls_in(-1, page) if i not in fields(page)]
    words = re.sub(r"^(?:press|click|tap|hit|push)(?: on)?\s+", "", words.strip(), flags=re.IGNORECASE)
    for said in (words, words.split()[0] if words.split() else ""):
        found = best(said, controls, page) if said else None
        if found is not None:
            return handle(found, page)
    return None


def _changed(condition: Condition, page: Page, told: str) -> Step:
    """Waits until what shows the number shows another one, or shows one at all."""
    value = shown_number(condition.subject, page)
    places = mentions(condition.subject, page) if condition.subject else range(len(page.elements))
    near = [i for place in places for i in range(place, min(page.ends[place] + 3, len(page.elements)))]
    showing = [i for i in near if value is not None and value in numbers(page.elements[i].value or page.elements[i].name)]
    element = page.elements[(showing or near or [0])[0]]
    same = ElementCheck(target=Target(role=element.role, name=element.name or element.value))
    check = WithinCheck(seconds=_PATIENCE, check=NotCheck(check=same))
    return Step(action=WaitFor(check=HoldsCheck(check=check)), intent=f"{told}: not yet at {element.value or element.name}")


def _lines(page: Page) -> list[str]:
    return [folded(line) for line in page.observation.text.split("\n")]


def _feedback(before: list[str], page: Page) -> str:
    """`higher`, `lower` or `right`: what the page says of the guess, newly if it says anything new; "" when nothing of the kind."""
    lines = _lines(page)
    said = [(way, phrase) for way in ("higher", "lower", "right") for phrase in words_of("feedback", way)]
    for text in ("\n".join(line for line in lines if line not in before), "\n".join(lines)):
        for way, phrase in sorted(said, key=lambda each: -len(each[1].split())):
            if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text):
                return _turned(way, phrase, text)
    return ""


def _turned(way: str, phrase: str, text: str) -> str:
    """"Your guess is higher than the number" is about the guess: the number is lower."""
    about_guess = re.search(rf"(?:your guess|the guess|your number|you guessed)\b.{{0,20}}(?<!\w){re.escape(phrase)}", text)
    if about_guess and phrase not in ("too low", "too high", "too small", "too big", "too large") and way != "right":
        return "lower" if way == "higher" else "higher"
    return way
