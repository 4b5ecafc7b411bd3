from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from operator_agent.compare import same
from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.action import Click, Fill
from operator_agent.flow.check import ElementCheck, RowCheck, TextCheck
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.target import Target
from operator_agent.script import MissingInput, load_script, parse_check, parse_step
from operator_agent.script.source import read_yaml
from operator_agent.skills import (
    builtin_folder,
    check_skill,
    diagnose,
    fill,
    fill_checks,
    fill_step,
    find_skills,
    literal_step,
    named_skill,
)

COFFEE = """\
skill: order coffee
says: "order {items} [for {name}]"
inputs:
  name: {default: Guest, after: for}
  note: {optional: true}
  items:
    each:
      drink: {one_of: {latte: [拿铁], espresso: {implies: {milk: none}}}}
      milk: {one_of: [whole, oat, none], default: whole}
      quantity: {type: integer, min: 1, default: 1}
start: {browser: "{shop}"}
steps:
  - for each: items
    steps:
      - click: button "Add {drink}"
        expect: {status "Basket": "{index} items"}
      - click: radio "{milk}"
        unless: {milk: [whole, none]}
  - fill: textbox "Note"
    with: "{note}"
    when: note
  - read: cell "Total"
    into: total
  - fill: textbox "Amount"
    with: "{total} for {name}"
done:
  - text: "Total {total}"
  - for each: items
    checks:
      - row: {Drink: "{drink}", Quantity: "{quantity}"}
"""


def filled(text: str = COFFEE, **inputs: Any) -> Plan:
    return fill(load_script(text), inputs, start="https://shop.example")


def titles(plan: Plan) -> list[str]:
    return [step.title for step in plan.steps]


def test_loops_conditions_and_placeholders() -> None:
    plan = filled(items=[{"drink": "拿铁", "milk": "oat", "quantity": 2}, {"drink": "espresso"}], note="hot")
    assert titles(plan) == [
        'click button "Add latte"',
        'click radio "oat"',
        'click button "Add espresso"',
        'fill textbox "Note" with "hot"',
        'read cell "Total" into total',
        'fill textbox "Amount" with "{total} for Guest"',
    ]
    assert plan.steps[2].expect == (ElementCheck(target=Target.parse('status "Basket"'), text="2 items"),)
    rows = ({"Drink": "latte", "Quantity": "2"}, {"Drink": "espresso", "Quantity": "1"})
    assert plan.done[1:] == tuple(RowCheck(cells=cells) for cells in rows)
    assert plan.inputs["items"][1] == {"drink": "espresso", "milk": "none", "quantity": 1}
    assert (plan.goal, plan.skill, plan.tier, plan.start) == ("order coffee", "order coffee", "skill", "https://shop.example")


def test_a_step_left_out_needs_nothing() -> None:
    assert len(filled(items=[{"drink": "latte"}]).steps) == 3


def test_what_is_missing_is_asked() -> None:
    with pytest.raises(MissingInput) as caught:
        filled()
    assert (caught.value.name, caught.value.question, caught.value.options) == ("drink", "Which drink?", ("latte", "espresso"))
    with pytest.raises(MissingInput, match="At which address is the shop") as caught:
        fill(load_script(COFFEE), {"items": [{"drink": "latte"}]})
    assert caught.value.name == "shop"


def test_a_start_may_be_an_input() -> None:
    skill = load_script('skill: look\ninputs: {shop: text}\nstart: "{shop}/menu"\nallow: "{shop}"\nsteps: [back]\n')
    plan = fill(skill, {"shop": "https://a.example"})
    assert (plan.start, plan.allow) == ("https://a.example/menu", ("https://a.example",))


def test_values_never_break_the_notation() -> None:
    """A name with quotes, braces or brackets stays a name."""
    text = 'skill: add\ninputs: {drink: text}\nsteps: [click: \'button "Add {drink}"\']\n'
    for drink in ('12" pizza" [disabled]', "{index}", "a: b", "/x/", "\\"):
        step = fill_step(filled(text, drink=drink).steps[0], {})
        assert step.action == Click(target=Target(role="button", name=f"Add {drink}"))


@pytest.mark.parametrize("written", ["text: '{x}'", "title: '{x}'", "value: {total: '{x}'}", "row: {a: '{x}'}", "status: '{x}'"])
def test_a_value_from_a_page_is_no_pattern(written: str) -> None:
    """Else a page that shows `/.*/` would prove whatever is checked against what was read from it."""
    check = parse_check(read_yaml(written)[0])
    filled = fill_checks([check], {"x": "/.*/"})[0].model_dump()
    compared = filled.get("text") or filled.get("equals") or filled["cells"]["a"]
    assert not same(compared, "anything")
    assert same(compared, "/.*/")


def test_a_value_from_a_page_stands_for_itself_only() -> None:
    for written in ("url: /a/{x}", "response: GET /a/{x} 200", "download: {x}.pdf"):
        with pytest.raises(UsageError, match="stands for anything"):
            fill_checks([parse_check(written)], {"x": "*"})
    with pytest.raises(UsageError, match="reads as a pattern"):
        fill(load_script("skill: a\ninputs: {x: text}\nsteps: [back]\ndone: 'text: {x}'\n"), {"x": "/{y}/"})


def test_a_list_gives_several_options() -> None:
    text = 'skill: top\ninputs: {toppings: {type: list}}\nsteps: [{select: listbox "T", options: "{toppings}"}]\n'
    assert getattr(filled(text, toppings=["a", "{b}"]).steps[0].action, "options", ()) == ("a", "{{b}}")


def test_values_come_in_when_the_step_runs() -> None:
    plan = filled(items=[{"drink": "latte"}], name="{total}")
    with pytest.raises(UsageError, match="no value 'total' yet"):
        fill_step(plan.steps[-1], plan.inputs)
    values = {**plan.inputs, "total": "€ 4.50"}
    assert fill_step(plan.steps[-1], values).action == Fill(target=Target.parse('textbox "Amount"'), text="€ 4.50 for {total}")
    assert fill_checks(plan.done, values)[0] == TextCheck(text="Total € 4.50")


def test_a_page_cannot_ask_for_a_secret() -> None:
    step = parse_step({"fill": "textbox", "with": "{comment}"})
    with pytest.raises(UsageError, match="secret handle"):
        fill_step(step, {"comment": "{secret:bank}"})
    assert fill_step(parse_step({"fill": "textbox", "with": "{secret:bank}"}), {}).action == Fill(
        target=Target(role="textbox"), text="{secret:bank}"
    )


def test_steps_of_a_persons_own_words_keep_their_braces() -> None:
    step = Step(action=Fill(target=Target(role="textbox"), text="{a} {{b}} {2}"))
    assert fill_step(literal_step(step), {}) == step


def test_a_value_whose_step_was_left_out_is_an_error_with_its_line() -> None:
    text = 'skill: pay\ninputs: {tip: {optional: true}}\nsteps:\n  - {read: cell, into: total, when: tip}\n  - go to: /{total}\n'
    assert len(filled(text, tip="1").steps) == 2
    with pytest.raises(ScriptError, match=r"<text>:5: nothing gives \{total\}"):
        filled(text)


def test_conditions() -> None:
    text = """\
skill: c
inputs: {milk: {one_of: {oat: [燕麦], soy: , none: }}, n: {type: integer, default: 1}, note: {optional: true}}
steps:
  - {go to: /a, when: {milk: [oat, soy], n: 1}}
  - {go to: /b, unless: {milk: none}}
  - {go to: /c, when: [note, milk]}
  - {go to: /d, unless: note}
  - {go to: /e, when: note, unless: {n: 2}}
"""
    assert titles(filled(text, milk="oat")) == ["go to /a", "go to /b", "go to /d"]
    assert titles(filled(text, milk="none", n=2, note="x")) == ["go to /c"]
    assert titles(filled(text, milk="soy", n=2, note="x")) == ["go to /b", "go to /c"]
    assert titles(filled(text, milk="none", note="x")) == ["go to /c", "go to /e"]


def test_a_loop_over_plain_items() -> None:
    text = "skill: c\ninputs: {pages: {type: list}}\nsteps:\n  - for each: pages\n    steps: [go to: '/{item}/{index}']\n"
    assert titles(filled(text, pages=["a", "b"])) == ["go to /a/1", "go to /b/2"]


def test_a_plan_needs_no_inputs_and_is_a_script() -> None:
    plan = fill(load_script("plan: pay\nsteps: [back]\n"), {})
    assert (plan.tier, plan.skill, plan.goal) == ("script", "", "pay")
    with pytest.raises(UsageError, match="no input 'a'"):
        fill(load_script("plan: pay\nsteps: [back]\n"), {"a": 1})


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_skills_are_found_first_come_first_kept(tmp_path: Path) -> None:
    first = write(tmp_path, "one", "skill: pay\nsteps: [back]\n")
    (tmp_path / "more").mkdir()
    write(tmp_path / "more", "two", "skill: pay\nsteps: [close tab]\n")
    write(tmp_path / "more", "three", "skill: leave\nsteps: [back]\n")
    write(tmp_path / "more", ".hidden", "not a skill")
    (tmp_path / "more/readme.md").write_text("not a skill", encoding="utf-8")
    found = find_skills([first, tmp_path / "more"])
    assert [skill.name for skill in found][:2] == ["pay", "leave"]
    assert found[0].file == str(first)
    assert named_skill(found, "LEAVE").name == named_skill(found, "three").name == "leave"
    with pytest.raises(UsageError, match=r"no skill 'leve' \(did you mean 'leave'\?\)"):
        named_skill(found, "leve")
    with pytest.raises(ScriptError, match="No such file"):
        find_skills([tmp_path / "none"])


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "one", "skill: pay\nsteps: [back]\n")
    before = find_skills([path])[0]
    assert find_skills([path])[0] is before
    write(tmp_path, "one", "skill: pay now\nsteps: [back]\n")
    assert find_skills([path])[0].name == "pay now"


def test_the_builtin_skills_are_there_and_all_is_well_with_them() -> None:
    files = sorted(builtin_folder().glob("*.yaml"))
    assert files
    assert [str(problem) for file in files for problem in diagnose(file)] == []


def test_the_skills_are_in_the_wheel() -> None:
    import tomllib

    config = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert config["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"skills": "operator_agent/skills_data"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps: [back]\n", "2: warning: there is no `expect` and no `done`"),
        ("steps: [{click: alert, expect: alert}]\n", "2: warning: there is no `done`"),
        ("says: go {wher}\ninputs: {where: text}\nsteps: [go to: '/{where}']\ndone: alert\n", "2: error: the phrase 'go {wher}'"),
        ("says: go (a|b]\nsteps: [back]\ndone: alert\n", "2: error: the phrase 'go (a|b]' has a bracket without"),
        ("inputs: {where: text}\nsteps: [back]\ndone: alert\n", "2: warning: the input 'where' is used nowhere"),
        ("inputs:\n  l:\n    each:\n      a: text\nsteps: [{for each: l, steps: [back]}]\n", "5: warning: the input 'a' is used"),
        ("says: go\ninputs: {where: text}\nsteps: [go to: '/{where}']\ndone: alert\n", "3: warning: no phrase names the required"),
        ("steps: [click: buton \"Pay\"]\ndone: alert\n", "2: warning: 'buton \"Pay\"' is read as plain words: 'buton' is no role"),
        ("steps: [clik: a]\ndone: nothing\n", "2: error: there is no verb 'clik'"),
    ],
)
def test_what_is_doubtful_is_told(text: str, told: str, tmp_path: Path) -> None:
    path = write(tmp_path, "doubtful", "skill: doubtful\n" + text)
    assert any(str(problem).startswith(f"{path}:{told}") for problem in diagnose(path)), list(map(str, diagnose(path)))


def test_a_good_skill_has_no_problems() -> None:
    assert check_skill(load_script(COFFEE)) == []
