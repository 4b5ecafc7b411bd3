"""`operator-agent skills`: those that were written and those that were learned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.errors import UsageError

if TYPE_CHECKING:
    from operator_agent.learning.shelf import Candidate, Shelf


def listed(sources: Sequence[Path], *, as_json: bool) -> str:
    """Every skill with a way to ask for it; a learned one with its site and what became of it."""
    from operator_agent.skills import find_skills

    found, learned = find_skills(sources), _shelf().all()
    if as_json:
        written = [{"name": one.name, "says": one.says, "inputs": list(one.inputs), "file": one.file} for one in found]
        return json.dumps({"skills": written, "learned": [_told(one) for one in learned]}, indent=2, ensure_ascii=False)
    lines = [f"{one.name}\n    {one.says[0] if one.says else ''}" for one in found]
    if learned:
        lines.append("\nlearned, each for its own site:")
    lines += [f"{one.file.stem}  ({one.counts.origin})\n    {one.skill.says[0]}\n    {_became(one)}" for one in learned]
    return "\n".join(lines)


def shown(sources: Sequence[Path], name: str) -> str:
    """The file of a skill, written or learned. Raises UsageError when there is none of that name."""
    from operator_agent.skills import find_skills, named_skill

    learned = [one.file for one in _shelf().all()]
    return Path(named_skill(find_skills([*sources, *learned]), name).file).read_text(encoding="utf-8").rstrip("\n")


def forgotten(name: str) -> str:
    """Takes learned skills of that name off the shelf; says which. Raises UsageError when there is none."""
    shelf = _shelf()
    known = shelf.all()
    wanted = [one for one in known if name.casefold() in (one.file.stem.casefold(), one.skill.name.casefold())]
    if not wanted:
        there = ", ".join(one.file.stem for one in known) or "none"
        raise UsageError(f"nothing called {name!r} was learned; learned are {there}")
    for one in wanted:
        shelf.forget(one)
    return "\n".join(f"forgotten: {one.file.stem} ({one.counts.origin})" for one in wanted)


def _shelf() -> Shelf:
    from operator_agent.learning.lessons import Lessons
    from operator_agent.settings import Settings

    return Lessons(Settings.from_env().state_dir).shelf


def _told(one: Candidate) -> dict[str, object]:
    counts = one.counts
    return {
        "name": one.skill.name, "says": one.skill.says, "inputs": list(one.skill.inputs), "file": str(one.file),
        "origin": counts.origin, "version": counts.version, "runs": counts.runs, "passed": counts.passed,
        "healed": counts.healed, "used": not counts.tired,
    }  # fmt: skip


def _became(one: Candidate) -> str:
    counts = one.counts
    runs = f"{counts.passed} of {counts.runs} runs passed" if counts.runs else "not used yet"
    healed = f", {counts.healed} step{'s' * (counts.healed != 1)} healed" if counts.healed else ""
    tired = f"; left alone after {counts.failed_in_a_row} failures in a row" if counts.tired else ""
    return f"version {counts.version}, {runs}{healed}{tired}"
