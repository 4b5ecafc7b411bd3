"""Twenty commands with limits in a real browser: a plan that ignores the limit hands nothing in, one that keeps it does so once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page

from operator_agent import Limits, Operator, Plan, Result
from operator_agent.flow.check import TextCheck
from operator_agent.flow.grant import RISKS
from operator_agent.flow.plan import Step
from operator_agent.policy.constraints import stated
from operator_agent.script import parse_step
from tests.site import Request, Site, serving
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = "<!doctype html><meta charset=utf-8><title>Shop</title><p>Signed in as me@example.org</p>"
TICKETS = """<h1>Tickets</h1><form method=post action=/done>
<label>Tickets <input name=n type=number value=1 oninput="total.textContent = '€ ' + (this.value * 5).toFixed(2)"></label>
<button type=button onclick="n.value++; n.oninput()" aria-label="+">+</button>
<p>Total <b id=total>€ 5.00</b></p><button>Buy now</button></form><script>const n = document.querySelector('[name=n]')</script>"""
PHONES = "<h1>Phones</h1>" + "".join(
    f"""<div class=card><h2>{name}</h2><p>{price}</p><p>{stock}</p>
    <form method=post action=/done><input type=hidden name=item value="{name}"><button>Buy now</button></form>
    <form action=/basket><input type=hidden name=item value="{name}"><input type=hidden name=price value="{price}">
    <button>Add to basket</button></form></div>"""
    for name, price, stock in (
        ("Phone A", "€ 80.00", "In stock"),
        ("Phone B", "€ 120.00", "In stock"),
        ("Phone C, refurbished", "€ 60.00", "In stock"),
        ("Phone D", "€ 70.00", "Sold out"),
        ("Phone E", "$ 75.00", "In stock"),
    )
)
BASKET = """<h1>Basket</h1><table><tr><th>Item<th>Quantity<th>Price</tr><tr><td>{item}<td>1<td>{price}</tr></table>
<p>Shipping € 5.00</p><p>Total: {total}</p><form method=post action=/done><button>Place order</button></form>"""
MAIL = """<h1>New message</h1><form method=post action=/done><label>To <input name=to></label> <label>Cc <input name=cc></label>
<label>Message <textarea name=text></textarea></label><button>Send</button></form><p>Contact help@example.org</p>"""
TABLE = """<h1>Book a table</h1><p>Opening hours 8:00 to 22:00</p><form method=post action=/done>
<label>Date <input name=day type=date></label> <label>Time <select name=time><option>16:00<option>18:00</select></label>
<label>Guests <input name=n type=number value=2></label><button>Book table</button></form>"""
ROOMS = "<h1>Rooms</h1><ul>" + "".join(
    f"<li><h2>{name}</h2><p>{price} per night</p><p>{terms}</p><form method=post action=/done><button>Book</button></form></li>"
    for name, price, terms in (("Garden", "€ 90.00", "Free cancellation"), ("Sea view", "€ 150.00", "Non-refundable"))
)
TRANSFER = """<h1>Transfer</h1><form method=post action=/done><label>Recipient <input name=to></label>
<label>Amount (€) <input name=sum></label><button>Transfer money</button></form>"""
CHINESE = """<h1>咖啡</h1><form method=post action=/done><label>数量 <input name=n type=number value=1
oninput="t.textContent = '合计 ' + this.value * 20 + ' 元'"></label><p id=t>合计 20 元</p><button>立即购买</button></form>"""
PAGES = {
    "/tickets": TICKETS, "/phones": PHONES, "/mail": MAIL, "/table": TABLE, "/rooms": ROOMS, "/transfer": TRANSFER,
    "/coffee": CHINESE,
}  # fmt: skip


def answer(request: Request) -> str:
    if request.page != "/basket":
        return HEAD + PAGES.get(request.page, "<h1>Thank you</h1>")
    asked = {key: values[0] for key, values in parse_qs(urlsplit(request.path).query).items()}
    coin, amount = asked["price"].split()
    return HEAD + BASKET.format(**asked, total=f"{coin} {float(amount) + 5:.2f}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Site]:
    async with serving(answer) as opened:
        yield opened


def handed_in(shop: Site) -> list[str]:
    return [request.body for request in shop.asked if request.method == "POST"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page()


class Case(NamedTuple):
    command: str
    page: str
    wrong: list[str]
    """Acts of a plan that ignores the limit: `FIELD = TEXT`, else the button to press."""
    right: list[str]
    reason: str
    """What the refusal says besides the person's words."""


def of_phone(number: int, button: str) -> str:
    return f"{button} ({number})"


CASES = [
    Case("buy tickets for at most 12 euros", "/tickets", ["Tickets = 3", "Buy now"], ["Tickets = 2", "Buy now"], "€ 15.00"),
    Case("don't spend more than € 5 on tickets", "/tickets", ["+", "Buy now"], ["Buy now"], "€ 10.00"),
    Case("buy no more than 3 tickets", "/tickets", ["Tickets = 5", "Buy now"], ["Tickets = 3", "Buy now"], "5"),
    Case("buy at most one ticket", "/tickets", ["+", "Buy now"], ["Buy now"], "2"),
    Case("buy at least 2 tickets", "/tickets", ["Buy now"], ["+", "Buy now"], '"1"'),
    Case("buy a phone under 100 euros", "/phones", [of_phone(2, "Buy now")], [of_phone(1, "Buy now")], "€ 120.00"),
    Case("buy a phone for less than 100 euros", "/phones", [of_phone(5, "Buy now")], [of_phone(1, "Buy now")], "another currency"),
    Case(
        "order a phone for at most 82 euros", "/phones", [of_phone(1, "Add to basket"), "Place order"],
        [of_phone(3, "Add to basket"), "Place order"], "Total: € 85.00",
    ),
    Case("buy a phone only if it is in stock", "/phones", [of_phone(4, "Buy now")], [of_phone(1, "Buy now")], "Sold out"),
    Case(
        "order a phone, but only if it is in stock", "/phones", [of_phone(4, "Add to basket"), "Place order"],
        [of_phone(1, "Add to basket"), "Place order"], "Sold out",
    ),
    Case("buy a phone, not the refurbished one", "/phones", [of_phone(3, "Buy now")], [of_phone(1, "Buy now")], "refurbished"),
    Case("book the room only if it is refundable", "/rooms", ["Book (2)"], ["Book (1)"], "Non-refundable"),
    Case("book a room for at most 100 euros per night", "/rooms", ["Book (2)"], ["Book (1)"], "€ 150.00"),
    Case(
        "send hello only to ada@example.org", "/mail", ["To = bob@example.org", "Send"],
        ["To = ada@example.org", "Send"], "bob@example.org",
    ),
    Case(
        "send hello to ada@example.org and nobody else", "/mail", ["To = ada@example.org", "Cc = eve@example.org", "Send"],
        ["To = ada@example.org", "Message = ask eve@example.org", "Send"], "eve@example.org",
    ),
    Case(
        "transfer at most 50 euros, only to Ada", "/transfer", ["Recipient = Bob", "Amount (€) = 20", "Transfer money"],
        ["Recipient = Ada", "Amount (€) = 20", "Transfer money"], "Bob",
    ),
    Case(
        "transfer no more than 50 euros to Ada", "/transfer", ["Recipient = Ada", "Amount (€) = 500", "Transfer money"],
        ["Recipient = Ada", "Amount (€) = 50", "Transfer money"], "500",
    ),
    Case(
        "book a table on 3 March", "/table", ["Date = {year}-03-04", "Book table"],
        ["Date = {year}-03-03", "Book table"], "{year}-03-04",
    ),
    Case(
        "book a table before 5 pm", "/table", ["Date = {year}-03-03", "Time: 18:00", "Book table"],
        ["Date = {year}-03-03", "Time: 16:00", "Book table"], "18:00",
    ),
    Case("不超过50元买咖啡", "/coffee", ["数量 = 3", "立即购买"], ["数量 = 2", "立即购买"], "60 元"),
]  # fmt: skip


def year_of_next_march() -> str:
    return stated("book a table on 3 March")[0].values[0][:4]


def step(act: str, *, last: bool) -> Step:
    act = act.replace("{year}", year_of_next_march())
    expect = {"expect": [{"text": "Thank you"}]} if last else {}
    if " = " in act:
        field, text = act.split(" = ")
        return parse_step({"fill": field_target(field), "with": text})
    if act.startswith("Time: "):
        return parse_step({"select": 'combobox "Time"', "option": act.removeprefix("Time: ")})
    name, _, nth = act.partition(" (")
    return parse_step({"click": f'button "{name}"' + (f" ({nth}" if nth else ""), **expect})


def field_target(name: str) -> str:
    return f'"{name}"' if name not in ("Tickets", "数量") else f'spinbutton "{name}"'


async def run(page: Page, shop: Site, case: Case, acts: list[str]) -> Result:
    """Does the acts as a model's plan, everything approved beforehand."""
    # What a model names as proof must not have been there at the first look, which is the one after the first step.
    look = parse_step({"read": "heading [level=1]", "into": "title"})
    steps = (look, *(step(act, last=act is acts[-1]) for act in acts))
    plan = Plan(goal=case.command, steps=steps, done=(TextCheck(text="Thank you"),), tier="model")
    await page.goto(shop.origin + case.page, wait_until="commit")
    async with Operator(page=page, approve=RISKS, record=False, pictures=False, limits=Limits(step=8.0)) as operator:
        return await operator.run_plan(plan)


@pytest.mark.parametrize("case", CASES, ids=[case.command for case in CASES])
async def test_a_limit_holds_whatever_is_planned(page: Page, shop: Site, case: Case) -> None:
    shop.asked.clear()
    blocked = await run(page, shop, case, case.wrong)
    assert (blocked.outcome, handed_in(shop)) == ("blocked", []), blocked.reason
    assert stated(case.command)[0].said in blocked.reason or stated(case.command)[-1].said in blocked.reason
    assert case.reason.replace("{year}", year_of_next_march()) in blocked.reason
    passed = await run(page, shop, case, case.right)
    assert (passed.outcome, len(handed_in(shop))) == ("passed", 1), passed.reason
