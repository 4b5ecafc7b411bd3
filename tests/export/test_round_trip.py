"""Recorded with a model, exported as a skill, asked for again in the same words with other values: no model, the right effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
import pytest_asyncio

from operator_agent import Operator, Result
from operator_agent.cli.export import exported
from operator_agent.models.scripted import ScriptedModel
from operator_agent.settings import Settings
from operator_agent.skills import diagnose


class Case(NamedTuple):
    """`form` is what the page asks for, `fills` what the model does with it, `says` how the exported skill is asked for."""

    form: str
    command: str
    fills: tuple[dict[str, Any], ...]
    done: str
    says: str
    again: tuple[tuple[str, dict[str, str]], ...]
    """Commands, and what must be stored because of each; the first is the recorded one."""


def text(name: str, value: str) -> dict[str, Any]:
    return {"kind": "fill", "target": f'textbox "{name}"', "text": value}


def label(name: str) -> str:
    return f"<label>{name} <input name={name.lower()}></label>"


CASES = {
    "welcome": Case(
        label("Name") + "<label>Tone <select name=tone><option>formal<option>warm</select></label>",
        "give Ada a warm welcome",
        (text("Name", "Ada"), {"kind": "select", "target": 'combobox "Tone"', "options": ["warm"]}),
        "row: {name: Ada, tone: warm}",
        "give {name} a {tone} welcome",
        (
            ("give Ada a warm welcome", {"name": "Ada", "tone": "warm"}),
            ("please give Grace Hopper a formal welcome.", {"name": "Grace Hopper", "tone": "formal"}),
            ("Give Linus a warm welcome", {"name": "Linus", "tone": "warm"}),
        ),
    ),
    "book": Case(
        label("Title") + label("Author") + label("Year") + label("Shelf"),
        "Put the book Walden by Henry David Thoreau, of 1854, on shelf B of the library.",
        (text("Title", "Walden"), text("Author", "Henry David Thoreau"), text("Year", "1854"), text("Shelf", "B")),
        "row: {title: Walden, author: Henry David Thoreau, year: '1854', shelf: B}",
        "Put the book {title} by {author}, of {year}, on shelf {shelf} of the library",
        (
            (
                "Put the book Walden by Henry David Thoreau, of 1854, on shelf B of the library.",
                {"title": "Walden", "author": "Henry David Thoreau", "year": "1854", "shelf": "B"},
            ),
            (
                'put the book "Pride and Prejudice" by Jane Austen, of 1813, on shelf C of the library',
                {"title": "Pride and Prejudice", "author": "Jane Austen", "year": "1813", "shelf": "C"},
            ),
            (
                "Put the book On the Road by Jack Kerouac, of 1957, on shelf A2 of the library, please",
                {"title": "On the Road", "author": "Jack Kerouac", "year": "1957", "shelf": "A2"},
            ),
        ),
    ),
    "folder": Case(
        "<input name=folder autofocus>",
        "I need a folder named reports on the server, for the quarter's figures.",
        ({"kind": "fill", "target": "textbox [active]", "text": "reports"},),
        "cell /^reports$/",
        "I need a folder named {folder} on the server, for the quarter's figures",
        (
            ("I need a folder named reports on the server, for the quarter's figures.", {"folder": "reports"}),
            ("I need a folder named old plans on the server, for the quarter's figures", {"folder": "old plans"}),
            ('I need a folder named "C++ (draft)" on the server, for the quarter\'s figures', {"folder": "C++ (draft)"}),
        ),
    ),
    "note": Case(
        label("Heading") + "<label>Body <textarea name=body></textarea></label>",
        'Write the note Bread that says "Flour, water and salt."; nothing else.',
        (text("Heading", "Bread"), text("Body", "# Bread\n\nFlour, water and salt.")),
        "text: Flour, water and salt.",
        "Write the note {heading} that says {body}; nothing else",
        (
            (
                'Write the note Bread that says "Flour, water and salt."; nothing else.',
                {"heading": "Bread", "body": "# Bread\r\n\r\nFlour, water and salt."},
            ),
            ('Write the note Tea that says "Wait, then drink."; nothing else.', {"body": "# Tea\r\n\r\nWait, then drink."}),
            ('write the note Rye Bread that says "Later"; nothing else', {"body": "# Rye Bread\r\n\r\nLater"}),
        ),
    ),
    "plan": Case(
        "<fieldset><legend>Plan</legend>"
        + "".join(f"<label><input type=radio name=plan value={one}>{one}</label>" for one in ("Free", "Team", "Business"))
        + "</fieldset><label>Seats <input type=number name=seats></label>",
        "Open a Team account with 4 seats",
        (
            {"kind": "check", "target": 'radio "Team"'},
            {"kind": "fill", "target": 'spinbutton "Seats"', "text": "4"},
        ),
        "row: {plan: Team, seats: '4'}",
        "Open a {plan} account with {seats} seats",
        (
            ("Open a Team account with 4 seats", {"plan": "Team", "seats": "4"}),
            ("open a business account with 12 seats", {"plan": "Business", "seats": "12"}),
            ("please open a Free account with two seats", {"plan": "Free", "seats": "2"}),
        ),
    ),
}


@dataclass
class Desk:
    """A page for each case; what is sent in is stored and shown as a table."""

    url: str = ""
    stored: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            writer.close()
            return
        name = head.split(" ")[1].strip("/")
        length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0)
        if head.startswith("POST"):
            self.stored.setdefault(name, []).append(dict(parse_qsl((await reader.readexactly(length)).decode())))
        body = self.page(name, head.startswith("POST")).encode()
        told = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n"
        writer.write(f"{told}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def page(self, name: str, sent: bool) -> str:
        head = f"<!doctype html><title>{name}</title><h1>{name}</h1>"
        if name not in CASES:
            return head + "".join(f"<p><a href=/{case}>{case}</a>" for case in CASES)
        if not sent:
            return f"{head}<form method=post>{CASES[name].form}<button>Store</button></form>"
        last = self.stored[name][-1]
        cells = "".join(f"<td>{value}" for value in last.values())
        return f"{head}<p>Stored</p><table><tr>{''.join(f'<th>{key}' for key in last)}<tr>{cells}</table>"


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    site = Desk()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    async with server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield site


class Trip(NamedTuple):
    site: Desk
    files: dict[str, Path]
    operator: Operator
    """With all the exported skills, and no model."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trip(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trip]:
    folder = tmp_path_factory.mktemp("trip")
    settings = replace(Settings.from_env(), state_dir=folder / "state")
    given: dict[str, Any] = {"runs": folder / "runs", "settings": settings, "pictures": False, "learning": False}
    async with desk() as site:
        files: dict[str, Path] = {}
        replies: list[Any] = []
        model = ScriptedModel(lambda prompt, reply: replies.pop(0))
        async with Operator(start=site.url, model=model, planners=("model",), **given) as recording:
            for name, case in CASES.items():
                files[name] = folder / f"{name}.yaml"
                opened = {"kind": "click", "target": f'link "{name}"', "expect": [f'heading "{name}"']}
                send = {"kind": "click", "target": 'button "Store"', "expect": ["text: Stored"]}
                replies[:] = [{"steps": [opened, *case.fills, send], "done": [case.done], "finished": True}]
                files[name].write_text(await recorded(recording, case.command), encoding="utf-8")
        async with Operator(skills=list(files.values()), **given) as operator:
            yield Trip(site, files, operator)


async def recorded(operator: Operator, command: str) -> str:
    result: Result = await operator.run(command)
    assert result.passed, (command, result.reason)
    return exported(Path(result.run), "skill")


@pytest.mark.asyncio(loop_scope="module")
class TestRoundTrip:
    @pytest.mark.parametrize("name", CASES)
    async def test_the_skill_does_it_again_with_other_values(self, trip: Trip, name: str) -> None:
        case = CASES[name]
        assert diagnose(trip.files[name]) == []
        assert f"- {case.says}" in trip.files[name].read_text(encoding="utf-8").replace("'", "").replace("quarters", "quarter's")
        for command, stored in case.again:
            before = len(trip.site.stored[name])
            result = await trip.operator.run(command)
            assert (result.outcome, result.model_calls) == ("passed", 0), (command, result.reason)
            (one,) = trip.site.stored[name][before:]
            assert {key: one[key] for key in stored} == stored

    async def test_a_value_the_page_does_not_offer_is_asked_about(self, trip: Trip) -> None:
        before = len(trip.site.stored["welcome"])
        result = await trip.operator.run("give Ada a lukewarm welcome")
        assert (result.outcome, len(trip.site.stored["welcome"])) == ("needs_human", before)
