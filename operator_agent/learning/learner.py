"""Follows a run and keeps what is worth keeping: a candidate when a model planned it and it passed, counts, and a healed step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from operator_agent.errors import OperatorError
from operator_agent.export.data import title_of
from operator_agent.export.retold import Retelling, retell
from operator_agent.export.skill import inputs_of, lifted, same_phrase, skill_of, step_of
from operator_agent.flow.origin import Origin
from operator_agent.flow.plan import Step
from operator_agent.flow.record import Asked, Ended, Healed, Observed, Planned, Record
from operator_agent.healing.prints import Prints
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
            if chosen and self._planner and not self._by_model:
                self._heal(chosen, self._planner.patches)
            elif self._by_model and not self._asked and ended.result.plan.done:
                self._learn(retell(self._records))
        except (OSError, OperatorError) as why:
            self.told = f"nothing was learned: {why}"

    def _learn(self, run: Retelling) -> None:
        if "://" not in run.start:
            return
        skill = skill_of(run, name=title_of(run.started.command.text, {}))
        if not skill.get("says"):
            return
        origin, phrase = str(Origin.parse(run.start)), skill["says"][0]
        known = {one.name: self._hide(one.value) for one in inputs_of(run)}
        skill["skill"] = title_of(phrase, {}) or skill["skill"]
        text = self._hide(dumped(skill))
        load_script(text)
        older = next((one for one in self._shelf.of(origin) if any(same_phrase(says, phrase) for says in one.skill.says)), None)
        file = self._shelf.keep(
            origin, skill["skill"], text, command=self._hide(run.started.command.text), known=known, replaced=older
        )  # fmt: skip
        self._shelf.imprint(file, self._prints())
        self.told = f"learned for {origin}: “{phrase}” is done without a model next time ({file.stem})"

    def _heal(self, chosen: Candidate, patches: list[Patch]) -> None:
        """Writes the steps that took the place of failed ones, and targets that were found again, once the whole is proved."""
        run = retell(self._records)
        data = inputs_of(run)
        new = [*self._found_again(run)]
        for patch in patches:
            acts = [act for act in run.acts if act.planned in patch.steps]
            if acts and all(act.status == "verified" for act in acts):
                new.append((patch.place, [step_of(act) for act in acts]))
        if not new:
            return
        steps = [dict(step) for step in chosen.skill.steps]
        for place, healed in sorted(new, key=lambda one: -one[0]):
            steps[place : place + 1] = [format_step(lifted(step, data)) for step in healed]
        written, _ = read_yaml(chosen.file.read_text(encoding="utf-8"))
        text = self._hide(dumped({key: steps if key == "steps" else value for key, value in written.items()}))
        load_script(text)
        diff = self._shelf.heal(chosen, text, len(new))
        self._shelf.imprint(chosen.file, self._prints())
        count = "1 step is" if len(new) == 1 else f"{len(new)} steps are"
        self.told = f"“{chosen.skill.name}” has a new version, in which {count} healed; what changed: {diff}"

    def _found_again(self, run: Retelling) -> Iterator[tuple[int, list[Step]]]:
        """Of every step whose target was healed and verified: its place in the skill, and the step with the new target."""
        learned = next(
            record.plan.steps for record in self._records if isinstance(record, Planned) and record.plan.tier == "learned"
        )
        for healed in self._records:
            act = next(
                (one for one in run.acts if isinstance(healed, Healed) and one.number == healed.step and not one.clears), None
            )
            if act is None or act.planned is None or act.status != "verified" or act.planned not in learned:
                continue
            assert isinstance(healed, Healed)
            same = [place for place, step in enumerate(learned) if step == act.planned]
            before = [one for one in run.acts if one.number < act.number and one.planned == act.planned]
            action = act.planned.action.model_copy(update={"target": healed.new})
            yield same[min(len(before), len(same) - 1)], [act.planned.model_copy(update={"action": action})]

    def _prints(self) -> str:
        return self._hide(Prints.of(self._records).model_dump_json())
