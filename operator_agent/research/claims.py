"""Whether a claim says what its quote says: read by code, so that a true quote cannot carry a false claim.

Every value (number, amount, date, time), every unit and every name of the claim must stand in the quote; names and units also in
the labels it stands under (headings, the headers of its row and column) and in the question. In a table only the rows and
columns the claim names are read. What a claim denies the quote must deny, and the other way round. All this finds claims that are
not covered; it does not understand them: two names swapped within one sentence pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from operator_agent.compare import shows
from operator_agent.research.evidence import Cell, Seen, SeenPage, Span, State
from operator_agent.written import Token, normal, tokens

_VALUES = frozenset({"number", "money", "date", "time"})
_UNITS = {
    word: unit
    for unit, *words in map(
        str.split,
        """
month month months monthly mo monat monate mois mes; year year years yearly annual annually yr jahr jahre an ans año;
week week weeks weekly woche; day day days daily tag tage jour; hour hour hours hourly h hr hrs stunde stunden heure;
minute minute minutes min mins; second second seconds sec secs; percent percent % prozent; user user users seat seats
member members; kb kb; mb mb; gb gb; tb tb; km km; mile mile miles; kg kg; gram g gram grams; degree °c °f;
quarter quarter quarterly
""".split(";"),
    )
    for word in words
}
"""Words for a unit → the unit. `seat` and `user` count as one: pages mean the same by them."""
_COUNTS = {
    word: str(number)
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
}
_DENIALS = frozenset(
    """no not never none nor neither without cannot lacks nicht kein keine keinen ohne nie pas sans aucun sin nunca
    ✗ ✘ ❌ 不 没 无 未 非""".split()
)
_SMALL = frozenset(
    """a an the it its this that these those there here on in at for from with by to of and but or if when while both each every all
    no not yes only as after before since until i we you they he she is are was were be has have had do does did can may must will
    what which who where how why one some any most other another per up out under over about also then than so such""".split()
)
"""Words whose capital only says that a sentence begins."""
_WORDS = re.compile(r"[^\W_][\w.&+'’-]*[^\W_]|[^\W_]")


class Checked(NamedTuple):
    """`why` it is not grounded; "" when it is. `url` is the page the quote was found on, else the one it was given for."""

    url: str
    why: str = ""

    @property
    def grounded(self) -> bool:
        return not self.why


def check_quote(quote: str, page: SeenPage | None, seen: Seen) -> tuple[list[Span], str]:
    """Where the quote stands on its page, or why it is none."""
    if not quote.strip():
        return [], "there is no quote for it"
    if page is None:
        return [], "its quote names no page that was read"
    if not telling(quote):
        return [], f"the quote “{quote.strip()}” is too short to show anything"
    if seen.was_typed(quote):
        return [], "the quote is what the look-up itself had typed"
    if spans := page.spans(quote):
        return spans, ""
    others = [other.url for other in seen.pages.values() if other.spans(quote)]
    elsewhere = f"; it stands on {others[0]}, another page than the one named" if others else ""
    return [], f"the quote does not stand on {page.url}{elsewhere}"


def telling(quote: str) -> bool:
    """Whether a quote is more than a crumb: two words, an amount, date or time, a number with its unit, or a name."""
    parts = tokens(_spelt(quote))
    words = [token for token in parts if token.kind == "word"]
    if len(words) >= 2 or any(token.kind in ("money", "date", "time") for token in parts):
        return True
    if any(token.kind == "number" for token in parts):
        return bool(words) or "%" in quote
    return bool(words) and any(word[0].isupper() and len(word) > 1 for word in _WORDS.findall(quote))


def check_claim(text: str, spans: list[Span], question: str) -> str:
    """Why none of the places where the quote stands shows the claim; "" when one does."""
    whys = []
    for span in spans:
        if not (why := _Reading(text, span, question).why()):
            return ""
        whys.append(why)
    return whys[0]


def check_value(value: object, among: str, spans: list[Span]) -> str:
    """Why the quote does not hold a value of a structured answer; "" when it does. `among` are the values beside it."""
    whys = []
    for span in spans:
        reading = _Reading(among, span, "")
        denied = reading.denied() if isinstance(value, bool) else False
        why = reading.stands_elsewhere() or _lacks(value, reading.text, denied)
        if not why:
            return ""
        whys.append(why)
    return whys[0]


def _lacks(value: object, quote: str, denied: bool) -> str:
    if isinstance(value, bool):
        return "" if denied is not value else f"the quote {'denies' if value else 'does not deny'} it"
    text = f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    # In spaces, so that `/…/` is text and no expression.
    if shows(f" {text} ", quote) or _same_value(text, quote) or any(text in token.currencies for token in tokens(quote)):
        return ""
    return f"{text} does not stand in the quote"


def _same_value(text: str, quote: str) -> bool:
    ours = tokens(_spelt(text))
    return len(ours) == 1 and ours[0].kind in _VALUES and any(ours[0].agrees(its) for its in tokens(_spelt(quote)))


class _Reading:
    """A claim beside one place where its quote stands."""

    def __init__(self, claim: str, span: Span, question: str) -> None:
        self.claim, self.span, self.question, self.state = claim, span, question, span.state
        self.cells = {index: self.state.cell(index) for index in span.elements}
        self.read = self._read()
        """Of the quote, what is about the rows and columns the claim names."""
        self.text = " ".join(part for _, part in self.read)
        self.labels = " . ".join(dict.fromkeys(self._labels(index for index, _ in self.read)))

    def why(self) -> str:
        return self.stands_elsewhere() or self._values() or self._units() or self._names() or self._polarity()

    def stands_elsewhere(self) -> str:
        """Whether the quote stands under another heading, row or column than the one the claim names."""
        if not self.text:
            return "the quote stands in another row or column than it names"
        own = self._headings()
        if not own:
            return ""
        elements, level, quote = self.state.seen.elements, self.state.level(own[-1]), " ".join(part for _, part in self.span.parts)
        mine = {self.state.label(i) for i in own}
        others = [self.state.label(i) for i, e in enumerate(elements) if e.role == "heading" and self.state.level(i) == level]
        named = [label for label in others if label not in mine and _says(self.claim, label) and not shows(f" {label} ", quote)]
        if named and not _says(self.claim, self.state.label(own[-1])):
            return f"the quote stands under “{self.state.label(own[-1])}”, not under “{named[0]}”"
        return ""

    def _headings(self) -> list[int]:
        """Those above the quote, then those in it."""
        return list(dict.fromkeys([
            *self.state.headings(self.span.elements[0]),
            *(i for i in self.span.elements if self.state.seen.elements[i].role == "heading"),
        ]))  # fmt: skip

    def _read(self) -> list[tuple[int, str]]:
        kept = list(self.span.parts)
        for table in {cell.table for cell in self.cells.values() if cell}:
            rows = {row for row in self.state.rows(table) if _says(self.claim, self.state.row_label(row))}
            columns = {label for label in self.state.column_labels(table)[1:] if _says(self.claim, label)}
            kept = [part for part in kept if self._is_meant(self.cells[part[0]], table, rows, columns)]
        return kept

    def _is_meant(self, cell: Cell | None, table: int, rows: set[int], columns: set[str]) -> bool:
        if cell is None or cell.table != table:
            return True
        if self.state.seen.elements[cell.index].role == "columnheader":
            return True
        if rows and cell.row not in rows:
            return False
        column = self.state.column(cell)
        return not columns or not column or column in columns or self.state.cells(cell.row)[0] == cell.index

    def _labels(self, indices: Iterable[int]) -> list[str]:
        found = [self.state.label(heading) for heading in self._headings()] + [self.state.seen.title]
        for index in indices:
            if cell := self.cells[index]:
                found += [self.state.row_label(cell.row), self.state.column(cell), self.state.seen.elements[cell.table].name]
        return [label for label in found if label]

    def _values(self) -> str:
        claimed = _claimed(self.claim)
        quoted, asked = tokens(_spelt(self.text)), tokens(_spelt(self.question))
        missing = [one for one in claimed if not any(self._covers(its, one) for its in quoted)]
        unknown = [one for one in missing if not any(one.agrees(its) for its in asked)]
        if unknown or (missing and len(missing) == len(claimed)):
            where = "what the quote shows of it" if len(self.read) < len(self.span.parts) else "the quote"
            return f"{(unknown or missing)[0].text} does not stand in {where}"
        return ""

    def _covers(self, quoted: Token, claimed: Token) -> bool:
        """A bare number is no amount of money, unless a label says its currency."""
        if {quoted.kind, claimed.kind} == {"number", "money"}:
            if claimed.kind == "number":
                return False
            coin = re.sub(r"[\d.,' -]", "", claimed.text)
            return quoted.agrees(claimed) and coin in normal(f"{self.text} {self.labels}")
        return quoted.agrees(claimed)

    def _units(self) -> str:
        known = set(_units(f"{self.text} {self.labels} {self.question}").values())
        missing = [word for word, unit in _units(self.claim).items() if unit not in known]
        return f"“{missing[0]}” does not stand in the quote" if missing else ""

    def _names(self) -> str:
        known = {_stem(word) for word in _WORDS.findall(_spelt(f"{self.text} {self.labels} {self.question}"))}
        values = {word for token in _claimed(self.claim) for word in token.text.split()}
        for name in _names_in(_spelt(self.claim), self.state):
            if _stem(name) not in known and normal(name) not in values and not _is_part(name, self.text):
                return f"“{name}” does not stand in the quote"
        return ""

    def _polarity(self) -> str:
        claimed, quoted = _denies(self.claim), self.denied()
        if claimed == quoted:
            return ""
        return "the claim denies what the quote does not" if claimed else "the quote denies what the claim says"

    def denied(self) -> bool:
        """Whether the quote denies, in the cells and sentences that are about what the claim says; in any, when none is."""
        about = _content(self.claim)
        all_said, meant = [], []
        for index, part in self.read:
            cell = self.cells[index]
            for said in [part] if cell else re.split(r"(?<=[.!?;])\s*", part):
                all_said.append(said)
                if (cell and self._concerns(cell, about)) or (not cell and about & _content(said)):
                    meant.append(said)
        return any(map(_denies, meant or all_said))

    def _concerns(self, cell: Cell, about: set[str]) -> bool:
        """Whether both headers of a cell are named, and it is none itself."""
        heads = (self.state.row_label(cell.row), self.state.column(cell))
        if self.state.label(cell.index) in heads:
            return False
        return all(not head or about & _content(head) for head in heads)


def _claimed(claim: str) -> list[Token]:
    """What must be found again: values, and words with digits in them (`S3`)."""
    return [one for one in tokens(_spelt(claim)) if one.kind in _VALUES or (one.kind == "word" and re.search(r"\d", one.text))]


def _spelt(text: str) -> str:
    """Numbers apart from their units, and small number words as digits."""
    apart = re.sub(r"(\d)([^\W\d_]+)(?!\w)", r"\1 \2", text)
    return re.sub(r"[^\W\d_]+", lambda found: _COUNTS.get(found[0].lower(), found[0]), apart)


def _units(text: str) -> dict[str, str]:
    words = re.findall(r"[^\W\d_]+|%|°[cf]", normal(text))
    return {word: _UNITS[word] for word in words if word in _UNITS}


def _denies(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+(?:'t)?|[✗✘❌]", normal(text))
    if normal(text).strip() == "-":  # a dash alone in a cell: it has none
        return True
    return any(word in _DENIALS or word.endswith("n't") or (not word.isascii() and set(word) & _DENIALS) for word in words)


def _says(text: str, label: str) -> bool:
    """Whether a text has a label as it is written there: `seats` is no mention of the column `Seats`, `Pro` is one of `Pro`."""
    wanted, said = " ".join(label.split()), " ".join(text.split())
    if wanted not in said:  # nearly always: a table may have thousands of rows
        return False
    return bool(re.search(r"[^\W\d]", wanted)) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", said) is not None


def _content(text: str) -> set[str]:
    words = (normal(word).removesuffix("'s").rstrip("s") for word in _WORDS.findall(_spelt(text)))
    return {word for word in words if word not in _SMALL and word not in _DENIALS}


def _stem(word: str) -> str:
    return re.sub(r"'s$", "", normal(word).strip(".'"))


def _names_in(claim: str, state: State) -> list[str]:
    """Its capitalised words; the first of a sentence only when the page never writes it small."""
    found = []
    for match in _WORDS.finditer(claim):
        word = match[0]
        if not word[0].isupper() or normal(word) in _SMALL:
            continue
        begins = re.search(r"(?:^|[.!?:]\s+)[“\"'(]*$", claim[: match.start()]) is not None
        if not begins or (len(word) > 1 and word.isupper()) or _always_capital(word, state.plain):
            found.append(word)
    return found


def _always_capital(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None and re.search(rf"\b{re.escape(word.lower())}\b", text) is None


_DAYS = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}


def _is_part(name: str, text: str) -> bool:
    """A weekday by its first letters: `Mon` for Monday."""
    day = normal(name)
    return day in _DAYS and re.search(rf"\b{day[:3]}\b", normal(text)) is not None
