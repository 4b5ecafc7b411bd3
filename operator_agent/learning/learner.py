"""Follows a run and keeps what is worth keeping: a candidate when a model planned it and it passed, counts, and a healed step."""

from __future__ import annotations

from collections.abc import Callable

from operator_agent.errors import OperatorError
from operator_agent.export.retold import Retelling, retell
from operator_agent.export.skill import inputs_of, lifted, phrase_name, same_phrase, skill_of, step_of
from operator_agent.flow.origin import Origin
from operator_agent.flow.record import Asked, Ended, Observed, Planned, Record
from operator_agent.learning.planner import Learned, Patch
from operator_agent.learning.shelf import Candidate, Shelf
from operator_agent.script.file import dumped, load_script
from operator_agent.script.source import read_yaml
from operator_agent.script.steps import format_step


class Learner:
    """A listener. `hide` takes secrets out of what is kept. `told` is what it did, in a sentence; "" when nothing."""

    def __init__(self, shelf: Shelf, planner: Learned | None, hide: Callable[[str], str]) -> None:
        self._shelf, self._planner, self._hide = shelf, planner, hide
        self._records: list[Record] = []
        self._asked = self._by_model = False
        self.told = ""

    def __call__(self, record: Record) -> None:
        if isinstance(record, Observed):
            record = record.model_copy(update={"picture": None, "observation": None})
        self._records.append(record)
        match record:
            case Asked() if record.step == 0 and record.question.kind == "input":
                self._asked = True
            case Planned():
                self._by_model |= record.plan.tier == "model" and bool(record.plan.steps)
            case Ended():
                self._end(record)

    def _end(self, ended: Ended) -> None:
        """What was learned is a help: that it cannot be kept changes nothing about how the run ended."""
        chosen = self._planner.chosen if self._planner else None
        try:
            if chosen:
                self._shelf.used(chosen, passed=ended.result.passed and not self._by_model)
            if not ended.result.passed or not ended.result.plan:
                return
            if chosen and self._planner and self._planner.patches and not self._by_model:
                self._heal(chosen, self._planner.patches)
            elif self._by_model and not self._asked and ended.result.plan.done:
                self._learn(retell(self._records))
        except (OSError, OperatorError) as why:
            self.told = f"nothing was learned: {why}"

    def _learn(self, run: Retelling) -> None:
        if "://" not in run.start:
            return
        skill = skill_of(run, name=phrase_name(run.started.command.text))
        if not skill.get("says"):
            return
        origin, phrase = str(Origin.parse(run.start)), skill["says"][0]
        known = {one.name: self._hide(one.value) for one in inputs_of(run)}
        skill["skill"] = phrase_name(phrase) or skill["skill"]
        text = self._hide(dumped(skill))
        load_script(text)
        older = next((one for one in self._shelf.of(origin) if any(same_phrase(says, phrase) for says in one.skill.says)), None)
        file = self._shelf.keep(
            origin, skill["skill"], text, command=self._hide(run.started.command.text), known=known, replaced=older
        )  # fmt: skip
        self.told = f"learned for {origin}: “{phrase}” is done without a model next time ({file.stem})"

    def _heal(self, chosen: Candidate, patches: list[Patch]) -> None:
        """Writes the steps that took the place of failed ones, once the whole is proved."""
        run = retell(self._records)
        data = inputs_of(run)
        steps = [dict(step) for step in chosen.skill.steps]
        for patch in sorted(patches, key=lambda one: -one.place):
            acts = [act for act in run.acts if act.planned in patch.steps]
            if not acts or any(act.status != "verified" for act in acts):
                return
            steps[patch.place : patch.place + 1] = [format_step(lifted(step_of(act), data)) for act in acts]
        written, _ = read_yaml(chosen.file.read_text(encoding="utf-8"))
        told = {key: steps if key == "steps" else value for key, value in written.items()}
        text = self._hide(dumped(told))
        load_script(text)
        diff = self._shelf.heal(chosen, text, len(patches))
        self.told = f"“{chosen.skill.name}” has a new version with {len(patches)} healed step(s); what changed: {diff}"
