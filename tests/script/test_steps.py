from __future__ import annotations

from typing import Any, get_args

import pytest

from operator_agent.errors import ScriptError
from operator_agent.flow import action as verbs
from operator_agent.flow.action import MAIN, OTHERS, Action
from operator_agent.flow.check import ElementCheck
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.script import format_step, parse_step
from operator_agent.script.steps import COMMON

NAME = Target.parse('textbox "Name"')


@pytest.mark.parametrize(
    ("node", "action"),
    [
        ("press Checkout", verbs.Do(words="press Checkout")),
        ("back", verbs.Back()),
        ("close tab", verbs.CloseTab()),
        ({"back": None}, verbs.Back()),
        ({"click": "the green button"}, verbs.Click(target=Target(words="the green button"))),
        ({"fill": 'textbox "Name"', "with": 42}, verbs.Fill(target=NAME, text="42")),
        ({"fill": 'textbox "Name"', "with": ""}, verbs.Fill(target=NAME, text="")),
        ({"type": True, "into": 'textbox "Name"'}, verbs.Type(text="true", target=NAME)),
        ({"press": "Enter", "on": 'textbox "Name"'}, verbs.Press(keys="Enter", target=NAME)),
        ({"select": 'textbox "Name"', "option": "a"}, verbs.Select(target=NAME, options=("a",))),
        ({"select": 'textbox "Name"', "options": ["a", 2]}, verbs.Select(target=NAME, options=("a", "2"))),
        ({"scroll": None, "to": 'textbox "Name"'}, verbs.Scroll(to=NAME)),
        ({"answer dialog": "accept", "with": "x"}, verbs.AnswerDialog(answer="accept", text="x")),
        ({"wait for": 'textbox "Name"'}, verbs.WaitFor(check=ElementCheck(target=NAME))),
        ({"read": 'textbox "Name"', "into": "name", "as": "value"}, verbs.Read(target=NAME, into="name", what="value")),
    ],
    ids=str,
)
def test_every_notation(node: Any, action: Action) -> None:
    step = parse_step(node)
    assert step == Step(action=action)
    assert parse_step(format_step(step)) == step


def test_common_keys() -> None:
    step = parse_step({"click": '"Pay"', "expect": "alert", "risk": "pay", "intent": "pay now", "optional": True})
    assert (step.risk, step.intent, step.optional, len(step.expect)) == ("pay", "pay now", True, 1)
    assert list(format_step(step)) == ["click", *COMMON]


@pytest.mark.parametrize(
    ("node", "cause"),
    [
        ({}, "the step has no verb"),
        ({"clik": "a"}, "there is no verb 'clik' (did you mean 'click'"),
        ({"click": "a", "hover": "b"}, "one verb, this has 2"),
        ({"click": "a", "with": "b"}, "'click' has no key 'with'"),
        ({"read": "a", "into": "two words"}, "is no name for a value"),
        ({"drag": "a"}, "'drag' needs `to:` beside it"),
        ({"answer dialog": "maybe"}, "'answer dialog': input should be 'accept' or 'dismiss', not 'maybe'"),
        ({"click": {"button": "Pay"}}, "not a mapping"),
        ({"click": " "}, "needs an element"),
        (7, "expected a step"),
        ("", "'do' needs something"),
    ],
    ids=str,
)
def test_what_is_no_step(node: Any, cause: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_step(node, "order.yaml:7")
    assert str(caught.value).startswith("order.yaml:7: ")
    assert cause in str(caught.value)


def test_every_field_of_every_verb_can_be_written() -> None:
    for verb, (model, main) in MAIN.items():
        assert {"verb", main, *OTHERS.get(verb, {}).values()} - {""} == set(model.model_fields)
    assert {model for model, _ in MAIN.values()} == set(get_args(get_args(Action)[0]))


def test_keys_beside_a_verb_never_mean_two_things() -> None:
    assert not {key for keys in OTHERS.values() for key in keys} & {*MAIN, *COMMON}
