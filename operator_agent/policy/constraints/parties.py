"""Who may receive something: "only to ada@example.org", "to nobody but Ada", 只发给."""

from __future__ import annotations

from collections.abc import Iterator

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.constraints.measures import Stated
from operator_agent.policy.constraints.speech import Speech

_NAME = 3
"""Words in the longest name."""


def parties(speech: Speech) -> Iterator[Stated]:
    """At most one constraint: everybody who may receive something. Firm when "only" was said; the addresses that something is to be
    sent to are otherwise what to do, so that another address is wrong."""
    if not speech.has("sending"):
        return
    firm, plain = list(_only(speech)), list(_plain(speech))
    if not (firm or plain):
        return
    found = firm or plain
    values = tuple(dict.fromkeys(value for values, _, _ in found for value in values))
    start, end = found[0][1], found[-1][2]
    said, sure = speech.said(start, end), bool(firm) or speech.has("to_others")
    yield Stated(Constraint(kind="recipient", relation="is", values=values, firm=sure, said=said), start, end)


def _only(speech: Speech) -> Iterator[tuple[list[str], int, int]]:
    for at in range(len(speech)):
        if speech.tokens[at].quote:
            continue
        if (end := speech.phrase("only_to", at)) and (listed := _listed(speech, end, names=True))[0]:
            yield listed[0], at, listed[1]
        elif (to := speech.phrase("to", at)) and not speech.phrase("only_to", at - 1 if at else 0):
            people, end = _listed(speech, to, names=True)
            tail = _nobody_else(speech, end) if people else 0
            if tail:
                yield people, at, tail


def _nobody_else(speech: Speech, at: int) -> int:
    """Where "only" or "and nobody else" that follows the people ends, 0 without. In `to Ada only if …` it begins what follows."""
    for start in (at, speech.skip("joint", at)):
        end = speech.phrase("nobody_else", start) if start < len(speech) else 0
        if end and not speech.phrase("only_if", end - 1):
            return end
    return 0


def _plain(speech: Speech) -> Iterator[tuple[list[str], int, int]]:
    for at in range(len(speech)):
        if (end := speech.phrase("to", at)) and not speech.tokens[at].quote:
            people, end = _listed(speech, end, names=False)
            if people:
                yield people, at, end
        elif at in speech.emails and at and speech.ends_with("sending", at) < at:
            people, end = _listed(speech, at, names=False)
            yield people, at, end


def _listed(speech: Speech, at: int, *, names: bool) -> tuple[list[str], int]:
    """The addresses and, where asked, names from `at` on, joined by commas and "and"."""
    people: list[str] = []
    end = at
    while end < len(speech):
        start = speech.skip("joint", end) if people else end
        joined = not people or start > end
        one = _person(speech, start, names=names, first=not people) if joined and start < len(speech) else None
        if one is None:
            break
        people.append(one[0])
        end = one[1]
    return people, end


def _person(speech: Speech, at: int, *, names: bool, first: bool) -> tuple[str, int] | None:
    if at in speech.emails:
        return speech.emails[at]
    if not names or speech.phrase("nobody_else", at):
        return None
    end = at
    while end < len(speech) and end - at < _NAME and _is_name(speech, end, first=first and end == at):
        end += 1
    return (speech.said(at, end), end) if end > at else None


def _is_name(speech: Speech, at: int, *, first: bool) -> bool:
    """A capitalised word, or the first of any kind: people seldom write "only to ada" with a capital."""
    token = speech.tokens[at]
    if not token.word or at in speech.emails or speech.phrase("stops", at) or speech.phrase("nobody_else", at) or token.quote:
        return False
    return first or token.cjk or token.raw[:1].isupper()
