"""Strict lookup: what a structured target means, and what it refuses to mean."""

from __future__ import annotations

import time

import pytest

from operator_agent.errors import UsageError
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.target import Target
from operator_agent.matching import containers, matches
from tests.aria import observe

SHOP = observe("""
- heading "Our  Menu" [level=1]
- table "Drinks":
  - row "Latte € 4.50 Add":
    - cell "Latte"
    - cell "€ 4.50"
    - cell "Add":
      - button "Add"
  - row "Iced latte € 5.00 Add":
    - cell "Iced latte"
    - cell "€ 5.00"
    - cell "Add":
      - button "Add"
- list:
  - listitem: Order 12
  - listitem: Order 123
- textbox "Name": Save
- button "Save" [disabled]
- checkbox "Terms" [checked]
- button "Straße №５"
- link "Save":
  - text: Save
""")


def found(target: str, observation: Observation = SHOP) -> list[str]:
    return [str(observation.elements[i]) for i in matches(Target.parse(target), observation)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ('heading "our menu"', ['heading "Our  Menu"']),
        ('heading "our menu" [level=1]', ['heading "Our  Menu"']),
        ('heading "our menu" [level=2]', []),
        ('heading "menu"', []),
        ("heading /Menu$/", ['heading "Our  Menu"']),
        ("heading /menu$/", []),
        ('button "strasse No5"', ['button "Straße №５"']),
        ('button "Save" [enabled]', []),
        ('button "Save" [disabled]', ['button "Save"']),
        ('checkbox "Terms" [checked=false]', []),
        ('checkbox "Terms" [checked=true]', ['checkbox "Terms"']),
        ('listitem "Order 12"', ["listitem"]),
        ('button "Nothing"', []),
        ("the green button", []),
    ],
)
def test_names_and_states(target: str, expected: list[str]) -> None:
    assert found(target) == expected


def test_a_container_named_exactly_by_a_part_beats_one_that_only_shows_the_word() -> None:
    assert matches(Target.parse('button "Add" in row "Latte"'), SHOP) == [6]
    assert matches(Target.parse('button "Add" in row "Iced latte"'), SHOP) == [11]
    assert matches(Target.parse('button "Add" in row /€ 5/'), SHOP) == [11]


def test_a_container_is_found_by_text_it_shows_at_word_boundaries() -> None:
    rows = observe("""
    - row "Latte, large 4.50":
      - cell "Latte, large"
      - button "Add"
    - row "Lattes 9.00":
      - cell "Lattes"
      - button "Add"
    """)
    assert len(matches(Target.parse('button "Add" in row "Latte"'), rows)) == 1


def test_equal_containers_stay_ambiguous_and_nth_says_which() -> None:
    twice = observe("""
    - row "Latte A":
      - cell "Latte"
      - button "Add"
    - row "Latte B":
      - cell "Latte"
      - button "Add"
    """)
    assert matches(Target.parse('button "Add" in row "Latte"'), twice) == [2, 5]
    assert matches(Target.parse('button "Add" (2) in row "Latte"'), twice) == [5]
    assert matches(Target.parse('button "Add" in row "Latte" (1)'), twice) == [2]
    assert matches(Target.parse('button "Add" (last)'), twice) == [5]
    assert matches(Target.parse('button "Add" (3)'), twice) == []


def test_nested_containers_mean_the_innermost() -> None:
    nested = observe("""
    - list:
      - listitem:
        - text: Coffee
        - button "Open"
        - list:
          - listitem:
            - text: Latte
            - button "Open"
    """)
    assert containers(Target.parse('listitem "Latte"'), nested) == [5]
    assert matches(Target.parse('button "Open" in listitem "Latte"'), nested) == [7]


def test_a_name_alone_means_one_thing_however_many_nodes_carry_it() -> None:
    assert found('"Save"') == ['button "Save"', 'link "Save"']
    assert found('"Add" in row "Latte"') == ['button "Add"']
    assert found('"Order 123"') == ["listitem"]


def test_a_bad_expression_is_the_callers_error() -> None:
    with pytest.raises(UsageError, match="not a regular expression"):
        matches(Target.parse("button /(/"), SHOP)


@pytest.mark.speed
def test_five_thousand_elements_are_searched_within_15_ms() -> None:
    rows: list[Element] = []
    for i in range(1000):
        at = len(rows)
        rows += [Element(f"r{i}", "row", f"Drink {i} Add"), Element(f"c{i}", "cell", f"Drink {i}", parent=at, depth=1)]
        rows += [Element(f"b{i}{j}", "button", f"Add {j}", parent=at, depth=1) for j in range(3)]
    page = Observation(at=0.0, elements=tuple(rows))
    targets = [Target.parse(text) for text in ('button "Add 2" in row "Drink 999"', '"Drink 500"', 'cell "Drink 77"')]
    for target in targets:
        seconds = min(timed(target, page) for _ in range(5))
        assert seconds < 0.015, f"{target}: {seconds * 1000:.1f} ms"


def timed(target: Target, page: Observation) -> float:
    began = time.perf_counter()
    assert len(matches(target, page)) == 1
    return time.perf_counter() - began
