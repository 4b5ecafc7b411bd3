"""Plain orders done one by one on the page that is open, also where their control shows itself only on the way: in a dialog, a
menu, a section, on a later page of a list.

What the grammar and the crafts know is theirs; this reads what is left, by what the page calls things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from operator_agent.flow.action import AnswerDialog, Click, Do, Drag, Fill, Select
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.sentences import plainly
from operator_agent.planner.sentences.acts import Done, Order
from operator_agent.planner.sentences.forms import fits, is_statement, lexicon, words_at
from operator_agent.planner.sentences.handing import SURE, First, first_of, steps_of, submit
from operator_agent.planner.sentences.hidden import cell, family, is_choice, menus, opener, section
from operator_agent.planner.sentences.pieces import pieces
from operator_agent.planner.sentences.stems import Unit, nouns, same, units
from operator_agent.planner.sentences.things import Offer, folds

_VALUE = re.compile(r"\d|@|[\"“”«»]")
"""What is told with a value may be meant for a field: then it is not passed over."""
_FINDS = (("find",), ("look", "for"), ("locate",), ("scroll",), ("go", "to"), ("search", "for"))
_GESTURES = (("drag",), ("draw",))
"""Acts of the pointer itself: no menu and no dialog has them."""
_PLACED = frozenset({"goes", "go", "belongs", "belong"})


def settle(asked: Asked) -> Proposal | Refusal | None:
    """Steps for the first order; None when a word of it is not accounted for."""
    if words_at(tokens(asked.words), 0, _GESTURES):
        return None
    found = _first(asked)
    return _noted(found, asked) if isinstance(found, Proposal) else found


def _first(asked: Asked) -> Proposal | Refusal | None:
    first = first_of(asked.words)
    if asked.page.observation.dialog:
        return answered(first, asked)
    for way in ("opener", "menus", "family", "section", "cell"):
        if way in asked.memory:
            return _WAYS[way](first, asked)
    order = Order(first.clause, asked.page, asked.kept.get("typed", ()))
    done = order.read()
    if is_statement(first.clause) and not (done.actions and not done.left):
        return _told(first, done, asked)
    if _found(first, order):
        return Proposal(SURE, (), first.end)
    if done.pressed and done.at >= 0 and folds(done.at, asked.page) and is_choice(order):
        return section(first, asked)
    if done.actions and not done.left:
        return Proposal(SURE, steps_of(order, done, first, asked.page), first.end)
    for try_ in (suggested, picture, beside, surveyed, cell, into_list, opener, family, menus):
        if (found := try_(first, asked)) is not None:
            return found
    return None


def _told(first: First, done: Done, asked: Asked) -> Proposal | Refusal | None:
    """What only tells how something is, is passed over; not when it speaks of what can be set here, or nothing else is said."""
    placed = any(token.text in _PLACED for token in tokens(first.clause))  # "that one goes on the list" asks for something
    values = [word for word in first.clause.split() if _VALUE.search(word) and word.strip(".,") not in first.rest]
    if done.mentions or placed or values or (not first.rest and not asked.kept.get("ordered")):
        return None
    return Proposal(SURE, (), first.end)


def _found(first: First, order: Order) -> bool:
    """ "Find the lamp" before an order that names the lamp: the order itself looks for it."""
    size = words_at(order.tokens, 0, _FINDS)
    thing = [unit for unit in order.units if unit.first >= size] if size else []
    said = units(first.rest)
    return bool(thing and first.rest) and all(any(same(unit.text, other.text) for other in said) for unit in thing)


def _noted(found: Proposal, asked: Asked) -> Proposal:
    """Acts that are left in words for a craft are no requests of their own."""
    acts = [step.action.words for step in found.steps if isinstance(step.action, Do)]
    asked.kept["acts"] = (*asked.kept.get("acts", ()), *acts)
    return found


def answered(first: First, asked: Asked) -> Proposal | Refusal | None:
    dialog = asked.page.observation.dialog
    assert dialog
    if dialog.kind == "prompt":
        value = asked.memory.get("opener", {}).get("value") or _typed(first.clause)
        if value:
            asked.memory.clear()
            return Proposal(SURE, (Step(action=AnswerDialog(answer="accept", text=value)),), first.end)
    if first.clause.casefold() in lexicon().yes:
        return Proposal(SURE, (Step(action=AnswerDialog(answer="accept")),), first.end)
    if any(same(first.clause.casefold(), no) for no in ("cancel", "no", "decline", "refuse")):
        return Proposal(SURE, (Step(action=AnswerDialog(answer="dismiss")),), first.end)
    return None


def _typed(clause: str) -> str:
    for pattern in lexicon().texts:
        if (slots := fits(pattern, clause)) is not None:
            value = slots.get("value") or slots.get("quoted", "")
            return value.strip("\"'“”‘’")
    return ""


def may_answer(words: str) -> bool:
    """Whether these words may be the answer to a question that the page asks before it goes on."""
    clause = first_of(words).clause
    return any(fits(pattern, clause) is not None for pattern in (*lexicon().may, *lexicon().texts))


def may_answer_later(words: str) -> bool:
    """Whether a later order may be the answer to a question of the page."""
    found = pieces(plainly(words))
    return any(fits(pattern, piece.text) is not None for piece in found[1:] for pattern in lexicon().may)


def suggested(first: First, asked: Asked) -> Proposal | None:
    """ "Pick Oslo from the suggestions", where only one field suggests."""
    slots = next((found for pattern in lexicon().picks if (found := fits(pattern, first.clause))), None)
    offer = Offer(asked.page)
    fields = [one for one in offer.of("choice") if asked.page.elements[one.at].role == "combobox" and not offer.options(one.at)]
    target = offer.target(fields[0].at) if slots and len(fields) == 1 else None
    if slots is None or target is None:
        return None
    return Proposal(SURE, (Step(action=Select(target=target, options=(slots["value"].strip("\"'“”"),))),), first.end)


def picture(first: First, asked: Asked) -> Proposal | None:
    """The one picture that takes the pointer, when something is to be done to it, or in the middle of it."""
    order = Order(first.clause, asked.page, asked.kept.get("typed", ()))
    pictures = [one for one in order.offer.of("press") if asked.page.elements[one.at].role in ("img", "canvas", "figure")]
    if len(pictures) != 1 or not order.verb:
        return None
    said = [unit for unit in order.units if unit.first >= order.verb_size]
    named = [unit for unit in said if any(same(unit.text, one) for one in pictures[0].units)]
    middle = any(token.text in nouns()["middle"] for token in order.tokens)
    target = order.offer.target(pictures[0].at)
    if not named or target is None or not (middle or (len(named) == len(said) and not order.generic and not order.denied)):
        return None
    return Proposal(SURE, (Step(action=Click(target=target)),), first.end)


# A text for the one field beside what is pressed


def beside(first: First, asked: Asked) -> Proposal | Refusal | None:
    """ "Answer "yes, gladly"": the text goes where the control that is named hands in one, when there is one field only."""
    order = Order(first.clause, asked.page, asked.kept.get("typed", ()))
    done = order.read()
    quoted = [unit for unit in done.left if order.tokens[unit.first].kind == "quoted"]
    if not done.pressed or done.filled or len(quoted) != 1 or len(done.left) != 1:
        return None
    page = asked.page
    for above in page.ancestors(done.at):
        fields = [one for one in order.offer.of("text") if page.holds(above, one.at)]
        if fields:
            target = order.offer.target(fields[0].at) if len(fields) == 1 else None
            text = order.tokens[quoted[0].first].text
            return (
                Proposal(SURE, (Step(action=Fill(target=target, text=text)), Step(action=done.actions[-1])), first.end)
                if target
                else None
            )
    return None


def surveyed(first: First, asked: Asked) -> Proposal | None:
    """ "Fill in the partner's survey with: by mail": the one field near what the words name, and what hands it in."""
    slots = next((found for pattern in lexicon().surveys if (found := fits(pattern, first.clause))), None)
    if slots is None:
        return None
    page, offer = asked.page, Offer(asked.page)
    said = [unit.text for unit in units(slots["place"])]
    for index, element in enumerate(page.elements):
        text = element.name or element.value
        if (
            not said
            or not text
            or element.role in INTERACTIVE
            or not all(any(same(one, unit.text) for unit in units(text)) for one in said)
        ):
            continue
        for above in (index, *page.ancestors(index)):
            fields = [one for one in offer.of("text") if page.holds(above, one.at)]
            target = offer.target(fields[0].at) if len(fields) == 1 else None
            handing = submit(page, "answer", above) if target else None
            if target and handing:
                fill = Fill(target=target, text=slots["value"].strip("\"'“”"))
                return Proposal(SURE, (Step(action=fill), Step(action=Click(target=handing))), first.end)
            if fields:
                break
    return None


def into_list(first: First, asked: Asked) -> Proposal | None:
    """ "Make Mocha a favourite", where Mocha stands in one list and another is called favourites: it is dragged there."""
    page = asked.page
    order = Order(first.clause, page, asked.kept.get("typed", ()))
    said = [unit for unit in order.units if unit.first >= order.verb_size]
    lists = [i for i, e in enumerate(page.elements) if e.role in ("list", "listbox") and e.ref and _said_by(e.name, said)]
    items = [
        i for i, e in enumerate(page.elements) if e.role in ("listitem", "option") and e.ref and _said_by(e.name or e.value, said)
    ]
    items = [i for i in items if not any(page.holds(one, i) for one in lists)]
    if order.verb not in nouns()["puts"] or len(lists) != 1 or len(items) != 1:
        return None
    named = [*units(page.elements[lists[0]].name), *units(page.labels[items[0]])]
    if not all(any(same(unit.text, one.text) for one in named) for unit in said):
        return None
    item, place = order.offer.target(items[0]), order.offer.target(lists[0])
    return Proposal(SURE, (Step(action=Drag(target=item, to=place)),), first.end) if item and place else None


def _said_by(label: str, said: Sequence[Unit]) -> bool:
    own = units(label)
    return bool(own) and all(any(same(one.text, unit.text) for unit in said) for one in own)


def precise(asked: Asked) -> Proposal | None:
    """A cell that the words name by row and column, or the menu of actions of what they name."""
    first = first_of(asked.words)
    done = Order(first.clause, asked.page, asked.kept.get("typed", ())).read()
    if asked.page.observation.dialog or (done.actions and not done.left):
        return None
    opens = any(folded(one.label) in nouns()["openers"] for one in Offer(asked.page).of("press"))
    found = cell(first, asked) or (menus(first, asked) if opens else None)
    return found if isinstance(found, Proposal) else None


_WAYS = {"cell": cell, "opener": opener, "menus": menus, "family": family, "section": section}
