"""Verb → how a browser does it. Each entry fills in the turn it is given and raises `Hindered` for what stands in its way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from operator_agent.surfaces.browser import choices, fields, files, marking, places, pointer, reading, shapes
from operator_agent.surfaces.browser.turn import Turn

ACTS: dict[str, Callable[[Turn], Awaitable[None]]] = {
    "go to": places.go_to,
    "back": places.back,
    "click": pointer.click,
    "click at": shapes.click_at,
    "hover at": shapes.hover_at,
    "drag from": shapes.drag_from,
    "double click": pointer.double_click,
    "right click": pointer.right_click,
    "hover": pointer.hover,
    "fill": fields.fill,
    "type": fields.type_text,
    "press": fields.press,
    "select": choices.select,
    "check": fields.check,
    "uncheck": fields.uncheck,
    "mark": marking.mark,
    "upload": files.upload,
    "drag": pointer.drag,
    "scroll": pointer.scroll,
    "switch tab": places.switch_tab,
    "close tab": places.close_tab,
    "answer dialog": places.answer_dialog,
    "wait for": places.wait_for,
    "read": reading.read,
    "download": files.download,
}
