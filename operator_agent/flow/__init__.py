"""The nouns of the flow: command → plan → step → action → observation → verdict → record.

Everything here is frozen data with no I/O. Every other module imports from here; nothing here imports from them.
"""
