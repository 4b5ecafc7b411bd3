"""A file's steps and checks with the inputs put in: loops rolled out, conditions decided, placeholders filled.

    - for each: items                 - when: {milk: [oat, soy]}          - click: button "Gift"
      steps: […]                        steps: […]                          unless: {note: ""}

In a list of checks the same, with `checks:` for `steps:`. `when: note` alone means: the input is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from operator_agent.errors import ScriptError, UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.check import Check, ValueCheck
from operator_agent.flow.plan import Step
from operator_agent.flow.skill import InputSpec
from operator_agent.script.checks import parse_check
from operator_agent.script.inputs import choice, sample
from operator_agent.script.placeholder import in_patterns, map_text, names, put_inputs, show
from operator_agent.script.source import Where, as_list, as_mapping, as_text, as_texts, nearest, only_keys
from operator_agent.script.steps import parse_step

CONDITIONS = ("when", "unless")
_Model = TypeVar("_Model", bound=Frozen)


@dataclass
class Expander:
    """Expands nodes for these inputs. `known` are the names of values that steps have read so far; expanding adds to them.

    With `problems`, errors are put there and the next node is read; else the first is raised.
    """

    specs: Mapping[str, InputSpec]
    values: Mapping[str, Any]
    known: set[str] = field(default_factory=set)
    problems: list[ScriptError] | None = None
    everything: bool = False
    """Take both branches of every condition: to check a file, not to run it."""

    @classmethod
    def checking(cls, specs: Mapping[str, InputSpec], problems: list[ScriptError]) -> Expander:
        """Reads all there is, with values that could be given."""
        return cls(specs, sample(specs), problems=problems, everything=True)

    def steps(self, nodes: Any, at: Where) -> Iterator[Step]:
        yield from self._nodes(nodes, at, "steps", self._step)

    def checks(self, nodes: Any, at: Where) -> Iterator[Check]:
        """The checks of a list, or a single one."""
        if not isinstance(nodes, (list, tuple)):
            nodes = [nodes] if nodes is not None else []
        yield from self._nodes(nodes, at, "checks", self._check)

    def text(self, text: str, at: Where) -> str:
        """`text` with the inputs in it; every name it uses must be known."""
        self._require(text, at)
        try:
            return put_inputs(text, self.values)
        except UsageError as error:
            raise at.error(str(error)) from None

    def _nodes(self, nodes: Any, at: Where, inner: str, read: Callable[[Any, Where], _Model]) -> Iterator[Any]:
        for number, node in enumerate(as_list(nodes, at)):
            try:
                yield from self._node(node, at.at(number), inner, read)
            except ScriptError as error:
                if self.problems is None:
                    raise
                self.problems.append(error)

    def _node(self, node: Any, at: Where, inner: str, read: Callable[[Any, Where], _Model]) -> Iterator[Any]:
        if not isinstance(node, Mapping) or not {"for each", inner, *CONDITIONS} & node.keys():
            yield read(node, at)
            return
        if not self._wanted(node, at):
            return
        if "for each" not in node and inner not in node:
            yield read({key: value for key, value in node.items() if key not in CONDITIONS}, at)
            return
        only_keys(node, ("for each", *CONDITIONS, inner), at, "a block")
        if inner not in node:
            raise at.error(f"the block has no `{inner}`, the list of what it does", "for each")
        for scope in self._rounds(node, at) if "for each" in node else (self,):
            yield from scope._nodes(node[inner], at.at(inner), inner, scope._step if inner == "steps" else scope._check)

    def _rounds(self, node: Mapping[str, Any], at: Where) -> Iterator[Expander]:
        """One scope for each item of the list: its inputs by name (or `item`), and `index` from 1."""
        below = at.at("for each")
        name = as_text(node["for each"], below)
        spec = self.specs.get(name)
        if spec is None or spec.type != "list":
            lists = [name for name, spec in self.specs.items() if spec.type == "list"]
            there = f"lists are {', '.join(lists)}" if lists else "give an input `each:`, the inputs of one group"
            raise below.error(f"{name!r} is no list of inputs{nearest(name, lists)}; {there}", "for each")
        for index, item in enumerate(self.values[name], start=1):
            inner = item if isinstance(item, Mapping) else {"item": item}
            yield replace(self, specs={**self.specs, **spec.each}, values={**self.values, **inner, "index": index})

    def _wanted(self, node: Mapping[str, Any], at: Where) -> bool:
        verdicts = [self._holds(node[key], at.at(key)) == (key == "when") for key in CONDITIONS if key in node]
        return all(verdicts) or self.everything

    def _holds(self, node: Any, at: Where) -> bool:
        """Whether every input named has one of the values named, or is given when none are."""
        wanted = dict.fromkeys(as_texts(node, at)) if not isinstance(node, Mapping) else as_mapping(node, at)
        held = [self._is(name, values, at) for name, values in wanted.items()]  # all of them are looked at, for their errors
        return all(held)

    def _is(self, name: str, wanted: Any, at: Where) -> bool:
        if name not in self.values:
            raise at.error(f"{name!r} is no input{nearest(name, self.values)}; a condition is about inputs only", at.key)
        value = self.values[name]
        if wanted is None:
            return value not in ("", [], None)
        spec = self.specs.get(name)
        texts = as_texts(wanted, at.at(name))
        for text in texts:
            if spec and spec.one_of and choice(spec, text) is None and text:
                raise at.error(f"{name} is never {text!r}{nearest(text, spec.one_of)}; it is one of {', '.join(spec.one_of)}", name)
        return show(value).casefold() in {text.casefold() for text in texts}

    def _step(self, node: Any, at: Where) -> Step:
        step_only = {key: value for key, value in node.items() if key != "expect"} if isinstance(node, Mapping) else node
        self._require(step_only, at)
        step = self._filled(parse_step(step_only, at, self.values), at)
        into = getattr(step.action, "into", "")
        if into in self.values:
            raise at.at("into").error(f"{into!r} is an input already; read into another name", "into")
        if isinstance(node, Mapping) and "expect" in node:
            # What the step itself reads is not there yet when its expectations are filled in; `value:` may name it.
            expanding = replace(self, known=self.known | {f"value {into}"})
            step = step.model_copy(update={"expect": tuple(expanding.checks(node["expect"], at.at("expect")))})
        if into:
            self.known |= {into, f"value {into}"}
        return step

    def _check(self, node: Any, at: Where) -> Check:
        self._require(node, at)
        check = self._filled(parse_check(node, at, self.values), at)
        for name in _value_names(check):
            if name not in self.values and f"value {name}" not in self.known:
                raise at.error(f"no step reads a value {name!r} before this{self._near(name)}; `read: … into: {name}` does", name)
        return check

    def _filled(self, noun: _Model, at: Where) -> _Model:
        try:
            return map_text(noun, lambda text, pattern: put_inputs(text, self._patterns if pattern else self.values))
        except UsageError as error:
            raise at.error(str(error)) from None

    @cached_property
    def _patterns(self) -> Mapping[str, str]:
        return in_patterns(self.values)

    def _require(self, node: Any, at: Where) -> None:
        """Raises ScriptError for a name in `node` that is neither an input nor read before."""
        if isinstance(node, Mapping):
            for key, value in node.items():
                self._require(str(key), at.at(key))
                self._require(value, at.at(key))
        elif isinstance(node, (list, tuple)):
            for number, item in enumerate(node):
                self._require(item, at.at(number))
        elif isinstance(node, str):
            for name in names(node):
                if name not in self.values and name not in self.known:
                    hint = f"{self._near(name)}; it is no input and no step before reads it"
                    raise at.error(f"nothing gives {{{name}}}{hint}; for the text itself write {{{{{name}}}}}", name)

    def _near(self, name: str) -> str:
        return nearest(name, [*self.values, *(known for known in self.known if " " not in known)])


def _value_names(noun: Any) -> Iterator[str]:
    if isinstance(noun, ValueCheck):
        yield noun.name
    elif isinstance(noun, Frozen):
        for field_name in type(noun).model_fields:
            yield from _value_names(getattr(noun, field_name))
    elif isinstance(noun, tuple):
        for item in noun:
            yield from _value_names(item)
