"""The two APIs by the names profiles call them."""

from __future__ import annotations

from collections.abc import Mapping

from operator_agent.models import chat, responses
from operator_agent.models.exchange import Wire

WIRES: Mapping[str, Wire] = {"chat": chat, "responses": responses}
