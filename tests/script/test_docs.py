"""Every example in docs/script-format.md is read by the reader, and its tables name all there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from operator_agent.flow.action import MAIN, OTHERS
from operator_agent.flow.skill import InputSpec
from operator_agent.flow.target import Target
from operator_agent.script import load_script, parse_check
from operator_agent.script.checks import PARSERS
from operator_agent.script.file import KEYS
from operator_agent.script.source import read_yaml
from operator_agent.script.steps import COMMON
from operator_agent.skills import MissingInput, check_skill, fill

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "script-format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> list[str]:
    """What stands in backquotes in the first column of the section's table."""
    rows = re.findall(r"^\| (`.*?) \|", section(title), re.MULTILINE)
    return [written for row in rows for written in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.partition("\n")[0])
def test_every_file_in_it_loads(text: str) -> None:
    skill = load_script(text)
    assert check_skill(skill) == []
    schema = json.loads((DOCS / "script.schema.json").read_text(encoding="utf-8"))
    assert Draft202012Validator(schema).is_valid(read_yaml(text)[0])


@pytest.mark.parametrize("written", [written for written in first_column("Checks") if "…" not in written])
def test_every_check_in_it_is_one(written: str) -> None:
    assert parse_check(written) == parse_check(read_yaml(written)[0])


def test_the_tables_name_everything() -> None:
    assert {written.partition(":")[0] for written in first_column("Checks")} >= PARSERS.keys() - {"element"}
    assert set(first_column("The file")) >= set(KEYS)
    assert {written.partition(":")[0] for written in first_column("Inputs")} >= InputSpec.model_fields.keys()
    assert {written.partition(":")[0] for written in first_column("Steps")} == {*COMMON, "when", "unless"}
    steps = read_yaml(next(text for text in EXAMPLES if text.startswith("plan: every verb")))[0]["steps"]
    keys = {key for step in steps for key in (step if isinstance(step, dict) else [step])}
    assert keys >= MAIN.keys()
    assert keys | {"in", "files"} >= {key for beside in OTHERS.values() for key in beside}


@pytest.mark.parametrize("written", [written.strip("'") for written in first_column("Elements")])
def test_every_element_in_it_is_read_as_said(written: str) -> None:
    target = Target.parse(written)
    assert bool(target.words) == written.startswith("the green")
    assert str(target) == written


def test_the_python_in_it_asks_what_it_says() -> None:
    skill = load_script(next(text for text in EXAMPLES if text.startswith("skill: order drinks")))
    with pytest.raises(MissingInput) as caught:
        fill(skill, {"items": [{"quantity": 2}]}, start="http://127.0.0.1:8000")
    assert f"# {caught.value.question} {caught.value.options}" in PAGE
