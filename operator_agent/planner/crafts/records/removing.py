"""What is done to a thing as a whole: "delete the topic Music", "duplicate figures.txt", "edit Dracula"."""

from __future__ import annotations

from operator_agent.flow.action import Click
from operator_agent.flow.plan import Refusal
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import handle
from operator_agent.planner.crafts.heard import Heard, heard, hears
from operator_agent.planner.crafts.records.forms import dialog, read_plainly, words
from operator_agent.planner.crafts.records.reach import (
    SURE,
    Way,
    asks,
    called,
    doubted,
    front,
    opener,
    parted,
    proposal,
    state,
    things,
)

_MOST = 8
_DELETES = ("delete", "remove", "drop", "erase", "discard", "trash", "get rid of", "throw away", "move", "put", "send")
_COPIES = ("duplicate", "copy", "clone")
_EDITS = ("edit", "modify")
_PRONOUNS = frozenset({"it", "this", "that", "them", "this one", "that one", "these", "those"})


class Act:
    name = "act"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "act") and not read_plainly(words, "close")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one = next(iter(heard(asked.words, "records", "act")), None)
        return _next(one, asked) if one else None


def kinds(verb: str) -> tuple[str, ...]:
    """What controls for this act are called, the verb itself first."""
    usual = (
        words("deletes") if verb in _DELETES else words("copies") if verb in _COPIES else words("edits") if verb in _EDITS else ()
    )
    own = () if verb in ("move", "put", "send") else (verb,)
    return tuple(dict.fromkeys((*own, *usual)))


def _next(one: Heard, asked: Asked) -> Proposal | Refusal | None:
    verb, memory = one.text("act").casefold(), asked.memory
    said = named(one.slots["name"].text if not one.slots["name"].quoted else f'"{one.text("name")}"', asked)
    if memory.get("acted"):
        return _confirmed(one, asked) if verb in _DELETES else Proposal(SURE, (), one.end)
    memory["looks"] = memory.get("looks", 0) + 1
    if memory["looks"] > _MOST:
        return Refusal(reason=f'Nothing was found that does "{verb}" to "{said}".')
    begun = bool(memory.get("way", {}).get("tried"))
    pronoun = one.text("name").casefold() in _PRONOUNS or said == asked.kept.get("opened")
    if not begun and not pronoun and not reachable(said, asked.page):
        return None
    if verb == "close" and not begun and Way(said, ("close",), asked).shown() is None:
        return None
    if pronoun:
        memory.setdefault("way", {"tried": []})["here"] = True
    found = Way(said, kinds(verb), asked).next()
    if found is None:
        return Refusal(reason=f'Nothing here does "{verb}" to "{said}".') if begun or pronoun else None
    asked.kept["thing"] = said
    if found.control is None:
        if len(found.steps) > 1:
            memory["acted"] = True
        return Proposal(SURE, found.steps, one.end, again=True)
    target = handle(found.control, asked.page)
    if target is None:
        return Refusal(reason=f'"{verb}" of "{said}" cannot be acted on by itself.')
    memory.update(acted=True, state=state(asked.page))
    asked.kept["opened"] = said
    return proposal([Click(target=target)], one.end, again=verb in _DELETES)


def _confirmed(one: Heard, asked: Asked) -> Proposal | Refusal | None:
    """A dialog or page that asks whether it shall really be done is told so; once, or twice when it asks anew."""
    page, memory = asked.page, asked.memory
    if state(page) == memory.get("state"):
        return Refusal(reason=f"What was pressed to {one.text('act')} it changed nothing that shows.")
    if memory.get("confirmed", 0) < 2 and (doubted(page) or dialog(page) is not None or asks(page)):
        sure = called(_sure_words(one), _buttons(page), page)
        target = handle(sure, page) if sure is not None else None
        if target is not None and memory.get("pressed") != page.observation.text:
            memory.update(confirmed=memory.get("confirmed", 0) + 1, pressed=page.observation.text, state=state(page))
            return proposal([Click(target=target)], one.end, again=True)
        return (
            Refusal(reason="The page asks whether it shall really be done, and nothing there says yes.") if target is None else None
        )
    return Proposal(SURE, (), one.end)


def _buttons(page: Page) -> list[int]:
    inside = front(page)
    main = next((i for i, e in enumerate(page.elements) if e.role == "main"), None)
    own = [i for i in inside if main is None or dialog(page) is not None or page.holds(main, i)]
    pressed = [i for i in own if page.elements[i].role == "button"]
    return pressed or own


def _sure_words(one: Heard) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*words("sure")[:3], one.text("act").casefold(), *words("sure"))))


def named(said: str, asked: Asked) -> str:
    """What the words call a thing; what was spoken of last, for "it"."""
    ticked = asked.kept.get("ticked") if said.casefold() in ("them", "these", "those") else None
    return (
        ", ".join(ticked)
        if ticked
        else str(asked.kept.get("opened") or asked.kept.get("thing") or said)
        if said.casefold() in _PRONOUNS
        else said
    )


def reachable(said: str, page: Page) -> bool:
    """Whether it is on the page, or the place where it is said to be."""
    place = parted(said)[1]
    return bool(things(said, page)) or (bool(place) and opener(place, page) is not None)
