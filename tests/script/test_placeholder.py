from __future__ import annotations

import re

import pytest

from operator_agent.errors import UsageError
from operator_agent.flow.check import TextCheck
from operator_agent.flow.target import Target
from operator_agent.script.placeholder import Undefined, in_patterns, literal, map_text, names, put_inputs, put_values, sole_name

VALUES = {"a": "latte", "n": 2, "yes": True, "many": ["oat", "soy"], "groups": [{"drink": "latte"}]}


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("{n} × {a}", "2 × latte"),
        ("{{a}}", "{a}"),
        ("{{{a}}}", "{{a}}"),
        ("{yes} {many}", "true oat, soy"),
        (r"\d{2,3} {2} {} { a }", r"\d{2,3} {2} {} { a }"),
        ('{"drink": {a}}', '{"drink": latte}'),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("{secret:pin}", "{secret:pin}"),
    ],
)
def test_braces(text: str, final: str) -> None:
    assert put_values(text, VALUES) == final
    assert put_values(put_inputs(text, VALUES), {}) == final


def test_names() -> None:
    assert list(names("{a} {{b}} {secret:c} {饮料} {d-1}")) == ["a", "饮料", "d-1"]
    assert [sole_name(text) for text in ("{a}", " {a} ", "{a}{b}", "x{a}", "{{a}}", "{secret:a}")] == ["a", "a", "", "", "", ""]


def test_what_is_read_later_stays() -> None:
    assert put_inputs("{a} costs {total}, {{total}}", VALUES) == "latte costs {total}, {{total}}"


def test_a_value_that_is_not_there() -> None:
    with pytest.raises(Undefined, match="no value 'total' yet") as caught:
        put_values("{total}", VALUES)
    assert caught.value.name == "total"


@pytest.mark.parametrize("value", ["{b}", "{{b}}", "{secret:pin} or so", "{", "a}b{c", "{b}}"])
def test_a_value_is_text_and_never_a_placeholder(value: str) -> None:
    filled = put_inputs("say {a}", {"a": value, "b": "wrong"})
    if "secret" in value:
        with pytest.raises(UsageError, match="secret handle"):
            put_values(filled, {"b": "wrong"})
    else:
        assert put_values(filled, {"b": "wrong"}) == f"say {value}"


@pytest.mark.parametrize("template", ["{{secret:{a}}", "{secret:pin}{a}", "{a}"])
def test_no_value_brings_in_a_secret(template: str) -> None:
    """A page that shows `{secret:pin}` must not get the secret by being read and filled in somewhere."""
    with pytest.raises(UsageError, match="secret handle"):
        put_values(template, {"a": "{secret:pin}" if template != "{{secret:{a}}" else "pin}"})


def test_the_person_may_give_a_secret_as_an_input() -> None:
    assert put_values(put_inputs("{a}", {"a": "{secret:pin}"}), {}) == "{secret:pin}"


def test_values_that_would_join_into_a_placeholder_are_refused() -> None:
    with pytest.raises(UsageError, match="makes a placeholder"):
        put_inputs("{{a}", {"a": "b}"})


def test_groups_have_no_text() -> None:
    with pytest.raises(UsageError, match="for each"):
        put_inputs("{groups}", VALUES)


def test_a_value_in_a_pattern_means_itself() -> None:
    patterns = in_patterns({"a": "1/2 (a)"})
    target = map_text(Target(name="/order {a}/"), lambda text, pattern: put_values(text, patterns if pattern else {"a": "x"}))
    assert re.search(target.name[1:-1].replace(r"\/", "/"), "my order 1/2 (a)")
    assert Target.parse(str(target)) == target
    seen: list[tuple[str, bool]] = []
    map_text(TextCheck(text="/{a}/"), lambda text, pattern: seen.append((text, pattern)) or text)
    assert ("/{a}/", True) in seen


def test_literal() -> None:
    assert literal("{a} {2} {{b}}") == "{{a}} {2} {{{b}}}"
