"""JSON Schemas as types, and values with their places."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from operator_agent.errors import UsageError
from operator_agent.models.schema import lowered, raised
from operator_agent.research.answers import answer_type, beside, covers, leaves, written

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "opening hours!",
    "type": "object",
    "properties": {
        "schema": {"type": "string", "description": "a name that pydantic uses itself"},
        "opening hours": {"type": "array", "items": {"$ref": "#/$defs/day"}, "minItems": 1},
        "kind": {"enum": ["shop", "office"]},
        "rating": {"type": ["number", "null"], "minimum": 0, "maximum": 5},
        "phone": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["opening hours", "kind"],
    "$defs": {
        "day": {
            "type": "object",
            "properties": {
                "day": {"type": "string"},
                "open": {"type": "boolean"},
                "from": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["day"],
        }
    },
}  # fmt: skip
DAYS = [{"day": "Mon", "from": "9:00"}, {"day": "Sun", "open": False}]
VALUE = {"opening hours": DAYS, "kind": "shop", "phone": {"desk": "12 34"}}


def test_a_schema_is_a_type_that_holds() -> None:
    made = answer_type(SCHEMA)
    assert made.__name__ == "opening_hours"
    assert list(lowered(made)["properties"]) == list(SCHEMA["properties"])
    value = raised(made, {**VALUE, "rating": 4.5, "phone": [{"key": "desk", "value": "12 34"}]})
    told = value.model_dump(mode="json", by_alias=True)
    assert told["opening hours"][0] == {"day": "Mon", "open": None, "from": "9:00"}
    assert made.model_validate(value.model_dump()) == value, "as it is recorded and read again"


@pytest.mark.parametrize(
    "wrong",
    [{"opening hours": []}, {"kind": "bar"}, {"rating": 6}, {"rating": "4"}, {"more": 1}, {"opening hours": [{"open": True}]}],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        answer_type(SCHEMA).model_validate({**VALUE, **wrong})


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "array", "items": {"type": "string"}}, "must be an object"),
        ({"properties": {"a": {}}}, "schema.a: it needs a `type`"),
        ({"properties": {"a": {"allOf": [{"type": "string"}]}}}, "schema.a: `allOf` cannot be held"),
        ({"properties": {"a": {"type": "array"}}}, "schema.a: an array needs `items`"),
        ({"properties": {"a": {"type": "object"}}}, "schema.a: an object needs `properties`"),
        ({"properties": {"a": {"$ref": "https://x.example/s.json"}}}, "schema.a: there is no https"),
        ({"properties": {"a": {"$ref": "#"}}}, "schema.a: there is no #"),
        (
            {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/a"}}}}},
            "part of itself",
        ),
        ({"properties": {"a": {"enum": []}}}, "schema.a: constants"),
        ({"properties": {"a": True}}, "schema.a: a schema is an object"),
    ],
)
def test_what_cannot_be_held_is_named(schema: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("$", r"\$")):
        answer_type(schema)


def test_a_pydantic_type_is_taken_as_it_is() -> None:
    class Good(BaseModel):
        name: str

    class Vague(BaseModel):
        name: Any

    assert answer_type(Good) is Good
    with pytest.raises(UsageError, match="cannot be used"):
        answer_type(Vague)


def test_leaves_and_their_places() -> None:
    found = {written(place): value for place, value in leaves(VALUE)}
    assert found["opening hours[1].open"] is False
    assert found["phone.desk"] == "12 34"
    assert list(leaves({"a": None, "b": "", "c": [], "d": {"e": None}})) == []
    assert beside(VALUE, ("opening hours", 0, "from")) == ["Mon", "9:00"]


@pytest.mark.parametrize(
    "said", ["plans[0].price", "$.plans[0].price", "plans.0.price", "/plans/0/price", "value.plans[0]", "plans"]
)
def test_places_as_models_write_them(said: str) -> None:
    assert covers(said, ("plans", 0, "price"))
    assert not covers(said, ("other", 0, "price"))


@pytest.mark.parametrize("said", ["", "$", "plans[1]", "plans[0].name", "plans[0].price.x", "price"])
def test_other_places(said: str) -> None:
    assert not covers(said, ("plans", 0, "price"))
