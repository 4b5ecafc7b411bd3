"""Planners in order of cost, of the tiers that may plan: skills, plain words, a model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from operator_agent.flow.skill import Skill
from operator_agent.planner.ladder import Ladder
from operator_agent.planner.skill import SkillPlanner
from operator_agent.planner.words import WordsPlanner
from operator_agent.roles import Planner


def tiered(
    tiers: Collection[str], skills: Iterable[Skill], model: Planner | None, *,
    start: str = "", named: str = "", inputs: Mapping[str, str] | None = None,
) -> Planner:  # fmt: skip
    """The planner of these `tiers` (`skill`, `words`, `model`); of a skill that is `named`, that skill alone."""
    by_skill = SkillPlanner(skills, start=start, named=named, inputs=inputs)
    if named:
        return by_skill
    cheap: list[tuple[str, Planner]] = [("skill", by_skill), ("words", WordsPlanner())]
    return Ladder(*(planner for tier, planner in cheap if tier in tiers), resort=model if "model" in tiers else None)
