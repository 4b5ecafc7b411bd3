"""The command line: arguments in, exit code out. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from operator_agent.flow.grant import Limits
    from operator_agent.flow.record import Result
    from operator_agent.run import Operator

app = typer.Typer(
    name="operator-agent",
    help="Operates GUIs on command, proves every step, leaves a recording.",
    epilog="Exit codes: 0 passed, 1 failed, 2 usage or set-up, 3 unverified, 4 needs a person, 5 blocked, 6 incomplete, 7 error.",
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
demo_app = typer.Typer(help="The demo coffee shop: order in it, or serve it.", rich_markup_mode=None, invoke_without_command=True)
skills_app = typer.Typer(help="What can be asked for without a model.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(demo_app, name="demo")
app.add_typer(skills_app, name="skills")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Runs = Annotated[Path | None, typer.Option("--runs", help="Folder for run folders [default: ./runs].", show_default=False)]
Headed = Annotated[bool, typer.Option("--headed", help="Show the browser.")]
SkillFiles = Annotated[list[Path], typer.Option("--skills", help="More skills: a file or folder. Repeatable.", show_default=False)]


@app.command()
def run(
    command: Annotated[str, typer.Argument(help='What to do: "order a large oat latte", or plain steps: "press Save".')],
    start: Annotated[str, typer.Option(help="Address to begin at.")] = "",
    skill: Annotated[str, typer.Option(help="Use this skill instead of matching one.")] = "",
    inputs: Annotated[list[str], typer.Option("--input", help="An input of the skill, name=value. Repeatable.")] = [],  # noqa: B006
    allow: Annotated[list[str], typer.Option(help="A further origin, https://pay.example or https://*.example. Repeatable.")] = [],  # noqa: B006
    approve: Annotated[list[str], typer.Option(help="A risk approved beforehand: send, pay, delete, publish, grant. Repeatable.")] = [],  # noqa: B006
    secret: Annotated[list[str], typer.Option(help="NAME=ORIGIN: OPERATOR_SECRET_NAME may be filled there. Repeatable.")] = [],  # noqa: B006
    limit: Annotated[list[str], typer.Option(help="steps=100, seconds=600, step=10 or load=30. Repeatable.")] = [],  # noqa: B006
    skills: SkillFiles = [],  # noqa: B006
    unattended: Annotated[bool, typer.Option("--unattended", help="Nobody is there: what would be asked is refused.")] = False,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Record without screenshots.")] = False,
    headed: Headed = False, runs: Runs = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Do what COMMAND says and prove every step."""
    with _errors_told(command, as_json):
        from operator_agent.run import Operator

        operator = Operator(
            start, allow=allow, approve=approve, secrets=_pairs(secret, "--secret"), limits=_limits(limit),  # type: ignore[arg-type]
            skills=skills, headed=headed, runs=runs, pictures=not no_pictures, person=_person(unattended or as_json),
        )  # fmt: skip
        _finish(asyncio.run(_run(operator, command, skill, _pairs(inputs, "--input"), as_json)), as_json)


@demo_app.callback()
def demo(
    context: typer.Context,
    command: Annotated[str, typer.Option("--say", help="What to order.")] = "order two large oat lattes for Ada, please",
    fault: Annotated[list[str], typer.Option(help="Let the shop misbehave; `demo serve --help` lists how. Repeatable.")] = [],  # noqa: B006
    headed: Headed = False, runs: Runs = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Start the shop, order in it, look into its database, leave a report."""
    if context.invoked_subcommand:
        return
    with _errors_told(command, as_json):
        from operator_agent.demo.tour import order

        _finish(asyncio.run(order(command, fault, headed=headed, runs=runs, follow=_following(as_json))), as_json)


@demo_app.command("serve")
def demo_serve(
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 0,
    db: Annotated[Path | None, typer.Option(help="SQLite file; a temporary one when left out.", show_default=False)] = None,
    fault: Annotated[list[str], typer.Option(help="A fault to switch on; `--fault list` names them. Repeatable.")] = [],  # noqa: B006
    as_json: Json = False,
) -> None:  # fmt: skip
    """Serve the coffee shop until Ctrl-C. The first line printed is JSON: {"url": …, "db": …}."""
    with _errors_told("demo serve", as_json):
        from operator_agent.demo import faults
        from operator_agent.demo.serve import run as serve

        if "list" in fault:
            print(json.dumps(faults.FAULTS, indent=2) if as_json else "\n".join(f"{name:16} {what}" for name, what in faults.FAULTS.items()))
            return
        asyncio.run(serve(db, port, fault))


@app.command()
def view(
    run: Annotated[Path, typer.Argument(help="A run folder, or its name in the runs folder.")],
    runs: Runs = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Only build the report and print its path.")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Build a run's report anew from its journal, also of a run that was cut off, and open it."""
    with _errors_told(str(run), as_json):
        from operator_agent.recorder import view as build
        from operator_agent.settings import Settings

        folder = run if run.is_dir() else (runs or Settings.from_env().runs_dir) / run
        result, report = build(folder)
        if as_json:
            print(result.model_dump_json(indent=2))
        else:
            print(f"{result.outcome}: {result.reason}\n{report}")
            if not no_open and sys.stdout.isatty():
                typer.launch(str(report))


@skills_app.command("list")
def skills_list(skills: SkillFiles = [], as_json: Json = False) -> None:  # noqa: B006
    """What can be asked for."""
    with _errors_told("skills list", as_json):
        from operator_agent.skills import find_skills

        found = find_skills(skills)
        if as_json:
            print(json.dumps([{"name": one.name, "says": one.says, "inputs": list(one.inputs), "file": one.file} for one in found]))
        else:
            for one in found:
                print(f"{one.name}\n    {one.says[0] if one.says else ''}")


@skills_app.command("show")
def skills_show(name: str, skills: SkillFiles = []) -> None:  # noqa: B006
    """The file of one skill."""
    with _errors_told(name, False):
        from operator_agent.skills import find_skills, named_skill

        print(Path(named_skill(find_skills(skills), name).file).read_text(encoding="utf-8"), end="")


@skills_app.command("check")
def skills_check(files: list[Path], as_json: Json = False) -> None:
    """Say what is wrong with skill files; exit 2 when something is."""
    with _errors_told("skills check", as_json):
        from operator_agent.skills import diagnose

        found = [problem for file in files for problem in diagnose(file)]
        print(json.dumps([problem._asdict() for problem in found], indent=2) if as_json else "\n".join(map(str, found)) or "all good")
        raise typer.Exit(2 if any(problem.severity == "error" for problem in found) else 0)


@app.command()
def doctor(
    only: Annotated[list[str], typer.Option(help="Check just this: browser, display, fonts, folders, model. Repeatable.")] = [],  # noqa: B006
    runs: Runs = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Check this machine: one line a thing, with cause and fix for what is missing."""
    with _errors_told("doctor", as_json):
        from operator_agent.doctor import examine

        found = asyncio.run(examine(only, runs))
        if as_json:
            print(json.dumps([one._asdict() for one in found], indent=2))
        else:
            for one in found:
                print(one)
        raise typer.Exit(2 if any(one.state == "missing" for one in found) else 0)


async def _run(operator: Operator, command: str, skill: str, inputs: dict[str, str], as_json: bool) -> Result:
    follow = _following(as_json)
    with follow as listeners:
        operator.listeners = listeners
        operator.stop_on_signals()
        async with operator:
            return await operator.run(command, skill=skill, inputs=inputs)


def _following(quiet: bool) -> Any:
    """What shows the run on the terminal while it goes: a context that gives the listeners. Nothing with `--json`."""
    from contextlib import nullcontext

    if quiet:
        return nullcontext(())
    from operator_agent.recorder.console import ConsoleView

    return ConsoleView()


def _person(unattended: bool) -> Any:
    if unattended or not sys.stdin.isatty():
        return None
    from rich.console import Console

    from operator_agent.person import AtTerminal

    return AtTerminal(Console())


def _pairs(texts: list[str], option: str) -> dict[str, str]:
    from operator_agent.errors import UsageError

    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} {text!r}: write it as name=value")
        pairs[name.strip()] = value
    return pairs


def _limits(texts: list[str]) -> Limits:
    from operator_agent.errors import UsageError
    from operator_agent.flow.grant import Limits

    known = Limits.model_fields
    given: dict[str, float] = {}
    for name, value in _pairs(texts, "--limit").items():
        if name not in known:
            raise UsageError(f"--limit {name}: it is one of {', '.join(known)}")
        try:
            given[name] = int(value) if name == "steps" else float(value)
        except ValueError:
            raise UsageError(f"--limit {name}={value}: not a number") from None
        if given[name] <= 0:
            raise UsageError(f"--limit {name}={value}: must be above 0")
    return Limits(**given)  # type: ignore[arg-type]


class _errors_told:  # noqa: N801 - used as a `with` phrase
    """Our errors as one line on stderr and their exit code; with `--json` as a result object, so that stdout stays one object."""

    def __init__(self, command: str, as_json: bool) -> None:
        self.command, self.as_json = command, as_json

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, _: object) -> None:
        from operator_agent.errors import OperatorError

        if not isinstance(error, OperatorError):
            return
        if self.as_json:
            from operator_agent.flow.record import Result

            code = error.exit_code
            print(Result(outcome="error", reason=str(error), exit_code=code, command=self.command).model_dump_json(indent=2))
        print(f"operator-agent: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def _finish(result: Result, as_json: bool) -> None:
    if as_json:
        print(result.model_dump_json(indent=2))
    raise typer.Exit(result.exit_code)


def main() -> None:
    """The `operator-agent` command."""
    app()
