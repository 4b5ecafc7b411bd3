"""What people wrap orders in, taken off; and plain orders settled by what a page calls things, or not at all."""

from __future__ import annotations

import pytest

from operator_agent.flow.action import Do, describe
from operator_agent.flow.command import Command
from operator_agent.flow.observation import Dialog, Observation
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.sentences import plainly
from operator_agent.planner.sentences.settled import may_answer, settle
from operator_agent.planner.sentences.stems import same
from operator_agent.planner.words import WordsPlanner
from tests.aria import observe

PLAIN = [
    ("I'm cold, so could you turn the heating up to 23 degrees and save that?", "I'm cold; set the heating to 23 degrees; save"),
    ("Would it help? I'd like the gate to be opened, but only once", "get the gate to be opened"),
    ("We live in Graz - please pick that from the suggestions, save it", "We live in Graz; pick Graz from the suggestions; save"),
    ("enter Graz for Town, pick it from the list and press Save", "set Town to Graz; press Save"),
    ("I've moved to High Street 1. Please update my address.", "I've moved to High Street 1; set my address to High Street 1"),
    ("change the state from Open to Closed", "set the state to Closed"),
    ("make it 40 and send it", "set it to 40; send"),
    ("paint the gate green, leave the fence as it is, then save", "paint the gate green; save"),
    ("press Delete and say no to the question", "press Delete; dismiss the dialog"),
    ("press Delete, and when the page asks, decline", "press Delete; dismiss the dialog"),
    ("hit Publish and press OK on the message that pops up", "hit Publish; accept the dialog"),
    ("Choose red. No, rather blue.", "Choose blue"),
    ("Set the guests to 12 - no, 14", "Set the guests to 14"),
    ("find card 12 further down the list and press its star button", "find card 12; press the star button of card 12"),
    ("go forward to May 2031, click the 4th, then save", "choose 4 May 2031 in the calendar; save"),
    ("Files > Export", "select Files > Export"),
    ("I need the price list as a file", "download the price list"),
    ("hold Orchid for me once it can be held", "hold Orchid"),
    ("When the list of rooms comes up, hold Orchid", "hold Orchid"),
    ("flip tile 3 by double-clicking it", "double-click tile 3"),
    ("drag and drop the vase into the basket", "drag and drop the vase into the basket"),
    ("No onions please", "No onions"),
    ("press Save and Continue", "press Save and Continue"),
    ('switch between the tabs to find and press "Up"', 'switch between the tabs to find and press "Up"'),
    ('type "I\'d like to go, please" into Comment', 'type "I\'d like to go, please" into Comment'),
    ("type Doe, John into Name", "type Doe, John into Name"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), PLAIN, ids=[text[:50] for text, _ in PLAIN])
def test_what_is_asked_for_is_said_plainly(text: str, plain: str) -> None:
    assert plainly(text) == plain


@pytest.mark.parametrize(("text", "plain"), PLAIN, ids=[text[:50] for text, _ in PLAIN])
def test_what_is_said_plainly_stays_so(text: str, plain: str) -> None:
    assert plainly(plain) == plain


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("arriving", "arrival", True), ("favourites", "favorite", True), ("mesages", "messages", True), ("rung", "ring", True),
        ("note", "not", False), ("mark", "market", False), ("sign up", "subscribe", True), ("check", "choose", False),
    ],
)  # fmt: skip
def test_words_are_compared_by_what_they_mean(one: str, other: str, alike: bool) -> None:
    assert same(one, other) is alike


PAGE = observe(
    """
    - main:
      - heading "Kiln"
      - text: Heat
      - slider "Heat": 300
      - text: Day of firing
      - textbox "Day of firing"
      - text: Colour of glaze
      - textbox "Colour of glaze"
      - group "Extras":
        - checkbox "Wax"
        - checkbox "Tell me when it is done" [checked]
      - combobox "Shelf":
        - option "Top" [selected]
        - option "Bottom"
      - button "Reserve shelf"
      - button "Save"
    - table "Pots":
      - rowgroup:
        - row "Pot Pieces":
          - columnheader "Pot"
          - columnheader "Pieces"
      - rowgroup:
        - row "Jugs 4":
          - cell "Jugs"
          - cell "4"
        - row "Cups 9":
          - cell "Cups"
          - cell "9"
    - list "Orders":
      - listitem: Vase
      - listitem: Bowl
    - list "Favourites":
      - listitem: Plate
    - heading "Basic plan":
      - button "Basic plan"
    - button "Rename kiln"
    - button "Like bowl 1"
    - button "Like bowl 2"
    - button "Next"
    """
)


def settled(words: str, page: Observation = PAGE) -> list[str] | str | None:
    """Its steps; why it is refused; None when it is not understood."""
    found = settle(Asked(words, Page(page), {}, {}))
    if isinstance(found, Proposal):
        return [describe(step.action) for step in found.steps]
    return found.reason if found else None


SETTLED = [
    ("set the heat to 500 degrees", ["do move the Heat slider to 500"]),
    ("set it to 500", ["do move the Heat slider to 500"]),
    ("set the colour of glaze to moss green", ['fill textbox "Colour of glaze" with "moss green"']),
    ("no messages when it is done", ['uncheck checkbox "Tell me when it is done"']),
    ("reserve the bottom shelf", ['select combobox "Shelf" option "Bottom"', 'click button "Reserve shelf"']),
    ("set the pieces of Cups to 12", ['double click cell "9"']),
    ("make the vase a favourite", ['drag listitem "Vase" to list "Favourites"']),
    ("choose the basic plan", ['click button "Basic plan"']),
    ("rename the kiln to Vulcan", ['click button "Rename kiln"']),
    ("like bowl 7", ['click button "Next"']),
    ("I am a potter; save", []),
]


@pytest.mark.parametrize(("words", "expected"), SETTLED, ids=[words for words, _ in SETTLED])
def test_a_plain_order_is_settled_by_what_the_page_calls_things(words: str, expected: list[str]) -> None:
    assert settled(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "set the volume to 30",  # a number for a field that is not there
        "get the colour of glaze saved in the form",  # a field is named, and no value for it
        "reserve the bottom bench",
        "save the whales",
        "unlike bowl 1 and paint it",
        "I am allergic to wax; save",  # it tells of what can be set here: nobody knows which way
        "sell the vase",
        "don't reserve the bottom shelf",
        "never like bowl 1",
        "do not set the colour of glaze to red",
        "I come on 3 May 2031; save",  # a value for something that is not here
        "set the handles of Cups to 12",
    ],
)
def test_an_order_with_a_word_that_nothing_explains_is_not_done(words: str) -> None:
    found = settled(words)
    assert found is None or isinstance(found, str)


def test_the_pages_question_gets_its_answer() -> None:
    asks = Observation(at=0.0, dialog=Dialog(kind="prompt", text="Name?"))
    assert settled("name the list Groceries", asks) == ['answer dialog accept with "Groceries"']
    assert may_answer("name it Groceries") and may_answer("accept the dialog") and not may_answer("press Send")
    found = settle(Asked("type Groceries as its name; press Send", Page(asks), {}, {}))
    assert isinstance(found, Proposal) and found.steps[0].action.text == "Groceries"  # type: ignore[union-attr]


async def test_wishes_wait_for_the_page_and_no_part_is_begun_without_the_rest() -> None:
    planner = WordsPlanner()
    found = await planner.plan(Command(text="I'd like the bottom shelf reserved, thanks a lot"), {})
    assert isinstance(found, Plan) and [step.action.verb for step in found.steps] == ["do"]
    assert isinstance(await planner.plan(Command(text="press Save. Hallelujah."), {}), Refusal)
    steps = await planner.refine(found.steps[0], PAGE, {})
    assert not isinstance(steps, Refusal)
    assert [describe(step.action) for step in steps][-1] == 'click button "Reserve shelf"'
    assert isinstance(await WordsPlanner().refine(Step(action=Do(words="order a large oat latte")), PAGE, {}), Refusal)
