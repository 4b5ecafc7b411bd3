"""Answers to questions, from pages that were really read: every claim carries its page and a quote that code has found there.

    async with Operator("https://docs.example", model=model) as operator:
        found = await research(operator, "Which plan includes single sign-on, and what does it cost?")
        print(found.answer, found.grounded)

A question becomes sub-questions; each is looked up by a run of its own, planned by the model and held by the same policy as any
other; then the answer is written from what was seen, and code checks it. Saying what is missing and asking once more is the
reflection of Reflexion (Shinn et al., 2023), with code instead of the model as the judge.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from operator_agent.errors import LimitReached, SetupError, SurfaceLost, UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.command import Command
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.origin import OriginPattern, allowed
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Called, Ended, Result, Started, Usage
from operator_agent.models.port import Prompt
from operator_agent.planner.pagetext import fenced, new_mark, page_text
from operator_agent.prompts import instructions
from operator_agent.research.answers import answer_type, beside, covers, leaves, written
from operator_agent.research.claims import Checked, check_claim, check_quote, check_value
from operator_agent.research.evidence import Seen, SeenPage, State
from operator_agent.roles import Planner, Situation, Values
from operator_agent.version import __version__

if TYPE_CHECKING:
    from operator_agent.flow.command import Question
    from operator_agent.run import Operator

_QUESTIONS = 5
"""So many sub-questions at most, in each of the two rounds: more than that is another question."""
_BUDGET = 10_000
"""Tokens of page text in the last request; each page gets its share."""
_LEAST = 400
_ADDRESS = re.compile(r"https?://[^\s\"'<>，。]+[^\s\"'<>，。.,;:!?)]")
_LOOK_UP = (
    "Find the page that shows what this question asks, and change nothing. As soon as the page that is open shows it, you are "
    "finished: nothing need be read or proved. The question: {}"
)
_T = TypeVar("_T", bound=BaseModel)


class Claim(Frozen):
    """One statement of an answer. `grounded` is code's word: the quote stands on the page that is named, and holds the claim."""

    text: str
    url: str = ""
    quote: str = ""
    grounded: bool = False
    why: str = ""
    """Why it is not grounded."""
    field: str = ""
    """Where in a structured answer the value stands: `plans[0].price`."""


class LookUp(Frozen):
    """One sub-question, and the run that went to look. How it ended says little: what counts is what was seen."""

    question: str
    start: str
    outcome: str
    reason: str
    run: str = ""


class Findings(Frozen):
    """What came of a question. `value` is the structured answer, in JSON's terms, when a type or schema was given."""

    question: str
    answer: str
    """The claims as sentences, ungrounded ones in brackets that say so; the model writes no other text."""
    claims: tuple[Claim, ...] = ()
    missing: str = ""
    """What the pages do not tell, in the model's words."""
    problem: str = ""
    """Why there is no answer at all; "" when there is one."""
    value: Any = None
    pages: tuple[str, ...] = ()
    """The addresses that were read."""
    lookups: tuple[LookUp, ...] = ()
    model_calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    """None when a price is not known."""
    seconds: float = 0.0
    run: str = ""
    """The folder with the question, the calls that planned and wrote the answer, and its report."""

    @property
    def grounded(self) -> bool:
        """There is an answer, and every claim or value of it was found on its page."""
        return bool(self.claims) and not self.problem and all(claim.grounded for claim in self.claims)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SubQuestion(_Strict):
    question: str
    start: str = Field(default="", description="an allowed address to begin at")


class Outline(_Strict):
    questions: tuple[SubQuestion, ...]


class Said(_Strict):
    text: str = Field(description="one fact, as a sentence")
    page: int = Field(description="the number of the page")
    quote: str


class Quoted(_Strict):
    field: str = Field(description="where in `value` it stands: plans[0].price")
    page: int = Field(description="the number of the page")
    quote: str


class Report(_Strict):
    claims: tuple[Said, ...] = ()
    missing: str = ""
    further: tuple[SubQuestion, ...] = ()


def _report(wanted: type[BaseModel] | None) -> type[BaseModel]:
    if wanted is None:
        return Report
    fields: dict[str, Any] = {
        "value": (wanted | None, None), "quotes": (tuple[Quoted, ...], ()),
        "missing": (str, ""), "further": (tuple[SubQuestion, ...], ()),
    }  # fmt: skip
    return create_model("Report", __base__=_Strict, **fields)


async def research(
    operator: Operator, question: str, *, answer: type[BaseModel] | Mapping[str, Any] | None = None
) -> Findings:
    """Looks the question up and answers it; `answer` is a pydantic type or a JSON Schema the value must fit.

    Raises UsageError without a model, for an empty question, for an operator that may do more than look (a person, approvals) and
    for a schema that cannot be used; LimitReached at a limit, which holds for all of it together; what models raise; and, when
    no page could be seen at all, what the look-ups ended with.
    """
    if not question.strip():
        raise UsageError("nothing is asked for; say what to find out")
    if operator.person or list(operator.approve):
        raise UsageError("research only looks: give it an operator without `person` and `approve`")
    wanted = answer_type(answer) if answer is not None else None
    work = _Research(operator, question, _report(wanted))
    assert operator.limits
    try:
        async with asyncio.timeout(operator.limits.seconds):
            return await work.findings()
    except TimeoutError:
        raise LimitReached(f"the limit of {operator.limits.seconds:g} s was reached; allow more with --max-seconds") from None
    finally:
        work.close()


class _Research:
    """One question on its way to its findings."""

    def __init__(self, operator: Operator, question: str, report: type[BaseModel]) -> None:
        self.operator, self.question, self.report = operator, question, report
        self.began = monotonic()
        operator.thinking()  # raises before a folder is made
        self.recorder = operator.recorder()
        self.thinking = operator.thinking(self.recorder)
        self.seen = Seen()
        self.shown: list[SeenPage] = []
        """The pages of the last request; a claim names them by number."""
        self.lookups: list[LookUp] = []
        self.results: list[Result] = []
        self.calls: list[Called] = []
        self.result: Result | None = None
        if self.recorder:
            when = datetime.now().astimezone().isoformat(timespec="seconds")
            run, versions = self.recorder.folder.name, {"operator-agent": __version__}
            self.recorder(Started(run=run, command=Command(text=question), grant=operator.grant, when=when, versions=versions))

    async def findings(self) -> Findings:
        outline = await self._ask("outline", f"# The question\n\n{self.question}\n\n{self._sites()}", Outline)
        await self._look_up(outline.questions or (SubQuestion(question=self.question),))
        self._anything()
        said: Any = await self._ask("report", self._told(more=True), self.report)
        if said.missing.strip() and said.further:
            await self._look_up(said.further)
            said = await self._ask("report", self._told(more=False), self.report)
        return self._found(said)

    def close(self) -> None:
        """Ends the recording, whatever came of it."""
        if self.recorder:
            failed = Result(outcome="error", reason="there is no answer", exit_code=7, command=self.question)
            self.recorder(Ended(result=self.result or failed))

    async def _ask(self, role: str, text: str, reply: type[_T]) -> _T:
        try:
            return (await self.thinking.model.ask(Prompt(role, instructions(role), (text,)), reply)).value
        finally:
            self.calls += (called := self.thinking.model.take())
            for one in called if self.recorder else ():
                assert self.recorder
                self.recorder(one)

    def _sites(self) -> str:
        start = f"\n\nThe first page is {self.operator.start}" if self.operator.start else ""
        return "# Allowed sites\n\n" + "\n".join((*self.operator.grant.origins, *_ADDRESS.findall(self.question))) + start

    async def _look_up(self, questions: tuple[SubQuestion, ...]) -> None:
        for one in questions[:_QUESTIONS]:
            start = self._begins(one.start)
            run = self.operator.consult(_LOOK_UP.format(one.question), self.thinking, partial(_LookingUp, start=start))
            async for record in run:
                # What was open before the look-up went to its beginning is no part of it.
                before = start and record.kind == "observed" and (record.step, record.phase) == (1, "before")
                if record.kind == "observed" and record.observation and not before:
                    self.seen.add(record.observation)
                if record.kind == "chosen" and (typed := getattr(record.action, "text", "")):
                    self.seen.typed.append(typed)
                if record.kind == "ended":
                    result = record.result
            self.results.append(result)
            told = LookUp(question=one.question, start=start, outcome=result.outcome, reason=result.reason, run=result.run)
            self.lookups.append(told)
            if result.outcome != "error":
                self.seen.add(await self.operator.observe())

    def _begins(self, start: str) -> str:
        """Where a look-up begins: where the model says, if the person has allowed it; else where the person has said."""
        named = _ADDRESS.findall(self.question)
        patterns = tuple(OriginPattern.parse(one) for one in self.operator.grant.origins)
        own = start in named or ("://" in start and allowed(start, patterns))
        return start if own else self.operator.start or next(iter(named), "")

    def _anything(self) -> None:
        """Raises what the look-ups ended with when they saw nothing at all."""
        if self.seen.pages or not self.results:
            return
        last = self.results[-1]
        kind = {2: SetupError, 6: LimitReached}.get(last.exit_code, SurfaceLost)
        raise kind(f"no page could be read: {last.reason}")

    def _told(self, *, more: bool) -> str:
        """The question and the pages, numbered, each within its share of the budget; the latest come last, and always."""
        mark, states = new_mark(), [(page, state) for page in self.seen.pages.values() for state in page.states]
        states = states[-(_BUDGET // _LEAST) :]
        self.shown = [page for page, _ in states]
        texts = _within(self.question, [state for _, state in states])
        pages = []
        for number, ((page, state), text) in enumerate(zip(states, texts, strict=True), 1):
            body = f"address: {page.url}\ntitle: {state.seen.title}\n\n{text}"
            pages.append(f"# Page {number}\n\n{fenced(body, mark)}")
        value = "value" in self.report.model_fields
        how = "Answer with `value` and `quotes`." if value else "Answer with `claims`."
        again = "What is missing may be looked up once more." if more else "Nothing can be looked up now: leave `further` empty."
        return "\n\n".join((f"# The question\n\n{self.question}\n\n{how} {again}", *pages))

    def _found(self, said: Any) -> Findings:
        value = None
        if "value" in self.report.model_fields:
            value = said.value.model_dump(mode="json", by_alias=True) if said.value is not None else None
            claims = [self._valued(value, place, one, said.quotes) for place, one in leaves(value)]
            value = value if claims else None
        else:
            claims = [self._claimed(one) for one in said.claims if one.text.strip()]
        missing = said.missing.strip()
        problem = "" if claims else f"no answer: {missing or 'the pages that were read do not tell'}"
        answer = "" if value is not None else " ".join(one.text if one.grounded else f"[ungrounded: {one.text}]" for one in claims)
        usage = sum((call.usage for call in self.calls), Usage(cost=0.0))
        costs = [usage.cost, *(result.cost for result in self.results)]
        findings = Findings(
            question=self.question, answer=answer, claims=tuple(claims), missing=missing, problem=problem, value=value,
            pages=tuple(self.seen.pages), lookups=tuple(self.lookups),
            model_calls=sum(call.requests for call in self.calls) + sum(result.model_calls for result in self.results),
            tokens=usage.input + usage.output + sum(result.tokens for result in self.results),
            cost=None if None in costs else sum(cost for cost in costs if cost is not None),
            seconds=round(monotonic() - self.began, 3), run=str(self.recorder.folder) if self.recorder else "",
        )  # fmt: skip
        self.result = _as_result(findings)
        return findings

    def _claimed(self, one: Said) -> Claim:
        page = self._page(one.page)
        spans, why = check_quote(one.quote, page, self.seen)
        checked = Checked(page.url if page else "", why or check_claim(one.text, spans, self.question))
        return Claim(text=one.text.strip(), quote=one.quote, url=checked.url, grounded=checked.grounded, why=checked.why)

    def _valued(self, value: Any, place: tuple[str | int, ...], leaf: Any, quotes: tuple[Quoted, ...]) -> Claim:
        """One value of a structured answer, grounded by any of the quotes that were given for it."""
        among = " . ".join(beside(value, place))
        tried: list[Claim] = []
        for one in quotes:
            if not covers(one.field, place):
                continue
            page = self._page(one.page)
            spans, why = check_quote(one.quote, page, self.seen)
            why = why or check_value(leaf, among, spans)
            url, field = page.url if page else "", written(place)
            tried.append(Claim(text=f"{field}: {leaf}", url=url, quote=one.quote, grounded=not why, why=why, field=field))
        none = Claim(text=f"{written(place)}: {leaf}", why="there is no quote for it", field=written(place))
        return next((one for one in tried if one.grounded), tried[0] if tried else none)

    def _page(self, number: int) -> SeenPage | None:
        return self.shown[number - 1] if 0 < number <= len(self.shown) else None


def _within(question: str, states: list[State]) -> list[str]:
    """The texts of these pages within the budget; what small ones leave goes to the large ones."""
    if not states:
        return []
    share = max(_LEAST, _BUDGET // len(states))
    told = [page_text(state.seen, question, budget=share) for state in states]
    cut = [number for number, text in enumerate(told) if text.cut]
    spare = _BUDGET - sum(text.tokens for text in told)
    for number in cut:
        if spare > _LEAST * len(cut):
            told[number] = page_text(states[number].seen, question, budget=told[number].tokens + spare // len(cut))
    return [text.text for text in told]


def _as_result(found: Findings) -> Result:
    """The findings as the end of a recording."""
    loose = [claim for claim in found.claims if not claim.grounded]
    outcome = "passed" if found.grounded else "unverified"
    reason = found.problem or "; ".join(f"{claim.text} ({claim.why})" for claim in loose) or "every claim was found on its page"
    return Result(
        outcome=outcome, reason=reason, exit_code=0 if found.grounded else 3, command=found.question, answer=found.answer,
        values={"findings": found.model_dump(mode="json")}, model_calls=found.model_calls, tokens=found.tokens, cost=found.cost,
        seconds=found.seconds,
    )  # fmt: skip


class _LookingUp:
    """The model's planner, for runs that only go where something is shown: they end when the model says so, without a proof."""

    def __init__(self, planner: Planner, start: str) -> None:
        self._planner, self._start = planner, start

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """A beginning. Its address is checked before: one that stands in a question the model has written is not the person's."""
        return Plan(goal=command.text, steps=(), start=self._start, open=True, tier="model")

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        if situation.kind == "unproved":
            return None
        return await self._planner.revise(situation)

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return await self._planner.refine(step, observation, values)

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return await self._planner.recover(step, trouble, observation)
