"""Who is visiting: a cookie, and what the shop remembers about its holder."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from operator_agent.demo.order import Details, Line, Order

COOKIE = "shop_session"


@dataclass
class Session:
    """One customer's visit."""

    id: str
    lines: list[Line] = field(default_factory=list)
    """The basket."""
    details: Details | None = None
    """What the checkout form was last answered with."""
    receipts: dict[str, Order] = field(default_factory=dict)
    """What the customer was told, by order number. What was stored is in the store."""

    @property
    def count(self) -> int:
        """Drinks in the basket."""
        return sum(line.quantity for line in self.lines)


class Sessions:
    """All sessions since the shop was opened."""

    def __init__(self) -> None:
        self._known: dict[str, Session] = {}

    def of(self, cookie: str | None) -> Session:
        """The session a cookie stands for. An id from before a restart is kept: its orders are still in the store."""
        if cookie is None or not re.fullmatch(r"[0-9a-f]{32}", cookie):
            cookie = secrets.token_hex(16)
        return self._known.setdefault(cookie, Session(cookie))

    def new(self) -> Session:
        return self.of(None)
