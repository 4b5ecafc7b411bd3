"""An honest fake of model servers: real HTTP on loopback, the real protocol, vendors' quirks, and every way of failing."""

from operator_agent.models.stub.answers import (
    Answer,
    Asked,
    Close,
    Drip,
    Html,
    Say,
    Silence,
    SlowStart,
    Status,
    WrongType,
)
from operator_agent.models.stub.quirks import Quirks
from operator_agent.models.stub.server import StubServer
from operator_agent.models.stub.vendors import VENDORS

__all__ = [
    "VENDORS",
    "Answer",
    "Asked",
    "Close",
    "Drip",
    "Html",
    "Quirks",
    "Say",
    "Silence",
    "SlowStart",
    "Status",
    "StubServer",
    "WrongType",
]
