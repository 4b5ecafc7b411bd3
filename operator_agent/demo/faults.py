"""The ways in which the shop can lie. Each is one class; what it does in the browser is in `templates/faults/`.

A fault overrides one or two of the hooks of `Fault`. Several can be told at once: the first of the registry is
asked first, and the last one reaches the store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Protocol

from operator_agent.demo.order import AS_SOON_AS_POSSIBLE, Answer, Details, Line, Order, new_number
from operator_agent.errors import UsageError

Place = Callable[[Order], Awaitable[Answer]]
"""Stores an order and says so."""


class Counter(Protocol):
    """What a fault may use of the shop while it serves one visitor."""

    @property
    def words(self) -> Mapping[str, str]: ...

    @property
    def payment_link(self) -> str:
        """The address on the payment site that asks for this basket's total."""

    @property
    def foreign_url(self) -> str: ...

    async def wait(self, seconds: float) -> None:
        """Returns after that time, or as soon as the shop closes."""


class Fault:
    """An honest shop. The subclasses say where they differ."""

    name: ClassVar[str]
    tells: ClassVar[str]
    """One line for people."""

    place_label: ClassVar[str] = "place_order"
    """Key of the words on the button that places the order."""
    required: ClassVar[frozenset[str]] = frozenset()
    """Checkout fields that are required although the page does not say so."""
    loses_session: ClassVar[bool] = False
    """The session is gone when the checkout opens."""
    api: ClassVar[str] = ""
    """Path below /api/ that `call` answers."""

    def charge(self, cents: int) -> int:
        """What the checkout asks for a basket of `cents`."""
        return cents

    def pay_at(self, counter: Counter) -> str:
        """Where the checkout form leads; empty for the shop's own payment page."""
        return ""

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        """Answers the order; `place` is the rest of the shop."""
        return await place(asked)

    async def call(self, counter: Counter, place: Place) -> Answer:
        """Answers `/api/<api>`."""
        return Answer(404, {})


class DeadButton(Fault):
    name = "dead-button"
    tells = "The button that places the order has no handler."


class LateHandler(Fault):
    name = "late-handler"
    tells = "The button that places the order gets its handler 2 s after the page is painted."


class RenamedButton(Fault):
    name = "renamed-button"
    tells = "“Place order” is called “Complete purchase”."
    place_label = "complete_purchase"


class Decoy(Fault):
    name = "decoy"
    tells = "A second “Place order” stands before the right one and orders a large mocha."
    api = "offer"

    async def call(self, counter: Counter, place: Place) -> Answer:
        line = Line.of("mocha", "large", "whole", 1)
        return await place(Order(new_number(), (line,), line.price_cents, Details("offer", AS_SOON_AS_POSSIBLE)))


class CookieBanner(Fault):
    name = "cookie-banner"
    tells = "A cookie banner covers the payment page until it is answered."


class RowInserted(Fault):
    name = "row-inserted"
    tells = "300 to 800 ms after the menu has loaded, a new drink appears on top and everything moves down."


class AlreadyThanks(Fault):
    name = "already-thanks"
    tells = "Every page has a heading “Thank you”."


class Confirm(Fault):
    name = "confirm"
    tells = "The page asks “Place this order for …?” in a confirm() dialog; dismissing it orders nothing."


class PayIframe(Fault):
    name = "pay-iframe"
    tells = "Payment is a cross-site iframe, and the button that places the order is in it."


class PayTab(Fault):
    name = "pay-tab"
    tells = "“Continue to payment” opens the payment site in a new tab, which closes itself once paid."

    def pay_at(self, counter: Counter) -> str:
        return counter.payment_link


class SmallPrint(Fault):
    name = "small-print"
    tells = "The phone number is required, which only the small print says, once the form was sent (422)."
    required = frozenset({"phone"})


class SessionExpired(Fault):
    name = "session-expired"
    tells = "The session is lost when the checkout opens: back to the menu, empty basket, a notice."
    loses_session = True


class PriceRaised(Fault):
    name = "price-raised"
    tells = "The checkout charges 20 % more than the basket showed."

    def charge(self, cents: int) -> int:
        return cents * 6 // 5


class LongPoll(Fault):
    name = "long-poll"
    tells = "Every page holds a request that is not answered for ten minutes."
    api = "news"

    async def call(self, counter: Counter, place: Place) -> Answer:
        await counter.wait(600)
        return Answer(200, {"news": []})


class Slow3s(Fault):
    name = "slow-3s"
    tells = "The order is stored at once and answered after 3 s."
    seconds: ClassVar[float] = 3

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        answer = await place(asked)
        await counter.wait(self.seconds)
        return answer


class Slow60s(Slow3s):
    name = "slow-60s"
    tells = "The order is stored at once and answered after 60 s."
    seconds = 60


class RedirectForeign(Fault):
    name = "redirect-foreign"
    tells = "The order is answered 307 to a foreign origin, which makes the browser send the form there."

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        return Answer(307, {}, {"location": counter.foreign_url})


class Order500(Fault):
    name = "order-500"
    tells = "The order is answered 500 and nothing is stored."

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        return Answer(500, {"error": counter.words["failed"]})


class SoldOut(Fault):
    name = "sold-out"
    tells = "The order is answered 409: the drink has just sold out. Nothing is stored."

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        drink = counter.words[asked.lines[0].drink]
        return Answer(409, {"error": counter.words["sold_out"].format(drink=drink)})


class ToastNoRow(Fault):
    name = "toast-no-row"
    tells = "The order is answered 201 and confirmed, but nothing is stored."

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        return Answer.created(asked)


class WrongDrink(Fault):
    name = "wrong-drink"
    tells = "The order is answered 201 and confirmed as asked, but other drinks are stored."

    async def order(self, asked: Order, counter: Counter, place: Place) -> Answer:
        await place(replace(asked, lines=tuple(map(_swapped, asked.lines))))
        return Answer.created(asked)


def _swapped(line: Line) -> Line:
    """The same line with another drink of the menu, milk and price left as they were asked for."""
    return replace(line, drink="cappuccino" if line.drink != "cappuccino" else "latte")


_KINDS: tuple[type[Fault], ...] = (
    DeadButton,
    LateHandler,
    RenamedButton,
    Decoy,
    CookieBanner,
    RowInserted,
    AlreadyThanks,
    Confirm,
    PayIframe,
    PayTab,
    SmallPrint,
    SessionExpired,
    PriceRaised,
    LongPoll,
    Slow3s,
    Slow60s,
    RedirectForeign,
    Order500,
    SoldOut,
    ToastNoRow,
    WrongDrink,
)

FAULTS: Mapping[str, str] = {kind.name: kind.tells for kind in _KINDS}
"""Name of every fault to one line that says what it does."""


@dataclass(frozen=True)
class Faults:
    """The faults that are switched on, acting as one."""

    chosen: tuple[Fault, ...]

    @classmethod
    def named(cls, names: Collection[str]) -> Faults:
        """Errors: `UsageError` for a name that is not in `FAULTS`."""
        unknown = sorted(set(names) - set(FAULTS))
        if unknown:
            raise UsageError(f"Unknown fault {', '.join(unknown)}. The shop knows: {', '.join(FAULTS)}.")
        return cls(tuple(kind() for kind in _KINDS if kind.name in names))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(fault.name for fault in self.chosen)

    @property
    def place_label(self) -> str:
        return next((f.place_label for f in self.chosen if f.place_label != Fault.place_label), Fault.place_label)

    @property
    def required(self) -> frozenset[str]:
        return frozenset().union(*(fault.required for fault in self.chosen))

    @property
    def loses_session(self) -> bool:
        return any(fault.loses_session for fault in self.chosen)

    def charge(self, cents: int) -> int:
        for fault in self.chosen:
            cents = fault.charge(cents)
        return cents

    def pay_at(self, counter: Counter) -> str:
        return next((page for fault in self.chosen if (page := fault.pay_at(counter))), "")

    def between(self, counter: Counter, place: Place) -> Place:
        """`place` with every fault in front of it."""
        for fault in reversed(self.chosen):
            place = partial(fault.order, counter=counter, place=place)
        return place
