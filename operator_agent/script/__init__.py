"""The one file format: plans, skills, and what a recording keeps. `docs/script-format.md` is its reference."""

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
