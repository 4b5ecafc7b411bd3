"""What a model is shown of a page: within the budget whatever the page, and what matters first."""

from __future__ import annotations

import re

from operator_agent.flow.observation import Observation
from operator_agent.grounding.fit import INTERACTIVE

NAME = r'(?:"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)+/)'
HEAD = re.compile(rf"([a-z]+(?: {NAME})?(?: \[[^\]]+\])*(?: \(\d+\))?(?: in [a-z]+(?: {NAME})?)*)(: |  # |$)")
"""A target, as a model is told to copy it: up to the value or the note."""


def written(text: str) -> list[str]:
    """The targets of all lines of what reacts, in order; of options and nameless boxes there are none."""
    found = []
    for line in text.splitlines():
        head = HEAD.match(line.strip())
        assert head or line.strip().startswith("…"), line
        role = head[1].split(" ")[0] if head else ""
        if head and (role in INTERACTIVE - {"option"} or "clickable" in line.partition("  # ")[2]) and head[1] != "generic":
            found.append(head[1])
    return found


def acting(seen: Observation) -> list[int]:
    """The elements that such lines should be about."""
    return [
        i
        for i, e in enumerate(seen.elements)
        if e.ref and e.role != "option" and (e.role in INTERACTIVE or e.clickable)
        if e.role != "generic" or e.name or e.value
    ]
