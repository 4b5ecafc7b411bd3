"""The shop: pages for people, a small REST read, and the one request that places an order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from operator_agent.demo import session, words
from operator_agent.demo.faults import Faults, Place
from operator_agent.demo.menu import DRINKS, MENU, MILKS, SIZES, Drink, drink_named
from operator_agent.demo.order import (
    AS_SOON_AS_POSSIBLE,
    Answer,
    Details,
    Errors,
    Order,
    new_number,
    read_card,
    read_details,
    read_line,
    total_of,
)
from operator_agent.demo.store import Store

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent


def create_app(
    db: Path,
    faults: frozenset[str] = frozenset(),
    *,
    payment_url: str = "http://localhost:1/pay",
    foreign_url: str = "http://127.0.0.1:1/collect",
) -> Starlette:
    """The shop over the SQLite file `db`, lying as `faults` say. `app.state.shop` is the `Shop`.

    Errors: `UsageError` for an unknown fault, `SetupError` when the file cannot be used.
    """
    shop = Shop(Faults.named(faults), Store(db), payment_url, foreign_url)
    app = Starlette(routes=shop.routes(), exception_handlers={404: shop.answering(Shop.not_found)})
    app.state.shop = shop
    return app


@cache
def templates() -> jinja2.Environment:
    """The page templates; a word or name that does not exist is an error, never an empty place."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass
class Visit:
    """One request of one customer."""

    shop: Shop
    request: Request
    session: session.Session
    language: words.Language

    @property
    def words(self) -> Mapping[str, str]:
        return words.WORDS[self.language]

    @property
    def foreign_url(self) -> str:
        return self.shop.foreign_url

    @property
    def total_cents(self) -> int:
        """What the checkout asks for the basket."""
        return self.shop.faults.charge(total_of(self.session.lines))

    @property
    def payment_link(self) -> str:
        origin = f"{self.request.url.scheme}://{self.request.url.netloc}"
        query = {"cents": self.total_cents, "shop": origin, "lang": self.language}
        return f"{self.shop.payment_url}?{urlencode(query)}"

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.shop.closing.wait()
        except TimeoutError:
            pass

    async def form(self) -> dict[str, str]:
        """The fields of a url-encoded body."""
        body = (await self.request.body()).decode("utf-8", "replace")
        return dict(parse_qsl(body, keep_blank_values=True))

    def page(self, template: str, status: int = 200, **content: Any) -> Response:
        """The named page in the visitor's language."""
        other = "en" if self.language == "zh" else "zh"
        page = templates().get_template(template)
        text = page.render(
            say=self.words,
            lang=self.language,
            switch=f"{self.request.url.path}?lang={other}",
            other=other,
            count=self.session.count,
            faults=self.shop.faults,
            payment_link=self.payment_link,
            euros=words.euros,
            **content,
        )
        return HTMLResponse(text, status, {"cache-control": "no-store"})

    def errors(self, errors: Errors) -> dict[str, str]:
        """The same errors in words."""
        return {name: self.words[key] for name, key in errors.items()}

    def sign(self, response: Response) -> Response:
        """Sets the cookies by which the next request is known."""
        response.set_cookie(session.COOKIE, self.session.id, httponly=True, samesite="lax")
        if "lang" in self.request.query_params:
            response.set_cookie(words.COOKIE, self.language, samesite="lax")
        return response


Page = Callable[["Shop", Visit], Awaitable[Response]]


class Shop:
    """The handlers, and what they share."""

    def __init__(self, faults: Faults, store: Store, payment_url: str, foreign_url: str) -> None:
        self.faults = faults
        self.store = store
        self.payment_url = payment_url
        self.foreign_url = foreign_url
        self.sessions = session.Sessions()
        self.closing = asyncio.Event()
        """Set when the shop closes, so that no slow answer holds it up."""

    def routes(self) -> list[Route | Mount]:
        pages: list[tuple[str, str, Page]] = [
            ("GET", "/", Shop.menu),
            ("GET", "/drinks/{slug}", Shop.drink),
            ("POST", "/drinks/{slug}", Shop.add),
            ("GET", "/basket", Shop.basket),
            ("POST", "/basket/remove", Shop.remove),
            ("GET", "/checkout", Shop.checkout),
            ("POST", "/checkout", Shop.details),
            ("GET", "/payment", Shop.payment),
            ("GET", "/orders", Shop.history),
            ("GET", "/orders/{number}", Shop.confirmation),
            ("GET", "/api/menu", Shop.api_menu),
            ("GET", "/api/orders", Shop.api_orders),
            ("GET", "/api/orders/{number}", Shop.api_order),
            ("POST", "/api/orders", Shop.place),
        ]
        routes: list[Route | Mount] = [Route(path, self.answering(page), methods=[verb]) for verb, path, page in pages]
        for fault in self.faults.chosen:
            if fault.api:
                handler = partial(Shop.fault_call, call=fault.call)
                routes.append(Route(f"/api/{fault.api}", self.answering(handler), methods=["GET", "POST"]))
        return [*routes, Mount("/static", StaticFiles(directory=_HERE / "static"))]

    def answering(self, page: Page) -> Callable[..., Awaitable[Response]]:
        """`page` as an endpoint (or, with a second argument, as an exception handler) of Starlette."""

        async def endpoint(request: Request, error: Exception | None = None) -> Response:
            visit = Visit(
                self,
                request,
                self.sessions.of(request.cookies.get(session.COOKIE)),
                words.language(
                    request.query_params.get("lang"),
                    request.cookies.get(words.COOKIE),
                    request.headers.get("accept-language", ""),
                ),
            )
            return visit.sign(await page(self, visit))

        return endpoint

    # The pages

    async def menu(self, visit: Visit) -> Response:
        expired = visit.request.query_params.get("notice") == "expired"
        return visit.page("menu.html", drinks=MENU, seasonal=DRINKS[-1], expired=expired)

    async def drink(self, visit: Visit) -> Response:
        drink = drink_named(visit.request.path_params["slug"])
        if drink is None:
            return await self.not_found(visit)
        return self._drink_page(visit, drink, {"size": "medium", "milk": "whole", "quantity": "1"}, {})

    async def add(self, visit: Visit) -> Response:
        drink = drink_named(visit.request.path_params["slug"])
        if drink is None:
            return await self.not_found(visit)
        form = await visit.form()
        line, errors = read_line(drink.name, form)
        if line is None:
            return self._drink_page(visit, drink, form, errors)
        visit.session.lines.append(line)
        return RedirectResponse("/basket", 303)

    def _drink_page(self, visit: Visit, drink: Drink, form: dict[str, str], errors: Errors) -> Response:
        content = {"drink": drink, "sizes": SIZES, "form": {"size": "", "milk": "", "quantity": ""} | form}
        return visit.page("drink.html", 422 if errors else 200, errors=visit.errors(errors), **content)

    async def basket(self, visit: Visit) -> Response:
        lines = visit.session.lines
        return visit.page("basket.html", lines=lines, total=total_of(lines))

    async def remove(self, visit: Visit) -> Response:
        index = (await visit.form()).get("line", "")
        if index.isdecimal() and int(index) < len(visit.session.lines):
            del visit.session.lines[int(index)]
        return RedirectResponse("/basket", 303)

    async def checkout(self, visit: Visit) -> Response:
        if self.faults.loses_session:
            visit.session = self.sessions.new()
            return RedirectResponse("/?notice=expired", 303)
        if not visit.session.lines:
            return RedirectResponse("/basket", 303)
        soon = visit.words[AS_SOON_AS_POSSIBLE]
        return self._checkout_page(visit, visit.session.details or Details("", soon), {})

    async def details(self, visit: Visit) -> Response:
        details, errors = read_details(await visit.form(), self.faults.required)
        if not visit.session.lines:
            return RedirectResponse("/basket", 303)
        if errors:
            return self._checkout_page(visit, details, errors)
        visit.session.details = details
        return RedirectResponse(self.faults.pay_at(visit) or "/payment", 303)

    def _checkout_page(self, visit: Visit, details: Details, errors: Errors) -> Response:
        lines, total = visit.session.lines, visit.total_cents
        return visit.page(
            "checkout.html",
            422 if errors else 200,
            lines=lines,
            total=total,
            details=details,
            errors=visit.errors(errors),
        )

    async def payment(self, visit: Visit) -> Response:
        if not visit.session.lines:
            return RedirectResponse("/basket", 303)
        if visit.session.details is None:
            return RedirectResponse("/checkout", 303)
        return visit.page("payment.html", lines=visit.session.lines, total=visit.total_cents, details=visit.session.details)

    async def confirmation(self, visit: Visit) -> Response:
        """What the customer was told. `/orders` and the API say what is stored."""
        number = visit.request.path_params["number"]
        order = visit.session.receipts.get(number) or self.store.order(number, visit.session.id)
        return visit.page("thanks.html", order=order) if order else await self.not_found(visit)

    async def history(self, visit: Visit) -> Response:
        return visit.page("orders.html", rows=self.store.rows(visit.session.id))

    async def not_found(self, visit: Visit) -> Response:
        return visit.page("not_found.html", 404)

    # The API

    async def api_menu(self, visit: Visit) -> Response:
        menu = [
            {
                "drink": drink.name,
                "name_zh": drink.zh,
                "milks": drink.milks,
                "cents": dict(zip(SIZES, drink.cents, strict=True)),
            }
            for drink in MENU
        ]
        return JSONResponse({"drinks": menu, "sizes": SIZES, "milks": MILKS})

    async def api_orders(self, visit: Visit) -> Response:
        return JSONResponse({"orders": self.store.rows(visit.session.id)})

    async def api_order(self, visit: Visit) -> Response:
        order = self.store.order(visit.request.path_params["number"], visit.session.id)
        return JSONResponse(order.as_json()) if order else JSONResponse({"error": visit.words["not_found"]}, 404)

    async def place(self, visit: Visit) -> Response:
        """201 with the order; 409 without a basket; 422 with `errors` by field."""
        form = await visit.form()
        details, errors = read_details(form, self.faults.required)
        errors |= read_card(form)
        if errors:
            return JSONResponse({"error": visit.words["check_fields"], "errors": visit.errors(errors)}, 422)
        if not visit.session.lines:
            return JSONResponse({"error": visit.words["basket_empty"]}, 409)
        asked = Order(new_number(), tuple(visit.session.lines), visit.total_cents, details)
        answer = await self.faults.between(visit, self._storing(visit))(asked)
        if answer.status == 201:
            visit.session.lines.clear()
            visit.session.receipts[asked.number] = asked
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def fault_call(self, visit: Visit, call: Callable[[Visit, Place], Awaitable[Answer]]) -> Response:
        answer = await call(visit, self._storing(visit))
        return JSONResponse(answer.body, answer.status, answer.headers)

    def _storing(self, visit: Visit) -> Place:
        async def store(order: Order) -> Answer:
            self.store.add(order, visit.session.id)
            return Answer.created(order)

        return store
