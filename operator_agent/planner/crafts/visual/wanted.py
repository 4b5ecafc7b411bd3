"""A phrase about looks: "all small red circles", "the second triangle from the left", "everything else", "the letter B"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from operator_agent.planner.crafts.visual.colours import Tone
from operator_agent.planner.crafts.visual.vocabulary import Word, colour_named, words

ANY = frozenset({"circle", "ellipse", "square", "rectangle", "triangle", "polygon", "line", "curve", "text", "image"})
_TEXTS = frozenset({"letter", "digit", "character", "text"})
_PLURAL = re.compile(r"^(.)['’]?s$")
_INDEFINITE = re.compile(r"\s*(?:an?|any|one|some)\s", re.IGNORECASE)
_SIDES = re.compile(r"\b(\d+|[a-z]+)[ -](?:sided|sides|corners|edges|vertices|angles)\b", re.IGNORECASE)


@dataclass(slots=True)
class Wanted:
    """What a phrase asks for; what it does not say is empty."""

    tones: list[Tone] = field(default_factory=list)
    kinds: frozenset[str] = frozenset()
    sort: str = ""
    """Of text: `letter`, `digit`, `character` or `text`."""
    noun: str = ""
    """The word for the kind, as it was said."""
    text: str = ""
    """What is written in it, or its name."""
    size: str = ""
    places: tuple[str, ...] = ()
    nth: int = 0
    sides: int = 0
    many: bool = False
    rest: bool = False
    outline: bool = False
    denied: bool = False
    any: bool = False
    """"A red circle": whichever."""

    @property
    def seen(self) -> bool:
        """Whether anything of looks was said: a name alone is for the grammar."""
        drawn = bool(self.noun) and bool(self.kinds) and not self.text  # "Card A" is a name
        return bool(self.tones or (self.size and self.noun) or self.sides or self.rest or drawn or self.sort in _TEXTS)


def wanted(phrase: str) -> Wanted | None:
    """What the phrase asks for; None when it says other things than looks, one name apart."""
    if plural := _PLURAL.fullmatch(phrase.strip()):
        return Wanted(text=plural[1], many=True, sort="character")
    sided = _SIDES.search(phrase)
    if sided:
        phrase = phrase[: sided.start()] + phrase[sided.end() :]
    found = Wanted(any=bool(_INDEFINITE.match(phrase)))
    strangers: list[Word] = []
    light = 0
    wide = False
    for word in words(phrase):
        if word.term is None:
            strangers.append(word)
            continue
        sort, value = word.term
        if sort == "tones":
            light = 1 if value == "light" else -1
        elif sort == "shades":
            wide = True
        elif sort == "colours" and (rgb := colour_named(value)):
            tinted = word.text.casefold().partition(" ")[0]
            light = light or {"light": 1, "pale": 1, "dark": -1}.get(tinted, 0)
            found.tones.append(Tone(rgb, light, wide))
            light = 0
        elif not _take(found, sort, value, word):
            return None
    if sided:
        found.sides = _number(sided[1])
        found.kinds = found.kinds or ANY - {"text", "image", "line"}
    return found if _named(found, strangers, phrase) else None


def _take(found: Wanted, sort: str, value: str, word: Word) -> bool:
    """Adds one term; False for one that does not belong in such a phrase."""
    match sort:
        case "kinds":
            _kind(found, value, word)
        case "sided":
            found.sides, found.kinds, found.noun = int(value), ANY - {"text", "image", "line"}, word.text
        case "sizes":
            found.size = value
        case "places":
            found.places = (*found.places, value)
        case "numbers":
            found.nth = int(value)
        case "all":
            found.many = True
        case "rest":
            found.rest = found.many = True
        case "not":
            found.denied = True
        case "outline":
            found.outline = True
        case "named" | "filler" | "counted" | "shades":
            pass
        case _:
            return False
    return True


def _kind(found: Wanted, value: str, word: Word) -> None:
    if value in _TEXTS:
        found.sort, found.kinds = value, frozenset({"text"})
    elif value == "button":
        found.sort = value
    elif value == "any":
        found.many = found.many or word.text.casefold() in ("them", "everything")
    elif not found.sort:
        found.kinds = frozenset(value.split())
    found.noun = word.text
    found.many = found.many or (word.text.casefold().endswith("s") and word.text.casefold() not in ("canvas",))


def _named(found: Wanted, strangers: list[Word], phrase: str) -> bool:
    """Takes the words that say nothing of looks as the name or letter of the thing; False when they cannot be that."""
    if not strangers:
        return True
    first, last = strangers[0], strangers[-1]
    name = phrase[first.start : last.end].strip("\"'“”‘’")
    if len(strangers) == 1 and (plural := _PLURAL.match(name)):
        found.text, found.many, found.sort = plural[1], True, found.sort or "character"
        return True
    found.text = name
    return len(strangers) <= 4


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    term = next((word.term for word in words(text) if word.term), None)
    return int(term.value) if term and term.value.isdigit() else 0
