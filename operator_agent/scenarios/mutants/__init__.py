"""Proof that checks check: a scenario's page or back end is broken on purpose while its solution runs, and it must not pass."""
