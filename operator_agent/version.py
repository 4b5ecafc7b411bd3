"""The version, in one place."""

from __future__ import annotations

__version__ = "0.1.0"


def versions() -> dict[str, str]:
    """What a run is done with, for its record."""
    import platform
    from importlib.metadata import version

    return {"operator-agent": __version__, "playwright": version("playwright"), "python": platform.python_version()}
