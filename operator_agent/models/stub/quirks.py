"""In what vendors differ, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one vendor's server differs from the others."""

    thinks: int = 0


VENDORS: dict[str, Quirks] = {}
