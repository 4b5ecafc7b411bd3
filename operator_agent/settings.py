"""The one module that reads the environment."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from operator_agent.errors import UsageError

Points = Literal["", "pixels", "unit", "thousand", "tool"]
_PREFIX = "OPERATOR_"
_SECRET = "OPERATOR_SECRET_"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the machine and its user chose. No value of a secret or key shows in `repr`."""

    browser_path: Path | None = None
    """OPERATOR_BROWSER: the Chromium to start; None lets the finder look for one."""
    headed: bool = False
    """OPERATOR_HEADED: show the browser's window."""
    runs_dir: Path = Path("runs")
    """OPERATOR_RUNS: where run folders are made."""
    state_dir: Path = field(default_factory=lambda: _state_dir(os.environ))
    """OPERATOR_STATE, else the platform's place for state: profiles of running browsers, and what was learned."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """OPERATOR_SECRET_<NAME>: values by handle, the name in lower case. An empty variable gives no handle."""
    model_url: str | None = None
    """OPERATOR_MODEL_URL: base URL of an OpenAI-compatible endpoint."""
    model: str | None = None
    """OPERATOR_MODEL: the model's name there."""
    model_key: str | None = field(default=None, repr=False)
    """OPERATOR_MODEL_KEY."""
    model_provider: str | None = None
    """OPERATOR_MODEL_PROVIDER: the provider profile, by name or YAML file; None lets the endpoint's host decide."""
    model_points: Points = ""
    """OPERATOR_MODEL_POINTS: the model points at pictures, in pixels, 0 to 1, 0 to 1000, or by OpenAI's `computer` tool."""
    model_prices: tuple[float, float, float] | None = None
    """OPERATOR_MODEL_PRICES: input, cached input and output, for a million tokens, as in `0.5,0.05,2`."""
    upstream_proxy: str | None = field(default=None, repr=False)
    """OPERATOR_PROXY, else HTTPS_PROXY: the proxy this machine needs for the internet. It may hold a password."""
    proxy_bypass: tuple[str, ...] = ()
    """NO_PROXY: hosts, and suffixes of hosts, that are reached without it."""
    display: str | None = None
    """WAYLAND_DISPLAY or DISPLAY: where a window can be shown on Linux; None when there is no such place."""
    search_path: str = field(default=os.defpath, repr=False)
    """PATH: where the finder looks for browsers."""
    browser_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment a browser is started with: this process's own, without our settings and secrets."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Settings from `env`, by default the process's environment. Raises `UsageError` naming the variable."""
        env = os.environ if env is None else env
        browser = env.get("OPERATOR_BROWSER")
        proxy = env.get("OPERATOR_PROXY", env.get("HTTPS_PROXY", env.get("https_proxy")))
        bypass = env.get("NO_PROXY", env.get("no_proxy", ""))
        return cls(
            browser_path=Path(browser).expanduser() if browser else None,
            headed=_switch(env, "OPERATOR_HEADED"),
            runs_dir=Path(env.get("OPERATOR_RUNS") or "runs").expanduser(),
            state_dir=_state_dir(env),
            secrets=_secrets(env),
            model_url=env.get("OPERATOR_MODEL_URL") or None,
            model=env.get("OPERATOR_MODEL") or None,
            model_key=env.get("OPERATOR_MODEL_KEY") or None,
            model_provider=env.get("OPERATOR_MODEL_PROVIDER") or None,
            model_points=_points(env),
            model_prices=_prices(env),
            upstream_proxy=proxy or None,
            proxy_bypass=tuple(host.strip() for host in bypass.split(",") if host.strip()),
            display=env.get("WAYLAND_DISPLAY") or env.get("DISPLAY") or None,
            search_path=env.get("PATH", os.defpath),
            browser_env=MappingProxyType({k: v for k, v in env.items() if not k.startswith(_PREFIX)}),
        )


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in _TRUE | _FALSE:
        raise UsageError(f"{name}={env[name]!r} is neither yes nor no; set it to 1 or 0")
    return value in _TRUE


def _prices(env: Mapping[str, str]) -> tuple[float, float, float] | None:
    given = env.get("OPERATOR_MODEL_PRICES", "").strip()
    if not given:
        return None
    try:
        fresh, cached, output = (float(price) for price in given.split(","))
    except ValueError:
        fresh = cached = output = -1.0
    if not all(0 <= price < math.inf for price in (fresh, cached, output)):
        raise UsageError(f"OPERATOR_MODEL_PRICES={given!r} is not `input,cached,output` in money for a million tokens")
    return fresh, cached, output


def _points(env: Mapping[str, str]) -> Any:
    points = env.get("OPERATOR_MODEL_POINTS", "").strip().lower()
    if points not in ("", "pixels", "unit", "thousand", "tool"):
        raise UsageError(f"OPERATOR_MODEL_POINTS={points!r} is not known; it is pixels, unit, thousand or tool")
    return points


def _secrets(env: Mapping[str, str]) -> Mapping[str, str]:
    named = {name.removeprefix(_SECRET).lower(): value for name, value in env.items() if name.startswith(_SECRET)}
    return MappingProxyType({handle: value for handle, value in named.items() if handle and value})


def _state_dir(env: Mapping[str, str]) -> Path:
    if chosen := env.get("OPERATOR_STATE"):
        return Path(chosen).expanduser().absolute()
    home = Path(env.get("HOME") or Path.home())
    if sys.platform == "win32":
        base = Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(env.get("XDG_STATE_HOME") or home / ".local" / "state")
    return base / "operator-agent"
