"""A model that answers from a list or a function: what it gives, raises, keeps and counts."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from operator_agent.errors import BadReply, ModelLost, ModelRefused
from operator_agent.flow.record import Usage
from operator_agent.models.port import Image, Model, Prompt, Reply
from operator_agent.models.scripted import ScriptedModel


class Answer(BaseModel):
    said: str


class Other(BaseModel):
    number: int


PROMPT = Prompt("plan", "You plan.", ("a page of text",))


async def test_replies_come_in_order_as_the_type_that_was_asked_for() -> None:
    lost = ModelLost("gone")
    model = ScriptedModel([Answer(said="a"), {"said": "b"}, lost, Reply(Answer(said="c"), Usage(input=7), "high", thinking="hm")])
    port: Model = model
    assert (await port.ask(PROMPT, Answer)).value == Answer(said="a")
    assert (await port.ask(PROMPT, Answer)).value == Answer(said="b")
    with pytest.raises(ModelLost) as raised:
        await port.ask(PROMPT, Answer)
    assert raised.value is lost
    whole = await port.ask(PROMPT, Answer)
    assert (whole.usage.input, whole.level, whole.thinking) == (7, "high", "hm")
    assert model.asked == [PROMPT] * 4
    with pytest.raises(ModelLost, match="no reply left for 'plan', which wants a Answer"):
        await port.ask(PROMPT, Answer)


async def test_a_function_answers_at_once_or_later() -> None:
    def at_once(prompt: Prompt, reply: type[BaseModel]) -> dict[str, str]:
        return {"said": f"{prompt.purpose} {reply.__name__}"}

    async def later(prompt: Prompt, reply: type[BaseModel]) -> BaseException:
        return ModelRefused("no credit")

    assert (await ScriptedModel(at_once).ask(PROMPT, Answer)).value.said == "plan Answer"
    with pytest.raises(ModelRefused):
        await ScriptedModel(later, name="poor").ask(PROMPT, Answer)


async def test_a_reply_of_another_type_is_a_bad_reply() -> None:
    model = ScriptedModel([Other(number=1), {"said": 3}], name="odd")
    with pytest.raises(BadReply, match="odd: reply 1, to 'plan', is no Answer"):
        await model.ask(PROMPT, Answer)
    with pytest.raises(BadReply, match="said: "):
        await model.ask(PROMPT, Answer)


async def test_usage_is_counted_from_text_and_pictures() -> None:
    picture = Image(b"", 1280, 720)
    reply = await ScriptedModel([{"said": "ok"}], sees=True).ask(Prompt("plan", "x" * 400, ("y" * 41, picture), "high"), Answer)
    assert reply.usage.input == 100 + 11 + 1229
    assert reply.usage.output == len('{"said":"ok"}') // 4 + 1
    assert (reply.usage.cost, reply.usage.reasoning, reply.level) == (0.0, 0, "high")
