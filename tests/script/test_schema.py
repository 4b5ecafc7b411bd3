"""The schema in docs is the one the reader's tables give, and it takes every file the reader takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from operator_agent.script.schema import schema, text
from operator_agent.script.source import read_yaml

ROOT = Path(__file__).parents[2]
GOOD = [*sorted((ROOT / "skills").glob("*.yaml")), *sorted((ROOT / "tests/scripts/good").glob("*.yaml"))]


def test_the_schema_in_docs_is_current() -> None:
    stored = (ROOT / "docs/script.schema.json").read_text(encoding="utf-8")
    assert stored == text(), "run: python -m operator_agent.script schema > docs/script.schema.json"


def test_the_command_prints_it() -> None:
    command = [sys.executable, "-m", "operator_agent.script", "schema"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    assert json.loads(done.stdout) == schema()
    assert subprocess.run(command[:3], capture_output=True, check=False, cwd=ROOT).returncode == 1


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_it_takes_what_the_reader_takes(path: Path) -> None:
    data, _ = read_yaml(path.read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(data)] == []
