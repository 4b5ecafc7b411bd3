"""What covers an element is closed with the least commitment, or left alone."""

from __future__ import annotations

import pytest

from operator_agent.flow.action import Click, describe
from operator_agent.flow.check import ElementCheck
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.planner.recovery import recover
from operator_agent.planner.words import WordsPlanner
from tests.aria import observe
from tests.planner.pages import COOKIES

STEP = Step(action=Click(target=Target(role="button", name="Order")))


def covered(by: str) -> Trouble:
    return Trouble(kind="covered", detail=f'button "Order" is covered by {by}')


def notice(controls: str, head: str = 'dialog "Note"') -> Observation:
    return observe('- button "Order"\n- ' + head + ":\n  - paragraph: Something to know.\n" + controls)


CLOSED = [
    ('  - button "Accept all"\n  - button "Reject all"', 'button "Reject all"'),
    ('  - button "Accept all"\n  - button "Only necessary"\n  - button "Close"', 'button "Only necessary"'),
    ('  - button "Allow all cookies"\n  - button "Use necessary only"', 'button "Use necessary only"'),
    ('  - button "Agree"\n  - link "Continue without accepting"', 'link "Continue without accepting"'),
    ('  - button "Subscribe"\n  - button "No thanks"', 'button "No thanks"'),
    ('  - button "Subscribe"\n  - button "Not now"\n  - button "×"', 'button "Not now"'),
    ('  - textbox "Your e-mail"\n  - button "Sign up"\n  - button "Close"', 'button "Close"'),
    ('  - heading "Hello"\n  - button "×"', 'button "×"'),
    ('  - button "Install"\n  - generic [clickable]: Dismiss', 'generic "Dismiss"'),
    ('  - button "接受全部"\n  - button "仅必要"', 'button "仅必要"'),
    ('  - button "同意"\n  - button "拒绝"\n  - button "关闭"', 'button "拒绝"'),
    ('  - link [ref=a]:\n    - button "Close"', 'button "Close"'),
    ('  - button "Accept and close"\n  - button "Close"', 'button "Close"'),
]


@pytest.mark.parametrize(("controls", "expected"), CLOSED)
def test_closes_with_the_least_commitment(controls: str, expected: str) -> None:
    steps = recover(STEP, covered('dialog "Note"'), notice(controls))
    assert [describe(step.action) for step in steps] == [f"click {expected}"]
    check = steps[0].expect[0]
    assert isinstance(check, ElementCheck)
    assert (str(check.target), check.count) == (expected, 0)


LEFT_ALONE = [
    '  - button "Accept all"',
    '  - button "OK"',
    '  - button "Subscribe"\n  - button "Accept and close"',
    '  - button "Settings"\n  - button "Manage preferences"',
    '  - button "Close account"',
    '  - button "Skip and pay"',
    '  - button "Close" [disabled]',
    '  - textbox "Name": Ada\n  - button "Close"',
    '  - textbox "A"\n  - textbox "B"\n  - textbox "C"\n  - button "Close"',
    '  - button "Close chat"\n  - button "Close cart"',
    '  - button "Delete"\n  - button "Cancel"',
    "  - img",
]


@pytest.mark.parametrize("controls", LEFT_ALONE)
def test_leaves_alone_what_is_not_clear(controls: str) -> None:
    assert recover(STEP, covered('dialog "Note"'), notice(controls)) == ()


@pytest.mark.parametrize(
    ("by", "head"),
    [
        ('div "Something to know."', "generic"),
        ('div "Something to"', "generic [clickable]"),
        ('section "Something to know."', 'region "Cookies"'),
        ('region "Cookies"', 'region "Cookies"'),
        ("div", 'dialog "Anything"'),
        ('alertdialog "Else"', 'alertdialog "Anything"'),
    ],
)
def test_finds_the_cover_by_what_the_surface_calls_it(by: str, head: str) -> None:
    steps = recover(STEP, covered(by), notice('  - button "Reject"', head))
    assert [describe(step.action) for step in steps] == ['click button "Reject"']


@pytest.mark.parametrize("by", ["div", 'div "Elsewhere"', "the edge of the view", 'region "Header"'])
def test_a_cover_that_cannot_be_found_is_left_alone(by: str) -> None:
    assert recover(STEP, covered(by), notice('  - button "Reject"', "generic")) == ()


@pytest.mark.parametrize("kind", ["absent", "ambiguous", "disabled", "inert", "timeout", "rejected"])
def test_only_covers_are_cleared_away(kind: str) -> None:
    trouble = Trouble.model_validate({"kind": kind, "detail": 'button "Order" is covered by dialog "Cookies"'})
    assert recover(STEP, trouble, COOKIES) == ()


async def test_the_planner_of_plain_words_recovers_so_too() -> None:
    steps = await WordsPlanner().recover(STEP, covered('dialog "Cookies"'), COOKIES)
    assert [describe(step.action) for step in steps] == ['click button "Only necessary"']
