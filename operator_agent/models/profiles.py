"""What a vendor's or server's API wants to be asked, and where it answers: one YAML file each in `providers/`, with its sources.

Capabilities are data: nothing here or in the client knows a model's name. What a file does not say is the ordinary
OpenAI-compatible way; what a server teaches us later is kept in an overlay (`overlay.py`), which is laid over the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError

from operator_agent.errors import UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Level

T = TypeVar("T", bound=Frozen)

LEVELS: tuple[Level, ...] = ("off", "low", "high", "max")
"""From the least to the most thinking."""

Patch = dict[str, Any]
"""Keys merged deep into a request."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, dict | str) else value


Choices = Annotated[tuple[Patch, ...], BeforeValidator(_listed)]
"""Ways to ask for one thing, the best first; the next is for models that refuse the one before."""

Paths = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Dotted places in a reply, the first that is there counts."""


def _only_off() -> dict[Level, tuple[Patch, ...]]:
    return {"off": ({},)}


class JsonMode(Frozen):
    """One way to get an object: a schema that is enforced, any JSON object, a forced tool call, or just words."""

    mode: Literal["schema", "object", "tool", "words"]
    thinking: bool = True
    """It also works while the model thinks."""
    told: bool = True
    """The schema is put in words, too: an enforced schema is often not shown to the model."""


class Budget(Frozen):
    """The most tokens a reply may have, thinking included."""

    name: str = "max_tokens"
    off: int = 4096
    low: int = 8192
    high: int = 16384
    max: int = 32768


class UsagePaths(Frozen):
    """Where a reply says what it took. `total` and `cost` are optional everywhere."""

    input: Paths = ("usage.prompt_tokens", "usage.input_tokens")
    output: Paths = ("usage.completion_tokens", "usage.output_tokens")
    reasoning: Paths = (
        "usage.completion_tokens_details.reasoning_tokens",
        "usage.output_tokens_details.reasoning_tokens",
        "usage.reasoning_tokens",
    )
    cached: Paths = (
        "usage.prompt_tokens_details.cached_tokens",
        "usage.input_tokens_details.cached_tokens",
        "usage.prompt_cache_hit_tokens",
        "usage.cached_tokens",
    )
    total: Paths = ("usage.total_tokens",)
    cost: Paths = ()


class Profile(Frozen):
    """How to talk to one kind of server."""

    name: str
    wire: Literal["chat", "responses"] = "chat"
    hosts: tuple[str, ...] = ()
    """Hosts it is recognised by, their subdomains included; `:11434` is a port of this machine."""
    levels: dict[Level, Choices] = Field(default_factory=_only_off)
    """How each level is asked for. A missing level is given as the nearest lower one, else the nearest higher."""
    request: Patch = Field(default_factory=dict)
    """Merged into every request."""
    instructions: Literal["system", "developer", "user"] = "system"
    """The role that carries our instructions."""
    thinking: tuple[str, ...] = ("reasoning_content", "reasoning", "reasoning_details")
    """Fields of a message that hold thinking. Tags in the text (`<think>` …) are always looked for."""
    echo: Literal["never", "tools", "always"] = "never"
    """When a former turn is sent again, its thinking goes with it: never, with tool calls only, always."""
    json_modes: tuple[JsonMode, ...] = ()
    """Tried in order; plain words are always the last."""
    stream: Literal["never", "thinking", "always"] = "never"
    stream_usage: bool = True
    """A streamed reply has its usage only when asked for it (`stream_options`)."""
    drop: tuple[str, ...] = ()
    """Parameters of a request that are left out."""
    vision: Literal["yes", "no", "unknown"] = "unknown"
    budget: Budget = Budget()
    usage: UsagePaths = UsagePaths()
    passes: Literal[1, 2] = 1
    """2: first think in plain words, then put the conclusion into JSON: for models that always think and keep to no format."""
    extract: Patch = Field(default_factory=dict)
    """Merged into the second pass's request instead of the level's patch."""
    no_credit: tuple[str, ...] = ("insufficient_quota",)
    """Codes of errors that mean an empty account, whatever the status."""

    def given(self, level: Level) -> Level:
        """The level that stands for `level` here."""
        wanted = LEVELS.index(level)
        order = sorted(self.levels, key=lambda known: (LEVELS.index(known) > wanted, abs(LEVELS.index(known) - wanted)))
        return order[0]

    def lower(self, level: Level) -> Level | None:
        """The next level below that is asked for in another way; None when there is none."""
        below = [known for known in LEVELS[: LEVELS.index(level)] if known in self.levels]
        return below[-1] if below else None

    def thinks(self, level: Level) -> bool:
        """Whether `level`, which must be a given one, lets the model think."""
        return level != "off"

    def modes(self, *, thinking: bool) -> tuple[JsonMode, ...]:
        """The ways to get JSON at such a level, plain words last."""
        fit = tuple(mode for mode in self.json_modes if mode.mode != "words" and (mode.thinking or not thinking))
        return (*fit, JsonMode(mode="words"))

    def streams(self, level: Level) -> bool:
        return self.stream == "always" or (self.stream == "thinking" and self.thinks(level))


def profile_for(url: str, name: str = "") -> Profile:
    """The profile called `name` (or the YAML file of that name), else the one that knows the host of `url`, else `plain`.

    Raises UsageError for an unknown name, naming the known ones, and for a file that is wrong, naming file and key.
    """
    if name.endswith((".yaml", ".yml")):
        return load_profile(Path(name))
    known = {profile.name: profile for profile in profiles()}
    if name:
        if name in known:
            return known[name]
        raise UsageError(f"there is no provider {name!r}; known are {', '.join(sorted(known))}, or give a YAML file of your own")
    return next((profile for profile in known.values() if _is_at(profile, url)), known["plain"])


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """Those that come with the package."""
    return tuple(map(load_profile, sorted((Path(__file__).parent / "providers").glob("*.yaml"))))


def load_profile(path: Path) -> Profile:
    """The profile in a YAML file; raises UsageError naming file and key."""
    return checked(Profile, {"name": path.stem, **read_yaml(path)}, path)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping a YAML file holds; {} for an empty one. Raises UsageError naming the file."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        read = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(read, dict | None):
        raise UsageError(f"{path}: must be a mapping, not {type(read).__name__}")
    return read or {}


def checked(kind: type[T], read: Mapping[str, Any], path: Path) -> T:
    """`read` as an instance of `kind`; raises UsageError naming file and key."""
    try:
        return kind.model_validate(read)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "?"
        raise UsageError(f"{path}: {key}: {first['msg']}") from None


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`patch` laid over `base`, mappings inside mappings included; neither is changed."""
    result = dict(base)
    for key, value in patch.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _is_at(profile: Profile, url: str) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    local = host in ("localhost", "::1") or host.startswith("127.")
    return any(
        (local and known == f":{parts.port}") if known.startswith(":") else host == known or host.endswith("." + known)
        for known in profile.hosts
    )
