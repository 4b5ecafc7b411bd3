"""Command (and page) → plan. The cheapest tier that can prove its result goes first: `ladder.py`."""
