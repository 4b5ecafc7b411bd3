"""What the shop sells. Values are lower-case English everywhere but on the Chinese pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SIZES = ("small", "medium", "large")
MILKS = ("whole", "oat", "soy", "almond", "skimmed")
NO_MILK = "none"
MAX_QUANTITY = 20

Vessel = Literal["espresso", "cup", "glass", "mug", "bowl"]


@dataclass(frozen=True)
class Art:
    """How a drink is drawn: the vessel, its colour, the backdrop, and the layers from the bottom up (colour, share)."""

    vessel: Vessel
    backdrop: str
    layers: tuple[tuple[str, float], ...]
    colour: str = "#ffffff"
    topping: Literal["", "heart", "rosetta", "foam", "cream", "marshmallow", "leaf", "cinnamon"] = ""


@dataclass(frozen=True)
class Drink:
    """One drink: its names, what it is, the prices in euro cents by size, and whether milk is asked for."""

    name: str
    zh: str
    about: str
    about_zh: str
    cents: tuple[int, int, int]
    art: Art
    milk: bool = True
    seasonal: bool = False

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def milks(self) -> tuple[str, ...]:
        """The milks to choose from; empty when the drink has none."""
        return MILKS if self.milk else ()

    def price(self, size: str) -> int:
        """Euro cents for one drink of `size`."""
        return self.cents[SIZES.index(size)]


DRINKS = (
    Drink(
        "espresso",
        "浓缩咖啡",
        "Short, dense and sweet. Beans from Huila, Colombia.",
        "短小、浓郁、回甘。豆子来自哥伦比亚慧兰。",
        (220, 260, 300),
        Art("espresso", "#f3e3d3", (("#4a2a18", 0.7), ("#b9783f", 0.3)), "#ffffff"),
        milk=False,
    ),
    Drink(
        "americano",
        "美式咖啡",
        "A double espresso, lengthened with hot water.",
        "双份浓缩，加入热水，清爽顺口。",
        (270, 310, 350),
        Art("mug", "#e4e9ea", (("#3b2114", 0.9), ("#8a5a34", 0.1)), "#3f6571"),
        milk=False,
    ),
    Drink(
        "latte",
        "拿铁",
        "Espresso under plenty of silky steamed milk.",
        "浓缩咖啡配上大量丝滑的热牛奶。",
        (360, 410, 460),
        Art("glass", "#f6e7cf", (("#a9713f", 0.3), ("#d3a574", 0.38), ("#fbf1e1", 0.32)), topping="heart"),
    ),
    Drink(
        "cappuccino",
        "卡布奇诺",
        "A third espresso, a third milk, a third foam.",
        "三分之一咖啡，三分之一牛奶，三分之一奶泡。",
        (340, 390, 440),
        Art("cup", "#f5dcd2", (("#c98f5c", 1.0),), "#c65d3b", topping="foam"),
    ),
    Drink(
        "flat white",
        "馥芮白",
        "Two ristretti and a thin layer of microfoam.",
        "两份精萃浓缩，覆以薄薄一层绵密奶泡。",
        (370, 420, 470),
        Art("cup", "#dfe8e0", (("#b97d49", 1.0),), "#2f5d50", topping="rosetta"),
    ),
    Drink(
        "mocha",
        "摩卡",
        "Espresso, dark chocolate, milk and a little cream.",
        "浓缩咖啡、黑巧克力、牛奶与一点奶油。",
        (400, 450, 500),
        Art("glass", "#ecdcd3", (("#3a1d12", 0.28), ("#7b4a2d", 0.42), ("#d9b48e", 0.3)), topping="cream"),
    ),
    Drink(
        "macchiato",
        "玛奇朵",
        "An espresso marked with a spoon of foam.",
        "浓缩咖啡，点上一勺奶泡。",
        (280, 320, 360),
        Art("espresso", "#f7e4c8", (("#4a2a18", 0.5), ("#b9783f", 0.2), ("#fbf1e1", 0.3)), "#e0a83c"),
    ),
    Drink(
        "hot chocolate",
        "热巧克力",
        "Melted dark chocolate and marshmallows.",
        "融化的黑巧克力，配棉花糖。",
        (350, 400, 450),
        Art("mug", "#f2dadb", (("#5b2f1e", 1.0),), "#9c3d44", topping="marshmallow"),
    ),
    Drink(
        "chai latte",
        "印度奶茶",
        "Black tea brewed with cardamom, ginger and cinnamon.",
        "红茶配豆蔻、姜和肉桂慢煮。",
        (380, 430, 480),
        Art("glass", "#f8e3c4", (("#b5703a", 0.45), ("#d9a56a", 0.3), ("#f7e8d2", 0.25)), topping="cinnamon"),
    ),
    Drink(
        "green tea",
        "绿茶",
        "Sencha from Shizuoka, brewed at 70 degrees.",
        "静冈煎茶，七十度冲泡。",
        (280, 320, 360),
        Art("bowl", "#e3ecd2", (("#a9bf5c", 1.0),), "#6d7f4f", topping="leaf"),
        milk=False,
    ),
    Drink(
        "pumpkin spice latte",
        "南瓜香料拿铁",
        "Back for a few weeks only.",
        "限时回归。",
        (450, 500, 550),
        Art("glass", "#f9dcbb", (("#c0661f", 0.4), ("#e09a52", 0.3), ("#fbf1e1", 0.3)), topping="cream"),
        seasonal=True,
    ),
)
"""Every drink that can be ordered. The seasonal ones are not on the menu page."""

MENU = tuple(drink for drink in DRINKS if not drink.seasonal)

_BY_NAME = {drink.name: drink for drink in DRINKS}


def drink_named(name: str) -> Drink | None:
    """The drink with that name (`flat white`) or slug (`flat-white`)."""
    return _BY_NAME.get(name.replace("-", " "))
