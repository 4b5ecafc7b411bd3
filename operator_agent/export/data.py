"""Data: what of a run came from the command. It becomes the constants of a test and the inputs of a skill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from operator_agent.export.retold import Retelling
from operator_agent.flow.action import Fill, Select, Tick, Type
from operator_agent.flow.target import Target
from operator_agent.grounding.page import Page
from operator_agent.recorder.kept import Act
from operator_agent.script.placeholder import names
from operator_agent.written import normal

_LOOSE = frozenset("a an and as at by for from in into of on or that the to with".split())
"""Words no title ends with."""
_LEAST, _NAMED = 3, 7
"""Words of a title."""
_NOUN = r"\b(?:an?|the|its|new|my|our)\s+(?:\w+\s+)?(?!called|named|titled)([^\W\d]+)\s+(?:(?:called|named|titled)\s+)?"
"""What a value is, before the value."""


class Datum(NamedTuple):
    """A value, and what to call it: `drink`, `latte`."""

    name: str
    value: str
    options: tuple[str, ...] = ()
    """What the page offers in its place, when that is known."""


def data_of(run: Retelling) -> tuple[Datum, ...]:
    """A skill's inputs as filled; without them what was filled in and chosen that stands in the command, named by its field."""
    command = run.started.command.text
    entered = [one for act in run.acts for one in _entered(act, command)]
    options = {one.value: one.options for one in entered if one.options}
    found = [one._replace(options=options.get(one.value, ())) for one in _of_inputs(run.plan.inputs)]
    if not found:
        found = [one for one in entered if says(command, one.value)]
    kept: dict[str, Datum] = {}
    for one in found:
        if any(one.value == other.value and one.name.startswith(other.name) for other in kept.values()):
            continue
        name, number = one.name, 2
        while name in kept:
            name, number = f"{one.name}_{number}", number + 1
        kept[name] = one._replace(name=name)
    return tuple(kept.values())


def in_pattern(pattern: str, data: Sequence[Datum]) -> str:
    """A `/regex/` with the data in it as `{input}`, where they stand in it as they are."""
    for one in data:
        plain = re.escape(one.value) == one.value.replace(" ", r"\ ") and len(one.value) >= _LEAST and not one.value.isdigit()
        if plain and re.search(rf"(?<![\w\\{{]){re.escape(one.value)}(?!\w)", pattern):
            pattern = re.sub(rf"(?<![\w\\{{]){re.escape(one.value)}(?!\w)", f"{{{one.name}}}", pattern)
    return pattern


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
    spaced = " ".join(re.sub(r'[\[\](){}|"“”«»]', " ", text).split())
    return re.sub(r" ([,;:.!?])(?=\s|$)", r"\1", spaced)


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


def title_of(phrase: str, values: Mapping[str, str]) -> str:
    """What to call that which is asked for so: its first clause, as far as the data go. A beginning that is too short for that
    takes the `values` of its slots in."""
    words: list[str] = []
    for token in re.findall(r"\{\w+\}|\w[\w'-]*|[^\w\s]", phrase):
        if len(words) >= _LEAST and (token[0] in "{,;:.!?" or token in ("and", "with")):
            break
        words += values.get(token[1:-1], "").split() if token[0] == "{" else [token] * token[0].isalnum()
    del words[_NAMED:]
    while len(words) > _LEAST - 1 and _is_loose(words[-1].casefold(), words[-2].casefold()):
        words.pop()
    return " ".join(words)


def _is_loose(word: str, before: str) -> bool:
    """Whether a title is as good without its last word."""
    return word in _LOOSE or word.isdigit() or (word in ("called", "named", "titled") and before not in ("be", "is"))


def _entered(act: Act, command: str) -> Iterator[Datum]:
    """What an act enters or chooses, named by the field it goes into."""
    planned = act.planned.action if act.planned and act.planned.action.verb != "do" else act.action
    match act.action:
        case Fill() | Type() if not any(names(getattr(planned, "text", ""))) and "{secret:" not in act.action.text:
            for text in _told(act.action.text, command):
                yield Datum(_field(act, act.action.target, text, command), text)
        case Select() if len(act.action.options) == 1:
            value = act.action.options[0]
            yield Datum(_field(act, act.action.target, value, command), value, _options(act))
        case Tick() if (name := _element(act).name) and _element(act).role == "radio":
            group, options = _group(act)
            yield Datum(group or "choice", name, options)


def _told(text: str, command: str) -> list[str]:
    """What of a text is data: all of it, or what the command quotes."""
    quoted = [one for one in re.findall(r"""["“«](.+?)["”»]""", command) if len(one) >= _LEAST and one in text]
    return [text] if says(command, text) else quoted or [text]


def _field(act: Act, target: Target | None, value: str, command: str) -> str:
    """What the field is called on the page, when that is short; else in the command (`folder` in "a folder named reports"), else
    what is around it."""
    name = _element(act).name or (target.name if target else "")
    beside = (act.known.placeholder, act.known.label) if act.known else ()
    around = (*(act.known.unit if act.known else ()), *([target.within.name] if target and target.within else ()))
    noun = re.search(_NOUN + rf"""["“«]?{re.escape(value)}(?!\w)""", command, re.IGNORECASE)
    called = name or _plain(beside)
    if noun and (not called or len(called.split()) > _LEAST):
        return slug(noun[1])
    return slug(called or _plain(around)) or "text"


def _plain(names: Iterable[str]) -> str:
    return next((text for text in names if re.fullmatch(r"[^\W\d][^\d]{1,30}", text)), "")


def _element(act: Act) -> Target:
    return Target.parse(act.element) if act.element else Target()


def _options(act: Act) -> tuple[str, ...]:
    """The options of the chooser that was used."""
    page, target = Page(act.before), _element(act)
    same = [i for i, one in enumerate(page.elements) if (one.role, one.name) == (target.role, target.name)]
    if len(same) != 1:
        return ()
    return tuple(page.elements[i].name for i in page.below(same[0]) if page.elements[i].role == "option" and page.elements[i].name)


def _group(act: Act) -> tuple[str, tuple[str, ...]]:
    """What the radio button's group is called, and the buttons in it."""
    page, target = Page(act.before), _element(act)
    for index, one in enumerate(page.elements):
        if (one.role, one.name) == (target.role, target.name):
            around = next((i for i in page.ancestors(index) if page.elements[i].name), None)
            if around is None:
                return "", ()
            names = (page.elements[i].name for i in page.below(around) if page.elements[i].role == "radio")
            return slug(page.elements[around].name), tuple(dict.fromkeys(filter(None, names)))
    return "", ()
