"""On what the act depends: "only if it is in stock", "unless it is sold out", 有货才买."""

from __future__ import annotations

from collections.abc import Iterator

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.constraints.measures import Stated
from operator_agent.policy.constraints.speech import Cut, Speech, cut, words


def conditions(speech: Speech, measured: list[Stated]) -> Iterator[Stated]:
    """A plain "if" counts only for states the word list knows ("if possible" is none); "only if" for whatever follows it."""
    at = 0
    while at < len(speech):
        found = None if speech.tokens[at].quote else _condition(speech, at, measured)
        if found:
            yield found
        at = found.end if found else at + 1


def _condition(speech: Speech, at: int, measured: list[Stated]) -> Stated | None:
    for role in ("unless", "only_if", "if"):
        begin = speech.phrase(role, at)
        if not begin:
            continue
        end = _end(speech, begin)
        if end == begin or any(begin <= one.start < end for one in measured):
            return None
        return _of_clause(speech, at, begin, end, role)
    return _bare(speech, at)


def _end(speech: Speech, at: int) -> int:
    end = at
    while end < len(speech) and not speech.phrase("clause_end", end):
        end += 1
    return end


def _bare(speech: Speech, at: int) -> Stated | None:
    """有货才买: the condition stands without an "if"."""
    if not speech.tokens[at].cjk:
        return None
    for state in words().states:
        for phrase in map(cut, state["yes"]):
            end = at + len(phrase)
            if _stands(speech, at, phrase) and end < len(speech) and speech.tokens[end].text in ("才", "再", "就"):
                return _stated(speech, at, end, state["yes"], state["no"])
    return None


def _of_clause(speech: Speech, at: int, begin: int, end: int, role: str) -> Stated | None:
    known = _known(speech, begin, end)
    denied = role == "unless"
    if known:
        state, holds, denial = known
        yes, no = (state["yes"], state["no"]) if holds != denied else (state["no"], state["yes"])
        return _stated(speech, at, end, yes, no, firm=not denied and not denial)
    if role == "if":
        return None
    start = speech.skip("subject", begin)
    negated = start < end and bool(speech.phrase("negation", start))
    start = speech.skip("subject", speech.skip("negation", start)) if negated else start
    if start >= end:
        return None
    said = [speech.said(start, end)]
    return _stated(speech, at, end, *(([], said) if denied != negated else (said, [])), firm=denied == negated)


def _known(speech: Speech, begin: int, end: int) -> tuple[dict[str, list[str]], bool, bool] | None:
    """The state the clause names by its longest phrase, whether it is to hold, and whether that is said by denying its contrary
    ("not sold out"): then a page that says nothing of it says enough."""
    its = speech.skip("subject", begin)  # "it is free" costs nothing, "a seat is free" is one nobody has taken
    found: list[tuple[int, bool, dict[str, list[str]], int]] = []
    for state in words().states:
        only_its = set(map(cut, state.get("of_it", ())))
        for holds, listed in ((True, state["yes"]), (False, state["no"])):
            for phrase in map(cut, listed):
                places = [at for at in range(begin, end - len(phrase) + 1) if _stands(speech, at, phrase)]
                found += [(len(phrase), holds, state, at) for at in places if at == its or phrase not in only_its]
    if not found:
        return None
    _, holds, state, at = max(found, key=lambda one: one[0])
    denied = speech.has("negation", begin, at)
    return state, holds != denied, denied and not holds


def _stands(speech: Speech, at: int, phrase: Cut) -> bool:
    return tuple(token.text for token in speech.tokens[at : at + len(phrase)]) == phrase


def _stated(speech: Speech, at: int, end: int, yes: list[str], no: list[str], *, firm: bool = True) -> Stated:
    said = speech.said(at, end)
    return Stated(Constraint(kind="condition", relation="is", values=tuple(yes), against=tuple(no), firm=firm, said=said), at, end)
