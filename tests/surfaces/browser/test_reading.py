"""Read gives the value, its kind, and where it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from operator_agent.flow.action import Read
from operator_agent.surfaces.numbers import number_in
from tests.surfaces.browser.stage import Site, Stage, chromium, serving, staged


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(site: Site) -> AsyncIterator[Stage]:
    async with chromium() as browser, staged(browser, site, secrets={"pin": "hunter2"}) as stage:
        await stage.open("reading.html")
        yield stage


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("target", "what", "value"),
    [
        ('heading "Total of the order"', "text", "Total of the order"),
        ('textbox "Name"', "value", "Ada"),
        ('textbox "Name"', "text", "Ada"),
        ('status "Price"', "number", "1234.50"),
        ('combobox "Size"', "value", "large"),
        ('link "Open it"', "attribute data-id", "7"),
        ('list "Drinks"', "list", ["latte", "tea green"]),
        (
            'table "Orders"',
            "table",
            [
                {"Drink": "latte", "Size": "large", "Quantity": "2"},
                {"Drink": "tea", "Size": "small", "Quantity": "1"},
                {"Drink": "tea", "Size": "large", "Quantity": "3"},
            ],
        ),
        ('table "Grid"', "table", [{"A": "1", "A (2)": "2"}]),
    ],
)
async def test_read(stage: Stage, site: Site, target: str, what: str, value: Any) -> None:
    done = await stage.do(Read, target=target, into="it", what=what)
    assert (done.value, done.trouble) == (value, None)
    assert done.source.startswith(f"{site.url}/reading.html: ")


@pytest.mark.asyncio(loop_scope="module")
async def test_link_is_absolute_and_without_its_secret(stage: Stage, site: Site) -> None:
    done = await stage.do(Read, target='link "Open it"', into="it", what="link")
    assert done.value == f"{site.url}/child.html?x={{secret:pin}}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("target", "what", "kind"),
    [
        ('button "None"', "table", "rejected"),
        ('button "None"', "number", "rejected"),
        ('button "None"', "link", "rejected"),
        ('button "None"', "attribute data-id", "rejected"),
        ('button "None"', "colour", "unsupported"),
    ],
)
async def test_read_what_is_not_there(stage: Stage, target: str, what: str, kind: str) -> None:
    done = await stage.do(Read, target=target, into="it", what=what)
    assert done.value is None
    assert done.trouble and (done.trouble.kind, done.delivery) == (kind, "none")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("€ 4.50", "4.50"), ("4,50 €", "4.50"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("1 234,5 kr", "1234.5"),
        ("12,345", "12345"), ("1.234.567", "1234567"), ("0.125", "0.125"), ("-3", "-3"), ("(12.00)", "-12.00"), ("−7 °C", "-7"),
        ("Total: 3 items of 9", "3"), ("none", None), ("3.", "3"), ("CHF 1'200.–", "1200"),
    ],
)  # fmt: skip
def test_number_in(text: str, number: str | None) -> None:
    assert number_in(text) == number
