"""Questions at a terminal, over a real one: what is typed, what is not an answer, how waiting ends."""

from __future__ import annotations

import asyncio
import io
import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import Console

from operator_agent.flow.command import Question
from operator_agent.person import AtTerminal, Nobody

SIZE = Question(kind="choice", text="Which size?", options=("small", "medium", "large"))
NAME = Question(kind="input", text="What name is the order for?")


class Terminal:
    """Somebody's keyboard and screen."""

    def __init__(self) -> None:
        self._keyboard, self._line = pty.openpty()
        self.screen = io.StringIO()
        self.asked = asyncio.Event()
        self.stillness: list[str] = []
        self.person = AtTerminal(Console(file=self.screen, width=100), descriptor=self._line, still=self._still)

    @contextmanager
    def _still(self) -> Iterator[None]:
        self.stillness.append("begins")
        self.asked.set()
        yield
        self.stillness.append("ends")

    def type(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())

    def close(self) -> None:
        # The keyboard first: that wakes the thread that may still read from the line.
        os.close(self._keyboard)
        os.close(self._line)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    yield opened
    opened.close()


async def test_nobody_answers_nothing() -> None:
    assert await Nobody().ask(SIZE) is None


@pytest.mark.parametrize(("typed", "meant"), [("large\n", "large"), ("  LARGE \n", "large"), ("s\n", "small"), ("med\n", "medium")])
async def test_an_option_by_its_name_or_its_beginning(terminal: Terminal, typed: str, meant: str) -> None:
    terminal.type(typed)
    assert await terminal.person.ask(SIZE) == meant
    assert "? Which size? (small, medium, large)" in terminal.screen.getvalue()


async def test_an_option_that_begins_another_is_itself(terminal: Terminal) -> None:
    terminal.type("oat\n")
    assert await terminal.person.ask(Question(kind="choice", text="Which milk?", options=("oatly", "oat"))) == "oat"


async def test_what_is_no_option_is_asked_for_again(terminal: Terminal) -> None:
    terminal.type("huge\n\nlarge\n")
    assert await terminal.person.ask(SIZE) == "large"
    assert terminal.screen.getvalue().count("please answer with one of: small, medium, large") == 2


async def test_free_text_is_taken_as_it_is_but_not_empty(terminal: Terminal) -> None:
    terminal.type("\n Ada Lovelace\n")
    assert await terminal.person.ask(NAME) == "Ada Lovelace"


async def test_text_of_any_script(terminal: Terminal) -> None:
    terminal.type("王小明\n")
    assert await terminal.person.ask(NAME) == "王小明"


async def test_a_text_with_brackets_is_shown_as_it_is(terminal: Terminal) -> None:
    terminal.type("yes\n")
    assert await terminal.person.ask(Question(kind="approval", text="Pay [bold] € 9.00: go ahead?", options=("yes", "no"))) == "yes"
    assert "Pay [bold] € 9.00: go ahead?" in terminal.screen.getvalue()


async def test_the_end_of_input_is_no_answer(terminal: Terminal) -> None:
    terminal.type("\x04")
    assert await terminal.person.ask(NAME) is None
    assert "no answer" in terminal.screen.getvalue()


async def test_nothing_moves_while_somebody_types(terminal: Terminal) -> None:
    asking = asyncio.create_task(terminal.person.ask(NAME))
    await terminal.asked.wait()
    assert terminal.stillness == ["begins"]
    terminal.type("Ada\n")
    assert await asking == "Ada"
    assert terminal.stillness == ["begins", "ends"]


async def test_waiting_can_be_stopped_and_what_is_typed_then_answers_the_next_question(terminal: Terminal) -> None:
    asking = asyncio.create_task(terminal.person.ask(NAME))
    await terminal.asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    terminal.type("large\n")
    assert await terminal.person.ask(SIZE) == "large"


async def test_lines_of_a_pipe_are_answers_one_by_one() -> None:
    read, write = os.pipe()
    os.write(write, b"Ada\nlarge\nsmall")
    os.close(write)
    person = AtTerminal(Console(file=io.StringIO()), descriptor=read)
    assert [await person.ask(question) for question in (NAME, SIZE, SIZE, NAME)] == ["Ada", "large", "small", None]
    os.close(read)
