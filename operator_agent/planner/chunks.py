"""The tags of a command cut into parts, each about one thing or one change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from operator_agent.planner.slots import Tag, Tagged

_SILENT = frozenset({"filler", "function", "measure", "intent", "time", "text"})
_JOINTS = frozenset({"and", "comma", "or", "fix"})
_STRENGTH = {"": 0, "comma": 1, "and": 2, "or": 3, "fix": 4}
_STARTERS = frozenset({"number", "article", "vague"})
_BARE_NO = frozenset({"no", "不"})


@dataclass(slots=True)
class Part:
    """What one chunk says. `joint` is how it is joined to what stands before: "" (nothing said), comma, and, or, fix."""

    joint: str = ""
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    number: float | None = None
    loose: bool = False
    """The number is only an article: a, another."""
    plural: bool = False
    more: bool = False
    """It is one besides those said before: another."""
    vague: bool = False
    pronoun: bool = False
    rest: bool = False
    scope: str = ""
    """`all`, `both` or `each` when it speaks of every group."""
    denied: list[tuple[str, Any]] = field(default_factory=list)
    unknown: list[Tag] = field(default_factory=list)
    led: bool = False
    """What is unknown is introduced as an addition (`with …`, `no …`), not as a thing of its own."""
    clashes: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    """Fields given two values within the part; the field is "" for two numbers."""
    words: str = ""

    @property
    def content(self) -> bool:
        return bool(self.values or self.denied or self.number is not None or self.pronoun or self.rest)


@dataclass(slots=True)
class _Chunk:
    joint: str
    tags: list[Tag]


class Cutter:
    """Cuts a tagged command. `anchors` are the fields that open a group; `foreign` are tags that are someone else's."""

    def __init__(self, tagged: Tagged, anchors: Sequence[str], fields: Sequence[str]) -> None:
        self.tagged, self.anchors, self.fields = tagged, anchors, fields
        self.dangling = False
        """The command ends with a correction that corrects nothing."""

    def parts(self, *, counts_follow: bool = False) -> list[Part]:
        """The parts in order. Without commas, `latte two mocha one` has its numbers after the thing: `counts_follow`."""
        chunks = [piece for chunk in self._chunks() for piece in self._pieces(chunk, counts_follow)]
        return [self._part(chunk) for chunk in chunks if chunk.tags]

    @property
    def crowded(self) -> bool:
        """Whether some chunk names two things, so that where one ends is a matter of reading."""
        return any(len(self._anchors(chunk.tags)) > 1 for chunk in self._chunks())

    def _chunks(self) -> list[_Chunk]:
        chunks = [_Chunk("", [])]
        tags = [tag for tag in self.tagged.tags if tag.kind not in _SILENT and not self._other(tag)]
        for at, tag in enumerate(tags):
            joint = self._joint(tag, tags[at + 1] if at + 1 < len(tags) else None, any(chunk.tags for chunk in chunks))
            if joint == "fix" and self._restates_time(tag):
                joint = "or"
            if not joint:
                chunks[-1].tags.append(tag)
            elif chunks[-1].tags:
                chunks.append(_Chunk(joint, []))
            else:
                chunks[-1].joint = self._stronger(chunks[-1].joint, joint, tag.kind)
        self.dangling = not chunks[-1].tags and chunks[-1].joint in ("fix", "or") and len(chunks) > 1
        return [chunk for chunk in chunks if chunk.tags]

    def _other(self, tag: Tag) -> bool:
        return tag.kind == "value" and tag.field not in self.fields

    def _joint(self, tag: Tag, after: Tag | None, begun: bool) -> str:
        if tag.kind == "maybe_fix":
            return "comma" if not begun or after is None or after.kind in ("and", "comma") else "fix"
        bare_no = tag.kind == "not" and self.tagged.said(tag).lower() in _BARE_NO
        if tag.kind == "fix" or (bare_no and (after is None or after.kind in ("comma", "number", "article", "fix"))):
            return "fix" if begun else "comma"
        return tag.kind if tag.kind in _JOINTS else ""

    def _restates_time(self, fix: Tag) -> bool:
        """`at 9, no 10`: the number may be the other time or another amount."""
        heard = [tag for tag in self.tagged.tags if tag.kind not in ("comma", "filler")]
        before = [tag.kind for tag in heard if tag.end <= fix.start]
        after = [tag.kind for tag in heard if tag.start >= fix.end]
        return before[-1:] == ["time"] and after[:1] == ["number"]

    def _stronger(self, old: str, new: str, kind: str) -> str:
        if old == "fix" and new == "and":
            return "or"
        return max(old, new, key=_STRENGTH.__getitem__)

    def _anchors(self, tags: list[Tag]) -> list[int]:
        return [at for at, tag in enumerate(tags) if tag.kind == "value" and tag.field in self.anchors]

    def _pieces(self, chunk: _Chunk, counts_follow: bool) -> Iterator[_Chunk]:
        """The chunk cut where another thing starts without a joint: at `both`, at the next anchor, at the next number."""
        joint, rest = chunk.joint, chunk.tags
        for piece in _cut(rest, [at for at, tag in enumerate(rest) if at and tag.kind in ("all", "both", "each", "rest")]):
            anchors = self._anchors(piece)
            follow = counts_follow and not any(tag.kind in _STARTERS for tag in piece[: anchors[0] if anchors else 0])
            between = [self._between(piece, one, two, follow) for one, two in pairwise(anchors)]
            for one in _cut(piece, [cut for cut in between if cut]):
                for single in _cut(one, self._shares(one)):
                    yield _Chunk(joint, single)
                    joint = "" if self._anchors(single) or not self._anchors(one) else joint
                    joint = joint if joint in ("", "comma") else "comma"

    def _between(self, tags: list[Tag], one: int, two: int, counts_follow: bool) -> int:
        """Where in one … two the second thing starts; 0 when they stand side by side."""
        between = range(one + 1, two)
        if not between:
            return 0
        starters = [at for at in between if tags[at].kind in _STARTERS]
        if not starters and tags[two - 1].kind == "with":  # `latte with espresso` is not two things
            return 0
        if counts_follow and not any(tags[at].kind == "article" for at in starters):
            return starters[-1] + 1 if starters else two
        if starters:
            return starters[0]
        at = one + 1
        if tags[at].kind in ("with", "not"):
            at += 2
            while at < two and tags[at - 1].kind == "with":
                at += 1
        return min(at, two)

    def _shares(self, tags: list[Tag]) -> list[int]:
        """Cuts before numbers that start something new: `two lattes | one large | one small`."""
        cuts: list[int] = []
        counted = valued = False
        anchors = self._anchors(tags)
        for at, tag in enumerate(tags):
            if at and tags[at - 1].kind == "with" and tag.kind in ("number", "article"):
                continue
            if tag.kind == "number":
                loosely = any(tags[before].kind == "article" for before in range(cuts[-1] if cuts else 0, at))
                after = tags[at + 1].kind if at + 1 < len(tags) else ""
                again = (at and tags[at - 1].kind == "times") or after in ("times", "pronoun")
                if counted and valued and not (loosely and again) and not self._stands_for(tags, at, anchors):
                    cuts.append(at)
                    valued = False
                counted = True
            elif tag.kind == "article":
                if counted and valued:
                    cuts.append(at)
                    valued = False
                counted = True
            elif tag.kind == "value":
                valued = True
        return cuts

    def _stands_for(self, tags: list[Tag], at: int, anchors: list[int]) -> bool:
        """`one` at the end of `a small one`, not in `one large one small`."""
        if anchors or tags[at].value != 1 or self.tagged.said(tags[at]).lower() != "one" or not at:
            return False
        return at + 1 == len(tags) or tags[at + 1].kind == "with"

    def _part(self, chunk: _Chunk) -> Part:
        part = Part(joint=chunk.joint, words=self.tagged.said(chunk.tags[0], chunk.tags[-1]))
        tags, anchors, at = chunk.tags, self._anchors(chunk.tags), 0
        while at < len(tags):
            tag = tags[at]
            if tag.kind == "not":
                at += self._denial(part, tags[at:])
                continue
            led = bool(at) and tags[at - 1].kind == "with"
            if tag.kind == "number" and self._stands_for(tags, at, anchors):
                part.pronoun = True
            elif led and tag.kind == "number" and self._of_addition(tags, at):
                part.led = True
                part.unknown.append(tag)
            elif led and tag.kind == "article" and (part.values or part.number):
                part.led |= at + 1 < len(tags) and tags[at + 1].kind == "word"
            else:
                self._take(part, tag, tags[at - 1] if at else None)
            at += 1
        if part.pronoun and part.number is None:
            part.number, part.loose = 1, True
        return part

    def _of_addition(self, tags: list[Tag], at: int) -> bool:
        """Whether the number counts what is added (`with two sugars`, `with 2 oat milks`), not the thing itself."""
        unknown = at + 1 < len(tags) and tags[at + 1].kind == "word"
        return unknown or (bool(self._anchors(tags[:at])) and tags[at].value != 1)

    def _take(self, part: Part, tag: Tag, before: Tag | None) -> None:
        if tag.kind == "value":
            known = part.values.get(tag.field)
            if known and known != tag.value:
                part.clashes.append((tag.field, (*known, *tag.value)))
            elif known and tag.field in self.anchors:
                part.clashes.append(("", known))
            part.values[tag.field] = tag.value
            part.plural |= tag.plural and tag.field in self.anchors
        elif tag.kind == "number":
            if part.number is not None and not part.loose and part.number != tag.value:
                part.clashes.append(("", (part.number, tag.value)))
            part.number, part.loose = tag.value, False
        elif tag.kind == "article":
            part.loose = part.number is None
            part.number = 1 if part.number is None else part.number
            part.more |= tag.value == "more"
        elif tag.kind == "word":
            part.led |= not part.unknown and before is not None and before.kind == "with"
            part.unknown.append(tag)
        elif tag.kind in ("all", "both", "each"):
            part.scope = tag.kind
        elif tag.kind in ("pronoun", "rest", "vague"):
            setattr(part, tag.kind, True)

    def _denial(self, part: Part, tags: list[Tag]) -> int:
        """`not oat`, `not a latte`; anything else that is denied is not understood. Returns how many tags it took."""
        skip = 2 if len(tags) > 2 and tags[1].kind == "article" else 1
        if len(tags) > skip and tags[skip].kind == "value" and len(tags[skip].value) == 1:
            part.denied.append((tags[skip].field, tags[skip].value[0]))
            if tags[0].kind == "not" and self.tagged.said(tags[0]).lower() in _BARE_NO and tags[skip].field in part.values:
                part.clashes.append((tags[skip].field, (*part.values[tags[skip].field], *tags[skip].value)))
            return skip + 1
        part.led = True
        part.unknown.append(tags[0])
        return 1


def _cut(tags: list[Tag], cuts: list[int]) -> list[list[Tag]]:
    edges = [0, *cuts, len(tags)]
    return [tags[start:end] for start, end in pairwise(edges) if end > start]
