"""Mutants: what is broken on purpose is caught by a scenario that looks, and passes one that believes what the page says."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.mutants.body import changed, fields, gist
from operator_agent.scenarios.mutants.candidates import chosen
from operator_agent.scenarios.mutants.examination import Examination, examine_all, judged
from operator_agent.scenarios.mutants.mutant import KINDS, Answer, Click, Examined, Fate, Mutant, Traffic, Write
from operator_agent.scenarios.mutants.score import Score
from operator_agent.scenarios.mutants.stored import stored
from operator_agent.scenarios.trial import Trial, Way
from tests.program import environment, operator_agent

PAGE = """<!doctype html><html lang=en><title>Orders</title><main>
<label>Drink <select id=drink><option value=latte>Latte</option><option value=mocha>Mocha</option></select></label>
<button id=express aria-pressed=false>Express</button> <button id=sugar aria-pressed=false>Sugar</button>
<p><span id=save role=button tabindex=0>Save</span> <span id=later role=button tabindex=0>Keep for later</span></p>
<p role=status></p><h2>Orders</h2><ul></ul></main><script>
const on = (id, act) => document.getElementById(id).addEventListener('click', act);
const list = async () => {
  const {entries} = await (await fetch('/store/orders', {cache: 'no-store'})).json();
  document.querySelector('ul').replaceChildren(...entries.map(one => Object.assign(document.createElement('li'),
    {textContent: `${one.drink}${one.express ? ', express' : ''}`})));
};
const send = async name => {
  const express = document.getElementById('express').ariaPressed === 'true', drink = document.getElementById('drink').value;
  const body = JSON.stringify({drink, express});
  const answer = await fetch(`/store/${name}`, {method: 'POST', headers: {'content-type': 'application/json'}, body});
  await list();
  document.querySelector('[role=status]').textContent = answer.ok ? 'Saved.' : 'Not saved.';
};
for (const id of ['express', 'sugar']) on(id, event => { event.target.ariaPressed = event.target.ariaPressed !== 'true'; });
on('save', () => send('orders'));
on('later', () => send('drafts'));
list();
</script></html>"""
HEAD = """scenario: order a latte by express
tags: [journey]
fixtures:
  shop: {serve: pages}
start: "{shop}"
command: order a latte by express
limits: {step: 1.5}
solution:
  - click: button "Express"
  - click: button "Save"
"""
GOOD = """    expect: {response: "POST /store/orders 201, exactly once"}
  - go to: /
done:
  - {listitem: "latte, express", count: 1}
proof:
  - http: GET {shop}store/orders
    json: {count: 1, entries: [{drink: latte, express: true}]}
"""
BELIEVES_THE_TOAST = """    expect: 'text: Saved.'
done: 'text: Saved.'
"""
OK = Answer(201, b"Created", ((b"Content-Type", b"application/json"),), b"{}")


def written(folder: Path, name: str, text: str) -> Path:
    (folder / "pages").mkdir(exist_ok=True)
    (folder / "pages" / "index.html").write_text(PAGE, encoding="utf-8")
    file = folder / f"{name}.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return file


def endings(fates: Iterable[Fate]) -> dict[str, str]:
    return {fate.mutant.kind: fate.ending for fate in fates}


async def test_a_scenario_that_looks_catches_every_kind(tmp_path: Path) -> None:
    [good] = load_scenarios(written(tmp_path, "good", GOOD))
    way = Way(runs=tmp_path / "runs", pictures=False)
    halves = (Examination(way, most=5, kinds=KINDS[:5]), Examination(way, most=5, kinds=KINDS[5:]))
    both = [examined for [examined] in await asyncio.gather(*(examine_all([good], half) for half in halves))]
    assert not any(examined.unsound for examined in both)
    found = endings(fate for examined in both for fate in examined.fates)
    assert found == {kind: "tolerated" if kind == "late answer" else "caught" for kind in KINDS}
    assert not list((tmp_path / "runs").glob("*/run.jsonl"))


async def test_one_that_believes_the_page_lets_pass_what_the_page_hides_and_the_command_fails(tmp_path: Path) -> None:
    """Only an answer that never comes is noticed without looking. Of the two controls the seed draws the one that says nothing."""
    file = written(tmp_path, "weak", BELIEVES_THE_TOAST)
    kinds = [kind for kind in KINDS if kind not in ("no answer", "late answer")]
    named = [part for kind in kinds for part in ("--kind", kind)]
    done = await operator_agent(
        "scenarios", "mutate", file, "--json", "--per", str(len(kinds)), *named,
        env=environment(OPERATOR_RUNS=tmp_path / "runs"), cwd=tmp_path,
    )  # fmt: skip
    told = done.result
    [examined] = told["scenarios"]
    assert {fate["mutant"]["kind"]: fate["ending"] for fate in examined["fates"]} == dict.fromkeys(kinds, "survived")
    assert (done.code, told["score"], told["counted"], told["passed_on_journeys"]) == (1, 0.0, len(kinds), len(kinds))
    kept = {str(report) for report in (tmp_path / "runs" / "mutants").glob("*/report.html")}
    assert kept == {str(tmp_path / fate["report"]) for fate in examined["fates"]}
    assert "[1/1]" in done.err


async def test_a_scenario_that_does_not_pass_as_it_is_says_nothing_and_unknown_kinds_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path, "keyless", GOOD + 'secrets: {card: "{shop}"}\n')
    done = await operator_agent("scenarios", "mutate", file, env=environment(OPERATOR_RUNS=tmp_path / "runs"), cwd=tmp_path)
    assert done.code == 1
    assert "not tested: keyless" in done.out
    assert "set OPERATOR_SECRET_CARD" in done.out
    assert "no mutant did anything" in done.out
    refused = await operator_agent("scenarios", "mutate", file, "--kind", "gremlin", env=environment(), cwd=tmp_path)
    assert refused.code == 2
    assert "gremlin" in refused.err


FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=xx"
MULTIPART = (
    b'--xx\r\nContent-Disposition: form-data; name="who"\r\n\r\nAda\r\n'
    b'--xx\r\nContent-Disposition: form-data; name="cv"; filename="cv.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--xx--\r\n'
)


@pytest.mark.parametrize(
    ("kind", "body", "place", "value", "after"),
    [
        ("application/json", b'{"items": [{"size": 2}]}', "items.0.size", 3, b'{"items": [{"size": 3}]}'),
        (FORM, b"a=1&a=2&b=x+y", "a 2", "9", b"a=1&a=9&b=x+y"),
        (PARTS, MULTIPART, "who", "Bob", MULTIPART.replace(b"Ada", b"Bob")),
        (FORM, b"a=1", "gone", "9", b"a=1"),
        ("application/octet-stream", b"\x00", "a", "9", b"\x00"),
    ],
)
def test_a_field_of_a_body_is_changed_at_its_place(kind: str, body: bytes, place: str, value: object, after: bytes) -> None:
    assert changed(kind, body, {place: value}) == after
    assert (gist(kind, body) == gist(kind, after)) is (body == after)


def test_what_is_the_applications_own_is_neither_swapped_nor_compared() -> None:
    assert [field.opaque for field in fields(FORM, b"csrf_token=a&then=/&name=b")] == [True, True, False]
    assert gist(FORM, b"csrf_token=a&name=b") == gist(FORM, b"csrf_token=c&name=b")


def traffic(*bodies: bytes) -> Traffic:
    writes = [Write("POST", "/store/x", "http://h", "application/json", body, nth, OK) for nth, body in enumerate(bodies)]
    clicks = [Click("click", "/", f"button:{place}", f"B{place}", "another") for place in range(5)]
    return Traffic(writes=writes, delivered=list(writes), clicks=clicks, reads=[("/", 0), ("/", 1)], options=[["AT", "SI"]])


def test_the_same_seed_draws_the_same_mutants_of_as_many_kinds_as_there_can_be() -> None:
    seen = traffic(b'{"country": "AT", "express": true}')
    drawn = [chosen(seen, Random(seed), 6) for seed in ("0 a", "0 a", "1 a")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({mutant.kind for mutant in drawn[0][0]}) == 6
    every, possible = chosen(seen, Random("0"), 100)
    assert len(every) == possible
    assert {mutant.kind for mutant in every} == set(KINDS)
    assert {"country": "SI"} in [mutant.changes for mutant in every]


def test_a_sign_in_is_not_doubled_and_its_password_not_told() -> None:
    every, _ = chosen(traffic(b'{"name": "ada", "password": "hunter2"}'), Random("0"), 100)
    assert "doubled write" not in {mutant.kind for mutant in every}
    assert "hunter2" not in str([mutant.what for mutant in every])


@pytest.mark.parametrize(
    ("fired", "delivered", "verdict", "ending"),
    [
        (1, b'{"a": 2}', "failed", "caught"),
        (1, b'{"a": 2}', "unverified", "caught"),
        (1, b'{"a": 2}', "passed", "survived"),
        (1, b'{"a": 1}', "failed", "equivalent"),
        (1, b'{"a": 1}{"a": 1}', "passed", "equivalent"),
        (0, b'{"a": 2}', "failed", "not reached"),
        (1, b'{"a": 2}', "infrastructure", "undecided"),
    ],
)
def test_only_a_mutant_that_fired_and_changed_something_counts(fired: int, delivered: bytes, verdict: str, ending: str) -> None:
    """A write that the server refused changed nothing: here the second one."""
    unbroken, broken = traffic(b'{"a": 1}'), traffic(delivered[:8], *([delivered[8:]] if delivered[8:] else []))
    broken.delivered[1:] = [replace(one, answer=Answer(409, b"Conflict", (), b"")) for one in broken.delivered[1:]]
    broken.fired = fired
    trial = Trial.model_validate({"scenario": "s", "source": "s:1", "planner": "solution", "verdict": verdict, "reason": ""})
    assert judged(Mutant(kind="dead control", where="", what=""), unbroken, broken, trial) == ending


def test_a_second_copy_is_equivalent_only_where_what_is_stored_can_be_read_and_is_the_same(tmp_path: Path) -> None:
    def kept(name: str, *rows: tuple[str, int]) -> tuple[tuple[str, object], ...]:
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            connection.execute("create table orders (id text, created_at text, quantity integer)")
            connection.executemany("insert into orders values (?, 'now', ?)", rows)
            connection.commit()
        return stored({"shop": "http://127.0.0.1/", "shop.db": str(tmp_path / name), "here": str(tmp_path)})

    once, other, more, twice = kept("1", ("a", 1)), kept("2", ("b", 1)), kept("3", ("b", 2)), kept("4", ("a", 1), ("b", 1))
    trial = Trial(scenario="s", source="s:1", planner="solution", verdict="passed", reason="")
    found = []
    for before, after in ((once, other), (once, more), (once, twice), ((), ())):
        unbroken, broken = traffic(b'{"a": 1}'), traffic(b'{"a": 1}', b'{"a": 1}')
        unbroken.stored, broken.stored, broken.fired = before, after, 1
        found.append(judged(Mutant(kind="doubled write", where="", what=""), unbroken, broken, trial))
    assert found == ["equivalent", "survived", "survived", "survived"]


def test_the_score_leaves_out_what_did_nothing_and_no_journey_may_let_one_pass() -> None:
    mutant = Mutant(kind="dropped request", where="POST /a", what="answered")

    def one(*given: str, tags: tuple[str, ...] = ()) -> Examined:
        fates = tuple(Fate.model_validate({"mutant": mutant, "ending": ending, "reason": ""}) for ending in given)
        return Examined(scenario="s", source="s:1", tags=tags, fates=fates)

    score = Score([one(*["caught"] * 9, "survived", "equivalent", "not reached", "tolerated")], 0, 90.0)
    assert (score.percent, score.counted, score.exit_code) == (90.0, 10, 0)
    assert "90.0 % (9 of 10 caught), 0 passed on journeys, seed 0" in list(score.lines())[-1]
    assert Score([one(*["caught"] * 99, "survived", tags=("journey",))], 0, 90.0).exit_code == 1
    assert Score([one("caught", "survived")], 0, 90.0).exit_code == 1
    assert Score([one("equivalent")], 0, 0.0).exit_code == 1
    assert Score([one("caught"), Examined(scenario="t", source="t:1", unsound="failed")], 0, 90.0).exit_code == 1
