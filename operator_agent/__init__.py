"""Say it, see it done, proved step by step.

    async with Operator("https://shop.example", approve=["pay"]) as op:
        result = await op.run("order a large oat latte")

Importing this package is cheap: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from operator_agent.version import __version__

if TYPE_CHECKING:
    from operator_agent.errors import OperatorError, StepFailed
    from operator_agent.flow.command import Command
    from operator_agent.flow.grant import Limits
    from operator_agent.flow.observation import Observation
    from operator_agent.flow.plan import Plan, Step
    from operator_agent.flow.record import Record, Result
    from operator_agent.flow.verdict import Verdict
    from operator_agent.run import Operator

__all__ = [
    "Command", "Limits", "Observation", "Operator", "OperatorError", "Plan", "Record", "Result", "Step", "StepFailed", "Verdict",
    "__version__",
]  # fmt: skip

_HOME = {
    "Command": "flow.command", "Limits": "flow.grant", "Observation": "flow.observation", "Operator": "run",
    "OperatorError": "errors", "Plan": "flow.plan", "Record": "flow.record", "Result": "flow.record", "Step": "flow.plan",
    "StepFailed": "errors", "Verdict": "flow.verdict",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
