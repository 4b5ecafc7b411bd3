"""What the steps of a run were done on, in the order they were done."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from operator_agent.errors import UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.record import Chosen, Healed, Judged, Record
from operator_agent.flow.target import Target


class Print(Frozen):
    """One act: its verb, the target it was planned with, and what that was then."""

    verb: str
    target: Target
    known: Fingerprint


class Prints(Frozen):
    """Those of one run or one skill; kept beside a skill as JSON."""

    version: Literal[1] = 1
    acts: tuple[Print, ...] = ()

    @classmethod
    def of(cls, records: Iterable[Record]) -> Prints:
        """Of every act that was verified, or of which nothing was expected; the target of a healed one is the healed one's."""
        found: list[Print] = []
        chosen: dict[int, Print] = {}
        for record in records:
            if isinstance(record, Chosen) and (known := record.prints.get("target")):
                target = getattr(record.action, "target", None)
                if isinstance(target, Target):
                    chosen[record.step] = Print(verb=record.action.verb, target=target, known=known)
            elif isinstance(record, Healed):
                chosen.pop(record.step, None)
            elif isinstance(record, Judged) and (one := chosen.pop(record.step, None)) and record.verdict.status != "refuted":
                found.append(one)
        return cls(acts=tuple(found))

    @classmethod
    def read(cls, file: Path) -> Prints:
        """Those kept in `file`; none when there is no such file. Raises UsageError for one that is something else."""
        if not file.is_file():
            return cls()
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise UsageError(f"{file} does not hold what steps were done on: {error.errors()[0]['msg']}") from None
