"""One question to a served model, from the first request to a valid object: refusals teach, a wrong reply is repaired once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from operator_agent.errors import BadReply, ModelLost
from operator_agent.flow.record import Level, Usage
from operator_agent.models.exchange import Answer, Ask, Turn, request
from operator_agent.models.lesson import lesson
from operator_agent.models.overlay import Overlay
from operator_agent.models.patience import patiently
from operator_agent.models.port import Image, Prompt, Reply
from operator_agent.models.profiles import JsonMode, Profile
from operator_agent.models.repair import Malformed, read_reply
from operator_agent.models.schema import lowered, sketched
from operator_agent.models.trouble import Problem, foreign, out_of_credit, refused
from operator_agent.models.wires import WIRES

if TYPE_CHECKING:
    from operator_agent.models.client import ServedModel

T = TypeVar("T", bound=BaseModel)

_LESSONS = 12
_ECHOED = 2_000
"""Characters of a wrong answer that are sent back with what is wrong: a giant one would not fit into the budget again."""
_THINK_FIRST = "First think it through, then state your conclusion completely, in plain words."
_EXTRACT = "Now give that conclusion in the form asked for. Do not think about it again."
_REPAIR = "That is not a valid answer: {error}\nGive the whole answer again, valid this time, and nothing else."


class Asking(Generic[T]):
    """State of one `ask`: what was sent and spent so far, and the level it has come down to."""

    def __init__(self, model: ServedModel, prompt: Prompt, reply: type[T]) -> None:
        self._model = model
        self._prompt = prompt
        self._reply = reply
        self._schema = lowered(reply)
        self._form = sketched(reply)
        self._level: Level = self._profile.given(prompt.level)
        self._deadline = asyncio.get_running_loop().time() + model.timeout
        self._usage: Usage | None = None
        self._requests = 0
        self._thinking: list[str] = []
        self._notes: list[str] = []
        self._lowered = False
        self._dropped: tuple[str, Overlay] | None = None
        """The words that made us leave out a parameter, and what was known before."""

    @property
    def _profile(self) -> Profile:
        return self._model.profile

    async def answer(self) -> Reply[T]:
        """The object. Raises what `Model.ask` raises, but for the limit of the whole, which is the caller's."""
        turns: tuple[Turn, ...] = ()
        if self._profile.passes == 2:
            turns = (Turn(await self._concluded(), _EXTRACT),)
        said = await self._said(turns, extract=bool(turns))
        try:
            value, notes = self._read(said)
        except Malformed as wrong:
            self._note("the reply was not valid, so the model was told why and asked once more")
            again = await self._said((*turns, Turn(_shortened(said), _REPAIR.format(error=wrong))), extract=bool(turns))
            value, notes = self._reread(again)
        for note in notes:
            self._note(note)
        return Reply(
            value=value,
            usage=self._usage or Usage(),
            level=self._really(),
            requests=self._requests,
            thinking="\n\n".join(self._thinking),
            notes=tuple(self._notes),
        )

    async def _concluded(self) -> Answer:
        """The first of two passes: thinking, then plain words."""
        said = await self._said((), words=True)
        if not said.text:
            raise BadReply(f"{self._model.name} came to no conclusion{self._cut(said)}")
        return said

    def _read(self, said: Answer) -> tuple[T, tuple[str, ...]]:
        if said.declined:
            raise BadReply(f"{self._model.name} would not answer: {said.declined}")
        value, notes = read_reply(said.text, self._reply, arguments=said.arguments)
        return value, tuple(notes)

    def _reread(self, said: Answer) -> tuple[T, tuple[str, ...]]:
        try:
            return self._read(said)
        except Malformed as wrong:
            raise BadReply(
                f"{self._model.name} gave no valid answer, also when told what was wrong: {wrong}{self._cut(said)}"
            ) from None

    def _cut(self, said: Answer) -> str:
        budget = getattr(self._profile.budget, self._level)
        return f"; its {budget} tokens of output were used up" if said.cut else ""

    async def _said(self, turns: tuple[Turn, ...], *, words: bool = False, extract: bool = False) -> Answer:
        """One answer, at a lower level where thinking has eaten all of the output."""
        said = await self._sent(turns, words=words, extract=extract)
        lower = self._profile.lower(self._level)
        if said.cut and not said.text and said.arguments is None and lower and not self._lowered and not extract:
            self._note(f"thinking at level {self._level} used up the whole output, so it was asked again at {lower}")
            self._level, self._lowered = lower, True
            said = await self._sent(turns, words=words, extract=extract)
        return said

    async def _sent(self, turns: tuple[Turn, ...], *, words: bool, extract: bool) -> Answer:
        """One request that is accepted, after as many as it takes to find out what is."""
        for _ in range(_LESSONS):
            ask = self._ask(turns, words=words, extract=extract)
            body = request(ask, self._profile, WIRES[self._profile.wire])
            once = partial(self._once, body, ask)
            try:
                return await patiently(once, self._model.patience, self._deadline, self._model.name)
            except Problem as problem:
                self._learn(problem, ask, body)
        raise ModelLost(f"{self._model.name} refused {_LESSONS} requests for {_LESSONS} reasons")

    def _ask(self, turns: tuple[Turn, ...], *, words: bool, extract: bool) -> Ask:
        profile, level = self._profile, "off" if extract else self._level
        patch = profile.extract if extract else profile.levels[self._level][0]
        mode: JsonMode | None = None if words else profile.modes(thinking=profile.thinks(self._level) and not extract)[0]
        parts = self._prompt.parts
        if profile.vision == "no" and any(isinstance(part, Image) for part in parts):
            parts = tuple(part for part in parts if not isinstance(part, Image))
            self._note("the picture was left out: the model takes none")
        system = f"{self._prompt.system}\n\n{_THINK_FIRST}" if words else self._prompt.system
        return Ask(self._model.model, system, parts, level, patch, mode, self._schema, self._form, turns)

    async def _once(self, body: Mapping[str, Any], ask: Ask) -> Answer:
        wire = WIRES[self._profile.wire]
        self._requests += 1
        # What is thought about and not streamed comes whole, at the end.
        begun = None if self._profile.thinks(ask.level) and not body.get("stream") else self._model.first_byte
        try:
            reply = await self._model.connection.send(body, wire, begun)
        except Problem as problem:
            lasting = out_of_credit(problem, self._profile.no_credit) or lesson(problem, ask, body, self._profile)
            problem.passing = problem.passing and not lasting
            raise
        answer = wire.answer(reply, self._profile)
        if answer is None:
            raise foreign("JSON of another kind", self._model.connection.shown)
        self._count(answer)
        return answer

    def _count(self, answer: Answer) -> None:
        usage = self._model.priced(answer.usage)
        self._usage = usage if self._usage is None else self._usage + usage
        if answer.thinking:
            self._thinking.append(answer.thinking)

    def _learn(self, problem: Problem, ask: Ask, body: Mapping[str, Any]) -> None:
        """Change what the refusal names, or raise ModelRefused."""
        model = self._model
        error = refused(problem, model.model, model.connection.shown, self._profile.no_credit)
        taught = lesson(problem, ask, body, self._profile)
        if self._dropped and self._dropped[0] == problem.words:  # what was left out was not to blame
            model.know(self._dropped[1])
            taught = None
        if taught is None or out_of_credit(problem, self._profile.no_credit):
            raise error or ModelLost(f"{model.name} failed: {problem.words}")
        self._dropped = (problem.words, model.overlay) if taught.name == "drop" else None
        model.learn(taught.name, taught.value, f"HTTP {problem.status}: {problem.words}")
        model.say(f"{model.name}: {taught.note}")
        self._note(taught.note)
        self._level = self._profile.given(self._level)

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    def _really(self) -> Level:
        """`off` where all that asked for thinking was refused, and none was seen."""
        patch = self._profile.levels[self._level][0]
        asked = not patch or any(key not in self._profile.drop for key in patch)
        thought = self._thinking or (self._usage and self._usage.reasoning)
        return self._level if asked or thought else "off"


def _shortened(said: Answer) -> Answer:
    """A call that is cut is sent back as text: servers read a call's arguments as JSON."""
    whole = said.text if said.arguments is None else said.arguments
    if len(whole) <= _ECHOED:
        return said
    return replace(said, text=f"{whole[:_ECHOED]} …", arguments=None, call="")
