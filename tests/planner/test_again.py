"""What the planner remembers of an act that is in trouble again: what was done in between does not make it new."""

from __future__ import annotations

from operator_agent.flow.command import Command
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.verdict import Verdict
from operator_agent.models.ledger import Ledgered
from operator_agent.models.scripted import ScriptedModel
from operator_agent.planner.model import ModelPlanner
from operator_agent.roles import Situation, Taken
from operator_agent.script import parse_step

SEND = parse_step({"click": 'button "Send"', "expect": 'heading "Sent"'})
BACK = parse_step({"go to": "form"})
FILL = parse_step({"fill": 'textbox "Name"', "with": "Ada"})
NEXT = parse_step({"click": 'button "Next"', "expect": 'heading "Next"'})
BUTTON = Element(ref="e1", role="button", name="Send")
VERIFIED, REFUTED = (Verdict(status=status, reason="seen") for status in ("verified", "refuted"))


class Run:
    """A planner with a model that always says the same, and the steps so far."""

    def __init__(self) -> None:
        self.model = ScriptedModel(lambda prompt, reply: {"steps": [{"kind": "click", "target": 'button "Send"'}]})
        self.planner = ModelPlanner(Ledgered(self.model), frozenset({"click", "go to"}), Grant)
        self.taken: list[Taken] = []

    async def after(self, step: Step, verdict: Verdict, at: str = "form") -> bool:
        """Whether it plans on once this step was done and left this page."""
        url = f"http://a.example/{at}"
        self.taken.append(Taken(step, verdict, f"{url} {len(self.taken)}"))
        failed = step if verdict is REFUTED else None
        kind, why = ("refuted", verdict.reason) if failed else ("done", "")
        plan = Plan(goal="send it", steps=(), open=True, tier="model")
        seen = Observation(at=0.0, url=url, elements=(BUTTON,))
        said = Situation(Command(text="send it"), plan, tuple(self.taken), kind, why, failed, (), seen, {}, {})
        return await self.planner.revise(said) is not None

    @property
    def levels(self) -> list[str]:
        return [prompt.level for prompt in self.model.asked]


async def test_an_act_refuted_again_is_thought_about_more_although_steps_were_verified_in_between_and_given_up_in_the_end() -> None:
    run = Run()
    await run.after(BACK, VERIFIED)
    goes_on = []
    for _ in range(5):
        goes_on.append(await run.after(SEND, REFUTED))
        await run.after(BACK, VERIFIED)
    assert goes_on == [True, True, True, True, False]
    troubled = run.levels[1::2][:4]
    assert troubled == ["low", "high", "low", "low"]  # as much again would be overthinking


async def test_an_act_that_was_verified_since_is_new_trouble() -> None:
    run = Run()
    for step, verdict in ((BACK, VERIFIED), (SEND, REFUTED), (BACK, VERIFIED), (SEND, VERIFIED), (BACK, VERIFIED), (SEND, REFUTED)):
        await run.after(step, verdict)
    assert [run.levels[1], run.levels[-1]] == ["low", "low"]


async def test_all_that_is_planned_until_the_act_is_verified_is_thought_about_as_much() -> None:
    run = Run()
    await run.after(BACK, VERIFIED)
    for _ in range(2):
        await run.after(SEND, REFUTED)
        await run.after(BACK, VERIFIED)
        await run.after(FILL, VERIFIED)
    await run.after(SEND, VERIFIED)
    assert run.levels == ["off", "low", "low", "low", "high", "high", "high", "off"]


async def test_the_way_back_needs_little_thought_and_what_is_done_there_all_of_it() -> None:
    run = Run()
    await run.after(BACK, VERIFIED)
    for _ in range(2):
        await run.after(SEND, REFUTED, at="sent")
        await run.after(BACK, VERIFIED, at="form")
    assert run.levels == ["off", "off", "low", "low", "high"]


async def test_what_leads_back_to_the_page_where_it_went_wrong_is_no_answer() -> None:
    run = Run()
    await run.after(BACK, VERIFIED, at="form")
    await run.after(SEND, REFUTED, at="sent")
    await run.after(BACK, VERIFIED, at="start")
    await run.after(NEXT, VERIFIED, at="form")
    assert run.levels[-1] == "low"
    await run.after(NEXT, VERIFIED, at="next")
    assert run.levels[-1] == "off"


async def test_a_run_that_goes_another_way_thinks_no_longer_of_it() -> None:
    run = Run()
    await run.after(BACK, VERIFIED, at="form")
    await run.after(SEND, REFUTED, at="sent")
    await run.after(BACK, VERIFIED, at="start")
    for page in ("one", "two", "three"):
        await run.after(NEXT, VERIFIED, at=page)
    assert run.levels[-3:] == ["low", "low", "off"]


async def test_another_act_that_led_on_is_an_answer_but_not_the_proof() -> None:
    run = Run()
    await run.after(BACK, VERIFIED)
    await run.after(SEND, REFUTED)
    await run.after(NEXT, VERIFIED, at="next")
    assert run.levels[-1] == "off"
    await run.after(BACK, VERIFIED)
    await run.after(SEND, REFUTED)
    assert run.levels[-1] == "high", "it is the second time"


async def test_several_acts_that_were_verified_are_an_answer_on_a_page_that_stays() -> None:
    run = Run()
    await run.after(BACK, VERIFIED)
    await run.after(SEND, REFUTED)
    for _ in range(4):
        await run.after(FILL, VERIFIED)
    assert run.levels == ["off", "low", "low", "low", "low", "off"]


async def test_what_is_not_proved_is_thought_about_until_the_end() -> None:
    run = Run()
    await run.after(BACK, VERIFIED)
    plan = Plan(goal="send it", steps=(), open=True, tier="model")
    seen = Observation(at=0.0, url="http://a.example/form", elements=(BUTTON,))
    said = Situation(Command(text="send it"), plan, tuple(run.taken), "unproved", "not found", None, (), seen, {}, {})
    await run.planner.revise(said)
    await run.after(NEXT, VERIFIED, at="next")
    assert run.levels == ["off", "low", "low"]
