"""Values found on the page and put into fields: "enter the value of Email into the text field", "find the 3rd word, type that into
the box", "fill in the form from the table", "how much does the lamp cost?"."""

from __future__ import annotations

from functools import lru_cache

from operator_agent.flow.action import Action, Fill, Read, Select
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.lookup import label_text, under_label
from operator_agent.planner.crafts.apps.quantities import money
from operator_agent.planner.crafts.apps.units import fields, handle, mentions, text_of, unit_around
from operator_agent.planner.crafts.apps.values import Unclear, Value, means_a_value, value_of
from operator_agent.planner.crafts.apps.wording import Wording, wordings

_SURE = 100.0  # the words are a known way to say a value, and nobody types those words themselves
_FIELD_WORDS = frozenset(
    {"", "text", "textbox", "text box", "field", "text field", "input", "input field", "box", "input box", "answer box", "textarea"}
    | {"answer field", "text area", "form", "blank", "answer", "space"}
)


class PutValue:
    name = "put a value"

    def hears(self, words: str) -> bool:
        return bool(_puts(words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        refused, end = None, 0
        for one in _puts(asked.words):
            value = value_of(one.get("value"), asked.page, asked.kept)
            if value is None:
                continue
            field = field_for(one.get("field"), asked.page)
            if isinstance(value, Unclear) or field is None:
                where = f'Which field to put it into is not clear: "{one.get("field")}".'
                refused = refused or Refusal(reason=value.reason if isinstance(value, Unclear) else where)
                end = one.end
                continue
            asked.kept["that"] = value
            return _proposal(_filled(field, value.text, asked.page), asked, one)
        return Proposal(_SURE, (), end, refusal=refused) if refused else None


class TakeValue:
    """Finds a value for the words that follow, or reads it as the answer."""

    name = "take a value"

    def hears(self, words: str) -> bool:
        return bool(_takes(words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for kind, one in _takes(asked.words):
            value = _price(one.get("priced"), asked.page) if "priced" in one.slots else None
            value = value or value_of(one.get("value") or "the solution", asked.page, asked.kept)
            if isinstance(value, Unclear):
                return Refusal(reason=value.reason)
            if value is None:
                continue
            asked.kept["that"] = value
            if kind == "find":
                return Proposal(_SURE, (), one.end)
            target = handle(value.at, asked.page) if value.at is not None else None
            if target is None:
                return Refusal(reason=f'The answer is "{value.text}", but nothing on the page shows it by itself.')
            return _proposal(Read(target=target, into="answer"), asked, one)
        return None


class FormFromPage:
    """Each empty field of a form gets the value that the page shows under the field's own label."""

    name = "fill a form from the page"

    def hears(self, words: str) -> bool:
        return bool(wordings("match", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one, page = wordings("match", asked.words)[0], asked.page
        steps = []
        for field in fields(page):
            label = label_text(field, page) if page.elements[field].name else _label_beside(field, page)
            shown = [value for value in under_label(label, page) if value.at != field] if label else []
            if len({value.text for value in shown}) != 1:
                return Refusal(reason=f'The page shows no value for the field "{label}".') if label else None
            steps.append(Step(action=_filled(field, shown[0].text, page), intent=f"{label}: {shown[0].text}"))
        return Proposal(_SURE, tuple(steps), one.end) if steps else None


@lru_cache(maxsize=128)
def _puts(words: str) -> tuple[Wording, ...]:
    return tuple(one for one in wordings("put", words) if "value" not in one.quoted and means_a_value(one.get("value")))[:4]


@lru_cache(maxsize=128)
def _takes(words: str) -> tuple[tuple[str, Wording], ...]:
    found = [(kind, one) for kind in ("find", "asks") for one in wordings(kind, words)]
    return tuple((kind, one) for kind, one in found if "value" not in one.slots or means_a_value(one.get("value")))[:4]


def field_for(words: str, page: Page) -> int | None:
    """The field that is meant; any words for a field mean the only one."""
    all_ = fields(page)
    found = search(words, "fill", page) if words else None
    if found and len(found.indices) == 1:
        return found.indices[0]
    plain = words.casefold().strip(" .")
    for article in ("the ", "a ", "this ", "that "):
        plain = plain.removeprefix(article)
    return all_[0] if len(all_) == 1 and plain in _FIELD_WORDS else None


def _label_beside(field: int, page: Page) -> str:
    label = labelled_by(field, page)
    return label_text(label, page) if label is not None else ""


def _filled(field: int, text: str, page: Page) -> Action:
    target = handle(field, page)
    assert target is not None  # only fields with a handle are offered
    options = [i for i in page.below(field) if page.elements[i].role == "option"]
    return Select(target=target, options=(text,)) if options else Fill(target=target, text=text)


def _price(what: str, page: Page) -> Value | Unclear | None:
    """The one amount of money in the smallest thing around what is so called."""
    priced = [i for i, e in enumerate(page.elements) if money(e.value or e.name)]
    prices = []
    for anchor in mentions(what.removeprefix("the ").strip(), page):
        unit = unit_around(anchor, page, priced)
        prices += [i for i in priced if unit is not None and (i == unit or page.holds(unit, i))][:1]
    texts = {str(money(text_of(i, page))[0]) for i in prices}
    if len(texts) == 1:
        return Value(page.elements[prices[0]].value or page.elements[prices[0]].name, prices[0])
    return Unclear(f'"{what}" has {len(texts)} prices here.' if texts else f'The page shows no price of "{what}".')


def _proposal(action: Action, asked: Asked, one: Wording) -> Proposal:
    return Proposal(_SURE, (Step(action=action, intent=asked.words[: one.end]),), one.end)
