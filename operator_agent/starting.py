"""The first record of a run: what it begins with, so that it can be done again under the same conditions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from operator_agent.flow.command import Command
from operator_agent.flow.record import Conditions, Started
from operator_agent.surfaces.browser.launch import VIEWPORT
from operator_agent.version import versions

if TYPE_CHECKING:
    from operator_agent.run import Operator


def started(
    operator: Operator, command: Command, run: str, seed: int | None, skill: str, inputs: Mapping[str, str] | None, *, given: bool,
    browser: str = "",
) -> Started:  # fmt: skip
    """`run` is the run folder's name; `seed` is that of a browser of ours, None on a lent page; `given`: it has its plan;
    `browser`: its name and version, "" when that is not known."""
    assert operator.settings and operator.limits
    points = operator.course.points if operator.course else "" if operator.model else operator.settings.model_points
    own, now = seed is not None, time.time()
    conditions = Conditions(
        start=operator.start, skill=skill, inputs=dict(inputs or {}), given=given, allow=tuple(operator.allow),
        limits=operator.limits, viewport=VIEWPORT if own else None, pictures=operator.pictures is True, lent=not own, seed=seed,
        clock=now * 1000, points=points,
    )  # fmt: skip
    when = datetime.fromtimestamp(now).astimezone().isoformat(timespec="seconds")
    used = {**versions(), **({"browser": browser} if browser else {})}
    return Started(run=run, command=command, grant=operator.grant, when=when, versions=used, conditions=conditions)
