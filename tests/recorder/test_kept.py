"""What is kept of a run: the script of its folder, and what it is exported as, hold the same steps."""

from __future__ import annotations

import pytest

from operator_agent.export.retold import retell
from operator_agent.export.skill import skill_file, steps_of
from operator_agent.flow.action import Ask, Click, Do
from operator_agent.flow.check import TextCheck
from operator_agent.flow.command import Question
from operator_agent.flow.observation import Performed, Trouble
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Asked, Chosen, Ended, Judged, Observed, Planned, Record, Started, StepStarted
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Verdict
from operator_agent.recorder.kept import Kept
from tests.recorder.test_journal import RESULT, started

STEPS = tuple(Step(action=Click(target=Target(role="button", name=name))) for name in ("Add", "Submit", "Send"))
VERIFIED = Verdict(status="verified", reason="so")
REFUTED = Verdict(status="refuted", reason="not so")
UNKNOWN = Verdict(status="unknown", reason="nothing says so")
ASK = Step(action=Ask(question="Whom?", into="name"))


def plan(*steps: Step, open: bool = True) -> Plan:
    return Plan(goal="order", steps=steps, open=open, tier="model")


def begin(step: int, of: int, title: str, action: str = "click", recovery: str = "") -> StepStarted:
    return StepStarted(step=step, of=of, title=title, action=action, recovery=recovery)


def test_words_a_start_and_what_clears_the_way_keep_the_script_in_step() -> None:
    """Two steps in words become three and one on the page; the start is opened first; a banner is closed in between."""
    words = [Step(action=Do(words=text)) for text in ("fill it in", "tick it")]
    verified = Judged(step=1, verdict=VERIFIED, seconds=0.1)
    kept = Kept()
    kept(Planned(plan=Plan(goal="order", steps=(*words, STEPS[0]), start="https://a.example/", tier="words")))
    kept(begin(1, 4, "open https://a.example/", "go to https://a.example/"))
    kept(verified)
    for number in (2, 3, 4):
        kept(begin(number, 6, f"part {number}"))
        kept(verified)
    kept(begin(5, 6, "tick"))
    kept(begin(5, 5, "close the banner", recovery="covered"))
    kept(verified)
    kept(verified)
    kept(begin(6, 6, STEPS[0].title))
    kept(Judged(step=6, verdict=REFUTED, seconds=0.1))
    kept(Planned(plan=plan(STEPS[2], STEPS[2]), because="not so"))
    assert kept.plan
    assert kept.plan.steps == (*words, STEPS[2], STEPS[2])
    assert kept.plan.start == "https://a.example/"


@pytest.mark.parametrize(("trouble", "kept_steps"), [(None, 2), (Trouble(kind="rejected", detail="it failed"), 1)])
def test_what_was_done_and_could_not_be_proved_is_in_the_script(trouble: Trouble | None, kept_steps: int) -> None:
    bare = STEPS[0].model_copy(update={"expect": ()})
    kept = Kept()
    kept(Planned(plan=plan(bare, STEPS[2])))
    kept(begin(1, 2, bare.title))
    kept(Acted(step=1, performed=Performed(delivery="sent", started=0.0, trouble=trouble), seconds=0.1))
    kept(Judged(step=1, verdict=UNKNOWN, seconds=0.1))
    kept(Planned(plan=plan(STEPS[2]), because="go on"))
    assert kept.plan
    assert kept.plan.steps == (bare, STEPS[2])[-kept_steps:]


@pytest.mark.parametrize(("tree", "kept_steps"), [("- heading: Basket", 2), ("", 1)], ids=["another page", "the same page"])
def test_what_was_done_and_expected_wrongly_is_in_the_script_when_it_did_something(tree: str, kept_steps: int) -> None:
    hoped = STEPS[0].model_copy(update={"expect": (TextCheck(text="never there"),)})
    kept = Kept()
    kept(Planned(plan=plan(hoped, STEPS[1])))
    kept(begin(1, 2, hoped.title))
    kept(Acted(step=1, performed=Performed(delivery="sent", started=0.0), seconds=0.1))
    kept(Judged(step=1, verdict=REFUTED, seconds=0.1))
    kept(Observed(step=1, phase="after", url="https://a.example/", title="", tree=tree))
    kept(Planned(plan=plan(STEPS[2]), because="refuted"))
    assert kept.plan
    assert kept.plan.steps == (STEPS[0], STEPS[2])[-kept_steps:]


def done(step: Step, number: int, of: int, verdict: Verdict, tree: str = "") -> list[Record]:
    return [
        StepStarted.begin(step, number, of),
        Chosen(step=number, action=step.action),
        Acted(step=number, performed=Performed(delivery="sent", started=0.0), seconds=0.1),
        Judged(step=number, verdict=verdict, seconds=0.1),
        Observed(step=number, phase="after", url="https://a.example/", title="", tree=tree),
    ]


def whole() -> list[Record]:
    """Verified; nothing expected; expected wrongly, once with an effect and once without; answered by a person; planned anew."""
    hoped = STEPS[1].model_copy(update={"expect": (TextCheck(text="never there"),)})
    asked = Asked(step=5, question=Question(kind="input", text="Whom?", about="name"), answer="Ada")
    first: Started = started()
    return [
        first,
        Planned(plan=plan(STEPS[0], STEPS[2], hoped)),
        *done(STEPS[0], 1, 3, VERIFIED),
        *done(STEPS[2], 2, 3, UNKNOWN),
        *done(hoped, 3, 3, REFUTED, "- heading: Basket"),
        Planned(plan=plan(hoped), because="refuted"),
        *done(hoped, 4, 4, REFUTED),
        Planned(plan=plan(ASK, STEPS[0]), because="refuted"),
        StepStarted.begin(ASK, 5, 6),
        asked,
        *done(STEPS[0], 6, 6, VERIFIED),
        Planned(plan=plan(STEPS[2], open=False), because="the steps so far are verified"),
        *done(STEPS[2], 7, 7, VERIFIED),
        Ended(result=RESULT.model_copy(update={"outcome": "passed"})),
    ]


KEPT = (STEPS[0], STEPS[2], STEPS[1], ASK, STEPS[0], STEPS[2])


def test_the_script_holds_what_was_done_and_what_was_answered() -> None:
    kept = Kept()
    for record in whole():
        kept(record)
    assert kept.plan
    assert kept.plan.steps == KEPT
    assert (kept.done, kept.left) == (6, 0)


def test_an_export_holds_the_same() -> None:
    run = retell(whole())
    assert tuple(steps_of(run)) == KEPT
    assert run.answers == {"name": "Ada"}
    text = skill_file(run)
    assert (text.count("- click:"), text.count("- ask: Whom?")) == (5, 1)
