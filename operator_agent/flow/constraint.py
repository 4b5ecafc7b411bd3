"""A limit the person stated: what code holds, whatever plans the run."""

from __future__ import annotations

from typing import Literal

from operator_agent.flow.base import Frozen

Bounded = Literal["price", "count", "date", "time", "recipient", "condition", "exclusion"]
Relation = Literal["at most", "below", "at least", "above", "is", "is not"]


class Constraint(Frozen):
    """One limit, read from the command by code (`constraints.stated`) and held by code (`bounds.broken`).

    It comes from the person alone: neither a page nor a model adds, widens or drops one.
    """

    kind: Bounded
    relation: Relation
    values: tuple[str, ...] = ()
    """A number for price and count, `YYYY-MM-DD`, `HH:MM`, addresses or names of recipients, words that show that a condition
    holds, words for what is excluded. Of several, each is as good as the others."""
    against: tuple[str, ...] = ()
    """Words that show that a condition does not hold."""
    currencies: tuple[str, ...] = ()
    """ISO 4217 codes the person may have meant (`$` is several); empty when none was said."""
    of: str = ""
    """What is counted, in the person's word: `lattes`."""
    each: bool = False
    """It is about one piece, not about all together."""
    firm: bool = True
    """A limit: what cannot be read on the page refuses the act as well. Otherwise it is part of what to do (`on 3 March`), and only
    what the page shows against it refuses."""
    said: str
    """The person's words."""
