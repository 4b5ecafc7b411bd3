"""Skills: finding them, filling one with inputs, filling a step with what was read, and what is doubtful in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.skill import InputSpec, Skill
from operator_agent.flow.target import ROLES
from operator_agent.script.cache import load_cached
from operator_agent.script.expand import CONDITIONS
from operator_agent.script.file import load_script
from operator_agent.script.fill import fill_checks, fill_step, literal_step
from operator_agent.script.inputs import BadInput, MissingInput, references
from operator_agent.script.placeholder import names
from operator_agent.script.skill import fill
from operator_agent.script.source import Where, nearest

__all__ = [
    "BadInput",
    "MissingInput",
    "Problem",
    "check_skill",
    "diagnose",
    "fill",
    "fill_checks",
    "fill_step",
    "find_skills",
    "literal_step",
    "named_skill",
]


def find_skills(sources: Sequence[str | Path] = (), *, cache: Path | None = None) -> list[Skill]:
    """The skills in these files and folders, then the built-in ones; of two with one name the first found is kept.

    What was read is kept in memory and, with `cache`, in that folder: a file is read again only when it changed.
    Raises ScriptError for a file that is wrong or not there.
    """
    found: dict[str, Skill] = {}
    for folder in (*sources, builtin_folder()):
        for path in _files(Path(folder)):
            skill = _loaded(path, cache)
            found.setdefault(skill.name, skill)
    return list(found.values())


def named_skill(skills: Iterable[Skill], name: str) -> Skill:
    """The skill called so, by its name or its file's. Raises UsageError with the nearest names."""
    known = {skill.name: skill for skill in skills}
    for skill in known.values():
        if name.casefold() in (skill.name.casefold(), Path(skill.file).stem.casefold()):
            return skill
    raise UsageError(f"there is no skill {name!r}{nearest(name, known)}; skills are {', '.join(known) or 'none'}")


def builtin_folder() -> Path:
    """Where the skills are that come with the package: beside it in a checkout, inside it when installed."""
    package = Path(__file__).parent
    packed = package / "skills_data"
    return packed if packed.is_dir() else package.parent / "skills"


class Problem(NamedTuple):
    """Something about a file its author should know. `severity` "error" means it will not run as it is."""

    severity: Literal["error", "warning"]
    where: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.message}"


def diagnose(path: Path) -> list[Problem]:
    """Everything wrong or doubtful in a script file; empty when all is well."""
    try:
        return check_skill(load_script(path))
    except ScriptError as error:
        return [Problem("error", error.where, error.key, line.removeprefix(f"{error.where}: ")) for line in str(error).split("\n")]


def check_skill(skill: Skill) -> list[Problem]:
    """What is doubtful in a skill that loads."""
    at = Where(skill.file or "<text>", skill.lines)
    return [*_unproved(skill, at), *_phrases(skill, at), *_unused(skill, at), *_unsayable(skill, at), *_near_targets(skill, at)]


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return sorted(path for path in source.iterdir() if path.suffix in (".yaml", ".yml") and not path.name.startswith("."))
    return [source]


def _loaded(path: Path, cache: Path | None) -> Skill:
    try:
        state = path.stat()
    except OSError as error:
        raise ScriptError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    return _parsed(path, cache, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _parsed(path: Path, cache: Path | None, mtime_ns: int, size: int) -> Skill:
    return load_cached(path, cache) if cache else load_script(path)


def _unproved(skill: Skill, at: Where) -> Iterator[Problem]:
    if skill.done:
        return
    if any("expect" in node for node in _mappings(skill.steps)):
        yield _warning(at.at("steps"), "done", "there is no `done`: what was reached is not read again at the end")
    else:
        yield _warning(at.at("steps"), "done", "there is no `expect` and no `done`: nothing is proved, every run ends unverified")


def _phrases(skill: Skill, at: Where) -> Iterator[Problem]:
    known = _all_inputs(skill.inputs)
    for number, phrase in enumerate(skill.says):
        place = at.at("says").at(number)
        for name in names(phrase):
            if name not in known:
                yield Problem("error", str(place), "says", f"the phrase {phrase!r} names no input {name!r}{nearest(name, known)}")
        if any(phrase.count(opening) != phrase.count(closing) for opening, closing in ("()", "[]", "{}")):
            yield Problem("error", str(place), "says", f"the phrase {phrase!r} has a bracket without its partner")


def _unused(skill: Skill, at: Where) -> Iterator[Problem]:
    used = {name for text in _texts((skill.steps, skill.done, skill.start, skill.allow)) for name in names(text)}
    for node in _mappings((skill.steps, skill.done)):
        used |= {name for key in ("for each", *CONDITIONS) if key in node for name in _condition_names(node[key])}
    for spec in _all_inputs(skill.inputs).values():
        used |= set(references(spec.default))
    for name, spec in skill.inputs.items():
        for inner in spec.each:
            if inner not in used:
                yield _warning(at.at("inputs").at(name).at("each").at(inner), inner, f"the input {inner!r} is used nowhere")
        if name not in used:
            yield _warning(at.at("inputs").at(name), name, f"the input {name!r} is used nowhere")


def _unsayable(skill: Skill, at: Where) -> Iterator[Problem]:
    said = {name for phrase in skill.says for name in names(phrase)}
    everything = _all_inputs(skill.inputs)
    implied = {other for spec in everything.values() for one in spec.one_of.values() for other in one.implies}
    for name, spec in everything.items():
        required = spec.default is None and not spec.optional and not spec.each and name not in implied
        if skill.says and required and not said & {name, _list_of(skill, name)} and not (spec.after or spec.before):
            message = f"no phrase names the required input {name!r}: it is asked for every time"
            yield _warning(_input_place(skill, name, at), name, message)


def _near_targets(skill: Skill, at: Where) -> Iterator[Problem]:
    """Elements that were meant in the notation and became plain words over a wrong role."""
    for text in _texts(skill.steps):
        role = re.fullmatch(r'([a-z]+) "[^"]*"(?: .*)?', text)
        if role and role[1] not in ROLES and (near := nearest(role[1], ROLES)):
            yield _warning(at.at("steps"), role[1], f"{text!r} is read as plain words: {role[1]!r} is no role{near}")


def _warning(at: Where, key: str, message: str) -> Problem:
    return Problem("warning", str(at), key, message)


def _all_inputs(specs: Mapping[str, InputSpec]) -> dict[str, InputSpec]:
    """The inputs and those of their groups, by name."""
    found = dict(specs)
    for spec in specs.values():
        found |= _all_inputs(spec.each)
    return found


def _list_of(skill: Skill, name: str) -> str:
    """The list whose groups have this input; "" for an input of its own."""
    return next((outer for outer, spec in skill.inputs.items() if name in spec.each), "")


def _input_place(skill: Skill, name: str, at: Where) -> Where:
    outer = _list_of(skill, name)
    return at.at("inputs").at(outer).at("each").at(name) if outer else at.at("inputs").at(name)


def _condition_names(node: Any) -> Iterable[str]:
    return node if isinstance(node, (Mapping, list, tuple)) else [str(node)]


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from _texts(item)


def _mappings(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for value in node.values():
            yield from _mappings(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from _mappings(item)
