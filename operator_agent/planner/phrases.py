"""A skill's phrases and inputs, compiled into what every word may mean in a command for that skill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from operator_agent.errors import ScriptError
from operator_agent.flow.skill import InputSpec, Skill
from operator_agent.planner.lexicon import Lexicon, load
from operator_agent.planner.tokens import written

_PIECE = re.compile(r"\{([\w ]+)\}|([\[\]()|])|([^\s\[\](){}|]+)|(\S)")
_PRIORITY = (
    "fix", "maybe_fix", "not", "or", "comma", "and", "with", "all", "both", "each", "rest", "times", "pronoun", "vague", "article",
    "filler", "function",
)  # fmt: skip
"""When a phrase can do two things: the one that may change the order wins over the one that means nothing."""


class Sense(NamedTuple):
    """What a phrase means. `kind` is one of the lexicon's, or value, cue (introduces `field`), measure (follows it), intent."""

    kind: str
    field: str = ""
    value: Any = None
    """For kind `value`: the choices it may stand for; more than one is ambiguous."""
    plural: bool = False


class Literal(NamedTuple):
    words: str


class Slot(NamedTuple):
    name: str


def parse(phrase: str) -> tuple[Literal | Slot | str, ...]:
    """A phrase in pieces: words, `{input}` and the marks `[`, `]`, `(`, `|`, `)`. Raises ScriptError when they do not pair."""
    pieces: list[Literal | Slot | str] = []
    closing: list[str] = []
    for slot, mark, words, stray in _PIECE.findall(phrase):
        if stray:
            raise ScriptError(f"{stray!r} stands alone in the phrase {phrase!r}: write {{input}} for an input", key="says")
        if mark in ("[", "("):
            closing.append({"[": "]", "(": ")"}[mark])
        elif mark in ("]", ")") and (not closing or closing.pop() != mark):
            raise ScriptError(f"{mark!r} closes nothing in the phrase {phrase!r}", key="says")
        pieces.append(Slot(slot) if slot else mark or Literal(words))
    if closing:
        raise ScriptError(f"{closing[-1]!r} is missing in the phrase {phrase!r}", key="says")
    return tuple(pieces)


def example(skill: Skill) -> str:
    """A way to ask for the skill, for people: its first phrase without optional parts, first choices taken."""
    phrase = skill.says[0] if skill.says else skill.name
    while (shorter := re.sub(r"\s*\[[^\[\]]*\]", "", phrase)) != phrase:
        phrase = shorter
    while (shorter := re.sub(r"\(([^()|]*)(?:\|[^()]*)?\)", r"\1", phrase)) != phrase:
        phrase = shorter
    return re.sub(r"\{([\w ]+)\}", r"<\1>", phrase).strip()


class Vocabulary:
    """What the words of a command may mean for one skill."""

    def __init__(self, skill: Skill) -> None:
        self.skill = skill
        self.lexicon: Lexicon = load()
        lists = [name for name, spec in skill.inputs.items() if spec.each]
        self.list_name = lists[0] if lists else ""
        self.top = {name: spec for name, spec in skill.inputs.items() if not spec.each}
        self.group = skill.inputs[self.list_name].each if lists else self.top
        self.fields = {**self.top, **self.group}
        self.anchors = [name for name, spec in self.group.items() if spec.one_of and spec.default is None and not spec.optional]
        self.single = {name for name, spec in self.fields.items() if not spec.one_of and spec.type in ("text", "time", "date")}
        """Fields said once for the whole command, wherever it stands."""
        counters = [name for name, spec in self.group.items() if spec.type == "integer" and not spec.after]
        self.counter = counters[0] if len(counters) == 1 else ""
        self.table: dict[str, Sense] = {}
        self.derived: set[str] = set()
        """Fields whose cues come from the phrases: their text may be long."""
        self._compile()

    def of_type(self, *types: str) -> list[str]:
        return [name for name, spec in self.fields.items() if spec.type in types]

    def options(self, field: str) -> tuple[str, ...]:
        """The values a person may name for a choice, those that only follow from another input left out."""
        spec = self.fields[field]
        return tuple(value for value in spec.one_of if value not in self.implied(field))

    def implied(self, field: str) -> set[str]:
        """Values of `field` that some choice of another input implies; they belong to those choices alone."""
        specs = self.group.values() if field in self.group else self.top.values()
        return {choice.implies[field] for spec in specs for choice in spec.one_of.values() if field in choice.implies}

    @cached_property
    def pool(self) -> dict[str, Sense | None]:
        """What a mistyped word is compared with, spaces taken out; None for things that are ordered elsewhere."""
        pool: dict[str, Sense | None] = {word.replace(" ", ""): None for word in self.lexicon.phrases["goods"]}
        pool |= {word: Sense("number") for word in (*self.lexicon.units, *self.lexicon.tens, *self.lexicon.scales)}
        return pool | {
            phrase.replace(" ", ""): sense for phrase, sense in self.table.items() if len(phrase) > 2 and phrase.isascii()
        }

    @cached_property
    def spaced(self) -> dict[int, dict[tuple[str, ...], Sense]]:
        """Number of words → the phrases of so many words that say something, with what they mean."""
        found: dict[int, dict[tuple[str, ...], Sense]] = {}
        for phrase, sense in self.table.items():
            words = tuple(phrase.split())
            if sense.kind in ("value", "cue", "intent") and len(words) > 1 and phrase.isascii():
                found.setdefault(len(words), {})[words] = sense
        return found

    def _compile(self) -> None:
        for name, spec in self.fields.items():
            for phrase, value in _choices(spec):
                self._add_value(name, phrase, value, spec.before)
        self._add(self.skill.filler, Sense("filler"))
        for name, spec in self.fields.items():
            self._add(self._nobody(spec), Sense("filler"), written_already=True)
            self._add(spec.after, Sense("cue", name))
            self._add((*spec.before, name.replace("_", " ")), Sense("measure", name))
        self._add(self.lexicon.phrases["more"], Sense("article", value="more"), written_already=True)
        for kind in _PRIORITY[:-2]:
            self._add(self.lexicon.phrases[kind], Sense(kind), written_already=True)
        for kind in ("goods", "spelt_right"):
            longer = [phrase for phrase in self.lexicon.phrases[kind] if " " in phrase or not phrase.isascii()]
            self._add(longer, Sense("word", value="whole"), written_already=True)
        self._add_phrases()
        for kind in _PRIORITY[-2:]:
            self._add(self.lexicon.phrases[kind], Sense(kind), written_already=True)

    def _nobody(self, spec: InputSpec) -> Iterator[str]:
        """`for my friend`: words that introduce a name, before a person who is none."""
        for cue in spec.after if spec.type == "text" else ():
            if written(cue) in self.lexicon.phrases["function"]:
                yield from (f"{cue} {person}" if person.isascii() else cue + person for person in self.lexicon.phrases["nobody"])

    def _add(self, phrases: Iterable[str], sense: Sense, *, written_already: bool = False) -> None:
        for phrase in phrases:
            form = phrase if written_already else written(phrase)
            if form:
                self.table.setdefault(form, sense)

    def _add_value(self, name: str, phrase: str, value: str, before: tuple[str, ...]) -> None:
        for form, plural in _inflected(written(phrase)):
            ways = [form, *(written(f"{form} {cue}" if form.isascii() else f"{form}{cue}") for cue in before)]
            for way in ways:
                known = self.table.get(way)
                values = known.value if known and known.field == name and way == form else ()
                if not known or values:
                    self.table[way] = Sense("value", name, tuple(dict.fromkeys((*values, value))), plural)

    def _add_phrases(self) -> None:
        """Words of `says` that mean nothing else are how the skill is recognised; those before a text input introduce it."""
        inert = self.lexicon.phrases["filler"] | self.lexicon.phrases["function"]
        for phrase in self.skill.says:
            run: list[str] = []
            for piece in parse(phrase):
                if isinstance(piece, Literal):
                    word = written(piece.words)
                    run.append(word)
                    if word not in inert and word not in self.table:
                        self._add((form for form, _ in _inflected(word)), Sense("intent"), written_already=True)
                    continue
                if isinstance(piece, Slot):
                    self._derive(piece.name, run)
                run = []

    def _derive(self, name: str, run: list[str]) -> None:
        spec = self.fields.get(name)
        if not spec or not run or spec.after or spec.one_of or name == self.counter:
            return
        self.derived.add(name)
        cue = " ".join(run)
        self.table[cue] = Sense("cue", name)
        if run[-1] != cue and self.table.get(run[-1], Sense("function")).kind in ("function", "filler", "with"):
            self.table[run[-1]] = Sense("cue", name)


def _choices(spec: InputSpec) -> Iterator[tuple[str, str]]:
    for value, choice in spec.one_of.items():
        for phrase in (value, *choice.says):
            yield phrase, value


def _inflected(form: str) -> Iterator[tuple[str, bool]]:
    yield form, False
    if form.isascii() and len(form) > 2 and form[-1].isalpha():
        yield form + ("es" if form.endswith(("s", "x", "ch", "sh")) else "s"), True
