"""Texts of a run as Python expressions: `"Menu"`, `NAME`, `f"Add {DRINK}"`, `re.compile(r"^Total")`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from operator_agent.export.data import Datum, in_pattern
from operator_agent.flow.target import is_regex
from operator_agent.script.placeholder import pieces

ENVIRONMENT = "os." + "environ"
"""As a test reads it; in two pieces, for here nothing reads it."""
_SHORT = 3
"""Shorter values, and numbers, are taken for data only where they are the whole text: a 2 may stand anywhere."""


class Part(NamedTuple):
    """A piece of a text: itself, or the expression that gives it."""

    text: str
    expression: str = ""


class Texts:
    """Writes texts. `data` are the constants, `variables` values read so far by their placeholder; both as Python names."""

    def __init__(self, data: Sequence[tuple[Datum, str]], answers: Iterable[str] = ()) -> None:
        self.data = data
        self.variables: dict[str, str] = {name: f"ANSWER_{name.upper()}" for name in answers}
        self.used: set[str] = set()
        """The constants that were written somewhere."""

    def text(self, template: str, about: str = "") -> str:
        """A text in which `{name}` may stand, as an expression. `about` is the field it belongs to: equal values are told apart."""
        parts = self._parts(template, about)
        if len(parts) == 1:
            return parts[0].expression or quoted(parts[0].text)
        if not any(part.expression for part in parts):
            return quoted("".join(part.text for part in parts))
        body = "".join("{" + p.expression + "}" if p.expression else _braced(quoted(p.text)[1:-1]) for p in parts)
        return f'f"{body}"'

    def compared(self, template: str, about: str = "") -> str:
        """The same for a text that may be written as `/regex/`."""
        return self.pattern(template[1:-1]) if is_regex(template) else self.text(template, about)

    def pattern(self, template: str, before: str = "", after: str = "", flags: str = "") -> str:
        """A pattern, in which values stand for themselves. `before` and `after` are patterns too."""
        template = in_pattern(template, [datum for datum, _ in self.data])
        parts = self._parts(template, "", lift=False)
        return self._compiled(parts, before, after, flags)

    def exactly(self, template: str, before: str = "", after: str = "", flags: str = "") -> str:
        """A pattern for a text that is none: all of it stands for itself."""
        parts = [part if part.expression else Part(escaped(part.text)) for part in self._parts(template, "")]
        return self._compiled(parts, before, after, flags)

    def _compiled(self, parts: Sequence[Part], before: str, after: str, flags: str) -> str:
        flags = f", {flags}" if flags else ""
        if not any(part.expression for part in parts):
            return f"re.compile({raw(before + ''.join(part.text for part in parts) + after)}{flags})"
        body = "".join(
            "{re.escape(" + p.expression + ")}" if p.expression else p.text.replace("{", "{{").replace("}", "}}") for p in parts
        )
        return f"re.compile(f{raw(before.replace('{', '{{') + body + after)}{flags})"

    def _parts(self, template: str, about: str, *, lift: bool = True) -> list[Part]:
        found: list[Part] = []
        split = list(pieces(template))
        for kind, text in split:
            if kind == "secret":
                found.append(Part("", f'{ENVIRONMENT}["OPERATOR_SECRET_{text.upper()}"]'))
            elif kind == "name" and text in self.variables:
                found.append(Part("", self.variables[text]))
            elif kind == "name" and not lift and (constant := next((c for datum, c in self.data if datum.name == text), "")):
                self.used.add(constant)
                found.append(Part("", constant))
            elif kind == "name":
                found += self._lifted("{" + text + "}", about, whole=False)
            elif lift:
                found += self._lifted(text, about, whole=len(split) == 1)
            else:
                found.append(Part(text))
        return found or [Part("")]

    def _lifted(self, text: str, about: str, *, whole: bool) -> list[Part]:
        if whole and (same := [constant for datum, constant in self.data if datum.value == text]):
            named = next((constant for constant in same if constant == about.upper()), same[0])
            if named == about.upper() or len(same) == 1 or len(text) >= _SHORT:
                self.used.add(named)
                return [Part("", named)]
        for datum, constant in self.data:
            if len(datum.value) < _SHORT or re.fullmatch(r"[\d.,]+", datum.value):
                continue
            if found := re.search(rf"(?<!\w){re.escape(datum.value)}(?!\w)", text):
                self.used.add(constant)
                rest = (text[: found.start()], text[found.end() :])
                sides = [self._lifted(side, about, whole=False) if side else [] for side in rest]
                return [*sides[0], Part("", constant), *sides[1]]
        return [Part(text)]


def quoted(text: str) -> str:
    """A Python literal in double quotes."""
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(marks.get(c) or (c if c.isprintable() else ascii(c)[1:-1]) for c in text) + '"'


def raw(pattern: str) -> str:
    """A raw literal for a pattern, where it can be one."""
    if '"' not in pattern and "\n" not in pattern and not pattern.endswith("\\"):
        return f'r"{pattern}"'
    return 'r"' + pattern.replace('"', r"\x22").replace("\n", r"\n") + '"'


def escaped(text: str) -> str:
    """`re.escape` less what needs none: spaces, and signs that mean nothing outside a class."""
    spared = {"\n": r"\n"} | {sign: sign for sign in " #&~-"}
    return re.sub(r"\\(.)", lambda found: spared.get(found[1], found[0]), re.escape(text), flags=re.DOTALL)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
