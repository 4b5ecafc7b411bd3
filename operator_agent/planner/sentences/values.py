"""Values in the words of an order: a day, a number, what a thing is called."""

from __future__ import annotations

from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded
from operator_agent.planner.sentences.stems import is_empty, nouns, same, units_of
from operator_agent.planner.sentences.things import Thing
from operator_agent.written import tokens as written

IMPLIED = frozenset({"month", "date", "day", "time", "year", "number"})
"""In a label these are said by the value itself."""


def day_in(value: str) -> str:
    """The one date a text says, beside words that say nothing more; "" when it says more, or none."""
    found = [token for token in written(value) if token.kind not in ("word", "sign")]
    if len(found) != 1 or found[0].kind != "date":
        return ""
    at = value.casefold().find(found[0].text.casefold())
    if at < 0:
        return ""
    rest = value[:at] + " " + value[at + len(found[0].text) :]
    words = [token.text for token in tokens(rest) if token.kind != "mark"]
    return value[at : at + len(found[0].text)] if all(is_empty(word) or word in IMPLIED for word in words) else ""


def is_called(thing: Thing, name: str) -> bool:
    plain = folded(name)
    if folded(thing.label) == plain:
        return True
    said = tuple(unit.text for unit in units_of(tuple(tokens(name))))
    return bool(said) and len(said) == len(thing.units) and all(any(same(one, other) for other in thing.units) for one in said)


def number_in(value: str) -> str | None:
    """The one number a text says, in digits or as a word, beside its unit."""
    found = [token for token in written(value) if token.kind in ("number", "money")]
    if len(found) == 1 and len(found[0].readings) == 1:
        rest = [token.text for token in tokens(value) if folded(token.text) != folded(found[0].text)]
        return (
            f"{found[0].readings[0]:f}"
            if all(is_empty(text) or text in nouns()["units"] or not text.isalpha() for text in rest)
            else None
        )
    words = [token.text for token in tokens(value) if token.kind == "word"]
    said = [nouns()["numbers"][word] for word in words if word in nouns()["numbers"]]
    rest = [word for word in words if word not in nouns()["numbers"] and not is_empty(word)]
    return str(said[0]) if len(said) == 1 and not rest else None
