"""Listeners that keep a run: the journal, the pictures, the report. Nothing here is known to the loop."""

from operator_agent.recorder.reader import view
from operator_agent.recorder.recorder import Recorder, check

__all__ = ["Recorder", "check", "view"]
