"""The report as a person gets it: opened in a browser, offline, without scripts."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from operator_agent import Operator
from operator_agent.flow.action import Click
from operator_agent.flow.observation import Picture
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import (
    Acted,
    Asked,
    Called,
    Chosen,
    Decided,
    Ended,
    Judged,
    Noted,
    Observed,
    Planned,
    Record,
    Started,
    StepStarted,
)
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Evidence, Verdict
from operator_agent.recorder.reader import read, view
from operator_agent.recorder.recorder import Recorder
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser
from tests.recorder.making import PLAN as CLAIM
from tests.recorder.making import site
from tests.recorder.test_journal import EVERY_KIND, recorded, started

EVIL = "</style></title></pre><script>document.title='owned'</script><img src=x onerror=\"alert()\">\"'`{{7*7}}{secret:x}"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        executable = find_browser(Settings.from_env(), headed=False)
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def opened(browser: Browser, report: Path, *, scripts: bool = False, **look: object) -> Page:
    context = await browser.new_context(offline=True, java_script_enabled=scripts, **look)  # type: ignore[arg-type]
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    await page.goto(report.as_uri())
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    return page


async def shown(page: Page) -> str:
    """The text in the order a reader sees it."""
    parts = [
        (await one.bounding_box(), await one.inner_text()) for one in await page.locator("body > *").all() if await one.is_visible()
    ]
    return "\n".join(text for box, text in sorted(((box or {"y": 0.0})["y"], text) for box, text in parts))


async def test_a_finished_report_says_first_what_failed_and_what_to_do(tmp_path: Path, browser: Browser) -> None:
    page = await opened(browser, recorded(tmp_path, *EVERY_KIND) / "report.html")
    text = await shown(page)
    assert text.index("failed") < text.index("Next: look at step 1") < text.index("Plan") < text.index("press <Send>")
    assert "not ended" not in text
    assert "under way" not in text
    assert text.count("refuted") >= 2
    assert "to be asked" in text
    assert "nobody answered" in text
    await page.get_by_text("Go there.").click()
    assert await page.locator("#step-1:target").count() == 1


@pytest.mark.parametrize(
    ("last", "says", "delivered"),
    [
        (Started, "cut off while planning", False),
        (StepStarted, "cut off in step 1", False),
        (Chosen, "cut off in step 1", True),
        (Acted, "cut off in step 1", False),
    ],
    ids=["planning", "looking", "acting", "proving"],
)
async def test_a_cut_report_says_where(tmp_path: Path, browser: Browser, last: type, says: str, delivered: bool) -> None:
    until = next(number for number, record in enumerate(EVERY_KIND, 1) if isinstance(record, last))
    page = await opened(browser, recorded(tmp_path, *EVERY_KIND[:until]) / "report.html")
    cut = page.locator(".cut")
    assert await cut.is_visible()
    # What a style sheet says is no text of the document; a reader and the accessibility tree get it all the same.
    snapshot = await cut.aria_snapshot()
    assert says in snapshot.replace("  ", " "), snapshot
    assert await cut.get_by_text("may have been delivered").is_visible() == delivered
    assert await page.get_by_text("under way").count() == (last is not Started)


async def test_a_report_cut_in_the_middle_of_a_byte_still_opens(tmp_path: Path, browser: Browser) -> None:
    folder = recorded(tmp_path, *EVERY_KIND[:-1])
    data = (folder / "report.html").read_bytes()
    head = data.index(b"</header>")
    for share in (0.5, 0.8, 0.95):
        (folder / "report.html").write_bytes(data[: head + int((len(data) - head) * share)])
        page = await opened(browser, folder / "report.html")
        assert await page.locator(".cut").is_visible()


def evil() -> list[Record]:
    verdict = Verdict(status="refuted", reason=EVIL, evidence=(Evidence(check=EVIL, status="refuted", saw=EVIL, source=EVIL),))
    plan = Plan(goal=EVIL, steps=(Step(action=Click(target=Target(name=EVIL)), intent=EVIL),), inputs={EVIL: EVIL}, skill=EVIL)
    told = [
        record.model_copy(update={"title": EVIL, "url": EVIL, "tree": EVIL}) if isinstance(record, Observed) else record
        for record in EVERY_KIND
    ]
    changes: dict[type, dict[str, object]] = {
        Planned: {"plan": plan, "because": EVIL}, StepStarted: {"title": EVIL, "action": EVIL}, Noted: {"text": EVIL},
        Chosen: {"element": EVIL, "why": EVIL}, Judged: {"verdict": verdict},
        Called: {"purpose": EVIL, "model": EVIL, "trigger": EVIL, "before": EVIL, "notes": (EVIL,)},
    }  # fmt: skip
    told = [record.model_copy(update=changes.get(type(record), {})) for record in told]
    ended = told[-1]
    assert isinstance(ended, Ended)
    result = ended.result.model_copy(update={"reason": EVIL, "values": {EVIL: EVIL}, "answer": EVIL})
    first = started(command={"text": EVIL}, run=EVIL, notes=(EVIL,))
    return [first, *told[1:-1], ended.model_copy(update={"result": result})]


@pytest.mark.parametrize("cut", [False, True])
async def test_what_a_page_says_stays_text(tmp_path: Path, browser: Browser, cut: bool) -> None:
    folder = recorded(tmp_path, *(evil()[:-1] if cut else evil()))
    page = await opened(browser, folder / "report.html", scripts=True)
    assert await page.locator("script").count() == 1, "ours"
    assert await page.locator("html[data-ready]").count() == 1, "and it runs"
    assert await page.locator("img").count() == 0
    assert "owned" not in (await page.title())[:5]
    assert (await page.title()).startswith("</style>")
    assert await page.get_by_text("{{7*7}}").count() > 10
    policy = await page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert policy
    assert "default-src 'none'; script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


async def test_the_mark_is_on_the_element_although_the_page_scrolled(tmp_path: Path, browser: Browser) -> None:
    async with site() as start, Operator(start, runs=tmp_path, approve=["send"]) as operator:
        result = await operator.run_plan(load_plan(CLAIM.format(start=start)))
    assert result.passed, result.reason
    records = list(read(Path(result.run)))
    fills = [record for record in records if isinstance(record, Chosen) and record.box and record.action.verb == "fill"]
    assert len(fills) == 2
    before = {record.step: record for record in records if isinstance(record, Observed) and record.phase == "before"}
    for chosen in fills:
        seen = before[chosen.step].picture
        assert seen
        assert chosen.box
        assert white_field(seen, chosen)
    page = await opened(browser, Path(result.report), viewport={"width": 1280, "height": 800})
    for chosen in fills:
        frame = await page.locator(f"#step-{chosen.step} .shots").first.locator(".shot").bounding_box()
        mark = await page.locator(f"#step-{chosen.step}-mark-1").bounding_box()
        assert frame
        assert mark
        scale = frame["width"] / 1280
        assert abs(mark["x"] - frame["x"] - chosen.box.x * scale) < 2  # type: ignore[union-attr]
        assert abs(mark["y"] - frame["y"] - chosen.box.y * scale) < 2  # type: ignore[union-attr]


def white_field(picture: Picture, chosen: Chosen) -> bool:
    """Whether the marked place in the picture is a field: white inside, with a darker rim around it."""
    assert chosen.box
    x, y, width, height = chosen.box
    with Image.open(io.BytesIO(picture.jpeg)) as image:
        grey = image.convert("L")
        inside = grey.crop((int(x + width / 2), int(y + 4), int(x + width - 6), int(y + height - 4)))
        rims = [grey.getpixel((int(x + width / 2), row)) for row in (round(y), round(y + height) - 1)]
    return inside.getextrema()[0] > 235 and max(rims) < 200  # type: ignore[operator, type-var]


async def test_narrow_and_dark(tmp_path: Path, browser: Browser) -> None:
    report = recorded(tmp_path, *EVERY_KIND) / "report.html"
    narrow = await opened(browser, report, scripts=True, viewport={"width": 480, "height": 800})
    assert await narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")
    light = await opened(browser, report, scripts=True, color_scheme="light")
    dark = await opened(browser, report, scripts=True, color_scheme="dark")
    colours = [await page.evaluate("getComputedStyle(document.body).backgroundColor") for page in (light, dark)]
    assert colours[0] != colours[1]


async def test_pictures_grow_without_a_mouse(tmp_path: Path, browser: Browser) -> None:
    page = await opened(browser, recorded(tmp_path, *EVERY_KIND) / "report.html", viewport={"width": 1280, "height": 800})
    shot = page.locator(".shot").first
    small = await shot.bounding_box()
    await page.get_by_role("checkbox", name="enlarge the picture before step 1").focus()
    await page.keyboard.press("Space")
    large = await shot.bounding_box()
    assert small
    assert large
    assert large["width"] > 1.8 * small["width"]


@cache
def noise() -> bytes:
    """A JPEG of about the size of a real page's."""
    data = io.BytesIO()
    Image.effect_noise((160, 90), 30).resize((1280, 720)).save(data, "JPEG", quality=60)
    return data.getvalue()


def noisy(number: int) -> Picture:
    """Different bytes for every number: what comes behind a JPEG's end is not shown."""
    return Picture(jpeg=noise() + number.to_bytes(4, "big"), width=1280, height=720)


async def test_two_hundred_steps_stay_usable(tmp_path: Path, browser: Browser) -> None:
    recorder = Recorder(tmp_path)
    recorder(started())
    tree = "\n".join(f'- button "Item {number}"' for number in range(300))
    for number in range(1, 201):
        shot = noisy(number)
        recorder(StepStarted(step=number, of=200, title=f"step {number}", action="click"))
        recorder(Observed(step=number, phase="before", url="https://a.example/", title="A", tree=tree, picture=shot))
        recorder(Chosen(step=number, action=Click(target=Target(name="x"))))
        recorder(Observed(step=number, phase="after", url="https://a.example/", title="A", tree="", picture=noisy(number + 1)))
    recorder(EVERY_KIND[-1])
    size = recorder.report.stat().st_size
    pictures = sum(path.stat().st_size for path in (recorder.folder / "screens").iterdir())
    assert len(list((recorder.folder / "screens").iterdir())) == 201
    assert size < pictures * 4 / 3 + 700_000, "besides its pictures the page is small: nothing is in it twice"
    page = await opened(browser, recorder.report)
    await page.locator("#step-200").scroll_into_view_if_needed(timeout=10_000)
    assert await page.locator("#step-200").is_visible()


async def test_a_question_before_the_plan_is_shown(tmp_path: Path, browser: Browser) -> None:
    asked = next(record for record in EVERY_KIND if isinstance(record, Asked))
    folder = recorded(tmp_path, started(), asked.model_copy(update={"step": 0}), EVERY_KIND[-1])
    text = await shown(await opened(browser, folder / "report.html"))
    assert "nobody answered" in text


async def test_a_step_done_again_shows_the_picture_of_the_try_that_counted(tmp_path: Path, browser: Browser) -> None:
    way = StepStarted(step=1, of=1, title="close the banner", action="click", recovery="covered by a banner")
    of_a_kind = {type(record): record for record in reversed(EVERY_KIND)}
    first, seen, decided, chosen, acted, judged = (
        of_a_kind[kind] for kind in (StepStarted, Observed, Decided, Chosen, Acted, Judged)
    )
    after = next(record for record in EVERY_KIND if isinstance(record, Observed) and record.phase == "after")
    tried = (first, seen, decided, chosen, acted)
    cleared = (way, seen, chosen, acted, judged, after)
    folder = recorded(tmp_path, started(), *tried, *cleared, seen, chosen, acted, judged, after, EVERY_KIND[-1])
    page = await opened(browser, folder / "report.html")
    assert await page.locator("#step-1 > .shots").locator("visible=true").count() == 1
    assert await page.locator("#step-1 > .step").count() == 1
    assert "to clear the way: covered by a banner" in await shown(page)
    assert view(folder)[1].exists()


async def test_a_page_that_changed_before_it_was_proved_is_shown(tmp_path: Path, browser: Browser) -> None:
    recorder = Recorder(tmp_path)
    recorder(started())
    recorder(StepStarted(step=1, of=1, title="one", action="click"))
    recorder(Observed(step=1, phase="after", url="https://a.example/", title="A", tree="- main", picture=noisy(1)))
    recorder(Judged(step=0, verdict=Verdict(status="verified", reason="it shows"), seconds=0.1))
    recorder(Observed(step=0, phase="done", url="https://a.example/", title="A", tree="- main: late", picture=noisy(2)))
    recorder(EVERY_KIND[-1])
    page = await opened(browser, recorder.report)
    assert await page.get_by_role("checkbox", name="enlarge the picture when it was proved").count() == 1
