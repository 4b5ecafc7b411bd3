"""Rounds of scenarios as people start them, on real browsers: what is told in the end, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from xml.etree import ElementTree

import pytest

from operator_agent.scenarios.server import serving
from tests.program import PROGRAM, environment, operator_agent

DESK = """<!doctype html><title>Desk</title><h1>Desk</h1>
<form method=post action=/store/notes><input type=hidden name=then value=/thanks.html>
<label>Note <input name=note></label><button>Save</button></form>
<form method=post action=/store/paid><input type=hidden name=then value=/thanks.html><button>Pay € 12.00</button></form>
<a href=/thanks.html>Archive</a> <a href=http://localhost:9/>Elsewhere</a> <button>Silent</button>"""
TOP = 'fixtures: {desk: {serve: pages}}\nstart: "{desk}"\n'
SAVE = 'solution:\n  - {fill: textbox "Note", with: milk}\n  - {click: button "Save", expect: heading "Thank you"}\n'
KEPT = "proof:\n  - http: GET {desk}store/notes\n    json: {count: %d}\n"


def click(what: str) -> str:
    return f"solution:\n  - {{click: {what}, expect: heading \"Thank you\"}}\ndone: heading \"Thank you\"\n"


SCENARIOS = {
    "passed": TOP + SAVE + KEPT % 1,
    "failed": TOP + SAVE + KEPT % 2,
    "blocked": TOP + click('link "Elsewhere"'),
    "needs_human": TOP + click('button "Pay € 12.00"'),
    "unverified": TOP + 'solution:\n  - click: button "Silent"\n',
    "infrastructure": 'fixtures: {wiki: {app: wiki}}\nstart: "{wiki}"\n' + click('link "Archive"'),
    "skipped": TOP + "command: press Archive\ndone: heading \"Thank you\"\n",
}
SLOW = 'scenario: slow {n}\nfixtures: {shop: {app: demo-shop}}\nstart: "{shop}"\nsolution:\n  - wait for: heading "Never {n}"\n' \
    'done: heading "Never {n}"\nlimits: {step: 60}\nrows: [{n: 1}, {n: 2}, {n: 3}]\n'  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project with a desk to work at."""
    (tmp_path / "scenarios" / "pages").mkdir(parents=True)
    (tmp_path / "scenarios" / "pages" / "index.html").write_text(DESK, encoding="utf-8")
    (tmp_path / "scenarios" / "pages" / "thanks.html").write_text("<title>Thanks</title><h1>Thank you</h1>", encoding="utf-8")
    strict = "[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"
    (tmp_path / "pytest.ini").write_text(strict, encoding="utf-8")
    return tmp_path


def write(project: Path, **texts: str) -> None:
    for name, text in texts.items():
        (project / "scenarios" / f"{name}.yaml").write_text(f"scenario: it is {name}\n{text}", encoding="utf-8")


def tags(junit: Path) -> dict[str, str]:
    """Of each case what it ended with; "" when it passed."""
    cases = ElementTree.parse(junit).findall(".//testcase")
    return {str(case.get("name")): next((one.tag for one in case if one.tag != "properties"), "") for case in cases}


async def test_a_round_tells_every_ending_apart(project: Path) -> None:
    write(project, **SCENARIOS)
    (project / "scenarios" / "broken.yaml").write_text("scenario: broken\nstart: x\nsolutoin: []\n", encoding="utf-8")
    env = environment(OPERATOR_STATE=project / "state")
    line = ("scenarios", "run", "-n", "2", "--planner", "solution", "--junit", "j.xml", "--json")
    ended = await operator_agent(*line, env=env, cwd=project)
    told: dict[str, Any] = ended.result
    assert ended.code == told["exit_code"] == 2
    assert "broken.yaml:3: " in told["broken"][0]["message"]
    cases = {case["id"].rpartition("::")[2]: case for case in told["scenarios"]}
    assert {name: case["verdict"] for name, case in cases.items()} == {name: name for name in SCENARIOS}
    assert tags(project / "j.xml").items() >= {
        "passed": "", "failed": "failure", "unverified": "failure", "blocked": "error", "needs_human": "error",
        "infrastructure": "error", "skipped": "skipped",
    }.items()  # fmt: skip
    assert "count is 1, not 2" in cases["failed"]["reason"]
    with_reports = {cases[name]["report"] for name in ("passed", "failed", "unverified", "blocked", "needs_human")}
    assert links(told["overview"]) == with_reports
    assert left(project / "state") == []


async def test_ctrl_c_leaves_a_valid_part_of_everything_and_no_process(project: Path) -> None:
    (project / "scenarios" / "slow.yaml").write_text(SLOW, encoding="utf-8")
    write(project, infrastructure=SCENARIOS["infrastructure"])
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "scenarios", "run", "-n", "2", "--junit", "j.xml", env=environment(OPERATOR_STATE=project / "state"), cwd=project,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    came = await until(lambda: waiting(project) == 2)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert came, out
    assert process.returncode == 6
    assert b"stopped by Ctrl-C" in out
    assert tags(project / "j.xml") == {"infrastructure": "error", "slow[1]": "error", "slow[2]": "error"}
    assert b"2 stopped" in out
    assert await until(lambda: left(project / "state") == [])


WORK = """import asyncio, signal, sys
from operator_agent.scenarios.items import alone
signal.signal(signal.SIGINT, signal.SIG_IGN)
async def work():
    try:
        print("begun", flush=True)
        await asyncio.sleep(60)
    finally:
        print("closed", flush=True)
alone(work())
"""


async def test_what_ignores_ctrl_c_still_ends_in_order_on_sigterm() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORK, stdout=pipe, stderr=pipe)
    assert process.stdout and (await process.stdout.readline()) == b"begun\n"
    process.terminate()
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert (out, process.returncode) == (b"closed\n", -signal.SIGINT), err


def waiting(project: Path) -> int:
    """How many scenarios have come to the step that never ends."""
    return sum("wait for" in file.read_text(encoding="utf-8") for file in project.glob("runs/scenarios/*/.doing/*.json"))


def left(state: Path) -> list[str]:
    """The processes that were started in this test and are still there, by their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(state) in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            continue
    return found


async def until(holds: Callable[[], bool], seconds: float = 90) -> bool:
    """Whether it comes to hold. It is another process's doing: there is no event to wait for."""
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            return False
        await asyncio.sleep(0.1)
    return True


def links(overview: str) -> set[str]:
    """The files that an overview links and that are there."""
    page = Path(overview)
    found = re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))
    return {str(page.parent / one) for one in found if (page.parent / one).is_file()}


async def test_the_other_commands(project: Path) -> None:
    write(project, passed="tags: [desk]\n" + SCENARIOS["passed"], bare=TOP + 'solution:\n  - click: button "Silent"\n')
    listed = (await operator_agent("scenarios", "list", "--json", "--tag", "desk", cwd=project)).result["scenarios"]
    assert [(one["id"], one["proof"], one["solution"]) for one in listed] == [("passed", 1, True)]
    checked = await operator_agent("scenarios", "check", "--json", cwd=project)
    assert checked.code == checked.result["exit_code"] == 2
    assert [(one["where"], one["key"]) for one in checked.result["problems"] if one["severity"] == "error"] == [
        ("scenarios/bare.yaml:1", "proof")
    ]
    assert (await operator_agent("scenarios", "run", "nowhere", "--json", cwd=project)).result["reason"] == "there is no nowhere"
    assert (await operator_agent("scenarios", "run", "--shard", "4/3", cwd=project)).code == 2


async def test_a_first_scenario_from_a_page_runs_and_proves(project: Path) -> None:
    env = environment(OPERATOR_STATE=project / "state")
    async with serving(project / "scenarios" / "pages") as url:
        begun = await operator_agent("scenarios", "new", url, env=env, cwd=project)
        file = project / begun.out.splitlines()[0]
        assert 'click: link "Archive"' in file.read_text(encoding="utf-8")
        proved = await operator_agent("scenarios", "run", file, "--prove", "-n", "0", env=env, cwd=project)
        assert proved.code == 0, proved.out
        assert (await operator_agent("scenarios", "new", url, "-o", file, env=env, cwd=project)).code == 2


DIARY = """<!doctype html><title>Diary</title><h1>Diary</h1><label>Name <input></label> <button id=sign>Sign in</button>
<p role=status aria-label=Signed id=signed></p> <button id=who>Who am I?</button> <p role=note aria-label=Found id=found></p>
<a id=file download=diary.txt hidden>Diary</a><script>
const mine = () => [document.cookie, localStorage.who, sessionStorage.who].join(' ');
sign.onclick = async () => {
  const name = document.querySelector('input').value;
  document.cookie = 'who=' + name; localStorage.who = sessionStorage.who = name;
  file.href = URL.createObjectURL(new Blob(['diary of ' + name])); file.hidden = false;
  while (signed.textContent != 'all are in') {
    await fetch("/store/in", {method: "POST", body: new URLSearchParams({name})});
    const all = await (await fetch("/store/in")).json();
    signed.textContent = new Set(all.entries.map(e => e.name)).size == 8 ? 'all are in' : '';
    await new Promise(done => setTimeout(done, 200));
  }
};
who.onclick = () => found.textContent = mine();
</script>"""
DIARIES = """scenario: diary of {n}
start: "%s"
solution:
  - {fill: textbox "Name", with: "{n}"}
  - {click: button "Sign in", expect: 'status "Signed": all are in'}
  - {click: button "Who am I?", expect: 'note "Found": who={n} {n} {n}'}
  - {download: link "Diary", into: diary, expect: "download: diary.txt"}
proof:
  - {file: "{downloads}/diary.txt", contains: "diary of {n}"}
limits: {step: 60}
rows: [{n: ada}, {n: bob}, {n: cyd}, {n: dan}, {n: eve}, {n: fay}, {n: gus}, {n: hal}]
"""


async def test_eight_at_once_share_no_cookie_no_storage_and_no_download(project: Path) -> None:
    """On one site, and each waits until all are signed in."""
    (project / "scenarios" / "pages" / "diary.html").write_text(DIARY, encoding="utf-8")
    async with serving(project / "scenarios" / "pages") as site:
        (project / "scenarios" / "diary.yaml").write_text(DIARIES % f"{site}diary.html", encoding="utf-8")
        env = environment(OPERATOR_STATE=project / "state")
        ended = await operator_agent("scenarios", "run", "-n", "8", "--json", env=env, cwd=project)
    assert [case["verdict"] for case in ended.result["scenarios"]] == ["passed"] * 8, ended.out
    assert left(project / "state") == []
