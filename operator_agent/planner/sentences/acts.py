"""One plain order settled on the page that is open: fields that are named with their values, options, and what is pressed.

Every word must be accounted for: it is part of a name that was found, of a value, or it stands on the page anyway. An order with a
word that nothing explains is not done at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from operator_agent.flow.action import Action, Click, Do, Download, Fill, Select, Tick, Untick
from operator_agent.flow.target import Target
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded
from operator_agent.planner.sentences.forms import lexicon, words_at
from operator_agent.planner.sentences.stems import Unit, is_empty, nouns, phrasal, same, units_of
from operator_agent.planner.sentences.things import Offer, Thing, folds
from operator_agent.planner.sentences.values import IMPLIED, day_in, is_called, number_in
from operator_agent.written import tokens as written

_BEFORE = frozenset({"as", "for", "in", "into", "to", "under", "of"})
"""Behind a value these lead to the field it is for."""
_BEHIND = frozenset(
    {":", "=", "to", "is", "are", "as", "at", "on", "be", "for", "with", "in", "of", "called", "was", "will", "named", "by", "from"}
)
_GIVING = frozenset({":", "=", "to", "is", "are", "as", "called", "named", "with", "be"})
_WITH_VERBS = frozenset({"in", "down", "out"})
"""Particles of the verbs that put something into a field: "type in", "put down"."""
_FRONT = ("the", "my", "our", "your", "me", "us")
_JOINTS = frozenset({"and", "&", "plus"})
_NOT = frozenset(
    {
        "no",
        "not",
        "without",
        "untick",
        "uncheck",
        "deselect",
        "unselect",
        "disable",
        "remove",
        "don't",
        "off",
        "never",
        "drop",
        "exclude",
        "clear",
        "unmark",
    }
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")


class Done(NamedTuple):
    """What an order comes to here. `left` are the words that nothing explains, and the span of tokens they stand in."""

    actions: tuple[Action, ...]
    pressed: bool
    """Its last act presses what the order names."""
    left: tuple[Unit, ...]
    mentions: int
    """How many controls of the page it names."""
    filled: bool = False
    at: int = -1
    """The element that is pressed."""


class Order:
    """One clause and the page; claims its words one after the other."""

    def __init__(self, clause: str, page: Page, typed: Sequence[str] = ()) -> None:
        """`typed` is what the orders before have just put into fields."""
        self.text, self.offer = clause, Offer(page, typed)
        self.tokens = tuple(tokens(clause))
        self.units = units_of(self.tokens)
        self.verb_size = words_at(self.tokens, 0, lexicon().orders)
        if self.units and self.units[0].first == 0 and self.verb_size:
            self.verb_size = max(self.verb_size, self.units[0].last + 1)
        self.verb = " ".join(token.text for token in self.tokens[: self.verb_size])
        self.claimed: set[int] = set()
        self.only_chosen = False
        """It takes nothing but choices back, so that a "no" says what is done."""
        self.mentions = 0
        self.implied: list[str] = []
        """Words that what was found brings along: the name of the list an option is in."""

    def read(self) -> Done:
        actions = [*self._fields(), *self._options()]
        filled = bool(actions)
        pressed = self._pressed()
        if pressed is not None and (target := self.offer.target(pressed.at)):
            fetched = same(self.verb, "download") and self.offer.page.elements[pressed.at].role in ("link", "button")
            actions.append(Download(target=target, into="download") if fetched else Click(target=target))
        else:
            pressed = None
        self.only_chosen = bool(actions) and all(isinstance(one, Untick | Select) for one in actions)
        named = self._unset()
        left = tuple(
            unit for at, unit in enumerate(self.units) if at not in self.claimed and (unit in named or not self._explained(unit))
        )
        return Done(tuple(actions), pressed is not None, left, self.mentions, filled, pressed.at if pressed else -1)

    def _unset(self) -> set[Unit]:
        """The names of fields that are said without a value: something is to be done with them that is not understood."""
        found: set[Unit] = set()
        for thing in self.offer.of("text", "number"):
            if window := self._window(thing.units, 0, len(self.tokens)):
                found |= {unit for unit in self.units if window[0] <= unit.first and unit.last <= window[1]}
        return found

    @property
    def denied(self) -> bool:
        return any(token.kind == "word" and token.text in _NOT for token in self.tokens)

    @property
    def generic(self) -> bool:
        """Whether the order's verb says nothing of what is to be done."""
        return (
            not self.verb
            or is_empty(self.verb)
            or self.verb in nouns()["generic"]
            or (" " in self.verb and same(self.verb, "choose"))
        )

    @property
    def goal(self) -> bool:
        """Whether what is filled in for it is to be kept."""
        return bool(self.verb) and any(same(self.verb.split()[0], goal) for goal in nouns()["goals"])

    def _explained(self, unit: Unit) -> bool:
        if unit.first == 0 and unit.text in _NOT and self.mentions and self.only_chosen:
            return True
        if unit.first == 0 and self.verb_size and (unit.last < self.verb_size):
            return self.generic or self.goal
        number = (
            unit.text in ("number", "no", "nr", "#")
            and unit.last + 1 < len(self.tokens)
            and self.tokens[unit.last + 1].text.isdigit()
        )
        return number or unit.text in nouns()["units"] or self.offer.stands_here(unit.text)

    # Fields

    def _fields(self) -> list[Action]:
        found: list[tuple[Thing, str]] = []
        pending = -1
        for start, end in self._segments():
            named = self._named(start, end)
            if named is None:
                if found and found[-1][0].kind != "number" and not self._mentioned(start, end):
                    found[-1] = self._longer(found[-1], start, end)
                elif not found and pending < 0:
                    pending = start
                continue
            thing, first, last = named
            value = self._value(pending if pending >= 0 and self._leads(first) else start, end, first, last)
            pending = -1
            if value is not None:
                found.append((thing, value))
        if not found and (typed := self._unnamed()):
            found.append(typed)
        return [action for thing, value in found for action in self._put(thing, value)]

    def _segments(self) -> list[tuple[int, int]]:
        cuts = [
            at
            for at, token in enumerate(self.tokens)
            if (token.kind == "mark" and token.text in ",;.") or (token.kind == "word" and token.text in _JOINTS)
        ]
        bounds = [*cuts, len(self.tokens)]
        starts = [0, *(cut + 1 for cut in cuts)]
        return [(start, end) for start, end in zip(starts, bounds, strict=True) if start < end]

    def _named(self, start: int, end: int) -> tuple[Thing, int, int] | None:
        """The one field a part of the clause names, and the tokens of its name."""
        best: list[tuple[int, Thing, int, int]] = []
        for thing in (*self.offer.of("text", "number", "choice"), *self.offer.groups):
            if window := self._window(thing.units, start, end):
                best.append((len(thing.units), thing, *window))
            elif self._has_typed(start, end):
                short = tuple(unit for unit in thing.units if unit not in IMPLIED)
                if 0 < len(short) < len(thing.units) and (window := self._window(short, start, end)):
                    best.append((len(short), thing, *window))
        most = max((size for size, *_ in best), default=0)
        top = [one for one in best if one[0] == most]
        return (top[0][1], top[0][2], top[0][3]) if len(top) == 1 else None

    def _window(self, label: Sequence[str], start: int, end: int) -> tuple[int, int] | None:
        """The tokens from `start` to `end` that say the label: its units, near each other, in any order."""
        inside = [unit for at, unit in enumerate(self.units) if unit.first >= start and unit.last < end and at not in self.claimed]
        for place in range(len(inside) - len(label) + 1):
            span = inside[place : place + len(label)]
            left = list(label)
            for unit in span:
                match = next((one for one in left if same(unit.text, one)), None)
                if match is not None:
                    left.remove(match)
            if not left and label:
                return span[0].first, span[-1].last
        return None

    def _has_typed(self, start: int, end: int) -> bool:
        return any(token.kind in ("date", "time", "number") for token in written(self._said(start, end)))

    def _said(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""

    def _mentioned(self, start: int, end: int) -> bool:
        """Whether a part names something else of the page."""
        if words_at(self.tokens, start, lexicon().orders) and start:
            return True
        return any(self._window(thing.units, start, end) for thing in self.offer.of("press", "check", "radio"))

    def _leads(self, first: int) -> bool:
        """Whether the name of a field is said behind its value: "Oslo as the city"."""
        at = first - 1
        while at > 0 and is_empty(self.tokens[at].text) and self.tokens[at].text not in _BEFORE:
            at -= 1
        return at > 0 and self.tokens[at].kind == "word" and self.tokens[at].text in _BEFORE

    def _value(self, start: int, end: int, first: int, last: int) -> str | None:
        behind = self._trimmed(last + 1, end, _BEHIND)
        before = self._trimmed(start + (self.verb_size if start == 0 else 0), self._property(start, first), _WITH_VERBS)
        if before and self._only(before, nouns()["properties"]):  # "the colour of the door"
            self._claim(*before)
            before = None
        if behind and before and not self._leads(first):
            before = None
        span = before if before and (self._leads(first) or not behind) else behind
        if span is None or not (self._leads(first) or self._given(last + 1, span)):
            return None
        self._claim(first, last + 1)
        self._claim(*span)
        self.mentions += 1
        return self._text(*span)

    def _trimmed(self, start: int, end: int, connectors: frozenset[str]) -> tuple[int, int] | None:
        """Without the words that only join: connectors in front, and what says nothing at either end."""
        while (
            start < end
            and self.tokens[start].kind != "quoted"
            and (self.tokens[start].kind == "mark" or self.tokens[start].text in connectors)
        ):
            start += 1
        while start < end and self.tokens[start].kind != "quoted" and self.tokens[start].text in (*_FRONT, *connectors):
            start += 1
        while (
            start < end
            and self.tokens[end - 1].kind != "quoted"
            and (self.tokens[end - 1].kind == "mark" or is_empty(self.tokens[end - 1].text))
        ):
            end -= 1
        return (start, end) if start < end else None

    def _property(self, start: int, first: int) -> int:
        """Where the name of a field begins, with what is set of it: "the number of guests"."""
        at = first
        while at - 1 > start and is_empty(self.tokens[at - 1].text):
            at -= 1
        if (
            at < first
            and any(same(self.tokens[at - 1].text, word) for word in nouns()["properties"])
            and self.tokens[at].text == "of"
        ):
            self._claim(at - 1, at)
            return at - 1
        return first

    def _given(self, at: int, span: tuple[int, int]) -> bool:
        """Whether a text is said as a value: led to by a word, quoted, a name or with digits; not any word that follows."""
        lead = self.tokens[at] if at < len(self.tokens) else None
        led = lead is not None and lead.kind != "quoted" and lead.text in _GIVING and at < span[0]
        word = self._said(*span)
        return led or self.tokens[span[0]].kind == "quoted" or word[:1].isupper() or any(c.isdigit() for c in word)

    def _only(self, span: tuple[int, int], words: Sequence[str]) -> bool:
        said = [token.text for token in self.tokens[span[0] : span[1]] if token.kind != "mark" and not is_empty(token.text)]
        return bool(said) and all(any(same(text, word) for word in words) for text in said)

    def _text(self, start: int, end: int) -> str:
        return self.tokens[start].text if end == start + 1 and self.tokens[start].kind == "quoted" else self._said(start, end)

    def _claim(self, start: int, end: int) -> None:
        self.claimed.update(at for at, unit in enumerate(self.units) if unit.first >= start and unit.last < end)

    def _longer(self, one: tuple[Thing, str], start: int, end: int) -> tuple[Thing, str]:
        """A value that goes on behind a comma."""
        span = self._trimmed(start, end, frozenset())
        if span is None:
            return one
        between = self.text[: self.tokens[span[0]].start]
        at = between.rfind(one[1])
        self._claim(*span)
        return (one[0], f"{one[1]}{between[at + len(one[1]) :]}{self._said(*span)}") if at >= 0 else one

    def _unnamed(self) -> tuple[Thing, str] | None:
        """A value that only one field of the page can take: a number for the only slider, an address for the only e-mail field."""
        values = [token for token in written(self.text) if token.kind == "number" and len(token.readings) == 1]
        mail = _MAIL.search(self.text)
        if mail:
            fields = [thing for thing in self.offer.of("text") if any(same(unit, "e-mail") for unit in thing.units)]
            value = mail[0].rstrip(".,;!?")
        else:
            fields, value = self.offer.of("number"), values[0].text if len(values) == 1 else ""
        if len(fields) != 1 or not value:
            return None
        at = next((at for at, token in enumerate(self.tokens) if folded(value) in token.text), None)
        if at is None or (not mail and not self._measured(at)):
            return None
        others = [
            unit
            for unit in self.units
            if unit.first > self.verb_size - 1 and unit.first != at and unit.text not in nouns()["units"]
        ]
        if not mail and not all(any(same(unit.text, label) for label in fields[0].units) for unit in others):
            return None  # it is a value of something else
        self._claim(at, at + 1)
        if mail:
            self.claimed.update(number for number, unit in enumerate(self.units) if same(unit.text, "e-mail"))
        self.mentions += 1
        return fields[0], value

    def _measured(self, at: int) -> bool:
        """Whether a number is said as a value: "set it to 29", "29 degrees"; not "card 7"."""
        behind = self.tokens[at + 1].text if at + 1 < len(self.tokens) else ""
        return behind in nouns()["units"] or (at > 0 and self.tokens[at - 1].text in ("to", "at", "=", ":", "it"))

    def _put(self, thing: Thing, value: str) -> list[Action]:
        target = self.offer.target(thing.at)
        if target is None:
            return []
        element = self.offer.page.elements[thing.at]
        if thing.kind == "number":
            number = number_in(value)
            if number is None:
                self.claimed.clear()
                return []
            if element.role == "slider":
                return [Do(words=f"move the {thing.label} slider to {number}")]
            return [Fill(target=target, text=number)]
        if thing.kind == "choice":
            return self._chosen(thing, target, value)
        if (day := day_in(value)) and "date" not in thing.label.casefold():
            return [Do(words=f"set the {thing.label} date to {day}")]
        return [Fill(target=target, text=value)]

    def _chosen(self, thing: Thing, target: Target, value: str) -> list[Action]:
        """Options of a list, or the radios and boxes of a group."""
        page = self.offer.page
        inside = [one for one in self.offer.things if page.holds(thing.at, one.at) and one.kind in ("option", "check", "radio")]
        if not inside:
            return [Select(target=target, options=(value,))] if page.elements[thing.at].role in ("combobox", "listbox") else []
        names = (
            [value] if any(folded(one.label) == folded(value) for one in inside) else re.split(r"\s*(?:,|;|\band\b|&)\s*", value)
        )
        picked = [next((one for one in inside if is_called(one, name)), None) for name in names if name]
        if not picked or not all(picked):
            self.claimed.clear()
            return []
        if inside[0].kind == "option":
            return [Select(target=target, options=tuple(one.label for one in picked if one))]
        pointed = [self.offer.target(one.at) for one in picked if one]
        return [Tick(target=one) for one in pointed if one]

    # Options that are said by themselves

    def _options(self) -> list[Action]:
        actions: list[Action] = []
        lists: dict[int, list[tuple[Thing, bool]]] = {}
        for thing in sorted(self.offer.of("option", "check", "radio"), key=lambda one: -len(one.units)):
            window = self._window(thing.units, 0, len(self.tokens))
            if window is None or (len(thing.units) == 1 and self._twice(thing)):
                continue
            denied = self._denied(window[0])
            self._claim(window[0], window[1] + 1)
            self.mentions += 1
            if thing.kind == "option":
                if (owner := self.offer.owner(thing.at)) is not None:
                    lists.setdefault(owner, []).append((thing, denied))
            elif target := self.offer.target(thing.at):
                actions.append((Untick if denied else Tick)(target=target))
        for owner, chosen in lists.items():
            actions += self._listed(owner, chosen)
        return actions

    def _twice(self, thing: Thing) -> bool:
        """Whether another control is called the same."""
        return any(other.units == thing.units and other.at != thing.at and other.kind == thing.kind for other in self.offer.things)

    def _denied(self, at: int) -> bool:
        start = max((cut + 1 for cut in range(at) if self.tokens[cut].kind == "mark"), default=0)
        return any(token.kind == "word" and token.text in _NOT for token in self.tokens[start:at])

    def _listed(self, owner: int, chosen: list[tuple[Thing, bool]]) -> list[Action]:
        target = self.offer.target(owner)
        wanted = [thing for thing, denied in sorted(chosen, key=lambda one: one[0].at) if not denied]
        label = next((thing.units for thing in self.offer.things if thing.at == owner), ())
        self.implied += label
        for at, unit in enumerate(self.units):
            if any(same(unit.text, one) for one in label):
                self.claimed.add(at)
        if target is None:
            return []
        page = self.offer.page
        if len(wanted) == 1 and all("selected" in page.elements[thing.at].states for thing in wanted):
            return []  # it is so already
        if not wanted:
            denied = {thing.at for thing, _ in chosen}
            kept = [one for one in self.offer.options(owner) if "selected" in page.elements[one.at].states and one.at not in denied]
            return [Select(target=target, options=tuple(one.label for one in kept))]
        return [Select(target=target, options=tuple(thing.label for thing in wanted))]

    # What is pressed

    def _section(self, said: list[str]) -> Thing | None:
        """The one section that is chosen by a part of its name."""
        if not same(self.verb, "choose"):
            return None
        page = self.offer.page
        words = [text for at, text in enumerate(said) if self.units[at].last >= self.verb_size]
        found = [
            one
            for one in self.offer.of("press")
            if folds(one.at, page) and any(same(text, unit) for unit in one.units for text in words)
        ]
        if len(found) != 1:
            return None
        self.claimed.update(at for at, unit in enumerate(self.units) if any(same(unit.text, one) for one in found[0].units))
        self.mentions += 1
        return found[0]

    def _quoted_press(self) -> Thing | None:
        """The one control that is called as something stands in quotes."""
        quoted = [
            (at, unit) for at, unit in enumerate(self.units) if self.tokens[unit.first].kind == "quoted" and at not in self.claimed
        ]
        if len(quoted) != 1:
            return None
        found = [thing for thing in self.offer.of("press") if folded(thing.label) == quoted[0][1].text]
        if len(found) != 1:
            return None
        self.claimed.add(quoted[0][0])
        self.mentions += 1
        return found[0]

    def _pressed(self) -> Thing | None:
        """The control whose whole name is said, the longest; None when the order is done without, or two are as good."""
        unclaimed = [unit for at, unit in enumerate(self.units) if at not in self.claimed]
        if (not unclaimed or all(unit.last < self.verb_size and self.generic for unit in unclaimed)) and self.claimed:
            return None
        said = [unit.text for unit in self.units]
        if (quoted := self._quoted_press()) is not None:
            return quoted
        words = {token.text for token in self.tokens}
        scored = []
        for thing in self.offer.of("press"):
            if not thing.units or not set(phrasal(thing.label)) <= words:
                continue
            hits = [
                next((text for text in said if same(text, unit)), None)
                or next((one for one in self.implied if same(one, unit)), None)
                for unit in thing.units
            ]
            fresh = [unit for unit in unclaimed if any(same(unit.text, one) for one in thing.units)]
            if all(hits) and fresh:
                verbal = any(unit.last < self.verb_size and any(same(unit.text, one) for one in thing.units) for unit in unclaimed)
                exact = sum(one == hit for one, hit in zip(thing.units, hits, strict=True))
                scored.append((verbal, len(fresh), len(thing.units), exact, thing))
        if not scored and (section := self._section(said)) is not None:
            return section
        if not scored:
            return None
        best = max(score[:4] for score in scored)
        top = [score[4] for score in scored if score[:4] == best]
        top = [thing for thing in top if thing.at in self.offer.page.one_each(one.at for one in top)]
        if len(top) != 1:
            return None
        self.claimed.update(at for at, unit in enumerate(self.units) if any(same(unit.text, one) for one in top[0].units))
        self.mentions += 1
        return top[0]
