"""Structured targets: one element, or a reason."""

from __future__ import annotations

import time

import pytest

from operator_agent.executor import Executor
from operator_agent.flow.action import Action, Back, Click, Drag, Fill, Read, Tick
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.target import Target
from operator_agent.roles import Grounded
from tests.aria import observe

SHOP = observe(
    """
    - banner:
      - link "Orders" [ref=orders-link]:
        - /url: /orders
        - button "Orders" [ref=orders]
    - main:
      - heading "Menu" [level=1] [ref=menu]
      - list:
        - listitem:
          - heading "Latte" [level=3]
          - button "Add" [ref=add-latte]
        - listitem:
          - heading "Latte macchiato" [level=3]
          - button "Add" [ref=add-macchiato]
      - table:
        - row [ref=bob]:
          - cell "Bob"
          - cell:
            - button "Delete" [ref=delete-bob]
        - row:
          - cell "Amy"
          - cell:
            - button "Delete" [ref=delete-amy]
      - generic [ref=terms-label]:
        - checkbox "I accept the Terms" [ref=terms]
        - text: I accept the Terms
      - generic [clickable] [ref=card]:
        - link "Special" [ref=special]
      - button "New Encounter" [ref=new]
      - button "Send" [disabled] [ref=send]
      - combobox "City" [ref=city]:
        - option "Oslo"
        - option "Rome" [selected]
      - textbox [ref=unnamed]
      - generic [ref=note]: Total € 4.50
      - heading "Total" [level=2] [ref=total]
      - button "Total" [ref=total-button]
    """
)


def ground(target: str, observation: Observation = SHOP, verb: type[Click] | type[Tick] = Click) -> Grounded | Trouble:
    return Executor().ground(verb(target=Target.parse(target)), observation)


def ref(target: str, observation: Observation = SHOP, verb: type[Click] | type[Tick] = Click) -> str:
    found = ground(target, observation, verb)
    assert isinstance(found, Grounded), found
    return found.elements["target"].ref


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ('button "Orders"', "orders"),
        ('link "Orders"', "orders-link"),
        ('"Orders"', "orders"),
        ('button "  new   ENCOUNTER "', "new"),
        ("button /New .*/", "new"),
        ('button "Delete" in row "Bob"', "delete-bob"),
        ('button "Delete" in row "amy"', "delete-amy"),
        ('button "Delete" (2)', "delete-amy"),
        ('button "Delete" (last)', "delete-amy"),
        ('button "Add" in listitem "Latte"', "add-latte"),
        ('button "Add" in listitem "Latte macchiato"', "add-macchiato"),
        ("button [disabled]", "send"),
        ('button "Send" [disabled]', "send"),
        ('"I accept the Terms"', "terms"),
        ('"Special"', "special"),
        ('generic "Total € 4.50"', "note"),
        ('"Total"', "total-button"),
        ("textbox", "unnamed"),
    ],
)
def test_one_element(target: str, expected: str) -> None:
    assert ref(target) == expected


@pytest.mark.parametrize(
    ("target", "candidates"),
    [
        ('button "Delete"', ('button "Delete" in row "Bob"', 'button "Delete" in row "Amy"')),
        ('button "Add"', ('button "Add" in listitem "Latte"', 'button "Add" in listitem "Latte macchiato"')),
        ("checkbox", None),
    ],
)
def test_two_equals_are_ambiguous(target: str, candidates: tuple[str, ...] | None) -> None:
    two = observe('- checkbox "A"\n- checkbox "A"')
    found = ground(target, SHOP if candidates else two)
    assert isinstance(found, Trouble)
    assert found.kind == "ambiguous"
    assert found.candidates == (candidates or ('checkbox "A" (1)', 'checkbox "A" (2)'))
    assert all(name in found.detail for name in found.candidates)


@pytest.mark.parametrize(
    ("target", "nearest"),
    [
        ('button "Save Encounter"', 'button "New Encounter"'),
        ('button "New Encounters"', 'button "New Encounter"'),
        ('button "Send"  [checked]', 'button "Send"'),
        ('link "Special offer"', 'link "Special"'),
        ('checkbox "Terms"', 'checkbox "I accept the Terms"'),
        ('button "Delete" in row "Zed"', None),
        ('button "Delete" in dialog "Bob"', None),
        ('button "Delete" (3)', None),
        ("button /Save.*/", None),
        ('button "Xylophone"', None),
    ],
)
def test_what_is_not_there_is_absent_and_never_guessed(target: str, nearest: str | None) -> None:
    found = ground(target)
    assert isinstance(found, Trouble)
    assert found.kind == "absent"
    assert str(Target.parse(target)).split(" in ")[0].split(" (")[0] in found.detail or " in " in target
    if nearest:
        assert found.candidates[0] == nearest
        assert nearest in found.detail


def test_a_place_beyond_the_last_says_how_many_there_are() -> None:
    found = ground('button "Delete" (3)')
    assert isinstance(found, Trouble)
    assert "only 2" in found.detail


def test_a_broken_pattern_is_said_not_raised() -> None:
    found = ground("button /New (/")
    assert isinstance(found, Trouble)
    assert "regular expression" in found.detail


@pytest.mark.parametrize(("target", "hint"), [('option "Oslo"', 'combobox "City"'), ('text "I accept the Terms"', "only text")])
def test_what_has_no_handle_names_what_has(target: str, hint: str) -> None:
    found = ground(target)
    assert isinstance(found, Trouble)
    assert found.kind == "unsupported"
    assert hint in found.detail


def test_an_empty_page_has_nothing() -> None:
    found = ground('button "Save"', Observation(at=0.0))
    assert isinstance(found, Trouble)
    assert found.candidates == ()


def test_a_name_in_quotes_may_be_a_label_beside_the_field() -> None:
    page = observe("- generic: Phone\n- generic:\n  - textbox [ref=phone]")
    found = Executor().ground(Fill(target=Target.parse('"Phone"'), text="1"), page)
    assert isinstance(found, Grounded)
    assert found.elements["target"].ref == "phone"


def test_a_drag_names_both_ends() -> None:
    action = Drag(target=Target.parse('heading "Menu"'), to=Target.parse('button "Send"'))
    found = Executor().ground(action, SHOP)
    assert isinstance(found, Grounded)
    assert {field: element.ref for field, element in found.elements.items()} == {"target": "menu", "to": "send"}


@pytest.mark.parametrize("action", [Back(), Read(target=Target.parse('heading "Menu"'), into="x")])
def test_other_verbs(action: Action) -> None:
    assert isinstance(Executor().ground(action, SHOP), Grounded)


def test_an_observation_is_not_taken_for_the_one_before() -> None:
    executor = Executor()
    fill = Fill(target=Target.parse('textbox "Name"'), text="Ada")
    assert isinstance(executor.ground(fill, observe('- textbox "Name"')), Grounded)
    assert isinstance(executor.ground(fill, observe('- textbox "Surname"')), Trouble)


@pytest.mark.speed
def test_five_thousand_elements_take_no_time() -> None:
    page = observe("\n".join(f'- row:\n  - cell "Item {i}"\n  - cell:\n    - button "Open {i}"' for i in range(1250)))
    executor = Executor()
    times = []
    for target in ('button "Open 1249"', 'button "Open 7"', '"Open 1200"', 'button "Open 1100" in row "Item 1100"'):
        began = time.process_time()
        assert isinstance(executor.ground(Click(target=Target.parse(target)), page), Grounded)
        times.append(time.process_time() - began)
    assert max(times) < 0.1  # measured 10 ms; the bound leaves room for a busy machine
