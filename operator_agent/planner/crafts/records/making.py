"""New things: "add a teacher called Vera Blom with the email …", "create a new issue with the title …", "make a new folder".

What makes one is found (in a menu, in the section it belongs to), what is said of it goes into the form that comes, and the form is
handed in unless the next order does that.
"""

from __future__ import annotations

from collections.abc import Iterator

from operator_agent.flow.action import Click
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import handle
from operator_agent.planner.crafts.heard import Heard, heard, hears
from operator_agent.planner.crafts.records.entering import follows, handed_in, name_field, saving, with_enter
from operator_agent.planner.crafts.records.forms import Given, dialog, entered, fields, label_of, read, read_plainly, words
from operator_agent.planner.crafts.records.reach import front, plain, proposal, unit_of
from operator_agent.planner.grammar import behind

_MOST = 3  # presses until a form is there
_KINDS = 4  # words that a kind of thing has


class Make:
    name = "make"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "make") and not read_plainly(words, "set")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one = _request(asked.words)
        if one is None:
            return None
        if "saving" in asked.memory:
            return handed_in("", asked.memory["end"], asked._replace(memory=asked.memory["saving"]), about=one.text("kind"))
        if asked.memory.get("pressed") and (found := self._filled(one, asked)):
            return found
        return self._pressed(one, asked)

    def _pressed(self, one: Heard, asked: Asked) -> Proposal | Refusal | None:
        page, memory = asked.page, asked.memory
        pressed: list[str] = memory.setdefault("pressed", [])
        if len(pressed) >= _MOST:
            return Refusal(reason=f"Where {one.text('kind')} is to be filled in does not show.")
        found = next((i for i in _makers(one.text("kind"), page) if page.labels[i] not in pressed or dialog(page)), None)
        target = handle(found, page) if found is not None else None
        if found is None or target is None:
            if not pressed:
                memory.pop("pressed")
                return self._filled(one, asked) if _tail(one) else None
            if not one.text("name") and not _tail(one):
                return proposal((), one.end, again=False)
            return Refusal(reason=f"Nothing here makes a new {one.text('kind')}.")
        pressed.append(page.labels[found])
        memory["before"] = [label_of(i, page) for i in fields(page)]
        own = _exactly(one.text("kind"), page.labels[found]) or _beside(one.text("kind"), found, page)
        last = not one.text("name") and not _tail(one) and own
        return proposal([Step(action=Click(target=target), intent=asked.words[: one.end])], one.end, again=not last)

    def _filled(self, one: Heard, asked: Asked) -> Proposal | Refusal | None:
        page = asked.page
        if not fields(page) or (dialog(page) is None and [label_of(i, page) for i in fields(page)] == asked.memory.get("before")):
            return None
        name, given, end = one.text("name"), [], one.end
        said = read(asked.words, _tail(one), page) if _tail(one) else None
        if said and said.given:
            given, end = list(said.given), said.end
        elif said:
            return Refusal(reason=f'The form has no field for "{asked.words[_tail(one) : one.end]}".')
        field = name_field(one.text("kind"), page) if name else None
        if name and field is None:
            return None
        if name and field is not None:
            given.insert(0, Given(field, name))
        given = [*_kind(one.text("kind"), page, given), *given]
        return self._entered(given, end, asked, one)

    def _entered(self, given: list[Given], end: int, asked: Asked, one: Heard) -> Proposal | Refusal | None:
        page, steps = asked.page, []
        for each in given:
            acts = entered(each, page)
            if acts is None:
                return Refusal(reason=f'"{label_of(each.field, page)}" cannot be "{each.text}" here.')
            steps += acts
        rest = behind(asked.words, end)
        asked.kept["thing"] = given[0].text if given else ""
        if not given or follows(rest, page):
            return proposal(steps, end, again=False)
        if saving(page, last=given[-1].field, about=one.text("kind")) is None and len(given) == 1:
            return proposal(with_enter(given[0], page) or steps, end, again=False)
        asked.memory.update(saving={}, end=end)
        return proposal(steps, end, again=True)


def _kind(kind: str, page: Page, given: list[Given]) -> list[Given]:
    """The list of the form that asks which kind of thing it is to be."""
    lists = [i for i in fields(page) if page.elements[i].role in ("combobox", "listbox") and i not in [one.field for one in given]]
    found = [i for i in lists if folded(kind) in (page.labels[o] for o in page.below(i) if page.elements[o].role == "option")]
    return [Given(found[0], kind)] if len(found) == 1 else []


def _request(source: str) -> Heard | None:
    """The request with the fewest words left to its slots, of the shortest that say anything."""
    found = [one for one in heard(source, "records", "make") if _sensible(one)]
    if not found:
        return None
    shortest = min(one.end for one in found)
    return min((one for one in found if one.end == shortest), key=lambda one: sum(len(slot.span) for slot in one.slots.values()))


def _sensible(one: Heard) -> bool:
    kind = one.slots["kind"]
    return len(kind.span) <= _KINDS and all(token.kind == "word" for token in kind.span)


def _tail(one: Heard) -> int:
    return one.slots["rest"].span[0].start if "rest" in one.slots else 0


def _exactly(kind: str, label: str) -> bool:
    return folded(kind) in plain(label)


def _beside(kind: str, index: int, page: Page) -> bool:
    """Whether it stands in the row or card of what is so called: nothing is to be filled in then."""
    unit = unit_of(index, page)
    return unit is not None and any(page.labels[i] == folded(kind) for i in page.below(unit))


def _makers(kind: str, page: Page) -> Iterator[int]:
    """What makes a new thing of this kind, the surest first: called so; in the section of the kind; any, when there is only one;
    and where such things are kept."""
    pressed = [i for i in front(page) if page.elements[i].role in ("button", "link", "menuitem", "tab")]
    named = {page.labels[i] for i in pressed}
    controls = [*pressed, *(i for i in front(page) if page.elements[i].clickable and page.labels[i] not in named)]
    wanted = [word for word in letters(folded(kind)) if word not in words("articles")]
    forms = {" ".join(wanted), _plural(" ".join(wanted))}
    exact = {f"{new} {form}" for new in words("new") for form in forms} | {
        f"{form} {new}" for new in words("new") for form in forms
    }
    yield from (i for i in controls if page.labels[i].strip() in exact or plain(page.labels[i]) in exact)
    yield from (i for i in controls if _means(plain(page.labels[i]), wanted))
    anyhow = [i for i in controls if plain(page.labels[i]) in words("new")]
    for section in (i for i, label in enumerate(page.labels) if label.strip(" :") in forms):
        outer = next((up for up in page.ancestors(section) if any(j in page.below(up) for j in anyhow)), None)
        own = [j for j in anyhow if outer is not None and page.holds(outer, j)]
        after = [j for j in own if j > section]
        if own and page.elements[outer or 0].role in (
            "row",
            "listitem",
            "paragraph",
            "group",
            "region",
            "article",
            "generic",
            "table",
        ):
            yield (after or own)[0]
    if len({page.labels[i] for i in anyhow}) == 1 and len(page.one_each(anyhow)) == 1:
        yield anyhow[0]
    if any(label in forms for label in (page.labels[i] for i in controls)) and dialog(page) is None:
        yield from (i for i in controls if page.labels[i] in forms)


def _means(label: str, wanted: list[str]) -> bool:
    """ "new file", "insert row", "create page and …": begins with a word for new and has all words of the kind."""
    seen = letters(label)
    return bool(seen) and seen[0] in words("new") and set(wanted) <= set(seen) and len(seen) <= len(wanted) + 3


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}es" if word.endswith(("s", "x", "ch")) else f"{word}s"
