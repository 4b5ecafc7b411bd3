"""Trying again: asking a model changes nothing in the world, so a lost request may be sent once more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from operator_agent.errors import ModelLost
from operator_agent.models.trouble import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent again, and how long it is waited before; all of it within the limit of the whole."""

    retries: int = 3
    pause: float = 0.5
    """Seconds before the second try, doubled each time, give or take a quarter so that clients do not come back together."""

    def wait(self, tried: int, problem: Problem) -> float:
        """Seconds before the next try, after `tried` ones: as long as the server asked for, if it did."""
        if problem.wait is not None:
            return problem.wait
        return float(self.pause * 2 ** (tried - 1) * random.uniform(0.75, 1.25))


async def patiently(send: Callable[[], Awaitable[T]], patience: Patience, deadline: float, server: str) -> T:
    """What `send` gives, tried again while its problem may pass; `deadline` is the loop's clock.

    Raises Problem at once for one that will not pass; ModelLost when the tries are used up, or when the server asks for more time
    than is left.
    """
    tried = 0
    while True:
        try:
            return await send()
        except Problem as problem:
            if not problem.passing:
                raise
            tried += 1
            said = f"HTTP {problem.status}: {problem.words}" if problem.status else problem.words
            if tried > patience.retries:
                raise ModelLost(f"{server} kept failing, {tried} times, the last: {said}") from None
            wait, left = patience.wait(tried, problem), deadline - asyncio.get_running_loop().time()
            if wait >= left:
                due = f"the next try is due in {wait:.1f} s, and {max(left, 0):.1f} s are left"
                raise ModelLost(f"{server} failed ({said}); {due}") from None
            await asyncio.sleep(wait)
