"""Who answers when only a person can: nobody, or somebody at a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from operator_agent.flow.command import Question

if TYPE_CHECKING:
    from rich.console import Console


class Nobody:
    """Unattended: no question is ever answered."""

    async def ask(self, question: Question) -> str | None:
        return None


class AtTerminal:
    """Asks on `console`, reads lines from a file descriptor. An answer that is not among the options is asked for again; the end of
    input means no answer. `still()` is entered while somebody types: whatever moves on the terminal must not move then."""

    def __init__(
        self, console: Console, *, descriptor: int = 0, still: Callable[[], AbstractContextManager[Any]] = nullcontext
    ) -> None:
        self._console, self._still = console, still
        self._lines = _Lines(descriptor)

    async def ask(self, question: Question) -> str | None:
        from rich.markup import escape

        options = ", ".join(question.options)
        with self._still():
            self._console.print(f"[bold yellow]?[/] {escape(question.text)}{f' [dim]({escape(options)})[/]' if options else ''}")
            while True:
                self._console.print("  > ", end="")
                if (line := await self._lines.next()) is None:
                    self._console.print("no answer")
                    return None
                if meant := _meant(line.strip(), question.options):
                    return meant
                self._console.print(f"  please answer{f' with one of: {escape(options)}' if options else ''}", highlight=False)


class _Lines:
    """Lines as they are typed. Waiting for one can be cancelled, and the process can end in the middle of it, neither of which a
    thread in `input()` allows: so a daemon thread reads, and what it still reads then is kept for the next who asks."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._arriving: asyncio.Future[bytes] | None = None

    async def next(self) -> str | None:
        """The next line without its end; None when there is no more."""
        while b"\n" not in self._rest:
            self._arriving = self._arriving or self._read()
            arrived = await asyncio.shield(self._arriving)
            self._arriving = None
            if not arrived:
                last, self._rest = self._rest, b""
                return _decoded(last) if last else None
            self._rest += arrived
        line, _, self._rest = self._rest.partition(b"\n")
        return _decoded(line)

    def _read(self) -> asyncio.Future[bytes]:
        loop = asyncio.get_running_loop()
        arriving: asyncio.Future[bytes] = loop.create_future()

        def read() -> None:
            try:
                data = os.read(self._descriptor, 4096)
            except OSError:  # the terminal was hung up
                data = b""
            with suppress(RuntimeError):  # the loop has ended meanwhile: nobody asks any more
                loop.call_soon_threadsafe(arriving.set_result, data)

        threading.Thread(target=read, name="terminal", daemon=True).start()
        return arriving


def _decoded(line: bytes) -> str:
    return line.decode(sys.stdin.encoding if sys.stdin else "utf-8", "replace")


def _meant(answer: str, options: tuple[str, ...]) -> str | None:
    """The option an answer stands for (its beginning is enough when it fits one only); any text when there are no options."""
    if not options:
        return answer or None
    fits = [option for option in options if answer and option.casefold().startswith(answer.casefold())]
    exact = [option for option in fits if option.casefold() == answer.casefold()]
    return exact[0] if exact else fits[0] if len(fits) == 1 else None
