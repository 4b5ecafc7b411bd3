"""The report as a person debugs with it: keys, search, trees as what changed, the network and the model's words in their step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright

from operator_agent.flow.action import Click
from operator_agent.flow.observation import Box, Performed
from operator_agent.flow.record import Acted, Called, Chosen, Ended, Judged, Observed, Planned, Record, StepStarted, Usage
from operator_agent.flow.tape import Frame, Taped
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Evidence, Verdict
from operator_agent.recorder.reader import view
from operator_agent.recorder.recorder import Recorder
from operator_agent.recorder.report_pair import write_pair
from operator_agent.recorder.report_tree import Trees
from operator_agent.replay.comparison import compared
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser
from tests.program import operator_agent
from tests.recorder.test_journal import PLAN, RESULT, SITE, picture, started
from tests.recorder.test_report import EVIL, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

MENU = [f'- button "Item {number}"' for number in range(40)]
GOOD = Verdict(status="verified", reason="so", evidence=(Evidence(check="text: ok", status="verified", saw="ok"),))
BAD = Verdict(status="refuted", reason="no row", evidence=(Evidence(check="row: Ada", status="refuted", saw="no table"),))
CALL = Called(
    step=2, purpose="plan", model="m", level="low", trigger="first plan", usage=Usage(input=9, output=1), seconds=0.5, at=1.4
)  # fmt: skip
ENTRY = {
    "system": "be brief", "parts": [f"the page says {EVIL}"], "wants": "Draft", "reply": {"note": "press the otter"},
    "thinking": "an otter, or a beaver", "error": None,
}  # fmt: skip


def step(number: int, verdict: Verdict, before: list[str], after: list[str], title: str = "") -> list[Record]:
    at = float(number)
    look = {"step": number, "url": f"{SITE}/{number}", "title": f"page {number}"}
    return [
        StepStarted(step=number, of=3, title=title or f"press {number}", action="click", at=at),
        Observed(phase="before", tree="\n".join(before), picture=picture("white"), at=at + 0.1, **look),
        Chosen(step=number, action=Click(target=Target(name="x")), box=Box(10, 10, 50, 20), at=at + 0.2),
        Acted(step=number, performed=Performed(delivery="sent", started=9.0, point=(640, 360)), seconds=0.1, at=at + 0.3),
        Judged(step=number, verdict=verdict, seconds=0.1, at=at + 0.4),
        Observed(phase="after", tree="\n".join(after), picture=picture("red"), at=at + 0.5, **look),
    ]


def taped(number: int, at: float, **more: object) -> Taped:
    told = {"number": number, "at": at, "ended": at + 0.05, "method": "GET", "url": f"{SITE}/menu", "status": 200, **more}
    return Taped.model_validate(told)


TAPE = (
    taped(1, -0.5, url=f"{SITE}/early"),
    taped(2, 1.2, headers=(("content-type", "text/html"), ("set-cookie", "session=s3cr3t-c00kie; Path=/")), body=EVIL.encode()),
    taped(3, 2.3, method="POST", url=f"{SITE}/orders", status=500, request_body=b'{"drink":"walrus"}', body=b'{"error":"sold out"}',
          request_headers=(("content-type", "application/json"),), headers=(("content-type", "application/json"),)),
    taped(4, 2.35, url="https://ads.example/", status=None, refused=True, end="broken", failure="not allowed"),
    taped(5, 3.3, kind="socket", url="wss://a.example/live", status=101,
          frames=(Frame(sent=True, kind="text", data=b"hello sea", at=3.31),
                  Frame(sent=False, kind="binary", data=b"\0" * 9, at=3.32))),
)  # fmt: skip


def run(runs: Path, tape: tuple[Taped, ...] = TAPE, last: Verdict = GOOD) -> Path:
    """Three steps: the second is refuted, a model was asked before it, and its page gained a line."""
    recorder = Recorder(runs)
    changed = [*MENU[:20], '- button "Heron"', *MENU[21:]]
    recorder(started())
    recorder(Planned(plan=PLAN))
    for record in step(1, GOOD, MENU, MENU):
        recorder(record)
    recorder.model_traffic(ENTRY)
    recorder(CALL)
    for record in (*step(2, BAD, [""], changed), *step(3, last, [""], ['- heading "Bye"'], "wave")):
        recorder(record)
    for exchange in tape:
        recorder.tape(exchange)
    recorder(Ended(result=RESULT, at=4.0))
    return recorder.folder


def read_bytes(path: Path) -> bytes:
    return path.read_bytes()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        executable = find_browser(Settings.from_env(), headed=False)
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def ready(browser: Browser, report: Path, **look: object) -> Page:
    page = await opened(browser, report, scripts=True, **{"viewport": {"width": 1280, "height": 800}, **look})
    await page.locator("html[data-ready]").wait_for()
    return page


async def pressed(page: Page, *keys: str) -> str:
    """The step that is current then."""
    for key in keys:
        await page.keyboard.press(key)
    return await page.locator(".rail .current .t").inner_text()


async def in_view(one: Locator) -> bool:
    box = await one.bounding_box()
    return box is not None and -5 <= box["y"] < 800


async def test_it_is_walked_through_with_keys(tmp_path: Path, browser: Browser) -> None:
    page = await ready(browser, run(tmp_path) / "report.html")
    titles = await page.locator(".rail li .t").all_inner_texts()
    assert titles == ["Overview", "press 1", "press 2", "wave"]
    assert await pressed(page, "j") == "press 1"
    assert await pressed(page, "j", "j", "j") == "wave"
    assert await in_view(page.locator("#step-3 h2"))
    assert await pressed(page, "k", "k") == "press 1"
    assert await pressed(page, "f") == "press 2", "the one that was not verified"
    assert await in_view(page.locator("#step-2 h2"))
    assert await pressed(page, "g") == "Overview"
    await page.locator(".rail").get_by_text("wave").click()
    assert await pressed(page) == "wave"
    await pressed(page, "?")
    assert await page.get_by_role("dialog").get_by_text("next step found").is_visible()
    assert await pressed(page, "Escape", "G", "k", "z") == "press 2"
    assert await page.locator("#step-2 .shots input:checked").count() == 2
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await pressed(page, "d")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light


async def test_search_finds_what_is_folded_away_and_goes_there(tmp_path: Path, browser: Browser) -> None:
    page = await ready(browser, run(tmp_path) / "report.html")
    hits = page.locator(".rail .hits")
    field = page.get_by_label("search all steps")
    for asked, count, step, where in (
        ("beaver", 1, "press 2", "an otter, or a beaver"),
        ("walrus", 1, "press 2", '"drink": "walrus"'),
        ("hello sea", 1, "wave", "→ hello sea"),
        ("heron", 1, "press 2", 'button "Heron"'),
    ):
        await pressed(page, "g", "/")
        await field.fill(asked)
        assert await hits.inner_text() == f"{count} of 3"
        assert await pressed(page, "Enter") == step
        assert await in_view(page.get_by_text(where).locator("visible=true").first), asked
    # In an unchanged line of a tree that only the first one holds in full: it is unfolded, the whole of it shown.
    await pressed(page, "/")
    await field.fill("item 33")
    assert await hits.inner_text() == "2 of 3"
    assert await pressed(page, "Enter", "n") in ("press 1", "press 2")
    assert {await pressed(page, "n"), await pressed(page, "n")} == {"press 1", "press 2"}
    assert 'button "Item 33"' in await page.locator("#step-2 .tree").inner_text()
    await field.fill("no such thing")
    assert await hits.inner_text() == "0 of 3"
    await field.press("Escape")
    assert await hits.inner_text() == ""


async def test_a_tree_is_what_changed_the_whole_or_what_is_looked_for(tmp_path: Path, browser: Browser) -> None:
    page = await ready(browser, run(tmp_path) / "report.html")
    await pressed(page, "j", "j", "t")
    fold = page.locator("#step-2 .page")
    assert "2 lines changed" in await fold.locator("summary").inner_text()
    tree = fold.locator(".tree")
    assert (await tree.locator("ins").inner_text()).strip() == '- button "Heron"'
    assert 'button "Item 20"' in await tree.locator("del").inner_text()
    assert "20 lines as before" in await tree.inner_text()
    await fold.get_by_role("button", name="whole tree").click()
    lines = (await tree.inner_text()).splitlines()
    assert [line for line in lines if "Item" in line] == [*MENU[:20], *MENU[21:]]
    await fold.get_by_label("find in this tree").fill("heron")
    assert await tree.inner_text() == '- button "Heron"'
    await fold.get_by_role("button", name="only what changed").click()
    assert "20 lines as before" in await tree.inner_text()
    assert "nothing changed" in (await page.locator("#step-1 .page summary").nth(-1).text_content() or "")


async def test_the_network_stands_in_its_step(tmp_path: Path, browser: Browser) -> None:
    folder = run(tmp_path)
    page = await ready(browser, folder / "report.html")
    # As text content: of a step that was not painted yet nothing is rendered.
    told = [" ".join((await page.locator(f"#step-{number} .net > summary").text_content() or "").split()) for number in (1, 2, 3)]
    assert told == ["Network: 1 request", "Network: 2 requests, 2 without success", "Network: 1 request"]
    assert "before the first step" in await page.locator(".traffic").inner_text()
    await pressed(page, "j", "j", "w")
    rows = page.locator("#step-2 .exchange")
    assert (await rows.nth(0).locator("summary").first.inner_text()).split() == ["POST", "500", "/orders", "20", "B", "50", "ms"]
    assert "refused" in await rows.nth(1).inner_text()
    await rows.nth(0).locator("summary").first.click()
    assert '"error": "sold out"' in await rows.nth(0).inner_text()
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "s3cr3t-c00kie" not in html
    assert "session=…" in html
    assert view(folder)[1].read_text(encoding="utf-8") == html


async def test_a_tape_that_cannot_be_read_says_so_and_the_rest_is_shown(tmp_path: Path, browser: Browser) -> None:
    folder = run(tmp_path)
    tape = folder / "network.jsonl"
    lines = tape.read_bytes().splitlines(keepends=True)
    tape.write_bytes(b"".join(lines)[:-9])
    page = view(folder)[1].read_text(encoding="utf-8")
    assert "The last exchange of network.jsonl was cut short" in page
    assert "/orders" in page
    tape.write_bytes(lines[0] + b"{}\n" + b"".join(lines[1:]))
    assert "is no exchange" in view(folder)[1].read_text(encoding="utf-8")
    long = run(tmp_path, tape=(taped(1, 2.3, body=b"x" * 2_000, headers=(("content-type", "text/plain"),)),))
    for file in (long / "network").iterdir():
        file.unlink()
    page_of_long = await ready(browser, view(long)[1])
    await pressed(page_of_long, "j", "j", "w")
    assert "not whole" in await page_of_long.locator("#step-2 .exchange").inner_text()


async def test_no_script_but_ours_runs_whatever_pages_and_models_say(tmp_path: Path, browser: Browser) -> None:
    folder = run(tmp_path)
    page = await ready(browser, folder / "report.html")
    assert await page.locator("script").count() == 1
    assert await page.locator("img").count() == 0
    assert "owned" not in await page.title()
    # Also when something of a page did come through as markup: the policy names our script by its digest.
    html = (folder / "report.html").read_text(encoding="utf-8")
    marked = html.replace('<h1>', '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script><h1>', 1)
    (folder / "report.html").write_text(marked, encoding="utf-8")
    page = await ready(browser, folder / "report.html")
    assert await page.locator("script").count() == 2
    assert await page.title() != "owned"


async def test_a_page_of_a_run_that_still_goes_works_as_well(tmp_path: Path, browser: Browser) -> None:
    folder = run(tmp_path)
    html = (folder / "report.html").read_text(encoding="utf-8")
    (folder / "report.html").write_text(html[: html.index('id="step-3"') + 400], encoding="utf-8")
    page = await ready(browser, folder / "report.html")
    assert await page.locator(".rail .outcome").inner_text() == "not ended"
    assert await pressed(page, "G") == "wave"
    assert await page.locator(".rail .current .under-way").count() == 1


@pytest.mark.parametrize("width", [1280, 800, 400])
async def test_it_fits(tmp_path: Path, browser: Browser, width: int) -> None:
    page = await ready(browser, run(tmp_path) / "report.html", viewport={"width": width, "height": 800})
    await pressed(page, "j", "j", "o")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width < 1000:
        await page.get_by_role("button", name="Steps").click()
        await page.locator(".rail").get_by_text("wave").click()
        assert await in_view(page.locator("#step-3 h2"))


async def test_two_runs_side_by_side(tmp_path: Path, browser: Browser) -> None:
    first, second = run(tmp_path), run(tmp_path, last=BAD)
    report = write_pair(compared(first, second))
    assert report.parent == second
    page = await ready(browser, report)
    assert await page.locator(".rail .n ~ span:nth-child(2)").all_inner_texts() == ["≡", "=", "=", "≠"]
    assert await pressed(page, "f") == "wave"
    card = await page.locator("#step-3").inner_text()
    assert "verified" in card
    assert "refuted" in card
    assert "verdict.status" in card
    assert await page.locator("#step-3 .shot").count() == 2
    await page.locator(".result a").click()
    assert await pressed(page) == "wave"
    same = write_pair(compared(first, first))
    assert "All records of both runs are alike" in same.read_text(encoding="utf-8")


async def test_view_puts_two_runs_side_by_side_and_tells_what_is_missing(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path, last=BAD)
    with (second / "run.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('{"kind":')
    both, one = await asyncio.gather(
        operator_agent("view", first.name, second.name, "--runs", tmp_path),
        operator_agent("view", second),
    )
    assert (both.code, one.code) == (0, 0), both.err + one.err
    assert both.out.startswith("first difference: step 3 (wave), judged, verdict.status")
    (page,) = second.glob("compared-with-*.html")
    assert both.out.splitlines()[-1] == str(second / f"compared-with-{first.name}.html") == str(page)
    assert f"{second.name}: Line ".encode() in read_bytes(page)
    assert "note: Line" in one.out


async def test_a_tree_that_is_another_page_stands_whole() -> None:
    trees = Trees()
    first, again, other = trees.add("\n".join(MENU)), trees.add(""), trees.add('- heading "Bye"')
    assert first and again and other
    assert (first.base, first.changed) == ("", 40)
    assert (again.base, again.changed) == ("tree-1", 0)
    assert (other.base, other.changed, other.parts[0].text) == ("", 1, '- heading "Bye"')
    assert Trees().add("") is None
