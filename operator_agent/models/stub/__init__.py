"""An honest fake of model servers: real HTTP on loopback, the real protocol, vendors' quirks, and every way of failing.

    async with StubServer([Say('{"steps": []}'), Status(503)], quirks=VENDORS["qwen"]) as server:
        ...  # any OpenAI client with base_url=server.url; what it asked is in server.asked

    answers, quirks, vendors    what to say, and as whom
    thinking, given             what a vendor makes of a request, and of an answer
    requests, schemas, refusals what is a 400
    chat, responses             the two APIs
    wire, server                HTTP
"""

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
