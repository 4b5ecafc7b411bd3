"""JavaScript dialogs are held open until they are answered, and nothing waits for them meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent.flow.action import AnswerDialog, Click, Fill, GoTo
from operator_agent.flow.observation import Dialog
from tests.surfaces.browser.stage import Site, Stage, chromium, seconds_since, serving, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser, site: Site) -> AsyncIterator[Stage]:
    async with staged(browser, site) as stage:
        await stage.open("windows.html")
        yield stage


@pytest.mark.parametrize(("answer", "line"), [("accept", "yes"), ("dismiss", "no")])
async def test_confirm_is_held_and_answered(stage: Stage, site: Site, answer: str, line: str) -> None:
    began = time.monotonic()
    done = await stage.do(Click, target='button "Confirm"')
    assert (done.delivery, done.trouble, done.facts) == ("sent", None, ('confirm "Sure?" opened',))
    seen = await stage.look()
    assert seen.dialog == Dialog(kind="confirm", text="Sure?")
    assert (seen.elements, seen.complete) == ((), False)
    assert await stage.surface.picture() is None
    assert seconds_since(began) < 3
    assert site.log == []
    await stage.surface.perform(AnswerDialog(answer=answer), {})
    await site.told(line)
    after = await stage.look()
    assert after.dialog is None and after.elements


async def test_prompt_gets_its_text(stage: Stage, site: Site) -> None:
    await stage.do(Click, target='button "Prompt"')
    assert (await stage.look()).dialog == Dialog(kind="prompt", text="Your name?", default="nobody")
    await stage.surface.perform(AnswerDialog(answer="accept", text="Ada"), {})
    await site.told("name Ada")


async def test_one_dialog_after_the_other(stage: Stage, site: Site) -> None:
    await stage.do(Click, target='button "Twice"')
    answered = await stage.surface.perform(AnswerDialog(answer="accept"), {})
    assert answered.trouble is None
    assert (await stage.look()).dialog == Dialog(kind="alert", text="two")
    await stage.surface.perform(AnswerDialog(answer="accept"), {})
    await site.told("both")
    assert (await stage.look()).dialog is None


async def test_answer_settles_what_it_starts(stage: Stage) -> None:
    await stage.do(Click, target='button "Order"')
    answered = await stage.surface.perform(AnswerDialog(answer="accept"), {})
    seen = await stage.look()
    assert "ordered" in seen.text
    order = next(exchange for exchange in seen.exchanges if exchange.method == "POST" and exchange.url.endswith("/api/orders"))
    assert order.status == 201 and order.started >= answered.started


async def test_dialog_of_a_frame(stage: Stage, site: Site) -> None:
    await stage.do(Click, target='button "Ask inside"')
    assert (await stage.look()).dialog == Dialog(kind="confirm", text="From inside?")
    await stage.surface.perform(AnswerDialog(answer="accept"), {})
    await site.told("inner yes")


async def test_dialog_on_load(stage: Stage, site: Site) -> None:
    began = time.monotonic()
    done = await stage.surface.perform(GoTo(url="/onload.html"), {})
    assert done.trouble is None and seconds_since(began) < 2
    assert (await stage.look()).dialog == Dialog(kind="alert", text="Welcome")
    await stage.surface.perform(AnswerDialog(answer="accept"), {})
    assert 'heading "Loaded"' in (await stage.look()).tree


async def test_beforeunload_is_a_decision(stage: Stage, site: Site) -> None:
    await stage.do(Click, target='button "Arm"')
    await site.told("armed")
    await stage.do(Click, target='link "Next"')
    seen = await stage.look()
    assert seen.dialog and seen.dialog.kind == "beforeunload"
    await stage.surface.perform(AnswerDialog(answer="dismiss"), {})
    assert (await stage.look()).url.endswith("windows.html")
    await stage.do(Click, target='link "Next"')
    await stage.surface.perform(AnswerDialog(answer="accept"), {})
    assert (await stage.look()).url.endswith("?next")


async def test_acts_wait_for_the_answer(stage: Stage, site: Site) -> None:
    await stage.look()
    go = {"target": stage.element('button "Confirm"')}
    await stage.act(Click, target='button "Confirm"')
    refused = await stage.surface.perform(Click.model_validate({"target": {"name": "Confirm"}}), go)
    assert refused.trouble and (refused.trouble.kind, refused.delivery) == ("dialog", "none")
    await stage.surface.perform(AnswerDialog(answer="dismiss"), {})
    await site.told("no")


async def test_no_dialog_to_answer(stage: Stage) -> None:
    done = await stage.surface.perform(AnswerDialog(answer="accept"), {})
    assert done.trouble and (done.trouble.kind, done.delivery) == ("absent", "none")


async def test_dialog_that_opens_by_itself_ends_looking_and_waiting(stage: Stage) -> None:
    await stage.do(Click, target='button "Alert later"')
    began = time.monotonic()
    while (await stage.look()).dialog is None and seconds_since(began) < 3:
        await stage.surface.changed(1.0)
    assert stage.seen.dialog == Dialog(kind="alert", text="later")
    assert seconds_since(began) < 3


async def test_waiting_act_is_called_off_by_a_dialog(stage: Stage, site: Site) -> None:
    """The button is covered; while that is waited for, a dialog opens: the click must not come after the answer."""
    await stage.look()
    await stage.page.evaluate("""() => {
      const cover = document.body.appendChild(document.createElement('div'));
      cover.style.cssText = 'position:fixed;inset:0';
      setTimeout(() => { cover.remove(); alert('Hello') }, 500);
    }""")
    done = await stage.act(Click, target='button "Confirm"')
    assert done.trouble and (done.trouble.kind, done.delivery) == ("dialog", "none")
    await stage.surface.perform(AnswerDialog(answer="accept"), {})
    assert (await stage.look()).dialog is None
    assert site.log == []


async def test_dialog_that_a_fill_brings_up(stage: Stage) -> None:
    await stage.do(Fill, target='textbox "Name"', text="Ada")
    done = await stage.do(Click, target='button "Other"')
    assert done.facts == ('alert "changed" opened',)
    await stage.surface.perform(AnswerDialog(answer="accept"), {})


async def test_held_act_does_not_outlive_the_surface(browser: Browser, site: Site) -> None:
    before = asyncio.all_tasks()
    async with staged(browser, site) as stage:
        await stage.open("windows.html")
        await stage.do(Click, target='button "Confirm"')
    left = {task for task in asyncio.all_tasks() - before if not task.done() and "surfaces/browser" in repr(task)}
    assert left == set()
