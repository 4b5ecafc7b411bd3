"""The facts of a run, in the order they happened. A run is a stream of these; the last is always `Ended`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from operator_agent.flow.action import Action, describe
from operator_agent.flow.base import Frozen
from operator_agent.flow.command import Command, Question
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.grant import Grant, Limits, Risk
from operator_agent.flow.observation import Box, Observation, Performed, Picture
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Verdict

Outcome = Literal["passed", "failed", "unverified", "needs_human", "blocked", "incomplete", "error"]

Phase = Literal["before", "after", "done"]

EXIT_CODES: dict[str, int] = {
    "passed": 0,
    "failed": 1,
    "usage": 2,
    "unverified": 3,
    "needs_human": 4,
    "blocked": 5,
    "incomplete": 6,
    "error": 7,
}


class _Record(Frozen):
    at: float = 0.0
    """Seconds since the run began."""


class Conditions(Frozen):
    """What a run began with besides its command and grant: what is needed to do it again under the same conditions."""

    start: str = ""
    """The address it was given, as it was given."""
    skill: str = ""
    """The skill that was named; "" when it was matched, or nothing was."""
    inputs: dict[str, str] = {}
    """Those that were given beside the command."""
    given: bool = False
    """Its plan was given: nothing was planned at first."""
    allow: tuple[str, ...] = ()
    limits: Limits = Limits()
    viewport: tuple[int, int] | None = None
    """CSS pixels; None for a lent page, which keeps its own."""
    pictures: bool = True
    lent: bool = False
    """It ran on somebody else's page: neither its network nor its randomness was ours to keep."""
    seed: int | None = None
    """Math.random of its pages comes from it; None on a lent page."""
    clock: float = 0.0
    """Milliseconds since 1970 when its records begin to count."""
    points: Literal["", "pixels", "unit", "thousand", "tool"] = ""
    """How its model points at pictures (`Settings.model_points`); "" when it does not."""


class Started(_Record):
    kind: Literal["started"] = "started"
    run: str
    command: Command
    grant: Grant
    when: str
    """Wall clock, ISO 8601 with zone."""
    versions: dict[str, str] = {}
    conditions: Conditions = Conditions()
    notes: tuple[str, ...] = ()


class Planned(_Record):
    """A plan was made, or made anew (`because` says why)."""

    kind: Literal["planned"] = "planned"
    plan: Plan
    because: str = ""


class StepStarted(_Record):
    """`step` is the 1-based number; recovery steps repeat the number of the step they serve and say so in `recovery`."""

    kind: Literal["step_started"] = "step_started"
    step: int
    of: int
    title: str
    action: str
    recovery: str = ""

    @classmethod
    def begin(cls, step: Step, number: int, of: int, recovery: str = "") -> StepStarted:
        return cls(step=number, of=of, title=step.title, action=describe(step.action), recovery=recovery)


class Observed(_Record):
    """What was seen. `tree` is "" when it equals the one observed before. The picture is for listeners, not in the JSON."""

    kind: Literal["observed"] = "observed"
    step: int
    phase: Phase
    url: str
    title: str
    tree: str
    notices: tuple[str, ...] = ()
    screen: str = ""
    """The picture's file in the run folder, once recorded; `scale` is its image pixels per CSS pixel."""
    scale: float = 1.0
    observation: Observation | None = Field(default=None, exclude=True, repr=False)
    picture: Picture | None = Field(default=None, exclude=True, repr=False)

    @classmethod
    def of(cls, seen: Observation, step: int, phase: Phase, tree: str, picture: Picture | None) -> Observed:
        return cls(
            step=step, phase=phase, url=seen.url, title=seen.title, tree=tree,
            notices=seen.notices, observation=seen, picture=picture,
        )  # fmt: skip


class Chosen(_Record):
    """The action with its target resolved: written *before* any input leaves."""

    kind: Literal["chosen"] = "chosen"
    step: int
    action: Action
    element: str = ""
    box: Box | None = None
    why: str = ""
    prints: dict[str, Fingerprint] = {}
    """By field of the action, what else its elements are known by: how a replay finds them when the locator is gone."""


class Healed(_Record):
    """The next `Chosen` is on another locator than the plan's, which is gone or means something else now. Whether rightly so, the
    step's verdict says."""

    kind: Literal["healed"] = "healed"
    step: int
    old: Target
    new: Target
    why: str
    """One sentence for a person: what speaks for the new one."""
    renamed: bool = False
    """It is not called what it was."""
    unsure: bool = False
    """Only its place speaks for it: nothing is done without a person's yes."""


class Decided(_Record):
    """What the policy said of the chosen action."""

    kind: Literal["decided"] = "decided"
    step: int
    decision: Literal["allow", "ask", "deny"]
    risk: Risk
    reasons: tuple[str, ...]
    effect: str = ""
    """What will happen, read from the page: `Place order · Total € 9.00`."""


class Asked(_Record):
    """A person was asked; `answer` None means nobody was there or nobody answered. Seconds waited are not counted as work."""

    kind: Literal["asked"] = "asked"
    step: int
    question: Question
    answer: str | None
    waited: float = 0.0


class Acted(_Record):
    kind: Literal["acted"] = "acted"
    step: int
    performed: Performed
    seconds: float


class Judged(_Record):
    """A step's verdict; `step` 0 is the plan's `done`."""

    kind: Literal["judged"] = "judged"
    step: int
    verdict: Verdict
    seconds: float


Level = Literal["off", "low", "high", "max"]
"""How much a model may think before it answers."""
LEVELS: tuple[Level, ...] = ("off", "low", "high", "max")


class Usage(Frozen):
    """What a model's server says a request took. Tokens; `reasoning` is the part of `output` that was thought."""

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cached: int = 0
    cost: float | None = None
    """In the currency the prices were given in; None when a price is not known, which is not zero."""

    def __add__(self, other: Usage) -> Usage:
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        added = {name: getattr(self, name) + getattr(other, name) for name in ("input", "output", "reasoning", "cached")}
        return Usage(**added, cost=cost)


class Called(_Record):
    """A model was asked. `trigger` says why at this level; `before` is the verdict that led to it, `after` comes in the result."""

    kind: Literal["called"] = "called"
    step: int
    purpose: str
    model: str
    level: Level
    trigger: str
    usage: Usage
    requests: int = 1
    seconds: float = 0.0
    before: str = ""
    notes: tuple[str, ...] = ()


class Thought(Frozen):
    """One line of the ledger: a call, and whether it paid."""

    step: int
    purpose: str
    level: Level
    trigger: str
    tokens: int
    reasoning_tokens: int
    cost: float | None
    before: str
    after: str
    """The verdict of the first step done after it; "" when nothing was done any more."""


class Noted(_Record):
    """Something a person should know that is no step: a refused origin, a skipped optional step, a missing witness."""

    kind: Literal["noted"] = "noted"
    step: int
    text: str


class StepResult(Frozen):
    intent: str
    action: str
    verdict: Literal["verified", "refuted", "unknown", "skipped", "not run"]
    checks: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0


class Result(Frozen):
    """How a run ended. This is the object `--json` prints."""

    outcome: Outcome
    reason: str
    """First what failed (step, cause), then the next thing to look at."""
    exit_code: int
    command: str
    plan: Plan | None = None
    steps: tuple[StepResult, ...] = ()
    values: dict[str, Any] = {}
    answer: str = ""
    model_calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    """None when a price is not known."""
    thoughts: tuple[Thought, ...] = ()
    seconds: float = 0.0
    run: str = ""
    report: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


class Ended(_Record):
    kind: Literal["ended"] = "ended"
    result: Result


Record = Annotated[
    Started | Planned | Called | StepStarted | Observed | Healed | Chosen | Decided | Asked | Acted | Judged | Noted | Ended,
    Field(discriminator="kind"),
]
