"""A form handed in twice: first so that it complains, then with what is to be given instead."""

from __future__ import annotations

import re

from operator_agent.flow.plan import Refusal
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.account import account, key_of
from operator_agent.planner.crafts.wholes.pieces import pieces
from operator_agent.planner.crafts.wholes.whole import Whole, state_of


class Attempts:
    name = "attempts"
    spans = True
    whole = True

    def hears(self, words: str) -> bool:
        return False  # only where the words are not understood otherwise

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        parts = _parts(asked.words) if len(asked.words) < 1000 else None
        if parts is None:
            return None
        state = state_of(asked.memory, asked.page, {"second": False, "habits": {}})
        part = parts[state["second"]]
        # What a kind of value was for in the first attempt it is for in the second.
        found = Whole().propose(Asked(part, asked.page, {"habits": state["habits"]}, asked.kept))
        if not isinstance(found, Proposal) or found.again:
            if state["second"]:
                return Refusal(reason=f'Did not understand: "{part}".')
            asked.memory.clear()
            return None
        if state["second"]:
            return found._replace(end=len(asked.words))
        asked.memory["next"] = {"second": True, "habits": _habits(part, asked.page)}
        return found._replace(end=0, again=True)


def _habits(part: str, page: Page) -> dict[str, str]:
    links = account(pieces(part), frozenset(), frozenset(), page).links
    return {link.value.kind: key_of(link.control) for link in links if link.value.control < 0}


def _parts(words: str) -> tuple[str, str] | None:
    """What is said of the first attempt and of the second."""
    ways = "|".join(re.escape(way) for way in sorted(known("whole", "complains"), key=len, reverse=True))
    found = [*re.finditer(rf"(?<!\w)(?:{ways})(?!\w)", words, re.IGNORECASE)]
    if not found:
        return None
    first = words[: found[0].start()]
    second = words[found[0].end() :]
    for marker in known("whole", "attempts"):
        first = re.sub(rf"(?<!\w){re.escape(marker)}(?!\w)\s*:?", " ", first, flags=re.IGNORECASE)
        second = re.sub(rf"(?<!\w){re.escape(marker)}(?!\w)\s*:?", " ", second, flags=re.IGNORECASE)
    second = re.sub(rf"(?<!\w)(?:{ways})(?!\w)", " ", second, flags=re.IGNORECASE)
    first, second = first.strip(" ,;:."), second.strip(" ,;:.")
    return (first, second) if first and second else None
