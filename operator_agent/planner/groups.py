"""What belongs together: the tags of a command, made into groups (two large oat lattes | one small espresso).

A chunk is what stands between `and`, commas and corrections. A chunk that names the thing itself (the anchor: the drink) opens a
group; one that does not adds to the group before, shares it out (`two lattes, one large and one small`), repeats it (`and a small
one`), corrects it (`no wait, large`) or speaks of all (`both with oat milk`). What fits none of these is a problem to ask about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from operator_agent.planner.chunks import Part

UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a command cannot be taken as it is. `field` and `group` say where; "unclear" problems are about the wording itself."""

    kind: str
    """unclear, conflict, ambiguous, denied, amount, unknown, foreign."""
    words: str = ""
    field: str = ""
    group: int = 0
    options: tuple[Any, ...] = ()


@dataclass(slots=True)
class Group:
    """One item as said: field → the choices it may be. `number` None: none was said; `loose`: only by an article."""

    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    number: float | None = None
    loose: bool = False
    plural: bool = False
    vague: bool = False
    denied: list[tuple[str, Any]] = field(default_factory=list)
    shares: list[Part] = field(default_factory=list)
    touched: bool = False
    """A chunk with a number of its own has been added: a further one cannot be told apart."""


class Builder:
    """Takes the parts of a command in order and keeps what they make."""

    def __init__(self, anchors: Sequence[str], *, flat: bool) -> None:
        self.anchors, self.flat = anchors, flat
        self.groups: list[Group] = []
        self.problems: list[Problem] = []
        self._ahead: list[Part] = []
        """Parts whose thing has not been named yet: `one small and` one large latte."""
        self._for_all: list[Part] = []

    def add(self, part: Part) -> None:
        """One more part; `part.joint` says how it is joined to what stands before."""
        if part.joint == "or":
            self._unclear(part)
        elif part.joint == "fix":
            self._correct(part)
        elif part.scope:
            self._spread(part)
        elif self.flat:
            self._into_one(part)
        elif self._anchored(part):
            self._open(part)
        elif self.groups:
            self._modify(part)
        else:
            self._hold(part)

    def finish(self) -> None:
        """Called once, after the last part."""
        if self._ahead and (any(part.content for part in self._ahead) or not self.groups):
            self._open(Part(joint="comma"))
        self._share_out()
        for part in self._for_all:
            self._spread_over(part)
        for index, group in enumerate(self.groups):
            self._check_denied(index, group)

    def _anchored(self, part: Part) -> bool:
        return any(name in part.values for name in self.anchors)

    def _unclear(self, part: Part) -> None:
        self.problems.append(Problem(UNCLEAR, part.words))

    def _open(self, part: Part) -> None:
        self._share_out()
        self._hold(part)
        parts, self._ahead = self._ahead, []
        thing = {name: part.values[name] for name in self.anchors if name in part.values}
        if len(parts) > 1:
            parts = self._summed(parts, part)
        for one in parts:
            self.groups.append(Group({**thing, **one.values}, one.number, one.loose, one.plural, one.vague, list(one.denied)))

    def _summed(self, parts: list[Part], last: Part) -> list[Part]:
        """`one large and one small latte` are two; `one large, one small, two lattes` too. Whether what only the last one
        says (`two small oat lattes`) is meant for all cannot be known."""
        told = last.values.keys() - set(self.anchors)
        if not told and last.number == sum(part.number or 0 for part in parts[:-1]):
            return parts[:-1]
        if any(told != part.values.keys() for part in parts[:-1]):
            self._unclear(last)
        return parts

    def _hold(self, part: Part) -> None:
        """Keeps a part until its thing is named; it goes with the one before unless both have a number and something to tell."""
        before = self._ahead[-1] if self._ahead else None
        if before and before.number is not None and part.number is not None and before.values:
            self._ahead.append(part)
        else:
            self._ahead[-1:] = [self._joined(before, part)]

    def _joined(self, first: Part | None, then: Part) -> Part:
        """Two parts of one group; what contradicts is a problem."""
        if not first:
            return then
        for name in first.values.keys() & then.values.keys():
            if set(first.values[name]) != set(then.values[name]):
                self._conflict(name, len(self.groups), first.values[name], then.values[name])
        if None not in (first.number, then.number) and not (first.loose or then.loose):
            self._unclear(then)
        counted = first if then.number is None or (then.loose and first.number is not None) else then
        return Part(
            joint=first.joint, values={**first.values, **then.values}, number=counted.number, loose=counted.loose,
            plural=first.plural or then.plural, vague=first.vague or then.vague, denied=[*first.denied, *then.denied],
            words=f"{first.words} {then.words}".strip(),
        )  # fmt: skip

    def _conflict(self, name: str, group: int, *values: tuple[Any, ...]) -> None:
        options = tuple(dict.fromkeys(value for those in values for value in those))
        self.problems.append(Problem("conflict", field=name, group=group, options=options))

    def _into_one(self, part: Part) -> None:
        self._ahead[-1:] = [self._joined(self._ahead[-1] if self._ahead else None, part)]

    def _modify(self, part: Part) -> None:
        """A chunk without an anchor, after a group."""
        base = self.groups[-1]
        if any(name in self.anchors for name, _ in part.denied):
            self._unclear(part)
        elif part.more:
            self._repeat(base, part)
        elif part.number is None and not part.pronoun and not part.rest:
            self._attach(base, part)
        elif not part.values and not part.denied:
            self._count(base, part)
        elif base.shares or part.rest:
            base.shares.append(part)
        elif self._clashes(base, part):
            self._repeat(base, part)
        elif (base.number or 0) > 1 or (base.plural and base.number is None):
            self._share_or_ask(base, part)
        else:
            self._one_more(base, part)

    def _attach(self, base: Group, part: Part) -> None:
        if base.shares:
            base.shares[-1] = self._joined(base.shares[-1], part)
            return
        self._deny(base, part)
        for name, value in part.values.items():
            if base.values.get(name, value) != value:
                self._conflict(name, len(self.groups) - 1, base.values[name], value)
            base.values[name] = value
        base.vague |= part.vague

    def _deny(self, base: Group, part: Part) -> None:
        """`not large, medium`: what was said first is taken back, if another value follows."""
        for name, value in part.denied:
            if base.values.get(name) == (value,):
                del base.values[name]
            base.denied.append((name, value))

    def _count(self, base: Group, part: Part) -> None:
        if base.shares or part.rest or ((base.number or 0) > 1 and not base.loose and part.number != base.number):
            base.shares.append(part)
        elif part.joint == "and" and not part.loose and base.number is not None:
            self._repeat(base, part)
        elif base.number is None or base.loose:
            base.number, base.loose = part.number, part.loose
        elif part.number != base.number:
            self._unclear(part)

    def _clashes(self, base: Group, part: Part) -> bool:
        return any(base.values.get(name, value) != value for name, value in part.values.items())

    def _repeat(self, base: Group, part: Part) -> None:
        """`one large latte and two small`: the same thing once more, nothing else taken over."""
        if base.touched or (part.loose and not part.pronoun and not part.more) or part.joint not in ("and", "comma"):
            self._unclear(part)
            return
        if not part.values and base.values.keys() - set(self.anchors):
            self._unclear(part)
        kept = {name: base.values[name] for name in self.anchors if name in base.values}
        self.groups.append(Group({**kept, **part.values}, part.number or 1, denied=list(part.denied)))

    def _share_or_ask(self, base: Group, part: Part) -> None:
        if part.joint == "and" and not part.pronoun:
            self._unclear(part)
        else:
            base.shares.append(part)

    def _one_more(self, base: Group, part: Part) -> None:
        if part.joint == "and" and base.number is not None and (part.pronoun or not part.loose):
            self._repeat(base, part)
        elif part.joint != "and" and base.number is None:
            base.number, base.loose, base.touched = part.number, part.loose, True
            self._attach(base, part)
        elif part.joint != "and" and len(self.groups) == 1 and part.number in (None, 1):
            base.touched = True
            self._attach(base, part)
        else:
            self._unclear(part)

    def _share_out(self) -> None:
        """The last group, made into what its shares say. Shares may leave some as they are, never be more."""
        if not self.groups or not self.groups[-1].shares:
            return
        base = self.groups.pop()
        counts = [None if part.rest else (part.number or 1) for part in base.shares]
        known = sum(count for count in counts if count is not None)
        total = base.number if base.number is not None else known
        rest = total - known
        idle = any(not part.values and not part.denied for part in base.shares)
        if counts.count(None) > 1 or rest < 0 or (None in counts and rest < 1) or (idle and rest and None not in counts):
            self.problems.append(Problem(UNCLEAR, base.shares[-1].words))
        for part, count in zip(base.shares, counts, strict=True):
            self.groups.append(
                Group({**base.values, **part.values}, rest if count is None else count, denied=[*base.denied, *part.denied])
            )
        if rest > 0 and None not in counts:
            self.groups.append(Group(dict(base.values), rest, denied=list(base.denied)))

    def _spread(self, part: Part) -> None:
        if not self.groups:
            if self._anchored(part) or part.scope == "both":
                self._unclear(part)
            self._for_all.append(part)
            return
        self._share_out()
        self._spread_over(part)

    def _spread_over(self, part: Part) -> None:
        if part.scope == "each":
            self._deal(part)
            return
        count = sum(group.number or 1 for group in self.groups)
        expected = 2 if part.scope == "both" else part.number
        if self._anchored(part) or not part.values or (expected is not None and expected not in (count, len(self.groups))):
            self._unclear(part)
            return
        for index, group in enumerate(self.groups):
            for name, value in part.values.items():
                if group.values.get(name, value) != value:
                    self._conflict(name, index, group.values[name], value)
                group.values[name] = value
            group.denied += part.denied

    def _deal(self, part: Part) -> None:
        """拿铁和摩卡各两杯: so many of everything that has no number of its own."""
        if part.number is None or part.values or part.denied or any(group.number is not None for group in self.groups):
            self._unclear(part)
        for group in self.groups:
            group.number = part.number

    def _correct(self, part: Part) -> None:
        """What follows `no wait`: a restatement replaces what it restates; parts of it overwrite. What it leaves open is asked."""
        if self.flat or not self.groups:
            self._replace_ahead(part)
            return
        self._share_out()
        base = self.groups[-1]
        same = all(base.values.get(name) == part.values.get(name) for name in self.anchors)
        alone = len(self.groups) == 1
        if part.scope or part.rest or (not alone and not (self._anchored(part) and same)) or not part.content:
            self._unclear(part)
        elif not self._anchored(part):
            self._overwrite(base, part)
        elif base.values.keys() - part.values.keys() or (part.number is None and (base.number or 1) > 1 and not part.plural):
            self._unclear(part)
        else:
            number = base.number if part.number is None else part.number
            self.groups[-1] = Group(dict(part.values), number, part.loose, part.plural, part.vague, list(part.denied))

    def _replace_ahead(self, part: Part) -> None:
        old = self._ahead.pop() if self._ahead else None
        if self._ahead:
            self._unclear(part)
        if old and not self.flat and (old.values.keys() - part.values.keys()):
            self._unclear(part)
        if old and self.flat:
            part.values = {**old.values, **part.values}
        if old and part.number is None:
            part.number, part.loose = old.number, old.loose
        part.joint = "comma"
        self.add(part)

    def _overwrite(self, base: Group, part: Part) -> None:
        base.values.update(part.values)
        base.denied = [(name, value) for name, value in base.denied if name not in part.values] + part.denied
        for name, value in part.denied:
            if base.values.get(name) == (value,):
                del base.values[name]
        if part.number is not None and not (part.loose and base.number == 1):
            if part.loose or (part.pronoun and part.number == 1 and (base.number or 1) > 1):
                self._unclear(part)
            base.number, base.loose = part.number, False

    def _check_denied(self, index: int, group: Group) -> None:
        for name, value in group.denied:
            if name not in group.values or value in group.values[name]:
                self.problems.append(Problem("denied", field=name, group=index, options=(value,)))
            elif name in self.anchors and any(other.values.get(name) == (value,) for other in self.groups):
                self.problems.append(Problem(UNCLEAR, str(value)))
