"""The model planner in the real loop, over pages in memory: what a model says is never what decides."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from operator_agent.errors import ModelLost
from operator_agent.executor import Executor
from operator_agent.flow.command import Command, Question
from operator_agent.flow.grant import Grant, Limits, Risk, SecretHandle
from operator_agent.flow.observation import Element, Picture
from operator_agent.flow.record import Called, Planned, Record, Result
from operator_agent.loop import Loop
from operator_agent.models.client import ServedModel
from operator_agent.models.ledger import Ledgered
from operator_agent.models.port import Image, Prompt
from operator_agent.models.profiles import profile_for
from operator_agent.models.scripted import ScriptedModel
from operator_agent.models.stub import Asked, Say, StubServer
from operator_agent.person import Nobody
from operator_agent.planner.model import ModelPlanner
from operator_agent.planner.pagetext import estimate
from operator_agent.policy.policy import Policy
from operator_agent.roles import Person, Roles
from operator_agent.surfaces.fake import ORIGIN, FakeSurface, Move, Scene
from operator_agent.verifier import Verifier

SCENES = {
    "/": Scene(
        """
        - heading "Shop" [level=1]
        - textbox "Search"
        - button "Go"
        - button "Inert"
        - link "Basket"
        """,
        title="Shop",
    ),
    "/found": Scene(
        """
        - heading "Results" [level=1]
        - button "Add mug"
        - button "Add plate"
        - button "Buy now"
        """,
        title="Results",
    ),
    "/basket": Scene('- heading "Basket"\n- text: 1 mug\n- button "Place order"', title="Basket"),
    "/thanks": Scene('- heading "Thank you"\n- text: Order 4711', title="Thanks"),
}
MOVES = {
    'click button "Go"': Move(to="/found"),
    'click button "Add mug"': Move(to="/basket", exchanges=("POST /api/basket 201",)),
    'click button "Place order"': Move(to="/thanks", exchanges=("POST /api/orders 201",)),
}
SEARCH = {"kind": "fill", "target": 'textbox "Search"', "text": "mug"}
GO = {"kind": "click", "target": 'button "Go"', "expect": ['heading "Results"']}
ADD = {"kind": "click", "target": 'button "Add mug"', "expect": ['heading "Basket"', "text: 1 mug"]}
ORDER = {"kind": "click", "target": 'button "Place order"', "expect": ['heading "Thank you"']}
INERT = {"kind": "click", "target": 'button "Inert"'}
THANKS = ['heading "Thank you"']


class Seeing(FakeSurface):
    """A fake with something to look at."""

    async def picture(self, of: Element | None = None, *, fresh: bool = True) -> Picture:
        return Picture(jpeg=b"as it looks", width=100, height=80)


class Answers:
    """A person who says the same to everything."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        return self.answer


async def run(
    replies: Any,
    *,
    command: str = "buy a mug",
    approved: Sequence[Risk] = ("pay", "send"),
    moves: Mapping[str, Move] = MOVES,
    scenes: Mapping[str, Scene] = SCENES,
    person: Person | None = None,
    secrets: tuple[SecretHandle, ...] = (),
    limits: Limits | None = None,
    sees: bool = False,
) -> tuple[Result, list[Record], Any]:
    model = replies if isinstance(replies, ScriptedModel | ServedModel) else ScriptedModel(replies)
    ledger = Ledgered(model)
    grant = Grant(origins=(ORIGIN,), approved=frozenset(approved), unattended=person is None, secrets=secrets)
    surface = Seeing(scenes, moves) if sees else FakeSurface(scenes, moves)
    planner = ModelPlanner(ledger, surface.vocabulary, lambda: grant)
    roles = Roles(planner, Executor(), Verifier(), Policy(), person or Nobody(), ledger.take, sees)
    loop = Loop(roles, surface, grant, limits or Limits(step=0.4), pictures=False)
    records = [record async for record in loop.run(Command(text=command))]
    return records[-1].result, records, model  # type: ignore[union-attr]


async def test_several_pages_are_planned_in_chunks_and_proved_without_asking_in_between() -> None:
    replies = [{"steps": [SEARCH, GO]}, {"steps": [ADD]}, {"steps": [ORDER], "done": THANKS, "finished": True}]
    result, records, model = await run(replies)
    assert result.passed, result.reason
    assert [step.verdict for step in result.steps] == ["verified"] * 4
    assert result.model_calls == len(model.asked) == 3
    assert {prompt.level for prompt in model.asked} == {"off"}
    assert [record.because for record in records if isinstance(record, Planned)][1:] == ["the steps so far are verified"] * 3
    assert [thought.after for thought in result.thoughts] == ["verified"] * 3
    assert all("buy a mug" in str(prompt.parts[0]) for prompt in model.asked)


async def test_a_plan_that_proves_itself_needs_one_call() -> None:
    result, _, model = await run([{"steps": [SEARCH, GO, ADD, ORDER], "done": THANKS, "finished": True}])
    assert result.passed
    assert len(model.asked) == 1


class TestNoFalseDone:
    async def test_done_at_once_is_unverified(self) -> None:
        result, _, _ = await run(lambda *_: {"finished": True})
        assert result.outcome == "unverified"

    async def test_what_was_there_before_anything_was_done_proves_nothing(self) -> None:
        result, _, _ = await run(lambda *_: {"finished": True, "done": ['heading "Shop"']})
        assert result.outcome == "unverified"
        assert "already there" in result.reason

    async def test_checks_of_steps_that_held_before_prove_nothing(self) -> None:
        vacuous = {**INERT, "expect": ['heading "Shop"']}
        result, _, _ = await run(lambda *_: {"steps": [vacuous], "done": ['heading "Shop"'], "finished": True})
        assert not result.passed
        assert result.steps[0].verdict == "unknown"

    async def test_steps_without_checks_are_unverified(self) -> None:
        bare = [{**one, "expect": []} for one in (SEARCH, GO, ADD)]
        result, _, _ = await run([{"steps": bare, "finished": True}, *[{"finished": True}] * 9])
        assert result.outcome == "unverified"

    async def test_its_own_grade_is_no_field_of_the_reply(self) -> None:
        with pytest.raises(Exception, match="success"):
            _ = await _raising([{"finished": True, "success": True}])

    async def test_an_inert_click_again_and_again_ends_as_a_loop(self) -> None:
        result, records, model = await run(lambda *_: {"steps": [INERT], "done": THANKS})
        assert result.outcome == "incomplete"
        assert result.reason.startswith("loop: ")
        acts = sum(1 for record in records if record.kind == "acted")
        assert acts <= 5
        assert "left the page as it was" in str(model.asked[-1].parts[0]), "it was told so before"

    async def test_the_same_click_many_times_in_one_reply_is_done_once_and_looked_at(self) -> None:
        result, records, _ = await run(lambda *_: {"steps": [INERT] * 10, "done": THANKS})
        assert result.reason.startswith("loop: ")
        assert sum(1 for record in records if record.kind == "acted") <= 5

    async def test_reading_again_and_again_does_not_keep_an_unprovable_run_alive(self) -> None:
        read = {"kind": "read", "target": 'heading "Shop"', "into": "answer"}
        result, _, model = await run(lambda *_: {"steps": [read], "done": THANKS, "finished": True})
        assert not result.passed
        assert len(model.asked) <= 6

    async def test_a_failing_check_again_and_again_ends(self) -> None:
        wrong = {**INERT, "expect": ['heading "Results"']}
        result, records, _ = await run(lambda *_: {"steps": [wrong], "done": THANKS, "finished": True})
        assert result.outcome in ("failed", "incomplete")
        assert sum(1 for record in records if record.kind == "acted") <= 5


async def _raising(replies: list[dict[str, Any]]) -> None:
    result, _, _ = await run(replies)
    raise AssertionError(result.reason)


class TestEvidence:
    async def test_a_refuted_check_is_told_with_more_thought_and_less_again_later(self) -> None:
        wrong = {**INERT, "expect": ['heading "Results"']}
        replies = [
            {"steps": [wrong]},
            {"steps": [SEARCH, GO]},
            {"steps": [ADD]},
            {"steps": [ORDER], "done": THANKS, "finished": True},
        ]
        result, records, model = await run(replies)
        assert result.passed, result.reason
        assert [prompt.level for prompt in model.asked] == ["off", "low", "off", "off"]
        told = str(model.asked[1].parts[0])
        assert 'click button "Inert"' in told
        assert "refuted" in told
        calls = [record for record in records if isinstance(record, Called)]
        assert calls[1].trigger == "a check was refuted"
        assert (result.thoughts[1].before, result.thoughts[1].after) == ("refuted", "verified")

    async def test_an_absent_target_is_planned_anew(self) -> None:
        replies = [
            {"steps": [{"kind": "click", "target": 'button "Search"'}, GO]},
            {"steps": [SEARCH, GO, ADD, ORDER], "done": THANKS, "finished": True},
        ]
        result, _, model = await run(replies)
        assert result.passed, result.reason
        assert model.asked[1].level == "low"
        assert "absent" in str(model.asked[1].parts[0])

    async def test_what_was_asked_is_not_proved_is_said(self) -> None:
        replies = [
            {"steps": [SEARCH, GO], "done": THANKS, "finished": True},
            {"steps": [ADD, ORDER], "done": THANKS, "finished": True},
        ]
        result, _, model = await run(replies)
        assert result.passed, result.reason
        assert "your `done` checks do not show it" in str(model.asked[1].parts[0])

    async def test_an_act_with_effect_that_is_not_proved_is_not_done_again(self) -> None:
        moves = {**MOVES, 'click button "Place order"': Move(exchanges=("POST /api/orders 201",))}
        replies = [{"steps": [SEARCH, GO, ADD, ORDER], "done": THANKS, "finished": True}, *[{"steps": [ORDER]}] * 5]
        result, records, _ = await run(replies, moves=moves)
        assert result.outcome == "needs_human", result.reason
        acted = [record for record in records if record.kind == "chosen" and record.element == 'button "Place order"']
        assert len(acted) == 1


class TestPeople:
    async def test_a_question_is_asked_once_and_its_answer_told(self) -> None:
        person = Answers("blue")
        replies = [
            {"question": "Which colour?"},
            {"steps": [SEARCH, GO, ADD, ORDER], "done": THANKS, "finished": True},
        ]
        result, _, model = await run(replies, person=person)
        assert result.passed, result.reason
        assert [question.text for question in person.asked] == ["Which colour?"]
        assert "blue" in str(model.asked[1].parts[0])

    async def test_nobody_there_needs_a_human(self) -> None:
        result, _, _ = await run([{"question": "Which colour?"}])
        assert (result.outcome, result.reason) == ("needs_human", "Which colour?")

    async def test_what_cannot_be_done_is_said(self) -> None:
        result, _, _ = await run([{"impossible": "the limit is 2 a person"}])
        assert result.outcome == "needs_human"
        assert "the limit is 2 a person" in result.reason


class TestThePage:
    async def test_a_model_may_look_for_what_was_left_out(self) -> None:
        rows = "\n".join(f'- listitem "Row {number}"\n- button "Open {number}"' for number in range(4000))
        scenes = {**SCENES, "/": Scene(rows), "/thanks": SCENES["/thanks"]}
        moves = {'click button "Open 3987"': Move(to="/thanks")}
        click = {"kind": "click", "target": 'button "Open 3987"', "expect": THANKS}

        def answer(prompt: Prompt, _: object) -> dict[str, Any]:
            shown = 'button "Open 3987"' in str(prompt.parts[0])
            return {"steps": [click], "done": THANKS, "finished": True} if shown else {"find": ["3987"]}

        result, _, model = await run(ScriptedModel(answer), scenes=scenes, moves=moves, command="go on with the last but a few")
        assert result.passed, result.reason
        assert len(model.asked) == 2
        assert all(len(str(prompt.parts[0])) < 60_000 for prompt in model.asked)

    @pytest.mark.speed  # not for time: coverage makes three minutes of it
    async def test_every_request_keeps_the_budget_on_a_page_of_20_000_elements_over_30_steps(self) -> None:
        boxes = "\n".join(f'- checkbox "Choice {number}"' for number in range(29))
        rows = "\n".join(f"- listitem: Entry {number} of a very long list" for number in range(19_960))
        scenes = {"/": Scene(f'- heading "Long"\n{boxes}\n{rows}\n- button "Hand in"'), "/thanks": SCENES["/thanks"]}
        moves = {'click button "Hand in"': Move(to="/thanks")}
        last = {"kind": "click", "target": 'button "Hand in"', "expect": THANKS}

        def answer(asked: Asked) -> Say:
            number = len(server.asked) - 1
            if number < 29:
                return Say(json.dumps({"steps": [{"kind": "check", "target": f'checkbox "Choice {number}"'}]}))
            shown = 'button "Hand in"' in asked.text
            return Say(json.dumps({"steps": [last], "done": THANKS, "finished": True} if shown else {"find": ["Hand in"]}))

        async with StubServer(answer) as server:
            model = ServedModel(server.url, "stub", profile=profile_for(server.url, "vllm"))
            result, _, _ = await run(model, scenes=scenes, moves=moves, command="take every choice, then close it")
            await model.close()
        assert result.passed, result.reason
        assert (len(result.steps), len(server.asked)) == (30, 30)
        # All that is sent: the protocol, the schema, and the form in words that this profile's servers need as well.
        assert max(estimate(json.dumps(asked.body, ensure_ascii=False)) for asked in server.asked) <= 12_000

    async def test_page_text_stands_between_marks_of_this_run(self) -> None:
        _, _, one = await run([{"impossible": "no"}])
        _, _, other = await run([{"impossible": "no"}])
        assert one.asked[0].parts != other.asked[0].parts


class TestEyes:
    async def test_a_page_without_text_needs_a_model_that_sees(self) -> None:
        result, _, model = await run([], scenes={"/": Scene("- img")})
        assert result.outcome == "needs_human"
        assert "needs vision" in result.reason
        assert model.asked == []

    @pytest.mark.parametrize(("command", "pictures"), [("buy a mug", 0), ("buy the red mug", 1)])
    async def test_a_picture_goes_along_only_where_it_tells_more(self, command: str, pictures: int) -> None:
        model = ScriptedModel([{"impossible": "no"}], sees=True)
        await run(model, command=command, sees=True)
        assert sum(isinstance(part, Image) for part in model.asked[0].parts) == pictures


class TestModelsThatFail:
    async def test_a_lost_model_is_an_error_and_nothing_was_done(self) -> None:
        result, records, _ = await run([ModelLost("gone")])
        assert (result.outcome, result.exit_code) == ("error", 7)
        assert [record.kind for record in records].count("acted") == 0

    async def test_a_secret_is_a_handle(self) -> None:
        secret = SecretHandle(name="pin", origin=ORIGIN)
        _, _, model = await run([{"impossible": "no"}], secrets=(secret,))
        assert f"{{secret:pin}} for {ORIGIN}" in str(model.asked[0].parts[0])
