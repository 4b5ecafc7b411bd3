"""The one object in what a model sent, as the type that was asked for; or a refusal that says what to mend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel

from operator_agent.models.form import Form, names, plain
from operator_agent.models.lenient import Broken, Found, read
from operator_agent.models.schema import raised
from operator_agent.models.shape import shapes

T = TypeVar("T", bound=BaseModel)


class Malformed(ValueError):
    """A reply that holds no one complete and valid object. The text is one line, to be quoted to the model once."""


def read_reply(text: str, reply: type[T], *, arguments: object = None) -> tuple[T, tuple[str, ...]]:
    """The object in a text, or in a tool call's `arguments` (data, or JSON in a string), and what was put right to read it.

    Thinking in the text is passed over. Only form is put right (see `lenient` and `form`). Two different objects are never chosen
    from: a second one is passed over only when no key in it is one of the type's. Raises Malformed.
    """
    try:
        sources = [_called(arguments), read(text)]
    except Broken as error:
        raise Malformed(str(error)) from None
    objects = [one for source in sources for one in source.objects if one != {}] or [{} for source in sources if source.objects]
    notes = {note: None for source in sources for note in source.notes}
    values: list[T] = []
    others: list[tuple[object, str]] = []
    for one in objects:
        form = Form(shapes(reply), reply.__name__)
        try:
            value = raised(reply, form.reply(one))
        except ValueError as error:
            others.append((one, str(error)))
            continue
        notes.update(form.notes)
        values += [value] if value not in values else []
    if not values:
        raise Malformed(_why(others, notes))
    others += [({aside: None}, "") for source in sources for aside in source.asides]
    if len(values) > 1 or _concern(others, reply):
        raise Malformed("more than one object in the reply; give exactly one")
    return values[0], tuple(notes)


def _called(arguments: object) -> Found:
    if arguments is None or arguments == "":
        return Found()
    if isinstance(arguments, str):
        return read(arguments)
    try:
        return read(json.dumps(arguments))
    except (TypeError, ValueError, RecursionError):
        raise Broken("the arguments are no JSON") from None


def _why(others: list[tuple[object, str]], notes: dict[str, None]) -> str:
    if others:
        return others[0][1] if len(others) == 1 else f"{len(others)} objects in the reply and none fits; the first: {others[0][1]}"
    return "no JSON object in the reply" + "".join(f"; {note}" for note in notes if note.startswith("thinking"))


def _concern(others: list[tuple[object, str]], reply: type[BaseModel]) -> bool:
    """Whether an object that was not taken could be meant as a part of the reply."""
    known = names(shapes(reply))
    return any(plain(key) in known for other, _ in others for key in _keys(other))


def _keys(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _keys(inner)
