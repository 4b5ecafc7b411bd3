"""What in an instruction may be a value: quoted texts, dates, numbers, files, options, names, and what stands behind "Label:"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import Control, content, other_ways, small
from operator_agent.planner.crafts.wholes.pieces import Piece, is_name, number_of, stem
from operator_agent.planner.crafts.wholes.saying import ENDS, begins_sentence, is_act, said_at, same_words


class Value(NamedTuple):
    """Pieces `start` to `end` are a value, or the options that are so called in `control`."""

    start: int
    end: int
    text: str
    kind: str
    option: int = -1
    control: int = -1
    spelled: bool = False
    """A number in letters."""


def values_in(
    span: Sequence[Piece], done: frozenset[int], offered: Sequence[Control], labels: Collection[tuple[int, int]]
) -> Iterator[Value]:
    """Everything that may be a value; `labels` are the places where labels of controls stand."""
    lines = _lines(span, done)
    files = _files(span)
    yield from [lines] if lines else []
    yield from (one for one in files if one.start not in done)
    for at, one in enumerate(span):
        if at in done:
            continue
        if one.is_value and one.kind != "file" and not (lines and lines.start <= at < lines.end):
            number = number_of(one.said) if one.kind == "number" else ""
            yield Value(at, at + 1, number or one.said, one.kind, spelled=one.kind == "number" and one.said.isalpha())
        yield from _options(span, at, offered)
        if size := _name(span, at, done):
            yield Value(at, at + size, _between(span, at, at + size), "name")
    starts = {start for start, _ in labels}
    for _, end in labels:
        if end < len(span) and span[end].text == ":" and (size := _rest(span, end + 1, starts)) > 1:
            yield Value(end + 1, end + 1 + size, _between(span, end + 1, end + 1 + size), "free")


def _options(span: Sequence[Piece], at: int, offered: Sequence[Control]) -> Iterator[Value]:
    for number, control in enumerate(offered):
        for label, index in control.options if control.kind in ("choice", "radios") else ():
            if size := _option(span, at, label, control):
                yield Value(at, at + size, label, "option", index, number)


def _lines(span: Sequence[Piece], done: frozenset[int]) -> Value | None:
    """Several quoted texts that are to be lines of one."""
    quoted = [i for i, one in enumerate(span) if one.kind == "quoted" and i not in done]
    if len(quoted) < 2 or not any(True for way in known("whole", "breaks") for _ in said_at(tuple(way.split()), span)):
        return None
    return Value(quoted[0], quoted[-1] + 1, "\n".join(span[i].said for i in quoted), "quoted")


def _files(span: Sequence[Piece]) -> list[Value]:
    """Files; those in a list are one value."""
    found: list[list[int]] = []
    for at, one in enumerate(span):
        if one.kind == "file":
            joined = found and all(each.text in (",", "and", "&") for each in span[found[-1][-1] + 1 : at])
            found = [*found[:-1], [*found[-1], at]] if joined else [*found, [at]]
    return [Value(run[0], run[-1] + 1, "\n".join(span[i].said for i in run), "file") for run in found]


def _option(span: Sequence[Piece], at: int, label: str, control: Control) -> int:
    """How many pieces from `at` call this option. "Boat" alone does not call the "any boat" of a list of boats."""
    words = content(label)
    if set(words) <= set(control.words):
        words = tuple(stem(word) for word in label.split())
    sizes = [same_words(span, at, words)] if words else []
    sizes += [same_words(span, at, way) for way in other_ways(words, "alike")]
    if span[at].kind == "quoted" and span[at].text.casefold() == label:
        return 1
    return max(sizes, default=0)


def _name(span: Sequence[Piece], at: int, done: frozenset[int]) -> int:
    """How many pieces from `at` are spelled like a name; one that begins a sentence only when it is no word of ours."""
    if not (_in_name(span, at) or _titled(span, at)) or (at and _in_name(span, at - 1)) or (at and _titled(span, at - 1)):
        return 0
    end = at + 1
    while end < len(span) and end not in done and (is_name(span[end]) or _nickname(span, end)):
        end += 1
    if end < len(span) and span[end].kind == "number" and (end + 1 == len(span) or span[end + 1].kind == "mark"):
        end += 1  # of a street
    return end - at


def _in_name(span: Sequence[Piece], at: int) -> bool:
    text = span[at].text
    ours = text in small() or text in known("whole", "gives") or (begins_sentence(span, at) and is_act(text))
    return is_name(span[at]) and not ours


def _titled(span: Sequence[Piece], at: int) -> bool:
    """Whether an article here begins a title: "The Leopard"."""
    inside = not begins_sentence(span, at) and at + 1 < len(span)
    return span[at].said in known("whole", "articles") and inside and is_name(span[at + 1])


def _nickname(span: Sequence[Piece], at: int) -> bool:
    return span[at].kind == "quoted" and at + 1 < len(span) and is_name(span[at - 1]) and is_name(span[at + 1])


def _rest(span: Sequence[Piece], at: int, starts: Collection[int]) -> int:
    """How many pieces from `at` are free text: up to a stop, or a comma behind which another label stands."""
    end = at
    while end < len(span):
        if span[end].kind == "quoted" and (end == at or not is_name(span[end - 1])):
            return 0  # words around a quoted text say what to make of it
        if span[end].kind == "mark" and (span[end].text in ENDS or end + 1 in starts):
            break
        end += 1
    return end - at


def _between(span: Sequence[Piece], start: int, end: int) -> str:
    """What was written there."""
    parts = span[start:end]
    if len(parts) == 1:
        return parts[0].said
    text = ""
    for before, one in zip((None, *parts), parts, strict=False):
        gap = " " if before and one.start > before.end else ""
        quoted = f'"{one.said}"' if one.kind == "quoted" else one.said
        text += gap + quoted
    return text
