"""A control that is only a picture, called by what its own markup calls it: `reply` of `<i class="fa fa-reply">`.

Assistive technology has no name for such a control, and a person sees one at once. The words come from the page's author: the
picture's file or symbol, a `data-action`, class names. Words that say how it looks or where it stands are left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MOST = 3  # words; more of them are a style, not a name
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_STYLE = frozenset(
    """a btn button icon icons ico img image svg use i span div fa fas far fab fal glyphicon material symbols outlined rounded
    bi mdi ion ti la las feather feathericon ui ctrl control controls item action actions link clickable pointer cursor
    small medium large sm md lg xs xl left right top bottom center inline block flex grid row col column cell wrap wrapper
    box container content inner outer first last active hover focus selected disabled enabled primary secondary default
    light dark white black red green blue gray grey none hidden hide show visible is has js no the with on in off style
    color bg text css class px w h m p mt mb ml mr pt pb pl pr rounded border shadow hover square circle round btns widget
    component root base element node ng trigger toggle handle sprite""".split()
)


@lru_cache(maxsize=4096)
def icon_name(markup: str) -> str:
    """The words of a control's markup that say what it is for, each once; "" when there are none, or too many to be a name."""
    words: list[str] = []
    for part in markup.split():
        if sum(letter.isdigit() for letter in part) > 1:
            continue  # made by a build: `css-1q2w3e`
        for word in (found.lower() for found in _WORD.findall(part)):
            if len(word) > 1 and word not in _STYLE and word not in words:
                words.append(word)
    return " ".join(words[:_MOST])


def is_drawn(name: str) -> bool:
    """Whether a name says nothing: there is none, or only letters of an icon font, which Unicode leaves to private use."""
    return all(char.isspace() or 0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000 for char in name)
