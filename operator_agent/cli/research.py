"""`operator-agent research`: a question, its answer with what proves it, and an exit code that says whether it is proved."""

# ruff: noqa: B006 - an option that may be repeated is a list for typer, which copies its default
from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operator_agent.errors import UsageError

if TYPE_CHECKING:
    from operator_agent.research.inquiry import Claim, Findings
    from operator_agent.run import Operator

_Question = Annotated[str, typer.Argument(metavar="QUESTION", help='"Which plan includes single sign-on, and what does it cost?"')]
_Start = Annotated[str, typer.Option(metavar="URL", help="Address to begin at.")]
_Allow = Annotated[list[str], typer.Option(metavar="ORIGIN", help="A further site to look at: https://docs.example. Repeatable.")]
_Schema = Annotated[Path | None, typer.Option("--schema", metavar="FILE", help="A JSON Schema the answer must fit.")]
_Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 when anything is ungrounded or there is no answer.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
_Runs = Annotated[Path | None, typer.Option("--runs", metavar="FOLDER", help="Where run folders are made [default: ./runs].")]
_NoPictures = Annotated[bool, typer.Option("--no-pictures", help="Record without screenshots.")]
_MaxCalls = Annotated[int | None, typer.Option(metavar="N", min=0, help="Model requests at most, for all of it.")]
_MaxTokens = Annotated[int | None, typer.Option(metavar="N", min=0, help="Tokens at most, in and out, of all model requests.")]
_MaxCost = Annotated[float | None, typer.Option(metavar="AMOUNT", min=0.0, help="What the model may cost.")]
_MaxSeconds = Annotated[float | None, typer.Option(metavar="S", min=0.1, help="Seconds all of it may take.")]


def research(
    question: _Question, start: _Start = "", allow: _Allow = [], schema: _Schema = None, strict: _Strict = False,
    as_json: _Json = False, runs: _Runs = None, no_pictures: _NoPictures = False, max_calls: _MaxCalls = None,
    max_tokens: _MaxTokens = None, max_cost: _MaxCost = None, max_seconds: _MaxSeconds = None,
) -> None:  # fmt: skip
    """Look QUESTION up and answer it: every claim with its page and a quote that was found there. Needs a model."""
    from operator_agent.flow.grant import Limits
    from operator_agent.run import Operator

    wanted = _read(schema) if schema else None
    given = {"calls": max_calls, "tokens": max_tokens, "cost": max_cost, "seconds": max_seconds}
    limits = Limits.model_validate({name: number for name, number in given.items() if number is not None})
    operator = Operator(start, allow=allow, limits=limits, runs=runs, pictures=not no_pictures)
    findings = asyncio.run(_research(operator, question, wanted))
    code = 1 if strict and not findings.grounded else 0
    if as_json:
        shown = findings.model_dump(mode="json") | {"grounded": findings.grounded, "exit_code": code}
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(told(findings)))
    raise typer.Exit(code)


async def _research(operator: Operator, question: str, wanted: dict[str, Any] | None) -> Findings:
    from operator_agent.research.inquiry import research as answer

    task = asyncio.current_task()
    assert task
    with contextlib.suppress(NotImplementedError):  # where loops take no signal handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with operator:
            return await answer(operator, question, answer=wanted)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _read(file: Path) -> dict[str, Any]:
    """Raises UsageError for a file that cannot be read or holds no JSON object."""
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--schema {file} cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UsageError(f"--schema {file} is no JSON: {error}") from None
    if not isinstance(read, dict):
        raise UsageError(f"--schema {file}: a JSON Schema is an object")
    return read


def told(findings: Findings) -> list[str]:
    """The findings for a person, line by line."""
    lines = [line for claim in findings.claims for line in _claim(claim)]
    if findings.problem:
        lines.append(f"✗ {findings.problem}")
    elif findings.missing:
        lines.append(f"– not told by the pages: {findings.missing}")
    loose = sum(not claim.grounded for claim in findings.claims)
    if findings.claims:
        proved = f"{loose} of {len(findings.claims)} claims ungrounded" if loose else "every claim found on its page"
        lines += ["", f"{'ungrounded' if loose else 'grounded'}: {proved}"]
    cost = "" if not findings.cost else f", cost {findings.cost:.4f}"
    read, calls = _many(len(findings.pages), "page"), _many(findings.model_calls, "model call")
    spent = f"{read} read, {calls}, {findings.tokens:,} tokens{cost}, {findings.seconds:.1f} s"
    return [*lines, spent, *([findings.run] if findings.run else [])]


def _claim(claim: Claim) -> list[str]:
    lines = [f"{'✓' if claim.grounded else '✗'} {claim.text}"]
    if not claim.grounded:
        lines.append(f"    ungrounded: {claim.why}")
    if claim.quote and claim.url:
        lines.append(f"    “{' '.join(claim.quote.split())}” {'—' if claim.grounded else 'was to be on'} {claim.url}")
    return lines


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
