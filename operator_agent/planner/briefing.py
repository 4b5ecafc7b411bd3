"""What a model is told of a situation: the person's words, what is allowed, what was done, and the page, each in its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from operator_agent.flow.action import describe
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Observation
from operator_agent.planner.pagetext import estimate, fenced, page_text
from operator_agent.roles import Situation, Taken
from operator_agent.script import check_text

_STEPS_SHOWN = 12
_CUT_LINES = 900
"""Tokens kept free for what was left out, the address and the marks."""
_REASON = 300
"""Characters of a verdict's reason that are told: it may quote the page."""


class Briefing:
    """Writes the turn for one run. Page text stands between marks that are made anew for each run, so no page can write them."""

    def __init__(self, mark: str, grant: Grant, budget: int) -> None:
        self.mark, self.grant, self.budget = mark, grant, budget

    def text(self, situation: Situation, *, nudge: str = "", find: Iterable[str] = (), expand: Iterable[str] = ()) -> str:
        """The whole turn, within `budget` tokens: what is not page goes first, the newest page gets what is left."""
        seen = situation.seen
        parts = [
            f"# The person's command\n\n{situation.command.text}",
            *_section("The person's answers", (f"{about} -> {answer}" for about, answer in situation.answers.items())),
            *_section("Allowed", _allowed(self.grant)),
            *_section("Values read so far", self._values(situation.values)),
            *_section("Done so far", self._history(situation.taken)),
            *_section("Proof named so far", (check_text(check) for check in situation.plan.done)),
            *_section("What went wrong", self._trouble(situation)),
            *_section("Mind", [nudge] if nudge else []),
        ]
        said = "\n\n".join(parts)
        words = " ".join((situation.command.text, situation.why))
        left = max(500, self.budget - estimate(said) - _CUT_LINES)
        page = page_text(seen, words, budget=left, find=tuple(find), expand=tuple(expand))
        cut = [f"- {line}" for line in page.cut]
        about = [f"address: {seen.url}", f"title: {seen.title}", *_tabs(seen), *_dialog(seen)]
        body = "\n".join([*about, "", page.text, *(["", "Left out:", *cut] if cut else [])])
        return f"{said}\n\n# The page now\n\n{fenced(body, self.mark)}"

    def _history(self, taken: tuple[Taken, ...]) -> list[str]:
        lines = []
        for number, one in enumerate(taken, 1):
            status = one.verdict.status if one.verdict else "skipped"
            lines.append(f"{number}. {describe(one.step.action)}: {status}")
        hidden = len(lines) - _STEPS_SHOWN
        return ([f"… {hidden} earlier steps"] if hidden > 0 else []) + lines[-_STEPS_SHOWN:]

    def _values(self, values: Mapping[str, Any]) -> list[str]:
        """They come from pages, and are fenced like them."""
        lines = [f"{{{name}}} = {json.dumps(value, ensure_ascii=False)[:200]}" for name, value in values.items()]
        return [fenced("\n".join(lines), self.mark)] if lines else []

    def _trouble(self, situation: Situation) -> list[str]:
        if not situation.why:
            return []
        failed = f"{describe(situation.failed.action)}: " if situation.failed else ""
        return [fenced(f"{failed}{situation.kind}: {situation.why[:_REASON]}", self.mark)]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [f"# {title}\n\n" + "\n".join(found)] if found else []


def _allowed(grant: Grant) -> list[str]:
    lines = [f"sites: {', '.join(grant.origins)}"] if grant.origins else []
    if grant.approved:
        lines.append(f"approved beforehand: {', '.join(sorted(grant.approved))}; other effects are asked for when they come")
    return [*lines, *(f"{{secret:{secret.name}}} for {secret.origin}" for secret in grant.secrets)]


def _tabs(seen: Observation) -> list[str]:
    return [f"tab: {tab.title} {tab.url}{' (active)' if tab.active else ''}" for tab in seen.tabs] if len(seen.tabs) > 1 else []


def _dialog(seen: Observation) -> list[str]:
    return [f'open dialog ({seen.dialog.kind}): "{seen.dialog.text}"'] if seen.dialog else []
