"""operator-agent as an agent of a MiniWoB++ harness: the page and the goal in words, nothing else, and no model.

The verdict is the run's own: `success` when it passed, or did all it was asked with every act's own effect proved, and the words
named nothing that would prove the whole; else the run said that it is not sure, and why is in `info`.
"""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from operator_agent import Limits, Operator
from operator_agent.outcome import NOTHING_NAMED

LIMITS = Limits(steps=80, seconds=50)


async def agent(page: Page, utterance: str) -> dict[str, Any]:
    # Any origin: with nothing to refuse, nothing is put into the page's context.
    given = Operator(page=page, planners=("words",), record=False, learning=False, limits=LIMITS, approve=RISKS, allow=["*"])
    async with given as op:
        result = await op.run(utterance)
    return {
        "steps": len(result.steps),
        "verdict": "success" if result.passed or result.reason == NOTHING_NAMED else "failure",
        "info": {"outcome": result.outcome, "reason": result.reason[:300]},
    }


RISKS = ("send", "pay", "delete", "publish", "grant")
"""What a benchmark's page asks for is play: nothing it sends leaves the page."""
