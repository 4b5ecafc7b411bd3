"""Plain words on a real page: planned, settled, pointed and done, and then asked of the page itself."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from operator_agent.executor import Executor
from operator_agent.flow.action import Do
from operator_agent.flow.command import Command
from operator_agent.flow.observation import Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.planner.words import WordsPlanner
from operator_agent.roles import Grounded
from operator_agent.surfaces.browser.surface import BrowserSurface
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = """
<style>body { margin: 8px } .chip { cursor: pointer } .cover { position: fixed; inset: 0; background: #fffd }</style>
<script>window.done = [];
window.say = text => window.done.push(text);
document.addEventListener('click', event => {
  const own = event.target.closest('[data-say]');
  if (own) say(own.dataset.say);
});</script>
<nav><a href="#menu" data-say="menu">Menu</a> <a href="#orders"><button data-say="orders">Orders</button></a></nav>
<form onsubmit="say('sent'); return false">
  <label>First name <input id="first"></label> <label>Name <input id="last"></label>
  <div>Phone</div><div><input id="phone"></div>
  <label><input type="checkbox" id="terms"> I accept the <a href="#terms">Terms</a></label>
  <label for="city">City</label><select id="city"><option>Oslo<option selected>Rome</select>
  <fieldset><legend>Size</legend><label><input type="radio" name="size" value="s">Small</label>
    <label><input type="radio" name="size" value="l">Large</label></fieldset>
  <label>Colours <select id="colours" multiple><option>Red<option>Green<option>Blue</select></label>
  <label>Quantity <input type="number" id="quantity" value="1"></label>
  <label>Volume <input type="range" id="volume" min="0" max="10" value="3"></label>
  <input placeholder="Search products" id="search">
  <textarea aria-label="Note" id="note"></textarea>
  <button type="button" data-say="save">Save</button> <button type="button" data-say="save-continue">Save and Continue</button>
  <button>Send</button>
</form>
<table><tr><th>Person<th>Phone<th></tr>
  <tr><td>Bob<td>555-1<td><button data-say="delete bob">Delete</button></tr>
  <tr><td>Amy<td>555-2<td><button data-say="delete amy">Delete</button></tr></table>
<ul><li><h3>Latte</h3><button data-say="add latte">Add</button></li>
  <li><h3>Mocha</h3><button data-say="add mocha">Add</button></li></ul>
<div><div class="chip" onclick="say('oat')">Oat</div><div class="chip" onclick="say('soy')">Soy</div></div>
<label>姓名 <input id="xing"></label> <button data-say="提交">提交</button>
"""

COVER = """<div class="cover" role="dialog" aria-label="Cookies" id="cover">
<p>We use cookies</p>
<button data-say="accepted">Accept all</button>
<button onclick="document.getElementById('cover').remove(); say('refused')">Reject</button></div>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    await page.set_content(PAGE)
    yield page
    await page.close()


async def perform(page: Page, text: str) -> Trouble | Refusal | None:
    """Plans and does the whole instruction; the first trouble or refusal that ends it."""
    surface, planner, executor = BrowserSurface(page), WordsPlanner(), Executor()
    plan = await planner.plan(Command(text=text), {})
    if isinstance(plan, Refusal):
        return plan
    assert isinstance(plan, Plan)
    todo = deque(plan.steps)
    while todo:
        step = todo.popleft()
        if isinstance(step.action, Do):
            refined = await planner.refine(step, await surface.observe(deep=True), {})
            if isinstance(refined, Refusal):
                return refined
            todo.extendleft(reversed(refined))
        elif trouble := await act(step, surface, executor, planner):
            return trouble
    return None


async def act(step: Step, surface: BrowserSurface, executor: Executor, planner: WordsPlanner) -> Trouble | None:
    for deep in (False, True):
        found = executor.ground(step.action, await surface.observe(deep=deep))
        if isinstance(found, Grounded):
            break
    if isinstance(found, Trouble):
        return found
    trouble = (await surface.perform(step.action, found.elements)).trouble
    if trouble is None or trouble.kind != "covered":
        return trouble
    for way in await planner.recover(step, trouble, await surface.observe(deep=True)):
        if stopped := await act(way, surface, executor, planner):
            return stopped
        return await act(step, surface, executor, planner)
    return trouble


CASES = [
    ("type Ada into Name and Lovelace into First name", "last.value + '/' + first.value", "Ada/Lovelace"),
    ("type 555 into Phone, tick Terms", "phone.value + terms.checked", "555true"),
    ("choose Oslo in City and set Quantity to 3", "city.value + quantity.value", "Oslo3"),
    ("choose Large", "document.querySelector('[value=l]').checked", True),
    ("choose Large in Size", "document.querySelector('[value=l]').checked", True),
    ("set the volume to 7", "volume.value", "7"),
    ("choose Red and Blue in Colours", "[...colours.selectedOptions].map(o => o.text).join()", "Red,Blue"),
    ("search for oat milk", "search.value", "oat milk"),
    ("press Save and Continue", "done.join()", "save-continue"),
    ("press Save and press Send", "done.join()", "save,sent"),
    ("type x into Note, press the Save button; then press Orders", "note.value + done.join()", "xsave,orders"),
    ("press the Delete button in the row of Amy", "done.join()", "delete amy"),
    ("press Add for Mocha", "done.join()", "add mocha"),
    ("press the first Add button", "done.join()", "add latte"),
    ("choose Soy", "done.join()", "soy"),
    ("click Menu", "done.join()", "menu"),
    ("press Enter in Name", "done.join()", "sent"),
    ("在姓名中输入张三，点击提交", "xing.value + done.join()", "张三提交"),
]


@pytest.mark.parametrize(("text", "asked", "expected"), CASES, ids=[text[:40] for text, _, _ in CASES])
async def test_the_page_shows_what_was_said(page: Page, text: str, asked: str, expected: Any) -> None:
    assert await perform(page, text) is None
    assert await page.evaluate(asked) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("press Delete", "ambiguous"),
        ("press Add", "ambiguous"),
        ("press Save Encounter", "absent"),
        ("type x into Surname", "absent"),
    ],
)
async def test_nothing_is_done_when_it_is_not_clear(page: Page, text: str, kind: str) -> None:
    trouble = await perform(page, text)
    assert isinstance(trouble, Trouble)
    assert trouble.kind == kind
    assert await page.evaluate("done.length") == 0


async def test_a_notice_is_refused_and_never_accepted_on_the_way(page: Page) -> None:
    await page.set_content(PAGE + COVER)
    assert await perform(page, "press Save") is None
    assert await page.evaluate("done.join()") == "refused,save"


async def test_a_cover_without_a_way_to_refuse_stays(page: Page) -> None:
    await page.set_content(PAGE + COVER.replace("Reject", "Settings"))
    trouble = await perform(page, "press Save")
    assert isinstance(trouble, Trouble)
    assert trouble.kind == "covered"
    assert await page.evaluate("done.length") == 0
