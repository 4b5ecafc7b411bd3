"""What can be broken in a scenario, as seen in a run of it in which nothing was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, zip_longest
from random import Random
from typing import Any

from operator_agent.scenarios.mutants.body import Field, fields
from operator_agent.scenarios.mutants.mutant import KINDS, Click, Kind, Mutant, Traffic, Write

_DIGITS = re.compile(r"\d")


def chosen(traffic: Traffic, draw: Random, most: int, wanted: Iterable[Kind] = KINDS) -> tuple[list[Mutant], int]:
    """At most so many mutants, of as many kinds as there can be, and how many are possible. The same draw gives the same."""
    kinds = [[one for one in found if one.kind in wanted] for found in _kinds(traffic, draw)]
    for found in kinds:
        draw.shuffle(found)
    kinds = [found for found in kinds if found]
    possible = sum(map(len, kinds))
    draw.shuffle(kinds)
    mixed = [one for row in zip_longest(*kinds) for one in row if one]
    return mixed[:most], possible


def _kinds(traffic: Traffic, draw: Random) -> Iterator[Iterable[Mutant]]:
    writes = [write for write in traffic.writes if write.answer and write.answer.status < 400]
    last = {(write.method, write.path): write for write in writes}
    yield from _of_clicks(traffic.clicks)
    yield [_mutant("lying page", one, "the page says it is done, and sends nothing") for one in last.values()]
    yield [_mutant("hidden error", one, "the server answers 500, the page hides it") for one in last.values()]
    yield [_mutant("dropped request", one, "answered as if it had arrived") for one in writes]
    yield [_mutant("no answer", one, "never arrives, nothing is answered") for one in writes]
    again = [one for one in writes if one.method in ("POST", "PATCH") and not _signs_in(one)]
    yield [_mutant("doubled write", one, "arrives twice") for one in again]
    yield [_swapped(one, *swap) for one in writes for swap in _swaps(one, traffic.options, draw)]
    yield [
        _mutant("stale page", one, "what was read before is shown again afterwards")
        for place, one in enumerate(traffic.writes) if one in writes and _read_again(traffic, place)
    ]  # fmt: skip
    if writes:
        yield [_mutant("late answer", writes[-1], "every answer comes a little later")]


def _of_clicks(clicks: Iterable[Click]) -> Iterator[list[Mutant]]:
    known = {(one.page, one.key, one.event): one for one in clicks if not one.is_field}
    yield [_clicked("dead control", one, "nothing hears the click") for one in known.values()]
    yield [_clicked("wrong neighbour", one, f'it goes to "{one.neighbour}"') for one in known.values() if one.neighbour]


def _clicked(kind: Any, click: Click, what: str) -> Mutant:
    where = f'{click.event} on "{click.name}" of {click.page}'
    return Mutant(kind=kind, where=where, what=what, page=click.page, key=click.key, event=click.event)


def _mutant(kind: Any, write: Write, what: str) -> Mutant:
    return Mutant(kind=kind, where=write.name, what=what, method=write.method, path=write.path, nth=write.nth)


def _swapped(write: Write, changes: dict[str, Any], what: str) -> Mutant:
    return _mutant("swapped value", write, what).model_copy(update={"changes": changes})


def _signs_in(write: Write) -> bool:
    """Done twice it is still one."""
    return any(field.is_password for field in fields(write.kind, write.body))


def _read_again(traffic: Traffic, write: int) -> bool:
    before = {path for path, count in traffic.reads if count <= write}
    return any(path in before for path, count in traffic.reads if count > write)


def _swaps(write: Write, options: list[list[str]], draw: Random) -> Iterator[tuple[dict[str, Any], str]]:
    """Fields with a value of the same sort that is wrong, and two of a sort exchanged."""
    found = [field for field in fields(write.kind, write.body) if not field.opaque and field.value != ""]
    for field in found:
        if (other := _another(field, options, draw)) is not None:
            shown = "another one" if field.is_password else f"{other!r} instead of {field.value!r}"
            yield {field.place: other}, f"{field.place}: {shown}"
    for one, two in pairwise(found):
        if type(one.value) is type(two.value) is str and one.value != two.value and not one.is_password and not two.is_password:
            yield {one.place: two.value, two.place: one.value}, f"{one.place} and {two.place} exchanged"


def _another(field: Field, options: list[list[str]], draw: Random) -> Any:
    value = field.value
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    others = [one for choice in options if value in choice for one in choice if one and one != value]
    if others:
        return draw.choice(others)
    if digits := [found.start() for found in _DIGITS.finditer(value)]:
        place = draw.choice(digits)
        return value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]
    letters = [place for place, letter in enumerate(value) if letter.isalpha()]
    if not letters:
        return None
    place = draw.choice(letters)
    return value[:place] + ("x" if value[place].lower() != "x" else "y") + value[place + 1 :]
