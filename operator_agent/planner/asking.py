"""What is unsure in a command, in words for the person: one question, or the reason why it cannot be done."""

from __future__ import annotations

from typing import Literal

from operator_agent.flow.command import Question
from operator_agent.flow.plan import Refusal
from operator_agent.planner.groups import UNCLEAR, Problem
from operator_agent.planner.phrases import Vocabulary, example
from operator_agent.planner.reading import Match, path
from operator_agent.script.inputs import question

LEAVE_OUT = "leave it out"
STOP = "stop"
COMMAND, LEFTOVER = "command", "leftover"
"""What questions are about that are not about one input."""


def reply(vocabulary: Vocabulary, match: Match) -> Question | Refusal | None:
    """The one question to ask next, a refusal, or None when all is clear."""
    if match.conflicts:
        problem = match.conflicts[0]
        if match.missing and problem.kind in ("conflict", "ambiguous", "vague", "implied", "reserved"):
            return _missing(vocabulary, match)
        return _about(vocabulary, match, problem)
    return _missing(vocabulary, match) if match.missing else None


def _missing(vocabulary: Vocabulary, match: Match) -> Question:
    where = match.missing[0]
    name = where.rsplit(".", 1)[-1]
    spec = vocabulary.fields[name]
    kind: Literal["choice", "input"] = "choice" if spec.one_of else "input"
    return Question(kind=kind, text=question(name, spec), options=vocabulary.options(name), about=where)


def _about(vocabulary: Vocabulary, match: Match, problem: Problem) -> Question | Refusal:
    name = problem.field
    about = path(vocabulary, name, problem.group, match.groups)
    told = question(name, vocabulary.fields[name]) if name else ""
    options = tuple(str(option) for option in problem.options)
    match problem.kind:
        case "foreign":
            return _not_offered(vocabulary, problem.words)
        case "answer":
            known = f"; say one of: {', '.join(options)}" if options else ""
            return Refusal(reason=f'"{problem.words}" is no answer for {name}{known}.')
        case "amount" | "time":
            return _impossible(vocabulary, problem)
        case "unknown":
            text = f'I did not understand "{problem.words}".'
            return Question(kind="choice", text=text, options=(LEAVE_OUT, STOP), about=LEFTOVER)
        case kind if kind == UNCLEAR:
            text = f'I am not sure how "{problem.words}" is meant. Please say the whole request once more.'
            return Question(kind="input", text=text, about=COMMAND)
        case "implied":
            implied = f"{name} {options[0]}"
            text = f"{_thing(vocabulary, match, problem)} goes with {implied}, not {problem.words}. Take it with {implied}?"
            return Question(kind="choice", text=text, options=(*options, STOP), about=about)
        case "reserved":
            text = f"{_thing(vocabulary, match, problem)} does not go with {name} {problem.words}. {told}"
            return Question(kind="choice", text=text, options=options, about=about)
        case "denied":
            left = tuple(option for option in vocabulary.options(name) if option not in options)
            return Question(kind="choice", text=f"Not {options[0]}. {told}", options=left, about=about)
        case "vague":
            return Question(kind="input", text=told, about=about)
        case _:
            return Question(kind="choice", text=f"{told} I understood both {' and '.join(options)}.", options=options, about=about)


def _not_offered(vocabulary: Vocabulary, words: str) -> Refusal:
    known = ", ".join(value for name in vocabulary.anchors for value in vocabulary.options(name))
    reason = f'"{words}" is not something the skill "{vocabulary.skill.name}" knows; it knows: {known}.'
    return Refusal(reason=reason, nearest=(example(vocabulary.skill),))


def _impossible(vocabulary: Vocabulary, problem: Problem) -> Refusal:
    if problem.kind == "time":
        return Refusal(reason=f'There is no such time of day in "{problem.words}".')
    name = problem.field or vocabulary.counter
    spec = vocabulary.fields[name]
    bounds = [f"{word} {bound:g}" for word, bound in (("at least", spec.min), ("at most", spec.max)) if bound is not None]
    kind = "a whole number" if spec.type == "integer" else "a number"
    return Refusal(
        reason=f"The {name} cannot be {problem.words}: it is {', '.join([kind, ' and '.join(bounds)] if bounds else [kind])}."
    )


def _thing(vocabulary: Vocabulary, match: Match, problem: Problem) -> str:
    rows = match.inputs.get(vocabulary.list_name) if vocabulary.list_name else [match.inputs]
    row = rows[problem.group] if isinstance(rows, list) and problem.group < len(rows) else {}
    named = [str(row[name]) for name in vocabulary.anchors if name in row]
    return named[0].capitalize() if named else "This"
