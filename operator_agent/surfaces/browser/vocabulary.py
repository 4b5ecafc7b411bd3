"""The verbs a browser knows; apart from the surface, so that asking for them imports no browser."""

from __future__ import annotations

VOCABULARY: frozenset[str] = frozenset(
    {
        "go to",
        "back",
        "click",
        "click at",
        "hover at",
        "drag from",
        "double click",
        "right click",
        "hover",
        "fill",
        "type",
        "press",
        "select",
        "mark",
        "check",
        "uncheck",
        "upload",
        "drag",
        "scroll",
        "switch tab",
        "close tab",
        "answer dialog",
        "wait for",
        "read",
        "download",
    }
)
