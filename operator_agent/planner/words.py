"""Plain words → steps, without a model: what the grammar reads, settled on the page that is open.

A clause that means one thing whatever the page shows becomes an action at once. One that depends on the page ("choose Large": a
radio, a button, an option?) stays words, a `do` step, until its turn comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from operator_agent.flow.action import Click, Do, Fill, Hover, RightClick, Select, WaitFor
from operator_agent.flow.check import Check, HoldsCheck
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.grounding.fit import CHOOSERS, FIELDS
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.beginning import named
from operator_agent.planner.crafts import Asked, Craft, Proposal
from operator_agent.planner.crafts import crafts as known_crafts
from operator_agent.planner.crafts.records.moving import in_context
from operator_agent.planner.grammar import Clause, Reading, behind, clauses, forms_like, is_address, joined
from operator_agent.planner.ladder import NotMine
from operator_agent.planner.meaning import Meant, address, check_of, no_mere_waiting, plain
from operator_agent.planner.onpage import meant, name_and_place, whole_name
from operator_agent.planner.recovery import recover
from operator_agent.planner.sentences import differs, plainly
from operator_agent.planner.sentences.settled import may_answer, may_answer_later, precise, settle
from operator_agent.roles import Situation, Values

_QUIET = frozenset({"fill", "check", "uncheck", "select", "hover", "mark", "scroll", "read", "type"})
"""Verbs after which the page is still the one that was looked at, as a rule; behind any other, words wait for their turn."""
_MIXED = re.compile(r"[\"“][^\"“”]+[\"”]\s+\w+ ")
"""A text in quotes and words behind it, which say what to make of it: no text to type."""
_SURE = 94.0
_NAMED = 91.0
"""From here on words are the name of something, whatever they may say of looks: more than a role alone."""
_MOST_JOINED = 4


class _Stuck(Refusal):
    """Of a craft that has begun: nothing else goes on with its words."""


class WordsPlanner:
    """Understands all of an instruction or refuses it: nothing half-read is ever done. `start` is opened first when the
    instruction names no address itself."""

    def __init__(self, start: str = "", crafts: Sequence[Craft] | None = None) -> None:
        self.start = start
        self._crafts = known_crafts() if crafts is None else tuple(crafts)
        self._memories: dict[tuple[str, str], dict[str, Any]] = {}
        self._kept: dict[str, Any] = {}
        self._doing: dict[str, str] = {}
        """The craft whose steps were the last for some words."""

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """The clauses as steps. An address named first becomes `start`; a last "check that …" becomes `done`."""
        self._memories, self._kept, self._doing = {}, {}, {}
        found = clauses(command.text)
        refusal = self._unread(command.text, found)
        if differs(command.text, found):
            begins = named(command.text) or self.start
            return Plan(goal=command.text, steps=(_in_words(command.text),), start=begins, tier="words")
        if refusal and not self._hear(command.text):
            return refusal
        steps: list[Step] = []
        done: tuple[Check, ...] = ()
        start = ""
        for words, clause in _chunks(command.text, found):
            whole = not refusal and self._spans(command.text[clause.start :])
            action = plain(clause) if clause.readings and not refusal and not whole and words == clause.words else None
            asked = words if action else command.text[clause.start :]
            # What a craft may know waits for the page; with all behind it, unless it is plain.
            if refusal or whole or self._hear(asked):
                steps.append(_in_words(asked, self._must_see(asked)))
                if action:
                    continue
                break
            reading = clause.readings[0]
            if reading.verb == "open" and not steps and not start and is_address(_place(reading)):
                start = address(_place(reading))
            elif reading.verb == "expect":
                if steps and clause is not found[-1]:
                    steps[-1] = _with(steps[-1], (check_of(reading.slots["thing"]),))
                else:
                    done = (*done, check_of(reading.slots["thing"]))
            else:
                steps.append(Step(action=action, intent=words) if action else _in_words(words))
        return Plan(goal=command.text, steps=tuple(steps), done=done, start=start or self.start, tier="words")

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        """The words of a `do` step as steps for this page. What cannot be settled yet stays words, for the executor to wait for
        or, behind a step that may change the page, for its own turn."""
        assert isinstance(step.action, Do)
        page, text = Page(observation), step.action.words
        steps = self._gone_on(text, page, step.looks)
        if steps is None:
            text = self._put_plainly(text, page)
            steps = self._read(text, page, step.looks)
        if isinstance(steps, Refusal):
            return steps
        if not steps and step.expect:
            return tuple(Step(action=WaitFor(check=check), expect=(check,)) for check in step.expect)
        if not steps:
            return ()
        self._kept["ordered"] = True
        last = steps[-1]
        ends = {"expect": (*last.expect, *step.expect), "intent": step.intent or text, "risk": step.risk, "optional": step.optional}
        return (*steps[:-1], last.model_copy(update=ends))

    def _gone_on(self, text: str, page: Page, looks: bool) -> list[Step] | Refusal | None:
        """What the craft that has begun with these words does next, before anybody else thinks: the page may not wait."""
        begun = next((craft for craft in self._crafts if craft.name == self._doing.get(text)), None)
        if begun is None or (getattr(begun, "sees", False) and not looks):
            return None
        found = self._asked(begun, text, page)
        if isinstance(found, Refusal):
            return _Stuck(**dict(found))
        return None if found is None else found.refusal or _offered_steps(found, text, 0)

    def _read(self, text: str, page: Page, looks: bool) -> list[Step] | Refusal:
        """The words, clause by clause, by whoever is surest of them."""
        rest = clauses(text)
        # What is read in part only is begun by nobody but a craft that understands all of it.
        begun = len(rest) > 1 and not differs(text, rest) and not self._hear(text, whole=False)
        unread = self._unread(text, rest) if begun else None
        steps: list[Step] = []
        while rest:
            begins = rest[0].start if steps or self._kept.get("whole") != text else 0
            taken = _take(text, rest, page)
            offered = self._offered(text[begins:], page, at_least=taken[0].score if taken and isinstance(taken[0], Meant) else 0)
            offered = self._settled_by_name(text[begins:], page, taken, offered)
            if unread and not isinstance(offered, Proposal):
                return offered or unread
            if not looks and not _settled(taken[0] if taken else None, offered) and self._must_see(text[begins:]):
                return [*steps, _in_words(text[begins:], looks=True)]
            if isinstance(offered, _Stuck):
                return offered
            if isinstance(offered, Proposal):
                return offered.refusal or [*steps, *_offered_steps(offered, text, begins)]
            if taken is None or isinstance(taken[0], Refusal) or (offered and not taken[0].score):
                return offered or (_not_understood(rest[0].words) if taken is None else taken[0])  # type: ignore[return-value]
            found, rest = taken
            assert isinstance(found, Meant)
            _append(steps, found._replace(actions=tuple(in_context(action, page, self._kept) for action in found.actions)))
            self._kept["typed"] = (*self._kept.get("typed", ()), *(one.text for one in found.actions if isinstance(one, Fill)))
            if rest and not all(action.verb in _QUIET for action in found.actions):
                _go_on(steps, text[rest[0].start : rest[-1].end])
                break
        mixed = any(isinstance(one.action, Fill) and _mixed(one.action, text, page) for one in steps)
        return _joined_choices(steps) if steps and not mixed else _not_understood(text)

    def _unread(self, text: str, found: list[Clause]) -> Refusal | None:
        """What nobody reads of these words: neither the grammar, nor a craft from where a clause begins."""
        unread = [clause for clause in found if clause.readings or not self._hear(text[clause.start :], whole=False)]
        return _refusal(text, unread, bool(found))

    def _put_plainly(self, words: str, page: Page) -> str:
        """The words as plain orders, unless the grammar reads them as they stand, or a craft that does all of them or nothing."""
        if ("sentences", words) in self._memories:
            return words
        found = clauses(words)
        plain = not differs(words, found)
        if self._crafted(words, page, found):
            return words
        for craft in self._crafts if not may_answer_later(words) else ():
            able = getattr(craft, "whole", False) and (not plain or getattr(craft, "eager", False))
            if able and (self._doing.get(words) == craft.name or _all_of(words, self._tried(craft, words, page))):
                self._kept["whole"] = words
                return words
        return words if plain else plainly(words)

    def _crafted(self, words: str, page: Page, found: list[Clause]) -> bool:
        """Whether a craft has begun with the words as they stand, or can: one that goes by what the page calls things, or one that
        is sure of more than the first clause."""
        for craft in self._crafts:
            if getattr(craft, "whole", False) or not craft.hears(words):
                continue
            if self._doing.get(words) == craft.name:
                return True
            offered = self._tried(craft, words, page)
            if isinstance(offered, Proposal) and (getattr(craft, "firm", False) or _reaches(offered, words, found)):
                return True
        return False

    def _tried(self, craft: Craft, words: str, page: Page) -> Proposal | Refusal | None:
        """What a craft would do, which is not begun by asking."""
        return craft.propose(Asked(words, page, {}, dict(self._kept)))

    def _settled_by_name(
        self, words: str, page: Page, taken: tuple[Meant | Refusal, list[Clause]] | None, offered: Proposal | Refusal | None
    ) -> Proposal | Refusal | None:
        """What is offered; where nothing is, and the grammar has nothing to point at either, what the page's names make of it."""
        memory = self._memories.get(("sentences", words), {})
        begun = settle(Asked(words, page, memory, self._kept)) if memory else None
        if isinstance(begun, Proposal) or isinstance(offered, _Stuck):
            return begun if isinstance(begun, Proposal) else offered
        sure = taken is not None and isinstance(taken[0], Meant) and _sure(taken[0], words)
        final = taken is not None and isinstance(taken[0], Refusal) and not isinstance(taken[0], NotMine)
        if isinstance(offered, Proposal):
            known = precise(Asked(words, page, memory, self._kept)) if offered.again and _tries(offered) else None
            if known:
                self._memories["sentences", words] = memory
            return known or offered
        if not memory and (sure or final):
            return offered
        if memory:
            return begun or offered
        memory = self._memories.setdefault(("sentences", words), memory)
        return settle(Asked(words, page, memory, self._kept)) or offered

    def _hear(self, words: str, *, whole: bool = True) -> bool:
        return any(craft.hears(words) for craft in self._crafts if whole or not getattr(craft, "whole", False))

    def _spans(self, words: str) -> bool:
        """Whether a craft hears a request that may take more than the first clause."""
        return any(getattr(craft, "spans", False) and craft.hears(words) for craft in self._crafts)

    def _must_see(self, words: str) -> bool:
        """Whether somebody wants to see shapes and colours before these words are understood."""
        return any(getattr(craft, "sees", False) and craft.hears(words) for craft in self._crafts)

    def _offered(self, words: str, page: Page, at_least: float) -> Proposal | Refusal | None:
        """Of the craft that has begun with these words; else the surest proposal that is at least so sure; else why one that
        understood cannot; else None."""
        whole = self._kept.get("whole") == words  # all of it is understood at once: nobody else reads a part of it
        asked = [craft for craft in self._crafts if getattr(craft, "whole", False) == whole and (whole or craft.hears(words))]
        begun = next((craft for craft in asked if craft.name == self._doing.get(words)), None)
        if begun and (found := self._asked(begun, words, page)):
            return found if isinstance(found, Proposal) else _Stuck(**dict(found))
        refused: Refusal | None = None
        best: Proposal | None = None
        for craft in asked if not (whole and words in self._kept.get("acts", ())) else ():  # an act of an order is no request
            found = self._asked(craft, words, page) if craft is not begun else None
            if isinstance(found, Refusal):
                refused = refused or found
            elif found and found.score >= at_least and (best is None or found.score > best.score):
                best, self._doing[words] = found, craft.name
        return best or refused

    def _asked(self, craft: Craft, words: str, page: Page) -> Proposal | Refusal | None:
        memory = self._memories.setdefault((craft.name, words), {})
        return craft.propose(Asked(words, page, memory, self._kept))

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        return None

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return recover(step, trouble, observation)


def _settled(taken: Meant | Refusal | None, offered: Proposal | Refusal | None) -> bool:
    """Whether the words are understood well enough without seeing what things look like."""
    sure = (found.score >= _NAMED for found in (taken, offered) if isinstance(found, Meant | Proposal))
    return isinstance(taken, Refusal) or any(sure)


def _sure(found: Meant, words: str) -> bool:
    """Whether the grammar has something to point at; "note the price" may mean a button, too."""
    notes = [action.verb for action in found.actions] == ["read"] and words.split()[0].casefold() != "read" and " as " not in words
    return not found.actions or (found.score > 0 and not notes)


def _tries(offered: Proposal) -> bool:
    """Whether it only tries whether something opens: it presses what is no control."""
    targets = [step.action.target for step in offered.steps if isinstance(step.action, Click | RightClick | Hover)]
    return bool(targets) and all(target.role not in ("button", "link", "menuitem", "tab") for target in targets)


def _all_of(words: str, found: Proposal | Refusal | None) -> bool:
    return isinstance(found, Proposal) and not found.refusal and (found.again or not words[found.end :].strip(" .,;!?"))


def _reaches(found: Proposal, words: str, read: list[Clause]) -> bool:
    """Whether it is sure of all of the words, or of more than the first clause of several."""
    if found.refusal or found.score < _SURE:
        return False
    return found.again or not words[found.end :].strip(" .,;!?") or (len(read) > 1 and found.end > read[0].end)


def _mixed(fill: Fill, words: str, page: Page) -> bool:
    """Whether the text is more than a text: words around something quoted, or, unquoted, the name of another field and what is for
    that."""
    if _MIXED.match(fill.text):
        return True
    inner = f" {folded(fill.text)} ".partition(" ")[2].partition(" ")[2]
    others = (page.labels[i] for i in page.controls if page.elements[i].role in FIELDS | CHOOSERS)
    quoted = any(f"{mark}{fill.text}" in words for mark in "\"“'‘«「")
    return not quoted and any(f" {name} " in f" {inner}" for name in others if len(name) > 2 and name != folded(fill.target.name))


def _joined_choices(steps: list[Step]) -> list[Step]:
    """Choices from one list, one behind the other, as one choice: each alone would take the one before back."""
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else step
        before, now = last.action, step.action
        if joined and isinstance(before, Select) and isinstance(now, Select) and before.target == now.target:
            both = Select(target=now.target, options=tuple(dict.fromkeys((*before.options, *now.options))))
            joined[-1] = last.model_copy(update={"action": both, "expect": (*last.expect, *step.expect)})
        else:
            joined.append(step)
    return joined


def _offered_steps(found: Proposal, text: str, begins: int) -> list[Step]:
    """The steps of a proposal for the words from `begins`, and in words what they leave."""
    steps = list(found.steps)
    _go_on(steps, text[begins:] if found.again else behind(text, begins + found.end))
    return steps


def _go_on(steps: list[Step], words: str) -> None:
    """What is still to be done, in words; where they may say what to answer, the step before may make the page ask."""
    if not words:
        return
    answers = may_answer(words)
    if answers and steps:
        steps[-1] = steps[-1].model_copy(update={"answers": True})
    steps.append(Step(action=Do(words=words), answers=answers or bool(steps and steps[-1].answers)))


def _in_words(words: str, looks: bool = False) -> Step:
    return Step(action=Do(words=words), intent=words, looks=looks)


def _take(text: str, rest: list[Clause], page: Page) -> tuple[Meant | Refusal, list[Clause]] | None:
    """What the first clause asks for on this page, and the clauses behind it. Clauses joined by a mere "and" are one when
    together they name something that is there: "press Save and Continue"."""
    first = rest[0]
    found = _on_page(first, page)
    verb = first.readings[0].verb if first.readings else ""
    whole_alone = isinstance(found, Meant) and found.score >= _SURE and verb in ("fill", "set", "type")
    for size in range(min(len(rest), _MOST_JOINED), 1, -1) if not whole_alone else ():
        if all(clause.loose for clause in rest[1:size]):
            one = joined(text, first, rest[size - 1])
            answered = any(may_answer(clause.words) for clause in rest[1:size])  # "archive all and confirm"
            together = whole_name(one.words, page) if answered else _on_page(one, page)
            if isinstance(together, Meant) and together.score >= _SURE and len(together.actions) == 1:
                return together, rest[size:]
    return None if found is None else (found, rest[1:])


def _on_page(clause: Clause, page: Page) -> Meant | Refusal | None:
    """What a clause asks for on this page; one that reads as nothing may still be a name that stands there."""
    return meant(clause, page) if clause.readings else whole_name(clause.words, page) or name_and_place(clause.words, page)


def _append(steps: list[Step], found: Meant) -> None:
    steps.extend(Step(action=action) for action in found.actions)
    for check in found.checks:
        if steps:
            steps[-1] = _with(steps[-1], (check,))
        else:
            steps.append(Step(action=WaitFor(check=check), expect=(HoldsCheck(check=check),)))


def _with(step: Step, checks: tuple[Check, ...]) -> Step:
    return step.model_copy(update={"expect": (*step.expect, *checks)})


def _chunks(text: str, found: Sequence[Clause]) -> Iterator[tuple[str, Clause]]:
    """Each clause with its words; with those of the next ones too, when only the page can tell whether they are one name."""
    at = 0
    while at < len(found):
        end = at + 1
        while end < len(found) and _may_be_one_name(found[end - 1], found[end]):
            end += 1
        yield text[found[at].start : found[end - 1].end] if end > at + 1 else found[at].words, found[at]
        at = end


def _may_be_one_name(before: Clause, clause: Clause) -> bool:
    """Whether the second verb is spelled as in a name: "press Save and Continue", "press Save and Open Menu"."""
    if not clause.loose or not before.readings or before.readings[0].verb not in ("click", "named", "open"):
        return False
    named = bool(clause.readings) and clause.readings[0].verb == "named"
    quoted = any(slot.quoted for slot in before.readings[0].slots.values())
    return not quoted and (named or clause.words[:1].isupper())


def _refusal(text: str, found: list[Clause], said: bool = True) -> Refusal | None:
    if not said:
        return _not_understood(text[:200])
    for clause in found:
        if not clause.readings:
            return _not_understood(clause.words)
        if clause.readings[0].verb == "wait":
            return no_mere_waiting(clause.words)
    return None


def _not_understood(words: str) -> Refusal:
    return NotMine(reason=f'Did not understand: "{words}".', nearest=forms_like(words))


def _place(reading: Reading) -> str:
    return reading.text("place") or reading.text("url")
