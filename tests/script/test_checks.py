from __future__ import annotations

from typing import Any

import pytest

from operator_agent.errors import ScriptError
from operator_agent.flow.check import (
    AllCheck,
    BecameCheck,
    Check,
    DialogCheck,
    ElementCheck,
    FileCheck,
    HoldsCheck,
    NotCheck,
    ResponseCheck,
    RowCheck,
    TextCheck,
    UrlCheck,
    ValueCheck,
    WithinCheck,
)
from operator_agent.flow.target import Target
from operator_agent.script import check_text, format_check, parse_check, parse_checks


def element(target: str, **more: Any) -> ElementCheck:
    return ElementCheck(target=Target.parse(target), **more)


NOTATIONS: list[tuple[Any, Check]] = [
    ('heading "Menu"', element('heading "Menu"')),
    ('button "Pay" [disabled]', element('button "Pay" [disabled]')),
    ("alert", element("alert")),
    ('"Save"', element('"Save"')),
    ({'status "Basket"': "2 items"}, element('status "Basket"', text="2 items")),
    ({'status "Basket"': 2}, element('status "Basket"', text="2")),
    ('status "Basket": 2 items', element('status "Basket"', text="2 items")),
    ('status "Total: all": € 4.50', element('status "Total: all"', text="€ 4.50")),
    ({'status "Basket"': "2 items", "count": 1}, element('status "Basket"', text="2 items", count=1)),
    ({"element": {"dialog": "Sure?"}}, element("dialog", text="Sure?")),
    ({"gone": 'dialog "Cookies"'}, element('dialog "Cookies"', count=0)),
    ('gone: dialog "Cookies"', element('dialog "Cookies"', count=0)),
    ({"gone": {'status "Basket"': "2 items"}}, element('status "Basket"', text="2 items", count=0)),
    ({"count": {'listitem "Order"': 3}}, element('listitem "Order"', count=3)),
    ('count: {listitem "Order": 3}', element('listitem "Order"', count=3)),
    ({"text": "2 × latte"}, TextCheck(text="2 × latte")),
    ("text: 2 × latte", TextCheck(text="2 × latte")),
    ("text: Total: 4 # of 5, {x}", TextCheck(text="Total: 4 # of 5, {x}")),
    ("text: [draft] notes", TextCheck(text="[draft] notes")),
    ("url: /orders/*", UrlCheck(pattern="/orders/*")),
    ({"row": {"Drink": "latte", "Quantity": 2}}, RowCheck(cells={"Drink": "latte", "Quantity": "2"})),
    ("row: {Drink: latte, Quantity: 2}", RowCheck(cells={"Drink": "latte", "Quantity": "2"})),
    ({"row": {"Drink": "latte"}, "count": 2}, RowCheck(cells={"Drink": "latte"}, count=2)),
    ("dialog: Sure?", DialogCheck(text="Sure?")),
    ("file: out/report.csv", FileCheck(path="out/report.csv")),
    ({"file": {"path": "a.csv", "contains": "x"}}, FileCheck(path="a.csv", text="x")),
    ("response: POST /api/orders 201", ResponseCheck(method="POST", path="/api/orders", status="201")),
    ("response: POST /a 201, exactly once", ResponseCheck(method="POST", path="/a", status="201", times=1)),
    ("response: POST /a 2xx twice", ResponseCheck(method="POST", path="/a", status="2xx", times=2)),
    ("response: * https://a.test/* 404, 12 times", ResponseCheck(method="*", path="https://a.test/*", status="404", times=12)),
    ("response: POST /a 5xx, never", ResponseCheck(method="POST", path="/a", status="5xx", times=0)),
    ({"value": {"total": "€ 4.50"}}, ValueCheck(name="total", equals="€ 4.50")),
    ({"not": {"text": "Error"}}, NotCheck(check=TextCheck(text="Error"))),
    ("not: text: Error", NotCheck(check=TextCheck(text="Error"))),
    ('holds: heading "Menu"', HoldsCheck(check=element('heading "Menu"'))),
    ("became: {url: /menu}", BecameCheck(check=UrlCheck(pattern="/menu"))),
    ({"within": {"500 ms": 'heading "Ready"'}}, WithinCheck(seconds=0.5, check=element('heading "Ready"'))),
    ("within: {2 min: {text: Ready}}", WithinCheck(seconds=120, check=TextCheck(text="Ready"))),
    ({"all": ["text: a", 'heading "B"']}, AllCheck(checks=(TextCheck(text="a"), element('heading "B"')))),
]  # fmt: skip


@pytest.mark.parametrize(("node", "check"), NOTATIONS, ids=lambda value: str(value)[:40])
def test_every_notation(node: Any, check: Check) -> None:
    assert parse_check(node) == check
    assert parse_check(format_check(check)) == check


@pytest.mark.parametrize(
    "line",
    [
        'heading "Menu"', 'status "Basket": 2 items', 'gone: dialog "Cookies"', "text: 2 × latte", "url: /orders/*",
        "row: {Drink: latte, Quantity: 2}", "response: POST /api/orders 201, exactly once", "value: {total: € 4.50}",
        'within: {3 s: heading "Ready"}', 'all: [heading "Menu", text: latte]', "file: {path: a.csv, contains: x}",
    ],
)  # fmt: skip
def test_a_check_on_one_line_for_people(line: str) -> None:
    assert check_text(parse_check(line)) == line


@pytest.mark.parametrize(
    ("node", "cause"),
    [
        ("the order is there", "'the order is there' is not a check; a check is an element"),
        ("", "'' is not a check"),
        ('buton "Pay"', "'buton' is no role (did you mean 'button'"),
        (3, "expected a check, not 3"),
        (None, "expected a check, not nothing"),
        ([], "expected a check, not a list"),
        ({}, "a check has one key, this has 0"),
        ({"txt": "a"}, "there is no check 'txt' (did you mean 'text'"),
        ({"text": None}, 'write "" for empty text'),
        ({"text": {"total": None}}, 'write "{total}" in quotes'),
        ({"text": " "}, "an empty check would prove nothing"),
        ("text:", "an empty check would prove nothing"),
        ({"gone": "text: x"}, "'gone' takes an element"),
        ({"gone": {"text": "Loading"}}, "'gone' takes an element, not a mapping; for other checks write `not"),
        ({"gone": ["button"]}, "'gone' takes an element, not a list"),
        ({"count": {"button": -1}}, "expected a whole number from 0"),
        ({"count": {"button": 1.5}}, "expected a whole number from 0"),
        ({"count": 3}, "expected one pair"),
        ({"text": "a", "count": 3}, "`count` stands beside a row or an element"),
        ({"row": 3}, "expected keys with values, not 3"),
        ({"row": {}}, "expected column headers"),
        ({"file": {"contains": "a"}}, "expected `path`"),
        ({"file": {"path": "a", "has": "b"}}, "a file check has no key 'has'"),
        ("response: POST orders", "expected `POST /api/orders 201`"),
        ({"value": {"a b": 1}}, "'a b' is no name of a value"),
        ("within: {0 s: alert}", "expected a time as `3 s`"),
        ("within: {soon: alert}", "expected a time as `3 s`"),
        ("all: alert", "expected a list, not 'alert'"),
        ({"any": []}, "this one is empty"),
        ("row: {Drink: latte", "not valid YAML"),
    ],
    ids=str,
)
def test_what_is_no_check_says_what_was_expected(node: Any, cause: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_check(node, "order.yaml:7")
    assert cause in str(caught.value)
    assert caught.value.where.startswith("order.yaml:7")


def test_one_check_or_a_list_of_them() -> None:
    assert parse_checks("alert") == parse_checks(["alert"]) == (element("alert"),)


def test_numbers_may_be_inputs() -> None:
    assert parse_check({"count": {"listitem": "{n}"}}, values={"n": 3}) == element("listitem", count=3)
    assert parse_check('link "Open" ({n})', values={"n": 2}) == element('link "Open" (2)')
    with pytest.raises(ScriptError, match="expected a number"):
        parse_check({"count": {"listitem": "{n}"}})
