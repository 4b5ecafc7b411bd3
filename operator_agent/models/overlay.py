"""What one endpoint and model have taught us: a small YAML file a person can read, compare, change and delete."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Level
from operator_agent.models.profiles import JsonMode, Patch, Profile, checked, read_yaml

_HEAD = "# What this model's server has refused or shown. Delete a line to have it tried again, or the file to forget all.\n"


class Overlay(Frozen):
    """Learned facts, laid over a profile."""

    endpoint: str
    model: str
    drop: tuple[str, ...] = ()
    """Parameters it refused."""
    budget: str = ""
    """The name it wants for the output budget."""
    levels: dict[Level, Patch] = Field(default_factory=dict)
    """How a level is asked for, where the profile's first way was refused."""
    json_refused: tuple[str, ...] = ()
    """Modes it refused: `schema`, or `schema while thinking`."""
    json_works: tuple[JsonMode, ...] | None = None
    """The modes a probe has found to work, instead of the profile's."""
    vision: Literal["", "yes", "no"] = ""
    stream: Literal["", "never", "thinking", "always"] = ""
    thinking: tuple[str, ...] = ()
    """Fields of a message in which thinking was seen."""
    why: dict[str, str] = Field(default_factory=dict)
    """The server's words for each of them."""

    def over(self, profile: Profile) -> Profile:
        """The profile as this endpoint really is."""
        modes = profile.json_modes if self.json_works is None else self.json_works
        asked = {level: _from(patch, profile.levels.get(level, ())) for level, patch in self.levels.items()}
        changed = {
            "drop": (*profile.drop, *self.drop),
            "levels": {**profile.levels, **asked},
            "json_modes": tuple(
                mode.model_copy(update={"thinking": mode.thinking and f"{mode.mode} while thinking" not in self.json_refused})
                for mode in modes
                if mode.mode not in self.json_refused
            ),
            "vision": self.vision or profile.vision,
            "stream": self.stream or profile.stream,
            "thinking": (*self.thinking, *(field for field in profile.thinking if field not in self.thinking)),
            "budget": profile.budget.model_copy(update={"name": self.budget or profile.budget.name}),
        }
        return profile.model_copy(update=changed)

    def joined(self, other: Overlay) -> Overlay:
        """Both, but for the JSON modes, which are this one's; of two words on one thing the other's counts."""
        changed = {
            "drop": tuple(dict.fromkeys((*self.drop, *other.drop))),
            "budget": other.budget or self.budget,
            "levels": {**self.levels, **other.levels},
            "vision": other.vision or self.vision,
            "stream": other.stream or self.stream,
            "thinking": tuple(dict.fromkeys((*self.thinking, *other.thinking))),
            "why": {**self.why, **{about: why for about, why in other.why.items() if not about.startswith("json_refused")}},
        }
        return self.model_copy(update=changed)

    def learned(self, name: str, value: object, why: str) -> Overlay:
        """This and one more fact: `value` added to a list, laid over a mapping, or put in place of what was there."""
        old = getattr(self, name)
        if isinstance(old, tuple) and not isinstance(value, tuple):
            new: object = (*old, value) if value not in old else old
        else:
            new = {**old, **value} if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        about = f"{name} {next(iter(value)) if isinstance(value, Mapping) else value}".strip()
        return self.model_copy(update={name: new, "why": {**self.why, about: why}})


def _from(patch: Patch, choices: tuple[Patch, ...]) -> tuple[Patch, ...]:
    """`patch` and the profile's further choices after it."""
    return choices[choices.index(patch) :] if patch in choices else (patch,)


def overlay_file(state_dir: Path, endpoint: str, model: str) -> Path:
    """Where it is kept; the end of the name tells apart what looks the same in letters and digits."""
    spelled = re.sub(r"[^a-z0-9.]+", "-", f"{endpoint.partition('://')[2]}--{model}".lower()).strip("-")
    told = hashlib.sha256(f"{endpoint} {model}".encode()).hexdigest()[:6]
    return state_dir / "models" / f"{spelled[:80]}-{told}.yaml"


def load_overlay(state_dir: Path | None, endpoint: str, model: str) -> Overlay:
    """What is known; nothing when there is no file. Raises UsageError naming file and key when it is wrong."""
    path = state_dir and overlay_file(state_dir, endpoint, model)
    if not path or not path.exists():
        return Overlay(endpoint=endpoint, model=model)
    return checked(Overlay, {"endpoint": endpoint, "model": model, **read_yaml(path)}, path)


def save_overlay(state_dir: Path | None, overlay: Overlay) -> Path | None:
    """Written whole, in place of what was there; None without a folder. Raises OSError."""
    if state_dir is None:
        return None
    from ruamel.yaml import YAML

    path = overlay_file(state_dir, overlay.endpoint, overlay.model)
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.width = 130
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        yaml.dump(overlay.model_dump(mode="json", exclude_defaults=True), file)
    new.replace(path)
    return path
