"""Which acts would break a stated limit, on pages written by hand: what is over it, what cannot be read, and what is harmless."""

from __future__ import annotations

from datetime import date

import pytest

from operator_agent.flow.action import Action, AnswerDialog, Click, Fill, Press, Select, Tick
from operator_agent.flow.constraint import Constraint
from operator_agent.flow.grant import Grant, Risk
from operator_agent.flow.observation import Dialog, Element, Observation
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.matching import matches
from operator_agent.policy.bounds import broken, shown
from operator_agent.policy.constraints import stated
from operator_agent.policy.policy import Policy
from operator_agent.roles import Decision
from tests.aria import observe

TODAY = date(2026, 11, 22)


def limits(command: str) -> tuple[Constraint, ...]:
    found = stated(command, TODAY)
    assert found, f"no limit was read from {command!r}"
    return found


def resolved(action: Action, seen: Observation) -> dict[str, Element]:
    target = getattr(action, "target", None)
    return {"target": seen.elements[matches(target, seen)[0]]} if isinstance(target, Target) else {}


def why(command: str, text: str, action: Action, risk: Risk | None = None) -> str:
    """Why the act would break a limit of the command; "" when it would not."""
    seen = observe(text, url="http://shop.test/")
    return "; ".join(broken(limits(command), Step(action=action, risk=risk), resolved(action, seen), seen))


def click(target: str) -> Click:
    return Click(target=Target.parse(target))


def fill(target: str, text: str) -> Fill:
    return Fill(target=Target.parse(target), text=text)


def payment(total: str) -> str:
    return f"""
    - banner:
      - link "Basket":
        - /url: /basket
    - main:
      - heading "Payment" [level=1]
      - table:
        - row "Drink Quantity Price":
          - columnheader "Drink"
          - columnheader "Quantity"
          - columnheader "Price"
        - row "large latte 2 € 9.00":
          - cell "large latte"
          - cell "2"
          - cell "€ 9.00"
        - row "Total {total}":
          - cell "Total"
          - cell "{total}"
      - textbox "Name"
      - button "Place order"
      - button "Continue shopping"
      - button "Update"
    """


CARDS = """
- main:
  - heading "Phones" [level=1]
  - list:
    - listitem:
      - heading "Phone, refurbished" [level=3]
      - text: € 8.00
      - text: In stock
      - button "Add to basket"
      - button "Buy now"
    - listitem:
      - heading "Phone, new" [level=3]
      - text: € 15.00
      - text: Sold out
      - button "Add to basket"
      - button "Buy now"
    - listitem:
      - heading "Phone, old" [level=3]
      - text: € 5.00
      - button "Add to basket"
      - button "Buy now"
  - textbox "Quantity"
"""
MAIL = """
- main:
  - text: Signed in as me@example.org
  - combobox "From": me@example.org
  - textbox "To": {to}
  - textbox "Cc": {cc}
  - textbox "Message": Ask bob@example.org about it
  - button "Send"
  - button "Save draft"
"""
BOOKING = """
- main:
  - heading "Book a table" [level=1]
  - text: Opening hours 8:00 to 22:00
  - textbox "Date": {day}
  - combobox "Time": "{time}"
  - spinbutton "Guests": {guests}
  - button "Book table"
"""
ORDER = "order a latte for at most 12 euros"


class TestPrice:
    @pytest.mark.parametrize(
        ("command", "total", "reason"),
        [
            (ORDER, "€ 9.00", ""),
            (ORDER, "12,00 €", ""),
            (ORDER, "€ 15.00", 'you said "at most 12 euros", and the page shows Total € 15.00'),
            (ORDER, "€ 1.200,00", "€ 1.200,00"),
            (ORDER, "$ 9.00", "another currency"),
            (ORDER, "9.00", ""),
            (ORDER, "on request", ""),
            ("order a latte under 9 euros", "€ 9.00", "€ 9.00"),
            ("order a latte and pay at most 12", "$ 13.00", "$ 13.00"),
            ("order lattes for at most 4 euros each", "€ 18.00", "€ 9.00"),
            ("order lattes for at most 9 euros each", "€ 18.00", ""),
            ("最多12欧元买拿铁", "€ 15.00", "€ 15.00"),
        ],
    )
    def test_what_is_paid(self, command: str, total: str, reason: str) -> None:
        found = why(command, payment(total), click('button "Place order"'))
        assert (reason in found) if reason else not found, found

    def test_missing_price_refuses_paying_and_booking_only(self) -> None:
        page = '- textbox "Name"\n- button "Pay"\n- button "Book now"\n- button "Send message"\n- button "Next"\n- link "Pay"'
        assert "no price can be read here" in why(ORDER, page, click('button "Pay"'))
        assert "no price can be read here" in why(ORDER, page, click('button "Book now"'))
        assert "no price can be read here" in why(ORDER, page, Press(keys="Enter", target=Target.parse('textbox "Name"')))
        assert "no price can be read here" in why(ORDER, page, click('button "Next"'), risk="pay")
        assert not why(ORDER, page, click('button "Next"'))
        assert not why(ORDER, page, click('button "Send message"'))

    def test_without_a_currency_on_the_page(self) -> None:
        assert "without a currency" in why(ORDER, "- text: Total 9.00\n- button Pay".replace("Pay", '"Pay"'), click('button "Pay"'))

    def test_the_way_there(self) -> None:
        page = payment("€ 15.00") + '  - button "Checkout"\n      - searchbox "Search"\n      - button "Search"\n'
        for free in ("Continue shopping", "Update"):
            assert not why(ORDER, page, click(f'button "{free}"'))
        assert not why(ORDER, CARDS, fill('textbox "Quantity"', "99"))

    def test_a_card_is_judged_by_itself(self) -> None:
        seen = observe(CARDS, url="http://shop.test/")
        buttons = [e for e in seen.elements if e.name == "Buy now"]
        step = Step(action=click('button "Buy now"'))
        one, two = (broken(limits(ORDER), step, {"target": button}, seen) for button in buttons[:2])
        assert one == ()
        assert "€ 15.00" in two[0]

    def test_struck_out_and_saved_amounts_are_not_paid(self) -> None:
        page = '- deletion:\n  - text: € 20.00\n- text: € 11.00\n- text: You save € 9.00\n- button "Buy now"'
        assert not why(ORDER, page, click('button "Buy now"'))

    def test_the_quantity_counts(self) -> None:
        page = '- text: € 5.00\n- spinbutton "Quantity": 3\n- button "Buy now"'
        assert "3 × € 5.00" in why(ORDER, page, click('button "Buy now"'))

    def test_the_button_itself(self) -> None:
        assert "€ 15.00" in why(ORDER, '- text: Total € 9.00\n- button "Pay € 15.00"', click('button "Pay € 15.00"'))

    def test_an_amount_that_is_entered(self) -> None:
        page = '- textbox "Your bid (€)": 60\n- text: Current bid € 40.00\n- button "Place bid"'
        assert "60" in why("bid at most 50 euros", page, fill('textbox "Your bid (€)"', "60"))
        assert not why("bid at most 50 euros", page, fill('textbox "Your bid (€)"', "45"))
        assert "60" in why("bid at most 50 euros", page, click('button "Place bid"'))

    def test_a_dialog_that_pays(self) -> None:
        for text, reason in (("Place this order for € 15.00?", "€ 15.00"), ("Place this order?", "no price can be read")):
            seen = observe("", dialog=Dialog(kind="confirm", text=text))
            found = broken(limits(ORDER), Step(action=AnswerDialog(answer="accept"), risk="pay"), {}, seen)
            assert reason in "".join(found)


    def test_a_dialog_after_the_act(self) -> None:
        """Nothing speaks against "Are you sure?", for the act was judged; an amount beyond the limit is not accepted by anybody."""
        grant = Grant(approved=frozenset({"pay"}), constraints=limits(ORDER))
        approved = Decision("allow", "pay", (), "Place order · Total € 9.00")
        for text, decision in (("Pay € 9.00 now?", "allow"), ("Are you sure?", "allow"), ("Pay € 15.00 now?", "deny")):
            seen = observe("", dialog=Dialog(kind="confirm", text=text))
            assert Policy().decide_dialog(approved, seen, grant).decision == decision

    def test_two_buttons_that_end_the_order(self) -> None:
        page = """
        - region "Summary":
          - text: Total € 15.00
          - button "Place order"
        - region "Extras":
          - text: Gift wrap € 2.00
          - button "Place order"
        """
        seen = observe(page, url="http://shop.test/")
        for button in (element for element in seen.elements if element.role == "button"):
            assert broken(limits(ORDER), Step(action=click('button "Place order"')), {"target": button}, seen)


class TestCount:
    MOST = "buy at most 3 tickets"

    @pytest.mark.parametrize(
        ("command", "page", "act", "reason"),
        [
            (MOST, '- spinbutton "Tickets": 1', fill('spinbutton "Tickets"', "5"), '"5"'),
            (MOST, '- spinbutton "Tickets": 1', fill('spinbutton "Tickets"', "3"), ""),
            (MOST, '- spinbutton "Age": 1', fill('spinbutton "Age"', "30"), ""),
            (MOST, '- spinbutton "Quantity": 5\n- button "Buy"', click('button "Buy"'), '"5"'),
            (MOST, '- text: 2 × ticket\n- text: 2 × ticket\n- button "Buy"', click('button "Buy"'), "2 × ticket"),
            (MOST, '- text: 4 tickets\n- button "Buy"', click('button "Buy"'), "4 tickets"),
            (MOST, '- text: 3 tickets\n- button "Buy"', click('button "Buy"'), ""),
            (MOST, '- text: € 9.00\n- button "Buy"', click('button "Buy"'), "how many"),
            (MOST, '- spinbutton "Quantity": 5\n- button "Checkout"', click('button "Checkout"'), '"5"'),
            (MOST, '- combobox "Quantity": "1"', Select(target=Target.parse("combobox"), options=("4",)), '"4"'),
            (MOST, '- spinbutton "Tickets": 3\n- button "+"', click('button "+"'), "this makes it 4"),
            (MOST, '- spinbutton "Tickets": 2\n- button "+"', click('button "+"'), ""),
            ("buy at least 2 tickets", '- spinbutton "Tickets": 1\n- button "Buy"', click('button "Buy"'), '"1"'),
            ("order no more than 1 latte", payment("€ 9.00"), click('button "Place order"'), "Quantity 2"),
            ("order no more than 2 lattes", payment("€ 9.00"), click('button "Place order"'), ""),
            ("book for at most 4 people", BOOKING.format(day="", time="", guests=5), click('button "Book table"'), '"5"'),
            ("book for at most 4 people", BOOKING.format(day="", time="", guests=4), click('button "Book table"'), ""),
            ("最多买3张票", '- spinbutton "数量": 5\n- button "立即购买"', click('button "立即购买"'), '"5"'),
        ],
    )
    def test_how_many(self, command: str, page: str, act: Action, reason: str) -> None:
        found = why(command, page, act)
        assert (reason in found) if reason else not found, found


class TestMoment:
    @pytest.mark.parametrize(
        ("command", "day", "time", "reason"),
        [
            ("book a table on 3 March", "2027-03-03", "17:00", ""),
            ("book a table on 3 March", "2027-03-04", "17:00", "2027-03-04"),
            ("book a table on 3 March", "4 March", "17:00", "4 March"),
            ("book a table on 3 March", "", "17:00", ""),
            ("book a table only on 3 March", "", "17:00", "no date can be read"),
            ("book a table not later than 5 March", "2027-03-05", "17:00", ""),
            ("book a table not later than 5 March", "2027-03-06", "17:00", "2027-03-06"),
            ("book a table before 5 pm", "2027-03-03", "16:30", ""),
            ("book a table before 5 pm", "2027-03-03", "17:00", "17:00"),
            ("book a table before 5 pm", "2027-03-03", "", "no time can be read"),
            ("book a table after half past eight", "2027-03-03", "8:15", "8:15"),
            ("下午5点前订一个位子", "2027-03-03", "18:00", "18:00"),
        ],
    )
    def test_when_it_is_booked(self, command: str, day: str, time: str, reason: str) -> None:
        found = why(command, BOOKING.format(day=day, time=time, guests=2), click('button "Book table"'))
        assert (reason in found) if reason else not found, found

    @pytest.mark.parametrize(
        ("command", "act", "reason"),
        [
            ("book a table on 3 March", fill('textbox "Date"', "2027-03-04"), "this sets Date to 2027-03-04"),
            ("book a table on 3 March", fill('textbox "Date"', "2027-03-03"), ""),
            ("book a table before 5 pm", fill('combobox "Time"', "18:00"), "18:00"),
            ("book a table before 5 pm", click('button "18:00"'), "18:00"),
            ("book a table before 5 pm", click('button "16:00"'), ""),
            ("book a table on 3 March", click('gridcell "4 March 2027"'), "4 March"),
            ("book a table on 3 March", fill('textbox "Date of birth"', "1990-05-06"), ""),
        ],
    )
    def test_when_it_is_set(self, command: str, act: Action, reason: str) -> None:
        slots = '  - button "18:00"\n  - button "16:00"\n  - gridcell "4 March 2027"\n  - textbox "Date of birth"\n'
        found = why(command, BOOKING.format(day="", time="", guests=2) + slots, act)
        assert (reason in found) if reason else not found, found


class TestRecipient:
    ONLY = "send the report only to ada@example.org"

    @pytest.mark.parametrize(
        ("command", "to", "cc", "reason"),
        [
            (ONLY, "ada@example.org", "", ""),
            (ONLY, "Ada <Ada@Example.org>", "", ""),
            (ONLY, "bob@example.org", "", 'you said "only to ada@example.org", and the page shows To: bob@example.org'),
            (ONLY, "ada@example.org", "eve@example.org", "eve@example.org"),
            (ONLY, "ada@example.org, eve@example.org", "", "eve@example.org"),
            (ONLY, "ada@example.org.evil.test", "", "evil.test"),
            (ONLY, "", "", "who gets it cannot be read"),
            ("send it to ada@example.org", "bob@example.org", "", "bob@example.org"),
            ("send it to ada@example.org", "", "", ""),
            ("forward the mail only to Ada", "Ada Lovelace", "", ""),
            ("forward the mail only to Ada", "Bob", "", "Bob"),
            ("只发给 ada@example.org", "bob@example.org", "", "bob@example.org"),
        ],
    )
    def test_who_gets_it(self, command: str, to: str, cc: str, reason: str) -> None:
        found = why(command, MAIL.format(to=to, cc=cc), click('button "Send"'))
        assert (reason in found) if reason else not found, found

    @pytest.mark.parametrize(
        ("act", "reason"),
        [
            (fill('textbox "To"', "bob@example.org"), "this sets To to bob@example.org"),
            (fill('textbox "To"', "ada@"), ""),
            (fill('textbox "Cc"', "eve@example.org"), "eve@example.org"),
            (fill('textbox "Message"', "bob@example.org"), ""),
            (click('button "Save draft"'), ""),
        ],
    )
    def test_who_is_filled_in(self, act: Action, reason: str) -> None:
        found = why(self.ONLY, MAIL.format(to="", cc=""), act)
        assert (reason in found) if reason else not found, found

    def test_a_button_that_says_to_whom(self) -> None:
        page = '- button "Send to Bob"\n- button "Send to Ada"'
        assert "Bob" in why("send the file only to Ada", page, click('button "Send to Bob"'))
        assert not why("send the file only to Ada", page, click('button "Send to Ada"'))

    def test_chips(self) -> None:
        page = '- main:\n  - text: From\n  - text: me@x.org\n  - text: "To: ada@example.org, eve@example.org"\n  - button "Send"'
        assert "eve@example.org" in why(self.ONLY, page, click('button "Send"'))


class TestCondition:
    @pytest.mark.parametrize(
        ("command", "says", "reason"),
        [
            ("buy it only if it is in stock", "In stock", ""),
            ("buy it only if it is in stock", "Only 2 available", ""),
            ("buy it only if it is in stock", "Out of stock", 'you said "only if it is in stock", and the page shows'),
            ("buy it only if it is in stock", "Not in stock", "Not in stock"),
            ("buy it only if it is in stock", "Currently not available", "not available"),
            ("buy it only if it is in stock", "This product isn't available", "isn't available"),
            ("buy it only if it is in stock", "Sold out", "Sold out"),
            ("buy it only if it is in stock", "Notify me when available", "cannot be told"),
            ("buy it only if it is in stock", "Two years of warranty", "cannot be told"),
            ("buy it unless it is sold out", "Two years of warranty", ""),
            ("buy it unless it is sold out", "Sold out", "Sold out"),
            ("buy it only if it is not sold out", "Sold out", "Sold out"),
            ("buy it only if it is free", "Free shipping", "cannot be told"),
            ("buy it only if it is free", "Free", ""),
            ("book it only if it is refundable", "Non-refundable", "Non-refundable"),
            ("book it only if it is refundable", "Fully refundable", ""),
            ("buy it only if it comes with a charger", "Charger in the box", ""),
            ("buy it only if it comes with a charger", "Charger not included", "not included"),
            ("buy it only if it comes with a charger", "Ships without charger", "without charger"),
            ("只有有货才买", "现货", ""),
            ("只有有货才买", "缺货", "缺货"),
        ],
    )
    def test_what_the_page_says(self, command: str, says: str, reason: str) -> None:
        page = f'- main:\n  - text: € 5.00\n  - text: {says}\n  - button "Buy now"\n- link "Out of stock items"'
        found = why(command, page, click('button "Buy now"'))
        assert (reason in found) if reason else not found, found

    def test_each_card_speaks_for_itself(self) -> None:
        seen = observe(CARDS, url="http://shop.test/")
        limit, step = limits("buy a phone only if it is in stock"), Step(action=click('button "Buy now"'))
        buttons = [element for element in seen.elements if element.name == "Buy now"]
        reasons = ["".join(broken(limit, step, {"target": button}, seen)) for button in buttons]
        assert reasons[0] == ""
        assert "Sold out" in reasons[1]
        assert "cannot be told" in reasons[2]

    def test_what_an_earlier_page_showed_is_remembered_for_what_was_chosen(self) -> None:
        limit = limits("buy a phone only if it is in stock")
        seen = observe(CARDS, url="http://shop.test/")
        add = Step(action=click('button "Add to basket"'))
        first, second, third = ({"target": e} for e in seen.elements if e.name == "Add to basket")
        till = observe(payment("€ 8.00"), url="http://shop.test/pay")
        order = Step(action=click('button "Place order"'))
        pay = resolved(order.action, till)
        known = shown(limit, add, first, seen)
        assert broken(limit, order, pay, till, known) == ()
        assert broken(limit, order, pay, till) != ()
        assert broken(limit, add, second, seen, known) != ()
        assert broken(limit, order, pay, till, shown(limit, add, third, seen, known)) != ()


class TestExclusion:
    NOT = "buy a phone, not the refurbished one"

    def test_the_row_that_is_chosen(self) -> None:
        seen = observe(CARDS, url="http://shop.test/")
        for name in ("Buy now", "Add to basket"):
            step = Step(action=click(f'button "{name}"'))
            found = [broken(limits(self.NOT), step, {"target": e}, seen) for e in seen.elements if e.name == name]
            assert [bool(reasons) for reasons in found] == [True, False, False]

    @pytest.mark.parametrize(
        ("command", "page", "act", "reason"),
        [
            (NOT, '- radio "Refurbished"\n- radio "New"', Tick(target=Target.parse('radio "Refurbished"')), '"Refurbished"'),
            (NOT, '- radio "Refurbished"\n- radio "New"', Tick(target=Target.parse('radio "New"')), ""),
            (NOT, '- combobox "Kind": New', Select(target=Target.parse("combobox"), options=("Refurbished",)), '"Refurbished"'),
            (NOT, '- heading "Refurbished phone" [level=1]\n- button "Buy now"', click('button "Buy now"'), "Refurbished phone"),
            (NOT, '- heading "Phone, not refurbished" [level=1]\n- button "Buy now"', click('button "Buy now"'), ""),
            (NOT, '- link "Refurbished phones"', click('link "Refurbished phones"'), ""),
            (NOT, '- searchbox "Search"', fill("searchbox", "refurbished"), ""),
            ("order a pizza without onions", '- checkbox "No onions"', Tick(target=Target.parse("checkbox")), ""),
            ("order a pizza without onions", '- checkbox "Extra onions"', Tick(target=Target.parse("checkbox")), "onions"),
            ("买手机，不要翻新的", '- radio "翻新机"', Tick(target=Target.parse("radio")), "翻新"),
        ],
    )
    def test_what_is_chosen(self, command: str, page: str, act: Action, reason: str) -> None:
        found = why(command, page, act)
        assert (reason in found) if reason else not found, found

    def test_what_lies_in_the_basket(self) -> None:
        page = payment("€ 9.00").replace("large latte", "refurbished phone")
        assert "refurbished phone" in why(self.NOT, page, click('button "Place order"'))


class TestPolicy:
    def test_a_broken_limit_is_denied_whoever_approves(self) -> None:
        seen = observe(payment("€ 15.00"), url="http://shop.test/")
        grant = Grant(origins=("http://shop.test",), approved=frozenset({"pay"}), constraints=limits(ORDER))
        step = Step(action=click('button "Place order"'))
        decision = Policy().decide(step, resolved(step.action, seen), seen, grant)
        assert decision.decision == "deny"
        assert decision.risk == "pay"
        assert 'you said "at most 12 euros"' in decision.reasons[0]
        free = grant.model_copy(update={"constraints": ()})
        assert Policy().decide(step, resolved(step.action, seen), seen, free).decision == "allow"
