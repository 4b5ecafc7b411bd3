"""Reply types as strict portable schemas, and what is sent in that form as instances."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field, model_validator

from operator_agent.flow.action import Click, Drag, Fill, GoTo, Scroll
from operator_agent.flow.base import Frozen
from operator_agent.flow.check import AllCheck, Check, NotCheck, RowCheck, TextCheck
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.models.schema import lowered, raised, sketched


class Chunk(Frozen):
    """The next steps."""

    goal: str
    steps: tuple[Step, ...]
    done: tuple[Check, ...] = ()


class Size(enum.Enum):
    small = "S"
    large = "L"


class Drink(Frozen):
    """Something to drink."""

    what: Literal["drink"] = "drink"
    size: Size = Size.small
    extras: frozenset[str] = frozenset()
    prices: dict[str, dict[str, float]] = Field({}, description="per shop and size")

    @model_validator(mode="after")
    def _sane(self) -> Drink:
        if "gin" in self.extras:
            raise ValueError("no gin")
        return self


class Food(Frozen):
    name: str = Field("toast", max_length=9)
    what: Literal["food"]
    at: tuple[int, int] = (0, 0)
    until: datetime.date | None = None


class Tree(Frozen):
    label: str
    children: tuple[Tree, ...] = ()
    by_name: dict[str, Tree] = Field({})


class Order(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", use_attribute_docstrings=True)

    parts: list[Drink | Food | str]
    """In the order they are served."""
    count: int = Field(1, ge=1, le=9)
    note: str | None = None
    gift: bool | None
    best: Drink | None = None
    tree: Tree | None = Field(None, description="how it is packed")
    mixed: int | list[int] | str = "none"
    per_size: dict[Size, int] = {}

    @model_validator(mode="after")
    def _sane(self) -> Order:
        if self.note == "impossible":
            raise ValueError("such a note is not taken")
        return self


CHUNK = Chunk(
    goal="Order",
    steps=(
        Step(action=GoTo(url="/")),
        Step(action=Click(target=Target.parse('button "Add" in row "Latte"')), expect=(RowCheck(cells={"Drink": "latte"}),)),
        Step(action=Fill(target=Target.parse('textbox "Name"'), text="Ada"), risk="submit", optional=True),
        Step(action=Drag(target=Target(words="the card"), to=Target(words="the bin"))),
        Step(action=Scroll(direction="up"), expect=(NotCheck(check=AllCheck(checks=(TextCheck(text="a"), TextCheck(text="b")))),)),
    ),
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
DRINKS = st.builds(
    Drink,
    size=st.sampled_from(Size),
    extras=st.frozensets(TEXT, max_size=2),
    prices=st.dictionaries(TEXT, st.dictionaries(TEXT, st.floats(-9, 9), max_size=2), max_size=2),
)
FOODS = st.builds(Food, what=st.just("food"), name=TEXT, at=st.tuples(st.integers(), st.integers()), until=st.none() | st.dates())
TREES = st.recursive(
    st.builds(Tree, label=TEXT),
    lambda inner: st.builds(
        Tree, label=TEXT, children=st.lists(inner, max_size=2).map(tuple), by_name=st.dictionaries(TEXT, inner, max_size=2)
    ),
    max_leaves=4,
)
ORDERS = st.builds(
    Order,
    parts=st.lists(DRINKS | FOODS | TEXT, max_size=3),
    count=st.integers(1, 9),
    note=st.none() | TEXT,
    gift=st.none() | st.booleans(),
    best=st.none() | DRINKS,
    tree=st.none() | TREES,
    mixed=st.integers() | st.lists(st.integers(), max_size=2) | TEXT,
    per_size=st.dictionaries(st.sampled_from(Size), st.integers(), max_size=2),
)


def sent(value: object) -> Any:
    """A value as a model held to the lowered schema sends it; a default that is not empty as null."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        defaults = {name: field.default for name, field in fields.items() if name not in ("kind", "what", "verb")}
        defaults = {name: default for name, default in defaults.items() if default is None or default == {} or default}
        return {name: None if defaults.get(name, ...) == (item := getattr(value, name)) else sent(item) for name in fields}
    if isinstance(value, dict):
        return [{"key": sent(key), "value": sent(item)} for key, item in value.items()]
    if isinstance(value, (list, tuple, frozenset)):
        return [sent(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime.date) else value


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    for one in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from parts(one)


PORTABLE = set("type properties required additionalProperties items anyOf enum description $ref $defs".split())


@pytest.mark.parametrize("reply", [Chunk, Order, Drink, Food, Tree, AllCheck])
def test_a_lowered_schema_keeps_to_what_every_server_takes(reply: type[BaseModel]) -> None:
    schema = lowered(reply)
    Draft202012Validator.check_schema(schema)
    definitions = schema.get("$defs", {})
    assert schema["type"] == "object"
    for part in parts(schema):
        assert set(part) <= PORTABLE
        assert "$ref" not in part or set(part) == {"$ref"}
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
        branches = [definitions[one["$ref"].split("/")[-1]] if "$ref" in one else one for one in part.get("anyOf", ())]
        assert not any("anyOf" in branch for branch in branches)
        records = [next(iter(branch["properties"].items())) for branch in branches if branch.get("type") == "object"]
        if len(records) > 1:
            assert len({name for name, _ in records}) == 1
            assert len({tuple(first["enum"]) for _, first in records}) == len(records)


def test_what_is_empty_by_default_is_sent_empty() -> None:
    schema = lowered(Chunk)["properties"]
    assert schema["done"]["type"] == "array"
    assert raised(Chunk, {"goal": "g", "steps": [], "done": None}) == raised(Chunk, {"goal": "g", "steps": []})


def test_the_sketch_names_every_property_and_constant() -> None:
    sketch = sketched(Order)
    assert 'parts: [{what: "drink", size: "S" | "L" | null (null means "S"), extras: [string], prices: ' in sketch
    assert '    | {what: "food", name: string | null (null means "toast"), ' in sketch
    assert "mixed: integer | [integer] | string | null" in sketch
    assert "per_size: [{key: " in sketch
    assert "Tree = {label: string, children: [Tree], " in sketch
    assert sketch.count("// In the order they are served.") == 1


def test_only_recursive_types_are_referred_to() -> None:
    assert set(lowered(Tree)["$defs"]) == {"Tree"}
    assert "$defs" not in lowered(Drink)
    checks = {"AllCheck", "AnyCheck", "NotCheck", "WithinCheck", "BecameCheck", "HoldsCheck"}
    assert set(lowered(Chunk)["$defs"]) == {"Target", *checks}


def test_descriptions_carry_what_keywords_may_not() -> None:
    schema = lowered(Order)["properties"]
    assert schema["parts"]["description"] == "In the order they are served."
    assert schema["parts"]["items"]["anyOf"][0]["description"] == "Something to drink."
    assert schema["count"] == {
        "anyOf": [{"type": "integer"}, {"type": "null"}],
        "description": "(at least 1, at most 9) (null means 1)",
    }
    assert schema["tree"]["description"] == "how it is packed"
    assert schema["gift"] == {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
    assert list(lowered(Food)["properties"]) == ["what", "name", "at", "until"]
    assert "date" in lowered(Food)["properties"]["until"]["anyOf"][0]["description"]


@settings(max_examples=100, deadline=None)
@given(ORDERS)
def test_what_is_sent_by_the_schema_is_the_value(order: Order) -> None:
    form = sent(order)
    Draft202012Validator(lowered(Order)).validate(form)
    assert raised(Order, form) == order


@settings(max_examples=50, deadline=None)
@given(TREES)
def test_trees_come_back(tree: Tree) -> None:
    Draft202012Validator(lowered(Tree)).validate(sent(tree))
    assert raised(Tree, sent(tree)) == tree


def test_plans_come_back() -> None:
    Draft202012Validator(lowered(Chunk)).validate(sent(CHUNK))
    assert raised(Chunk, sent(CHUNK)) == CHUNK
    assert raised(Chunk, CHUNK.model_dump(mode="json")) == CHUNK


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"parts": None}, "parts: expected a list, got null"),
        ({"parts": [{"what": "drink"}, {"what": "cake"}]}, 'parts[1].what: "cake" is not "drink" or "food"'),
        ({"parts": [{"name": "x"}]}, "parts[0].what: missing"),
        ({"parts": [7]}, "parts[0]: expected an object or text, got 7"),
        ({"count": "3"}, 'count: expected a whole number, got "3"'),
        ({"count": 10}, "count: Input should be less than or equal to 9"),
        ({"count": True}, "count: expected a whole number, got true"),
        ({"colour": "red"}, "colour: unknown key; known are parts, count, note, gift, best, tree, mixed, per_size"),
        ({"best": {"size": "XL"}}, 'best.size: "XL" is not "S" or "L"'),
        ({"best": {"prices": [{"key": "a"}]}}, "best.prices[0].value: missing"),
        ({"best": {"prices": {"key": "a", "value": []}}}, "best.prices: expected a list of {key, value}, got one of them"),
        ({"tree": {"label": "a", "children": [{"label": "b"}, {}]}}, "tree.children[1].label: missing"),
        ({"parts": [{"what": "food", "until": "soon"}]}, "parts[0].until: Input should be a valid date or datetime"),
        ({"parts": [{"what": "food", "at": [1]}]}, "parts[0].at[1]: missing"),
        ({"mixed": float("nan")}, "mixed: expected a whole number, a list or text, got NaN"),
        ({"parts": ["a", {"what": "drink", "extras": ["gin"]}]}, "parts[1]: no gin"),
        ({"note": "impossible"}, "reply: such a note is not taken"),
        ({"per_size": [{"key": "S", "value": 1}, {"key": "S", "value": 2}]}, 'per_size[1].key: "S" is given twice'),
    ],
)
def test_a_refusal_says_where_and_what(change: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError) as refused:
        raised(Order, {"parts": [], "gift": None, **change})
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


class Untagged(Frozen):
    one: Drink | Target


class Anything(Frozen):
    inner: list[Any]


class Untyped(Frozen):
    inner: dict[str, Any]


class Doubtful(Frozen):
    inner: int | None = 5


class TwoLists(Frozen):
    inner: list[int] | dict[str, int]


@pytest.mark.parametrize("reply", [Untagged, Anything, Untyped, Doubtful, TwoLists])
def test_what_has_no_closed_schema_is_refused_by_name(reply: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match=f"{reply.__name__}.*"):
        lowered(reply)
