"""What a model answers when asked for steps: one reply type, made from the table of verbs, read as steps of the one format."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from operator_agent.errors import UsageError
from operator_agent.flow.action import MAIN, OTHERS
from operator_agent.flow.check import Check
from operator_agent.flow.plan import Step
from operator_agent.script import parse_checks, parse_step

_NOT_FOR_MODELS = frozenset({"do", "ask", "click at", "hover at", "drag from"})
"""Points are for what no target names; words would be planned again; a person is asked by `question`, which ends the planning until
there is an answer."""


class ProposedStep(BaseModel):
    """One step. Its fields are those of the action `kind`; targets and checks are written in the notation of scripts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    # No descriptions here: they would be sent once for every verb, and the instructions explain all three.
    expect: tuple[str, ...] = ()
    why: str = ""
    risk: str = ""

    @model_validator(mode="after")
    def _is_a_step(self) -> ProposedStep:
        self.step()
        return self

    def step(self) -> Step:
        """Raises ValueError with what is wrong with it."""
        try:
            return parse_step(self._written())
        except UsageError as error:
            raise ValueError(str(error)) from None

    def _written(self) -> dict[str, Any]:
        main = MAIN[self.kind][1]
        written: dict[str, Any] = {self.kind: _plain(getattr(self, main)) if main else None}
        said: set[str] = set()
        for key, field in reversed(OTHERS.get(self.kind, {}).items()):
            if field != main and field not in said and (value := getattr(self, field)):
                written[key] = _plain(value)
                said.add(field)
        common = {"expect": list(self.expect), "intent": self.why, "risk": self.risk}
        return written | {key: value for key, value in common.items() if value}


class Proposal(BaseModel):
    """The next steps, and what will prove the whole. `steps` is given its type by `proposal`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = ""
    steps: tuple[ProposedStep, ...] = ()
    done: tuple[str, ...] = Field(default=(), description="checks that show, at the end, that the whole command was carried out")
    finished: bool = Field(default=False, description="nothing is left to do after these steps")
    question: str = Field(default="", description="what only the person can tell")
    impossible: str = Field(default="", description="why it cannot be done")
    find: tuple[str, ...] = Field(default=(), description="words to look for in the parts of the page that were left out")
    expand: tuple[str, ...] = Field(default=(), description="containers to show in full")

    @model_validator(mode="after")
    def _checks_are_checks(self) -> Proposal:
        self.proof()
        return self

    def proof(self) -> tuple[Check, ...]:
        """Raises ValueError with what is wrong with a check."""
        try:
            return parse_checks(list(self.done)) if self.done else ()
        except UsageError as error:
            raise ValueError(str(error)) from None


@cache
def proposal(vocabulary: frozenset[str]) -> type[Proposal]:
    """The reply type for a surface that knows these verbs. Verbs with the same fields share one shape of a step: the schema is sent
    with every request, and one shape for each verb would cost twice as much."""
    alike: dict[frozenset[str], list[str]] = {}
    for verb in MAIN:
        if verb in vocabulary and verb not in _NOT_FOR_MODELS:
            alike.setdefault(frozenset(_fields(verb)), []).append(verb)
    steps = Union[tuple(_step_type(tuple(verbs)) for verbs in alike.values())]  # type: ignore[valid-type]  # noqa: UP007 - made at run time
    known = Annotated[steps, Field(discriminator="kind")]  # type: ignore[valid-type]
    return create_model("Proposal", __base__=Proposal, steps=(tuple[known, ...], ()))


def _fields(verb: str) -> dict[str, tuple[Any, Any]]:
    """The fields of the verb's action, as a model writes them."""
    action = MAIN[verb][0]
    hints = get_type_hints(action)
    return {name: _field(hints[name], info) for name, info in action.model_fields.items() if name != "verb"}


def _step_type(verbs: tuple[str, ...]) -> type[ProposedStep]:
    """The step of verbs with the same fields. What only some of them need may be left out; reading the step holds them to it."""
    shared: dict[str, Any] = {"kind": (Literal[verbs], ...)}
    for fields in map(_fields, verbs):
        for name, field in fields.items():
            if name not in shared or shared[name][1] is ...:
                shared[name] = field
    title = "".join(part.capitalize() for verb in verbs for part in verb.split())
    return create_model(title, __base__=ProposedStep, **shared)


def _field(hint: Any, info: Any) -> tuple[Any, Any]:
    """An action's field as a model writes it: targets and checks are text, what may be left out is empty."""
    if get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint):
        return str, ""
    if get_origin(hint) is tuple:
        return tuple[str, ...], ... if info.is_required() else ()
    if get_origin(hint) is Literal:
        return hint, ... if info.is_required() else info.default
    return str, ... if info.is_required() else (info.default or "")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
