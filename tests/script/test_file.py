from __future__ import annotations

from pathlib import Path

import pytest

from operator_agent.errors import ScriptError
from operator_agent.flow.check import TextCheck
from operator_agent.flow.plan import Plan
from operator_agent.script import dump_plan, load_plan, load_script, parse_step, update_step
from operator_agent.skills import fill

EVERYTHING = Path(__file__).parents[1] / "scripts/good/everything.yaml"

HEALED = """\
# how we pay
plan: pay
steps:
  # first the basket
  - click: link "Basket"   # top right
    expect:
      - heading "Basket"   # the only one
  - click: button "Pay"    # renamed in May
    risk: pay
done: 'text: Thank you'
"""


def test_a_file_with_everything_fills_dumps_and_loads_again() -> None:
    items = [{"drink": "latte", "size": "large"}, {"drink": "mocha"}]
    plan = fill(load_script(EVERYTHING), {"name": "Ada", "note": "hi", "items": items})
    again = load_plan(dump_plan(plan))
    assert again == plan.model_copy(update={"origin": ""})
    assert dump_plan(again) == dump_plan(plan)


def test_places_are_kept() -> None:
    skill = load_script("plan: a\nsteps:\n  - go to: /\n  - click: '\"B\"'\n    expect:\n      - alert\n")
    assert {path: skill.lines[path] for path in ("plan", "steps.0", "steps.1", "steps.1.expect.0")} == {
        "plan": 1,
        "steps.0": 3,
        "steps.1": 4,
        "steps.1.expect.0": 6,
    }


def test_scalars_that_would_change_stay_text() -> None:
    skill = load_script("plan: a\nsteps: [{type: 1.50}, {type: 007}, {type: no}]\n")
    assert [getattr(step.action, "text", "") for step in fill(skill, {}).steps] == ["1.50", "007", "no"]


def test_a_plan_file_reads_well() -> None:
    plan = Plan(
        goal="pay",
        start="https://shop.example/a{b}",
        steps=(parse_step({"do": "one\ntwo\n"}), parse_step("back")),
        done=(TextCheck(text="Thank you: {{x}}"),),
        inputs={"quantity": 2},
    )
    assert dump_plan(plan) == (
        "plan: pay\nstart: https://shop.example/a{{b}}\ngiven:\n  quantity: 2\nsteps:\n  - do: |\n      one\n      two\n"
        "  - back:\ndone:\n  - text: 'Thank you: {{x}}'\n"
    )


def test_a_step_is_rewritten_and_no_comment_lost(tmp_path: Path) -> None:
    path = tmp_path / "pay.yaml"
    path.write_text(HEALED, encoding="utf-8")
    update_step(path, 2, parse_step({"click": 'button "Pay now"', "risk": "pay", "intent": "pay"}))
    healed = HEALED.replace('button "Pay"    #', 'button "Pay now" #').replace("risk: pay\n", "risk: pay\n    intent: pay\n")
    assert path.read_text(encoding="utf-8") == healed
    update_step(path, 1, parse_step({"click": 'link "Cart"', "expect": ['heading "Basket"']}))
    assert "# the only one" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_step_in_plain_words_becomes_structured(tmp_path: Path) -> None:
    path = tmp_path / "pay.yaml"
    path.write_text("plan: pay # now\nsteps:\n  - press Pay\n  - back\n", encoding="utf-8")
    update_step(path, 1, parse_step({"click": 'button "Pay"', "expect": "alert"}))
    assert [step.title for step in load_plan(path).steps] == ['click button "Pay"', "back"]
    assert "# now" in path.read_text(encoding="utf-8")


def test_a_step_that_is_not_there_or_would_break_the_file(tmp_path: Path) -> None:
    path = tmp_path / "pay.yaml"
    path.write_text(HEALED, encoding="utf-8")
    for number in (0, 3):
        with pytest.raises(ScriptError, match=f"there is no step {number}; the file has 2"):
            update_step(path, number, parse_step("back"))
    with pytest.raises(ScriptError, match=r"nothing gives \{who\}"):
        update_step(path, 1, parse_step({"click": 'button "{who}"'}))
    assert path.read_text(encoding="utf-8") == HEALED


def test_a_recording_says_what_it_was_made_of() -> None:
    plan = load_plan("plan: a\ntier: words\nfrom: b\ngiven: {n: 1}\nsteps: [back]\n")
    assert (plan.tier, plan.skill, plan.inputs, plan.goal) == ("words", "b", {"n": 1}, "a")
    with pytest.raises(ScriptError, match="there is no tier 'magic'"):
        load_script("plan: a\ntier: magic\nsteps: [back]\n")
