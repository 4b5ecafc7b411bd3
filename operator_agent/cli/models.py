"""`operator-agent models`: which servers are known, and what the one that is set can do."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from operator_agent.errors import OperatorError

models_app = typer.Typer(help="The model that plans what skills and plain words cannot.", rich_markup_mode=None)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]


@models_app.command("providers")
def providers(as_json: _Json = False) -> None:
    """The kinds of servers whose ways are known, and the addresses they are recognised by."""
    from operator_agent.models.profiles import profiles

    found = profiles()
    if as_json:
        typer.echo(json.dumps({"providers": [{"name": one.name, "hosts": list(one.hosts)} for one in found]}, indent=2))
    else:
        typer.echo("\n".join(f"{one.name:16} {', '.join(one.hosts)}" for one in found))


@models_app.command("probe")
def probe(as_json: _Json = False) -> None:
    """Ask the model that is set a few small things, and remember what it can; exit code 2 when it cannot be used."""
    from operator_agent.models.probe import probe_settings
    from operator_agent.settings import Settings

    try:
        found = asyncio.run(probe_settings(Settings.from_env()))
    except OperatorError as error:
        typer.echo(f"operator-agent: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(map(str, found.findings)))
    raise typer.Exit(0 if found.usable else 2)
