"""The tree of a recorded look, read back into elements: a journal keeps pages as people read them."""

from __future__ import annotations

import re
from functools import lru_cache

from operator_agent.flow.observation import Element, Observation

_LINE = re.compile(
    r'(?P<indent> *)- (?P<role>[a-z][a-z-]*)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<states>(?: \[[^\]]*\])*)(?:: (?P<value>.*))?\Z',
    re.DOTALL,
)
_STATE = re.compile(r"\[([^\]]*)\]")


@lru_cache(maxsize=256)
def observed(tree: str, url: str = "", title: str = "") -> Observation:
    """What `Observation.tree` was written from, less what it does not tell: boxes, addresses, placeholders.

    A line that is no element continues the value above it."""
    found: list[Element] = []
    above: list[int] = []
    for line in _lines(tree):
        match = _LINE.match(line)
        if not match:
            continue
        depth = len(match["indent"]) // 2
        states = [state for state in _STATE.findall(match["states"]) if state != "clickable"]
        del above[depth:]
        element = Element(
            ref=f"t{len(found)}", role=match["role"], name=re.sub(r"\\(.)", r"\1", match["name"] or ""), value=match["value"] or "",
            states=tuple(states), parent=above[-1] if above else -1, depth=depth, clickable="[clickable]" in match["states"],
        )  # fmt: skip
        above += [len(found)] * (depth + 1 - len(above))
        found.append(element)
    return Observation(at=0.0, url=url, title=title, elements=tuple(found), deep=True)


def _lines(tree: str) -> list[str]:
    """The lines, each with those that continue it."""
    lines: list[str] = []
    for line in tree.split("\n"):
        if lines and not re.match(r" *- [a-z]", line):
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
    return lines
