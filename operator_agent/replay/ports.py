"""Two runs on servers that listened on other ports: the second told with the ports of the first.

A server of a test takes the port that is free. Only a port that the first run never met is taken for one that the second never met,
on the same host and in the order they were met: what both know means the same in both.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_MET = re.compile(r"(?:https?|wss?)://([\w.-]+|\[[0-9a-f:]+\]):(\d{1,5})(?!\d)")


@dataclass(frozen=True)
class Ports:
    """`host:port` of the second run → that of the first."""

    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def between(cls, first: Any, second: Any) -> Ports:
        """From all that is said of both runs, as plain JSON values."""
        ours, theirs = _met(first), _met(second)
        known: dict[str, str] = {}
        for host in ours.keys() & theirs.keys():
            then = [port for port in ours[host] if port not in theirs[host]]
            now = [port for port in theirs[host] if port not in ours[host]]
            known |= {f"{host}:{after}": f"{host}:{before}" for before, after in zip(then, now, strict=False)}
        return cls(known)

    def back(self, said: list[Any]) -> list[Any]:
        """The same as if it had been said on the ports of the first."""
        if not self.known:
            return said
        places = re.compile("|".join(rf"(?<![\w.-]){re.escape(place)}(?!\d)" for place in self.known))
        told: list[Any] = json.loads(places.sub(lambda found: self.known[found[0]], json.dumps(said, ensure_ascii=False)))
        return told


def _met(said: Any) -> dict[str, list[str]]:
    """Host → its ports, in the order they were met."""
    found: dict[str, list[str]] = {}
    for host, port in dict.fromkeys(_MET.findall(json.dumps(said, ensure_ascii=False))):
        found.setdefault(host, []).append(port)
    return found
