"""Instructions in plain words: the plan they give, and the steps they become on a page."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from operator_agent.executor import Executor
from operator_agent.flow.action import Action, Click, Do, Fill, GoTo, Press, Select, WaitFor, describe
from operator_agent.flow.check import ElementCheck, TextCheck
from operator_agent.flow.command import Command
from operator_agent.flow.observation import Dialog, Observation, Tab
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.planner.ladder import NotMine
from operator_agent.planner.words import WordsPlanner
from tests.aria import observe
from tests.planner.pages import CARDS, CHINESE, CHOICES, COOKIES, ENCOUNTERS, MENUS, NESTED, SEARCH, SECTIONS, SIGN_UP, SOUP, TABLE


async def plan(text: str, start: str = "") -> Plan | Refusal:
    found = await WordsPlanner(start).plan(Command(text=text), {})
    assert isinstance(found, Plan | Refusal)
    return found


async def planned(text: str) -> list[str]:
    found = await plan(text)
    assert isinstance(found, Plan), found
    return [describe(step.action) for step in found.steps]


async def refine(words: str, page: Observation) -> tuple[Step, ...] | Refusal:
    return await WordsPlanner().refine(Step(action=Do(words=words)), page, {})


async def refined(words: str, page: Observation) -> list[str]:
    found = await refine(words, page)
    assert not isinstance(found, Refusal), found
    return [describe(step.action) for step in found]


PLANS = [
    (
        "open http://shop.example, type Ada into Name, tick Terms, choose Oslo in City and press Send",
        ['fill Name with "Ada"', "check Terms", "do choose Oslo in City", "click Send"],
    ),
    ("Press Save. Then go back.", ["click Save", "back"]),
    (
        "1. Press Start\n2. Wait for Ready\n3) Hover over Help",
        ["click Start", "wait for text: Ready", "hover Help"],
    ),
    ('click "Add latte"', ['click "Add latte"']),
    ('click button "Add latte" in row "Latte"', ['click button "Add latte" in row "Latte"']),
    ("press the button “Save”", ["click the button “Save”"]),
    ("press Save and Continue", ["do press Save and Continue"]),
    ("press Save and Open Menu", ["do press Save and Open Menu"]),
    ("press Save and open Menu", ["click Save", "click Menu"]),
    ("press Enter", ["do press Enter"]),
    ("press the Enter key", ["press Enter"]),
    ("double-click the map, right click on the logo", ["double click the map", "right click the logo"]),
    ("type Doe, John into Name and press Send", ['fill Name with "Doe, John"', "click Send"]),
    ("type 'salt and pepper' into Note", ['fill Note with "salt and pepper"']),
    ("fill in Name with Dr. Smith; untick Gift", ['fill Name with "Dr. Smith"', "uncheck Gift"]),
    ("go to https://a.example/x then press Go", ["click Go"]),
    ("press Go and then open https://a.example/x?y=1,2", ["click Go", "go to https://a.example/x?y=1,2"]),
    ("press Go, visit localhost:8080/a", ["click Go", "go to http://localhost:8080/a"]),
    ("press Go, go to /orders", ["click Go", "go to /orders"]),
    ("drag Card A to Done", ["drag Card A to Done"]),
    ("scroll down, scroll to the footer, scroll to the bottom", ["scroll down", "scroll to the footer", "scroll bottom"]),
    ("read the total as sum", ["read the total into sum"]),
    ("read the order number", ["read the order number into order_number"]),
    ("close tab, switch to the Payment tab", ["close tab", "do switch to the Payment tab"]),
    ("please press Save for me, thanks", ["click Save"]),
    ("could you please click on Buy now", ["click Buy now"]),
    ("press Send me, please.", ["click Send me"]),
    ("download the invoice", ["download the invoice into download"]),
    ("upload cv.pdf to Resume", ["do upload cv.pdf to Resume"]),
    ("点击保存", ["click 保存"]),
    ("请在姓名中输入张三，然后勾选条款，点击提交", ['fill 姓名 with "张三"', "check 条款", "click 提交"]),
    ("打开菜单并点击「保存」", ["click 菜单", 'click "保存"']),
    ("按回车键，返回", ["press Enter", "back"]),
    ("把数量改为3", ["do 把数量改为3"]),
    ("滚动到页脚，等待完成", ["scroll to 页脚", "wait for text: 完成"]),
    ("双击图标，取消勾选订阅", ["double click 图标", "uncheck 订阅"]),
]


@pytest.mark.parametrize(("text", "expected"), PLANS, ids=[text[:40] for text, _ in PLANS])
async def test_an_instruction_becomes_steps(text: str, expected: list[str]) -> None:
    found = await planned(text)
    assert len(found) == len(expected), found
    assert all(line.startswith(wanted) for line, wanted in zip(found, expected, strict=True)), found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "…",
        "frobnicate the Name field",
        "press Save. Hallelujah.",
        "type Ada into Name; blorp; press Send",
        "wait 3 seconds",
        "wait for the page to load",
        "press Go, then wait a moment",
        "why is Norway cold?",
        "来一杯大杯拿铁",
        "x" * 5000,
        "press",
        "into Name",
    ],
)
async def test_what_is_not_understood_is_refused_as_a_whole(text: str) -> None:
    found = await plan(text)
    assert isinstance(found, Refusal)
    assert found.nearest


async def test_another_planner_may_try_what_was_not_understood() -> None:
    assert isinstance(await plan("frobnicate the Name field"), NotMine)
    assert not isinstance(await plan("wait 3 seconds"), NotMine)


async def test_the_address_named_first_is_the_start() -> None:
    found = await plan("go to shop.example/menu and press Order", start="https://else.example")
    assert isinstance(found, Plan)
    assert found.start == "https://shop.example/menu"
    assert found.tier == "words"
    other = await plan("press Order", start="https://else.example")
    assert isinstance(other, Plan)
    assert other.start == "https://else.example"


async def test_what_shall_be_seen_is_checked() -> None:
    found = await plan('press Send, check that it says Thank you, press Next and make sure heading "Done" appears')
    assert isinstance(found, Plan)
    assert [len(step.expect) for step in found.steps] == [1, 0]
    assert found.steps[0].expect == (TextCheck(text="Thank you"),)
    assert found.done == (ElementCheck(target=Target(role="heading", name="Done")),)


REFINED = [
    ("press Save", SIGN_UP, ['click button "Save"']),
    ("press Save and Continue", SIGN_UP, ['click button "Save and Continue"']),
    ("press Save and press Cancel", SIGN_UP, ['click button "Save"', "do press Cancel"]),
    (
        "type Ada into Name and Lovelace into Password",
        SIGN_UP,
        ['fill textbox "Name" with "Ada"', 'fill textbox "Password" with "Lovelace"'],
    ),
    (
        "fill Name with Ada, email with ada@x.org",
        SIGN_UP,
        ['fill textbox "Name" with "Ada"', 'fill textbox "E-mail *" with "ada@x.org"'],
    ),
    ("Name: Ada, Email: ada@x.org", SIGN_UP, ['fill textbox "Name" with "Ada"', 'fill textbox "E-mail *" with "ada@x.org"']),
    ("tick Terms and newsletter", SIGN_UP, ['check checkbox "I accept the Terms"', "do tick Terms and newsletter"]),  # one by one
    ("accept the terms", SIGN_UP, ['check checkbox "I accept the Terms"']),
    ("turn on dark mode", SIGN_UP, ['check switch "Dark mode"']),
    ("set dark mode to off", SIGN_UP, ['uncheck switch "Dark mode"']),
    ("choose Oslo in City", SIGN_UP, ['select combobox "City" option "Oslo"']),
    ("choose Oslo", SIGN_UP, ['select combobox "City" option "Oslo"']),
    ("set City to new york", SIGN_UP, ['select combobox "City" option "New York"']),
    ("enter Oslo in City", SIGN_UP, ['select combobox "City" option "Oslo"']),
    ("choose Large", SIGN_UP, ['check radio "Large"']),
    ("choose Large in Size", SIGN_UP, ['check radio "Large"']),
    ("set quantity to 3", SIGN_UP, ['fill spinbutton "Quantity" with "3"']),
    ("set the volume to 7", SIGN_UP, ["do move the Volume slider to 7"]),
    ("clear Name", SIGN_UP, ['fill textbox "Name"']),
    ("sign in", SIGN_UP, ['click link "Sign in"']),
    ("open Home", SIGN_UP, ['click link "Home"']),
    ("upload me.jpg to Photo", SIGN_UP, ['upload button "Photo" file "me.jpg"']),
    ("press Enter", SIGN_UP, ["press Enter"]),
    ("press Tab in Name", SIGN_UP, ["press Tab on Name"]),
    ("press Enter", MENUS, ['click button "Enter"']),
    ("press the Enter key", MENUS, ["press Enter"]),
    ("open recent", MENUS, ['click button "Open recent…"']),
    ("switch to the Details tab", MENUS, ['click tab "Details"']),
    ("open Documents", MENUS, ['click treeitem "Documents"']),
    ("type 555 into Phone, then press Go", SOUP, ['fill Phone with "555"', 'click generic "Go"']),
    ("search for shoes", SEARCH, ['fill searchbox with "shoes"', "press Enter on searchbox"]),
    ("log in", SEARCH, ['click button "Log in"']),
    ("check out", SEARCH, ['click button "Proceed to checkout"']),
    ("choose Blue", SOUP, ['click generic "Blue"']),
    ("press the Delete button in the row of Bob", TABLE, ['click button "Delete" in row "Bob"']),
    ("read the phone of Amy as phone", TABLE, ['read cell "555-3" into phone']),
    ("delete Bob Junior", TABLE, ['click button "Delete" in row "Bob Junior"', "do delete Bob Junior"]),  # it may ask whether to
    ("add the Iced Latte", CARDS, ['click button "Add" in listitem "Iced Latte"']),
    ("accept all cookies", COOKIES, ['click button "Accept all"']),
    ("click x", MENUS, ['click button "×"']),
    ("click close", MENUS, ['click button "×"']),
    ("increase quantity to 4", SIGN_UP, ['fill spinbutton "Quantity" with "4"']),
    ("fill in the form: Name: Ada", SIGN_UP, ['fill textbox "Name" with "Ada"']),
    ("选择城市为上海", CHINESE, ['select combobox "城市" option "上海"']),
    ("press Add for Iced Latte", CARDS, ['click button "Add" in listitem "Iced Latte"']),
    ("choose Small in Size", CHOICES, ['select combobox "Size" option "Small"']),
    ("choose oat", CHOICES, ['select combobox "Milk" option "Oat"']),
    ("choose Red and Blue in Colours", CHOICES, ['select listbox "Colours" option "Red, Blue"']),
    ("pick Tall for Cup", CHOICES, ['click button "Tall"']),
    ("close the Cookies dialog", COOKIES, ['click button "Only necessary"']),
    ("cancel the dialog", SECTIONS, ['click button "Cancel"']),
    ("enter 4111 into card number", NESTED, ['fill textbox "Card number" with "4111"']),
    ("在姓名里输入张三，勾选条款", CHINESE, ['fill textbox "姓名" with "张三"', 'check checkbox "我已阅读并同意条款"']),
    ("选择大杯", CHINESE, ['check radio "大杯"']),
    ("在城市中选择上海", CHINESE, ['select combobox "城市" option "上海"']),
    ("把城市设为北京", CHINESE, ['select combobox "城市" option "北京"']),
    ("搜索拿铁", CHINESE, ['fill searchbox "搜索商品" with "拿铁"', 'press Enter on searchbox "搜索商品"']),
    ("点击张三那一行的删除按钮", CHINESE, ['click button "删除" in row "张三"']),
    ("提交", CHINESE, ['click button "提交"']),
]


@pytest.mark.parametrize(
    ("words", "page", "expected"), REFINED, ids=[f"{n}-{words[:40]}" for n, (words, _, _) in enumerate(REFINED)]
)
async def test_words_are_settled_on_the_page(words: str, page: Observation, expected: list[str]) -> None:
    assert await refined(words, page) == expected


@pytest.mark.parametrize(
    ("words", "page"),
    [("choose Large", CHOICES), ("wait 3 seconds", SIGN_UP), ("frobnicate", SIGN_UP), ("hello there", CARDS), ("", SIGN_UP)],
)
async def test_what_means_two_things_or_nothing_is_refused(words: str, page: Observation) -> None:
    found = await refine(words, page)
    assert isinstance(found, Refusal)
    assert found.reason
    assert found.nearest


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("press Delete", TABLE),
        ("press Add for Mocha", CARDS),
        ("type x into Street", SECTIONS),
        ("press Save Encounter", ENCOUNTERS),
    ],
)
async def test_what_is_absent_or_ambiguous_is_left_to_the_executor(words: str, page: Observation) -> None:
    found = await refine(words, page)
    assert not isinstance(found, Refusal)
    assert len(found) == 1
    target = getattr(found[0].action, "target")  # noqa: B009 - the actions of this table have one
    assert target.words


async def test_the_last_step_carries_what_the_words_were_for() -> None:
    step = Step(action=Do(words="tick Terms and press Save"), expect=(TextCheck(text="Saved"),), risk="submit", intent="save it")
    found = await WordsPlanner().refine(step, SIGN_UP, {})
    assert not isinstance(found, Refusal)
    assert [step.expect for step in found] == [(), (TextCheck(text="Saved"),)]
    assert (found[-1].risk, found[-1].intent) == ("submit", "save it")


async def test_words_behind_a_press_wait_for_the_next_page() -> None:
    found = await refine("press Save, tick Terms and press Cancel", SIGN_UP)
    assert not isinstance(found, Refusal)
    assert [step.action for step in found[1:]] == [Do(words="tick Terms and press Cancel")]


async def test_a_step_that_only_looks_waits_for_what_it_looks_for() -> None:
    found = await refine("check that the page says Thank you", SIGN_UP)
    assert not isinstance(found, Refusal)
    assert isinstance(found[0].action, WaitFor)
    assert found[0].expect


async def test_dialogs_of_the_browser() -> None:
    page = Observation(at=0.0, dialog=Dialog(kind="confirm", text="Sure?"), complete=False)
    assert await refined("accept the dialog", page) == ["answer dialog accept"]
    assert await refined("close the popup", page) == ["answer dialog dismiss"]


async def test_a_tab_of_the_browser_and_one_of_the_page() -> None:
    tabs = (Tab(title="Shop", url="https://a.example", active=True), Tab(title="Details of order", url="https://b.example"))
    other = observe('- button "Pay"', tabs=tabs)
    assert await refined("switch to the Details tab", other) == ["switch tab Details"]
    both = MENUS.model_copy(update={"tabs": tabs})
    assert isinstance(await refine("switch to the Details tab", both), Refusal)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("click Save", Click),
        ("type a into Name", Fill),
        ("open https://a.example", GoTo),
        ("press F5", Press),
        ("choose a in B", Select),
    ],
)
async def test_on_a_page_that_has_not_come_yet_the_words_are_kept(words: str, kind: type[Action]) -> None:
    found = await refine(words, Observation(at=0.0))
    assert not isinstance(found, Refusal)
    assert isinstance(found[0].action, kind)


PATTERNS = observe(
    """
    - listitem "/(/":
      - button "/[/" [ref=a]
      - button "Go" [ref=b]
    - listitem:
      - text: /)/
      - button "Go" [ref=c]
    """
)


@pytest.mark.parametrize(
    "words", ["press /[/", "press Go", "press Go in /(/", "close /(/", "type /(/ into /[/", "press second Go", "choose /[/"]
)
async def test_names_that_look_like_patterns_are_only_names(words: str) -> None:
    found = await refine(words, PATTERNS)
    for step in () if isinstance(found, Refusal) else found:
        Executor().ground(step.action, PATTERNS)


_SAID = ["press", "type", "into", "choose", "in", "and", ",", "the", "row", "of", "button", "Save", "Name", "City", "Oslo", "Large"]
_SAID += [
    "set",
    "to",
    "3",
    '"',
    "'",
    "search for",
    "close",
    "next to",
    "second",
    "tick",
    "Terms",
    "点击",
    "输入",
    "在",
    "里",
    "的",
    ":",
]


async def test_what_is_searched_for_goes_into_no_other_field() -> None:
    found = await refine("search for shoes in Books", SIGN_UP)
    assert isinstance(found, Refusal) or [describe(step.action) for step in found] == ['fill Books with "shoes"'], found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(_SAID), max_size=20).map(" ".join)))
@example("0 AND PRESS")  # two clauses that may be one name, the first of which reads as nothing
async def test_whatever_is_said_ends_in_steps_or_a_refusal(text: str) -> None:
    for page in (SIGN_UP, Observation(at=0.0)):
        found = await refine(text, page)
        if isinstance(found, Refusal):
            assert found.reason
        else:
            assert found
            assert found[0].action != Do(words=text) or found[0].looks  # behind a step, the words may be asked again
            for step in found:
                Executor().ground(step.action, page)
    assert isinstance(await plan(text), Plan | Refusal)


async def test_choices_from_one_list_are_one_choice() -> None:
    page = observe(
        """
        - listbox "Toppings":
          - option "Basil"
          - option "Capers"
          - option "Rocket"
        """
    )
    found = await refined('select "Basil", select "Capers", select "Rocket"', page)
    assert found == ['select listbox "Toppings" option "Basil, Capers, Rocket"'], "each alone would take the one before back"
