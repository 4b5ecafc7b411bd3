"""What a language's words do in a command, whatever the skill: numbers, politeness, joining, correcting, denying, clock times.

The data are Python modules, not YAML: they are on the cold-start path, and a compiled module loads in a tenth of the time.
A new language is a module with `WORDS` and an entry in `LANGUAGES`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import NamedTuple

LANGUAGES = ("english", "chinese")

KINDS = (
    "filler", "article", "more", "vague", "and", "comma", "or", "with", "not", "fix", "maybe_fix", "all", "both", "each", "rest",
    "pronoun", "times", "goods", "spelt_right", "nobody", "particle", "function",
)  # fmt: skip
"""What a phrase can do:

filler       nothing: politeness, hesitation, auxiliary words
article      "one of them", weakly: a, an
more         an article for one besides those said before: another
vague        a quantity that is none: some, a few
and, comma   separates items; `and` also adds one
or           separates alternatives: never chosen between silently
with         introduces what belongs to the item before it
not          denies what follows
fix          takes back what was said just before; `maybe_fix` only when something was
all, both    what follows is meant for every item
each         the number that follows is that of every item
rest         the others of a number
pronoun      stands for the item before it
times        the × of `2 × latte`
goods        things and qualities people order somewhere: never taken for another word, nor is a word that is as near to them
spelt_right  other real words: never taken for a typing error of another word, never for a name
nobody       after a word such as `for`: a person who is no name
particle     inside names: van, de
function     short words that introduce a value only when one follows
"""


class Lexicon(NamedTuple):
    """All languages at once. Phrases are lower case, words parted by one space; Chinese has no spaces."""

    phrases: dict[str, frozenset[str]]
    """Kind of `KINDS` → phrases."""
    units: dict[str, int]
    """one … nineteen, and the Chinese digits."""
    tens: dict[str, int]
    """twenty … ninety."""
    scales: dict[str, int]
    """Multiply what stands before: dozen, hundred, thousand, 十, 百."""
    amounts: dict[str, int]
    """Whole phrases: a couple of."""
    clock: dict[str, dict[str, int]]
    """Role in a clock time → phrase → minutes, 0 where the role alone matters."""


@lru_cache(maxsize=1)
def load() -> Lexicon:
    """The lexicon of every language, read once."""
    modules = [import_module(f"{__name__}.{language}") for language in LANGUAGES]
    phrases = {kind: frozenset(entry for module in modules for entry in _split(module.WORDS.get(kind, ""))) for kind in KINDS}

    def merged(name: str) -> dict[str, int]:
        return {word: number for module in modules for word, number in getattr(module, name).items()}

    clock: dict[str, dict[str, int]] = {}
    for module in modules:
        for role, times in module.CLOCK.items():
            clock.setdefault(role, {}).update(dict.fromkeys(_split(times), 0) if isinstance(times, str) else times)
    return Lexicon(phrases, merged("UNITS"), merged("TENS"), merged("SCALES"), merged("AMOUNTS"), clock)


def _split(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in text.replace("\n", ";").split(";") if entry.strip()]
