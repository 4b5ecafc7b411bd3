"""The one file format: plans, skills, and what a recording keeps. `docs/script-format.md` is its reference.

Each name is loaded when it is first used: a run that is under way needs little of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from operator_agent.script.checks import check_text, format_check, parse_check, parse_checks
    from operator_agent.script.file import dump_plan, load_plan, load_script, update_step
    from operator_agent.script.inputs import BadInput, MissingInput
    from operator_agent.script.placeholder import literal
    from operator_agent.script.steps import format_step, parse_step

__all__ = [
    "BadInput",
    "MissingInput",
    "check_text",
    "dump_plan",
    "format_check",
    "format_step",
    "literal",
    "load_plan",
    "load_script",
    "parse_check",
    "parse_checks",
    "parse_step",
    "update_step",
]

_HOME = {
    "BadInput": "inputs", "MissingInput": "inputs", "check_text": "checks", "dump_plan": "file", "format_check": "checks",
    "format_step": "steps", "literal": "placeholder", "load_plan": "file", "load_script": "file", "parse_check": "checks",
    "parse_checks": "checks", "parse_step": "steps", "update_step": "file",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
