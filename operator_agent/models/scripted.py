"""A model that answers from a list: for tests, demonstrations and dry runs. No server, no key, no cost.

    model = ScriptedModel([{"steps": [...]}, ModelLost("gone")])
    model = ScriptedModel(lambda prompt, reply: answers[prompt.purpose])
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from operator_agent.errors import BadReply, ModelLost
from operator_agent.flow.record import Usage
from operator_agent.models.limits import tokens_in, tokens_of
from operator_agent.models.port import Prompt, Reply, T

Scripted: TypeAlias = "BaseModel | Mapping[str, Any] | Reply[BaseModel] | BaseException"
"""An answer, the JSON of one, a whole `Reply` where its usage or thinking matters, or what to raise."""
Answering: TypeAlias = "Callable[[Prompt, type[BaseModel]], Scripted | Awaitable[Scripted]]"


class ScriptedModel:
    """`replies` in their order, or a function of prompt and wanted type that gives each. `asked` are the prompts so far.

    Raises ModelLost when no reply is left, BadReply when one is not of the type that was asked for. Usage is counted from the text,
    about four characters a token; it costs nothing, and that is known.
    """

    def __init__(self, replies: Iterable[Scripted] | Answering, *, name: str = "scripted", sees: bool = False) -> None:
        self.name, self.sees = name, sees
        self.asked: list[Prompt] = []
        self._answer = replies if callable(replies) else _in_order(replies)

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        self.asked.append(prompt)
        given = self._answer(prompt, reply)
        said = await given if inspect.isawaitable(given) else given
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, Reply):
            return Reply(self._valid(said.value, prompt, reply), said.usage, said.level, said.requests, said.thinking, said.notes)
        value = self._valid(said, prompt, reply)
        usage = Usage(input=tokens_in(prompt), output=tokens_of(value.model_dump_json()), cost=0.0)
        return Reply(value, usage, prompt.level)

    def _valid(self, said: BaseModel | Mapping[str, Any], prompt: Prompt, reply: type[T]) -> T:
        if isinstance(said, reply):
            return said
        try:
            return reply.model_validate(said)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or "it"
            told = f"{self.name}: reply {len(self.asked)}, to {prompt.purpose!r}, is no {reply.__name__}: {where}: {problem['msg']}"
            raise BadReply(told) from None


def _in_order(replies: Iterable[Scripted]) -> Answering:
    left = iter(replies)

    def answer(prompt: Prompt, reply: type[BaseModel]) -> Scripted:
        for said in left:
            return said
        return ModelLost(f"the script has no reply left for {prompt.purpose!r}, which wants a {reply.__name__}")

    return answer
