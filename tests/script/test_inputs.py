from __future__ import annotations

from typing import Any

import pytest

from operator_agent.errors import UsageError
from operator_agent.flow.skill import Choice, InputSpec
from operator_agent.script.inputs import BadInput, MissingInput, accept, parse_inputs, question, resolve, sample
from operator_agent.script.source import Where, read_yaml


def specs(text: str) -> dict[str, InputSpec]:
    return parse_inputs(read_yaml(text)[0], Where())


COFFEE = specs(
    """
    size: {one_of: {small: [little], large: [big, 大杯]}, default: small}
    drink: {one_of: {espresso: {says: short black, implies: {milk: none}}, latte: }}
    milk: {one_of: [whole, oat, none], default: whole}
    quantity: {type: integer, min: 1, max: 20, default: 1}
    """
)


def test_shorthands() -> None:
    read = specs("{a: , b: integer, c: {one_of: [x, 2]}, d: {after: for}, e: {each: {x: text}}}")
    assert [spec.type for spec in read.values()] == ["text", "integer", "choice", "text", "list"]
    assert read["c"].one_of == {"x": Choice(), "2": Choice()}
    assert read["d"].after == ("for",)


def test_given_implied_and_default_values() -> None:
    assert resolve(COFFEE, {"drink": "latte"}) == {"size": "small", "drink": "latte", "milk": "whole", "quantity": 1}
    found = resolve(COFFEE, {"drink": "Short Black", "size": "大杯", "quantity": "3"})
    assert found == {"size": "large", "drink": "espresso", "milk": "none", "quantity": 3}


def test_what_contradicts_is_refused() -> None:
    with pytest.raises(BadInput, match="espresso goes with milk none, not oat") as caught:
        resolve(COFFEE, {"drink": "espresso", "milk": "oat"})
    assert (caught.value.path, caught.value.options) == ("milk", ("none",))


def test_a_missing_input_is_a_question() -> None:
    with pytest.raises(MissingInput) as caught:
        resolve(COFFEE, {"size": "large", "drink": None})
    missing = caught.value
    assert (missing.name, missing.path) == ("drink", "drink")
    assert (missing.question, missing.options) == ("Which drink?", ("espresso", "latte"))


def test_the_question_is_the_authors_when_there_is_one() -> None:
    read = specs("{pick_up: time, name: {ask: Under which name?}, drink: {one_of: [latte]}}")
    assert [question(name, spec) for name, spec in read.items()] == ["What is the pick up?", "Under which name?", "Which drink?"]


def test_an_unknown_input_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no input 'quantty' \(did you mean 'quantity'\?\)"):
        resolve(COFFEE, {"quantty": 1})


def test_groups() -> None:
    group = "{drink: {one_of: [latte, mocha]}, label: {default: '{drink} for {name}'}}"
    read = specs(f"{{name: {{default: Ada}}, items: {{max: 2, each: {group}}}}}")
    found = resolve(read, {"items": [{"drink": "latte"}, {"drink": "mocha", "label": "x"}]})
    assert found["items"] == [{"drink": "latte", "label": "latte for Ada"}, {"drink": "mocha", "label": "x"}]
    with pytest.raises(MissingInput) as caught:
        resolve(read, {"items": [{"drink": "latte"}, {}]})
    assert (caught.value.name, caught.value.path) == ("drink", "items.1.drink")
    with pytest.raises(MissingInput) as caught:
        resolve(read, {})
    assert caught.value.path == "items.0.drink"
    for items, cause in [
        ([{}] * 3, "3 of them is more than 2"),
        ([], "is empty"),
        (["latte"], "expected drink, label"),
        ([{"drink": "tea"}], "items.0.drink: 'tea' is none of"),
        ([{"dirnk": "latte"}], "no input 'items.0.dirnk'"),
    ]:
        with pytest.raises(UsageError) as refused:
            resolve(read, {"items": items})
        assert cause in str(refused.value)


def test_optional_inputs_may_stay_empty() -> None:
    read = specs("{note: {optional: true}, at: {type: time, optional: true}, tags: {type: list, optional: true}}")
    assert resolve(read, {"at": ""}) == {"note": "", "at": "", "tags": []}


@pytest.mark.parametrize(
    ("spec", "given", "kept"),
    [
        ({"type": "integer"}, "3", 3),
        ({"type": "integer"}, 3.0, 3),
        ({"type": "number"}, "2.50", 2.5),
        ({"type": "number"}, "2", 2),
        ({"type": "time"}, "9:30", "09:30"),
        ({"type": "date"}, "2026-01-31", "2026-01-31"),
        ({"type": "text"}, 42, "42"),
        ({"type": "list"}, "one", ["one"]),
        ({"type": "list", "one_of": {"oat": Choice(says=("oatly",))}}, ["Oatly"], ["oat"]),
    ],
)
def test_values_are_kept_in_one_form(spec: dict[str, Any], given: Any, kept: Any) -> None:
    found = accept(InputSpec(**spec), given, "x")
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("spec", "given", "cause"),
    [
        ({"type": "integer"}, "two", "is not a whole number"),
        ({"type": "integer"}, "1.5", "is not a whole number"),
        ({"type": "integer"}, True, "is not a whole number"),
        ({"type": "integer", "max": 20}, 21, "21 is more than 20"),
        ({"type": "number", "min": 0.5}, "0.2", "0.2 is less than 0.5"),
        ({"type": "number"}, "nan", "is not a number"),
        ({"type": "time"}, "25:00", "is not a time of day"),
        ({"type": "time"}, "noon", "is not a time of day"),
        ({"type": "date"}, "2026-02-30", "is not a date"),
        ({"type": "text"}, " ", "is empty"),
        ({"type": "text"}, ["a"], "takes one value, not a list"),
        ({"type": "choice", "one_of": {"oat": Choice()}}, "oats", "none of oat (did you mean 'oat'?)"),
    ],
)
def test_values_that_cannot_be_taken(spec: dict[str, Any], given: Any, cause: str) -> None:
    with pytest.raises(BadInput) as caught:
        accept(InputSpec(**spec), given, "x")
    assert str(caught.value).startswith("x: ")
    assert cause in str(caught.value)


def test_a_circle_through_implied_values_and_defaults_ends() -> None:
    read = {
        "a": InputSpec(default="{b}"),
        "b": InputSpec(type="choice", one_of={"x": Choice()}, default="x"),
        "c": InputSpec(type="choice", one_of={"a": Choice(implies={"b": "x"})}, default="{a}"),
    }
    with pytest.raises(UsageError, match="a → b → c → a"):
        resolve(read, {})


def test_samples_can_be_given() -> None:
    read = {**COFFEE, **specs("{t: time, d: date, n: {type: number, max: 0.5}, l: list, g: {each: {x: integer}}, w: text}")}
    values = sample(read)
    assert resolve(read, {**values, "milk": "none"})["n"] == 0.5
