"""A stream of records from a piece of work that hands each one over before it goes on, and that can be stopped at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from time import monotonic
from typing import Any

from operator_agent.flow.record import Record


class Stream:
    """What is journalled as chosen was chosen before any input left: `say` returns when every follower has the record."""

    def __init__(self) -> None:
        self.began = monotonic()
        self.stopped_by = ""
        self._records: asyncio.Queue[Record | None] = asyncio.Queue()
        self._work: asyncio.Task[None] | None = None

    async def follow(self, work: Coroutine[Any, Any, None]) -> AsyncGenerator[Record, None]:
        """The records `work` says. Leaving the iteration stops it; what it raises is raised here."""
        self._work = asyncio.create_task(work)
        if self.stopped_by:
            self._work.cancel()
        self._work.add_done_callback(lambda _: self._records.put_nowait(None))
        try:
            while (record := await self._records.get()) is not None:
                yield record
                self._records.task_done()
            self._work.result()
        finally:
            self._work.cancel()
            await asyncio.wait({self._work})

    def stop(self, by: str) -> None:
        """Ends the work at once, whatever it is waiting for."""
        self.stopped_by = self.stopped_by or by
        if self._work:
            self._work.cancel()

    async def say(self, record: Record) -> None:
        self._records.put_nowait(record.model_copy(update={"at": round(monotonic() - self.began, 4)}))
        await self._records.join()
