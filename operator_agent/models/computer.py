"""Models that point at pixels: what they answer, and OpenAI's `computer` tool as a `port.Model` that gives such answers.

Any model that sees can be asked for `Pointing` by its reply type. One trained for the `computer` tool of the Responses API is asked
through `ComputerTool`. Both give the same gestures, so whoever plans with them need not know which it was.
Shapes after OpenAI's guide "Computer use" and its package's `types/responses`: the `computer` tool with a batch of `actions`, and
the older `computer_use_preview` with one `action`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from operator_agent.errors import BadReply, ModelLost, UsageError
from operator_agent.flow.record import Level
from operator_agent.models import responses
from operator_agent.models.chat import data_url
from operator_agent.models.exchange import Answer, Ask, request, usage_of
from operator_agent.models.lesson import lesson
from operator_agent.models.patience import patiently
from operator_agent.models.port import Image, Prompt, Reply, T
from operator_agent.models.profiles import Profile
from operator_agent.models.trouble import Problem, refused

if TYPE_CHECKING:
    from operator_agent.models.client import ServedModel

Space = Literal["pixels", "unit", "thousand"]
"""What a model counts points in: pixels of the picture it was sent, 0–1 of its width and height, or 0–1000 of them."""
Tool = Literal["computer", "computer_use_preview"]
_LESSONS = 6


class _Gesture(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str


class _AtPoint(_Gesture):
    x: float
    y: float

    @property
    def point(self) -> tuple[float, float]:
        return self.x, self.y


class PointClick(_AtPoint):
    kind: Literal["click"] = "click"


class PointDoubleClick(_AtPoint):
    kind: Literal["double click"] = "double click"


class PointRightClick(_AtPoint):
    kind: Literal["right click"] = "right click"


class PointHover(_AtPoint):
    kind: Literal["hover"] = "hover"


class PointDrag(_AtPoint):
    kind: Literal["drag"] = "drag"
    to_x: float
    to_y: float


class PointScroll(_AtPoint):
    kind: Literal["scroll"] = "scroll"
    direction: Literal["down", "up", "left", "right"]


class KeyText(_Gesture):
    """Text for where the focus is."""

    kind: Literal["type"] = "type"
    text: str


class KeyPress(_Gesture):
    """One key, or keys pressed together, in the model's own names."""

    kind: Literal["press"] = "press"
    keys: tuple[str, ...]


class GoBack(_Gesture):
    kind: Literal["back"] = "back"


class LookAgain(_Gesture):
    """A new picture, nothing else: the page was still busy."""

    kind: Literal["look"] = "look"


PointGesture = Annotated[
    PointClick | PointDoubleClick | PointRightClick | PointHover | PointDrag | PointScroll
    | KeyText | KeyPress | GoBack | LookAgain,
    Field(discriminator="kind"),
]  # fmt: skip


class Pointing(BaseModel):
    """What a pointing model answers: gestures on the picture it was sent, or why there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actions: tuple[PointGesture, ...] = ()
    finished: bool = Field(default=False, description="nothing is left to do")
    question: str = Field(default="", description="what only the person can tell")
    impossible: str = Field(default="", description="why it cannot be done")


class SafetyCheck(BaseModel):
    """A warning of the model's server that wants to be acknowledged before its actions are done. Only a person may."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    code: str | None = None
    message: str | None = None


class ToolCall(BaseModel):
    """One call of the tool: it is answered with a picture of what its actions led to."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    call_id: str
    pending_safety_checks: tuple[SafetyCheck, ...] = ()


class Pointed(Pointing):
    """What the `computer` tool answers besides: never asked of a model by its schema."""

    calls: tuple[ToolCall, ...] = ()
    unknown: str = ""
    """The first action that has no gesture here; those before it are in `actions`, those after it are dropped."""
    said: str = ""

    @property
    def checks(self) -> tuple[SafetyCheck, ...]:
        return tuple(check for call in self.calls for check in call.pending_safety_checks)


class ComputerTool:
    """`port.Model` over the `computer` tool of a served model; the only reply it gives is `Pointed`.

    One a run. Nothing is stored at the server: each request says again what it is about, with the model's own latest turn and the
    picture as the answer to its calls. Their safety checks are acknowledged when `accept` was called since, and only then.
    """

    sees = True

    def __init__(self, model: ServedModel, tool: Tool = "computer") -> None:
        self.name = model.name
        self._model, self._tool = model, tool
        self._turn: tuple[Mapping[str, Any], ...] = ()
        self._latest = Pointed()
        self._accepted = False

    def accept(self) -> None:
        """A person has accepted the safety checks of the latest reply."""
        self._accepted = True

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        """As `port.Model`. Raises UsageError for another reply type, for a prompt without a picture, and when the latest reply has
        safety checks that nobody has accepted."""
        if not issubclass(Pointed, reply):
            raise UsageError(f"{self.name} points at pictures; it cannot be asked for a {reply.__name__}")
        if not any(isinstance(part, Image) for part in prompt.parts):
            raise UsageError("a model that points needs a picture")
        if self._latest.checks and not self._accepted:
            raise UsageError("the safety checks of the model's server were not accepted")
        _ = self._model.connection.client  # loaded before the clock runs
        try:
            async with asyncio.timeout(self._model.timeout):
                body, level, requests = await self._asked(prompt)
        except TimeoutError:
            raise ModelLost(f"{self.name} gave no whole answer within {self._model.timeout:g} s") from None
        answer = _read(body, self.name)
        self._turn, self._latest, self._accepted = tuple(_echo(body)), answer, False
        assert isinstance(answer, reply)
        usage = self._model.priced(usage_of(body, self._model.profile.usage))
        return Reply(answer, usage, level, requests, notes=(answer.said,) if answer.said else ())

    def body(self, ask: Ask, profile: Profile) -> dict[str, Any]:
        """As `exchange.Wire`."""
        image = next(part for part in ask.parts if isinstance(part, Image))
        said: list[dict[str, Any]] = [{"type": "input_text", "text": part} for part in ask.parts if isinstance(part, str)]
        if not self._latest.calls:
            said.append({"type": "input_image", "image_url": data_url(image), **(self._detail or {"detail": "high"})})
        turns = [{"role": "user", "content": said}, *(self._turn if self._latest.calls else ()), *self._outputs(image)]
        return {
            "model": ask.model, "instructions": ask.system, "input": turns, "tools": [_tool(self._tool, image)],
            "store": False, "include": ["reasoning.encrypted_content"], "truncation": "auto",
        }  # fmt: skip

    def joined(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        return responses.joined(events)

    def answer(self, reply: Mapping[str, Any], profile: Profile) -> Answer | None:
        return responses.answer(reply, profile)

    def _outputs(self, image: Image) -> list[dict[str, Any]]:
        """The picture as the answer to each open call, with its checks: there are none by now that were not accepted."""
        shown = {"type": "computer_screenshot", "image_url": data_url(image), **self._detail}
        outputs: list[dict[str, Any]] = []
        for call in self._latest.calls:
            outputs.append({"type": "computer_call_output", "call_id": call.call_id, "output": shown})
            if call.pending_safety_checks:
                outputs[-1]["acknowledged_safety_checks"] = [check.model_dump() for check in call.pending_safety_checks]
        return outputs

    @property
    def _detail(self) -> dict[str, str]:
        # Made smaller by the server, the picture would no longer be the one that points are counted in.
        return {"detail": "original"} if self._tool == "computer" else {}

    async def _asked(self, prompt: Prompt) -> tuple[dict[str, Any], Level, int]:
        """The whole response, the level it was asked at, and the requests it took; parameters a server refuses are left out."""
        model, requests = self._model, 0
        deadline = asyncio.get_running_loop().time() + model.timeout
        for _ in range(_LESSONS):
            level = model.profile.given(prompt.level)
            ask = Ask(model.model, prompt.system, prompt.parts, level, model.profile.levels[level][0])
            body = request(ask, model.profile, self)

            async def send(body: dict[str, Any] = body, begun: float | None = None) -> dict[str, Any]:
                nonlocal requests
                requests += 1
                return await model.connection.send(body, self, begun)

            try:
                return await patiently(send, model.patience, deadline, self.name), level, requests
            except Problem as problem:
                taught = lesson(problem, ask, body, model.profile)
                if taught is None or taught.name == "vision":  # it cannot do without the picture
                    error = refused(problem, model.model, model.connection.shown, model.profile.no_credit)
                    raise error or ModelLost(f"{self.name} failed: {problem.words}") from None
                model.learn(taught.name, taught.value, f"HTTP {problem.status}: {problem.words}")
                model.say(f"{self.name}: {taught.note}")
        raise ModelLost(f"{self.name} refused {_LESSONS} requests for {_LESSONS} reasons")


def _tool(tool: Tool, image: Image) -> dict[str, Any]:
    if tool == "computer":
        return {"type": "computer"}
    return {"type": tool, "display_width": image.width, "display_height": image.height, "environment": "browser"}


def _echo(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The model's turn as it is sent again. Thinking that came without its sealed form would not be taken back."""
    for item in body["output"]:
        if item.get("type") != "reasoning" or item.get("encrypted_content"):
            yield item


def _items(body: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    return (item for item in body["output"] if isinstance(item, dict) and item.get("type") == kind)


def _read(body: Mapping[str, Any], name: str) -> Pointed:
    """All calls of a response as one batch. Raises BadReply when any part of it is not as documented: then none of it is done."""
    if not isinstance(body.get("output"), list) or not all(isinstance(item, dict) for item in body["output"]):
        raise ModelLost(f"{name} answered with something that is no response")
    if body.get("status", "completed") != "completed":
        raise BadReply(f"the reply of {name} is {body['status']}: {body.get('incomplete_details') or 'no reason given'}")
    actions: list[PointGesture] = []
    calls: list[ToolCall] = []
    unknown = ""
    try:
        for item in _items(body, "computer_call"):
            calls.append(ToolCall.model_validate(item))
            for action in item.get("actions") or [item["action"]]:
                found = _gesture(action)
                unknown = unknown or (found if isinstance(found, str) else "")
                if not unknown and not isinstance(found, str):
                    actions.append(found)
        said, refused = _said(body)
    except (KeyError, TypeError, AttributeError, IndexError, ValidationError) as error:
        raise BadReply(f"the model's computer call cannot be read: {type(error).__name__} {error}") from error
    finished = not calls and not refused
    return Pointed(
        actions=tuple(actions), finished=finished, impossible=refused, calls=tuple(calls), unknown=unknown, said=said
    )  # fmt: skip


def _said(body: Mapping[str, Any]) -> tuple[str, str]:
    """What the model says, and with what words it refuses."""
    parts = [part for item in _items(body, "message") for part in item["content"]]
    said = " ".join(part["text"] for part in parts if part["type"] == "output_text")
    return said, " ".join(part["refusal"] for part in parts if part["type"] == "refusal")


def _gesture(action: dict[str, Any]) -> PointGesture | str:
    """The gesture, or in words what cannot be done. Raises KeyError, IndexError, ValidationError for what is not as documented."""
    kind = action["type"]
    if action.get("keys") and kind != "keypress":
        return f"{kind} while {'+'.join(action['keys'])} is held"
    match kind:
        case "click":
            return _click(action)
        case "double_click":
            return PointDoubleClick(x=action["x"], y=action["y"])
        case "move":
            return PointHover(x=action["x"], y=action["y"])
        case "drag":
            start, end = action["path"][0], action["path"][-1]
            return PointDrag(x=start["x"], y=start["y"], to_x=end["x"], to_y=end["y"])
        case "scroll":
            return _scroll(action)
        case "type":
            return KeyText(text=action["text"])
        case "keypress":
            return KeyPress(keys=tuple(action["keys"]))
        case "wait" | "screenshot":
            return LookAgain()
    return str(kind)


def _click(action: dict[str, Any]) -> PointGesture | str:
    match action.get("button", "left"):
        case "left":
            return PointClick(x=action["x"], y=action["y"])
        case "right":
            return PointRightClick(x=action["x"], y=action["y"])
        case "back":
            return GoBack()
    return f"click with the {action['button']} button"


def _scroll(action: dict[str, Any]) -> PointGesture:
    across, down = float(action.get("scroll_x") or 0), float(action.get("scroll_y") or 0)
    if not (across or down):
        return LookAgain()
    if abs(down) >= abs(across):
        return PointScroll(x=action["x"], y=action["y"], direction="down" if down > 0 else "up")
    return PointScroll(x=action["x"], y=action["y"], direction="right" if across > 0 else "left")
