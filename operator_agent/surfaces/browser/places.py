"""The verbs about where the browser is: go to, back, switch tab, close tab, answer dialog."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from operator_agent.flow.action import AnswerDialog, CloseTab, GoTo, SwitchTab
from operator_agent.surfaces.browser.egress.heads import MARKER
from operator_agent.surfaces.browser.turn import Hindered, Turn

if TYPE_CHECKING:
    from playwright.async_api import Response

    from operator_agent.surfaces.browser.tabs import FollowedTab

_AFTERMATH_SECONDS = 0.5
_SCHEMES = frozenset({"http", "https"})
_NET_ERROR = re.compile(r"net::(ERR_\w+)")
_CAUSES = {
    "ERR_CONNECTION_REFUSED": "refused the connection; is the server running, and on that port?",
    "ERR_CONNECTION_RESET": "closed the connection without an answer",
    "ERR_CONNECTION_CLOSED": "closed the connection without an answer",
    "ERR_EMPTY_RESPONSE": "closed the connection without an answer",
    "ERR_NAME_NOT_RESOLVED": "is a name that cannot be resolved (DNS); check its spelling and the network",
    "ERR_ADDRESS_UNREACHABLE": "cannot be reached from this machine",
    "ERR_INTERNET_DISCONNECTED": "cannot be reached: this machine has no network",
    "ERR_CONNECTION_TIMED_OUT": "did not accept the connection in time",
    "ERR_TIMED_OUT": "did not answer in time",
    "ERR_PROXY_CONNECTION_FAILED": "cannot be reached: the proxy refused the connection",
    "ERR_TUNNEL_CONNECTION_FAILED": "cannot be reached through the proxy, or is refused by policy",
    "ERR_BLOCKED_BY_CLIENT": "is refused by policy",
    "ERR_BLOCKED_BY_ADMINISTRATOR": "is refused by policy",
    "ERR_TOO_MANY_REDIRECTS": "redirects in a circle",
    "ERR_INVALID_URL": "is not a valid address",
    "ERR_UNSAFE_PORT": "uses a port browsers refuse to open",
    "ERR_SSL_PROTOCOL_ERROR": "does not speak TLS (https) on that port",
    "ERR_INVALID_RESPONSE": "did not answer in HTTP",
    "ERR_INVALID_HTTP_RESPONSE": "did not answer in HTTP",
}
_TIMEOUTS = frozenset({"ERR_CONNECTION_TIMED_OUT", "ERR_TIMED_OUT"})
_POLICY = frozenset({"ERR_BLOCKED_BY_CLIENT", "ERR_BLOCKED_BY_ADMINISTRATOR"})
_NEVER_LEFT = _POLICY | {
    "ERR_CONNECTION_REFUSED",
    "ERR_NAME_NOT_RESOLVED",
    "ERR_ADDRESS_UNREACHABLE",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_INVALID_URL",
    "ERR_UNSAFE_PORT",
}


async def go_to(turn: Turn) -> None:
    """Opens the address and waits for the document's content, as long as an address may take."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as TimedOut

    assert isinstance(turn.action, GoTo)
    page = turn.parts.page
    address = urljoin(page.url, turn.parts.redaction.reveal(turn.action.url))
    if urlsplit(address).scheme not in _SCHEMES and address != "about:blank":
        raise Hindered("blocked", f"{address} is neither http nor https; only these may be opened")
    begun = turn.parts.downloads.begun
    turn.sending()
    try:
        response = await page.goto(address, wait_until="domcontentloaded", timeout=turn.left * 1000)
    except TimedOut as error:
        raise Hindered("timeout", f"{address} did not answer within {turn.parts.limits.load:g} s") from error
    except Error as error:
        if page.is_closed():
            raise
        await _start_failed(turn, address, str(error), begun)
        return
    turn.sent()
    turn.answered = True
    _judge(address, response)


async def _start_failed(turn: Turn, address: str, message: str, begun: int) -> None:
    """Raises Hindered with the cause, unless it is a download, or the page itself went somewhere else meanwhile."""
    found = _NET_ERROR.search(message)
    code = found[1] if found else ""
    if not code and "interrupted by another navigation" in message:
        turn.sent()
        return
    if code in ("", "ERR_ABORTED"):
        await _until(turn, lambda: turn.parts.downloads.begun > begun)
        if turn.parts.downloads.begun > begun:
            turn.facts.append(f"{address} is a download")
            turn.sent()
            return
    else:
        # The browser's own page about the failure comes a little later; it would break into the next act.
        await _until(turn, lambda: turn.parts.page.url.startswith("chrome-error:"))
    if code in _NEVER_LEFT:
        turn.unsent()
    kind = "blocked" if code in _POLICY else "timeout" if code in _TIMEOUTS else "rejected"
    raise Hindered(kind, f"{_place(address)} {_cause(code) or f'could not be opened: {message.splitlines()[0]}'}")  # type: ignore[arg-type]


def _cause(code: str) -> str:
    if code == "ERR_ABORTED":
        return "answered with nothing to show"
    if code.startswith("ERR_CERT"):
        return f"has a certificate this machine does not trust ({code})"
    if code.startswith("ERR_SSL") and code not in _CAUSES:
        return f"failed to set up TLS ({code})"
    return _CAUSES.get(code, f"could not be opened ({code})" if code else "")


async def _until(turn: Turn, reached: Callable[[], bool]) -> None:
    until = time.monotonic() + min(_AFTERMATH_SECONDS, turn.left)
    while not reached() and time.monotonic() < until:
        await turn.parts.pulse.next(until - time.monotonic())


def _judge(address: str, response: Response | None) -> None:
    """Raises Hindered for an answer that is an error of HTTP, or our own proxy's."""
    if response is None or response.status < 400:
        return
    marker = response.headers.get(MARKER, "")
    if marker == "refused":
        raise Hindered("blocked", f"{_place(response.url)} is refused by policy: it is not among the allowed origins")
    if marker:
        cause = "did not accept the connection in time" if response.status == 504 else "cannot be reached; is the server running?"
        raise Hindered("timeout" if response.status == 504 else "rejected", f"{_place(address)} {cause}")
    words = f"{response.status} {response.status_text}".strip()
    raise Hindered("rejected", f"{address} answered with HTTP {words}")


def _place(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else address


async def back(turn: Turn) -> None:
    from playwright.async_api import TimeoutError as TimedOut

    page = turn.parts.page
    was = page.url
    turn.sending()
    try:
        await page.go_back(wait_until="domcontentloaded", timeout=turn.left * 1000)
    except TimedOut as error:
        raise Hindered("timeout", "the page before did not come back in time") from error
    if page.url == was and not turn.parts.activity.navigating:
        turn.unsent()
        raise Hindered("rejected", "there is no page to go back to")
    turn.sent()


async def switch_tab(turn: Turn) -> None:
    assert isinstance(turn.action, SwitchTab)
    tab = _tab(turn, turn.action.tab)
    turn.sending()
    turn.parts.tabs.activate(tab)
    await tab.page.bring_to_front()
    turn.sent()


async def close_tab(turn: Turn) -> None:
    assert isinstance(turn.action, CloseTab)
    tab = _tab(turn, turn.action.tab) if turn.action.tab else turn.parts.tabs.active
    if len(list(turn.parts.tabs)) == 1:
        raise Hindered("rejected", "this is the only tab; closing it would end the run")
    turn.sending()
    await tab.page.close(run_before_unload=False)
    turn.sent()


def _tab(turn: Turn, words: str) -> FollowedTab:
    found = turn.parts.tabs.find(words)
    shown = tuple(tab.title or tab.page.url for tab in (found or turn.parts.tabs))
    if not found:
        raise Hindered("absent", f'no open tab is called "{words}"', shown)
    if len(found) > 1:
        raise Hindered("ambiguous", f'{len(found)} open tabs match "{words}"', shown)
    return found[0]


async def answer_dialog(turn: Turn) -> None:
    assert isinstance(turn.action, AnswerDialog)
    turn.sending()
    await turn.parts.dialogs.answer(turn.action.answer == "accept", turn.parts.redaction.reveal(turn.action.text))
    turn.sent()


async def wait_for(turn: Turn) -> None:
    """Does nothing: the verifier, which looks until the check is decided, does the waiting."""
    turn.settles = False
