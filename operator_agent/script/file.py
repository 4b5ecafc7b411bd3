"""Whole files: `load_script` reads a skill or plan, `dump_plan` writes a plan, `update_step` changes one step and no comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar, get_args

from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.origin import OriginPattern
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.skill import InputSpec, Skill
from operator_agent.script.checks import format_check
from operator_agent.script.expand import Expander
from operator_agent.script.inputs import Specs, parse_inputs, references
from operator_agent.script.placeholder import literal, names
from operator_agent.script.skill import fill
from operator_agent.script.source import (
    Where,
    as_list,
    as_mapping,
    as_text,
    as_texts,
    only_keys,
    read_text,
    read_yaml,
    shown,
)
from operator_agent.script.steps import format_step, step_mapping

KEYS = ("skill", "plan", "says", "filler", "inputs", "start", "allow", "tier", "from", "given", "steps", "done")
"""What a file may hold, in the order it is written."""
SCENARIO_KEYS = (
    "scenario", "tags", "include", "fixtures", "start", "allow", "command", "inputs", "approve", "answers", "secrets", "skills",
    "solution", "done", "proof", "outcome", "rows", "limits",
)  # fmt: skip
"""What a scenario's file may hold (`operator_agent.scenarios` reads it)."""
TIERS: tuple[str, ...] = get_args(Plan.model_fields["tier"].annotation)
_T = TypeVar("_T")


def load_script(source: Path | str) -> Skill:
    """The skill or plan in a file (a Path) or in YAML text (a str), checked as far as it can be without inputs.

    Raises ScriptError with file, line and key; several errors are told in one, a line each.
    """
    return _load(*_read(source))


def load_plan(source: Path | str) -> Plan:
    """The plan in a file that needs no inputs; what `dump_plan` wrote comes back equal but for `origin`. Raises ScriptError."""
    data, at = _read(source)
    plan = fill(_load(data, at), {})
    recorded = {"inputs": data.get("given", plan.inputs), "tier": data.get("tier", plan.tier)}
    return plan.model_copy(update={**recorded, "skill": data.get("from", plan.skill)})


def dump_plan(plan: Plan) -> str:
    """The plan as YAML, one key a line."""
    data: dict[str, Any] = {"plan": plan.goal}
    if plan.start:
        data["start"] = literal(plan.start)
    if plan.allow:
        data["allow"] = [literal(origin) for origin in plan.allow]
    if plan.tier != "script":
        data["tier"] = plan.tier
    if plan.skill:
        data["from"] = plan.skill
    if plan.inputs:
        data["given"] = plan.inputs
    data["steps"] = [format_step(step) for step in plan.steps]
    if plan.done:
        data["done"] = [format_check(check) for check in plan.done]
    return dumped(data)


def update_step(path: Path, number: int, step: Step) -> None:
    """Writes `step` over step `number` (from 1) of the file; comments and everything else stay as they are.

    Raises ScriptError when the file has no such step, or when the file would no longer load.
    """
    load_script(path)
    yaml = _yaml()
    data = yaml.load(read_text(path))
    if not 1 <= number <= len(data["steps"]):
        raise ScriptError(f"there is no step {number}; the file has {len(data['steps'])}", where=str(path), key="steps")
    new = _styled(format_step(step))
    old = data["steps"][number - 1]
    if isinstance(old, dict):
        _update(old, new)
    else:
        data["steps"][number - 1] = new
    out = StringIO()
    yaml.dump(data, out)
    load_script(out.getvalue())
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(out.getvalue(), encoding="utf-8")
    beside.replace(path)


def _read(source: Path | str) -> tuple[dict[str, Any], Where]:
    text = read_text(source) if isinstance(source, Path) else source
    data, at = read_yaml(text, str(source) if isinstance(source, Path) else "")
    if data is None:
        raise ScriptError("the file is empty; it begins with `skill:` or `plan:`", where=f"{at.file}:1")
    if not isinstance(data, Mapping):
        hint = "; to read a file, give a Path" if isinstance(data, str) and "\n" not in text else ""
        raise ScriptError(f"expected keys as `plan:` and `steps:` at the top, not {shown(data)}{hint}", where=f"{at.file}:1")
    return as_mapping(data, at), at


def _load(data: Mapping[str, Any], at: Where) -> Skill:
    if "scenario" in data:
        raise at.at("scenario").error("this is a scenario, not a plan or skill; `operator-agent scenarios run` does it")
    problems: list[ScriptError] = []

    def read(key: str, reader: Callable[[Any, Where], _T]) -> _T | None:
        try:
            return reader(data[key], at.at(key)) if key in data else None
        except ScriptError as error:
            problems.append(error)
            return None

    try:
        only_keys(data, KEYS, at, "a script")
    except ScriptError as error:
        problems.append(error)
    specs = read("inputs", parse_inputs) or {}
    _check_references(specs, {}, at.at("inputs"), problems)
    skill = Skill(
        name=_name(data, at, problems),
        says=read("says", as_texts) or (),
        filler=read("filler", as_texts) or (),
        inputs=specs,
        start=read("start", as_start) or "",
        allow=read("allow", as_origins) or (),
        steps=tuple(read("steps", as_steps) or ()),
        done=tuple(read("done", one_or_list) or ()),
        file="" if at.file == "<text>" else at.file,
        lines=dict(at.lines),
    )
    for key, reader in (("tier", _tier), ("from", as_text), ("given", as_mapping)):
        read(key, reader)
    # With inputs that cannot be read, every use of one would be a further error that is none.
    if specs or not data.get("inputs"):
        checking = Expander.checking(specs, problems)
        for _ in (*checking.steps(skill.steps, at.at("steps")), *checking.checks(skill.done, at.at("done"))):
            pass
    if problems:
        raise together(problems)
    return skill


def _name(data: Mapping[str, Any], at: Where, problems: list[ScriptError]) -> str:
    present = [key for key in ("skill", "plan") if key in data]
    try:
        if len(present) != 1:
            why = "has both `skill` and `plan`; keep one" if present else "has neither `skill:` nor `plan:`, its name"
            raise ScriptError(f"the file {why}", where=f"{at.file}:1", key="skill")
        name = as_text(data[present[0]], at.at(present[0]))
        if not name.strip():
            raise at.at(present[0]).error("the name is empty")
        if "steps" not in data:
            raise ScriptError("the file has no `steps:`", where=f"{at.file}:1", key="steps")
    except ScriptError as error:
        problems.append(error)
        return "unnamed"
    return name


def as_start(node: Any, at: Where) -> str:
    """An address, or `{browser: address}`."""
    if isinstance(node, Mapping):
        only_keys(node, ("browser",), at, "`start`")
        if "browser" not in node:
            raise at.error("expected an address, or {browser: address}")
        return as_text(node["browser"], at.at("browser"))
    return as_text(node, at)


def as_origins(node: Any, at: Where) -> tuple[str, ...]:
    """Origins, where they hold no placeholder."""
    origins = as_texts(node, at)
    for number, origin in enumerate(origins):
        if not any(names(origin)):
            try:
                OriginPattern.parse(origin)
            except UsageError as error:
                raise at.at(number).error(str(error)) from None
    return origins


def as_steps(node: Any, at: Where) -> list[dict[str, Any]]:
    """The steps' keys, of each text as well."""
    return [step_mapping(step, at.at(number)) for number, step in enumerate(as_list(node, at))]


def one_or_list(node: Any, at: Where) -> list[Any]:
    return list(node) if isinstance(node, (list, tuple)) else [] if node is None else [node]


def _tier(node: Any, at: Where) -> str:
    if node not in TIERS:
        raise at.error(f"there is no tier {shown(node)}; tiers are {', '.join(TIERS)}")
    return str(node)


def _check_references(specs: Specs, outer: Mapping[str, InputSpec], at: Where, problems: list[ScriptError]) -> None:
    """Every default is made of inputs that are there."""
    scope = {**outer, **specs}
    for name, spec in specs.items():
        default = at.at(name).at("default")
        absent = [needed for needed in references(spec.default) if needed not in scope]
        problems += [default.error(f"there is no input {needed!r} to make the default of", "default") for needed in absent]
        _check_references(spec.each, scope, at.at(name).at("each"), problems)


def together(problems: list[ScriptError]) -> ScriptError:
    """One error that tells all, a line each, with the first one's place and key."""
    first = problems[0]
    told = ScriptError("\n".join(dict.fromkeys(map(str, problems))), key=first.key)
    told.where = first.where
    return told


def _update(old: dict[Any, Any], new: Mapping[str, Any]) -> None:
    """Makes the commented mapping `old` hold what `new` does; what is equal keeps its spelling and its comments."""
    for key in [key for key in old if key not in new]:
        del old[key]
    for place, (key, value) in enumerate(new.items()):
        if key not in old:
            old.insert(place, key, value)  # type: ignore[attr-defined]  # ruamel's CommentedMap
        elif old[key] != value and [old[key]] != value:
            old[key] = value


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1_000_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def dumped(data: Mapping[str, Any]) -> str:
    """A script's data as YAML, one key a line, every text in a style that reads back the same."""
    out = StringIO()
    _yaml().dump(_styled(data), out)
    return out.getvalue()


def _styled(node: Any) -> Any:
    """The data with every text in a style that reads back the same: several lines as a block, odd characters escaped."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(node, str):
        lines = node.split("\n")
        if not all(line.isprintable() for line in lines):
            return DoubleQuotedScalarString(node)
        if len(lines) > 1:
            plain = all(line == line.strip() for line in lines) and lines[0] and lines[-2]
            return LiteralScalarString(node) if plain else DoubleQuotedScalarString(node)
        return node
    if isinstance(node, Mapping):
        return {_styled(key): _styled(value) for key, value in node.items()}
    return [_styled(item) for item in node] if isinstance(node, (list, tuple)) else node
