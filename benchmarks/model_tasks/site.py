"""The site of the model benchmarks: small server-rendered apps whose pages are templates and whose state lives in the server.

An address is `/<run>/<app>/<page>`; every run has a state of its own, so runs never meet. Forms post to one of three operations,
which then lead to the page named by `to`:

    set/<name>[/<key>]?to=…       merges the form into state[name] (or state[name][key])
    add/<name>?to=…               appends the form to the list state[name]
    file/<draft>/<name>?to=…      appends the draft, with the form, to the list state[name] and empties the draft

The witness of a task is that state, never a page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader

PAGES = Path(__file__).parent / "pages"
_ENVIRONMENT = Environment(loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


class Site:
    """Serves until the block of `serving` is left. `url` has no slash at its end."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._states: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def begin(self) -> str:
        """The name of a new run, with an empty state."""
        run = f"r{next(self._numbers)}"
        self._states[run] = {}
        return run

    def state(self, run: str) -> dict[str, Any]:
        return self._states[run]

    def page(self, path: str, query: dict[str, str]) -> str:
        """The page's HTML. Raises LookupError for what is not there."""
        _, run, app, page = path.split("/", 3)
        state = self._states[run]
        return _ENVIRONMENT.get_template(f"{app}.html").render(page=page, q=query, state=state, app=app)

    def operate(self, path: str, query: dict[str, str], form: dict[str, str]) -> str:
        """The address to go on at."""
        _, run, app, operation, *names = map(unquote, path.split("/"))
        state = self._states[run]
        if operation == "set":
            into = state.setdefault(names[0], {})
            for name in names[1:]:
                into = into.setdefault(name, {})
            into.update(form)
        elif operation == "add":
            state.setdefault(names[0], []).append(form)
        else:
            state.setdefault(names[1], []).append({**state.pop(names[0], {}), **form})
        return f"/{run}/{app}/{query['to']}"


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            try:
                self._send(200, site.page(parts.path, _form(parts.query)))
            except (LookupError, ValueError):
                self._send(404, "<!doctype html><title>Not found</title><h1>Not found</h1>")

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            self._send(303, "", site.operate(parts.path, _form(parts.query), _form(body)))

        def _send(self, status: int, page: str, location: str = "") -> None:
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _form(text: str) -> dict[str, str]:
    """Fields of one name are joined as in `a, b`."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


@contextmanager
def serving() -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    site = Site(server.server_port)
    server.RequestHandlerClass = _handler(site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
