"""What was asked of models and what it took: one entry a call, so that a run can say whether thinking paid."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from operator_agent.errors import BadReply, LimitReached, ModelRefused
from operator_agent.flow.record import Called, Level, Usage
from operator_agent.models.port import Model, Prompt, Reply, T


@dataclass(frozen=True, slots=True)
class About:
    """Why a model is asked, as the ledger shows it."""

    step: int
    """The step it is about, 1-based: the first that will be done after it."""
    trigger: str = ""
    """Why at this level: `first plan`, `check refuted twice`."""
    before: str = ""
    """The verdict, or what hindered, that led to it."""


class Ledgered:
    """Keeps an entry of every call, also of one that raises. Ask `about(…)`, so that the entry says why.

    Goes outermost, around the limits: `Ledgered(Limited(Recorded(model)))`.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._entries: list[Called] = []

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def sees(self) -> bool:
        return self.model.sees

    def about(self, step: int, trigger: str, before: str = "") -> Model:
        """The same model; what is asked of it is entered with this reason."""
        return _Asking(self, About(step, trigger, before))

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        return await self.enter(About(0, prompt.purpose), prompt, reply)

    def take(self) -> list[Called]:
        """The entries since this was last called, in the order the calls ended. Fits `Roles.ledger`."""
        taken, self._entries = self._entries, []
        return taken

    async def enter(self, about: About, prompt: Prompt, reply: type[T]) -> Reply[T]:
        """The model's reply, entered as being about this."""
        began = monotonic()
        try:
            answer = await self.model.ask(prompt, reply)
        except BaseException as error:
            # Also when the run is stopped meanwhile: a request that was sent was paid for.
            self._keep(about, prompt, prompt.level, _lost(error), _sent(error), (_told(error),), began)
            raise
        self._keep(about, prompt, answer.level, answer.usage, answer.requests, answer.notes, began)
        return answer

    def _keep(
        self, about: About, prompt: Prompt, level: Level, usage: Usage, requests: int, notes: tuple[str, ...], began: float
    ) -> None:
        self._entries.append(
            Called(
                step=about.step, purpose=prompt.purpose, model=self.name, level=level, trigger=about.trigger, usage=usage,
                requests=requests, seconds=round(monotonic() - began, 3), before=about.before, notes=notes,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asking:
    ledger: Ledgered
    reason: About

    @property
    def name(self) -> str:
        return self.ledger.name

    @property
    def sees(self) -> bool:
        return self.ledger.sees

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        return await self.ledger.enter(self.reason, prompt, reply)


def _lost(error: BaseException) -> Usage:
    """Nothing is billed for what was not sent or was turned away; what else failed has cost something nobody says."""
    return Usage(cost=0.0) if isinstance(error, LimitReached | ModelRefused) else Usage()


def _sent(error: BaseException) -> int:
    """Requests that were sent before it was raised: none at a limit, a repair turn besides the first for a bad reply."""
    return 0 if isinstance(error, LimitReached) else 2 if isinstance(error, BadReply) else 1


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
