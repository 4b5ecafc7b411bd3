"""The tape: the network of a run as the filtering proxy saw it, one `Taped` an exchange.

In a run folder times are seconds on the clock of the run's records (their `at`); the proxy itself hands over monotonic ones.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from operator_agent.flow.base import Frozen

Headers = tuple[tuple[str, str], ...]


class Drawn(Frozen):
    """What `crypto` of one document drew from: a key that was made for it when it drew first."""

    document: str
    """Where it stood among the frames of its tab, `/` or `/0/1`, and its address, without what follows `#`."""
    key: str
    """32 bytes, in hexadecimal digits."""


class Chunk(Frozen):
    """A piece of a body that came over time. It begins at `offset` of the decoded body and ends where the next one begins."""

    offset: int
    at: float


class Frame(Frozen):
    """One message of a web socket, whole: fragments are put together, compression is off while a tape runs."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    sent: bool
    """True from the browser to the server."""
    kind: Literal["text", "binary", "close"]
    data: bytes = b""
    """Text in UTF-8; of a close frame its reason."""
    code: int = 0
    """The code of a close frame."""
    at: float


class Taped(Frozen):
    """One request and all that came back. Bodies are as the page reads them: content encodings are undone."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    number: int
    """From 1, in the order the requests began. An exchange is handed over when it ends, so a tape is not in this order."""
    kind: Literal["http", "socket", "tunnel"] = "http"
    """`socket`: a web socket. `tunnel`: a connection that could not be looked into, or that did not come about."""
    at: float
    """When the request began."""
    answered: float | None = None
    """When the head of the answer came."""
    ended: float | None = None
    method: str
    url: str
    """Absolute, http(s) or ws(s). Of a tunnel: the origin."""
    request_headers: Headers = ()
    """Without the values of cookies and credentials."""
    request_body: bytes = b""
    status: int | None = None
    """None when no server answered, also when the proxy said so itself."""
    reason: str = ""
    headers: Headers = ()
    """As the server sent them, without what belongs to the connection and to the encoding of the body."""
    body: bytes = b""
    chunks: tuple[Chunk, ...] = ()
    """Only of a body that came over time: events of a server, a slow download. Empty when it came at once."""
    frames: tuple[Frame, ...] = ()
    """Only of a web socket."""
    end: Literal["whole", "broken", "left"] = "whole"
    """`broken`: no answer, or one that broke off; `failure` says why. `left`: the browser hung up, or it was open until the end."""
    failure: str = ""
    refused: bool = False
    """Our own policy stopped it: nothing left the machine."""
    cut: tuple[str, ...] = ()
    """What is missing here and why, one sentence each: a body above a limit, an encoding that is not known, a file that is gone."""

    def shifted(self, by: float) -> Taped:
        """The same with every time later by that many seconds."""

        def moved(at: float | None) -> float | None:
            return None if at is None else round(at + by, 4)

        chunks = tuple(chunk.model_copy(update={"at": moved(chunk.at)}) for chunk in self.chunks)
        frames = tuple(frame.model_copy(update={"at": moved(frame.at)}) for frame in self.frames)
        times = {"at": moved(self.at), "answered": moved(self.answered), "ended": moved(self.ended)}
        return self.model_copy(update={**times, "chunks": chunks, "frames": frames})
