"""Verdicts over scripted looks: what counts as proof, and what never does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from time import monotonic
from typing import Any

import pytest

from operator_agent.flow.action import (
    Action,
    AnswerDialog,
    Back,
    Click,
    CloseTab,
    Download,
    Fill,
    GoTo,
    Press,
    Read,
    Scroll,
    Select,
    SwitchTab,
    Tick,
    Type,
    Untick,
    Upload,
    WaitFor,
)
from operator_agent.flow.check import (
    AllCheck,
    AnyCheck,
    BecameCheck,
    Check,
    DialogCheck,
    DownloadCheck,
    ElementCheck,
    FileCheck,
    HoldsCheck,
    NotCheck,
    ResponseCheck,
    RowCheck,
    TabCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
    ValueCheck,
    WithinCheck,
)
from operator_agent.flow.observation import (
    Dialog,
    DownloadedFile,
    Exchange,
    Observation,
    Performed,
    Tab,
    Trouble,
    unanswered_writes,
)
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Verdict
from operator_agent.roles import Attempt
from operator_agent.verifier import Verifier
from tests.aria import observe

PATIENCE = 0.4
"""Seconds a verdict may take in these tests; nothing here is really slow."""
AMPLE = 10.0
"""For what must be verified: it ends as soon as it is."""
EMPTY = observe("- main")


class Looks:
    """A witness that shows one look after another and stays at the last. A look `(seconds, look)` is not shown before that time."""

    def __init__(self, *looks: Observation | tuple[float, Observation]) -> None:
        began = monotonic()
        self._looks = [(began + look[0], look[1]) if isinstance(look, tuple) else (0.0, look) for look in looks]
        self.count = 0

    async def observe(self, *, deep: bool = False) -> Observation:
        self.count += 1
        if self.count > 1 and len(self._looks) > 1 and self._looks[1][0] <= monotonic():
            self._looks.pop(0)
        return self._looks[0][1].model_copy(update={"at": monotonic()})

    async def changed(self, timeout: float) -> bool:
        await asyncio.sleep(min(timeout, 0.02))
        return True


def element(target: str, text: str | None = None, count: int | None = None) -> ElementCheck:
    return ElementCheck(target=Target.parse(target), text=text, count=count)


def performed(**fields: Any) -> Performed:
    return Performed(**({"delivery": "sent", "started": monotonic()} | fields))


def attempt(
    action: Action, expect: Iterable[Check] = (), before: Observation = EMPTY, act: Performed | None = None, values: Any = None
) -> Attempt:
    target = getattr(action, "target", None) or getattr(action, "to", None)
    elements = {}
    if isinstance(target, Target):
        found = [e for e in before.elements if (e.role, e.name) == (target.role, target.name)]
        elements = {("to" if isinstance(action, Scroll) else "target"): found[0]} if found else {}
    return Attempt(Step(action=action, expect=tuple(expect)), elements, before, act or performed(), values or {})


async def judged(tried: Attempt, *looks: Any, patience: float = PATIENCE) -> Verdict:
    verdict, _ = await Verifier().judge(tried, Looks(*looks), monotonic() + patience)
    return verdict


async def expected(check: Check, before: Observation, *looks: Any, patience: float = PATIENCE, **more: Any) -> Verdict:
    return await judged(attempt(PRESS, [check], before, **more), *looks, patience=patience)


PRESS = Click(target=Target.parse('button "Go"'))
MENU = observe('- heading "Menu"')
BASKET = observe('- heading "Basket"')


def exchange(method: str = "POST", path: str = "/api/orders", **fields: Any) -> Exchange:
    now = monotonic() + 1.0  # after the act, however late that is made on a busy machine
    given = {"method": method, "url": f"http://shop.test{path}", "kind": "fetch", "started": now, "ended": now, "status": 201}
    return Exchange(**(given | fields))


def sent(*exchanges: Exchange, page: Observation = EMPTY) -> Observation:
    return page.model_copy(update={"exchanges": exchanges})


class Editor(Looks):
    """Shows the text of an editable region itself only in a deep look, as Playwright's snapshots do."""

    def __init__(self, shallow: Observation, deep: Observation) -> None:
        super().__init__(shallow)
        self._deep = deep

    async def observe(self, *, deep: bool = False) -> Observation:
        return self._deep.model_copy(update={"at": monotonic()}) if deep else await super().observe()


class TestEditableRegions:
    @pytest.mark.parametrize(("held", "status"), [("oat milk", "verified"), ("oat mi", "refuted")])
    async def test_what_only_a_deep_look_shows(self, held: str, status: str) -> None:
        note = Target.parse('textbox "Note"')
        empty, full = observe('- textbox "Note" [ref=e1]'), observe(f'- textbox "Note" [ref=e1]: {held}')
        tried = attempt(Fill(target=note, text="oat milk"), [], empty)
        verdict, _ = await Verifier().judge(tried, Editor(empty, full), monotonic() + PATIENCE)
        assert verdict.status == status, verdict
        done, _ = await Verifier().judge_done(
            (element('textbox "Note"', "oat milk"),), {}, 0.0, Editor(empty, full), monotonic() + PATIENCE
        )
        assert done.status == status, done


class TestBecame:
    async def test_what_appears_is_proof(self) -> None:
        verdict = await expected(element('heading "Basket"'), MENU, BASKET)
        assert verdict.status == "verified"
        assert verdict.evidence[0].before is False
        assert 'heading "Basket"' in verdict.reason

    async def test_what_was_already_there_proves_nothing(self) -> None:
        verdict = await expected(element('heading "Menu"'), MENU, MENU)
        assert verdict.status == "unknown"
        assert "already there before the action" in verdict.evidence[0].saw
        assert verdict.evidence[0].before is True

    @pytest.mark.speed
    async def test_already_there_is_decided_at_once(self) -> None:
        began = monotonic()
        await expected(element('heading "Menu"'), MENU, MENU, patience=5.0)
        assert monotonic() - began < 1.0

    async def test_what_was_there_and_went_is_refuted(self) -> None:
        assert (await expected(element('heading "Menu"'), MENU, BASKET)).status == "refuted"

    async def test_holds_may_have_held_before(self) -> None:
        verdict = await expected(HoldsCheck(check=element('heading "Menu"')), MENU, MENU)
        assert verdict.status == "verified"
        assert verdict.evidence[0].before is None

    async def test_holds_inside_a_choice_is_still_holds(self) -> None:
        menu, basket = element('heading "Menu"'), element('heading "Basket"')
        kept = AnyCheck(checks=(HoldsCheck(check=menu), basket))
        assert (await expected(kept, MENU, MENU)).status == "verified"
        assert (await expected(AnyCheck(checks=(menu, basket)), MENU, MENU)).status == "unknown"
        both = AllCheck(checks=(HoldsCheck(check=basket), basket))
        assert (await expected(both, MENU, BASKET)).status == "verified"
        assert (await expected(both, BASKET, BASKET)).status == "unknown"

    async def test_became_said_aloud_is_the_default(self) -> None:
        check = BecameCheck(check=element('heading "Menu"'))
        assert (await expected(check, MENU, MENU)).status == "unknown"
        assert (await expected(check, BASKET, MENU, patience=AMPLE)).status == "verified"

    async def test_a_dialog_before_hides_whether_it_held(self) -> None:
        hidden = Observation(at=0.0, complete=False, dialog=Dialog(kind="confirm", text="Sure?"))
        assert (await expected(element('heading "Menu"'), hidden, MENU, patience=AMPLE)).status == "verified"


class TestTime:
    async def test_late_is_still_proof(self) -> None:
        assert (await expected(element('heading "Basket"'), MENU, MENU, (0.15, BASKET), patience=AMPLE)).status == "verified"

    async def test_too_late_is_refuted(self) -> None:
        verdict = await expected(element('heading "Basket"'), MENU, MENU, (5.0, BASKET))
        assert verdict.status == "refuted"
        assert verdict.reason.startswith('heading "Basket": not found')

    async def test_the_last_look_decides_when_checks_take_turns(self) -> None:
        checks = [element('heading "Basket"'), element('heading "Thanks"')]
        thanks = observe('- heading "Thanks"')
        verdict = await judged(attempt(PRESS, checks, EMPTY), BASKET, thanks)
        assert verdict.status == "refuted"
        assert [one.status for one in verdict.evidence] == ["refuted", "verified"]

    async def test_within_extends_the_steps_own_limit(self) -> None:
        check = WithinCheck(seconds=2.0, check=element('heading "Basket"'))
        assert (await expected(check, MENU, MENU, (0.3, BASKET), patience=0.1)).status == "verified"

    async def test_within_refutes_what_came_later(self) -> None:
        check = WithinCheck(seconds=0.1, check=element('heading "Basket"'))
        verdict = await expected(check, MENU, MENU, (0.25, BASKET), patience=2.0)
        assert verdict.status == "refuted"

    async def test_within_names_how_late_it_came(self) -> None:
        check = WithinCheck(seconds=0.1, check=element('heading "Basket"'))
        act = performed(started=monotonic() - 3.0)
        verdict = await expected(check, MENU, BASKET, act=act)
        assert verdict.status == "refuted"
        assert "came only after 3.0 s" in verdict.reason


class TestAbsence:
    GONE = element('dialog "Cookies"', count=0)
    BANNER = observe('- dialog "Cookies"')

    async def test_gone_for_good_is_proof(self) -> None:
        assert (await expected(self.GONE, self.BANNER, EMPTY, patience=AMPLE)).status == "verified"

    async def test_gone_for_a_moment_is_not(self) -> None:
        verdict = await expected(self.GONE, self.BANNER, EMPTY, (0.1, self.BANNER))
        assert verdict.status == "refuted"
        assert "1 found" in verdict.reason

    async def test_gone_at_the_last_moment_is_unknown(self) -> None:
        verdict = await expected(self.GONE, self.BANNER, self.BANNER, (0.3, EMPTY))
        assert verdict.status == "unknown"
        assert "did not stay so long enough" in verdict.reason

    async def test_gone_needs_a_complete_tree(self) -> None:
        partial = EMPTY.model_copy(update={"complete": False})
        assert (await expected(self.GONE, self.BANNER, partial)).status == "unknown"
        assert (await expected(NotCheck(check=element('dialog "Cookies"')), self.BANNER, partial)).status == "unknown"

    async def test_what_is_not_found_on_a_partly_read_page_is_unknown(self) -> None:
        partial = EMPTY.model_copy(update={"complete": False})
        assert (await expected(TextCheck(text="Thanks"), EMPTY, partial)).status == "unknown"

    async def test_not_of_what_never_was_proves_nothing(self) -> None:
        assert (await expected(NotCheck(check=element('alert "Error"')), EMPTY, EMPTY)).status == "unknown"

    async def test_counts_are_exact(self) -> None:
        two = observe("- listitem: a\n- listitem: b")
        assert (await expected(element("listitem", count=2), EMPTY, two, patience=AMPLE)).status == "verified"
        assert (await expected(element("listitem", count=1), EMPTY, two)).status == "refuted"


class TestResponses:
    ONCE = ResponseCheck(method="POST", path="/api/orders", status="201", times=1)

    async def test_exactly_once(self) -> None:
        assert (await expected(self.ONCE, EMPTY, sent(exchange()), patience=AMPLE)).status == "verified"

    async def test_a_second_one_just_after_is_noticed(self) -> None:
        verdict = await expected(self.ONCE, EMPTY, sent(exchange()), (0.02, sent(exchange(), exchange())), patience=5.0)
        assert verdict.status == "refuted"
        assert verdict.reason.count("POST /api/orders answered 201") == 2

    async def test_a_second_one_in_flight_is_waited_for_and_uncertain_when_it_never_ends(self) -> None:
        pending = exchange(ended=None, status=None)
        verdict = await expected(self.ONCE, EMPTY, sent(exchange(), pending))
        assert verdict.status == "unknown"
        assert verdict.reason.startswith("delivery uncertain: POST /api/orders was sent and no answer came within 0 s")

    async def test_a_failed_first_one_may_have_been_carried_out(self) -> None:
        verdict = await expected(self.ONCE, EMPTY, sent(exchange(status=500), exchange()), patience=2.0)
        assert verdict.status == "refuted"

    async def test_another_status_is_refuted_with_what_was_answered(self) -> None:
        began = monotonic()
        verdict = await expected(self.ONCE, EMPTY, sent(exchange(status=500)), patience=10.0)
        assert verdict.status == "refuted"
        assert "POST /api/orders answered 500" in verdict.reason
        assert monotonic() - began < 3.0

    async def test_a_retry_within_the_grace_is_proof(self) -> None:
        check = ResponseCheck(method="POST", path="/api/orders", status="2xx")
        looks = (sent(exchange(status=503)), (0.2, sent(exchange(status=503), exchange())))
        assert (await expected(check, EMPTY, *looks, patience=5.0)).status == "verified"

    async def test_what_was_sent_before_the_act_does_not_count(self) -> None:
        old = exchange(started=monotonic() - 5)
        verdict = await expected(ResponseCheck(method="POST", path="/api/*", status="201"), sent(old), sent(old))
        assert verdict.status == "refuted"
        assert "no POST /api/* was sent" in verdict.reason

    async def test_never(self) -> None:
        never = ResponseCheck(method="*", path="/api/*", status="2xx", times=0)
        assert (await expected(never, EMPTY, EMPTY, patience=AMPLE)).status == "verified"
        assert (await expected(never, EMPTY, sent(exchange()))).status == "refuted"


class TestUncertainDelivery:
    async def test_an_unanswered_write_makes_a_refuted_step_unknown(self) -> None:
        pending = sent(exchange(ended=None, status=None))
        verdict = await expected(element('heading "Thanks"'), EMPTY, pending)
        assert verdict.status == "unknown"
        assert "look whether it happened before trying again" in verdict.reason

    async def test_a_verified_step_is_not_spoiled_by_it(self) -> None:
        pending = sent(exchange(ended=None, status=None), page=BASKET)
        assert (await expected(element('heading "Basket"'), EMPTY, pending, patience=AMPLE)).status == "verified"

    @pytest.mark.parametrize(
        ("fields", "uncertain"),
        [
            ({"ended": None, "status": None}, True),
            ({"status": None, "failure": "net::ERR_CONNECTION_RESET"}, True),
            ({"status": None, "failure": "net::ERR_CONNECTION_REFUSED"}, False),
            ({"ended": None, "status": None, "blocked": True}, False),
            ({"ended": None, "status": None, "kind": "ping"}, False),
            ({"ended": None, "status": None, "method": "GET"}, False),
            ({"status": 500}, False),
        ],
    )
    def test_which_exchanges_are_uncertain(self, fields: dict[str, Any], uncertain: bool) -> None:
        since = monotonic()
        assert bool(unanswered_writes(sent(exchange(**fields)).exchanges, since)) is uncertain

    async def test_trouble_after_the_input_left_is_unknown(self) -> None:
        trouble = Trouble(kind="timeout", detail='button "Go" did not react')
        for delivery, status in (("none", "refuted"), ("sent", "refuted"), ("uncertain", "unknown")):
            verdict = await judged(attempt(PRESS, act=performed(trouble=trouble, delivery=delivery)), EMPTY)
            assert verdict.status == status
            assert trouble.detail in verdict.reason


class TestDialogs:
    OPEN = Observation(at=0.0, complete=False, dialog=Dialog(kind="confirm", text="Really order?"))

    @pytest.mark.speed
    async def test_an_unexpected_dialog_ends_the_wait(self) -> None:
        began = monotonic()
        verdict = await expected(element('heading "Thanks"'), EMPTY, self.OPEN, patience=5.0)
        assert verdict.status == "unknown"
        assert 'confirm: "Really order?"' in [one.saw for one in verdict.evidence]
        assert monotonic() - began < 1.0

    async def test_an_expected_one_is_proof(self) -> None:
        assert (await expected(DialogCheck(text="really order"), EMPTY, self.OPEN, patience=AMPLE)).status == "verified"
        assert (await expected(DialogCheck(text="delete"), EMPTY, self.OPEN)).status == "refuted"

    async def test_answering_closes_it(self) -> None:
        answer = attempt(AnswerDialog(answer="accept"), before=self.OPEN)
        assert (await judged(answer, self.OPEN, EMPTY, patience=AMPLE)).status == "verified"
        assert (await judged(answer, self.OPEN)).status == "refuted"


class TestReasons:
    async def test_they_say_what_the_page_now_says(self) -> None:
        before = observe('- heading "Checkout"\n- paragraph: Almost there')
        after = observe('- heading "Checkout"\n- paragraph: Almost there\n- alert: Please enter a phone number\n- text: ok')
        verdict = await expected(element('heading "Thank you"'), before, after)
        assert verdict.status == "refuted"
        assert 'the page now says: "Please enter a phone number"' in verdict.reason

    async def test_they_name_the_nearest(self) -> None:
        verdict = await expected(element('heading "Thank you"'), EMPTY, observe('- heading "Thank you, Ada"'))
        assert 'nearest is heading "Thank you, Ada"' in verdict.reason

    async def test_without_expectations_what_changed_is_said(self) -> None:
        verdict = await judged(attempt(PRESS, before=MENU), BASKET)
        assert verdict.status == "unknown"
        assert '"Basket"' in verdict.reason
        nothing = await judged(attempt(Press(keys="Enter"), before=MENU), MENU)
        assert "nothing changed" in nothing.reason


PAGE = observe("""
- table:
  - row "Drink Quantity":
    - columnheader "Drink"
    - columnheader "Quantity"
  - row "latte 2":
    - cell "latte"
    - cell "2"
- status "Basket": 2 items
- textbox "Name": Ada
- button "Pay" [disabled]
- paragraph: Total € 9.00
""").model_copy(
    update={
        "url": "http://shop.test/orders/12?x=1",
        "title": "Orders · Shop",
        "tabs": (Tab(title="Payment", url="http://pay.test/"),),
    }
)


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (element('status "Basket"', "2 items"), "verified"),
        (element('status "Basket"', "12 items"), "refuted"),
        (element('button "Pay" [disabled]'), "verified"),
        (element('textbox "Name"', "Ada"), "verified"),
        (element('textbox "Name"', "Ad"), "refuted"),
        (element("the big button"), "unknown"),
        (TextCheck(text="total 9,00 €"), "verified"),
        (TextCheck(text="/€ \\d+/"), "verified"),
        (TextCheck(text="Total € 9"), "verified"),
        (TextCheck(text="Total € 90"), "refuted"),
        (UrlCheck(pattern="/orders/*"), "verified"),
        (UrlCheck(pattern="/orders/"), "refuted"),
        (UrlCheck(pattern="/orders/*?x=1"), "verified"),
        (UrlCheck(pattern="http://shop.test/*"), "verified"),
        (TitleCheck(text="orders"), "verified"),
        (TitleCheck(text="Basket"), "refuted"),
        (RowCheck(cells={"drink": "Latte", "Quantity": "2"}), "verified"),
        (RowCheck(cells={"drink": "Latte"}, count=1), "verified"),
        (RowCheck(cells={"drink": "Latte"}, count=2), "refuted"),
        (RowCheck(cells={"Drink": "latte", "Quantity": "3"}), "refuted"),
        (TabCheck(text="payment"), "verified"),
        (TabCheck(text="Checkout"), "refuted"),
        (AllCheck(checks=(TextCheck(text="Ada"), TitleCheck(text="Shop"))), "verified"),
        (AllCheck(checks=(TextCheck(text="Bob"), TitleCheck(text="Shop"))), "refuted"),
        (AnyCheck(checks=(TextCheck(text="Bob"), TitleCheck(text="Shop"))), "verified"),
        (AnyCheck(checks=(TextCheck(text="Bob"), TitleCheck(text="Bar"))), "refuted"),
        (ValueCheck(name="total", equals="9.00"), "verified"),
        (ValueCheck(name="total", equals="€ 8"), "refuted"),
        (ValueCheck(name="other", equals="1"), "refuted"),
    ],
    ids=str,
)
async def test_each_check(check: Check, status: str) -> None:
    verdict = await expected(check, EMPTY, PAGE, values={"total": "€ 9"}, patience=AMPLE if status == "verified" else 0.35)
    assert verdict.status == status, verdict


FORM = observe("""
- textbox "Name"
- textbox "Phone"
- textbox "Password"
- combobox "Size"
- listbox "Extras":
  - option "Sugar"
  - option "Cream"
- checkbox "Terms"
- checkbox "News" [checked]
- button "Photo"
- heading "Far" [box=0,5000,100,20]
""")


def form(line: str, instead: str) -> Observation:
    changed = FORM.tree.replace(f"- {line}", f"- {instead}")
    assert changed != FORM.tree
    return observe(changed)


def named(text: str) -> Target:
    return Target.parse(text)


NAME, PHONE, WORD, SIZE = (named(text) for text in ('textbox "Name"', 'textbox "Phone"', 'textbox "Password"', 'combobox "Size"'))
TERMS, NEWS, PHOTO = named('checkbox "Terms"'), named('checkbox "News"'), named('button "Photo"')
EXTRAS = named('listbox "Extras"')


@pytest.mark.parametrize(
    ("action", "after", "status"),
    [
        (Fill(target=NAME, text="Ada"), form('textbox "Name"', 'textbox "Name": Ada'), "verified"),
        (Fill(target=NAME, text="Ada"), form('textbox "Name"', 'textbox "Name": Adam'), "refuted"),
        (Fill(target=NAME, text="Ada"), FORM, "refuted"),
        (Fill(target=NAME, text=""), FORM, "verified"),
        (Fill(target=NAME, text="/a/"), form('textbox "Name"', 'textbox "Name": bad'), "refuted"),
        (Fill(target=PHONE, text="5551234567"), form('textbox "Phone"', 'textbox "Phone": (555) 123-4567'), "verified"),
        (Fill(target=PHONE, text="5551234567"), form('textbox "Phone"', 'textbox "Phone": (555) 123-456'), "refuted"),
        (Fill(target=WORD, text="hunter2"), form('textbox "Password"', 'textbox "Password": •••••••'), "verified"),
        (Fill(target=WORD, text="{secret:pin}"), form('textbox "Password"', 'textbox "Password": "{secret:pin}"'), "verified"),
        (Fill(target=WORD, text="{secret:pin}"), FORM, "refuted"),
        (Type(target=NAME, text="da"), form('textbox "Name"', 'textbox "Name": Ada'), "verified"),
        (Type(target=NAME, text="da"), FORM, "refuted"),
        (Type(text="da"), form('textbox "Name"', 'textbox "Name" [active]: Ada'), "verified"),
        (Select(target=SIZE, options=("large",)), form('combobox "Size"', 'combobox "Size": Large'), "verified"),
        (Select(target=SIZE, options=("large",)), form('combobox "Size"', 'combobox "Size": Small'), "refuted"),
        (Select(target=EXTRAS, options=("sugar",)), form('option "Sugar"', 'option "Sugar" [selected]'), "verified"),
        (Select(target=EXTRAS, options=("sugar", "cream")), form('option "Sugar"', 'option "Sugar" [selected]'), "refuted"),
        (Tick(target=TERMS), form('checkbox "Terms"', 'checkbox "Terms" [checked]'), "verified"),
        (Tick(target=TERMS), FORM, "refuted"),
        (Tick(target=TERMS), form('checkbox "Terms"', 'checkbox "Terms" [checked=mixed]'), "refuted"),
        (Untick(target=NEWS), form('checkbox "News" [checked]', 'checkbox "News"'), "verified"),
        (Untick(target=NEWS), FORM, "refuted"),
        (Upload(target=PHOTO, files=("/a/me.jpg",)), form('button "Photo"', 'button "Photo": me.jpg'), "verified"),
        (Upload(target=PHOTO, files=("/a/me.jpg",)), FORM, "unknown"),
        (Scroll(to=named('heading "Far"')), observe('- heading "Far" [box=0,80,100,20]'), "verified"),
        (Scroll(to=named('heading "Far"')), observe('- heading "Far" [box=0,5000,100,20]'), "refuted"),
    ],
    ids=str,
)
async def test_each_field_is_read_back(action: Action, after: Observation, status: str) -> None:
    assert (await judged(attempt(action, before=FORM), after, patience=AMPLE if status == "verified" else 0.1)).status == status


async def test_a_field_that_is_gone_yields_to_what_was_expected() -> None:
    fill = Fill(target=NAME, text="1234")
    assert (await judged(attempt(fill, before=FORM), BASKET)).status == "unknown"
    assert (await judged(attempt(fill, [element('heading "Basket"')], FORM), BASKET, patience=2.0)).status == "verified"


def at(url: str, *exchanges: Exchange, **fields: Any) -> Observation:
    return EMPTY.model_copy(update={"url": url, "exchanges": exchanges, **fields})


def document(path: str, status: int | None = 200, **fields: Any) -> Exchange:
    return exchange("GET", path, kind="document", status=status, **fields)


@pytest.mark.parametrize(
    ("action", "after", "status"),
    [
        (GoTo(url="/menu"), lambda: at("http://shop.test/menu", document("/menu")), "verified"),
        (GoTo(url="/menu"), lambda: at("http://shop.test/menu", document("/menu", 404)), "refuted"),
        (GoTo(url="/menu"), lambda: at("http://shop.test/login", document("/menu", 302), document("/login")), "verified"),
        (GoTo(url="/menu"), lambda: at("http://evil.test/menu", document("/menu", 302)), "refuted"),
        (GoTo(url="/menu"), lambda: at("http://shop.test/menu", document("/menu", None, ended=None)), "refuted"),
        (
            GoTo(url="/menu"),
            lambda: at("chrome-error://x", document("/menu", None, failure="net::ERR_CONNECTION_REFUSED")),
            "refuted",
        ),
        (Back(), lambda: at("http://shop.test/menu"), "verified"),
        (Back(), lambda: at("http://shop.test/"), "unknown"),
        (SwitchTab(tab="pay"), lambda: at("", tabs=(Tab(title="Pay", url="http://p.test/", active=True),)), "verified"),
        (SwitchTab(tab="menu"), lambda: at("", tabs=(Tab(title="Pay", url="http://p.test/", active=True),)), "refuted"),
        (CloseTab(tab="Pay"), lambda: at("", tabs=(Tab(title="Shop", url="http://s.test/"),)), "verified"),
        (CloseTab(tab="Pay"), lambda: at("", tabs=(Tab(title="Pay", url="http://p.test/"),)), "refuted"),
        (WaitFor(check=UrlCheck(pattern="/menu")), lambda: at("http://shop.test/menu"), "verified"),
        (WaitFor(check=UrlCheck(pattern="/menu")), lambda: at("http://shop.test/"), "refuted"),
    ],
)
async def test_each_journey(action: Action, after: Any, status: str) -> None:
    before = at("http://shop.test/", tabs=(Tab(title="Shop", url="http://s.test/"), Tab(title="Pay", url="http://p.test/")))
    assert (await judged(attempt(action, before=before), after(), patience=AMPLE if status == "verified" else 0.1)).status == status


async def test_a_read_needs_something_to_read() -> None:
    read = Read(target=named('cell "Total"'), into="total")
    full = attempt(read, [ValueCheck(name="total", equals="€ 4.5")], act=performed(value="4,50 €", source="http://shop.test"))
    assert (await judged(full, EMPTY, patience=AMPLE)).status == "verified"
    assert (await judged(attempt(read, act=performed(value=" ")), EMPTY)).status == "refuted"
    assert (await judged(attempt(read, act=performed(value=[{"A": "1"}])), EMPTY, patience=AMPLE)).status == "verified"


async def test_a_download_is_a_file_with_something_in_it(tmp_path: Any) -> None:
    full, empty = tmp_path / "invoice.pdf", tmp_path / "empty.pdf"
    full.write_bytes(b"pdf")
    empty.write_bytes(b"")
    tried = attempt(Download(target=named('link "Invoice"')), [DownloadCheck(name="*.pdf")])

    def got(path: Any, when: float) -> Observation:
        return at("", downloads=(DownloadedFile(name=path.name, path=str(path), bytes=3, at=when),))

    assert (await judged(tried, got(full, monotonic()), patience=AMPLE)).status == "verified"
    assert (await judged(tried, got(empty, monotonic()))).status == "refuted"
    assert (await judged(tried, got(full, tried.performed.started - 9))).status == "refuted"


async def test_a_file_must_have_been_written_by_the_step(tmp_path: Any) -> None:
    report = tmp_path / "report.csv"
    report.write_text("total,9.00\n", encoding="utf-8")
    check = FileCheck(path=str(report), text="9.00")
    assert (await expected(check, EMPTY, EMPTY, act=performed(started=monotonic() - 1), patience=AMPLE)).status == "verified"
    os.utime(report, (1_000_000, 1_000_000))
    assert (await expected(check, EMPTY, EMPTY)).status == "unknown"
    assert (await expected(HoldsCheck(check=check), EMPTY, EMPTY, patience=AMPLE)).status == "verified"
    assert (await expected(FileCheck(path=str(report), text="8.00"), EMPTY, EMPTY)).status == "refuted"
    assert (await expected(FileCheck(path=str(tmp_path / "no"), text=None), EMPTY, EMPTY)).status == "refuted"


class TestDone:
    async def done(self, checks: Iterable[Check], *looks: Any, patience: float = PATIENCE) -> Verdict:
        verdict, _ = await Verifier().judge_done(tuple(checks), {}, monotonic(), Looks(*looks), monotonic() + patience)
        return verdict

    async def test_nothing_to_check_is_no_pass(self) -> None:
        verdict = await self.done([], MENU)
        assert (verdict.status, verdict.reason) == ("unknown", "the plan has no done checks")

    async def test_what_holds_in_two_looks_is_proof(self) -> None:
        looks = Looks(MENU)
        verdict, _ = await Verifier().judge_done((element('heading "Menu"'),), {}, 0.0, looks, monotonic() + 5)
        assert verdict.status == "verified"
        assert looks.count >= 2

    async def test_what_flaps_is_not(self) -> None:
        verdict = await self.done([element('heading "Menu"')], *[MENU, BASKET] * 40)
        assert verdict.status != "verified"

    async def test_it_waits_for_what_is_still_coming(self) -> None:
        assert (await self.done([element('heading "Menu"')], BASKET, (0.1, MENU), patience=2.0)).status == "verified"

    async def test_what_does_not_hold_is_refuted(self) -> None:
        assert (await self.done([element('heading "Menu"')], BASKET)).status == "refuted"
