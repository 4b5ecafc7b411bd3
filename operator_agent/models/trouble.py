"""What can go wrong with one request to a model's server, told apart by what can be done about it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from operator_agent.errors import ModelLost, ModelRefused

if TYPE_CHECKING:
    import openai

_PASSING = frozenset({0, 408, 409, 425, 429})
_QUOTED = 300


class Problem(Exception):
    """One request that failed. `status` is 0 when there was no HTTP answer at all."""

    def __init__(
        self,
        words: str,
        status: int = 0,
        *,
        param: str = "",
        codes: tuple[str, ...] = (),
        wait: float | None = None,
        passing: bool | None = None,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
        self.param = param
        self.codes = codes
        """The error object's `code` and `type`."""
        self.wait = wait
        """Seconds the server asks to wait before another try."""
        self.passing = (status in _PASSING or status >= 500) if passing is None else passing
        """It may go well when tried again."""


def problem_of(error: openai.APIStatusError) -> Problem:
    """An error status as a problem; the body may have any form, a list of one error (Gemini's) included."""
    body: Any = error.body[0] if isinstance(error.body, list) and error.body else error.body
    found = body if isinstance(body, Mapping) else {}
    return problem_in(found, error.status_code, error.response.headers, error.message)


def problem_in(error: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None, otherwise: str = "") -> Problem:
    """An error object (`message`, `param`, `code`) as a problem."""
    inner = error.get("error")
    found: Mapping[str, Any] = inner if isinstance(inner, Mapping) else error
    words = str(found.get("message") or found.get("detail") or (inner if isinstance(inner, str) else "") or otherwise)
    codes = tuple(str(found[key]) for key in ("code", "type") if found.get(key))
    return Problem(words[:_QUOTED], status, param=str(found.get("param") or ""), codes=codes, wait=asked_wait(headers or {}))


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds `Retry-After` asks for, given as seconds or as a date; None when it does not. A date counts from the server's own
    clock (`Date`), where that is known."""
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", asked):
        return float(asked)
    try:
        until = parsedate_to_datetime(asked).timestamp()
    except ValueError:
        return None
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        now = time.time()
    return max(0.0, until - now)


def out_of_credit(problem: Problem, no_credit: tuple[str, ...]) -> bool:
    """The account is empty, whatever the status: some say so with 429, which otherwise passes."""
    return problem.status == 402 or not set(no_credit).isdisjoint(problem.codes)


def refused(problem: Problem, model: str, url: str, no_credit: tuple[str, ...]) -> ModelRefused | None:
    """The error for a problem that a person must solve; None for one that another try may solve."""
    said = f" (HTTP {problem.status}: {problem.words})" if problem.status else f" ({problem.words})"
    if out_of_credit(problem, no_credit):
        return ModelRefused(f"the account at {url} has no credit or quota left{said}: top it up, or use another key")
    if problem.passing:
        return None
    if problem.status == 401:
        return ModelRefused(f"{url} does not accept the key{said}: set OPERATOR_MODEL_KEY to a valid one")
    if problem.status == 403:
        return ModelRefused(f"the key may not use {model} at {url}{said}: ask the owner of the account, or use another model")
    if problem.status == 404:
        return ModelRefused(f"{url} has no {model}{said}: check OPERATOR_MODEL, and that OPERATOR_MODEL_URL is the base (…/v1)")
    if 300 <= problem.status < 400:
        return ModelRefused(f"{url} sends us elsewhere{said}: set OPERATOR_MODEL_URL to the address itself, nothing is sent on")
    return ModelRefused(f"{url} refuses the request{said}: `operator-agent models probe` shows what {model} takes")


def foreign(kind: str, url: str) -> ModelLost:
    """A 200 that is not from a model's API."""
    return ModelLost(f"{url} answered with {kind or 'no content type'}, not JSON: is that URL the API's base, does it end in /v1?")


def shown(url: str) -> str:
    """An address without what may be secret in it: user, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "that"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
