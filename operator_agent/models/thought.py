"""Thinking that stands in the text itself, told from the answer."""

from __future__ import annotations

import json
import re

_OPEN = re.compile(r"<think(?:ing)?>|<thought>|◁think▷|<\|begin_of_thought\|>", re.IGNORECASE)
_CLOSE = re.compile(r"</think(?:ing)?>|</thought>|◁/think▷|<\|end_of_thought\|>", re.IGNORECASE)


def parted(text: str) -> tuple[str, str]:
    """(thinking, answer). All up to the last closing tag is thinking, its opening tag may be missing (chat templates that begin it
    themselves); an opening tag that is never closed leaves nothing after it. Text that is JSON as a whole is an answer as a whole.
    """
    if not (_OPEN.search(text) or _CLOSE.search(text)) or _is_json(text):
        return "", text
    closings = list(_CLOSE.finditer(text))
    thought, answer = (text[: closings[-1].start()], text[closings[-1].end() :]) if closings else ("", text)
    if unclosed := _OPEN.search(answer):
        thought, answer = f"{thought}\n{answer[unclosed.end() :]}", answer[: unclosed.start()]
    return _CLOSE.sub("", _OPEN.sub("", thought)).strip(), answer.strip()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
