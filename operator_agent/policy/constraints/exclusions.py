"""What must not be taken: "not the refurbished one", "except the decaf", 不要翻新的."""

from __future__ import annotations

from collections.abc import Iterator

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.constraints.measures import Stated
from operator_agent.policy.constraints.speech import Speech

_THING = 4
"""Words in the longest name of a thing."""


def exclusions(speech: Speech) -> Iterator[Stated]:
    """One constraint for each thing that is ruled out; a denied act ("do not close the page") rules out none."""
    at = 0
    while at < len(speech):
        found = None if speech.tokens[at].quote else _exclusion(speech, at)
        if found:
            yield found
        at = found.end if found else at + 1


def _exclusion(speech: Speech, at: int) -> Stated | None:
    begin = max(speech.phrase("not_the", at), speech.phrase("not_verbs", at))
    if not begin or speech.phrase("only_to", max(0, at - 1)):
        return None
    weak = speech.phrase("weak_not", at) == begin
    start = speech.skip("article", begin)
    end = start
    while end < len(speech) and end - start < (8 if speech.tokens[end].cjk else _THING) and not _ends(speech, end, start):
        end += 1
    stop, end = end, _without_tail(speech, start, end)
    if end <= start or (weak and not _is_weakly_named(speech, start, stop)):
        return None
    thing = speech.said(start, end)
    return Stated(Constraint(kind="exclusion", relation="is not", values=(thing,), said=speech.said(at, stop)), at, stop)


def _ends(speech: Speech, at: int, start: int) -> bool:
    if speech.tokens[at].quote:
        return False
    plain_number = speech.value(at) is not None and at == start
    return plain_number or bool(speech.phrase("things_end", at)) or bool(speech.phrase("no_thing", at))


def _without_tail(speech: Speech, start: int, end: int) -> int:
    while end > start and (begin := speech.ends_with("thing_tail", end)) < end:
        end = begin
    return max(end, start)


def _is_weakly_named(speech: Speech, start: int, stop: int) -> bool:
    """After "without" a doing is denied more often than a thing: "without saving". 不要 is one when 的 follows."""
    first = speech.tokens[start]
    if first.cjk:
        return stop < len(speech) and speech.tokens[stop].text == "的"
    return not first.text.endswith("ing") and stop - start <= 2
