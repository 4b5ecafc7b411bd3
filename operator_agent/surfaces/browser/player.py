"""Answers the browser from a tape instead of the network."""

from __future__ import annotations

from collections.abc import Iterable

from operator_agent.flow.tape import Taped
from operator_agent.surfaces.redaction import Redaction


class Player:
    """Given to `BrowserSession(player=…)`: every request is answered from `exchanges`, in their order; nothing leaves the machine.

    A request gets the next unused exchange of its method and URL (one with the same body first); else the next of the same path
    whose query differs (`loose`); else, for GET and HEAD and with `repeats`, the last answer of this URL again (`repeated`); else
    504 (`misses`). What failed fails again; what stayed open stays open.

    Nothing comes earlier than what it followed: an answer waits until the requests that had begun before it have begun, and what
    took more than a second keeps its recorded pace on the recorded clock (see `reached`).
    """

    def __init__(self, exchanges: Iterable[Taped], *, repeats: bool = True, redaction: Redaction | None = None) -> None:
        self.live = False
        """True sends everything from then on to the network: the tail of a fork."""
        self.misses: list[str] = []
        """One line for each request the tape had no answer to: method, URL and the nearest exchange that was not used."""
        self.loose: list[str] = []
        """One line for each answer given to a request that was not quite the recorded one."""
        self.repeated: list[str] = []
        """One line for each answer that was given more often than it was recorded."""

    @property
    def unused(self) -> list[Taped]:
        """What was recorded and not asked for, in order."""
        raise NotImplementedError

    def reached(self, at: float) -> None:
        """The replay is now where the recorded run was at `at` (a record's time): what came before then may come at once.

        To be called with the `at` of every recorded record as its counterpart is replayed. Without it the pace is that of the
        recording, counted from the first request.
        """
        raise NotImplementedError
