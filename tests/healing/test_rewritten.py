"""The healed script: only what was verified changes, at its own place, as a diff a person can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from operator_agent.errors import UsageError
from operator_agent.flow.action import Click
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Chosen, Healed, Judged, Planned, Record, StepStarted
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Verdict
from operator_agent.healing.prints import Print, Prints
from operator_agent.healing.rewritten import Rewritten
from operator_agent.script import dump_plan, load_plan

NEXT, ON = Target.parse('button "Next"'), Target.parse('button "Next step"')
TWICE = load_plan("""
plan: go through
start: http://a.example/
steps:
  - {click: 'button "Next"', expect: heading "Two"}
  - {click: 'button "Next"', expect: heading "Three"}
  - {click: 'button "Done"', expect: heading "Thank you"}
""")


def begun(number: int, step: Step, recovery: str = "") -> StepStarted:
    return StepStarted.begin(step, number, 4, recovery)


def judged(number: int, status: str = "verified") -> Judged:
    return Judged(step=number, verdict=Verdict.model_validate({"status": status, "reason": ""}), seconds=0.1)


def healed(number: int) -> Healed:
    return Healed(step=number, old=NEXT, new=ON, why="'Next step' says the same as 'Next'", renamed=True)


def followed(*records: Record, plan: Plan = TWICE) -> Rewritten:
    """What is made of a run whose second `Next` has another name."""
    rewritten = Rewritten()
    opened = StepStarted(step=1, of=4, title="open http://a.example/", action="go to http://a.example/")
    for record in (Planned(plan=plan), opened, judged(1), begun(2, plan.steps[0]), judged(2), *records):
        rewritten(record)
    return rewritten


def test_the_step_that_was_healed_changes_and_no_other_of_that_name(tmp_path: Path) -> None:
    rewritten = followed(begun(3, TWICE.steps[1]), healed(3), judged(3), begun(4, TWICE.steps[2]), judged(4))
    assert rewritten.healed
    assert [str(step.action.target) for step in rewritten.healed.steps if isinstance(step.action, Click)] == [
        'button "Next"', 'button "Next step"', 'button "Done"',
    ]  # fmt: skip
    script = tmp_path / "script.yaml"
    script.write_text(dump_plan(TWICE), encoding="utf-8")
    written = rewritten.write(script)
    assert written == (tmp_path / "script.yaml.healed", tmp_path / "script.yaml.diff")
    assert load_plan(written[0]) == rewritten.healed.model_copy(update={"origin": load_plan(written[0]).origin})
    assert script.read_text(encoding="utf-8") == dump_plan(TWICE)  # the old one is kept
    diff = written[1].read_text(encoding="utf-8").splitlines()
    assert diff[0] == """# step 2: button "Next" → button "Next step": 'Next step' says the same as 'Next'"""
    changed = [line for line in diff if line.startswith(("-  ", "+  "))]
    assert changed == ['-  - click: button "Next"', '+  - click: button "Next step"']


def test_what_was_not_verified_is_not_written(tmp_path: Path) -> None:
    rewritten = followed(begun(3, TWICE.steps[1]), healed(3), judged(3, "refuted"))
    assert rewritten.healed is None
    assert rewritten.write(tmp_path / "script.yaml") is None
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_clears_the_way_and_another_plan_change_nothing() -> None:
    rewritten = followed(begun(3, TWICE.steps[1], "covered"), healed(3), judged(3), judged(3))
    assert rewritten.healed is None
    rewritten = followed(Planned(plan=TWICE, because="anew"), begun(3, TWICE.steps[1]), healed(3), judged(3))
    assert rewritten.healed is None


def test_a_target_made_of_inputs_stays() -> None:
    target = Target.parse('button "{word}"')
    plan = TWICE.model_copy(update={"steps": (TWICE.steps[0], Step(action=Click(target=target)), TWICE.steps[2])})
    rewritten = followed(begun(3, TWICE.steps[1]), healed(3), judged(3), plan=plan)
    assert rewritten.healed is None


def test_prints_are_those_of_acts_that_were_not_refuted_and_read_back(tmp_path: Path) -> None:
    known = {"target": Fingerprint(role="button", name="Next")}
    chosen = [Chosen(step=number, action=Click(target=NEXT), prints=known) for number in (1, 2)]
    prints = Prints.of([chosen[0], judged(1), chosen[1], judged(2, "refuted")])
    assert prints.acts == (Print(verb="click", target=NEXT, known=known["target"]),)
    file = tmp_path / "skill.prints.json"
    assert Prints.read(file) == Prints()
    file.write_text(prints.model_dump_json(), encoding="utf-8")
    assert Prints.read(file) == prints
    file.write_text('{"version": 2}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"skill\.prints\.json"):
        Prints.read(file)


def test_a_fingerprint_says_nothing_of_what_fields_hold() -> None:
    from operator_agent.executor import Executor
    from operator_agent.roles import Grounded
    from tests.aria import observe

    page: Observation = observe('- form "Login":\n  - textbox "Name": Ada-4711\n  - textbox "Code": sesame\n  - button "Sign in"\n')
    grounded = Executor().ground(Click(target=Target.parse('button "Sign in"')), page)
    assert isinstance(grounded, Grounded)
    said = grounded.prints["target"].model_dump_json()
    assert "Ada-4711" not in said and "sesame" not in said
