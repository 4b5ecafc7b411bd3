"""What a person may have meant, when nothing matched: for messages only, never acted on."""

from __future__ import annotations

from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.naming import describe
from operator_agent.grounding.page import Page
from operator_agent.matching import folded

_LIKE = 45
_SAME_ROLE = 12


def nearest(target: Target, page: Page, count: int = 3) -> tuple[str, ...]:
    """At most `count` elements most like what was looked for, the most alike first, as a person would call them."""
    from rapidfuzz import fuzz  # only a message needs it

    wanted = folded(target.words or ("" if is_regex(target.name) else target.name))
    scored = []
    for index, element in enumerate(page.elements):
        label = page.labels[index] or folded(element.placeholder)
        score = fuzz.WRatio(wanted, label) if wanted and label else 0.0
        if element.role == target.role:
            score += _SAME_ROLE if wanted else _LIKE
        elif element.role not in INTERACTIVE and not element.clickable:
            score -= _SAME_ROLE
        if score >= _LIKE:
            scored.append((-score, index))
    names = dict.fromkeys(describe(index, page) for _, index in sorted(scored))
    return tuple(names)[:count]
