"""Every fault does what it says, with the database as the witness."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from playwright.async_api import Dialog, expect

from operator_agent.demo import shop as shop_module
from operator_agent.demo.faults import FAULTS, Faults
from operator_agent.demo.serve import serve
from operator_agent.errors import UsageError
from tests.demo.conftest import Shop, Visit
from tests.demo.customer import Client, column, rows, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = ("latte", "large", "oat", 2)
FRAGMENTS = Path(shop_module.__file__).with_name("templates") / "faults"


async def test_every_fault_has_one_line_and_every_fragment_a_fault() -> None:
    assert len(FAULTS) == 21
    assert all(line.endswith(".") and "\n" not in line for line in FAULTS.values())
    assert {fragment.stem for fragment in FRAGMENTS.iterdir()} <= set(FAULTS)


async def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"Unknown fault brown-out.*dead-button.*wrong-drink"):
        Faults.named(["confirm", "brown-out"])


async def test_dead_button(visit: Visit) -> None:
    customer = await visit("dead-button")
    sent: list[str] = []
    customer.page.on("request", lambda request: sent.append(request.method))
    await customer.to_payment()
    await customer.page.get_by_role("heading", name="Payment").wait_for()
    sent.clear()
    await customer.press("place")
    await customer.history()
    assert "POST" not in sent
    assert rows(customer.served) == []


async def test_late_handler(visit: Visit) -> None:
    customer = await visit("late-handler")
    await customer.page.clock.install(time=0)
    await customer.page.clock.pause_at(1000)
    await customer.to_payment()
    await customer.page.get_by_role("heading", name="Payment", level=1).wait_for()
    await customer.press("place")
    await customer.page.clock.run_for(1900)
    await customer.press("place")
    assert customer.page.url.endswith("/payment")
    assert rows(customer.served) == []
    await customer.page.clock.run_for(200)
    await customer.press("place")
    await customer.thanked()
    assert rows(customer.served) == [ASKED]


async def test_renamed_button(visit: Visit) -> None:
    customer = await visit("renamed-button")
    await customer.to_payment()
    button = customer.page.get_by_role("button", name="Complete purchase", exact=True)
    await button.wait_for()
    assert await customer.page.get_by_role("button", name="Place order").count() == 0
    await button.click()
    await customer.thanked()
    assert rows(customer.served) == [ASKED]


async def test_decoy(visit: Visit) -> None:
    customer = await visit("decoy")
    await customer.to_payment()
    buttons = customer.page.get_by_role("button", name="Place order", exact=True)
    await expect(buttons).to_have_count(2)
    await buttons.first.click()
    await customer.thanked()
    assert rows(customer.served) == [("mocha", "large", "whole", 1)]
    await customer.page.goto(f"{customer.served.url}payment")
    await buttons.last.click()
    await customer.thanked()
    assert rows(customer.served) == [("mocha", "large", "whole", 1), ASKED]


async def test_cookie_banner(visit: Visit) -> None:
    customer = await visit("cookie-banner")
    await customer.to_payment()
    dialog = customer.page.get_by_role("dialog", name="Cookies")
    await dialog.wait_for()
    hit = "button => (box => document.elementFromPoint(box.x + 20, box.y + 20) === button)(button.getBoundingClientRect())"
    button = customer.page.get_by_role("button", name="Place order")
    assert not await button.evaluate(hit)
    assert await dialog.get_by_role("button", name="Accept all").count() == 1
    await dialog.get_by_role("button", name="Only necessary").click()
    await expect(dialog).to_have_count(0)
    await customer.page.reload()
    await expect(dialog).to_have_count(0)
    await customer.press("place")
    await customer.thanked()
    assert rows(customer.served) == [ASKED]


async def test_row_inserted(visit: Visit) -> None:
    customer = await visit("row-inserted")
    await customer.page.goto(customer.served.url)
    latte = customer.page.get_by_role("link", name="Add latte", exact=True)
    before = await latte.bounding_box()
    inserted = customer.page.get_by_role("link", name="Add pumpkin spice latte")
    await inserted.wait_for()
    after = await latte.bounding_box()
    assert before and after and after["y"] > before["y"] + 50
    since_load = "performance.now() - performance.getEntriesByType('navigation')[0].loadEventStart"
    assert await customer.page.evaluate(since_load) >= 300
    await inserted.click()
    await customer.page.get_by_role("heading", name="pumpkin spice latte", level=1).wait_for()


async def test_already_thanks(visit: Visit) -> None:
    customer = await visit("already-thanks")
    for path in ("", "basket", "orders", "nowhere"):
        await customer.page.goto(customer.served.url + path)
        assert await customer.page.get_by_role("heading", name="Thank you", exact=True).count() == 1
    assert rows(customer.served) == []


@pytest.mark.parametrize("accept", [False, True])
async def test_confirm(visit: Visit, accept: bool) -> None:
    customer = await visit("confirm")
    asked: list[str] = []

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await (dialog.accept() if accept else dialog.dismiss())

    customer.page.on("dialog", answer)
    await customer.order()
    if accept:
        await customer.thanked()
    await customer.history()
    assert asked == ["Place this order for €9.20?"]
    assert rows(customer.served) == ([ASKED] if accept else [])


async def test_pay_iframe(visit: Visit) -> None:
    customer = await visit("pay-iframe")
    await customer.to_payment()
    frame = customer.page.frame_locator("iframe")
    button = frame.get_by_role("button", name="Place order", exact=True)
    await expect(frame.get_by_role("status")).to_have_text("Early Bird Coffee asks for €9.20")
    assert await customer.page.get_by_role("button", name="Place order").count() == 0
    assert [frame.url.split("?")[0] for frame in customer.page.frames[1:]] == [customer.served.payment_url]
    assert customer.served.payment_url.startswith("http://localhost:")
    await button.click()
    await customer.thanked()
    assert rows(customer.served) == [ASKED]


async def test_pay_tab(visit: Visit) -> None:
    customer = await visit("pay-tab")
    async with customer.page.expect_popup() as opened:
        await customer.to_payment()
    tab = await opened.value
    await tab.wait_for_url(f"{customer.served.payment_url}?*")
    assert rows(customer.served) == []
    async with tab.expect_event("close"):
        await tab.get_by_role("button", name="Place order", exact=True).click()
    await customer.thanked()
    assert rows(customer.served) == [ASKED]


async def test_a_stranger_cannot_say_that_it_was_paid(visit: Visit) -> None:
    customer = await visit("pay-iframe")
    await customer.to_payment()
    await customer.page.frame_locator("iframe").get_by_role("button").wait_for()
    await customer.page.evaluate("window.postMessage('paid', '*')")
    await customer.history()
    assert rows(customer.served) == []


async def test_small_print(visit: Visit) -> None:
    customer = await visit("small-print")
    async with customer.page.expect_response(lambda answer: answer.request.method == "POST" and "checkout" in answer.url) as sent:
        await customer.to_payment()
    assert (await sent.value).status == 422
    phone = customer.page.get_by_role("textbox", name="Phone")
    assert await phone.get_attribute("required") is None
    await expect(customer.page.locator("#phone-error")).to_have_text("A phone number is needed for this order.")
    assert await customer.page.locator("#phone-error").evaluate("error => parseFloat(getComputedStyle(error).fontSize)") < 14
    await phone.fill("+49 30 1234567")
    await customer.press("to_payment")
    await customer.press("place")
    await customer.thanked()
    assert rows(customer.served) == [ASKED]


async def test_session_expired(visit: Visit) -> None:
    customer = await visit("session-expired")
    await customer.to_basket()
    await customer.press("checkout")
    await expect(customer.page.get_by_role("alert")).to_have_text("Your session has expired. Please start again.")
    await customer.page.get_by_role("heading", name="Menu", level=1).wait_for()
    await expect(customer.page.get_by_role("status", name="Basket")).to_have_text("0 items")
    assert rows(customer.served) == []


async def test_price_raised(visit: Visit) -> None:
    customer = await visit("price-raised")
    await customer.to_basket()
    await customer.page.get_by_role("heading", name="Total €9.20").wait_for()
    await customer.press("checkout")
    await customer.page.get_by_role("heading", name="Total €11.04").wait_for()
    await customer.page.get_by_role("textbox", name="Name").fill("Ada")
    await customer.press("to_payment")
    await customer.page.get_by_role("heading", name="Payment").wait_for()
    await customer.page.get_by_role("heading", name="Total €11.04").wait_for()
    await customer.press("place")
    await customer.thanked()
    assert column(customer.served, "total_cents") == [1104]
    assert column(customer.served, "price_cents") == [920]


async def test_long_poll(visit: Visit) -> None:
    customer = await visit("long-poll")
    answered: list[str] = []
    customer.page.on("requestfinished", lambda request: answered.append(request.url))
    async with customer.page.expect_request("**/api/news"):
        await customer.page.goto(customer.served.url)
    await customer.order()
    await customer.thanked()
    assert rows(customer.served) == [ASKED]
    assert not [url for url in answered if url.endswith("/api/news")]


async def test_slow_3s(shop: Shop) -> None:
    served = await shop("slow-3s")
    client = Client(served.url)
    await client.fill_basket()
    began = time.monotonic()
    answer = asyncio.create_task(client.post("api/orders", name="Ada"))
    assert await stored(served) == [ASKED]
    assert not answer.done()
    assert (await answer).status == 201
    assert time.monotonic() - began >= 3
    assert rows(served) == [ASKED]


async def test_slow_60s(visit: Visit) -> None:
    customer = await visit("slow-60s")
    await customer.order()
    await expect(customer.page.get_by_role("button", name="Placing your order…")).to_be_disabled()
    assert await stored(customer.served) == [ASKED]
    await customer.history()
    # Nothing protects a customer who is impatient: the basket is still full, and ordering again orders twice.
    await expect(customer.page.get_by_role("status", name="Basket")).to_have_text("2 items")


async def test_a_slow_answer_does_not_hold_up_the_closing_of_the_shop() -> None:
    async with serve(faults=["slow-60s", "long-poll"]) as served:
        client = Client(served.url)
        await client.fill_basket()
        answer = asyncio.create_task(client.post("api/orders", name="Ada"))
        assert await stored(served) == [ASKED]
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert (await answer).status == 201


async def test_redirect_foreign(visit: Visit) -> None:
    customer = await visit("redirect-foreign")
    async with customer.page.expect_response("**/api/orders") as sent:
        await customer.order()
    assert (await sent.value).status == 307
    await customer.page.get_by_role("alert").wait_for()
    assert rows(customer.served) == []
    assert customer.served.foreign_bytes > 0, "a browser that nothing holds back sends the form to the foreign server"
    assert b"name=Ada" in customer.served.foreign.received


async def test_order_500(visit: Visit) -> None:
    customer = await visit("order-500")
    async with customer.page.expect_response("**/api/orders") as sent:
        await customer.order()
    assert (await sent.value).status == 500
    await expect(customer.page.get_by_role("alert")).to_have_text(
        "Something went wrong on our side. Your order has not been placed."
    )
    assert rows(customer.served) == []


async def test_sold_out(visit: Visit) -> None:
    customer = await visit("sold-out")
    async with customer.page.expect_response("**/api/orders") as sent:
        await customer.order()
    assert (await sent.value).status == 409
    await expect(customer.page.get_by_role("alert")).to_have_text("Sorry, latte has just sold out. Your order has not been placed.")
    assert rows(customer.served) == []


async def test_toast_no_row(visit: Visit) -> None:
    customer = await visit("toast-no-row")
    async with customer.page.expect_response("**/api/orders") as sent:
        await customer.order()
    assert (await sent.value).status == 201
    await customer.thanked()
    await expect(customer.page.locator("tbody tr")).to_have_text(["latte large oat 2 €9.20"], use_inner_text=True)
    assert await customer.history() == []
    assert rows(customer.served) == []


async def test_wrong_drink(visit: Visit) -> None:
    customer = await visit("wrong-drink")
    async with customer.page.expect_response("**/api/orders") as sent:
        await customer.order()
    assert (await sent.value).status == 201
    await customer.thanked()
    await expect(customer.page.locator("tbody tr")).to_have_text(["latte large oat 2 €9.20"], use_inner_text=True)
    number = customer.page.url.rpartition("/")[2]
    assert await customer.history() == [f"{number} cappuccino large oat 2 €9.20 Ada as soon as possible received"]
    assert rows(customer.served) == [("cappuccino", "large", "oat", 2)]


async def test_wrong_drink_in_the_api(shop: Shop) -> None:
    served = await shop("wrong-drink")
    client = Client(served.url)
    await client.fill_basket()
    told = await client.post("api/orders", name="Ada")
    kept = await client.get(f"api/orders/{told.json['number']}")
    assert (told.status, told.json["lines"][0]["drink"]) == (201, "latte")
    assert (kept.status, kept.json["lines"][0]["drink"]) == (200, "cappuccino")


async def test_faults_combine(visit: Visit) -> None:
    customer = await visit("pay-iframe", "price-raised", "toast-no-row", "long-poll")
    await customer.to_payment()
    frame = customer.page.frame_locator("iframe")
    await expect(frame.get_by_role("status")).to_have_text("Early Bird Coffee asks for €11.04")
    await frame.get_by_role("button", name="Place order").click()
    await customer.thanked()
    assert rows(customer.served) == []
