"""Proof: what must hold after a step is read from the world again, never from whoever acted."""

from operator_agent.verifier.judge import Verifier

__all__ = ["Verifier"]
