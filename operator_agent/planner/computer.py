"""Steps from a model that points at a picture of the page: its gestures, made into steps of our own verbs on named elements.

Such a model names no checks, so its steps carry no `expect`: each verb's own effect is proved, a click proves nothing, and the run
ends `unverified` unless the command or an earlier plan brought a `done`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from operator_agent.flow.action import describe
from operator_agent.flow.command import Command, Question
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.models.computer import Pointed, Pointing, Space
from operator_agent.models.port import Image, Prompt
from operator_agent.planner.effort import Case, effort
from operator_agent.planner.fence import fenced, new_mark
from operator_agent.planner.gestures import Hand, batch
from operator_agent.planner.ladder import NotMine
from operator_agent.planner.model import Asking
from operator_agent.planner.points import Lens, Pointer, as_sent
from operator_agent.prompts import instructions
from operator_agent.roles import Situation, Taken, Values

_TRIES = 3
"""How often a model may be asked about one picture, when its points are on nothing."""
_LOOKS = 4
"""How often in a row it may ask for a new picture and do nothing."""
_INERT = 4
"""So many times the same act may leave the same page."""
_STEPS_TOLD = 12
_REASON = 300


class ComputerPlanner:
    """`roles.Planner` over a model that points at pictures. One per run. `grant` gives what the run is allowed now.

    `space` is what the model counts points in, `longest` the most pixels a side of what it is sent (0: the picture as it is).
    `accept` is for models of the `computer` tool: called when a person has accepted the safety checks of its server.
    """

    sees = True
    """It needs `Situation.picture`."""

    def __init__(
        self,
        model: Asking,
        grant: Callable[[], Grant],
        *,
        space: Space = "pixels",
        longest: int = 0,
        accept: Callable[[], None] | None = None,
        start: str = "",
    ) -> None:
        self._model, self._grant, self._accept = model, grant, accept
        self._space: Space = space
        self._longest = longest
        self._start = start
        self._mark = new_mark()
        self._waiting: tuple[str, Pointed] | None = None
        self._questions = 0
        self._looks = 0

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """A beginning without steps: what to do is planned on the first picture."""
        return Plan(goal=command.text, steps=(), start=self._start, open=True, tier="model")

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return NotMine(reason="A model that points needs a picture of the page.")

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        """None: what covers an element is in the picture, for the model to see."""
        return ()

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        """The next steps; a Question for safety checks; None when the model has no further action, whatever it says of that."""
        if situation.plan.tier not in ("words", "model"):
            return None
        if situation.picture is None:
            return Refusal(reason="there is no picture of the page to point at", outcome="incomplete")
        if repeated := _repeats(situation.taken):
            return Refusal(reason=f"loop: {repeated} left the page as it was {_INERT} times in a row", outcome="incomplete")
        if self._waiting:
            return await self._answered(situation, *self._waiting)
        return await self._next(situation, None)

    async def _answered(self, situation: Situation, about: str, reply: Pointed) -> Plan | Question | Refusal | None:
        answer = situation.answers.get(about)
        if answer is None:
            return _safety_question(about, reply)
        self._waiting = None
        if answer != "yes" or self._accept is None:
            return Refusal(reason=f"the safety checks of the model's server were not accepted: {_warning(reply)}")
        self._accept()
        return await self._next(situation, reply)

    async def _next(self, situation: Situation, reply: Pointing | None) -> Plan | Question | Refusal | None:
        """What `reply`, or the model when there is none yet, comes to. Points on nothing are told it at once, a few times."""
        assert situation.picture
        lens = Lens(self._space, as_sent(situation.picture, self._longest), situation.picture)
        pointer = Pointer(situation.seen, lens)
        misses: list[Refusal] = []
        while len(misses) < _TRIES:
            if reply is None:
                reply = await self._ask(situation, lens.image, misses)
                if isinstance(reply, Pointed) and reply.checks:
                    self._questions += 1
                    self._waiting = (f"safety check {self._questions}", reply)
                    return _safety_question(*self._waiting)
            found = batch(reply.actions, pointer, Hand.of(situation, pointer))
            missed = found.refusal or _beyond(reply)
            if found.steps:
                self._looks = 0
                return self._plan(situation, found.steps, open_=bool(missed) or not (found.whole and reply.finished))
            if missed is None:
                return self._without_steps(situation, reply)
            misses.append(missed)
            reply = None
        return misses[-1]

    def _without_steps(self, situation: Situation, reply: Pointing) -> Plan | Question | Refusal | None:
        if reply.impossible:
            return Refusal(reason=reply.impossible)
        if reply.question:
            return Question(kind="input", text=reply.question, about=reply.question)
        if not reply.actions:
            return None
        self._looks += 1
        if self._looks > _LOOKS:
            return Refusal(reason=f"the model asked for a new picture {self._looks} times and did nothing", outcome="incomplete")
        return self._plan(situation, (), open_=True)

    def _plan(self, situation: Situation, steps: tuple[Step, ...], *, open_: bool) -> Plan:
        """Without steps it is only another look, which the loop takes before it asks how to go on."""
        return Plan(goal=situation.command.text, steps=steps, done=situation.plan.done, open=open_, tier="model")

    async def _ask(self, situation: Situation, image: Image, misses: list[Refusal]) -> Pointing:
        kind = situation.kind if situation.taken else "first"
        level, trigger = effort(Case(kind, times=1 + len(misses)))
        last = situation.taken[-1].verdict if situation.taken else None
        asked = self._model.about(len(situation.taken) + 1, trigger, last.status if last else "")
        tool = self._accept is not None
        system = instructions("computer") if tool else f"{instructions('point')}\n\n{_COUNTED[self._space](image)}"
        prompt = Prompt("revise" if situation.taken else "plan", system, (self._text(situation, misses), image), level)
        return (await asked.ask(prompt, Pointed if tool else Pointing)).value

    def _text(self, situation: Situation, misses: list[Refusal]) -> str:
        """What is told with the picture. Names and reasons come from the page, so they stand within its marks."""
        done = [f"{number}. {_told(one)}" for number, one in enumerate(situation.taken, 1)][-_STEPS_TOLD:]
        hindered = [f"{situation.kind}: {situation.why[:_REASON]}"] if situation.why else []
        sections = {
            "The person's command": situation.command.text,
            "The person's answers": "\n".join(f"{about} -> {answer}" for about, answer in situation.answers.items()),
            "Secrets": "\n".join(f"{{secret:{one.name}}} for {one.origin}" for one in self._grant().secrets),
            "Done so far": self._fenced(done),
            "What went wrong": self._fenced([*hindered, *(f"not done: {miss.told}" for miss in misses)]),
            "The page": self._fenced([f"address: {situation.seen.url}", f"title: {situation.seen.title}"]),
        }
        return "\n\n".join(f"# {title}\n\n{text}" for title, text in sections.items() if text)

    def _fenced(self, lines: list[str]) -> str:
        return fenced("\n".join(lines), self._mark) if lines else ""


_COUNTED: dict[Space, Callable[[Image], str]] = {
    "pixels": lambda image: f"Points are in pixels of the picture, which is {image.width} wide and {image.height} high.",
    "unit": lambda _: "Points are from 0 to 1: 0, 0 is the top left corner of the picture, 1, 1 the bottom right.",
    "thousand": lambda _: "Points are from 0 to 1000: 0, 0 is the top left corner of the picture, 1000, 1000 the bottom right.",
}


def _safety_question(about: str, reply: Pointed) -> Question:
    text = f"the model's server warns before it goes on: {_warning(reply)}; accept and go on?"
    return Question(kind="approval", text=text, options=("yes", "no"), about=about)


def _warning(reply: Pointed) -> str:
    return "; ".join(check.message or check.code or check.id for check in reply.checks)


def _beyond(reply: Pointing) -> Refusal | None:
    unknown = reply.unknown if isinstance(reply, Pointed) else ""
    return Refusal(reason=f"this cannot be done here: {unknown}", outcome="incomplete") if unknown else None


def _told(one: Taken) -> str:
    return f"{describe(one.step.action)}: {one.verdict.status if one.verdict else 'skipped'}"


def _repeats(taken: tuple[Taken, ...]) -> str:
    """The act that was done again and again, unproved, and left the same page each time; "" when there is none."""
    last = taken[-1] if taken else None
    same = sum(1 for _ in takewhile(lambda one: last is not None and _alike(one, last), reversed(taken)))
    return describe(last.step.action) if last and same >= _INERT else ""


def _alike(one: Taken, other: Taken) -> bool:
    proved = one.verdict is not None and one.verdict.status == "verified"
    return one.step.action == other.step.action and one.page == other.page and not proved
