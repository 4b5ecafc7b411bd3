"""Composition: opens a surface, puts the roles together, runs the loop, lets listeners follow.

    async with Operator("https://shop.example", approve=["pay"]) as op:
        result = await op.run("order a large oat latte")

    async with Operator(page=page) as op:                       # a Playwright page you already have
        await op.do("press Checkout", expect=['heading "Thank you"'])
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Any, TypeAlias

from operator_agent.errors import StepFailed, UsageError
from operator_agent.flow.classes import RISKS, Pictures, Risk
from operator_agent.settings import Settings

# The rest is imported where it is used: it takes as long as a browser takes to start, and the browser is started first.
if TYPE_CHECKING:
    from playwright.async_api import Page

    from operator_agent.flow.check import Check
    from operator_agent.flow.command import Command
    from operator_agent.flow.constraint import Constraint
    from operator_agent.flow.grant import Limits
    from operator_agent.flow.observation import Observation
    from operator_agent.flow.plan import Plan
    from operator_agent.flow.record import Record, Result, Started
    from operator_agent.flow.tape import Drawn, Taped
    from operator_agent.flow.verdict import Verdict
    from operator_agent.learning.lessons import Lessons
    from operator_agent.loop import Loop
    from operator_agent.models.client import ServedModel
    from operator_agent.models.port import Model
    from operator_agent.recorder.recorder import Recorder
    from operator_agent.replay.course import Course
    from operator_agent.roles import Healer, Person, Planner, Roles, Surface
    from operator_agent.surfaces.browser.chance import PageChance
    from operator_agent.surfaces.browser.clock import PageClock
    from operator_agent.surfaces.browser.session import BrowserSession
    from operator_agent.thinking import Thinking

Listener: TypeAlias = "Callable[[Record], None]"
"""Follows a run. Called before the loop goes on, so it is quick or it hands over; what it raises ends the run."""

_PARTS = ("loop", "executor", "verifier", "policy.policy", "surfaces.browser.surface")


@dataclass
class Operator:
    """Operates one browser. Use it as an async context manager; it closes what it opened and nothing else.

    Raises `UsageError` for arguments that make no sense. The browser starts while the command is being planned: one that cannot be
    started is the outcome `error` with exit code 2 of a run, and `SetupError` from `observe`.
    """

    start: str = ""
    """Address to begin at; a skill's own start when empty."""
    page: Page | None = None
    """An open Playwright page to work on instead of a browser of our own. It stays open; the origin it shows is allowed. Origins
    are then held by request interception alone, which redirects and workers can slip past; a browser of ours adds a filtering
    proxy below it."""
    allow: Sequence[str] = ()
    """Further origins (`https://a.example`, `https://*.a.example`, `*`: any, no interception) to those of `start`, skill, plan."""
    approve: Iterable[Risk] = ()
    """Risk classes approved beforehand: `send`, `pay`, `delete`, `publish`, `grant`."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Name of a secret → the origin it may be filled on. Values come from `OPERATOR_SECRET_<NAME>`."""
    person: Person | None = None
    """Who answers questions. Without one the run is unattended: what would be asked is refused."""
    skills: Sequence[str | Path] = ()
    """Files or folders of skills besides the built-in ones."""
    runs: str | Path | None = None
    """Folder for run folders; `Settings.runs` when None."""
    record: bool = True
    pictures: Pictures = True
    network: bool = True
    """Record what goes over the network of a browser of ours, so that the run can be replayed without it."""
    headed: bool = False
    limits: Limits | None = None
    """Where a run stops; `Limits()` when None."""
    model: Model | None = None
    """Plans what neither skills nor plain words can; the one of the settings (`OPERATOR_MODEL_URL` …) when None. It stays open."""
    listeners: Sequence[Listener] = ()
    trace: str | Path | None = None
    """Where Playwright's own trace is written, of a browser of ours. It hides nothing, so it cannot be had with `secrets`."""
    course: Course | None = None
    """What a replay does differently, where the recorded run says how (`operator_agent.replay`)."""
    learning: bool = True
    """Keep what a model planned and was proved as a candidate skill of its site, and do it without a model next time."""
    healer: Healer | None = None
    """Finds the elements of a plan that was done before where they are now (`operator_agent.healing`)."""
    login: str | Path | None = None
    """A saved login (Playwright storage state) that a browser of ours begins with; its values are recorded nowhere."""
    downloads: str | Path | None = None
    """Where downloads are kept; a temporary folder when None."""
    planners: Sequence[str] = ("skill", "words", "model")
    """Who may plan, in this order."""
    settings: Settings | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.approve) - set(RISKS)):
            raise UsageError(f"unknown risk class {unknown[0]!r}; it is one of {', '.join(RISKS)}")
        if self.trace and (self.page or self.secrets):
            raise UsageError("a trace is of a browser of ours only, and hides no secret: leave out the page and the secrets")
        self.settings = self.settings or Settings.from_env()
        self._clock: PageClock | None = None
        self._session: BrowserSession | None = None
        self._loop: Loop | None = None
        self._script: Recorder | None = None
        self._done: list[Result] = []
        self._values: dict[str, Any] = {}
        self._stopped_by = ""
        self._placed = bool(self.start or self.page)
        self._going: list[AsyncGenerator[Record, None]] = []
        self._served: ServedModel | None = None
        self._recording: Recorder | None = None
        self._recorders: list[tuple[float, Recorder]] = []
        """With the monotonic time their runs began."""
        self._thinker: Thinking | None = None
        self._lessons: Lessons | None = None

    async def __aenter__(self) -> Operator:
        # The browser starts while the command is still being planned: the first act waits for it, the plan does not.
        assert self.settings
        if self.record:
            from operator_agent.recorder.folder import check

            check(self._runs)  # before a browser is started for a run that could not be recorded
        if self.page is None:
            from operator_agent.surfaces.browser.clock import PageClock

            self._clock = PageClock(self.course.seed if self.course else randbits(32), self._chance())
        self._session = self._browser()(
            self.settings, self.limits, tuple(self.secrets), page=self.page, headed=self.headed, clock=self._clock,
            trace=Path(self.trace) if self.trace else None, tape=self._tape if self.record and self.network else None,
            player=self.course.player if self.course else None, login=self.login, downloads=self.downloads,
        )  # fmt: skip
        try:
            await self._prepare()
        except BaseException:
            session, self._session = self._session, None
            await asyncio.shield(session.close())
            raise
        return self

    def _browser(self) -> Callable[..., BrowserSession]:
        from operator_agent.surfaces.browser.session import BrowserSession

        return BrowserSession

    async def _prepare(self) -> None:
        """What can be done while the browser starts: the imports, the grant. Raises `UsageError` for an origin that is none."""
        assert self._session
        await self._session.begun()
        for part in _PARTS:  # in a thread, one by one: between them the browser's start goes on
            await asyncio.to_thread(import_module, f"operator_agent.{part}")
        from operator_agent.flow.grant import Grant, Limits, SecretHandle

        self.limits = self.limits or Limits()
        handles = tuple(SecretHandle(name=name, origin=origin) for name, origin in self.secrets.items())
        approved = frozenset(self.approve)
        self.grant = Grant(origins=tuple(self.allow), approved=approved, unattended=self.person is None, secrets=handles)
        here = self.page.url if self.page and self.page.url.startswith("http") else ""
        await self._admit([self.start, here], self.allow)

    async def __aexit__(self, *_: object) -> None:
        from operator_agent.flow.record import Ended
        from operator_agent.outcome import joined

        assert self._session
        session, self._session = self._session, None
        try:
            for going in self._going:
                await going.aclose()
            if self._script and self._done:
                self._script(Ended(result=joined(self._done)))
        finally:
            await asyncio.shield(session.close())
            for _began, recorder in self._recorders:
                recorder.close_tape()
            if self._served:
                await self._served.close()

    async def run(self, command: str | Command, *, skill: str = "", inputs: Mapping[str, str] | None = None) -> Result:
        """Plans and does a command; the result of the run, whatever its outcome. `skill` names the skill instead of matching."""
        return await _last(self.records(command, skill=skill, inputs=inputs))

    async def run_plan(self, plan: Plan) -> Result:
        """Does a plan that is already made."""
        return await _last(self.records(plan.goal, plan=plan))

    def records(
        self, command: str | Command, *, plan: Plan | None = None, skill: str = "", inputs: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Record, None]:
        """The facts of a run as they happen. It stops when the iteration is closed, at the latest with the `async with` block."""
        from operator_agent.flow.command import Command
        from operator_agent.planner.beginning import begins

        said = Command(text=command) if isinstance(command, str) else command
        if not (said.text.strip() or skill or plan):
            raise UsageError("nothing is asked for; say what to do")
        if plan and not (self._placed or begins(plan)):
            raise UsageError("nothing says where to begin; give the plan a `start`, or the operator a start or a page")
        self._surface  # noqa: B018 - raises when this operator is not open, before a run folder is made
        self._bound(said)
        thinking = self._thinking()
        self._lessons = None if plan or self.course or not self.learning else self._learning(thinking)
        planner = self._given(thinking) if plan else self._planner(skill, inputs, thinking)
        planner = self.course.planner(planner) if self.course else planner
        self._going.append(self._records(said, plan, self._roles(planner, thinking), skill, inputs))
        return self._going[-1]

    def consult(self, command: str, thinking: Thinking, wrapped: Callable[[Planner], Planner]) -> AsyncGenerator[Record, None]:
        """The facts of a run that the model alone plans, without skills and plain words first; `wrapped` is put around it."""
        from operator_agent.flow.command import Command

        planner = wrapped(thinking.planner(self._surface.vocabulary, lambda: self.grant))
        self._bound(Command(text=""))
        self._going.append(self._records(Command(text=command), None, self._roles(planner, thinking)))
        return self._going[-1]

    def thinking(self, recorder: Recorder | None = None) -> Thinking:
        """The model for work of several runs, with one ledger and one account of the limits. What it is asked while none goes is
        kept in `recorder`. Raises UsageError when there is no model."""
        self._surface  # noqa: B018 - raises when this operator is not open
        if found := self._thinking(recorder):
            return found
        raise UsageError("this needs a model; set OPERATOR_MODEL_URL and OPERATOR_MODEL")

    async def _records(
        self, said: Command, plan: Plan | None, roles: Roles, skill: str = "", inputs: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Record, None]:
        from operator_agent.flow.record import Ended

        self._recording = recorder = self.recorder()
        started = await self._started(said, recorder, skill, inputs, given=plan is not None)
        await self._tell(started, recorder)
        yield started
        loop = self._new_loop(roles, recorder, time.monotonic() - (time.time() - started.conditions.clock / 1000))
        loop.start, self._placed = self.start, True
        async with contextlib.aclosing(loop.run(said, plan)) as going:
            async for record in going:
                if isinstance(record, Ended) and recorder:
                    result = record.result.model_copy(update={"run": str(recorder.folder), "report": str(recorder.report)})
                    record = record.model_copy(update={"result": result})
                await self._tell(record, recorder)
                if record.kind == "ended":
                    self._recording = self._script
                yield record

    async def do(
        self, step: str | Mapping[str, Any], *, expect: str | Mapping[str, Any] | Sequence[Any] = (), risk: Risk | None = None
    ) -> Result:
        """One proved step, in plain words or as a script's step, and the checks that prove it. `values` hold what was read so far.

        Raises `StepFailed` when it could not be done or an expectation was not verified. Without any expectation a click can only
        be `unverified`, which is returned. All steps of one `async with` share one recording.
        """
        from operator_agent.flow.action import Do
        from operator_agent.flow.command import Command
        from operator_agent.flow.plan import Plan
        from operator_agent.flow.record import Ended
        from operator_agent.script import parse_step

        self._surface  # noqa: B018 - raises when this operator is not open
        written: dict[str, Any] = {"do": step} if isinstance(step, str) else dict(step)
        if expect:
            written["expect"] = [expect] if isinstance(expect, str | Mapping) else list(expect)
        if risk:
            written["risk"] = risk
        parsed = parse_step(written)
        if not self._done and self.record:
            self._recording = self._script = self.recorder()
            said = Command(text="a script of single steps", source="api")
            await self._tell(await self._started(said, self._script, given=True), self._script)
        plan = Plan(goal=parsed.title, steps=(parsed,), start="" if self._done or self.page else self.start)
        words = (parsed.action.words if isinstance(parsed.action, Do) else "", parsed.intent)
        self._bound(Command(text=". ".join(filter(None, words))))
        self._thinker = self._thinker or self._thinking()  # one for all steps, so that the limits hold for all of them
        loop = self._new_loop(self._roles(self._given(self._thinker), self._thinker), self._script)
        async with contextlib.aclosing(loop.run(Command(text=parsed.title, source="api"), plan)) as going:
            async for record in going:
                if isinstance(record, Ended):
                    self._done.append(record.result)
                else:
                    await self._tell(record, self._script)
        result, self._values = self._done[-1], loop.values
        if not result.passed and (parsed.expect or result.outcome != "unverified"):
            raise StepFailed(result)
        return result

    async def observe(self) -> Observation:
        """A complete look at the page that is open, including what only listeners and closed shadow roots reveal."""
        return await self._surface.observe(deep=True)

    async def judge(
        self, checks: Sequence[Check], values: Mapping[str, Any] | None = None, *, seconds: float | None = None
    ) -> Verdict:
        """Whether all of these hold on the page as it is, or come to hold within `seconds` (the step's limit when None); exchanges
        are all there were. Raises as `observe`."""
        from operator_agent.verifier import Verifier

        assert self.limits
        until = time.monotonic() + (self.limits.step if seconds is None else seconds)
        return (await Verifier().judge_done(tuple(checks), values or {}, 0.0, self._surface, until))[0]

    def stop(self, by: str = "stop()") -> None:
        """Ends the run that is going on at once; its result is `incomplete`."""
        self._stopped_by = by
        if self._loop:
            self._loop.stop(by)

    def stop_on_signals(self) -> None:
        """For programs of one run: the first Ctrl-C or SIGTERM ends it in order, so that neither its last record nor the browser's
        end is lost. Call it inside the event loop; does nothing where loops take no signal handlers."""
        loop = asyncio.get_running_loop()
        for number, name in ((signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self.stop, name)

    @property
    def _surface(self) -> Surface:
        if self._session is None:
            raise UsageError("the operator is not open: use it in `async with Operator(...) as op:`")
        return self._session.surface

    def _new_loop(self, roles: Roles, recorder: Recorder | None, began: float | None = None) -> Loop:
        from operator_agent.loop import Loop
        from operator_agent.surfaces.watched import WatchedSurface

        assert self.limits
        surface = WatchedSurface(self._surface, recorder.looked) if recorder else self._surface
        surface = self.course.surface(surface) if self.course else surface
        self._loop = Loop(roles, surface, self.grant, self.limits, values=self._values, pictures=self.pictures)
        self._loop.stream.began = began or self._loop.stream.began  # when `Started` told the clock: replays go by both
        self._loop.number = sum(len(result.steps) for result in self._done)
        if recorder and all(recorder is not known for _, known in self._recorders):
            self._recorders.append((self._loop.stream.began, recorder))
        if self._stopped_by:
            self._loop.stop(self._stopped_by)
        return self._loop

    def _chance(self) -> PageChance | None:
        """What `crypto` of the pages draws from; its own when nothing of the network is kept or played."""
        if not (self.record and self.network) and not (self.course and self.course.player):
            return None
        from operator_agent.surfaces.browser.chance import PageChance

        return PageChance(self._drawn, self.course.draws if self.course else ())

    def _drawn(self, drawn: Drawn) -> None:
        for _began, recorder in self._recorders[-1:]:
            recorder.drawn(drawn)

    def _tape(self, exchange: Taped) -> None:
        """Keeps an exchange with the run it began in, on that run's clock."""
        runs = [one for one in self._recorders if one[0] <= exchange.at] or self._recorders[:1]
        for began, recorder in runs[-1:]:
            recorder.tape(exchange.shifted(-began))

    async def _tell(self, record: Record, recorder: Recorder | None) -> None:
        """Admits what a plan of the person's own needs, then lets everybody know, the recorder first."""
        # A model's first plan has no steps yet: its address is of the person's own words. What it plans later admits nothing.
        if record.kind == "planned" and (not record.plan.by_model or not (record.plan.steps or record.because)):
            await self._admit(record.plan.addresses, record.plan.allow)
        elif record.kind == "planned" and record.plan.tier == "learned":
            await self._admit([record.plan.start])  # the shelf is the person's own; the steps admit nothing
        if self.course:
            await self.course.reached(record, self._clock)
        if recorder:
            recorder(record)
        if self._lessons:
            self._lessons(record)
        for listener in self.listeners:
            listener(record)

    async def _admit(self, addresses: Iterable[str], patterns: Iterable[str] = ()) -> None:
        """Lets the origins of these addresses and these patterns be reached, besides those that are already."""
        from operator_agent.flow.origin import Origin, OriginPattern

        begun = (str(Origin.parse(address)) for address in addresses if address)
        known = (*self.grant.origins, *begun, *(str(OriginPattern.parse(pattern)) for pattern in patterns))
        self.grant = self.grant.model_copy(update={"origins": tuple(dict.fromkeys(known))})
        assert self._session
        await self._session.admit(self.grant.origins)
        if self._loop:
            self._loop.gate.grant = self.grant

    def _bound(self, command: Command) -> None:
        """The limits the person states in the command hold for this run, whatever plans it. A step's targets and texts are data."""
        found: tuple[Constraint, ...] = ()
        if command.text:
            from operator_agent.policy.constraints import stated

            found = stated(command.text)
        self.grant = self.grant.model_copy(update={"constraints": found})

    def _thinking(self, aside: Recorder | None = None) -> Thinking | None:
        """The model of one run, with its ledger, limits and recording (in `aside` while no run goes); None without one."""
        assert self.settings and self.limits
        if not (self.model or self.settings.model_url):
            return None
        from operator_agent.thinking import Thinking, served

        def keep(entry: dict[str, object]) -> None:
            if recorder := self._recording or aside:
                recorder.model_traffic(entry)

        if self.model:
            return Thinking(self.model, self.limits, keep, points=self.course.points if self.course else "")
        self._served = self._served or served(self.settings)
        points, priced = self.settings.model_points, self.settings.model_prices is not None
        return Thinking(self._served, self.limits, keep, points=points, priced=priced)

    def _roles(self, planner: Planner, thinking: Thinking | None = None) -> Roles:
        from operator_agent.executor import Executor
        from operator_agent.person import Nobody
        from operator_agent.policy.policy import Policy
        from operator_agent.roles import Roles
        from operator_agent.verifier import Verifier

        roles = Roles(planner, Executor(), Verifier(), Policy(), self.person or Nobody(), healer=self.healer or self._lessons)
        return roles._replace(ledger=thinking.model.take, sees=thinking.sees) if thinking else roles

    def _planner(
        self, skill: str = "", inputs: Mapping[str, str] | None = None, thinking: Thinking | None = None
    ) -> Planner:
        """Skills first, then plain words, then the model; the named skill alone."""
        from operator_agent.planner.beginning import Beginning
        from operator_agent.planner.tiers import tiered
        from operator_agent.skills import find_skills

        assert self.settings
        learned = self._lessons.files if self._lessons and skill else []
        found = find_skills([*self.skills, *learned], cache=self.settings.state_dir / "skills")
        model = thinking.planner(self._surface.vocabulary, lambda: self.grant) if thinking else None
        planner = tiered(self.planners, found, model, start=self.start, named=skill, inputs=inputs)
        if self._lessons and not inputs:
            here = self.page.url if self.page else ""
            planner = self._lessons.over(planner, model, start=self.start, here=here, named=skill)
        return planner if self._placed else Beginning(planner)

    def _learning(self, thinking: Thinking | None) -> Lessons | None:
        """Nothing can be learned without a model, and nothing done that was never learned."""
        assert self.settings and self._session
        if thinking is None and not (self.settings.state_dir / "learned").is_dir():
            return None
        from operator_agent.learning.lessons import Lessons
        from operator_agent.surfaces.redaction import Redaction

        return Lessons(self.settings.state_dir, Redaction(self._session.secret_values).hide)

    @property
    def lesson(self) -> str:
        """What the last run taught, in a sentence; "" when nothing."""
        return self._lessons.told if self._lessons else ""

    def _given(self, thinking: Thinking | None = None) -> Planner:
        from operator_agent.planner.given import Given

        return Given(lambda: self._planner(thinking=thinking))

    def recorder(self) -> Recorder | None:
        """A new run folder of this operator's, and what writes into it; None when it records nothing."""
        if not self.record:
            return None
        from operator_agent.recorder.recorder import Recorder

        return Recorder(self._runs, secrets=self._session.secret_values if self._session else None)

    @property
    def _runs(self) -> Path:
        assert self.settings
        return Path(self.runs or self.settings.runs_dir)

    async def _started(
        self, command: Command, recorder: Recorder | None, skill: str = "", inputs: Mapping[str, str] | None = None, *, given: bool
    ) -> Started:
        from operator_agent.starting import started

        run, seed = recorder.folder.name if recorder else "", self._clock.seed if self._clock else None
        browser = await self._session.product() if self._session and self.record else ""
        return started(self, command, run, seed, skill, inputs, given=given, browser=browser)


async def _last(records: AsyncIterator[Record]) -> Result:
    async for record in records:
        if record.kind == "ended":
            result = record.result
    return result
