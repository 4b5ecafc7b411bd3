"""Filling, typing, pressing, choosing and ticking, read back from the page itself."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent.flow.action import Fill, Press, Select, Tick, Type, Untick
from operator_agent.flow.grant import Limits
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(browser: Browser, site: Site) -> AsyncIterator[Stage]:
    async with staged(browser, site, secrets={"pin": "hunter2-and/more"}) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tab: Stage) -> Stage:
    await tab.open("fields.html")
    return tab


async def value(stage: Stage, field: str) -> str:
    return str(
        await stage.page.evaluate(
            "id => { const field = document.getElementById(id); return field.value ?? field.innerText }", field
        )
    )


@pytest.mark.parametrize(
    ("target", "field", "text"),
    [
        ('textbox "Name"', "name", "Ada 爱达"),
        ('textbox "Name"', "name", ""),
        ('textbox "Notes"', "notes", "one\ntwo"),
        ('textbox "Rich"', "rich", "new text"),
        ('"Day"', "day", "2027-03-09"),
        ('"Hour"', "hour", "14:30"),
        ('spinbutton "Count"', "count", "7"),
        ('"Paint"', "paint", "#1a2b3c"),
        ('slider "Volume"', "volume", "35"),
        ('textbox "Waking"', "waking", "up"),
    ],
)
async def test_fill_replaces_what_was_there(stage: Stage, target: str, field: str, text: str) -> None:
    done = await stage.do(Fill, target=target, text=text)
    assert (done.delivery, done.trouble) == ("sent", None)
    assert await value(stage, field) == text


async def test_fill_goes_key_by_key_where_a_mask_rewrites(stage: Stage) -> None:
    done = await stage.do(Fill, target='textbox "Phone"', text="0123456789")
    assert await value(stage, "phone") == "012 345 678 9"
    assert any("key by key" in fact for fact in done.facts)


async def test_fill_puts_a_secret_in_and_lets_nobody_see_it(stage: Stage) -> None:
    await stage.do(Fill, target='textbox "Name"', text="{secret:pin}")
    assert await value(stage, "name") == "hunter2-and/more"
    seen = await stage.look()
    assert stage.element('textbox "Name"').value == "{secret:pin}"
    assert "hunter2" not in repr(seen)


async def test_fill_of_an_unknown_secret_sends_nothing(stage: Stage) -> None:
    done = await stage.do(Fill, target='textbox "Name"', text="{secret:other}")
    assert done.trouble and (done.trouble.kind, done.delivery) == ("rejected", "none")
    assert await value(stage, "name") == "old"


@pytest.mark.parametrize(
    ("target", "text", "kind", "says"),
    [
        ('spinbutton "Count"', "many", "rejected", "a number"),
        ('textbox "Locked"', "x", "disabled", "read-only"),
        ('textbox "Off"', "x", "disabled", "disabled"),
        ('checkbox "Terms"', "x", "unsupported", "checkbox"),
    ],
)
async def test_fill_that_cannot_be_done_says_why(
    browser: Browser, site: Site, target: str, text: str, kind: str, says: str
) -> None:
    async with staged(browser, site, Limits(step=1.5)) as stage:
        await stage.open("fields.html")
        began = time.monotonic()
        done = await stage.do(Fill, target=target, text=text)
        assert done.trouble and (done.trouble.kind, done.delivery) == (kind, "none")
        assert says in done.trouble.detail
        assert seconds_since(began) < 3


@pytest.mark.parametrize(
    ("target", "text", "says"), [('"Day"', "9 March", "2027-03-09"), ('slider "Volume"', "80", "from 0 to 50")]
)
async def test_fill_that_the_field_made_something_else_of(stage: Stage, target: str, text: str, says: str) -> None:
    done = await stage.do(Fill, target=target, text=text)
    assert done.trouble and (done.trouble.kind, done.delivery) == ("rejected", "sent")
    assert says in done.trouble.detail


async def test_fill_of_a_gone_field_is_stale(stage: Stage) -> None:
    await stage.look()
    await stage.page.evaluate("document.getElementById('name').remove()")
    done = await stage.act(Fill, target='textbox "Name"', text="x")
    assert done.trouble and (done.trouble.kind, done.delivery) == ("stale", "none")


async def test_type_adds_at_the_end_and_where_the_focus_is(stage: Stage) -> None:
    await stage.do(Type, target='textbox "Name"', text=" and new")
    assert await value(stage, "name") == "old and new"
    await stage.do(Type, text="er")
    assert await value(stage, "name") == "old and newer"


async def test_press_on_a_field_submits(stage: Stage, site: Site) -> None:
    await stage.do(Fill, target='textbox "Query"', text="tea")
    await stage.do(Press, target='textbox "Query"', keys="Enter")
    await site.told("submitted tea")


async def test_press_chord_where_the_focus_is(stage: Stage) -> None:
    await stage.page.focus("#name")
    await stage.do(Press, keys="Control+A")
    await stage.do(Press, keys="Delete")
    assert await value(stage, "name") == ""


async def test_press_of_no_key(stage: Stage) -> None:
    done = await stage.do(Press, keys="Entr")
    assert done.trouble and (done.trouble.kind, done.delivery) == ("unsupported", "none")


async def test_select_by_what_is_shown(stage: Stage, site: Site) -> None:
    assert not (await stage.do(Select, target='combobox "Size"', options=("Large",))).trouble
    assert await value(stage, "size") == "large"
    await site.told("change size")


async def test_select_exactly_these(stage: Stage) -> None:
    assert not (await stage.do(Select, target='listbox "Extras"', options=("syrup", "ice"))).trouble
    chosen = "[...document.getElementById('extras').selectedOptions].map(option => option.value)"
    assert await stage.page.evaluate(chosen) == ["syrup", "ice"]


async def test_select_waits_for_options_that_come_late(stage: Stage) -> None:
    assert not (await stage.do(Select, target='combobox "Slow"', options=("second",))).trouble
    assert await value(stage, "slow") == "second"


@pytest.mark.parametrize(
    ("target", "options", "kind"),
    [
        ('combobox "Size"', ("gigantic",), "rejected"),
        ('combobox "Size"', ("huge",), "disabled"),
        ('combobox "Size"', ("small", "large"), "rejected"),
        ('combobox "City"', ("Atlantis",), "rejected"),
    ],
)
async def test_select_what_is_not_offered(stage: Stage, target: str, options: tuple[str, ...], kind: str) -> None:
    done = await stage.do(Select, target=target, options=options)
    assert done.trouble and done.trouble.kind == kind
    assert await value(stage, "size") == "small"


async def test_select_in_an_aria_listbox(stage: Stage) -> None:
    assert not (await stage.do(Select, target='listbox "Colours"', options=("green", "blue"))).trouble
    chosen = "[...document.querySelectorAll('#colours [aria-selected=true]')].map(option => option.textContent)"
    assert await stage.page.evaluate(chosen) == ["green", "blue"]


async def test_select_in_a_combobox_that_opens(stage: Stage) -> None:
    assert not (await stage.do(Select, target='combobox "City"', options=("Rome",))).trouble
    assert await value(stage, "city") == "Rome"


async def test_select_in_a_combobox_that_filters(stage: Stage, site: Site) -> None:
    assert not (await stage.do(Select, target='combobox "Country"', options=("Norway",))).trouble
    await site.told("country Norway")


async def test_select_from_suggestions(stage: Stage) -> None:
    assert not (await stage.do(Select, target='combobox "Tea"', options=("black",))).trouble
    assert await value(stage, "tea") == "black"


async def test_select_in_a_radio_group(stage: Stage) -> None:
    assert not (await stage.do(Select, target='radiogroup "Sugar"', options=("Some",))).trouble
    assert await stage.page.evaluate("document.querySelector('[name=sugar]:checked').value") == "some"


@pytest.mark.parametrize("name", ["Terms", "Newsletter"])
async def test_check_and_uncheck(stage: Stage, name: str) -> None:
    box = {"Terms": "terms", "Newsletter": "news"}[name]
    assert not (await stage.do(Tick, target=f'checkbox "{name}"')).trouble
    assert await stage.page.evaluate("id => document.getElementById(id).checked", box)
    again = await stage.do(Tick, target=f'checkbox "{name}"')
    assert again.delivery == "none" and "already checked" in again.facts[0]
    assert not (await stage.do(Untick, target=f'checkbox "{name}"')).trouble
    assert not await stage.page.evaluate("id => document.getElementById(id).checked", box)


async def test_check_a_switch_and_a_radio(stage: Stage) -> None:
    await stage.do(Tick, target='switch "Dark"')
    assert await stage.page.evaluate("document.getElementById('switch').getAttribute('aria-checked')") == "true"
    await stage.do(Tick, target='radio "Oat"')
    assert await stage.page.evaluate("document.getElementById('oat').checked")
    refused = await stage.do(Untick, target='radio "Oat"')
    assert refused.trouble and refused.trouble.kind == "rejected"


@pytest.mark.speed
async def test_settled_fill_costs_little(stage: Stage) -> None:
    """Not more than a few ms above Playwright's own; the quickest of ten, as the machine may be busy."""
    await stage.look()
    name = stage.element('textbox "Name"')
    ours, bare = [], []
    for number in range(10):
        began = time.perf_counter()
        await stage.surface.perform(Fill.model_validate({"target": {"name": "Name"}, "text": str(number)}), {"target": name})
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        await stage.page.get_by_ref(name.ref).fill(str(number))
        bare.append(time.perf_counter() - began)
    assert min(ours) < 2 * min(bare) + 0.010
