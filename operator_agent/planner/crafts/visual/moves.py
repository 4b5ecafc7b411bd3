"""What a request to drag says: the things, and where each is to go."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.visual.vocabulary import words
from operator_agent.planner.crafts.visual.wanted import Wanted, wanted

_PIECES = re.compile(r"[,;]\s*(?:and\s+|then\s+)*|\s+and\s+(?:then\s+)?|\s+then\s+|\.\s+|\.?\s*$|，|。", re.IGNORECASE)
_BY = re.compile(r"\bby\s+(\d+(?:\.\d+)?|[a-z]+)\s*(px|pixels?|points?)?", re.IGNORECASE)
_AMOUNT = re.compile(r"\b(\d+(?:\.\d+)?)\s*(px|pixels?|points?)\b", re.IGNORECASE)
_SPOT = re.compile(r"\(?\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\)?")
_MOST = 160


@dataclass(frozen=True, slots=True)
class Move:
    """`how` is `into` a place, `beside` one, or `way`: in a direction."""

    things: Wanted
    how: str
    place: Wanted
    said: str
    side: str = ""
    """Of `beside`: the words for it."""
    by: float = 0.0
    """How far, of a way; 0 when it was not said."""
    pixels: bool = False


def moves_of(text: str) -> tuple[list[Move], int]:
    """The moves that the words begin with, and where they end; none when they are no such request."""
    at = _verb(text, 0)
    if not at:
        return [], 0
    drags = bool(_dragged().match(text[:at].split(maxsplit=1)[0])) if text[:at].split() else False
    found: list[Move] = []
    end = start = at
    for cut in _PIECES.finditer(text[: at + 600], at):
        if cut.start() <= start or cut.start() - start > _MOST:
            continue
        piece = text[start : cut.start()]
        if not found and _spot_is_cut(text, cut.start()):
            continue
        move = _move(piece)
        if move and not found and not _looks(move, drags):
            return [], 0  # "put Ada in the Name field" is no dragging; "drag A to B" names both, which takes no looks
        if move is None:
            if found:
                break  # what follows is another request
            continue  # "drag A and B into C": only with more of it
        if found and move.place.noun.casefold() in ("one", "ones"):
            same = found[-1].place
            move = replace(move, place=replace(move.place, kinds=same.kinds, noun=same.noun))
        found.append(move)
        end, start = cut.start(), cut.end()
        start = _verb(text, start) or start
    return found, end if found else 0


def _spot_is_cut(text: str, at: int) -> bool:
    return text[at : at + 1] == "," and bool(re.match(r"\s*-?\d", text[at + 1 :])) and text[max(0, at - 1)].isdigit()


def _verb(text: str, at: int) -> int:
    """Where the words begin behind a verb of dragging; 0 when there is none."""
    skipped = re.compile(r"\s*(?:please\s+|then\s+|now\s+|next\s+)*", re.IGNORECASE).match(text, at)
    found = _verbs().match(text, skipped.end() if skipped else at)
    return found.end() if found else 0


@lru_cache(maxsize=1)
def _verbs() -> re.Pattern[str]:
    return re.compile(_joined("verbs"), re.IGNORECASE)


@lru_cache(maxsize=1)
def _dragged() -> re.Pattern[str]:
    """The verbs that can mean nothing else."""
    return re.compile("|".join(map(re.escape, known("dragging", "plain"))), re.IGNORECASE)


@lru_cache(maxsize=1)
def _links() -> re.Pattern[str]:
    """Every way the things and their place are linked."""
    return re.compile(rf"(?P<beside>{_joined('beside')})|(?P<into>{_joined('into')})", re.IGNORECASE)


def _joined(kind: str) -> str:
    texts = sorted(known("dragging", kind), key=len, reverse=True)
    return "|".join(rf"\b{re.escape(text)}\b\s*" if text.isascii() else re.escape(text) for text in texts)


def _move(piece: str) -> Move | None:
    if (_AMOUNT.search(piece) or _BY.search(piece)) and (way := _way(piece)):
        return way
    for link in _links().finditer(piece):
        thing, place = piece[: link.start()].strip(), piece[link.end() :].strip()
        side = (link["beside"] or "").strip().casefold()
        if place.casefold().startswith("the ") and not side:
            beside = re.match(rf"the (?P<side>{_joined('beside')})", place, re.IGNORECASE)
            side, place = (beside["side"].strip().casefold(), place[beside.end() :]) if beside else ("", place)
        moved = _found(thing, place, piece, side) if thing and place else None
        if moved:
            return moved
    return _way(piece)


def _found(thing: str, place: str, said: str, side: str) -> Move | None:
    things, where = wanted(thing), wanted(place)
    if things is None or where is None or not _is_thing(things):
        return None
    if side:
        return Move(things, "beside", where, said, side)
    if where.places and not where.seen and not where.text and _BY.search(place):
        return None
    return Move(things, "into", where, said)


def _way(piece: str) -> Move | None:
    """`the circle left by 20 pixels`, `Ada up by one`."""
    by, pixels, rest = _measure(piece)
    found = [word for word in words(rest) if word.term]
    ways = [word for word in found if word.term and word.term.sort == "places" and word.term.value != "middle"]
    if not ways:
        return None
    last = ways[-1]
    if rest[last.end :].strip(" .,!"):
        return None
    things = wanted(re.sub(r"\b(?:to|towards?)\s+(?:the\s+)?$", "", rest[: last.start].strip(), flags=re.IGNORECASE))
    if things is None or not _is_thing(things) or last.term is None:
        return None
    return Move(things, "way", Wanted(places=(last.term.value,)), piece, by=by, pixels=pixels)


def _measure(piece: str) -> tuple[float, bool, str]:
    found = _BY.search(piece) or _AMOUNT.search(piece)
    if not found:
        return 0.0, False, piece
    rest = (piece[: found.start()] + piece[found.end() :]).strip()
    number = found[1]
    if not number.replace(".", "", 1).isdigit():
        term = next((word.term for word in words(number) if word.term), None)
        number = term.value if term and term.value.isdigit() else "1"
    return float(number), bool(found[2]), rest


def _looks(move: Move, drags: bool) -> bool:
    place = move.place.seen or bool(move.place.places or move.place.nth)
    return move.things.seen or (drags and (place or move.how != "into" or move.things.many))


def _is_thing(want: Wanted) -> bool:
    return want.seen or bool(want.text) or bool(want.noun) or want.many
