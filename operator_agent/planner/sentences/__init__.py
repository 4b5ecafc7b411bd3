"""What people ask for, wrapped in wishes, reasons and small talk, as plain orders in their order.

"I'm cold, so could you turn the heating up to 29 degrees and save that?" becomes "I'm cold; set the heating to 29 degrees; save".
Only words are known here, not pages: what a clause tells about the asker is left standing, because a page may have a field for it.
What stands in quotes is never touched. The words are data: `en.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from operator_agent.grounding.lexicon import split
from operator_agent.grounding.tokens import Token, tokens
from operator_agent.planner.grammar import Clause, clauses, verbs
from operator_agent.planner.sentences.forms import begins_order, fits, is_statement, lexicon, simply, thing_of, words_at
from operator_agent.planner.sentences.pieces import Piece, pieces
from operator_agent.written import tokens as written

_LONGEST = 1200
"""Characters of an instruction that is put plainly; a longer one is read as it stands."""


def _picked(before: str, plain: str) -> str:
    """ "Enter Oslo for City" and "pick Oslo from the suggestions" are one: the field is set to what it offers."""
    pick = next((slots for pattern in lexicon().picks if (slots := fits(pattern, plain))), None)
    fill = next((slots for pattern in lexicon().fills if (slots := fits(pattern, before))), None) if pick else None
    return (
        f"set {fill['label']} to {fill['value']}" if pick and fill and fill["value"].casefold() == pick["value"].casefold() else ""
    )


def _has(patterns: Sequence[str], clause: str) -> dict[str, str] | None:
    return next((slots for pattern in patterns if (slots := fits(pattern, clause)) is not None), None)


def _dated(before: str, plain: str) -> str:
    """ "Go forward to March 2027" and "click the 29th" are one day of a calendar."""
    turn, day = _has(lexicon().turns, before), _has(lexicon().days, plain)
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", day["day"]) if turn and day else None
    whole = f"{found[1]} {turn['month']}" if found and turn else ""
    read = written(whole)
    return f"choose {whole} in the calendar" if len(read) == 1 and read[0].kind == "date" else ""


class _Told(NamedTuple):
    """What "it" may mean: the thing of the last order, or what was told last."""

    thing: str = ""
    pressed: str = ""
    news: str = ""
    """What something has just become: "I've moved to Oslo; update my town"."""
    """What was last named in quotes, or pressed: "click it again"."""


def plainly(text: str) -> str:
    """The instruction in plain orders, parted by semicolons; as it was where nothing had to change."""
    if len(text) > _LONGEST:
        return text
    done: list[tuple[Piece, str]] = []
    told = _Told()
    for piece in pieces(text):
        if done and (instead := _correction(piece.text)):
            done[-1] = (done[-1][0], corrected(done[-1][1], simply(instead)))
            continue
        plain, told = _plain(piece, told, bool(done))
        if plain and done and (whole := _picked(done[-1][1], plain) or _dated(done[-1][1], plain)):
            if len(done) > 1 and _has(lexicon().calendars, done[-2][1]) is not None and whole.startswith("choose "):
                del done[-2]
            done[-1] = (done[-1][0], whole)
        elif plain:
            done.append((piece, plain))
    return _joined(text, _saved_last(done))


def differs(text: str, found: list[Clause]) -> bool:
    """Whether an instruction must be put plainly first: the grammar does not read all of it, or reads it otherwise. Not when what
    is said is no order at all."""
    if len(text) > _LONGEST or not _orders(text) or not all(map(_plausible, pieces(text))):
        return False
    return any(not clause.readings or _of_the_page(clause) for clause in found) or _bare(plainly(text)) != _bare(
        "; ".join(clause.words for clause in found)
    )


def _of_the_page(clause: Clause) -> bool:
    """Whether only the page can tell what is meant: "note the price" may be a button, "save Oslo as my town" a field."""
    reading, first = clause.readings[0], clause.words.split()[0].casefold()
    if any(token.text in lexicon().relatives for slot in reading.slots.values() for token in slot.span if not slot.quoted):
        return True
    if any(slot.quoted for slot in reading.slots.values()):
        return False
    return (
        (reading.verb == "read" and first != "read" and "name" not in reading.slots)
        or (reading.verb == "download" and first == "save")
        or (reading.verb == "fill" and first == "put")
    )


def _bare(text: str) -> list[str]:
    words = [token.text for token in tokens(text) if token.kind != "mark"]
    return [word for word in words if (word,) not in verbs().joints]


def _plausible(piece: Piece) -> bool:
    """Whether a piece may be anything that is said to somebody: a lone word that is no order is not."""
    words = [token for token in tokens(simply(piece.text)) if token.kind != "mark"]
    chat = piece.text.casefold().removeprefix("but ") in lexicon().chatter or simply(piece.text).casefold() in lexicon().chatter
    known = chat or words_at(words, 0, lexicon().hands_in) or not words
    return bool(known or len(words) > 1 or any(clause.readings for clause in clauses(piece.text)))


def _orders(text: str) -> bool:
    """Whether something is asked for: an order, or a fact and something to do with it."""
    return any(
        begins_order(tokens(plain), 0) or ":" in plain or _path(plain) != plain
        for piece in pieces(text)
        if (plain := simply(piece.text))
    )


def _plain(piece: Piece, told: _Told, begun: bool) -> tuple[str, _Told]:
    """What is left of one piece of the text, and what "it" means behind it."""
    if piece.text.casefold().removeprefix("but ") in lexicon().chatter:
        return "", told
    if words_at(tokens(piece.text), 0, lexicon().proofs):
        return piece.text, told
    plain = simply(piece.text)
    if not plain or plain.casefold() in lexicon().chatter or _leaves(piece.text) or _leaves(plain):
        return "", told
    if piece.asks and not begins_order(tokens(plain), 0):
        return ("" if piece.goes_on else plain), _then(plain, told)
    if begun and plain.casefold() in lexicon().done_before:
        return "", told
    if begun and told.news and any(fits(pattern, plain) is not None for pattern in lexicon().updates) and not _says_what(plain):
        plain = simply(f"{plain} to {told.news}")
    plain = _path(_again(_named(plain, told), told))
    told = _then(plain, told)
    return ("" if piece.heading and words_at(tokens(plain), 0, lexicon().wishes) else plain), told


def _says_what(plain: str) -> bool:
    return any(token.text in ("to", ":", "as", "with") for token in tokens(plain))


def _leaves(clause: str) -> bool:
    """Whether it asks for no act: to leave things as they are, to look at them, to wait until they are there."""
    return any(fits(pattern, clause) is not None for pattern in (*lexicon().leaves, *lexicon().looks, *lexicon().times))


def _correction(clause: str) -> str:
    """What is said instead of the words before; "" when nothing is."""
    plain = clause.casefold()
    taken = next((words for words in lexicon().corrections if plain.startswith(f"{words} ")), "")
    return clause[len(taken) :].strip(" ,") if taken else ""


def corrected(before: str, instead: str) -> str:
    """An order with what was said instead: all of it when that is an order, else its last words, as many as are of that kind."""
    if begins_order(tokens(instead), 0):
        return instead
    words = tokens(before)
    at = (
        next((at for at in range(len(words) - 1, -1, -1) if any(c.isdigit() for c in words[at].text)), -1)
        if instead[:1].isdigit()
        else -1
    )
    if at >= 0:
        return before[: words[at].start] + instead + before[words[at].end :]
    joints = [at for at, token in enumerate(words[:-1]) if token.text in lexicon().prepositions or token.text == ":"]
    verb = words_at(words, 0, lexicon().orders)
    place = joints[-1] if joints else verb - 1
    return f"{before[: words[place].end]} {instead}" if place >= 0 else instead


def _path(plain: str) -> str:
    """A bare path through menus, "A > B", or one to act under."""
    words = tokens(plain)
    marked = any(token.kind == "word" and token.text in lexicon().paths for token in words[1:-1])
    if not marked or begins_order(words, 0):
        return plain
    return f"select {plain[words[1].start :] if words[0].text in ('under', 'in', 'via', 'through', 'from') else plain}"


def _then(plain: str, told: _Told) -> _Told:
    if is_statement(plain) or piece_asks(plain) or words_at(tokens(plain), 0, lexicon().wishes):
        found = next((slots for pattern in lexicon().complements if (slots := fits(pattern, plain)) is not None), None)
        subject = _subject(plain)
        news = next((slots["that"] for pattern in lexicon().news if (slots := fits(pattern, plain))), "")
        told = told._replace(news=news or told.news)
        thing = (found or {}).get("that", "")
        thing = subject if not thing or tokens(thing)[0].text in lexicon().not_values else thing
        return told._replace(thing=thing) if thing and split(thing) not in lexicon().pronouns else told
    thing = thing_of(plain)
    quoted = [token for token in tokens(plain) if token.kind == "quoted"]
    pressed = f'"{quoted[0].text}"' if quoted else thing
    return _Told(thing or told.thing, pressed or told.pressed)


def _subject(plain: str) -> str:
    """What a statement is about, when that is a thing."""
    words = tokens(plain)
    at = next((at for at, token in enumerate(words) if at and token.text in lexicon().verbs), 0)
    return plain[words[0].start : words[at - 1].end] if at and not words_at(words, 0, lexicon().subjects) else ""


def _named(plain: str, told: _Told) -> str:
    """With the thing itself for "it"; a bare verb for "save it"."""
    words = tokens(plain)
    verb = words_at(words, 0, lexicon().hands_in)
    if verb and plain[words[verb - 1].end :].strip(" ,.!").casefold() in lexicon().handed:
        return plain[: words[verb - 1].end]
    if not told.thing or (is_statement(plain) and not _shall(words)):
        return plain
    for at, token in enumerate(words):
        if at and token.kind == "word" and token.text in lexicon().possessives:
            rest = plain[token.end :].strip()
            return f"{plain[: token.start]}the {rest} of {told.thing}"
        size = words_at(words, at, lexicon().pronouns) if at or _shall(words) else 0
        if size and _stands_alone(words, at, at + size):
            again = any(word.text in lexicon().again for word in words[at + size :])
            return f"{plain[: token.start]}{told.pressed if again else told.thing}{plain[words[at + size - 1].end :]}"
    return plain


def piece_asks(plain: str) -> bool:
    words = tokens(plain)
    return bool(words) and words[0].text in ("how", "what", "which", "who", "where")


def _shall(words: list[Token]) -> bool:
    """Whether what "it" begins says how it is to be, not only how it is."""
    return any(token.text in ("should", "must", "shall", "needs", "has", "ought") for token in words[:4])


def _stands_alone(words: list[Token], at: int, end: int) -> bool:
    """Whether "this" or "that" is all that is said: not "this shelf", not "that you like"."""
    if words[at].text in ("it", "them") or end >= len(words):
        return True
    following = words[end].text
    return words[end].kind == "mark" or following in {
        *lexicon().prepositions,
        *lexicon().particles,
        *lexicon().verbs,
        *lexicon().again,
        "should",
        "must",
    }


def _again(plain: str, told: _Told) -> str:
    """An order to do something once more is that order."""
    for again in lexicon().again:
        if plain.casefold().endswith(f" {again}") and told.pressed:
            return plain[: -len(again) - 1].strip(" ,")
    return plain


def _saved_last(done: list[tuple[Piece, str]]) -> list[tuple[Piece, str]]:
    """ "Save my name: Ann. And my town: Oslo": what is to be saved may go on behind the word."""
    for place, (piece, plain) in enumerate(done[:-1]):
        words = tokens(plain)
        verb = words_at(words, 0, frozenset({("save",), ("store",)}))
        later = any(words_at(tokens(other), 0, lexicon().hands_in) for _, other in done[place + 1 :])
        if verb and verb < len(words) and not later and not any(_acts(other) for _, other in done[place + 1 :]):
            rest = (piece, plain[words[verb].start :])
            return [*done[:place], rest, *done[place + 1 :], (piece._replace(joint="; "), "save")]
    return done


def _acts(plain: str) -> bool:
    """Whether it is an order of its own, and does not only tell what is to be or not to be."""
    words = tokens(plain)
    return begins_order(words, 0) and words[0].text not in ("no", "only", "not", "without")


def _joined(text: str, done: list[tuple[Piece, str]]) -> str:
    """As it stood where two pieces are unchanged; else parted for good."""
    said = _as_written(done)
    return said if len(clauses(said)) == len(done) else "; ".join(plain for _, plain in done) or text


def _as_written(done: list[tuple[Piece, str]]) -> str:
    said = ""
    for place, (piece, plain) in enumerate(done):
        unchanged = (
            plain == piece.text
            and place
            and not set(piece.joint.split()) & {"-", "–", "—", "&", "but", "so"}
            and done[place - 1][1] == done[place - 1][0].text
            and done[place - 1][0].end == piece.joint_start
        )
        said += (piece.joint if unchanged else "; " if said else "") + plain
    return said
