"""Everything this package raises, named by who must act.

    OperatorError
    ├── UsageError            the caller: wrong arguments, unknown verb, missing input          exit 2
    │   └── ScriptError       the author of a YAML file: names file, line and key               exit 2
    ├── SetupError            the machine: no browser, no write permission, no display          exit 2
    │   └── ModelRefused      the owner of the key: key, credit, no such model                  exit 2
    ├── SurfaceLost           nobody: the browser or display went away during the run           exit 7
    ├── ModelLost             nobody: the model endpoint went away or never answered            exit 7
    │   └── BadReply          nobody: no valid reply after one repair turn                      exit 7
    ├── LimitReached          the caller: calls, tokens, cost or seconds are used up            exit 6
    ├── RecordingFailed       the machine: the run folder can no longer be written              exit 7
    └── StepFailed            the caller of `Operator.do`: the step was not verified

A failed action is not an error: it is a fact the executor and verifier see (`flow.Performed.trouble`).
Foreign errors are translated once, at the boundary that called the foreign library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operator_agent.flow.record import Result


class OperatorError(Exception):
    """Base of all our errors. `exit_code` is what the CLI ends with."""

    exit_code = 2


class UsageError(OperatorError):
    """The call cannot be understood; nothing was done."""


class ScriptError(UsageError):
    """A plan, skill or scenario file is wrong. `where` is `file:line` (1-based), `key` the offending key."""

    def __init__(self, message: str, *, where: str = "", key: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where
        self.key = key


class SetupError(OperatorError):
    """The machine lacks something; the message says what and how to get it."""


class SurfaceLost(OperatorError):
    """The browser or display is gone; no later step can run."""

    exit_code = 7


class ModelLost(OperatorError):
    """The model endpoint is gone or never answered."""

    exit_code = 7


class BadReply(ModelLost):
    """The model gave no valid reply, also when told what was wrong with the first. Nothing of it was done."""


class ModelRefused(SetupError):
    """The model's server will not serve this key, account or model; asking again would not help."""


class LimitReached(OperatorError):
    """The next request to a model would exceed a limit; it was not sent."""

    exit_code = 6


class RecordingFailed(OperatorError):
    """The run folder can no longer be written (disk full, folder removed); the run stops rather than go on unseen."""

    exit_code = 7


class StepFailed(OperatorError):
    """A step run by `Operator.do` was not verified. `result` holds its verdict and evidence."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.reason)
        self.result = result
        self.exit_code = result.exit_code
