"""Listeners that keep a run: the journal, the pictures, the report. Nothing here is known to the loop."""
