"""Scenarios: files that are command, plan, proof and regression test in one. `docs/scenarios.md` tells how they are written."""
