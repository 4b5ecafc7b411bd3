"""The first tier: the command is a way to ask for a skill. No model; what is not understood is asked, never dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from operator_agent.errors import UsageError
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.skill import Skill
from operator_agent.planner.asking import COMMAND, LEAVE_OUT, LEFTOVER, STOP, reply
from operator_agent.planner.ladder import NotMine
from operator_agent.planner.phrases import Vocabulary, example
from operator_agent.planner.reading import Match, Reader
from operator_agent.planner.tokens import fold
from operator_agent.planner.verbatim import hearings, is_bounded
from operator_agent.roles import Situation, Values
from operator_agent.skills import BadInput, MissingInput, fill, named_skill

_READINGS = 20
"""Ways to hear a command word for word that are tried."""
MARGIN = 0.1
"""How much better the best skill must fit than the next; else the person is asked which is meant."""


def match(text: str, skill: Skill, *, now: datetime | None = None) -> Match:
    """What a command says for a skill: pure, for tests and tools."""
    return Reader(Vocabulary(skill)).match(text, now or datetime.now())


class SkillPlanner:
    """Plans from skills. `named` and `inputs` are what the command line fixes: the skill, and values of its inputs."""

    def __init__(
        self, skills: Iterable[Skill], *, start: str = "", named: str = "", inputs: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:  # fmt: skip
        self.skills = tuple(skills)
        self.start, self.named, self.inputs, self.now = start, named, dict(inputs or {}), now
        self._reader = lru_cache(maxsize=None)(lambda index: Reader(Vocabulary(self.skills[index])))

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """The plan of the one skill that fits; NotMine when none does. Raises UsageError for a named skill that is not there."""
        text = str(answers.get(COMMAND, command.text))
        if self.named or self.inputs:
            return self.plan_named(self._called(), self.inputs, command.model_copy(update={"text": text}), answers)
        found = self._best(text, answers)
        return found if isinstance(found, (Question, Refusal)) else self._plan(found, text, {}, answers)

    def plan_named(
        self, skill: Skill, inputs: Mapping[str, str], command: Command, answers: Values | None = None
    ) -> Plan | Question | Refusal:  # fmt: skip
        """The plan of this skill. `inputs` win over the command's words; a list input is said in words (`2 lattes, 1 espresso`),
        a field of its groups given by its own name makes or changes the only group."""
        index = self.skills.index(skill)
        vocabulary = self._reader(index).vocabulary
        if unknown := [name for name in inputs if name not in skill.inputs and name not in vocabulary.fields]:
            raise UsageError(f'the skill "{skill.name}" has no input {unknown[0]!r}; inputs are {", ".join(_names(vocabulary))}')
        text = inputs.get(vocabulary.list_name, "") or ("" if self._just_named(skill, command.text) else command.text)
        return self._plan(index, text, inputs, answers or {})

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        """Skills are whole plans: a single step is another planner's."""
        return NotMine(reason="a skill gives whole plans, not single steps")

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        return None

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return ()

    def _verbatim(self, index: int, text: str, given: Mapping[str, str]) -> _Verbatim | None:
        """The command as one of the skill's phrases, when it is that word for word, with a value that can be taken in the place of
        each input, and can be read so in one way only."""
        reader, skill = self._reader(index), self.skills[index]
        if reader.vocabulary.list_name:
            return None
        found: list[_Verbatim] = []
        for phrase in skill.says:
            for said in islice(hearings(phrase, text), _READINGS):
                read = reader.match("", self.now(), {**said, **given})
                if reply(reader.vocabulary, read):
                    continue
                try:
                    plan = fill(skill, read.inputs, start=self.start or None)
                except (MissingInput, BadInput):
                    continue
                if all(plan != other.plan for other in found):
                    found.append(_Verbatim(plan, frozenset(said), is_bounded(phrase)))
        return found[0] if len(found) == 1 else None

    def _called(self) -> Skill:
        if self.named:
            return named_skill(self.skills, self.named)
        wanted = [
            skill for i, skill in enumerate(self.skills) if all(name in _names(self._reader(i).vocabulary) for name in self.inputs)
        ]
        if len(wanted) != 1:
            raise UsageError("say with --skill which skill the inputs are for")
        return wanted[0]

    def _just_named(self, skill: Skill, text: str) -> bool:
        return fold(text).strip() in ("", fold(skill.name))

    def _best(self, text: str, answers: Values) -> int | Question | Refusal:
        """The index of the skill the command is for."""
        now = self.now()
        matches = [(self._reader(index).match(text, now), index) for index in range(len(self.skills))]
        mine = sorted((found for found in matches if found[0].mine), key=lambda pair: (-pair[0].score, -pair[0].evidence))
        verbatim = [index for index in range(len(self.skills)) if self._verbatim(index, text, {})]
        if len(verbatim) == 1 and (not mine or verbatim[0] in [index for found, index in mine if _close(mine[0][0], found)]):
            return verbatim[0]
        if not mine:
            near = sorted(matches, key=lambda pair: (-pair[0].evidence, -pair[0].score))[:3]
            return NotMine(reason=self._why_not(near), nearest=tuple(example(self.skills[index]) for _, index in near))
        rivals = [pair for pair in mine if _close(mine[0][0], pair[0])]
        names = tuple(self.skills[index].name for _, index in rivals)
        if len(rivals) == 1:
            return mine[0][1]
        if answers.get("skill") in names:
            return rivals[names.index(str(answers["skill"]))][1]
        return Question(kind="choice", text="Which of these do you mean?", options=names, about="skill")

    def _why_not(self, near: list[tuple[Match, int]]) -> str:
        """`two teas please`: one unknown thing and nothing else is named, with what the nearest skill knows."""
        if not near:
            return "There are no skills."
        best, index = near[0]
        unknown = [problem for problem in best.conflicts if problem.kind in ("foreign", "unknown")]
        asked = reply(self._reader(index).vocabulary, best)
        named = len(unknown) == 1 and isinstance(asked, Refusal)
        return asked.reason if named and isinstance(asked, Refusal) else "No skill is asked for in these words."

    def _plan(self, index: int, text: str, inputs: Mapping[str, str], answers: Values) -> Plan | Question | Refusal:
        reader, skill = self._reader(index), self.skills[index]
        if STOP in answers.values():
            return Refusal(reason="Stopped, as you said; nothing was done.")
        given = {
            name: str(value) for name, value in (*inputs.items(), *answers.items()) if name not in (COMMAND, LEFTOVER, "skill")
        }
        found = reader.match(text, self.now(), given)
        if fold(str(answers.get(LEFTOVER, ""))) in (LEAVE_OUT, "yes"):
            found = _without_leftovers(found)
        if found.groups > 1 and (
            loose := [name for name in inputs if name in reader.vocabulary.group and reader.vocabulary.list_name]
        ):
            raise UsageError(
                f"{loose[0]} is given once, but {found.groups} {reader.vocabulary.list_name} are asked for; say it for each"
            )
        verbatim = self._verbatim(index, text, given)
        if verbatim and (found.missing or verbatim.surely(found)):
            return verbatim.plan
        if asked := reply(reader.vocabulary, found):
            return asked
        try:
            return fill(skill, found.inputs, start=self.start or None)
        except MissingInput as missing:
            return Question(
                kind="choice" if missing.options else "input", text=missing.question, options=missing.options, about=missing.path
            )
        except BadInput as bad:
            return Refusal(reason=str(bad), nearest=bad.options)


class _Verbatim(NamedTuple):
    """A command that is a phrase word for word."""

    plan: Plan
    said: frozenset[str]
    """The inputs the phrase names."""
    bounded: bool

    def surely(self, found: Match) -> bool:
        """Whether it is meant so, and not as it was read otherwise: where a value ends is plain, and nothing else was said."""
        return self.bounded and set(found.inputs) <= self.said


def _close(best: Match, other: Match) -> bool:
    if best.score - other.score >= MARGIN:
        return False
    return other is best or best.evidence - other.evidence < 1 or bool(other.score > best.score)


def _without_leftovers(found: Match) -> Match:
    from dataclasses import replace

    return replace(found, leftovers=(), conflicts=tuple(problem for problem in found.conflicts if problem.kind != "unknown"))


def _names(vocabulary: Vocabulary) -> list[str]:
    names: dict[str, Any] = {**vocabulary.skill.inputs, **vocabulary.fields}
    return list(names)
