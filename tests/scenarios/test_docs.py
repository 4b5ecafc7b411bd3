"""Every example in docs/scenarios.md is read by the reader, and its tables name all there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from operator_agent.scenarios.entries import PARSERS
from operator_agent.scenarios.falsify import falsified
from operator_agent.scenarios.file import FIXTURES, OUTCOMES, load_scenarios
from operator_agent.scenarios.trial import Ruling
from operator_agent.script.file import SCENARIO_KEYS
from operator_agent.script.source import read_yaml

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES = [text for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE) if text.startswith("scenario:")]


def first_column(title: str) -> str:
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^\| (.*?) \|", section, re.MULTILINE))


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.partition("\n")[0])
def test_every_example_loads(text: str, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "shop.yaml").write_text('fixtures: {shop: {app: demo-shop}}\nstart: "{shop}"\n', encoding="utf-8")
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    for scenario in load_scenarios(tmp_path / "s.yaml"):
        assert falsified(scenario)
    schema = json.loads((DOCS / "script.schema.json").read_text(encoding="utf-8"))
    assert Draft202012Validator(schema).is_valid(read_yaml(text)[0])


def test_the_tables_name_everything() -> None:
    assert len(EXAMPLES) >= 4
    assert set(re.findall(r"`(\w+)`", first_column("The file"))) == set(SCENARIO_KEYS)
    assert set(re.findall(r"\{(\w+): ", first_column("Fixtures"))) == set(FIXTURES)
    assert set(re.findall(r"`(\w+)`", first_column("Outcome"))) == set(get_args(Ruling))
    assert all(f"`{outcome}`" in PAGE for outcome in OUTCOMES)
    shown = next(text for text in EXAMPLES if "every kind" in text)
    assert all(f"- {kind}: " in shown for kind in PARSERS)
    assert all(key in shown or f"`{key}`" in PAGE for beside, _ in PARSERS.values() for key in beside)
