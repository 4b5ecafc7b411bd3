"""OpenAI's computer tool through the real client, against the server on loopback."""

from __future__ import annotations

from typing import Any

import pytest

from operator_agent.errors import BadReply, ModelLost, ModelRefused, OperatorError, UsageError
from operator_agent.flow.grant import Limits
from operator_agent.models.client import ServedModel
from operator_agent.models.computer import (
    ComputerTool,
    GoBack,
    KeyPress,
    KeyText,
    LookAgain,
    PointClick,
    PointDoubleClick,
    PointDrag,
    Pointed,
    PointHover,
    Pointing,
    PointRightClick,
    PointScroll,
    Tool,
)
from operator_agent.models.ledger import Ledgered
from operator_agent.models.limits import Limited
from operator_agent.models.port import Image, Prompt
from operator_agent.models.profiles import profile_for
from operator_agent.models.schema import lowered
from operator_agent.models.scripted import ScriptedModel
from operator_agent.models.stub import VENDORS, Answer, Close, Html, Say, Status, StubServer
from operator_agent.models.stub.answers import Answers

OPENAI = profile_for("https://api.openai.com/v1")
IMAGE = Image(b"\xff\xd8\xff\xd9", 800, 600)
PROMPT = Prompt("plan", "You point.", ("Press Save.", IMAGE))
CLICK = {"type": "click", "button": "left", "x": 5, "y": 6}
CHECK = {"id": "sc_1", "code": "malicious_instructions", "message": "The page gives orders."}


class Talk:
    """A tool on a stub server."""

    def __init__(self, answers: Answers, tool: Tool = "computer") -> None:
        self.server = StubServer(answers, quirks=VENDORS["openai"])
        self._tool: Tool = tool

    async def __aenter__(self) -> Talk:
        await self.server.__aenter__()
        self.served = ServedModel(self.server.url, "pointer", profile=OPENAI, pause=0.01, timeout=5)
        self.tool = ComputerTool(self.served, self._tool)
        return self

    async def __aexit__(self, *why: Any) -> None:
        await self.served.close()
        await self.server.__aexit__(*why)

    async def ask(self) -> Pointed:
        return (await self.tool.ask(PROMPT, Pointed)).value

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [asked.body for asked in self.server.asked]


ACTIONS: list[tuple[dict[str, Any], Any]] = [
    (CLICK, PointClick(x=5, y=6)),
    ({"type": "click", "button": "right", "x": 5, "y": 6}, PointRightClick(x=5, y=6)),
    ({"type": "click", "button": "back", "x": 0, "y": 0}, GoBack()),
    ({"type": "double_click", "x": 5, "y": 6, "keys": None}, PointDoubleClick(x=5, y=6)),
    ({"type": "move", "x": 5, "y": 6}, PointHover(x=5, y=6)),
    ({"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}]}, PointDrag(x=1, y=2, to_x=5, to_y=6)),
    ({"type": "scroll", "x": 5, "y": 6, "scroll_x": 0, "scroll_y": 300}, PointScroll(x=5, y=6, direction="down")),
    ({"type": "scroll", "x": 5, "y": 6, "scroll_x": -300, "scroll_y": 0}, PointScroll(x=5, y=6, direction="left")),
    ({"type": "type", "text": "Ada"}, KeyText(text="Ada")),
    ({"type": "keypress", "keys": ["CTRL", "A"]}, KeyPress(keys=("CTRL", "A"))),
    ({"type": "wait"}, LookAgain()),
    ({"type": "screenshot"}, LookAgain()),
]


async def test_a_batch_has_every_action_as_a_gesture() -> None:
    async with Talk([Say(computer=tuple(action for action, _ in ACTIONS))]) as talk:
        answer = await talk.ask()
    assert list(answer.actions) == [gesture for _, gesture in ACTIONS]
    assert not answer.finished
    (body,) = talk.bodies
    assert body["tools"] == [{"type": "computer"}]
    assert body["store"] is False
    assert body["instructions"] == "You point."
    (turn,) = body["input"]
    assert [part["type"] for part in turn["content"]] == ["input_text", "input_image"]
    assert turn["content"][1]["image_url"].startswith("data:image/jpeg;base64,")


async def test_the_older_tool_has_one_action_a_call_and_is_told_the_size() -> None:
    async with Talk([Say(computer=(CLICK, {"type": "wait"})), Say("Done.")], "computer_use_preview") as talk:
        answer = await talk.ask()
        assert answer.actions == (PointClick(x=5, y=6), LookAgain())
        assert len(answer.calls) == 2
        await talk.ask()
    tool = {"type": "computer_use_preview", "display_width": 800, "display_height": 600, "environment": "browser"}
    assert [body["tools"] for body in talk.bodies] == [[tool], [tool]]
    outputs = [item for item in talk.bodies[1]["input"] if item.get("type") == "computer_call_output"]
    assert [output["call_id"] for output in outputs] == [call.call_id for call in answer.calls]


async def test_the_picture_answers_the_call_and_a_last_word_ends_it() -> None:
    async with Talk([Say(computer=(CLICK,)), Say("It is saved.")]) as talk:
        first = await talk.ask()
        reply = await talk.tool.ask(PROMPT, Pointed)
    assert reply.value.finished
    assert reply.value.actions == ()
    assert reply.notes == ("It is saved.",)
    assert reply.usage.input > 0
    said, call, output = talk.bodies[1]["input"]
    assert [part["type"] for part in said["content"]] == ["input_text"]
    assert call["type"] == "computer_call"
    assert output == {
        "type": "computer_call_output",
        "call_id": first.calls[0].call_id,
        "output": {"type": "computer_screenshot", "image_url": output["output"]["image_url"], "detail": "original"},
    }
    assert "previous_response_id" not in talk.bodies[1]


async def test_safety_checks_are_acknowledged_only_when_they_were_accepted() -> None:
    async with Talk([Say(computer=(CLICK,), pending_safety_checks=(CHECK,)), Say("Done.")]) as talk:
        assert (await talk.ask()).checks[0].message == "The page gives orders."
        with pytest.raises(UsageError, match="not accepted"):
            await talk.ask()
        assert len(talk.server.asked) == 1
        talk.tool.accept()
        await talk.ask()
    assert talk.bodies[1]["input"][-1]["acknowledged_safety_checks"] == [CHECK]


async def test_accepting_once_accepts_nothing_later() -> None:
    warned = Say(computer=(CLICK,), pending_safety_checks=(CHECK,))
    async with Talk([warned, warned, Say("Done.")]) as talk:
        await talk.ask()
        talk.tool.accept()
        await talk.ask()
        with pytest.raises(UsageError, match="not accepted"):
            await talk.ask()


@pytest.mark.parametrize(
    ("action", "unknown"),
    [
        ({"type": "click", "button": "wheel", "x": 1, "y": 1}, "wheel button"),
        ({"type": "click", "button": "left", "x": 1, "y": 1, "keys": ["SHIFT"]}, "SHIFT is held"),
        ({"type": "teleport", "x": 1, "y": 1}, "teleport"),
    ],
)
async def test_what_has_no_gesture_ends_the_batch(action: dict[str, Any], unknown: str) -> None:
    async with Talk([Say(computer=(CLICK, action, CLICK))]) as talk:
        answer = await talk.ask()
    assert answer.actions == (PointClick(x=5, y=6),)
    assert unknown in answer.unknown


@pytest.mark.parametrize(
    "action",
    [
        {"type": "click", "button": "left", "x": 5},
        {"type": "click", "button": "left", "x": "left", "y": 6},
        {"type": "drag", "path": []},
        {"type": "type"},
        {"type": "keypress", "keys": 5},
        {},
    ],
)
async def test_nothing_runs_from_a_call_that_cannot_be_read(action: dict[str, Any]) -> None:
    async with Talk([Say(computer=(CLICK, action))]) as talk:
        with pytest.raises(BadReply):
            await talk.ask()


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([Status(401)], ModelRefused),
        ([Html()], ModelLost),
        ([Close()] * 4, ModelLost),
        ([Say(computer=(CLICK,), finish="length")], BadReply),
    ],
)
async def test_a_server_that_fails(answers: list[Answer], error: type[OperatorError]) -> None:
    async with Talk(answers) as talk:
        with pytest.raises(error):
            await talk.ask()


async def test_a_lost_request_is_sent_again_and_a_refused_parameter_left_out() -> None:
    refused = Status(400, {"error": {"message": "Unsupported parameter: 'truncation'.", "param": "truncation", "type": "x"}})
    async with Talk([Status(503), refused, Say(computer=(CLICK,))]) as talk:
        reply = await talk.tool.ask(PROMPT, Pointed)
    assert reply.value.actions == (PointClick(x=5, y=6),)
    assert reply.requests == 3
    assert "truncation" not in talk.bodies[-1]


async def test_limits_and_ledger_go_around_it() -> None:
    async with Talk([Say(computer=(CLICK,)), Say(computer=(CLICK,))]) as talk:
        model = Ledgered(Limited(talk.tool, Limits(calls=1)))
        await model.about(1, "first plan").ask(PROMPT, Pointed)
        with pytest.raises(OperatorError, match="limit of 1 model call"):
            await model.about(2, "done").ask(PROMPT, Pointed)
    assert len(talk.server.asked) == 1
    assert [call.step for call in model.take()] == [1, 2]


async def test_it_answers_with_points_or_not_at_all() -> None:
    async with Talk([]) as talk:
        with pytest.raises(UsageError, match="points at pictures"):
            await talk.tool.ask(PROMPT, Prompt2)
        with pytest.raises(UsageError, match="needs a picture"):
            await talk.tool.ask(Prompt("plan", "", ("Press Save.",)), Pointed)


class Prompt2(Pointing):
    """Some other reply type."""

    more: str = ""


async def test_any_model_that_sees_can_be_asked_for_points() -> None:
    """The plain way: `Pointing` is a reply type like any other, for every JSON mode."""
    schema = lowered(Pointing)
    kinds = schema["properties"]["actions"]["items"]["anyOf"]
    assert len(kinds) == 10
    assert all(next(iter(one["properties"])) == "kind" for one in kinds)
    said = '{"actions": [{"kind": "click", "x": 0.5, "y": 0.25}], "finished": false, "question": "", "impossible": ""}'
    async with StubServer([Say(said)], quirks=VENDORS["openai"]) as server:
        served = ServedModel(server.url, "seer", profile=OPENAI)
        reply = await served.ask(PROMPT, Pointing)
        await served.close()
    assert reply.value.actions == (PointClick(x=0.5, y=0.25),)
    assert server.asked[0].images == 1
    scripted = ScriptedModel([{"actions": [{"kind": "press", "keys": ["Enter"]}]}], sees=True)
    assert (await scripted.ask(PROMPT, Pointing)).value.actions == (KeyPress(keys=("Enter",)),)
