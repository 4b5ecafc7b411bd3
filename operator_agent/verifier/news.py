"""What is new on a page, and what on it comes nearest to what was looked for: the words a reason needs to help."""

from __future__ import annotations

from collections.abc import Iterator

from operator_agent.flow.check import Check, ElementCheck, TextCheck
from operator_agent.flow.observation import Observation
from operator_agent.matching import FIELDS
from operator_agent.verifier.checks import answer, leaves, path_of
from operator_agent.written import normal

_LOUD = ("alert", "alertdialog", "status", "log")
_PLAIN = ("heading", "paragraph", "text", "strong", "emphasis", "generic", "definition", "listitem", "cell", "dialog")
_LONGEST = 140


def news(before: Observation, after: Observation, most: int = 2) -> list[str]:
    """The lines that appeared, at most `most`: alerts and statuses first, then other text, the shortest first."""
    known = {normal(line) for line in before.text.splitlines()} | {normal(text) for _, text in _texts(before)}
    fresh: dict[str, tuple[int, int, str]] = {}
    for rank, text in _texts(after):
        key = normal(text)
        if key not in known and any(map(str.isalnum, key)) and len(text) <= _LONGEST:
            fresh[key] = min(fresh.get(key, (rank, len(text), text)), (rank, len(text), text))
    ordered = sorted(fresh.values())
    picked: list[str] = []
    for _, _, text in ordered:
        if len(picked) < most and not any(normal(text) in normal(other) or normal(other) in normal(text) for other in picked):
            picked.append(text)
    return picked


def _texts(observation: Observation) -> Iterator[tuple[int, str]]:
    """(rank, text) of what the page tells: what is loud with all its text, plain text by its own; fields and controls not."""
    for index, element in enumerate(observation.elements):
        if element.role in _LOUD:
            text = observation.text_of(index)
            if text:
                yield 0, " ".join(text.split())
        elif element.role in _PLAIN and (element.name or element.value):
            yield 1, " ".join((element.value or element.name).split())


def differences(before: Observation, after: Observation, since: float) -> list[str]:
    """Everything that is different since an act, in a few words each; empty when nothing is."""
    found: list[str] = []
    if after.dialog and after.dialog != before.dialog:
        found.append(f'a dialog opened: "{after.dialog.text}"')
    if after.url != before.url:
        found.append(f"the address is now {after.url}")
    opened = [tab.title or tab.url for tab in after.tabs if tab.url not in {old.url for old in before.tabs}]
    found += [f'a tab opened: "{title}"' for title in opened if len(after.tabs) > len(before.tabs)]
    if len(after.tabs) < len(before.tabs):
        found.append("a tab closed")
    sent = [one for one in after.exchanges if one.started >= since]
    found += [f"{one.method} {path_of(one.url)} {answer(one)}" for one in sent[:3]]
    if lines := news(before, after):
        found.append("the page now says: " + ", ".join(f'"{line}"' for line in lines))
    elif after.tree != before.tree:
        found.append("the page changed")
    return found


def nearest(check: Check, observation: Observation) -> str:
    """The element or line that comes closest to what the check looked for, or "" when nothing is near."""
    leaf = next(iter(leaves(check)), check)
    if isinstance(leaf, ElementCheck) and leaf.target.name:
        return _nearest_element(leaf, observation)
    if isinstance(leaf, TextCheck):
        lines = dict.fromkeys(line for line in observation.text.splitlines() if len(line) <= _LONGEST)
        at = _closest(leaf.text, list(lines))
        return f'"{list(lines)[at]}"' if at is not None else ""
    return ""


def _nearest_element(check: ElementCheck, observation: Observation) -> str:
    role = check.target.role
    same_role = [e for e in observation.elements if e.name and (not role or e.role == role)]
    # Of the right role anything near will do, and the only one of its role is near whatever it is called: it may be renamed.
    at = 0 if role and len(same_role) == 1 else _closest(check.target.name, [element.name for element in same_role], cutoff=35.0)
    if at is not None:
        return str(same_role[at])
    others = [e for e in observation.elements if e.name and e.role not in FIELDS]
    at = _closest(check.target.name, [element.name for element in others], cutoff=80.0)
    return str(others[at]) if at is not None else ""


def _closest(wanted: str, candidates: list[str], cutoff: float = 50.0) -> int | None:
    from rapidfuzz import fuzz, process

    best = process.extractOne(wanted, candidates, scorer=fuzz.WRatio, processor=normal, score_cutoff=cutoff)
    return best[2] if best else None
