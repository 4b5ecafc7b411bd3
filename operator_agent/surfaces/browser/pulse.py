"""Waking up when something happened, so that nobody sleeps for a fixed time."""

from __future__ import annotations

import asyncio


class Pulse:
    """Counts what happens; any number of waiters sleep until the next beat."""

    def __init__(self) -> None:
        self.count = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def beat(self, *_event: object) -> None:
        """Wake everybody. Takes and ignores the event's arguments, so that it can be a listener itself."""
        self.count += 1
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def next(self, timeout: float) -> bool:
        """True at the next beat, False after `timeout` seconds without one."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait_for(waiter, max(timeout, 0))
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True
