"""Which limits a command states; and that a command without limits states none. Today is Sunday, 22 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.constraints import stated

TODAY = date(2026, 11, 22)


def told(text: str) -> list[str]:
    """Each constraint in short: `price at most 12 EUR`, `count at most 3 tickets`; `~` before what is not firm."""
    return [_short(constraint) for constraint in stated(text, TODAY)]


def _short(one: Constraint) -> str:
    coin = one.currencies[0] if len(one.currencies) == 1 else "$" if one.currencies else ""
    first = "/".join(one.values) if one.kind in ("date", "recipient") else (*one.values, *one.against)[0]
    parts = [one.kind, one.relation, first, coin, one.of, "each" if one.each else ""]
    return ("" if one.firm else "~") + " ".join(part for part in parts if part)


LIMITS: dict[str, list[str]] = {
    "order a latte for at most 12 euros": ["price at most 12 EUR"],
    "don't pay more than € 20 for the book": ["price at most 20 EUR"],
    "Buy it, but do not spend over 30 pounds": ["price at most 30 GBP"],
    "get me headphones under $50": ["price below 50 $"],
    "buy the shoes if they cost no more than 79,90 €": ["price at most 79.90 EUR"],
    "book a room for less than 100 dollars per night": ["price below 100 $ each"],
    "buy shoes, max 80€": ["price at most 80 EUR"],
    "buy 2 tickets, 12 euros at most": ["price at most 12 EUR"],
    "order lunch with a budget of 25 CHF": ["price at most 25 CHF"],
    "buy a charger and pay at most 15": ["price at most 15"],
    "buy a latte for at most 12": ["price at most 12"],
    "buy it only if it costs less than 12 euros": ["price below 12 EUR"],
    "search for shoes under 50 euros and buy the cheapest": ["price below 50 EUR"],
    "buy three mugs for at most 5 euros each": ["price at most 5 EUR each"],
    "don't order if the total is over 20 euros": ["price at most 20 EUR"],
    "if it costs more than 50, cancel": ["price at most 50"],
    "不超过50元买一杯拿铁": ["price at most 50 CNY"],
    "50元以内买一个杯子": ["price at most 50 CNY"],
    "预算100元，买一双鞋": ["price at most 100 CNY"],
    "buy no more than 3 tickets": ["count at most 3 tickets"],
    "order up to five large lattes": ["count at most 5 large lattes"],
    "order three at most": ["count at most 3"],
    "reserve at least two seats": ["count at least 2 seats"],
    "buy exactly 2 tickets": ["count is 2 tickets"],
    "never order more than 4 pizzas": ["count at most 4 pizzas"],
    "买拿铁，最多3杯": ["count at most 3"],
    "别买超过三个": ["count at most 3"],
    "book a table before 5 pm": ["time below 17:00"],
    "book a haircut no later than 17:30": ["time at most 17:30"],
    "book a haircut not before 10:00": ["time at least 10:00"],
    "book a slot after half past eight": ["time above 08:30"],
    "下午5点前送到，订一份披萨": ["time below 17:00"],
    "have it delivered by Friday": ["date at most 2026-11-27"],
    "schedule it after 3 March": ["date above 2027-03-03"],
    "book a hotel between 3 March and 5 March": ["date at least 2027-03-03", "date at most 2027-03-05"],
    "reserve a room only on 3 March": ["date is 2027-03-03"],
    "book a table for 3 on 3 March at 5 pm": ["~date is 2027-03-03"],
    "book a room on 3 March or 4 March": ["~date is 2027-03-03/2027-03-04"],
    "book a table for tomorrow": ["~date is 2026-11-23"],
    "预订3月3日的房间": ["~date is 2027-03-03"],
    "send the report only to ada@example.org": ["recipient is ada@example.org"],
    "email it to ada@example.org and bob@example.org and nobody else": ["recipient is ada@example.org/bob@example.org"],
    "send the file to nobody but Ada": ["recipient is Ada"],
    "forward the mail only to Ada Lovelace": ["recipient is Ada Lovelace"],
    "send it to ada@example.org": ["~recipient is ada@example.org"],
    "只发给 ada@example.org 这份报告": ["recipient is ada@example.org"],
    "给ada@example.org发邮件，不要发给别人": ["recipient is ada@example.org"],
    "buy it only if it is in stock": ["condition is in stock"],
    "buy the phone if it's available": ["condition is in stock"],
    "order it unless it is sold out": ["~condition is in stock"],
    "book it only if it is refundable": ["condition is refundable"],
    "install it only if it is free": ["condition is free of charge"],
    "book only if a window seat is free": ["condition is vacant"],
    "buy it only if it comes with a charger": ["condition is charger"],
    "只有有货才买": ["condition is in stock"],
    "如果有货就买一个": ["condition is in stock"],
    "buy the phone, not the refurbished one": ["exclusion is not refurbished"],
    "order coffee, anything but the decaf": ["exclusion is not decaf"],
    "don't buy the used one, buy the new one": ["exclusion is not used"],
    "买手机，不要翻新的": ["exclusion is not 翻新"],
    "order 2 pizzas without onions for at most 30 euros before 8 pm": [
        "exclusion is not onions", "price at most 30 EUR", "time below 20:00",
    ],
}  # fmt: skip

HARMLESS = """
    order 3 lattes; order a large oat latte; order two large oat lattes and a small espresso; order a latte for Ada
    order a latte if possible; order a latte at half past eight; order a latte as soon as possible; order another one
    pick up at 17:45: one mocha; order a 12 oz latte; order a latte, not too hot; I want a latte and a mocha, both large
    book a table for 3 at 5 pm; add 2 lattes to the basket; buy the cheapest phone; buy a ticket for 12 euros
    transfer 50 euros to Bob; buy the iPhone 15 Pro Max 256 GB; order one Max Mara coat; subscribe to the monthly plan
    search for shoes under 50 euros; find flights before 5 March; show me emails from before 3 March
    search for a hotel that is available on 3 March; compare the prices of 3 phones; what is the maximum price of a latte?
    how many tickets are in stock?; read the total as sum; download the invoice of March; open the 3rd result
    set the price to 12; set the maximum price to 50; fill 5 into Quantity; select 3 March in Date; choose Small in Size
    type "at most 3" into Note; type at most 3 into Note; change the quantity to 2 and press Update
    fill in the form with name Max and age 30; rename the file to max 3; upload report.pdf to Attachment
    press Send; press the button "Not now"; say no to all cookies; accept the cookies if there is a banner; untick Newsletter
    log in without saving the password; don't close the page; no thanks; go back before the last step; scroll down to the footer
    translate the page if it is not in English; open the page and wait at most 5 seconds; rate it 5 stars
    write a summary of no more than 200 words; play the song Under Pressure; go to the last page
    send Ada a message; send the message "only if it is in stock" to Ada; reply to the first mail; delete the draft
    write to support that the order is late; order a latte for me and nobody else; sign up for the newsletter
    买三杯拿铁; 搜索50元以下的鞋; 点击“不要”; 请帮我订一份披萨; 发送消息给张伟; 把数量设为3; 登录; 预订下午5点的位子
"""


@pytest.mark.parametrize(("text", "limits"), LIMITS.items(), ids=LIMITS)
def test_the_limits_of_a_command(text: str, limits: list[str]) -> None:
    assert told(text) == limits


@pytest.mark.parametrize("text", [one.strip() for one in HARMLESS.replace("\n", ";").split(";") if one.strip()])
def test_a_command_without_limits(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Order a latte for at most 12 Euros, please", "at most 12 Euros"),
        ("Don’t pay more than €20", "Don't pay more than €20"),
        ("buy 2 tickets at most", "2 tickets at most"),
        ("send it only to Ada@Example.org", "only to Ada@Example.org"),
        ("buy a phone, not the refurbished one", "not the refurbished one"),
        ("buy it only if it is in stock, then read the total", "only if it is in stock"),
    ],
)
def test_it_is_quoted_as_the_person_wrote_it(text: str, said: str) -> None:
    assert [constraint.said for constraint in stated(text, TODAY)] == [said]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    stated(text, TODAY)


CUES = "order at most 3 12 euros only to if not the before 5 pm ada@x.org , . 不要 超过 3 个 前".split()


@settings(deadline=None)
@given(st.lists(st.sampled_from(CUES), max_size=12))
def test_any_order_of_cues_is_read(words: list[str]) -> None:
    assert all(constraint.said for constraint in stated(" ".join(words), TODAY))
