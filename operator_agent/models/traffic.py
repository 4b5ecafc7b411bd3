"""Every prompt and reply as it was, and a model that answers from such a record: a run can be looked into, and played again.

One entry a call, in the order the calls ended. Pictures are kept as digest and size; the run's own pictures are in its folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import takewhile, zip_longest
from pathlib import Path
from time import monotonic
from typing import Any

from pydantic import ValidationError

from operator_agent.errors import BadReply, LimitReached, ModelLost, ModelRefused, OperatorError, SetupError, UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Level, Usage
from operator_agent.models.port import Image, Model, Prompt, Reply, T

_QUOTED = 40
"""Characters shown of each side where two prompts part."""
_KINDS: dict[str, type[OperatorError]] = {
    kind.__name__: kind for kind in (BadReply, LimitReached, ModelLost, ModelRefused, SetupError, UsageError)
}


class Sent(Frozen):
    """A picture as the record keeps it."""

    sha256: str
    width: int
    height: int
    media_type: str


class Failure(Frozen):
    """What a call raised: the class by name, and what it said."""

    kind: str
    text: str


class Entry(Frozen):
    """One call. Either `reply` or `error` is there."""

    model: str
    sees: bool
    purpose: str
    system: str
    parts: tuple[str | Sent, ...]
    level: Level
    """What was asked for; `given` is what it was answered at."""
    wants: str
    """The reply type's name."""
    reply: Any = None
    error: Failure | None = None
    given: Level | None = None
    usage: Usage = Usage()
    requests: int = 1
    thinking: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class Recorded:
    """Hands every prompt and reply to `write` as one object that JSON can say, then gives the reply on. Failed calls as well.

    What `write` raises ends the call: `Recorder.model_traffic` raises RecordingFailed. It also is who takes secrets out.
    """

    def __init__(self, model: Model, write: Callable[[dict[str, object]], None]) -> None:
        self.model = model
        self._write = write

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def sees(self) -> bool:
        return self.model.sees

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        began = monotonic()
        try:
            answer = await self.model.ask(prompt, reply)
        except BaseException as error:
            self._keep(prompt, reply.__name__, began, error=Failure(kind=type(error).__name__, text=str(error)))
            raise
        said = answer.value.model_dump(mode="json")
        self._keep(
            prompt, reply.__name__, began, reply=said, given=answer.level, usage=answer.usage, requests=answer.requests,
            thinking=answer.thinking, notes=answer.notes,
        )  # fmt: skip
        return answer

    def _keep(self, prompt: Prompt, wants: str, began: float, **outcome: Any) -> None:
        entry = Entry(
            model=self.name, sees=self.sees, purpose=prompt.purpose, system=prompt.system, parts=_parts(prompt), level=prompt.level,
            wants=wants, seconds=round(monotonic() - began, 3), **outcome,
        )  # fmt: skip
        self._write(entry.model_dump(mode="json"))


class FromRecord:
    """Answers from recorded entries, in their order: the same prompt gets the same reply, or the same error again.

    Raises ModelLost for a prompt that differs from the recorded one, saying where, and when the record holds no more. The level
    asked for is not compared: it changes what a reply costs, not what was asked. `alike` is applied to every text of both sides
    first, to mask what differs from run to run: a random mark, a port, a secret. Without `pictures` only their sizes are compared:
    a caret that blinks is no other page. Raises UsageError for entries that are none.
    """

    def __init__(
        self, entries: Iterable[Mapping[str, object]], *, alike: Callable[[str], str] = str, pictures: bool = True
    ) -> None:
        try:
            self._entries = [Entry.model_validate(entry) for entry in entries]
        except ValidationError as error:
            raise UsageError(f"this is no record of a model's traffic: {error.errors()[0]['msg']}") from None
        self._alike, self._pictures = alike, pictures
        self._next = 0
        self.name = f"{self._entries[0].model}, from a record" if self._entries else "an empty record"
        self.sees = any(entry.sees for entry in self._entries)

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        if self._next == len(self._entries):
            raise ModelLost(f"the record holds {self._next} model calls, and {prompt.purpose!r} would be one more")
        entry = self._entries[self._next]
        self._next += 1
        if difference := self._difference(entry, prompt, reply.__name__):
            raise ModelLost(f"model call {self._next} is not the recorded one: {difference}")
        if entry.error:
            raise _again(entry.error)
        try:
            value = reply.model_validate(entry.reply)
        except ValidationError as error:
            problem = error.errors()[0]
            raise ModelLost(f"the recorded reply {self._next} is no {reply.__name__} any more: {problem['msg']}") from None
        level = entry.given or prompt.level
        return Reply(value, entry.usage, level, entry.requests, entry.thinking, entry.notes)

    def _difference(self, entry: Entry, prompt: Prompt, wants: str) -> str:
        """Where a prompt first differs from the recorded one, both sides quoted; "" when it does not."""
        parts = ((f"part {number}", *pair) for number, pair in enumerate(zip_longest(entry.parts, _parts(prompt)), 1))
        pairs = [("the purpose", entry.purpose, prompt.purpose), ("the instructions", entry.system, prompt.system), *parts]
        for name, *sides in (*pairs, ("the reply's type", entry.wants, wants)):
            then, now = map(self._compared, sides)
            if then != now:
                return f"{name} had {_quoted(then, now)}, and now has {_quoted(now, then)}"
        return ""

    def _compared(self, side: str | Sent | None) -> str | Sent | None:
        if isinstance(side, str):
            return self._alike(side)
        return side if side is None or self._pictures else side.model_copy(update={"sha256": ""})


def read_traffic(path: Path) -> list[dict[str, object]]:
    """The entries of a run's `model.jsonl`, without a last line that was cut short. Raises UsageError when it cannot be read."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from None
    entries = []
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            break
        try:
            entries.append(Entry.model_validate_json(line).model_dump(mode="json"))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"]))
            raise UsageError(f"{path}:{number} is no model call ({where}: {problem['msg']})") from None
    return entries


def _parts(prompt: Prompt) -> tuple[str | Sent, ...]:
    return tuple(_sent(part) if isinstance(part, Image) else part for part in prompt.parts)


def _sent(image: Image) -> Sent:
    digest = sha256(image.data).hexdigest()
    return Sent(sha256=digest, width=image.width, height=image.height, media_type=image.media_type)


def _quoted(one: str | Sent | None, other: str | Sent | None) -> str:
    if one is None:
        return "nothing"
    if isinstance(one, Sent):
        return f"a picture of {one.width}×{one.height} ({one.sha256[:8]})"
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)) if isinstance(other, str) else ()
    at = max(sum(1 for _ in same) - _QUOTED // 2, 0)
    shown = one[at : at + _QUOTED]
    return json.dumps(("…" if at else "") + shown + ("…" if len(one) > at + _QUOTED else ""), ensure_ascii=False)


def _again(failure: Failure) -> OperatorError:
    """The error as it was raised; one that is none of ours comes back as a lost model."""
    kind = _KINDS.get(failure.kind)
    return kind(failure.text) if kind else ModelLost(f"{failure.kind}: {failure.text}")
