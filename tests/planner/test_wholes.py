"""Requests understood as a whole: every word accounted for by the page, or nothing is done. No browser."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operator_agent.flow.action import describe
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Refusal
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Craft, Proposal
from operator_agent.planner.crafts.lists import lists
from operator_agent.planner.crafts.styled import Styled
from operator_agent.planner.crafts.wholes import wholes
from operator_agent.planner.crafts.wholes.cells import entries_in
from operator_agent.planner.crafts.wholes.items import acts_in
from tests.aria import observe

HIRE = observe("""
    - heading "Hire a boat"
    - generic:
      - text: Skipper
      - textbox "Skipper" [ref=skipper]
      - text: Phone
      - textbox "Phone" [ref=phone]
      - text: First day
      - textbox "First day" [ref=from]
      - text: Last day
      - textbox "Last day" [ref=to]
      - text: Persons
      - spinbutton "Persons" [ref=persons]: "1"
      - combobox "Boat" [ref=boat]:
        - option "Any boat" [selected]
        - option "Sloop"
        - option "Dinghy"
      - radiogroup "Pay by" [ref=pay]:
        - radio "Card" [ref=card]
        - radio "Invoice" [ref=invoice]
      - checkbox "Life jackets, € 4 each" [ref=jackets]
      - checkbox "Newsletter" [ref=news]
      - button "Reserve boat" [ref=reserve]
      - button "Cancel" [ref=cancel]
""")
TWO = observe("""
    - textbox "Sender" [ref=a]
    - textbox "Receiver" [ref=b]
    - button "Send" [ref=send]
""")
SHELF = observe("""
    - list "Shelf":
      - listitem [ref=a]: Emma
      - listitem [ref=b]: Ulysses
      - listitem [ref=c]: Beloved
    - button "Keep" [ref=keep]
""")
RIVERS = observe("""
    - table "Rivers":
      - row:
        - columnheader "Name":
          - button "Name" [ref=name]
        - columnheader "Length":
          - button "Length" [ref=length]
      - row:
        - cell "Elbe"
        - cell "1094 km"
      - row:
        - cell "Volga"
        - cell "3530 km"
      - row:
        - cell "Thames"
        - cell "346 km"
""")
LETTERS = observe("""
    - table "Letters":
      - row:
        - columnheader "Day"
        - columnheader "From"
        - columnheader "File"
      - row:
        - cell "Monday"
        - cell "Ruth Kim"
        - cell:
          - link "Download letter 7" [ref=seven]
      - row:
        - cell "Tuesday"
        - cell "Ola Berg"
        - cell:
          - link "Download letter 8" [ref=eight]
""")
FILES = observe("""
    - tree "Disk":
      - treeitem "Work" [level=1] [ref=work]
      - treeitem "Plans" [level=2] [ref=plans]
      - treeitem "Bridge.dwg" [level=3] [ref=bridge]
    - button "Open this drawing" [ref=open]
""")
EDITOR = observe("""
    - button "Italic" [ref=italic]
    - button "Bold" [ref=bold]
    - textbox "Letter" [ref=letter]
    - button "Send letter" [ref=send]
""")
WALL = observe("""
    - listbox "Bricks" [ref=bricks]:
      - option "Brick 1" [ref=b1]
      - option "Brick 2" [ref=b2]
      - option "Brick 3" [ref=b3]
      - option "Brick 4" [ref=b4]
      - option "Brick 5" [ref=b5]
      - option "Brick 6" [ref=b6]
      - option "Brick 7" [ref=b7]
      - option "Brick 8" [ref=b8]
    - button "Lay this brick" [ref=lay]
""")


def steps(words: str, page: Observation, crafts: tuple[Craft, ...] | None = None) -> list[str] | None:
    """What the first craft that understands does now; None when none does."""
    for craft in wholes() if crafts is None else crafts:
        found = craft.propose(Asked(words, Page(page), {}, {}))
        if isinstance(found, Proposal) and found.refusal is None:
            return [describe(step.action) for step in found.steps]
    return None


FILLED = [
    ("Skipper: Ruth Kim, persons: 4. Reserve the boat.", ["Skipper Ruth Kim", "Persons 4"]),
    ("I need a sloop for four persons", ["Boat Sloop", "Persons 4"]),
    ("Reserve a dinghy from 3 to 7 May 2027", ["First day 3 May 2027", "Last day 7 May 2027", "Boat Dinghy"]),
    ("Book the Sloop, pay by invoice, with life jackets", ["Boat Sloop", "check Invoice", "check Life jackets, € 4 each"]),
    ("We'd like the dinghy, no newsletter please", ["Boat Dinghy", "uncheck Newsletter"]),
    ("Enter Ola Berg as the skipper and 555-12 as the phone", ["Skipper Ola Berg", "Phone 555-12"]),
    ('Please put "Ann" in as the skipper, then press "Reserve boat"', ["Skipper Ann"]),
    ("Take the sloop, not the dinghy", ["Boat Sloop"]),
]


@pytest.mark.parametrize(("words", "expected"), FILLED, ids=[words[:30] for words, _ in FILLED])
def test_a_form_is_filled_in_and_handed_in(words: str, expected: list[str]) -> None:
    found = steps(words, HIRE)
    assert found and found[-1] == 'click button "Reserve boat"'
    assert sorted(map(told, found[:-1])) == sorted(expected)


def told(step: str) -> str:
    """`fill textbox "Skipper" with "Ruth"` as `Skipper Ruth`."""
    verb = step.split()[0]
    names = " ".join(step.split('"')[1::2])
    return f"{verb} {names}" if verb in ("check", "uncheck") else names


@pytest.mark.parametrize(
    "words",
    [
        "Reserve the sloop for Ruth Kim and delete the old one",  # an act that nothing here does
        "Don't reserve the sloop",
        "Reserve the sloop unless it rains",
        "Reserve the submarine for 4 persons",
        "Cancel the sloop",
        "Reserve the sloop for 4 persons and a dog",
        "Which boat is the cheapest?",
        "Reserve a sloop and a dinghy",
        "",
    ],
)
def test_nothing_is_done_with_a_word_unaccounted_for(words: str) -> None:
    assert steps(words, HIRE) is None


def test_a_value_that_may_be_for_two_fields_is_for_none() -> None:
    assert steps('Send "Ann"', TWO) is None
    assert steps('Sender "Ann", send it', TWO) == ['fill textbox "Sender" with "Ann"', 'click button "Send"']


ORDERED = [
    ("Move Beloved to the top", 'drag listitem "Beloved" to listitem "Emma"'),
    ("put Ulysses before Emma", 'drag listitem "Ulysses" to listitem "Emma"'),
    ("Emma should come last", 'drag listitem "Emma" to listitem "Beloved"'),
    ("Bring the shelf into the order Beloved, Ulysses, Emma", 'drag listitem "Beloved" to listitem "Emma"'),
]


@pytest.mark.parametrize(("words", "expected"), ORDERED)
def test_rows_are_put_in_order(words: str, expected: str) -> None:
    assert steps(words, SHELF, lists()) == [expected]


@pytest.mark.parametrize("words", ["Move Dracula to the top", "put Emma before Emma", "Keep the shelf"])
def test_what_is_not_in_the_row_is_not_moved(words: str) -> None:
    assert steps(words, SHELF, lists()) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sort by length, longest first", ['click button "Length"']),
        ("Order the rivers by name, Z to A", ['click button "Name"']),
        ("show the longest rivers first", ['click button "Length"']),
        ("sort by depth", None),
    ],
)
def test_a_table_is_sorted_by_a_column(words: str, expected: list[str] | None) -> None:
    assert steps(words, RIVERS, lists()) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Get me the letter from Ola Berg", 'download link "Download letter 8" into download'),
        ("please fetch Monday's letter, only that one", 'download link "Download letter 7" into download'),
        ("Download the letter of Wednesday", None),
        ("Download the letter", None),
    ],
)
def test_what_belongs_to_a_row(words: str, expected: str | None) -> None:
    found = steps(words, LETTERS)
    assert found == ([expected] if expected else None)


def test_a_tree_is_gone_down_level_by_level() -> None:
    assert steps("Choose Work, Plans, Bridge.dwg and open this drawing", FILES) == ['click treeitem "Bridge.dwg"']
    assert steps("Choose Work, Plans, Tower.dwg and burn it", FILES) != ['click button "Open this drawing"']


@pytest.mark.parametrize("words", ['write "Dear Ann" in bold into the letter', 'put "Dear Ann" into the letter, all of it bold'])
def test_a_text_is_written_in_a_style(words: str) -> None:
    expected = ['fill textbox "Letter" with "Dear Ann"', 'mark textbox "Letter"', 'click button "Bold"']
    assert steps(words, EDITOR, (Styled(),)) == expected


def test_a_long_list_is_scrolled_until_its_entry_is_there() -> None:
    assert steps("Take brick 700 and lay it", WALL) == ['scroll bottom in listbox "Bricks"']
    assert steps("Lay brick 7", WALL) == ['click option "Brick 7"']
    assert steps("Paint brick 7", WALL) is None


ACTS = [
    ("Add Emma and Ulysses, then remove Emma", "add Emma, add Ulysses, remove Emma"),
    ('add "Call Bo", rename it to "Call Bea" and tick it', "add Call Bo, rename Call Bo Call Bea, finish Call Bea"),
    ("I want two entries, Tea and Rye. Make the Tea three bags. Delete the latter", "add Tea, add Rye, amount Tea 3, remove Rye"),
]


@pytest.mark.parametrize(("words", "expected"), ACTS, ids=[words[:20] for words, _ in ACTS])
def test_acts_are_read_before_the_first_is_done(words: str, expected: str) -> None:
    found = acts_in(words)
    assert found and ", ".join(" ".join(filter(None, act)) for act in found[0]) == expected and not found[1]


def test_cells_and_what_goes_there() -> None:
    entries, rest = entries_in("put 4 into A1 and 5 into A2, the sum of them into A3, then save")
    assert [tuple(one) for one in entries] == [("a1", "4"), ("a2", "5"), ("a3", "=SUM(A1:A2)")]
    assert rest.strip(" ,").endswith("save")
    assert entries_in("the sum of them into A3")[0] == ()


SAID = 'sort put the Sloop before 3 May 2027 into A1 , . and : not Emma "x"'.split()


@given(st.text(max_size=200) | st.lists(st.sampled_from(SAID)).map(" ".join))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_words_end_in_steps_or_nothing(words: str) -> None:
    for page in (HIRE, SHELF, RIVERS, FILES, WALL):
        for craft in (*wholes(), *lists(), Styled()):
            craft.hears(words)
            assert isinstance(craft.propose(Asked(words, Page(page), {}, {})), Proposal | Refusal | None)
