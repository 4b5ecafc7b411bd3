"""Limits of price, count, date and time: a cue ("at most", "no more than", "before") and the value it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from operator_agent.flow.constraint import Bounded, Constraint, Relation
from operator_agent.policy.constraints.speech import Speech, Value

_QUANTITY = frozenset({"price", "number"})
_CALENDAR = frozenset({"date", "time"})
_EITHER = _QUANTITY | _CALENDAR
_BEFORE: tuple[tuple[str, Relation | None, Relation | None, frozenset[str]], ...] = (
    ("most", "at most", "at most", _QUANTITY),
    ("least", "at least", "at least", _QUANTITY),
    ("exact", "is", None, _QUANTITY),
    ("above", None, "at most", _QUANTITY),
    ("below", "below", "at least", _QUANTITY),
    ("later", "above", "at most", _CALENDAR),
    ("earlier", "below", "at least", _CALENDAR),
    ("latest", "at most", None, _CALENDAR),
)
"""Role of a cue before its value, what it says, what it says when denied ("not under"), and of which values. "Over 50 euros" alone
is no limit anybody can break by paying too much."""
_AFTER: tuple[tuple[str, Relation, frozenset[str]], ...] = (
    ("after_most", "at most", _QUANTITY),
    ("after_least", "at least", _QUANTITY),
    ("after_latest", "at most", _CALENDAR),
    ("after_earlier", "below", _CALENDAR),
    ("after_later", "above", _CALENDAR),
)
_NEAR = 4
"""Tokens between a limit and "each"."""


class Stated(NamedTuple):
    """A constraint and the tokens it was read from."""

    constraint: Constraint
    start: int
    end: int


def measures(speech: Speech) -> Iterator[Stated]:
    """Every limit of these kinds, left to right. Quoted text and what is to be typed are data, and state none."""
    at = 0
    while at < len(speech):
        if speech.tokens[at].quote or _is_dictated(speech, at):
            at += 1
            continue
        one = _cued(speech, at) or _trailed(speech, at) or _on_a_day(speech, at)
        found = _between(speech, at) or ([one] if one else [])
        yield from found
        at = found[-1].end if found else at + 1


def _is_dictated(speech: Speech, at: int) -> bool:
    start, _ = speech.clause(at)
    return bool(speech.phrase("dictate", speech.skip("opening", start)))


def _cued(speech: Speech, at: int) -> Stated | None:
    for role, plain, denied, kinds in _BEFORE:
        end = speech.phrase(role, at)
        if not end:
            continue
        start = _negated(speech, at)
        relation = denied if start < at else plain
        value = speech.value(speech.skip("filler", end))
        if role == "above" and relation is None and _is_ground_to_stop(speech, at):
            relation = "at most"
        if relation and value and value.kind in kinds and (found := _limit(speech, start, value, relation, role)):
            return found
    return None


def _between(speech: Speech, at: int) -> list[Stated]:
    """`between 3 March and 5 March`, both included."""
    begin = speech.phrase("range", at)
    low = speech.value(begin) if begin else None
    middle = speech.phrase("range_and", low.end) if low and low.end < len(speech) else 0
    high = speech.value(middle) if middle else None
    if not (low and high) or high.kind not in _CALENDAR | {"price"} or low.kind not in (high.kind, "number"):
        return []
    low = low._replace(kind=high.kind, currencies=high.currencies)
    both = (_limit(speech, at, low, "at least", "least"), _limit(speech, at, high, "at most", "most"))
    said = speech.said(at, high.end)
    return [one._replace(constraint=one.constraint.model_copy(update={"said": said}), end=high.end) for one in both if one]


def _negated(speech: Speech, at: int) -> int:
    """Where the denial begins that belongs to the cue at `at` ("don't pay more than"); `at` when there is none."""
    start = at
    while start > 0:
        if (begin := speech.ends_with("negators", start)) < start:
            return begin
        if (begin := speech.ends_with("between", start)) == start:
            return at
        start = begin
    return at


def _is_ground_to_stop(speech: Speech, at: int) -> bool:
    """`don't order if the total is over 20 euros`."""
    start, _ = speech.clause(at)
    return speech.has("if", start, at) and speech.has("stop")


def _trailed(speech: Speech, at: int) -> Stated | None:
    """`12 euros at most`, `3 tickets max`, 50元以内, 下午5点前."""
    value = speech.value(at)
    if value is None:
        return None
    for role, relation, kinds in _AFTER:
        for gap in range(3 if value.kind == "number" else 1):
            end = speech.phrase(role, value.end + gap) if value.end + gap < len(speech) else 0
            if end and value.kind in kinds and _closes(speech, end) and (found := _limit(speech, at, value, relation, role)):
                return found._replace(
                    constraint=found.constraint.model_copy(update={"said": speech.said(at, end)}), end=max(end, found.end)
                )
    # What is no limit is passed over whole: the 5 of "3 May 5 pm" must not be read again.
    return None


def _closes(speech: Speech, end: int) -> bool:
    """Whether a cue behind its value ends there: in "one Max Mara coat" it begins a name."""
    return end == len(speech) or bool(speech.ends_clause(end) or speech.phrase("stops", end) or speech.tokens[end - 1].cjk)


def _limit(speech: Speech, start: int, value: Value, relation: Relation, role: str) -> Stated | None:
    kind: Bounded
    of, end = "", value.end
    if value.kind == "number":
        priced = _is_priced(speech, start, value, role)
        of, end = ("", value.end) if priced else _noun(speech, value.end)
        if not priced and (speech.phrase("no_count", value.end) or (role == "below" and not of) or "." in value.texts[0]):
            return None
        kind = "price" if priced else "count"
    else:
        kind = value.kind
    each = any(speech.phrase("each", i) for i in range(max(0, start - 2), min(len(speech), end + _NEAR)))
    return Stated(
        Constraint(
            kind=kind, relation=relation, values=value.texts, currencies=value.currencies, of=of,
            each=each and kind in ("price", "count"), said=speech.said(start, end),
        ),
        start,
        end,
    )  # fmt: skip


def _is_priced(speech: Speech, start: int, value: Value, role: str) -> bool:
    """Whether a bare number is money: something is paid, or it is "for at most 12" and nothing is counted."""
    begin, _ = speech.clause(start)
    if speech.has("priced", begin, value.end) and not _noun(speech, value.end)[0]:
        return True
    at_price = start > 0 and bool(speech.phrase("for", start - 1)) and role != "exact"
    return at_price and not _noun(speech, value.end)[0]


def _noun(speech: Speech, at: int) -> tuple[str, int]:
    """What is counted, one or two words: `lattes`, `large lattes`."""
    at = measured = speech.skip("measures", at)
    end = at
    while end < len(speech) and end - at < 2 and speech.tokens[end].word and not _stops(speech, end):
        end += 1
    return (speech.said(at, end), end) if end > at else ("", measured)


def _stops(speech: Speech, at: int) -> bool:
    ends = speech.phrase("stops", at) or speech.ends_clause(at) or speech.phrase("no_count", at) or speech.tokens[at].quote
    return bool(ends) or any(speech.phrase(role, at) for role in ("after_most", "after_least", "most", "least", "each", "act"))


def _on_a_day(speech: Speech, at: int) -> Stated | None:
    """`on 3 March` of what is booked: what to do, so that another day is wrong; with "only" a limit."""
    on = speech.phrase("on", at)
    value = speech.value(on or at)
    if value is None or value.kind != "date" or not speech.has("booking"):
        return None
    if not on and not any(token.cjk for token in speech.tokens[at : value.end]):
        return None
    values, end = value.texts, value.end
    while end < len(speech) and (more := speech.value(speech.phrase("or", end) or len(speech))) and more.kind == "date":
        values, end = (*values, *more.texts), more.end
    start = speech.ends_with("only", at)
    said = speech.said(start, end)
    return Stated(Constraint(kind="date", relation="is", values=values, firm=start < at, said=said), start, end)
