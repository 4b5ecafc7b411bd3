"""Plain words: what they mean on pages built in different ways, and when they mean nothing, or too much."""

from __future__ import annotations

import time

import pytest

from operator_agent.executor import Executor
from operator_agent.flow.action import Action, Click, Fill, Hover, Read, Select, Tick, Upload
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.target import Target
from operator_agent.roles import Grounded
from tests.aria import observe
from tests.planner.pages import (
    CARDS,
    CHINESE,
    CHOICES,
    COOKIES,
    ENCOUNTERS,
    MENUS,
    NESTED,
    SEARCH,
    SECTIONS,
    SIGN_UP,
    SOUP,
    TABLE,
)


def action(verb: str, words: str) -> Action:
    target = Target(words=words)
    match verb:
        case "fill":
            return Fill(target=target, text="x")
        case "check":
            return Tick(target=target)
        case "select":
            return Select(target=target, options=("x",))
        case "read":
            return Read(target=target, into="x")
        case "hover":
            return Hover(target=target)
        case "upload":
            return Upload(target=target, files=("x",))
        case _:
            return Click(target=target)


def ground(verb: str, words: str, page: Observation) -> Grounded | Trouble:
    return Executor().ground(action(verb, words), page)


FOUND = [
    (SIGN_UP, "fill", "Name", "name"),
    (SIGN_UP, "fill", "first name", "first"),
    (SIGN_UP, "fill", "the First name field", "first"),
    (SIGN_UP, "fill", "email", "email"),
    (SIGN_UP, "fill", "the e-mail box", "email"),
    (SIGN_UP, "fill", "the field next to Name", "name"),
    (SIGN_UP, "fill", "pasword", "password"),
    (SIGN_UP, "fill", "the field under Password", "password"),
    (SIGN_UP, "fill", "the last text field", "password"),
    (SIGN_UP, "check", "Terms", "terms"),
    (SIGN_UP, "check", "the Terms checkbox", "terms"),
    (SIGN_UP, "check", "newsletter", "news"),
    (SIGN_UP, "check", "the dark mode switch", "dark"),
    (SIGN_UP, "check", "Large", "large"),
    (SIGN_UP, "click", "Terms", "terms-link"),
    (SIGN_UP, "click", "the Terms link", "terms-link"),
    (SIGN_UP, "click", "Save", "save"),
    (SIGN_UP, "click", "the Save button", "save"),
    (SIGN_UP, "click", "button Save", "save"),
    (SIGN_UP, "click", 'the button called "Save"', "save"),
    (SIGN_UP, "click", "the big green Save button", "save"),
    (SIGN_UP, "click", "save and continue", "save-continue"),
    (SIGN_UP, "click", "Continue", "save-continue"),
    (SIGN_UP, "click", "Cancel", "cancel"),
    (SIGN_UP, "click", "first link", "home"),
    (SIGN_UP, "click", "last link", "terms-link"),
    (SIGN_UP, "click", "the second button", "save"),
    (SIGN_UP, "select", "City", "city"),
    (SIGN_UP, "select", "the city dropdown", "city"),
    (SIGN_UP, "select", "the dropdown", "city"),
    (SIGN_UP, "fill", "quantity", "quantity"),
    (SIGN_UP, "fill", "the slider", "volume"),
    (SIGN_UP, "upload", "Photo", "photo"),
    (SOUP, "fill", "Phone", "phone"),
    (SOUP, "fill", "the Fax field", "fax"),
    (SOUP, "fill", "the field next to Phone", "phone"),
    (SOUP, "fill", "the field below Fax", "fax"),
    (SOUP, "fill", "the search box", "search"),
    (SOUP, "fill", "Search products", "search"),
    (SOUP, "click", "Go", "go"),
    (SOUP, "click", "the Go button", "go"),
    (SOUP, "click", "read more", "more"),
    (SOUP, "check", "I agree", "agree"),
    (SOUP, "click", "Blue", "chip-blue"),
    (TABLE, "click", "the Delete button in the row of Bob", "delete-bob"),
    (TABLE, "click", "Delete in row Bob Junior", "delete-junior"),
    (TABLE, "click", "Delete for Bob Junior", "delete-junior"),
    (TABLE, "click", "Edit in the Amy row", "edit-amy"),
    (TABLE, "click", "the Edit button next to Amy", "edit-amy"),
    (TABLE, "click", "the button in Amy's row", "edit-amy"),
    (TABLE, "click", "second Delete button", "delete-junior"),
    (TABLE, "click", "Delete in the second row", "delete-junior"),  # the row of headers is not the first
    (TABLE, "click", "Edit in the first row", "edit-bob"),
    (TABLE, "click", "the last Edit", "edit-amy"),
    (TABLE, "read", "Total", "total"),
    (TABLE, "read", "the subtotal", "subtotal"),
    (TABLE, "read", "the phone of Amy", "amy-phone"),
    (TABLE, "hover", "the row of Amy", None),
    (CARDS, "click", "Add for Latte", "add-latte"),
    (CARDS, "click", "the Add button under Iced Latte", "add-iced"),
    (CARDS, "click", "Add next to Tea", "add-tea"),
    (CARDS, "click", "Add in Tea", "add-tea"),
    (CARDS, "click", "Pour", "pour"),
    (CARDS, "click", "the third Add button", "add-tea"),
    (CARDS, "hover", "the Latte card", "card-latte"),
    (SECTIONS, "fill", "Street in the Billing address section", "street-billing"),
    (SECTIONS, "fill", "Street in Shipping address", "street-shipping"),
    (SECTIONS, "fill", "Town", "town-billing"),
    (SECTIONS, "check", "E-mail in Alerts", "alerts-mail"),
    (SECTIONS, "check", "E-mail under Offers", "offers-mail"),
    (SECTIONS, "click", "Cancel in the dialog", "cancel"),
    (SECTIONS, "click", "the Delete button in the Delete account dialog", "delete"),
    (COOKIES, "click", "Only necessary", "necessary"),
    (COOKIES, "click", "Accept", "accept"),
    (CHINESE, "fill", "姓名", "name"),
    (CHINESE, "fill", "姓名输入框", "name"),
    (CHINESE, "fill", "电话一栏", "phone"),
    (CHINESE, "fill", "搜索框", "search"),
    (CHINESE, "click", "提交按钮", "submit"),
    (CHINESE, "click", "「提交」", "submit"),
    (CHINESE, "click", "名为「保存草稿」的按钮", "draft"),
    (CHINESE, "click", "张三那一行的删除按钮", "delete-zhang"),
    (CHINESE, "click", "李四行里的删除", "delete-li"),
    (CHINESE, "click", "第二个删除按钮", "delete-li"),
    (CHINESE, "click", "最后一个链接", "help"),
    (CHINESE, "check", "条款", "terms"),
    (CHINESE, "check", "大杯", "large"),
    (CHINESE, "select", "城市下拉框", "city"),
    (MENUS, "click", "the File menu", "file"),
    (MENUS, "click", "Details tab", "details"),
    (MENUS, "click", "Open", "open"),
    (MENUS, "click", "open recent", "recent"),
    (MENUS, "click", "Documents", "documents"),
    (MENUS, "click", "×", "x"),
    (CHOICES, "click", "Tall in Cup", "tall"),
    (ENCOUNTERS, "click", "New encounter", "new"),
    (ENCOUNTERS, "click", "Order history", "history"),
    (ENCOUNTERS, "click", "Encounter", "new"),
    (NESTED, "click", "Orders", "orders"),
    (NESTED, "click", "Profile", "profile"),
    (NESTED, "click", "Notes", "notes"),
    (NESTED, "click", "second Help link", "help-2"),
    (NESTED, "fill", "card number", "card"),
    (NESTED, "click", "Pay", "pay"),
    (SEARCH, "fill", "the search box", "box"),
    (SEARCH, "click", "Search", "button"),
    (SEARCH, "read", "the price", "price"),
    (SEARCH, "click", "Login", "login"),
    (SEARCH, "click", "check out", "checkout"),
    (SEARCH, "click", "Chekcout", "checkout"),
]


@pytest.mark.parametrize(("page", "verb", "words", "expected"), FOUND, ids=[f"{v}-{w}" for _, v, w, _ in FOUND])
def test_means_one_element(page: Observation, verb: str, words: str, expected: str | None) -> None:
    found = ground(verb, words, page)
    assert isinstance(found, Grounded), found
    element = found.elements["target"]
    assert element.ref == expected or (expected is None and element.role == "row")
    assert found.why


NOT_FOUND = [
    (SIGN_UP, "fill", "Surname", "absent"),
    (SIGN_UP, "fill", "Save", "absent"),
    (SIGN_UP, "check", "City", "absent"),
    (SIGN_UP, "click", "Delete", "absent"),
    (SIGN_UP, "click", "the Terms and Conditions link", "absent"),
    (SIGN_UP, "click", "button", "ambiguous"),
    (SIGN_UP, "fill", "the text field", "ambiguous"),
    (SIGN_UP, "check", "the checkbox", "ambiguous"),
    (SIGN_UP, "click", "the ninth button", "absent"),
    (SIGN_UP, "click", '"Sav"', "absent"),
    (SIGN_UP, "click", '"Continue"', "absent"),
    (SOUP, "fill", "Mobile", "absent"),
    (SOUP, "fill", "the text box", "ambiguous"),
    (TABLE, "click", "Delete", "ambiguous"),
    (TABLE, "click", "Edit", "ambiguous"),
    (TABLE, "click", "Delete for Amy", "absent"),
    (TABLE, "click", "the Delete button in the row of Zed", "absent"),
    (TABLE, "click", "the third Delete button", "absent"),
    (TABLE, "click", "the second Person", "ambiguous"),  # a header and its cells are nothing to count along
    (TABLE, "fill", "Phone", "absent"),
    (CARDS, "click", "Add", "ambiguous"),
    (CARDS, "click", "Add for Mocha", "absent"),
    (CARDS, "click", "Pour for Water", "absent"),
    (CARDS, "click", "Add next to Water", "absent"),
    (SECTIONS, "fill", "Street", "ambiguous"),
    (SECTIONS, "check", "E-mail", "ambiguous"),
    (SECTIONS, "fill", "Town in Shipping address", "absent"),
    (COOKIES, "click", "Reject", "absent"),
    (CHINESE, "click", "删除", "ambiguous"),
    (CHINESE, "click", "取消按钮", "absent"),
    (CHINESE, "click", "王五那一行的删除按钮", "absent"),
    (CHINESE, "fill", "地址", "absent"),
    (MENUS, "click", "Quit", "absent"),
    (CHOICES, "click", "Venti in Cup", "absent"),
    (ENCOUNTERS, "click", "Save Encounter", "absent"),
    (ENCOUNTERS, "click", "Save", "ambiguous"),
    (ENCOUNTERS, "click", "Item 13", "absent"),
    (ENCOUNTERS, "click", "Sign in", "absent"),
    (ENCOUNTERS, "click", "Add to basket", "absent"),
    (NESTED, "click", "Help", "ambiguous"),
    (NESTED, "click", "the Help link in the row of Bob", "absent"),
    (SEARCH, "click", "the", "absent"),
    (Observation(at=0.0), "click", "Save", "absent"),
]


@pytest.mark.parametrize(("page", "verb", "words", "kind"), NOT_FOUND, ids=[f"{v}-{w}" for _, v, w, _ in NOT_FOUND])
def test_knows_when_it_does_not_know(page: Observation, verb: str, words: str, kind: str) -> None:
    found = ground(verb, words, page)
    assert isinstance(found, Trouble), found
    assert found.kind == kind
    assert words in found.detail
    if kind == "ambiguous":
        assert len(set(found.candidates)) == len(found.candidates) >= 2


def test_equals_are_told_apart_by_where_they_stand() -> None:
    found = ground("click", "Delete", TABLE)
    assert isinstance(found, Trouble)
    assert found.candidates == ('button "Delete" in row "Bob"', 'button "Delete" in row "Bob Junior"')


@pytest.mark.parametrize(
    ("words", "why"),
    [("Save", "exact name"), ("the Save button", "role button + name"), ("Continue", "name"), ("last link", "order")],
)
def test_says_why(words: str, why: str) -> None:
    found = ground("click", words, SIGN_UP)
    assert isinstance(found, Grounded)
    assert why in found.why


@pytest.mark.speed
def test_a_large_page_is_quick() -> None:
    small = observe("\n".join(f'- listitem:\n  - text: Thing {i}\n  - button "Open {i}"' for i in range(100)))
    large = observe("\n".join(f'- listitem:\n  - text: Thing {i}\n  - button "Open {i}"' for i in range(1667)))
    for page, last, bound in ((small, 99, 0.1), (large, 1666, 0.6)):  # measured 10 and 150 ms; the rest is for a busy machine
        for words in (f"Open {last}", f"the Open {last} button", f"Open {last} in the row of Thing {last}", "last button"):
            began = time.process_time()
            found = ground("click", words, page)
            assert time.process_time() - began < bound
            assert isinstance(found, Grounded), found
            assert found.elements["target"].name == f"Open {last}"
