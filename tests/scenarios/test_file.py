"""Scenario files are read whole: rows, parts, places in values, and every mistake told with its file and line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from operator_agent.errors import ScriptError
from operator_agent.flow.grant import Limits
from operator_agent.scenarios.entries import PARSERS, FileEntry, HttpEntry, SqlEntry
from operator_agent.scenarios.file import FIXTURES, load_scenarios
from operator_agent.scenarios.named import is_scenario
from operator_agent.script import load_script
from operator_agent.script.fill import fill_step
from operator_agent.script.schema import _FIXTURES, _PROOFS, schema
from operator_agent.script.source import read_yaml

WHOLE = """\
scenario: order a {size} {drink}
tags: [shop, journey]
fixtures:
  shop: {app: demo-shop, args: [--fault, slow-3s], seconds: 60 s}
  pages: {serve: pages}
start: "{shop}"
allow: ["{pages.other}"]
command: order {quantity} {size} {drink} for Ada
inputs:
  quantity: {type: integer, default: 1}
approve: [pay]
answers: {"Which size?": "{size}"}
secrets: {card: "{shop}"}
solution:
  - click: button "Add {drink}"
    expect:
      - count: {listitem "Line": "{quantity}"}
  - read: cell "Total"
    into: total
done:
  - heading "Thank you"
  - text: "{total}"
proof:
  - sql: select drink, size from orders where total = '{total}'
    in: "{shop.db}"
    rows: [[latte, "{size}"]]
    any order: true
  - http: GET {shop}api/orders
    json: {count: 1}
    within: 5 s
  - file: "{downloads}/invoice*.pdf"
outcome: passed
rows:
  - {size: large, drink: latte, quantity: 2}
  - {size: small, drink: flat white, quantity: 1}
limits: {steps: 30, seconds: 60}
"""


TOP = "scenario: s\nstart: http://a.example/\n"


def written(tmp_path: Path, text: str, name: str = "order.yaml") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_file_gives_a_scenario_for_each_row(tmp_path: Path) -> None:
    large, small = load_scenarios(written(tmp_path, WHOLE))
    assert (large.id, small.id) == ("order[large-latte-2]", "order[small-flat-white-1]")
    assert (large.name, small.name) == ("order a large latte", "order a small flat white")
    assert (large.tags, large.approve, large.limits) == (("shop", "journey"), ("pay",), Limits(steps=30, seconds=60))
    assert [(one.name, one.kind, one.what, one.args, one.seconds) for one in large.fixtures] == [
        ("shop", "app", "demo-shop", ("--fault", "slow-3s"), 60.0), ("pages", "serve", "pages", (), 30.0),
    ]  # fmt: skip
    sql, http, file = large.proof
    assert isinstance(sql, SqlEntry) and isinstance(http, HttpEntry) and isinstance(file, FileEntry)
    assert (sql.rows, sql.any_order, http.within, http.status, file.absent) == ((("latte", "{size}"),), True, 5.0, None, False)
    assert (str(sql.where), sql.folder) == (f"{tmp_path}/order.yaml:24", tmp_path)


def test_the_solution_is_a_plan_with_the_fixtures_values(tmp_path: Path) -> None:
    large, _ = load_scenarios(written(tmp_path, WHOLE))
    given = {"shop": "http://127.0.0.1:7/", "shop.db": "/shop", "pages": "http://127.0.0.1:8/", "pages.other": "http://localhost:8/"}
    plan = large.plan(given)
    assert (plan.goal, plan.start, plan.allow) == ("order a large latte", "http://127.0.0.1:7/", ("http://localhost:8/",))
    assert [step.title for step in plan.steps] == ['click button "Add latte"', 'read cell "Total" into total']
    assert plan.steps[0].expect[0].count == 2, "a column of that name is the input's value"  # type: ignore[union-attr]
    assert (len(plan.done), plan.inputs["quantity"], plan.origin) == (2, 2, f"{tmp_path}/order.yaml:1")
    assert large.filled(large.command, large.values(given)) == "order 2 large latte for Ada"


def test_what_a_value_brings_in_stays_text(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'scenario: s\nstart: http://x.example/\nsolution: [{click: \'button "Add {what}"\'}]\nrows:\n'
        '  - {what: \'x" in row "y\'}\n  - {what: "{{shop}}"}\n',
    )
    quoted, braces = load_scenarios(path)
    assert quoted.plan().steps[0].action.target.name == 'Add x" in row "y'  # type: ignore[union-attr]
    assert [one.id for one in (quoted, braces)] == ["order[x-in-row-y]", "order[shop]"]
    assert fill_step(braces.plan().steps[0], {"shop": "no"}).action.target.name == "Add {{shop}}"  # type: ignore[union-attr]


def test_a_row_may_hold_what_an_input_takes(tmp_path: Path) -> None:
    text = (
        TOP + "inputs: {items: {each: {drink: , n: {type: integer, default: 1}}}}\n"
        "solution:\n  - for each: items\n    steps:\n      - click: button \"{drink} {n}\"\n"
        "rows:\n  - {items: [{drink: tea}, {drink: milk, n: 2}]}\n  - {items: [{drink: tea}]}\n"
    )  # fmt: skip
    two, one = load_scenarios(written(tmp_path, text))
    assert [step.title for step in two.plan().steps] == ['click button "tea 1"', 'click button "milk 2"']
    assert (two.id, one.id, two.name) == ("order[1]", "order[2]", "s (1)")


def test_parts_are_taken_where_the_file_is_silent_and_their_paths_are_their_own(tmp_path: Path) -> None:
    base = "tags: base\nfixtures:\n  db: {sqlite: seed.sql}\nstart: http://a.example/\nlimits: {steps: 5}\n"
    shop = "include: base.yaml\ntags: shop\nfixtures:\n  pages: {serve: ../pages}\nlimits: {steps: 7}\n"
    written(tmp_path, base, "parts/base.yaml")
    written(tmp_path, shop, "parts/shop.yaml")
    own = "scenario: s\ninclude: [parts/shop.yaml]\ntags: mine\nfixtures:\n  db: {sqlite: own.sql}\ndone: heading /ok/\n"
    (scenario,) = load_scenarios(written(tmp_path, own))
    assert scenario.tags == ("base", "shop", "mine")
    assert [(one.name, one.what, one.folder) for one in scenario.fixtures] == [
        ("db", "own.sql", tmp_path), ("pages", "../pages", tmp_path / "parts"),
    ]  # fmt: skip
    assert (scenario.start, scenario.limits.steps) == ("http://a.example/", 7)
    assert str(scenario.at("start")) == f"{tmp_path}/parts/base.yaml:4"


def test_a_circle_of_parts_is_refused_where_it_closes(tmp_path: Path) -> None:
    written(tmp_path, "tags: a\ninclude: b.yaml\n", "a.yaml")
    written(tmp_path, "include:\n  - a.yaml\n", "b.yaml")
    with pytest.raises(ScriptError) as caught:
        load_scenarios(written(tmp_path, "scenario: s\ninclude: a.yaml\nstart: http://a.example/\n"))
    assert str(caught.value) == f"{tmp_path}/b.yaml:2: the files include each other: order.yaml → a.yaml → b.yaml → a.yaml"


BAD = [
    ("", 1, "the file is empty"),
    ("- a\n", 1, "expected keys as `scenario:`"),
    ("scenario: s\n", 1, "has no `start:`"),
    (TOP + "steps: []\n", 3, "a scenario has no key 'steps'"),
    (TOP + "solution:\n  - clik: x\n", 4, "there is no verb 'clik' (did you mean 'click'?)"),
    (TOP + "done: it is there\n", 3, "is not a check"),
    ('scenario: s\nstart: "{shop}"\n', 2, "nothing gives {shop}"),
    ('scenario: s\nfixtures: {shop: {app: demo-shop}}\nstart: "{shap}"\n', 3, "did you mean 'shop'?"),
    ('scenario: s\nfixtures: {p: {serve: p}}\nstart: "{p.db}"\n', 3, "nothing gives {p.db}"),
    (TOP + "fixtures:\n  shop: {ap: demo-shop}\n", 4, "a fixture has exactly one of app, serve"),
    (TOP + "fixtures:\n  here: {serve: p}\n", 4, "'here' has a meaning of its own"),
    ('scenario: s\nfixtures:\n  a: {serve: "{b}"}\n  b: {serve: p}\nstart: "{a}"\n', 3, "nothing gives {b}"),
    (TOP + "fixtures:\n  shop: {app: demo-shop, seconds: soon}\n", 4, "expected a time as `5 s`"),
    (TOP + "proof:\n  - sql: select 1\n    rows: []\n", 4, "a proof by sql needs `in`"),
    (TOP + "proof:\n  - sql: select 1\n    in: a\n    rows: [[[1]]]\n", 6, "a cell is a text"),
    (TOP + "proof:\n  - http: POST http://a.example/\n", 4, "a proof only reads"),
    (TOP + "proof: {http: http://a.example/, status: 20}\n", 3, "expected a status as 200"),
    (TOP + "proof: []\n", 3, "the proof is empty"),
    (TOP + "proof: {file: a, contains: ''}\n", 3, "'contains' is empty"),
    (TOP + "proof: {file: a, contains: b, absent: true}\n", 3, "a file that is absent holds nothing"),
    (TOP + "proof: {file: a, sql: b}\n", 3, "exactly one of sql, http, file, command"),
    (TOP + "proof: {command: rm -rf x}\n", 3, "no shell reads this"),
    ('scenario: s\nstart: http://a.example/\nproof: {file: "{gone}"}\n', 3, "nothing gives {gone}"),
    (TOP + "outcome: fine\n", 3, "there is no outcome 'fine'"),
    (TOP + "approve: [all]\n", 3, "there is no risk class 'all'"),
    (TOP + "limits: {steps: 0}\n", 3, "must be above 0"),
    (TOP + "rows: []\n", 3, "the table is empty"),
    (TOP + "rows:\n  - {a: 1}\n  - {b: 1}\n", 5, "every row has the same columns"),
    (TOP + "rows:\n  - {a: }\n", 4, "a cell is a text"),
    ("scenario: s {b}\nstart: http://a.example/\nrows:\n  - {a: 1}\n", 1, "the name takes values of the row alone"),
    (TOP + "include: no.yaml\n", 3, "there is no file"),
    (TOP + "skills: no.yaml\n", 3, "there is no skill file"),
    (TOP + "inputs: {n: {type: integer}}\nrows:\n  - {n: many}\n", 5, "'many' is not a whole number"),
]


@pytest.mark.parametrize(("text", "line", "cause"), BAD, ids=[cause for _, _, cause in BAD])
def test_a_wrong_file_is_refused_with_its_line(text: str, line: int, cause: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ScriptError, match=re.escape(cause)) as caught:
        load_scenarios(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert "\n" not in str(caught.value)


def test_several_mistakes_are_told_together(tmp_path: Path) -> None:
    path = written(tmp_path, "scenario: s\nstart: http://a.example/\noutcome: fine\napprove: all\n")
    with pytest.raises(ScriptError) as caught:
        load_scenarios(path)
    assert [line.split(": ")[0] for line in str(caught.value).split("\n")] == [f"{path}:4", f"{path}:3"]


def test_a_scenario_is_told_from_other_files(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    assert is_scenario(path)
    assert not is_scenario(written(tmp_path, "plan: p\nsteps: [back]  # no scenario:\n", "plan.yaml"))
    assert not is_scenario(tmp_path / "none.yaml")
    with pytest.raises(ScriptError, match="this is a scenario"):
        load_script(path)


def test_the_schema_takes_it_and_knows_the_same_keys() -> None:
    validator = Draft202012Validator(schema())
    data, _ = read_yaml(WHOLE)
    assert [error.message for error in validator.iter_errors(data)] == []
    assert {kind: tuple(beside) for kind, beside in _FIXTURES.items()} == FIXTURES
    assert {kind: tuple(beside) for kind, beside in _PROOFS.items()} == {kind: beside for kind, (beside, _) in PARSERS.items()}
    refused = json.loads(json.dumps(data)) | {"proof": [{"sql": "select 1"}]}
    assert not validator.is_valid(refused)
    assert not validator.is_valid({"scenario": "s", "steps": []})
