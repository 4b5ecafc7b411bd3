"""Replies as models give them: what is read, what is refused, and that nothing is read as something else."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import Field
from ruamel.yaml import YAML

from operator_agent.flow.base import Frozen
from operator_agent.models.repair import Malformed, read_reply

Texts = tuple[str, ...]


class Click(Frozen):
    kind: Literal["click"] = "click"
    target: str
    expect: Texts = ()
    optional: bool = False


class Fill(Frozen):
    kind: Literal["fill"] = "fill"
    target: str
    text: str
    expect: Texts = ()


class GoTo(Frozen):
    kind: Literal["go to"] = "go to"
    url: str


class Select(Frozen):
    kind: Literal["select"] = "select"
    target: str
    options: Texts


class Scroll(Frozen):
    kind: Literal["scroll"] = "scroll"
    direction: Literal["up", "down"] = "down"


class Back(Frozen):
    kind: Literal["back"] = "back"


class Row(Frozen):
    kind: Literal["row"] = "row"
    cells: dict[str, str]
    times: int | None = None


Step = Annotated[Click | Fill | GoTo | Select | Scroll | Back | Row, Field(discriminator="kind")]


class Plan(Frozen):
    goal: str
    steps: tuple[Step, ...]
    done: Texts = ()


CORPUS: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("bad_replies.yaml"))
PLANS = {name: Plan.model_validate_json(json.dumps(plan)) for name, plan in CORPUS["plans"].items()}


@pytest.mark.parametrize("case", CORPUS["replies"], ids=lambda case: case["name"])
def test_a_bad_reply_is_read_as_meant_or_refused_with_the_reason(case: dict[str, Any]) -> None:
    if "means" in case:
        assert read_reply(case["text"], Plan, arguments=case.get("arguments"))[0] == PLANS[case["means"]]
    else:
        with pytest.raises(Malformed) as refused:
            read_reply(case["text"], Plan, arguments=case.get("arguments"))
        assert case["malformed"] in str(refused.value)
        assert "\n" not in str(refused.value)


def test_nine_of_ten_whole_replies_need_no_second_call() -> None:
    read = [case for case in CORPUS["replies"] if "means" in case]
    refused = [case for case in CORPUS["replies"] if case.get("whole")]
    assert len(CORPUS["replies"]) >= 60
    assert len(read) / (len(read) + len(refused)) >= 0.9


def test_what_was_put_right_is_said() -> None:
    text = "Here: {'Goal': 'Accept', 'steps': [{'kind': 'Click', 'target': 'Accept', 'thought': 'x'},]}"
    assert read_reply(text, Plan)[1] == (
        "other quotes", "trailing commas", "'Goal' read as 'goal'", "steps[0].kind: 'Click' read as 'click'",
        "steps[0]: dropped 'thought'",
    )  # fmt: skip
    assert read_reply('{"goal": "Accept", "steps": []}', Plan)[1] == ()


class Loose(Frozen):
    """All may be left out, so that also an empty object is one."""

    note: str = ""
    steps: tuple[Step, ...] = ()


def test_an_empty_object_is_a_reply_only_when_it_is_the_only_one() -> None:
    step = '{"note": "x", "steps": []}'
    assert read_reply("{}", Loose)[0] == Loose()
    assert read_reply(f"{{}} {step}", Loose, arguments={})[0] == Loose(note="x")
    with pytest.raises(Malformed, match="more than one"):
        read_reply(step.replace("x", "y"), Loose, arguments=step)
    with pytest.raises(Malformed, match="unknown key"):
        read_reply('{"kind": "click", "target": "Accept"}', Loose)


JUNK = """{ [{ {"a": " {'a</think> {“</think> <think> </think> {a} {"a":1} \\ // x [" {"a":"b",""".split()


@pytest.mark.speed
@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("size", [900_000, 5_000_000])
def test_giant_garbage_is_refused_at_once(junk: str, size: int) -> None:
    text = junk * (size // len(junk))
    for arguments in (None, text):
        begun = time.perf_counter()
        with pytest.raises(Malformed):
            read_reply("" if arguments else text, Plan, arguments=arguments)
        assert time.perf_counter() - begun < 1


# Anything a page may show, and above all what could be taken for a part of the reply.
PARTS = ['"', "'", "“", "”", "\\", "{", "}", "[", "]", ",", ":", "//", "/*", "#", "\n", "\t", "</think>", "<think>", "```"]
PARTS += ['"kind": "click"', "target", "null", "…", "a", "Don't", " ", "é", "\u2028", "😀"]
LETTERS = st.characters(codec="utf-8")
WORDS = st.lists(st.sampled_from(PARTS) | st.text(LETTERS, max_size=4), max_size=5).map("".join)
LISTS = st.lists(WORDS, max_size=2).map(tuple)
STEPS = st.one_of(
    st.builds(Click, target=WORDS, expect=LISTS, optional=st.booleans()),
    st.builds(Fill, target=WORDS, text=WORDS, expect=LISTS),
    st.builds(GoTo, url=WORDS),
    st.builds(Select, target=WORDS, options=LISTS),
    st.builds(Scroll, direction=st.sampled_from(["up", "down"])),
    st.builds(Back),
    st.builds(Row, cells=st.dictionaries(WORDS, WORDS, max_size=2), times=st.none() | st.integers(0, 9)),
)
PLAN = st.builds(Plan, goal=WORDS, steps=st.lists(STEPS, max_size=3).map(tuple), done=LISTS)


class Mangler:
    """Writes a plan as a careless model would: every fault changes the form, none the meaning."""

    def __init__(self, chance: random.Random, rate: float) -> None:
        self.chance = chance
        self.rate = rate

    def now(self) -> bool:
        return self.chance.random() < self.rate

    def reply(self, plan: Plan) -> str:
        data = plan.model_dump(mode="json", exclude_defaults=self.now())
        for step, native in zip(data["steps"], plan.steps, strict=True):
            step["kind"] = native.kind
        body = self.value(data, "")
        if self.now():
            body = self.chance.choice([f'{{"plan": {body}}}', f"[{body}]", f"```json\n{body}\n```", f"{body}\n{body}", body + "}"])
        if self.now():
            body = f"Here is the plan, {{name}} kept.\n{body}\nThat is all."
        if self.now():
            thought = self.chance.choice(['{"goal": "x", "steps": []}', "hm {", "", "'"])
            body = self.chance.choice(["<think>", "", "<Think> "]) + f"{thought}</think>{body}"
        return json.dumps(body) if self.chance.random() < self.rate / 4 else body

    def value(self, data: Any, key: str) -> str:
        if isinstance(data, dict) and key == "cells" and self.now():
            data = [{"key": name, "value": value} for name, value in data.items()]
        if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict) and self.now():
            data = data[0] if key == "steps" else data
        if isinstance(data, (list, dict)) and key in ("steps", "expect") and self.chance.random() < self.rate / 4:
            return json.dumps(json.dumps(data))
        if isinstance(data, dict):
            return self.record(data, "" if key == "cells" else None)
        if isinstance(data, list):
            return self.joined("[", [self.value(item, "") for item in data], "]")
        if isinstance(data, str):
            respelled = key in ("kind", "direction") and self.now()
            return self.text(self.chance.choice([data.upper(), data.replace(" ", "_")]) if respelled else data)
        return str(data) if self.now() else json.dumps(data)

    def record(self, data: dict[str, Any], free: str | None) -> str:
        pairs = []
        for key, value in data.items():
            written = key.capitalize() if free is None and "key" not in data and self.now() else key
            written = written if free is None and self.now() else self.text(written)
            pairs.append(f"{written}{self.gap()}:{self.gap()}{self.value(value, key)}")
        if free is None and self.now():
            noise = self.chance.choice(['"thought": "{kind: back}"', '"until": null', '"Comment": [1]'])
            pairs.insert(self.chance.randint(0, len(pairs)), noise)
        return self.joined("{", pairs, "}")

    def joined(self, opening: str, parts: list[str], closing: str) -> str:
        last = "," if parts and self.now() else ""
        return opening + self.gap() + f"{self.gap()},{self.gap()}".join(parts) + self.gap() + last + self.gap() + closing

    def gap(self) -> str:
        return self.chance.choice(["\n", " /* a, b] */ ", " // it's \"so\"\n", "# well\n", "\t"]) if self.now() else ""

    def text(self, text: str) -> str:
        if self.now() and not set("“”‘’") & set(text) and text.isprintable():
            return "“" + text.replace("\\", "\\\\") + "”"
        if self.now() and text.isprintable():
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        written = json.dumps(text, ensure_ascii=self.now())
        return written.replace("\\n", "\n") if "\\\\" not in written and self.now() else written


@settings(max_examples=200, deadline=None)
@given(PLAN, st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.3]))
@example(PLANS["tags"], 1, 0.3)
def test_a_mangled_plan_is_that_plan_or_refused(plan: Plan, seed: int, rate: float) -> None:
    text = Mangler(random.Random(seed), rate).reply(plan)
    try:
        value, _ = read_reply(text, Plan)
    except Malformed:
        return
    assert value == plan


def test_most_mangled_plans_are_read() -> None:
    chance = random.Random(7)
    read = 0
    for _ in range(200):
        try:
            read += read_reply(Mangler(chance, 0.1).reply(PLANS["latte"]), Plan)[0] == PLANS["latte"]
        except Malformed:
            continue
    assert read >= 190


def refused(text: str) -> None:
    for arguments in (None, text):
        with pytest.raises(Malformed):
            read_reply("" if arguments else text, Plan, arguments=arguments)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_cut_of_a_plan_is_read(plan: Plan) -> None:
    whole = plan.model_dump_json()
    for end in range(len(whole)):
        refused(whole[:end])


@settings(max_examples=150, deadline=None)
@given(PLAN, st.integers(0, 2**32), st.floats(0, 1, exclude_max=True))
def test_no_cut_of_a_mangled_plan_is_read(plan: Plan, seed: int, place: float) -> None:
    whole = Mangler(random.Random(seed), 0.2).value(plan.model_dump(mode="json"), "")
    refused(whole[: int(len(whole) * place)])


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_no_text_makes_anything_but_a_plan_or_a_refusal(text: str) -> None:
    try:
        read_reply(text, Plan)
    except Malformed as refused:
        assert len(str(refused)) < 400
