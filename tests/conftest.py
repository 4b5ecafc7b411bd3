"""The order of the files: the longest first, so that no worker is left alone with one at the end."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

_LONG = (
    "test_lying_shop.py",
    "test_bad_input.py",
    "test_cli.py",
    "test_rounds.py",
    "test_round_trip.py",
    "test_replay.py",
    "test_learning.py",
    "test_in_browser.py",
    "test_endings_of_a_recording.py",
    "test_library.py",
    "test_export.py",
    "test_phrasings.py",
    "test_served_model.py",
    "test_research.py",
    "test_obedient_model.py",
    "test_constraints_in_browser.py",
    "test_janitor.py",
    "test_points.py",
    "test_pagetext_in_browser.py",
    "test_benchmarks.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: rank.get(item.path.name, len(_LONG)))

# How fast inputs are drawn says how busy the machine is, not whether the tests are good.
settings.register_profile("busy", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("busy")
