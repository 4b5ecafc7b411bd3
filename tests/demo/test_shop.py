"""The honest shop: the whole order in a browser, in both languages, and every answer of the pages and the API."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from operator_agent.demo.serve import Served
from tests.demo.conftest import Shop, Visit
from tests.demo.customer import Client, column, rows

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHINESE = {
    "add": "添加 拿铁",
    "size": "杯型",
    "milk": "奶",
    "quantity": "数量",
    "to_basket": "加入购物篮",
    "basket": "购物篮",
    "checkout": "去结账",
    "name": "姓名",
    "to_payment": "继续付款",
    "place": "提交订单",
    "thanks": "谢谢",
}


async def test_an_order_from_the_menu_to_the_history(visit: Visit) -> None:
    customer = await visit()
    page, trouble = customer.page, list[str]()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("requestfailed", lambda request: trouble.append(request.url))
    page.on("request", lambda request: None if request.url.startswith(customer.served.url) else trouble.append(request.url))
    await customer.walk_to_basket()
    await expect(page.get_by_role("status", name="Basket")).to_have_text("2 items")
    await expect(page.get_by_role("row", name="latte large oat 2 €9.20 Remove latte")).to_be_visible()
    await expect(page.get_by_role("heading", name="Total €9.20")).to_be_visible()
    await customer.press("checkout")
    await page.get_by_role("textbox", name="Name").fill("Ada")
    await page.get_by_role("textbox", name="Pick-up time").fill("3:20 pm")
    await customer.press("to_payment")
    await expect(page.get_by_role("radio", name="Pay at the counter")).to_be_checked()
    async with page.expect_response("**/api/orders") as sent:
        await customer.press("place")
    assert (await sent.value).status == 201
    await customer.thanked()
    await expect(page.get_by_role("status", name="Basket")).to_have_text("0 items")
    number = page.url.rpartition("/")[2]
    await page.get_by_role("link", name="Orders", exact=True).click()
    await expect(page.get_by_role("row", name=f"{number} latte large oat 2 €9.20 Ada 15:20 received")).to_be_visible()
    assert rows(customer.served) == [("latte", "large", "oat", 2)]
    assert trouble == []


async def test_the_same_order_in_chinese_is_stored_in_english(visit: Visit) -> None:
    customer = await visit(words=CHINESE, locale="zh-CN")
    await customer.walk_to_basket()
    await expect(customer.page.get_by_role("status", name="购物篮")).to_have_text("2 件")
    await customer.press("checkout")
    await expect(customer.page.get_by_role("textbox", name="取餐时间")).to_have_value("尽快")
    await customer.page.get_by_role("textbox", name="姓名").fill("小明")
    await customer.press("to_payment")
    await customer.press("place")
    await customer.thanked()
    assert re.fullmatch(r"[0-9A-Z]{6} 拿铁 大杯 燕麦奶 2 €9.20 小明 尽快 已接单", (await customer.history())[0])
    assert rows(customer.served) == [("latte", "large", "oat", 2)]
    assert column(customer.served, "pickup") == ["as soon as possible"]


async def test_the_language_switch_is_remembered(visit: Visit) -> None:
    customer = await visit()
    await customer.page.goto(f"{customer.served.url}drinks/mocha")
    await customer.page.get_by_role("link", name="中文").click()
    await customer.page.get_by_role("heading", name="摩卡", level=1).wait_for()
    await customer.page.get_by_role("link", name="菜单", exact=True).click()
    await customer.page.get_by_role("heading", name="菜单", level=1).wait_for()
    await customer.page.get_by_role("link", name="English").click()
    await customer.page.get_by_role("heading", name="Menu", level=1).wait_for()


async def test_a_card_is_checked_next_to_its_fields(visit: Visit) -> None:
    customer = await visit()
    await customer.to_payment()
    page = customer.page
    await page.get_by_role("radio", name="Pay by card").check()
    await page.get_by_role("textbox", name="Card number").fill("4242 4242 4242 4241")
    await page.get_by_role("textbox", name="Expiry").fill("12/34")
    await page.get_by_role("textbox", name="Security code").fill("123")
    await customer.press("place")
    await expect(page.locator("#card_number-error")).to_have_text("This is not a card number.")
    await expect(page.locator("#card_expiry-error")).to_be_empty()
    assert rows(customer.served) == []
    await page.get_by_role("textbox", name="Card number").fill("4242 4242 4242 4242")
    await customer.press("place")
    await customer.thanked()
    assert rows(customer.served) == [("latte", "large", "oat", 2)]
    assert b"4242" not in customer.served.db.read_bytes()


async def test_a_double_click_orders_once(visit: Visit) -> None:
    customer = await visit()
    await customer.to_payment()
    await customer.page.get_by_role("button", name="Place order").dblclick()
    await customer.thanked()
    assert rows(customer.served) == [("latte", "large", "oat", 2)]


@pytest.mark.parametrize("drink", ["espresso", "americano", "green-tea"])
async def test_no_milk_is_asked_for_or_stored_where_there_is_none(shop: Shop, drink: str) -> None:
    served = await shop()
    client = Client(served.url)
    assert 'id="milk"' not in (await client.get(f"drinks/{drink}")).text
    await client.post(f"drinks/{drink}", size="small", quantity="1")
    assert (await client.post("api/orders", name="Ada")).status == 201
    assert rows(served) == [(drink.replace("-", " "), "small", "none", 1)]


async def test_every_line_of_an_order_is_a_row_under_one_number(shop: Shop) -> None:
    served = await shop()
    client = Client(served.url)
    await client.fill_basket()
    await client.post("drinks/espresso", size="small", quantity="3")
    await client.post("drinks/mocha", size="medium", milk="soy", quantity="1")
    await client.post("basket/remove", line="0")
    answer = await client.post("api/orders", name="Ada", pickup="08:05", phone="030 1234567")
    assert rows(served) == [("espresso", "small", "none", 3), ("mocha", "medium", "soy", 1)]
    assert column(served, "number") == [answer.json["number"]] * 2
    assert column(served, "price_cents") == [660, 450]
    assert column(served, "total_cents") == [1110, 1110]
    assert column(served, "pickup") == ["08:05"] * 2
    history = (await client.get("api/orders")).json["orders"]
    assert [row["drink"] for row in history] == ["mocha", "espresso"]
    assert (await client.get(f"api/orders/{answer.json['number']}")).json == answer.json
    assert answer.headers["location"] == f"/orders/{answer.json['number']}"


async def test_a_session_sees_only_its_own_orders(honest: Served) -> None:
    ada, eve = Client(honest.url), Client(honest.url)
    await ada.fill_basket()
    number = (await ada.post("api/orders", name="Ada")).json["number"]
    assert (await eve.get("api/orders")).json == {"orders": []}
    assert (await eve.get(f"api/orders/{number}")).status == 404
    assert (await eve.get(f"orders/{number}")).status == 404
    assert (await ada.get(f"orders/{number}")).status == 200


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"size": "huge", "milk": "oat", "quantity": "1"}, "size"),
        ({"size": "small", "milk": "goat", "quantity": "1"}, "milk"),
        ({"size": "small", "quantity": "1"}, "milk"),
        ({"size": "small", "milk": "oat", "quantity": "0"}, "quantity"),
        ({"size": "small", "milk": "oat", "quantity": "21"}, "quantity"),
        ({"size": "small", "milk": "oat", "quantity": "two"}, "quantity"),
        ({}, "size"),
    ],
)
async def test_a_wrong_drink_form_is_explained_next_to_the_field(honest: Served, form: dict[str, str], field: str) -> None:
    client = Client(honest.url)
    answer = await client.post("drinks/latte", **form)
    assert answer.status == 422
    assert re.search(rf'id="{field}-error">[^<]+<', answer.text)
    assert "0 items" in answer.text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "A" * 61}, "name"),
        ({"name": "Ada", "pickup": "half past never"}, "pickup"),
        ({"name": "Ada", "pickup": "25:00"}, "pickup"),
        ({"name": "Ada", "phone": "call me"}, "phone"),
    ],
)
async def test_wrong_details_are_explained_on_the_page_and_in_the_api(honest: Served, form: dict[str, str], field: str) -> None:
    client = Client(honest.url)
    await client.fill_basket()
    page, api = await client.post("checkout", **form), await client.post("api/orders", **form)
    assert page.status == api.status == 422
    assert re.search(rf'id="{field}-error">[^<]+<', page.text)
    assert list(api.json["errors"]) == [field]
    assert client.session not in column(honest, "session")


async def test_without_a_basket_there_is_no_checkout(honest: Served) -> None:
    client = Client(honest.url)
    for path in ("checkout", "payment"):
        assert (await client.get(path)).url.endswith("/basket")
    assert (await client.post("checkout", name="Ada")).url.endswith("/basket")
    answer = await client.post("api/orders", name="Ada")
    assert (answer.status, answer.json["error"]) == (409, "Your basket is empty.")
    await client.fill_basket()
    assert (await client.get("payment")).url.endswith("/checkout")


@pytest.mark.parametrize("path", ["nowhere", "drinks/mud", "orders/AAAAAA"])
async def test_what_does_not_exist_is_a_page_that_says_so(honest: Served, path: str) -> None:
    answer = await Client(honest.url).get(path)
    assert answer.status == 404
    assert "<h1>Page not found</h1>" in answer.text


async def test_the_menu_api_lists_what_the_menu_shows(honest: Served) -> None:
    client = Client(honest.url)
    menu, page = await asyncio.gather(client.get("api/menu"), client.get(""))
    shown = re.findall(r">Add ([a-z ]+)</a>", page.text)
    assert [drink["drink"] for drink in menu.json["drinks"]] == shown
    assert len(shown) == 10
    latte = next(drink for drink in menu.json["drinks"] if drink["drink"] == "latte")
    assert latte["cents"] == {"small": 360, "medium": 410, "large": 460}


async def test_what_a_customer_types_is_text(honest: Served) -> None:
    client = Client(honest.url)
    await client.fill_basket()
    await client.post("api/orders", name="<b>Ada</b>")
    assert "&lt;b&gt;Ada&lt;/b&gt;" in (await client.get("orders")).text
