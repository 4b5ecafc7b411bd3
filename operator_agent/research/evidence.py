"""What was seen on the way to an answer, and where in it a quote stands.

A page is an address with all the states it was seen in. A quote is looked for in one state: in the text of one element or of
neighbouring ones in document order, up to white space, Unicode form, letter case and kinds of quotes and dashes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from operator_agent.compare import cuts
from operator_agent.flow.observation import Observation
from operator_agent.written import SPACELESS, normal

_CELLS = frozenset({"cell", "gridcell", "rowheader", "columnheader"})
_TABLES = frozenset({"table", "grid", "treegrid"})
_TYPED = frozenset({"textbox", "searchbox"})
"""Their values may be what the look-up itself typed: no evidence."""
_LOOSE = re.compile(rf" (?![^\W{SPACELESS}])|(?<![^\W{SPACELESS}]) ")
_NOTATION = re.compile(r"(?:^|(?<=\s))(?:- )?[a-z]+:? (?=\")|\s\[[a-z]+(?:=\w+)?\]|(?m:^\s*(?:- )?[a-z]+: )|\"|\|")
"""What `page_text` writes around texts, and the bars people draw between cells: a quote may be copied with it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a quote stands: elements of one state, in document order, each with the part of the quote's text it gives."""

    state: State
    parts: tuple[tuple[int, str], ...]

    @property
    def elements(self) -> tuple[int, ...]:
        return tuple(index for index, _ in self.parts)


class State:
    """One look at a page, ready to be searched."""

    def __init__(self, seen: Observation) -> None:
        self.seen = seen

    @cached_property
    def lines(self) -> frozenset[str]:
        return frozenset(text for _, text in self._pieces)

    @cached_property
    def plain(self) -> str:
        """All its text as it was written."""
        return "\n".join([self.seen.title, self.seen.text])

    def spans(self, quote: str) -> Iterator[Span]:
        """Every place where it stands, whole words and numbers only."""
        wanted = squeezed(quote)
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            if not cuts(self._text, at) and not cuts(self._text, at + len(wanted)) and not _negative(self._text, at):
                yield self._span(at, at + len(wanted))
            at = self._text.find(wanted, at + 1)

    def _span(self, start: int, end: int) -> Span:
        parts = []
        for piece in range(bisect_right(self._starts, start) - 1, len(self._pieces)):
            begins = self._starts[piece]
            if begins >= end:
                break
            index, text = self._pieces[piece]
            if part := text[max(0, start - begins) : end - begins].strip():
                parts.append((index, part))
        return Span(self, tuple(parts))

    @cached_property
    def _pieces(self) -> list[tuple[int, str]]:
        found = []
        for index, element in enumerate(self.seen.elements):
            named = element.name if not (element.name and self._spells(index, element.name)) else ""
            value = "" if element.role in _TYPED or element.value == named else element.value
            found += [(index, text) for part in (named, value) if (text := squeezed(part))]
        return found

    def _spells(self, index: int, name: str) -> bool:
        """Whether a name only repeats what the elements below show."""
        if index not in self.seen.children:
            return False
        below = (self.seen.elements[i] for i in self.seen.subtree(index) if i != index)
        return squeezed(name) in squeezed(" ".join(part for one in below for part in (one.name, one.value) if part))

    @cached_property
    def _joined(self) -> tuple[str, list[int]]:
        text, starts = "", []
        parts: list[str] = []
        last = ""
        length = 0
        for _, piece in self._pieces:
            gap = " " if last and _LOOSE.search(f"{last} {piece[0]}") is None else ""
            starts.append(length + len(gap))
            parts += [gap, piece]
            length += len(gap) + len(piece)
            last = piece[-1]
        text = "".join(parts)
        return text, starts

    @property
    def _text(self) -> str:
        return self._joined[0]

    @property
    def _starts(self) -> list[int]:
        return self._joined[1]

    def cell(self, index: int) -> Cell | None:
        """The innermost table cell an element is in."""
        elements, inner, row = self.seen.elements, -1, -1
        while index >= 0:
            role = elements[index].role
            if role in _CELLS and inner < 0:
                inner = index
            elif role == "row" and inner >= 0 and row < 0:
                row = index
            elif role in _TABLES and row >= 0:
                return Cell(index, row, inner)
            index = elements[index].parent
        return None

    def cells(self, row: int) -> list[int]:
        return [child for child in self.seen.children.get(row, ()) if self.seen.elements[child].role in _CELLS]

    def rows(self, table: int) -> list[int]:
        return [i for i in self.seen.subtree(table) if self.seen.elements[i].role == "row" and self.cells(i)]

    def label(self, index: int) -> str:
        return self.seen.elements[index].name or self.seen.text_of(index)

    def row_label(self, row: int) -> str:
        cells = self.cells(row)
        heads = [cell for cell in cells if self.seen.elements[cell].role == "rowheader"] or cells[:1]
        return self.label(heads[0]) if heads else ""

    def column_labels(self, table: int) -> list[str]:
        """Of its header row, one for each column; empty when there is none."""
        for row in self.rows(table):
            cells = self.cells(row)
            if self.seen.elements[cells[-1]].role == "columnheader":
                return [self.label(cell) for cell in cells]
        return []

    def column(self, cell: Cell) -> str:
        """The header above a cell; "" when there is none, or rows and headers do not fit together."""
        cells, labels = self.cells(cell.row), self.column_labels(cell.table)
        return labels[cells.index(cell.index)] if len(cells) == len(labels) else ""

    def headings(self, index: int) -> list[int]:
        """The headings an element stands under, outermost first."""
        found: list[int] = []
        level = 7
        for above in range(index, -1, -1):
            if self.seen.elements[above].role == "heading" and self.level(above) < level:
                found.insert(0, above)
                level = self.level(above)
        return found

    def level(self, heading: int) -> int:
        states = (state.removeprefix("level=") for state in self.seen.elements[heading].states if state.startswith("level="))
        return int(next(states, "2"))


@dataclass(frozen=True, slots=True)
class Cell:
    table: int
    row: int
    index: int


@dataclass
class SeenPage:
    """An address, and the states it was seen in, oldest first."""

    url: str
    states: list[State] = field(default_factory=list)

    def add(self, seen: Observation) -> None:
        """Keeps a state that shows something no other does; one that is all in a later one is dropped."""
        new = State(seen)
        if any(new.lines <= old.lines for old in self.states):
            return
        self.states = [old for old in self.states if not old.lines <= new.lines] + [new]

    def spans(self, quote: str) -> list[Span]:
        for text in dict.fromkeys((quote, _NOTATION.sub(" ", quote))):
            if found := [span for state in self.states for span in state.spans(text)]:
                return found
        return []


class Seen:
    """All pages that were seen, by address. A fragment is part of it only where it names a page (`#/prices`)."""

    def __init__(self) -> None:
        self.pages: dict[str, SeenPage] = {}
        self.typed: list[str] = []
        """What the look-ups typed themselves: a page that repeats it proves nothing."""

    def add(self, seen: Observation) -> None:
        if not seen.elements or not seen.url.startswith(("http:", "https:")):
            return
        url, _, fragment = seen.url.partition("#")
        address = seen.url if fragment.startswith(("/", "!")) else url
        self.pages.setdefault(address, SeenPage(address)).add(seen)

    def was_typed(self, quote: str) -> bool:
        return any(squeezed(quote) in squeezed(text) for text in self.typed)


def squeezed(text: str) -> str:
    """`normal`, with spaces only where they keep two words apart: `€ 12 / month` as `€12/month`."""
    return _LOOSE.sub("", normal(text))


def _negative(text: str, at: int) -> bool:
    """Whether a number that begins here follows a sign: -5 is not 5, but 17:00 in 9:00-17:00 is."""
    return text[at : at + 1].isdigit() and text[at - 1 : at] == "-" and not text[at - 2 : at - 1].isdigit()
