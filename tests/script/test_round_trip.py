"""Whatever a plan holds, its file reads back as the same plan; what people see of a check reads back as the check."""

from __future__ import annotations

import string
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operator_agent.flow import action as verbs
from operator_agent.flow import check as checks
from operator_agent.flow.action import MAIN
from operator_agent.flow.geometry import Spot
from operator_agent.flow.grant import RISKS
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.target import ROLES, Target, is_regex
from operator_agent.script import check_text, dump_plan, format_check, format_step, load_plan, parse_check, parse_step
from operator_agent.script.placeholder import literal, map_text, put_values
from operator_agent.skills import fill_step, literal_step

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["- a", "a: b", "# no", "'", '"', "{x}", "{{x}}", "{secret:pin}", "null", "~", "true", "007", "1.50", "1e5", "12:30", "=", "|",
     "2026-01-31", "a\nb\n", " lead", "trail ", "\t", "yes", "&a", "*a", "!t", "%", "@", "大杯拿铁", "x" * 200, "{2,3}"]
)  # fmt: skip
some = anything.filter(str.strip)
names = st.sampled_from(["total", "order_no", "a-1", "数量"])
element_names = some.filter(lambda name: not is_regex(name)) | st.sampled_from([r"/order \d+/", "/a|b/"])
plain = st.builds(
    Target,
    role=st.sampled_from(sorted(ROLES)),
    name=element_names | st.just(""),
    states=st.lists(st.sampled_from(["disabled", "checked", "level=2"]), max_size=2).map(tuple),
    nth=st.sampled_from([0, 0, 1, 7, -1]),
)
nameless = st.builds(Target, name=element_names)
exact = st.builds(
    lambda target, within: target.model_copy(update={"within": within if target.name else None}),
    plain | nameless,
    st.none() | plain.filter(lambda target: target.name),
)
pointed = exact | st.sampled_from(["the green Save button", "Save", "保存 按钮"]).map(Target.parse)

response = st.builds(
    checks.ResponseCheck,
    method=st.sampled_from(["GET", "POST", "*"]),
    path=st.text(string.ascii_letters + "/*{}-.,", min_size=1, max_size=8),
    status=st.sampled_from(["201", "2xx", "404"]),
    times=st.none() | st.integers(0, 40),
)
cells = st.dictionaries(anything, anything, min_size=1, max_size=3)
element = st.builds(checks.ElementCheck, target=exact, text=st.none() | anything, count=st.none() | st.integers(0, 9))
leaves = (
    element
    | response
    | st.builds(checks.TextCheck, text=some)
    | st.builds(checks.UrlCheck, pattern=some)
    | st.builds(checks.TitleCheck, text=some)
    | st.builds(checks.RowCheck, cells=cells, count=st.none() | st.integers(0, 3))
    | st.builds(checks.DialogCheck, text=some)
    | st.builds(checks.TabCheck, text=some)
    | st.builds(checks.DownloadCheck, name=some)
    | st.builds(checks.FileCheck, path=some, text=st.none() | anything)
    | st.builds(checks.ValueCheck, name=st.just("total"), equals=anything)
)


def _wrapped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return (
        st.builds(checks.AllCheck, checks=several)
        | st.builds(checks.AnyCheck, checks=several)
        | st.builds(checks.NotCheck, check=inner)
        | st.builds(checks.WithinCheck, seconds=st.floats(1e-6, 1e6), check=inner)
        | st.builds(checks.BecameCheck, check=inner)
        | st.builds(checks.HoldsCheck, check=inner)
    )


any_check = st.recursive(leaves, _wrapped, max_leaves=4)

_pixels = st.floats(-2000, 90_000)
_spots = st.builds(Spot, _pixels, _pixels)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "point": _spots,
    "start": _spots,
    "end": _spots,
    "via": st.lists(_spots, max_size=3).map(tuple),
    "target": pointed,
    "to": pointed,
    "check": any_check,
    "options": st.lists(anything, max_size=3).map(tuple),
    "files": st.lists(some, max_size=3).map(tuple),
    "into": names,
    "direction": st.sampled_from(["down", "up", "left", "right", "top", "bottom"]),
    "answer": st.sampled_from(["accept", "dismiss"]),
}


def _action(verb: str) -> st.SearchStrategy[Any]:
    model, main = MAIN[verb]
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, info in model.model_fields.items():
        if name != "verb":
            values = FIELDS.get(name, some if name == main else anything)
            fields[name] = values if info.is_required() else values | st.just(info.default)
    return st.builds(model, **fields)


any_action = st.sampled_from(sorted(MAIN)).flatmap(_action)
any_step = st.builds(
    Step,
    action=any_action,
    expect=st.lists(any_check, max_size=2).map(tuple),
    intent=anything,
    risk=st.none() | st.sampled_from(RISKS),
    optional=st.booleans(),
)
read_total = Step(action=verbs.Read(target=Target.parse('cell "Total"'), into="total"))
scalars = anything | st.integers(-999, 10**12) | st.booleans() | st.none()
value = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(anything, inner), max_leaves=4)
inputs = st.dictionaries(anything, value, max_size=3)
any_plan = st.builds(
    Plan,
    goal=some,
    steps=st.lists(any_step.map(literal_step), max_size=3).map(lambda steps: (read_total, *steps)),
    done=st.lists(any_check.map(lambda check: map_text(check, lambda text, _: literal(text))), max_size=3).map(tuple),
    start=anything.filter(lambda text: "{secret:" not in text),
    inputs=inputs,
    allow=st.lists(st.sampled_from(["https://pay.example", "https://*.shop.example", "*"]), max_size=2).map(tuple),
    tier=st.sampled_from(get_args(Plan.model_fields["tier"].annotation)),
    skill=anything,
)


@QUICK
@given(any_plan)
def test_a_plan_reads_back_from_its_file(plan: Plan) -> None:
    assert load_plan(dump_plan(plan)) == plan


@QUICK
@given(any_check)
def test_a_check_reads_back_from_its_notation(check: checks.Check) -> None:
    assert parse_check(format_check(check)) == check


@QUICK
@given(any_step)
def test_a_step_reads_back_from_its_notation(step: Step) -> None:
    assert parse_step(format_step(step)) == step


@QUICK
@given(any_step)
def test_words_that_are_no_script_pass_filling_unchanged(step: Step) -> None:
    final = literal_step(step)
    if "{secret:" not in step.model_dump_json():
        assert fill_step(final, {"x": "filled"}) == step


@QUICK
@given(anything)
def test_literal_text_is_filled_to_itself(text: str) -> None:
    if "{secret:" not in text:
        assert put_values(literal(text), {"x": "filled"}) == text


one_line = st.text(string.ascii_letters + "×€ ", min_size=1, max_size=12).map(str.strip).filter(bool)


@QUICK
@given(one_line, st.sampled_from(["text", "url", "title", "dialog", "tab", "download", "file"]))
def test_what_people_see_of_a_plain_check_reads_back(text: str, key: str) -> None:
    check = parse_check({key: text})
    assert parse_check(check_text(check)) == check


@QUICK
@given(exact.filter(lambda target: target.name and "\n" not in target.name), one_line)
def test_what_people_see_of_an_element_reads_back(target: Target, text: str) -> None:
    for more in ({}, {"text": text}, {"count": 0}):
        check = checks.ElementCheck(target=target, **more)
        assert parse_check(check_text(check)) == check
