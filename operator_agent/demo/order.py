"""One order: its lines, the details that come with it, and the answer the customer gets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from operator_agent.demo.menu import MAX_QUANTITY, NO_MILK, SIZES, drink_named

AS_SOON_AS_POSSIBLE = "as soon as possible"
_SOON = {"", "asap", "now", AS_SOON_AS_POSSIBLE, "尽快"}
_TIME = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>[ap])?\.?(?:m\.?)?", re.IGNORECASE)
_NUMBER_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

Errors = dict[str, str]
"""Field name to the key of the words that say what is wrong with it."""


@dataclass(frozen=True)
class Line:
    """`quantity` equal drinks. `price_cents` is for all of them together."""

    drink: str
    size: str
    milk: str
    quantity: int
    price_cents: int

    @classmethod
    def of(cls, drink: str, size: str, milk: str, quantity: int) -> Line:
        """The line at menu price. KeyError: no such drink."""
        sold = drink_named(drink)
        if sold is None:
            raise KeyError(drink)
        return cls(sold.name, size, milk, quantity, sold.price(size) * quantity)


@dataclass(frozen=True)
class Details:
    """What the customer fills in at the checkout. `pickup` is `as soon as possible` or `HH:MM`."""

    name: str
    pickup: str
    phone: str = ""


@dataclass(frozen=True)
class Order:
    """What was asked for. `total_cents` is what is charged."""

    number: str
    lines: tuple[Line, ...]
    total_cents: int
    details: Details
    status: str = "received"

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "status": self.status,
            "name": self.details.name,
            "pickup": self.details.pickup,
            "total_cents": self.total_cents,
            "lines": [vars(line) for line in self.lines],
        }


@dataclass(frozen=True)
class Answer:
    """What the API says: an HTTP status, a JSON body, headers."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def created(cls, order: Order) -> Answer:
        return cls(201, order.as_json(), {"location": f"/orders/{order.number}"})


def new_number() -> str:
    """A short order number that can be called across a counter."""
    return "".join(secrets.choice(_NUMBER_LETTERS) for _ in range(6))


def total_of(lines: Collection[Line]) -> int:
    """Euro cents."""
    return sum(line.price_cents for line in lines)


def read_line(drink_name: str, form: Mapping[str, str]) -> tuple[Line | None, Errors]:
    """The line a drink's form asks for, or what is wrong with it. KeyError: no such drink."""
    drink = drink_named(drink_name)
    if drink is None:
        raise KeyError(drink_name)
    size, milk, quantity = form.get("size", ""), form.get("milk", NO_MILK), form.get("quantity", "").strip()
    errors: Errors = {}
    if size not in SIZES:
        errors["size"] = "choose_size"
    if milk not in (drink.milks or (NO_MILK,)):
        errors["milk"] = "choose_milk"
    if not re.fullmatch(r"[0-9]{1,3}", quantity) or not 1 <= int(quantity) <= MAX_QUANTITY:
        errors["quantity"] = "quantity_range"
    return (None if errors else Line.of(drink.name, size, milk, int(quantity))), errors


def read_details(form: Mapping[str, str], required: Collection[str] = ()) -> tuple[Details, Errors]:
    """The checkout details as the customer gave them, and what is wrong with them. `required`: further fields."""
    name, phone = " ".join(form.get("name", "").split()), form.get("phone", "").strip()
    typed_pickup = form.get("pickup", "").strip()
    pickup = read_pickup(typed_pickup)
    errors: Errors = {}
    if not name:
        errors["name"] = "name_missing"
    elif len(name) > 60:
        errors["name"] = "name_long"
    if pickup is None:
        errors["pickup"] = "pickup_wrong"
    if not phone and "phone" in required:
        errors["phone"] = "phone_missing"
    elif phone and not re.fullmatch(r"\+?[0-9 ()/-]{6,24}", phone):
        errors["phone"] = "phone_wrong"
    return Details(name, pickup or typed_pickup, phone), errors


def read_pickup(text: str) -> str | None:
    """`15:20` for `15:20`, `3.20 pm` or `3:20PM`; `as soon as possible` for nothing; None for anything else."""
    if text.lower() in _SOON:
        return AS_SOON_AS_POSSIBLE
    time = _TIME.fullmatch(text)
    if time is None or not (time["minute"] or time["half"]):
        return None
    hour, minute = int(time["hour"]), int(time["minute"] or 0)
    if time["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if time["half"].lower() == "p" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def read_card(form: Mapping[str, str]) -> Errors:
    """What is wrong with the card, if the order is to be paid by card. Nothing of a card is ever kept."""
    if form.get("payment") != "card":
        return {}
    errors: Errors = {}
    digits = re.sub(r"[ -]", "", form.get("card_number", ""))
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not _luhn(digits):
        errors["card_number"] = "card_wrong"
    if not re.fullmatch(r"(0[1-9]|1[0-2]) ?/ ?[0-9]{2}", form.get("card_expiry", "").strip()):
        errors["card_expiry"] = "expiry_wrong"
    if not re.fullmatch(r"[0-9]{3,4}", form.get("card_code", "").strip()):
        errors["card_code"] = "code_wrong"
    return errors


def _luhn(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(value // 10 + value % 10 for value in doubled)) % 10 == 0
