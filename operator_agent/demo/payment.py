"""The payment site: a page that takes a card and tells the shop which asked for it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from operator_agent.demo import words
from operator_agent.demo.shop import templates


async def _ask(request: Request) -> Response:
    """The card form. Query: `cents` to pay, `shop` the origin to tell, `lang`."""
    query = request.query_params
    cents = query.get("cents", "")
    lang = words.language(query.get("lang"), None, request.headers.get("accept-language", ""))
    page = templates().get_template("card.html")
    text = page.render(
        say=words.WORDS[lang],
        lang=lang,
        total=words.euros(int(cents) if cents.isdecimal() else 0),
        shop=query.get("shop", ""),
    )
    return HTMLResponse(text)


async def _pay(request: Request) -> Response:
    return JSONResponse({"paid": True}, 201)


def create_app() -> Starlette:
    """The payment site. It charges nobody and stores nothing."""
    return Starlette(routes=[Route("/pay", _ask), Route("/pay", _pay, methods=["POST"])])
