"""Every word of a command, tagged with what it is for one skill; nothing is thrown away."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from operator_agent.planner.lexicon import load
from operator_agent.planner.numbers import read_number
from operator_agent.planner.phrases import Sense, Vocabulary
from operator_agent.planner.times import Moment, read_times
from operator_agent.planner.tokens import Token, key, tidy, tokenise

_UNKNOWN = 20
"""What an unknown word costs in the choice among readings; a known phrase costs 1, so the fewest and longest win."""
_STOPS = frozenset({"comma", "and", "or", "fix", "maybe_fix", "cue", "time", "not"})
_WINDOW = 3
_LONGEST = 8
"""Tokens in the longest phrase that is looked for."""
_PICTURES = frozenset({"So", "Sk", "Cf", "Mn", "Me", "Co", "Cn"})
"""Unicode categories of emoji and their joiners: they say nothing that could be ordered."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Tokens start … end and what they are: a kind of the lexicon or `phrases.Sense`, or number, time, text, word (unknown)."""

    kind: str
    start: int
    end: int
    field: str = ""
    value: Any = None
    plural: bool = False
    guessed: bool = False
    """Read through a typing error."""


class Heard:
    """What a command says before any skill is considered: tokens, phrases, numbers, times. Shared by all skills."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text = tidy(text)
        self.tokens = tokenise(self.text)
        lexicon = load()
        self.moments: dict[int, Moment] = {moment.start: moment for moment in read_times(self.tokens, lexicon, now)}
        ends = range(len(self.tokens))
        self.numbers = [read_number(self.tokens, at, lexicon) for at in ends]
        self.keys = [[key(self.tokens, at, end) for end in range(at + 1, min(len(self.tokens), at + _LONGEST) + 1)] for at in ends]
        """For every token, the phrases of one, two … tokens that start there, as a lexicon would write them."""


@lru_cache(maxsize=8)
def hear(text: str, now: datetime) -> Heard:
    return Heard(text, now)


class Tagged:
    """A command's tokens and tags, in order and without gaps."""

    def __init__(self, text: str, vocabulary: Vocabulary, now: datetime) -> None:
        self.heard = hear(text, now)
        self.text, self.tokens = self.heard.text, self.heard.tokens
        self.vocabulary = vocabulary
        self.shouted = self.text.isupper()
        times = vocabulary.of_type("time")
        self.tags = self._cheapest(self.heard.moments if times else {}, times[0] if times else "")
        self._introduced()
        self._respelt()
        self.tags = [self._resolved(tag, after) for tag, after in zip_longest(self.tags, self.tags[1:])]
        self._aimless()

    def said(self, *tags: Tag) -> str:
        """The person's own words for these tags, which follow each other."""
        return self.text[self.tokens[tags[0].start].start : self.tokens[tags[-1].end - 1].end]

    def _cheapest(self, moments: dict[int, Moment], time_field: str) -> list[Tag]:
        """The reading with the fewest unknown words, then the fewest phrases."""
        count = len(self.tokens)
        best: list[tuple[int, Tag | None]] = [(0, None)] * (count + 1)
        for at in range(count - 1, -1, -1):
            if moment := moments.get(at):
                tag = Tag("time", at, moment.end, time_field, moment.value)
                best[at] = (best[moment.end][0], tag)
                continue
            options = [
                (best[tag.end][0] + (_UNKNOWN if tag.kind == "word" and not tag.value else 1), tag) for tag in self._starting(at)
            ]
            best[at] = min(options, key=lambda option: (option[0], -option[1].end))
        return self._walk([tag for _, tag in best])

    def _walk(self, chosen: list[Tag | None]) -> list[Tag]:
        tags, at = [], 0
        while at < len(self.tokens):
            tag = chosen[at]
            assert tag
            tags.append(tag)
            at = tag.end
        return tags

    def _starting(self, at: int) -> list[Tag]:
        table, tokens = self.vocabulary.table, self.tokens
        picture = unicodedata.category(tokens[at].raw[0]) in _PICTURES
        tags = [Tag("filler" if picture else "word", at, at + 1)]
        for end, phrase in enumerate(self.heard.keys[at], at + 1):
            if sense := table.get(phrase):
                tags += [Tag(sense.kind, at, end, sense.field, sense.value, sense.plural)]
        if number := self.heard.numbers[at]:
            tags.append(Tag("number", at, number[1], value=number[0]))
        return tags

    def _introduced(self) -> None:
        """Values that a word introduces: a name after `for`, a number after `for at most`, a text after `search for`."""
        at = 0
        while at < len(self.tags):
            cue = self.tags[at]
            if cue.kind == "cue":
                end, value = self._value_after(at)
                if end > at + 1:
                    self.tags[at:end] = [Tag(self._kind_of(cue.field), cue.start, self.tags[end - 1].end, cue.field, value)]
            at += 1

    def _kind_of(self, field: str) -> str:
        return "value" if self.vocabulary.fields[field].type in ("integer", "number") else "text"

    def _value_after(self, at: int) -> tuple[int, Any]:
        """Where the value that tag `at` introduces ends (an index of a tag), and the value; `at + 1` when none follows."""
        cue, first = self.tags[at], at + 1
        spec = self.vocabulary.fields[cue.field]
        while first < len(self.tags) and self.said(self.tags[first]) in (":", "：", "=", "is", "of"):
            first += 1
        if first >= len(self.tags):
            return at + 1, None
        if spec.type in ("integer", "number") and self.tags[first].kind == "number":
            return first + 1, (self.tags[first].value,)
        if spec.type not in ("text", "date"):
            return at + 1, None
        end = self._quoted(first) or (self._long(first) if cue.field in self.vocabulary.derived else self._name(at, first))
        return (end, self.said(*self.tags[first:end])) if end > first else (at + 1, None)

    def _quoted(self, first: int) -> int:
        quote = self.tokens[self.tags[first].start].quote
        end = first
        while quote and end < len(self.tags) and self.tokens[self.tags[end].start].quote == quote:
            end += 1
        return end if end > first else 0

    def _long(self, first: int) -> int:
        """A free text runs to the next word that introduces another input, or to the end."""
        end = first
        while end < len(self.tags) and self.tags[end].kind not in ("cue", "time"):
            end += 1
        while end > first and self.tags[end - 1].kind in ("comma", "filler") and end - 1 > first:
            end -= 1
        return end

    def _name(self, cue: int, first: int) -> int:
        """A name is unknown words, or after words that leave no doubt (`my name is`) whatever follows. Lower-case names
        after a bare `for` are one word: a second one may be a wish (`for bob extra hot`)."""
        token = self.tokens[self.tags[first].start]
        if token.cjk:
            return self._chinese_name(first)
        sure = self.tags[cue].end - self.tags[cue].start > 1 or not self._function(self.tags[cue])
        if not self._namelike(first, sure):
            return first
        capital = self._capital(token)
        end = first + 1
        while end < len(self.tags) and end - first < 4:
            token = self.tokens[self.tags[end].start]
            particle = token.text in self.vocabulary.lexicon.phrases["particle"]
            initial = token.text == "." and len(self.tokens[self.tags[end - 1].start].text) == 1
            before = self.tokens[self.tags[end - 1].start].text in self.vocabulary.lexicon.phrases["particle"]
            same = self._capital(token) if capital else sure or before
            unknown = self.tags[end].kind == "word" and token.word and not self._known(token)
            follows = end + 1 < len(self.tags) and self.tags[end + 1].kind == "word"
            if not (initial or (unknown and same) or (particle and follows) or (capital and self._capital(token) and token.word)):
                break
            end += 1
        return end

    def _namelike(self, first: int, sure: bool) -> bool:
        tag, token = self.tags[first], self.tokens[self.tags[first].start]
        if not token.word or tag.kind in ("time", "comma", "number", "cue"):
            return False
        if sure:
            return tag.kind in ("word", "filler") or (self._capital(token) and tag.kind not in _STOPS)
        title = token.text in self.vocabulary.lexicon.phrases["particle"]
        capital = self._capital(token) and len(token.raw) > 1 and first > 1
        return title or (tag.kind == "word" and not self._known(token)) or (capital and tag.kind in ("word", "filler"))

    def _chinese_name(self, first: int) -> int:
        """Up to four characters; a known word of two or more characters, or a number with its measure, ends it."""
        end = first
        while end < len(self.tags):
            tag = self.tags[end]
            measured = end + 1 < len(self.tags) and tag.kind == "number" and self.tags[end + 1].kind in ("measure", "value")
            single = tag.end - tag.start == 1 and self.tokens[tag.start].cjk
            verb = end > first and tag.kind in ("filler", "intent")
            if not single or measured or verb or tag.kind in ("comma", "cue", "time") or end - first == 4:
                break
            end += 1
        return end

    def _ends_at(self, tag: Tag) -> bool:
        """Whether a single word ends the clause: `for will` may be a name."""
        after = self.tokens[tag.end].text if tag.end < len(self.tokens) else ","
        return tag.end - tag.start == 1 and not self.tokens[tag.start].cjk and after in self.vocabulary.lexicon.phrases["comma"]

    def _function(self, cue: Tag) -> bool:
        return key(self.tokens, cue.start, cue.end) in self.vocabulary.lexicon.phrases["function"]

    def _capital(self, token: Token) -> bool:
        return token.raw[0].isupper() and not self.shouted

    def _known(self, token: Token) -> bool:
        words = self.vocabulary.lexicon.phrases
        return token.text in words["spelt_right"] or token.text in words["goods"]

    def _respelt(self) -> None:
        """Unknown words read as the known phrase they are a typing error away from, when that is clearly one."""
        at = 0
        while at < len(self.tags):
            if self.tags[at].kind == "word" and not self.tags[at].value and (found := self._guess_around(at)):
                start, end, tag = found
                self.tags[start:end] = [tag]
                at = start
            at += 1

    def _guess_around(self, at: int) -> tuple[int, int, Tag] | None:
        """The best guess among runs of up to three tags that hold tag `at`, longest first."""
        for size in range(_WINDOW, 0, -1):
            for start in range(max(0, at - size + 1), min(at, len(self.tags) - size) + 1):
                run = self.tags[start : start + size]
                sense = self._guess_run(run) if size > 1 else self._guess_word(run[0])
                if sense:
                    return (
                        start,
                        start + size,
                        Tag(sense.kind, run[0].start, run[-1].end, sense.field, sense.value, sense.plural, True),
                    )
        return None

    def _guess_run(self, run: list[Tag]) -> Sense | None:
        """Words of one phrase, some of them mistyped: those that are right must be the phrase's own."""
        tokens = self.tokens[run[0].start : run[-1].end]
        phrases = self.vocabulary.spaced.get(len(tokens))
        if not phrases or any(tag.guessed for tag in run) or not all(token.text.isascii() for token in tokens):
            return None
        from operator_agent.planner.spelling import aligned

        unknown = {tag.start for tag in run if tag.kind == "word" and not tag.value}
        fixed = [at not in unknown or self._known(token) for at, token in enumerate(tokens, run[0].start)]
        found = aligned([token.text for token in tokens], fixed, phrases)
        return _agreed([phrases[phrase] for phrase in found]) if found else None

    def _guess_word(self, tag: Tag) -> Sense | None:
        token = self.tokens[tag.start]
        word = token.text.replace("'", "")
        if self._known(token) or not word.isalpha() or not word.isascii():
            return None
        from operator_agent.planner.spelling import nearest

        phrases = nearest(word, self.vocabulary.pool.keys())
        senses = [sense for phrase in phrases if (sense := self.vocabulary.pool[phrase])]
        if not senses or len(senses) < len(phrases):
            return None
        return _numbered(self.vocabulary, phrases) if senses[0].kind == "number" else _agreed(senses)

    def _aimless(self) -> None:
        """`a latte for 2`: a number after a function word counts something only when what it counts follows."""
        for at, tag in enumerate(self.tags[1:], 1):
            if tag.kind == "number" and self.tags[at - 1].kind == "function":
                counted = next(
                    (after.kind for after in self.tags[at + 1 :] if after.kind not in ("filler", "measure", "function", "times")),
                    "",
                )
                if counted not in ("value", "word"):
                    self.tags[at] = replace(tag, kind="word")

    def _resolved(self, tag: Tag, after: Tag | None) -> Tag:
        """A word that introduced nothing is harmless when it is a function word, else not understood; nor is `don't order`."""
        if tag.kind == "not" and after and after.kind == "intent":
            return replace(tag, kind="word")
        if tag.kind == "cue":
            spec = self.vocabulary.fields[tag.field]
            lost = after is not None and after.kind == "filler" and spec.type == "text" and self._ends_at(after)
            harmless = not lost and (self._function(tag) or spec.type == "time")
            return replace(tag, kind="function" if harmless else "word")
        return tag


def _numbered(vocabulary: Vocabulary, phrases: list[str]) -> Sense | None:
    lexicon = vocabulary.lexicon
    values = {lexicon.units.get(phrase, lexicon.tens.get(phrase, lexicon.scales.get(phrase))) for phrase in phrases}
    return Sense("number", value=values.pop()) if len(values) == 1 else None


def _agreed(senses: list[Sense]) -> Sense | None:
    """One sense of equally near ones: the same, or a choice between values of one input, which is then asked."""
    first = senses[0]
    if any((sense.kind, sense.field) != (first.kind, first.field) for sense in senses):
        return None
    if first.kind != "value":
        return first
    values = tuple(dict.fromkeys(value for sense in senses for value in sense.value))
    return first._replace(value=values, plural=all(sense.plural for sense in senses))
