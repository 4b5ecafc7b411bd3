"""A model that stops before a request would exceed what the person allowed. It never stops in the middle of one."""

from __future__ import annotations

from math import ceil

from operator_agent.errors import BadReply, LimitReached
from operator_agent.flow.grant import Limits
from operator_agent.models.port import Image, Model, Prompt, Reply, T

_CHARACTERS = 4
"""A token, as providers' own documentation gives the rule of thumb for English. Chinese takes more tokens than this says."""
_PIXELS = 750
"""A token of a picture, as Anthropic documents it: width × height / 750. Others bill less or in tiles."""


def tokens_of(text: str) -> int:
    """About how many tokens a text is."""
    return ceil(len(text) / _CHARACTERS)


def tokens_in(prompt: Prompt) -> int:
    """About how many tokens a prompt is, before any server has counted them."""
    parts = (ceil(part.width * part.height / _PIXELS) if isinstance(part, Image) else tokens_of(part) for part in prompt.parts)
    return tokens_of(prompt.system) + sum(parts)


class Limited:
    """Raises LimitReached before the request that would exceed `limits.calls`, `tokens` or `cost`; all else is the model's.

    What is not known yet is estimated: a request's tokens from the prompt alone, its cost from those at the lowest price a token
    has had so far. Once there is a reply, the server's figures count. Requests on their way count as well, so two at a time are
    held like two in a row; and so do requests that failed, whose figures nobody gives.

    Without a price a limit on cost means nothing. One call is let through to learn whether the server says a cost; with `priced`
    False, not even that one.
    """

    def __init__(self, model: Model, limits: Limits, *, priced: bool | None = None) -> None:
        self._model, self._limits, self._priced = model, limits, priced
        self.requests = 0
        self.tokens = 0
        """In and out; estimates where the server has not said."""
        self.cost = 0.0
        self._cheapest: float | None = None

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def sees(self) -> bool:
        return self._model.sees

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        need = tokens_in(prompt)
        self._admit(need)
        self.requests += 1
        self.tokens += need
        try:
            answer = await self._model.ask(prompt, reply)
        except BadReply:
            self.requests += 1  # its repair turn
            self.tokens += need
            raise
        used = answer.usage.input + answer.usage.output
        self.requests += answer.requests - 1
        self.tokens += used - need
        self._pay(answer.usage.cost, used)
        return answer

    def _admit(self, need: int) -> None:
        calls, tokens, cost = self._limits.calls, self._limits.tokens, self._limits.cost
        if calls is not None and self.requests + 1 > calls:
            used = f"{self.requests} are used and the next needs at least 1"
            raise LimitReached(f"the limit of {calls} model call{'s' * (calls != 1)} would be exceeded: {used}{_more('calls')}")
        if tokens is not None and self.tokens + need > tokens:
            used = f"{self.tokens:,} are used and the next request needs at least {need:,}"
            raise LimitReached(f"the limit of {tokens:,} model tokens would be exceeded: {used}{_more('tokens')}")
        if cost is None:
            return
        if self._priced is False:
            raise LimitReached(f"the price of {self.name} is not known; give OPERATOR_MODEL_PRICES or drop the cost limit")
        least = need * (self._cheapest or 0.0)
        if self.cost + least > cost:
            used = f"{self.cost:.4f} is spent and the next request costs at least {least:.4f}"
            raise LimitReached(f"the limit of {cost:g} on the model's cost would be exceeded: {used}{_more('cost')}")

    def _pay(self, cost: float | None, tokens: int) -> None:
        if cost is None:
            self._priced = False
            return
        self.cost += cost
        if tokens:
            self._cheapest = min(cost / tokens, cost / tokens if self._cheapest is None else self._cheapest)


def _more(what: str) -> str:
    return f"; allow more with --max-{what}"
