"""How a request is refused: what OpenAI and its imitators send instead of an answer."""

from __future__ import annotations

from typing import Any, Literal

Form = Literal["openai", "unnamed", "list"]
"""`openai`: an error object with message, type, param and code; `unnamed`: the same, `param` always null;
`list`: an array of one error in Google's words."""

_KINDS = {401: "invalid_request_error", 402: "insufficient_quota", 403: "permission_error", 429: "rate_limit_error"}
_STATES = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


class Refused(Exception):
    """The request is not answered. `param` is what was wrong with it, `name` OpenAI's `code`."""

    def __init__(self, message: str, *, param: str | None = None, name: str | None = None, code: int = 400) -> None:
        super().__init__(message)
        self.param = param
        self.name = name
        self.code = code

    def body(self, form: Form) -> Any:
        if form == "list":
            state = _STATES.get(self.code, "INTERNAL" if self.code >= 500 else "INVALID_ARGUMENT")
            return [{"error": {"code": self.code, "message": str(self), "status": state}}]
        kind = _KINDS.get(self.code, "server_error" if self.code >= 500 else "invalid_request_error")
        param = self.param if form == "openai" else None
        return {"error": {"message": str(self), "type": kind, "param": param, "code": self.name}}
