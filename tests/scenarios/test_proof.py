"""The second witness: what each kind of entry says when it holds, when it does not, and that a falsified one never holds."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from operator_agent.errors import SetupError
from operator_agent.scenarios.falsify import falsified, wrong_entries
from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.proof import Witnessed, difference, read_proof, same_value
from operator_agent.scenarios.scenario import Scenario
from operator_agent.settings import Settings
from tests.site import Given, Request, Site, serving

SETTINGS = Settings(search_path="/usr/bin:/bin")
ORDERS = '{"count": 2, "orders": [{"drink": "latte", "price": 4.5}, {"drink": "tea", "gift": true, "note": null}]}'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    def answer(request: Request) -> str | Given:
        if request.page == "/orders":
            return Given(ORDERS) if request.method == "GET" else Given("", "405 Method Not Allowed")
        return Given("gone", "410 Gone") if request.page == "/gone" else "<h1>Home</h1>"

    async with serving(answer) as opened:
        yield opened


@pytest.fixture
def values(tmp_path: Path, site: Site) -> dict[str, Any]:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.executescript(
            "create table t (name, n, price, note);"
            "insert into t values ('latte', 2, 4.5, null), ('007', 1, 10.0, x'6869');"
        )
    (tmp_path / "invoice 7.txt").write_text("Total: € 9.00\nfor Ada\n", encoding="utf-8")
    return {"shop": site.url, "db": str(tmp_path / "shop.db"), "downloads": str(tmp_path)}


def scenario(tmp_path: Path, proof: str) -> Scenario:
    path = tmp_path / "s.yaml"
    fixtures = "fixtures: {shop: {app: demo-shop}, db: {sqlite: a}}\nrows: [{drink: latte, sum: '9.00', any: '.'}]\n"
    path.write_text(f"scenario: s\nstart: http://a.example/\n{fixtures}proof:\n  - {proof}\n", encoding="utf-8")
    return load_scenarios(path)[0]


async def witnessed(wanted: Scenario, values: dict[str, Any], **means: Any) -> Witnessed:
    (said,) = await read_proof(wanted, values, settings=SETTINGS, **means)
    return said


HOLDS = [
    'sql: select name, n from t order by n desc\n    in: "{db}"\n    rows: [[latte, 2], ["007", 1]]',
    'sql: select name, n from t\n    in: "{db}"\n    rows: [["007", "1"], ["{drink}", 2]]\n    any order: true',
    'sql: select price, note from t order by n\n    in: "{db}"\n    rows: [["10.00", hi], [4.50, null]]',
    'sql: select name from t where n = 2\n    in: shop.db\n    rows: ["{drink}"]',
    'sql: select * from t where n > 5\n    in: "{db}"\n    rows: []',
    "http: \"{shop}orders\"\n    json: {count: 2, orders: [{drink: '{drink}', price: '4.50'}, {gift: true, note: }]}",
    'http: GET {shop}orders\n    contains: \'"drink": "latte"\'\n    status: 200',
    'http: GET {shop}gone\n    status: 410\n    contains: gone',
    "http: HEAD {shop}orders\n    status: 405",
    'http: "{shop}"',
    'file: "{downloads}/invoice*.txt"\n    contains: "€ {sum}"',
    'file: "{downloads}/invoice 7.txt"\n    contains: /€ {sum}\\nfor A.a/',
    'file: invoice 7.txt\n    equals: "Total: € 9.00\\nfor Ada"',
    'file: "{downloads}/none*.txt"\n    absent: true',
    'command: [cat, "invoice 7.txt"]\n    contains: for Ada',
    "command: [sh, -c, 'exit 3']\n    code: 3",
]  # fmt: skip


@pytest.mark.asyncio(loop_scope="module")
class TestProof:
    @pytest.mark.parametrize("proof", HOLDS)
    async def test_it_holds_and_falsified_it_does_not(self, proof: str, tmp_path: Path, values: dict[str, Any]) -> None:
        wanted = scenario(tmp_path, proof)
        said = await witnessed(wanted, values, commands=("cat", "sh"))
        assert said.ok, said.text
        assert said.where == f"{tmp_path}/s.yaml:6"
        wrong = falsified(wanted)
        assert wrong
        for one in wrong:
            lied = await witnessed(one, values, commands=("cat", "sh"))
            assert not lied.ok, lied.text

    @pytest.mark.parametrize(
        ("proof", "told"),
        [
            ('sql: select name from t\n    in: "{db}"\n    rows: [[latte]]', 'gave [["latte"], ["007"]], not [["latte"]]'),
            ('sql: select name from t where n = 1\n    in: "{db}"\n    rows: [[7]]', 'gave [["007"]], not [[7]]'),
            ('sql: select nome from t\n    in: "{db}"\n    rows: []', "shop.db could not be asked: no such column: nome"),
            ('sql: delete from t\n    in: "{db}"\n    rows: []', "attempt to write a readonly database"),
            ("sql: attach '{downloads}/new.db' as other\n    in: \"{db}\"\n    rows: []", "not authorized"),
            ('sql: select 1\n    in: "{downloads}/none.db"\n    rows: [[1]]', "none.db could not be asked: unable to open"),
            ('http: "{shop}orders"\n    json: {orders: [{drink: latte}]}', "orders is [{"),
            ('http: "{shop}orders"\n    json: {orders: [{price: 4.6}, {}]}', "orders[0].price is 4.5, not 4.6"),
            ('http: "{shop}orders"\n    json: {sum: 1}', "the answer has no 'sum'"),
            ('http: "{shop}orders"\n    json: {count: }', "count is 2, not null"),
            ('http: "{shop}"\n    json: {count: 1}', "answered 200 with what is no JSON: <h1>Home</h1>"),
            ('http: "{shop}gone"', "answered 410, not 2xx"),
            ('http: "{shop}"\n    contains: Away', "answered 200, but Away is not in it: <h1>Home</h1>"),
            ("http: http://127.0.0.1:1/\n    contains: a", "gave no answer"),
            ('file: "{downloads}/none.txt"', "is not there; in "),
            ('file: "{downloads}/*"', "are several: invoice 7.txt, s.yaml, shop.db"),
            ('file: "{downloads}/shop.db"\n    absent: true', "shop.db is there"),
            ('file: "{downloads}"\n    contains: a', "cannot be read: Is a directory"),
            ('file: "{downloads}/invoice 7.txt"\n    contains: "/Tota{any}: /"', "/Tota\\.: / is not in it"),
            ('file: "{downloads}/invoice 7.txt"\n    equals: Total', "with Total: € 9.00 for Ada, not Total"),
            ("command: [cat, none]", "cat: none: No such file"),
            ("command: [no-such-program]", "there is no program no-such-program"),
        ],
    )  # fmt: skip
    async def test_it_does_not_hold(self, proof: str, told: str, tmp_path: Path, values: dict[str, Any]) -> None:
        said = await witnessed(scenario(tmp_path, proof), values, commands=("cat", "no-such-program"))
        assert not said.ok
        assert told in said.text
        with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
            assert database.execute("select count(*) from t").fetchone() == (2,)
        assert not any(path.name == "new.db" for path in map(Path, tmp_path.glob("*")))  # noqa: ASYNC240

    async def test_it_may_come_to_hold_a_little_later(self, tmp_path: Path, values: dict[str, Any], site: Site) -> None:
        before = len(site.asked)
        said = await witnessed(scenario(tmp_path, 'http: "{shop}"\n    contains: Away\n    within: 300 ms'), values)
        assert not said.ok
        assert len(site.asked) - before > 1
        old, answers = site.answer, iter(["no", "no"])
        site.answer = lambda request: next(answers, "Away")
        try:
            assert (await witnessed(scenario(tmp_path, 'http: "{shop}"\n    contains: Away\n    within: 20 s'), values)).ok
        finally:
            site.answer = old

    async def test_only_programs_that_are_allowed_are_run(self, tmp_path: Path, values: dict[str, Any]) -> None:
        told = r"s.yaml:6: the proof runs 'touch', which is not allowed; allow it with --allow-command touch"
        with pytest.raises(SetupError, match=told):
            await witnessed(scenario(tmp_path, "command: [touch, made]"), values, commands=("cat", "touchy"))
        assert not (tmp_path / "made").exists()

    async def test_no_shell_reads_a_command(self, tmp_path: Path, values: dict[str, Any]) -> None:
        wanted = scenario(tmp_path, 'command: [echo, "$(id); {downloads}"]\n    equals: "$(id); {downloads}"')
        said = await witnessed(wanted, values, commands=["echo"])
        assert said.ok, said.text

    async def test_a_value_that_only_the_solution_reads(self, tmp_path: Path, values: dict[str, Any]) -> None:
        wanted = scenario(tmp_path, 'file: "{downloads}"')
        said = await witnessed(replace(wanted, proof=(replace(wanted.proof[0], path="{number}"),)), values)  # type: ignore[type-var]
        assert not said.ok
        assert "there is no value 'number'" in said.text


@pytest.mark.parametrize(
    ("wanted", "seen", "same"),
    [
        (2, "2", True), ("2", 2, True), ("4.50", 4.5, True), (4.5, "4.50", False), ("007", 7, True), (7, "007", False),
        (True, 1, True), ("true", True, True), (1, True, True), (2, True, False), (None, None, True), (None, "", False),
        ("", None, False), (0, None, False), ("hi", b"hi", True), ("latte", "Latte", False), ("n/a", 1, False),
    ],
)  # fmt: skip
def test_whether_two_values_are_the_same(wanted: Any, seen: Any, same: bool) -> None:
    assert same_value(wanted, seen) is same


def test_a_difference_is_told_where_it_is() -> None:
    assert difference({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3}) == ""
    assert difference({"a": [{"b": 1}]}, {"a": [{"b": 2}]}) == "a[0].b is 2, not 1"
    assert difference({"a": 1}, []) == 'the answer is [], not {"a": 1}'
    assert difference([1], [1, 2]) == "the answer is [1, 2], not [1]"
    assert difference("[]", []) == 'the answer is [], not "[]"'


def test_without_a_proof_network_and_file_checks_are_falsified(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "scenario: s\nstart: http://a.example/\ndone:\n  - heading /ok/\n  - response: POST /a 2xx, exactly once\n"
        "  - download: a*.pdf\n"
        "  - file: {path: a, contains: b}\n  - holds: {response: 'DELETE /b 200, never'}\n  - not: {file: b}\n",
        encoding="utf-8",
    )
    (wanted,) = load_scenarios(path)
    wrong = falsified(wanted)
    assert [next(new for old, new in zip(wanted.done, one.done, strict=True) if old != new) for one in wrong] == [
        {"response": "POST /a/~falsified~ 2xx, exactly once"}, {"download": "a*.pdf~falsified~"},
        {"file": {"path": "a~falsified~", "contains": "b"}}, {"holds": {"response": "DELETE /b 200, exactly 99 times"}},
    ]  # fmt: skip
    assert falsified(replace(wanted, done=("heading /ok/",))) == []


def test_every_expectation_of_an_entry_is_falsified_alone(tmp_path: Path) -> None:
    (entry,) = scenario(tmp_path, 'http: "{shop}"\n    json: {a: [1]}\n    contains: a\n    within: 5 s').proof
    json, contains = wrong_entries(entry)
    assert (json.json, json.contains, json.within) == ({"a": [2]}, "a", 0.0)  # type: ignore[union-attr]
    assert (contains.json, contains.contains) == ({"a": [1]}, "~falsified~")  # type: ignore[union-attr]
