"""The trees of a report: each stands in the page once, whole or as what differs from the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_ROOM = 5_000_000
"""Characters of all trees of a page."""
_MOST = 1_500
"""Lines that are compared one by one, on either side: more would take longer than a person waits for a step."""


class Part(NamedTuple):
    """Lines that stayed (`kept`, a number; their text is that of the base), went or came."""

    kept: int = 0
    gone: bool = False
    text: str = ""


class Tree(NamedTuple):
    name: str
    base: str
    """The tree that `parts` are changes of; "" when they are the whole."""
    parts: tuple[Part, ...]
    changed: int
    """Lines that are not as in the base; without one, all lines."""


class Trees:
    """Gives trees names in their order, and says what each adds to the one before."""

    def __init__(self) -> None:
        self._lines: list[str] | None = None
        self._number = 0
        self._room = _ROOM

    def add(self, tree: str) -> Tree | None:
        """The tree as changes of the last one, or whole when less than half of it was there before. "" is the last one again."""
        before = self._lines
        if not tree and before is None:
            return None
        lines = tree.replace("\r", " ").split("\n") if tree else before or []
        base = f"tree-{self._number}"
        self._number, self._lines = self._number + 1, lines
        name = f"tree-{self._number}"
        if before is not None:
            parts = tuple(_parts(before, lines))
            if 2 * sum(part.kept for part in parts) >= len(lines):
                changed = sum(part.text.count("\n") + 1 for part in parts if not part.kept)
                self._room -= sum(len(part.text) for part in parts)
                return Tree(name, base, parts, changed)
        self._room -= sum(map(len, lines))
        if self._room < 0:
            self._lines = None
            return Tree(name, "", (Part(text="This page is full; run.jsonl in the run's folder has the tree."),), len(lines))
        return Tree(name, "", (Part(text="\n".join(lines)),), len(lines))


def _parts(before: list[str], after: list[str]) -> Iterator[Part]:
    """From one to the other. What both begin and end with is set aside first: most acts change little."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if start:
        yield Part(kept=start)
    if max(len(old), len(new)) > _MOST:
        yield from _swapped(old, new)
    else:
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
            if tag == "equal":
                yield Part(kept=i2 - i1)
            else:
                yield from _swapped(old[i1:i2], new[j1:j2])
    if end:
        yield Part(kept=end)


def _swapped(old: list[str], new: list[str]) -> Iterator[Part]:
    if old:
        yield Part(gone=True, text="\n".join(old))
    if new:
        yield Part(text="\n".join(new))


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines both begin with."""
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number
