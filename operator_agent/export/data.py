"""Data: what of a run came from the command. It becomes the constants of a test and the inputs of a skill."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from operator_agent.export.retold import Retelling
from operator_agent.flow.action import Fill, Select, Tick, Type
from operator_agent.flow.target import Target
from operator_agent.grounding.page import Page
from operator_agent.recorder.kept import Act
from operator_agent.script.placeholder import names
from operator_agent.written import normal

LINKS = frozenset("a an and as at by called for from in into is of on or the to with".split())
"""Words no name ends with."""


class Datum(NamedTuple):
    """A value, and what to call it: `drink`, `latte`."""

    name: str
    value: str
    options: tuple[str, ...] = ()
    """What the page offers in its place, when that is known."""


def data_of(run: Retelling) -> tuple[Datum, ...]:
    """A skill's inputs as filled; without them what was filled in and chosen that stands in the command, named by its field."""
    entered = [one for act in run.acts for one in _entered(act)]
    options = {one.value: one.options for one in entered if one.options}
    found = [one._replace(options=options.get(one.value, ())) for one in _of_inputs(run.plan.inputs)]
    if not found:
        found = [one for one in entered if says(run.started.command.text, one.value)]
    kept: dict[str, Datum] = {}
    for one in found:
        if any(one.value == other.value and one.name.startswith(other.name) for other in kept.values()):
            continue
        name, number = one.name, 2
        while name in kept:
            name, number = f"{one.name}_{number}", number + 1
        kept[name] = one._replace(name=name)
    return tuple(kept.values())


def says(command: str, value: str) -> bool:
    """Whether `value` stands in the command by itself, up to spelling."""
    wanted = normal(value)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", normal(command)) is not None


def phrase_of(command: str, data: Sequence[Datum]) -> str:
    """The command with its data taken out: how a skill is asked for."""
    phrase = _bare(command)
    for one in sorted(data, key=lambda datum: -len(datum.value)):
        wanted = r"\s+".join(map(re.escape, _bare(one.value).split()))
        if wanted and (found := re.search(rf"(?<![\w{{]){wanted}(?![\w}}])", phrase, re.IGNORECASE)):
            phrase = f"{phrase[: found.start()]}{{{one.name}}}{phrase[found.end() :]}"
    return phrase.rstrip(" .!?")


def _bare(text: str) -> str:
    """Without the marks that mean something in a phrase."""
    return " ".join(re.sub(r'[\[\](){}|"“”«»]', " ", text).split())


def slug(text: str) -> str:
    """`Pick-up time` → `pick_up_time`; "" when nothing is left."""
    name = re.sub(r"\W+", "_", text.strip().casefold()).strip("_")
    short = name if len(name) <= 40 or "_" not in name[:41] else name[:41].rpartition("_")[0]
    return f"_{name}" if name[:1].isdigit() else short[:40]


def _of_inputs(inputs: Any, prefix: str = "") -> Iterator[Datum]:
    for name, value in inputs.items():
        groups = value if isinstance(value, (list, tuple)) else [value]
        for one in groups:
            if isinstance(one, dict):
                yield from _of_inputs(one)
            elif not isinstance(one, bool) and str(one).strip():
                yield Datum(slug(name), str(one))


def _entered(act: Act) -> Iterator[Datum]:
    """What an act enters or chooses, named by the field it goes into."""
    planned = act.planned.action if act.planned and act.planned.action.verb != "do" else act.action
    match act.action:
        case Fill() | Type() if not any(names(getattr(planned, "text", ""))) and "{secret:" not in act.action.text:
            yield Datum(_field(act, act.action.target), act.action.text)
        case Select() if len(act.action.options) == 1:
            yield Datum(_field(act, act.action.target), act.action.options[0], _options(act))
        case Tick() if (name := _element(act).name) and _element(act).role == "radio":
            yield Datum(_group(act) or "choice", name)


def _field(act: Act, target: Target | None) -> str:
    name = _element(act).name or (target.name if target else "")
    around = (act.known.placeholder, *act.known.unit, act.known.label) if act.known else ()
    plain = [text for text in around if re.fullmatch(r"[^\W\d][^\d]{1,30}", text)]
    return slug(name or next(iter(plain), "")) or "text"


def _element(act: Act) -> Target:
    return Target.parse(act.element) if act.element else Target()


def _options(act: Act) -> tuple[str, ...]:
    """The options of the chooser that was used."""
    page, target = Page(act.before), _element(act)
    same = [i for i, one in enumerate(page.elements) if (one.role, one.name) == (target.role, target.name)]
    if len(same) != 1:
        return ()
    return tuple(page.elements[i].name for i in page.below(same[0]) if page.elements[i].role == "option" and page.elements[i].name)


def _group(act: Act) -> str:
    page, target = Page(act.before), _element(act)
    for index, one in enumerate(page.elements):
        if (one.role, one.name) == (target.role, target.name):
            return next((slug(page.elements[i].name) for i in page.ancestors(index) if page.elements[i].name), "")
    return ""
