"""Finding out, with a handful of small questions, what an endpoint and model can do; what is found is kept in their overlay."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from operator_agent.errors import ModelLost, ModelRefused
from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Level
from operator_agent.models.client import ServedModel, open_model
from operator_agent.models.exchange import Ask, request
from operator_agent.models.overlay import Overlay, save_overlay
from operator_agent.models.port import Image, Prompt, Reply
from operator_agent.models.profiles import JsonMode, Profile, profile_for
from operator_agent.models.trouble import Problem
from operator_agent.models.wires import WIRES
from operator_agent.settings import Settings

_MODES = (JsonMode(mode="schema"), JsonMode(mode="object"), JsonMode(mode="tool"))
_SYSTEM = "You answer small questions for a test of this interface."


class Finding(Frozen):
    """One thing that was found out. `works` is None where it could not be."""

    what: str
    works: bool | None
    text: str
    """One line for a person."""

    def __str__(self) -> str:
        return f"{'?' if self.works is None else '+' if self.works else '-'} {self.what}: {self.text}"


class Probed(Frozen):
    """What was found, and where it is kept ("" when nowhere)."""

    endpoint: str
    model: str
    provider: str
    usable: bool
    """It answered a question with a valid object."""
    findings: tuple[Finding, ...]
    kept_in: str = ""

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class Sum(Frozen):
    sum: int


class Colour(Frozen):
    colour: str


class _Seen(NamedTuple):
    """One question and what became of it: a reply, or the error."""

    reply: Reply[Any] | None
    learned: Overlay
    error: str = ""


async def probe(
    url: str,
    model: str,
    key: str = "",
    *,
    profile: Profile | None = None,
    state_dir: Path | None = None,
    timeout: float = 120.0,
    proxy: str | None = None,
) -> Probed:
    """Ask it; `timeout` is for each question, in seconds. What goes wrong is a finding; raises UsageError for a wrong address."""
    base = ServedModel(url, model, key=key, profile=profile or profile_for(url), timeout=timeout, retries=1, proxy=proxy)
    return await _Probing(base, state_dir).all()


async def probe_settings(settings: Settings) -> Probed:
    """The same for the model the settings name; raises UsageError naming the variable that is missing."""
    opened = open_model(settings)
    return await probe(
        opened.connection.url,
        opened.model,
        settings.model_key or "",
        profile=profile_for(opened.connection.url, settings.model_provider or ""),
        state_dir=settings.state_dir,
        proxy=opened.connection.proxy,
    )


class _Probing:
    """One probe: the findings so far, and what was learned for them."""

    def __init__(self, base: ServedModel, state_dir: Path | None) -> None:
        self._base = base
        self._state_dir = state_dir
        self._overlay = Overlay(endpoint=base.connection.shown, model=base.model)
        self._found: list[Finding] = []

    async def all(self) -> Probed:
        try:
            await self._listed()
            usable = await self._answers()
            if usable:
                await self._json()
                await self._thinks()
                await self._sees()
                await self._streams()
        finally:
            await self._base.close()
        return Probed(
            endpoint=self._base.connection.shown,
            model=self._base.model,
            provider=self._base.profile.name,
            usable=usable,
            findings=tuple(self._found),
            kept_in=self._kept() if usable else "",
        )

    def _say(self, what: str, works: bool | None, text: str) -> None:
        self._found.append(Finding(what=what, works=works, text=text))

    async def _listed(self) -> None:
        try:
            names = await self._base.connection.models(self._base.timeout)
        except Problem as problem:
            self._say("models", None, f"the list of models cannot be had ({problem.words})")
            return
        some = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        here = self._base.model in names
        self._say("models", here, f"{self._base.model} is {'listed' if here else f'not listed; there are: {some}'}")

    async def _answers(self) -> bool:
        seen = await self._ask(JsonMode(mode="words"))
        self._say("answers", seen.reply is not None, "it answers questions" if seen.reply else seen.error)
        if seen.reply and (seen.reply.usage.reasoning or seen.reply.thinking):
            self._say("off", False, f"it thinks although it is told not to ({seen.reply.usage.reasoning or 'some'} tokens)")
        return seen.reply is not None

    async def _json(self) -> None:
        """Each way to get JSON, and whether it also works while thinking."""
        works: list[JsonMode] = []
        known = {mode.mode: mode for mode in self._base.profile.json_modes}
        for mode in (known.get(one.mode, one) for one in _MODES):
            told = await self._works(mode, "off")
            self._say(f"json {mode.mode}", told, {True: "works", False: "is refused", None: "gave no valid answer"}[told])
            thinking = mode.thinking if not self._can_think else bool(told and await self._works(mode, "low"))
            if told and self._can_think:
                self._say(f"json {mode.mode} thinking", thinking, f"{'works' if thinking else 'does not work'} while it thinks")
            if told:
                works.append(mode.model_copy(update={"thinking": thinking}))
        self._overlay = self._overlay.model_copy(update={"json_works": tuple(works)})

    @property
    def _can_think(self) -> bool:
        profile = self._profile()
        return profile.given("low") != profile.given("off")

    async def _works(self, mode: JsonMode, level: Level) -> bool | None:
        seen = await self._ask(mode, level)
        if seen.learned.json_refused:
            return False
        return True if seen.reply and seen.reply.value == Sum(sum=42) else None

    async def _thinks(self) -> None:
        """Where thinking shows, from one reply as it came."""
        if "off" not in self._profile().levels:
            self._say("thinking", True, "it always thinks")
            return
        if not self._can_think:
            known = f"profile {self._base.profile.name} has no way to ask for it"
            self._say("thinking", None, f"{known}; OPERATOR_MODEL_PROVIDER names another")
            return
        profile = self._profile().model_copy(update={"thinking": ("reasoning_content", "reasoning", "reasoning_details")})
        level = profile.given("low")
        ask = Ask(self._base.model, _SYSTEM, ("Think, then say: what is 19 + 23?",), level, profile.levels[level][0])
        wire = WIRES[profile.wire]
        try:
            async with asyncio.timeout(self._base.timeout):
                reply = await self._base.connection.send(request(ask, profile, wire), wire, None)
        except (Problem, ModelLost, TimeoutError) as error:
            self._say("thinking", None, f"could not be found out ({error or 'it took too long'})")
            return
        answer = wire.answer(reply, profile)
        fields = tuple(answer.raw_thinking or ()) if answer else ()
        for field in fields:
            self._overlay = self._overlay.learned("thinking", field, "seen by a probe")
        tokens = answer.usage.reasoning if answer else 0
        place = f"shown in `{'`, `'.join(fields)}`" if fields else "shown in tags" if answer and answer.thinking else "not shown"
        if tokens or place != "not shown":
            self._say("thinking", True, f"it thinks when asked to, {place}")
        else:
            self._say("thinking", False, "no thinking was seen, also when asked for")

    async def _sees(self) -> None:
        seen = await self._ask(self._best, parts=("What colour is this picture? One English word.", _red()), reply=Colour)
        sees = bool(seen.reply and "red" in seen.reply.value.colour.casefold())
        refused = seen.learned.vision == "no"
        if not refused:
            self._overlay = self._overlay.learned("vision", "yes" if sees else "no", "seen by a probe")
        blind = "it refuses pictures" if refused else "it takes pictures but does not see them"
        self._say("vision", sees, "it sees pictures" if sees else blind)

    async def _streams(self) -> None:
        seen = await self._ask(self._best, stream=True)
        works = seen.reply is not None and seen.learned.stream != "never"
        if not works:
            self._overlay = self._overlay.learned("stream", "never", "seen by a probe")
        self._say("streaming", works, "works" if works else f"does not work ({seen.error or 'refused'})")

    @property
    def _best(self) -> JsonMode:
        return self._profile().modes(thinking=False)[0]

    def _profile(self) -> Profile:
        return self._overlay.over(self._base.profile)

    async def _ask(
        self,
        mode: JsonMode,
        level: Level = "off",
        *,
        parts: tuple[str | Image, ...] = ("What is 19 + 23?",),
        reply: type[Frozen] = Sum,
        stream: bool = False,
    ) -> _Seen:
        """One question in one mode, with all that was learned so far; what it teaches is added, but for the mode."""
        changed: dict[str, Any] = {"json_modes": (mode.model_copy(update={"thinking": True}),), "passes": 1}
        changed |= {"stream": "always"} if stream else {}
        changed |= {"vision": "unknown"} if any(isinstance(part, Image) for part in parts) else {}
        profile = self._profile().model_copy(update=changed)
        model = self._base.asked_as(profile)
        answered, error = None, ""
        try:
            answered = await model.ask(Prompt("probe", _SYSTEM, parts, level), reply)
        except (ModelRefused, ModelLost) as failed:
            error = str(failed)
        self._overlay = self._overlay.joined(model.overlay)
        return _Seen(answered, model.overlay, error)

    def _kept(self) -> str:
        try:
            return str(save_overlay(self._state_dir, self._overlay) or "")
        except OSError as error:
            self._say("remembered", False, f"it cannot be kept: {error}")
            return ""


def _red() -> Image:
    """A red square of 64 pixels, as PNG."""
    side = 64
    rows = (b"\0" + b"\xff\0\0" * side) * side
    chunks = _chunks(struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0), zlib.compress(rows))
    return Image(b"\x89PNG\r\n\x1a\n" + b"".join(chunks), side, side, "image/png")


def _chunks(head: bytes, data: bytes) -> Iterator[bytes]:
    for name, body in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b"")):
        yield struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
