"""Which variable of a test holds which tab, and how it writes addresses."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from operator_agent.export.code import Texts
from operator_agent.export.data import slug
from operator_agent.flow.observation import Observation
from operator_agent.written import normal


class Pages:
    """`page` is the first tab; a tab an act opens gets a variable of its own."""

    def __init__(self, start: str) -> None:
        self.origin = _origin(start)
        self.current = "page"
        self._known: dict[str, tuple[str, str]] = {"page": ("", "")}
        self._order = ["page"]

    def opened(self, title: str) -> str:
        """The variable of a tab that has just been opened; it is the active one now."""
        name, number = slug(title.partition("·")[0].partition(" - ")[0]), 2
        base = name = name if name.isascii() and name and "http" not in name and name not in _TAKEN else "popup"
        while name in self._known:
            name, number = f"{base}_{number}", number + 1
        self._known[name] = ("", title)
        self._order.append(name)
        self.current = name
        return name

    def seen(self, look: Observation) -> None:
        """What the active tab showed after an act; when that was another tab's page, that tab is active."""
        self._known[self.current] = (look.url, look.title)

    def closed(self, look: Observation) -> None:
        """The active tab is gone: the one that is seen now is active."""
        self._known.pop(self.current, None)
        left = [name for name in self._order if name in self._known]
        fitting = [name for name in left if self._known[name][0] == look.url]
        self.current = (fitting or left or ["page"])[-1]
        self._known.setdefault(self.current, ("", ""))

    def named(self, text: str) -> str:
        """The variable of the tab with this in its title or address; "" when there is none."""
        wanted = normal(text)
        for name, (url, title) in self._known.items():
            if wanted in normal(title) or wanted in normal(url):
                return name
        return ""

    def in_title(self, text: str) -> bool:
        """Whether that tab has it in its title."""
        return any(normal(text) in normal(title) for _, title in self._known.values())

    def switched(self, text: str) -> str:
        """The variable of the tab that is active from now on; "" for one that no act here opened."""
        name = self.named(text)
        self.current = name or self.current
        return name

    def address(self, url: str, texts: Texts, here: str = "") -> str:
        """An address as an expression; below the site's own origin it begins with the constant."""
        whole = urljoin(here, url) if here and "{" not in url else url
        rest = whole.removeprefix(self.origin) if _origin(whole) == self.origin else whole if whole.startswith("/") else None
        if rest is None:
            return texts.text(whole)
        if rest in ("", "/"):
            return "BASE_URL" if not rest or here else 'f"{BASE_URL}/"'
        written = texts.text(rest)
        if written.startswith('"'):
            written = "f" + written.replace("{", "{{").replace("}", "}}")
        return 'f"{BASE_URL}' + written[2:] if written.startswith('f"') else f'f"{{BASE_URL}}{{{written}}}"'


_TAKEN = frozenset({"page", "row", "answers", "os", "re", "expect", "download", "said", "dialog"})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
