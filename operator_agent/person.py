"""Who answers when only a person can: nobody, or somebody at a terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from operator_agent.flow.command import Question

if TYPE_CHECKING:
    from rich.console import Console


class Nobody:
    """Unattended: no question is ever answered."""

    async def ask(self, question: Question) -> str | None:
        return None


class AtTerminal:
    """Asks on the terminal. An answer that is not among the options is asked again; end of input means no answer."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def ask(self, question: Question) -> str | None:
        options = f" [dim]({', '.join(question.options)})[/dim]" if question.options else ""
        while True:
            self._console.print(f"[bold yellow]?[/bold yellow] {question.text}{options}")
            try:
                answer = (await asyncio.to_thread(self._console.input, "  > ")).strip()
            except EOFError:
                return None
            if meant := _meant(answer, question.options):
                return meant
            self._console.print(f"  please answer with one of: {', '.join(question.options)}" if answer else "  please answer")


def _meant(answer: str, options: tuple[str, ...]) -> str | None:
    """The option an answer stands for (its beginning is enough when it fits one only); any text when there are no options."""
    if not options:
        return answer or None
    fits = [option for option in options if answer and option.casefold().startswith(answer.casefold())]
    exact = [option for option in fits if option.casefold() == answer.casefold()]
    return exact[0] if exact else fits[0] if len(fits) == 1 else None
