"""Everything the pages say, in English and in Chinese, and which of the two a visitor gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from operator_agent.demo.menu import DRINKS

Language = Literal["en", "zh"]
COOKIE = "lang"

_ENGLISH = {
    "shop": "Early Bird Coffee",
    "tagline": "Order ahead. It is ready when you walk in.",
    "other_language": "中文",
    "skip": "Skip to content",
    "main_navigation": "Main",
    "menu": "Menu",
    "menu_lead": "Roasted on Tuesdays, brewed to order, all day.",
    "from": "from",
    "add": "Add",
    "basket": "Basket",
    "item": "item",
    "items": "items",
    "orders": "Orders",
    "footer": "A demo shop: nothing is brewed and no money moves.",
    "size": "Size",
    "milk": "Milk",
    "quantity": "Quantity",
    "price": "Price",
    "drink": "Drink",
    "add_to_basket": "Add to basket",
    "back_to_menu": "Back to the menu",
    "basket_empty": "Your basket is empty.",
    "remove": "Remove",
    "actions": "Change",
    "total": "Total",
    "checkout": "Checkout",
    "add_another": "Add another drink",
    "your_order": "Your order",
    "details": "Who is it for?",
    "name": "Name",
    "name_hint": "We call it out when your order is ready.",
    "pickup": "Pick-up time",
    "pickup_hint": "Or a time today, such as 15:30.",
    "phone": "Phone",
    "phone_hint": "Optional. Only if we have a question.",
    "continue_to_payment": "Continue to payment",
    "payment": "Payment",
    "how_to_pay": "How would you like to pay?",
    "pay_at_counter": "Pay at the counter",
    "pay_at_counter_hint": "Cash or card, when you collect it.",
    "pay_by_card": "Pay by card",
    "pay_by_card_hint": "Any demo card, for example 4242 4242 4242 4242.",
    "card_number": "Card number",
    "card_expiry": "Expiry",
    "card_code": "Security code",
    "place_order": "Place order",
    "complete_purchase": "Complete purchase",
    "placing": "Placing your order…",
    "thank_you": "Thank you",
    "order_placed": "Your order has been placed.",
    "order": "Order",
    "your_orders": "Your orders",
    "no_orders": "You have not ordered anything yet.",
    "status": "Status",
    "not_found": "Page not found",
    "not_found_hint": "There is nothing at this address.",
    "session_expired": "Your session has expired. Please start again.",
    "no_answer": "We could not reach the shop. Please check your orders before you try again.",
    "failed": "Something went wrong on our side. Your order has not been placed.",
    "sold_out": "Sorry, {drink} has just sold out. Your order has not been placed.",
    "check_fields": "Please check the fields below.",
    "choose_size": "Choose a size.",
    "choose_milk": "Choose a milk.",
    "quantity_range": "Enter a whole number from 1 to 20.",
    "name_missing": "Enter your name.",
    "name_long": "Use 60 characters at most.",
    "pickup_wrong": "Enter a time such as 15:30, or “as soon as possible”.",
    "phone_wrong": "Enter a phone number such as +49 30 1234567.",
    "phone_missing": "A phone number is needed for this order.",
    "card_wrong": "This is not a card number.",
    "expiry_wrong": "Enter month and year, such as 04/29.",
    "code_wrong": "Enter the 3 digits on the back of the card.",
    "small": "small",
    "medium": "medium",
    "large": "large",
    "whole": "whole",
    "oat": "oat",
    "soy": "soy",
    "almond": "almond",
    "skimmed": "skimmed",
    "none": "none",
    "received": "received",
    "as soon as possible": "as soon as possible",
    "confirm": "Place this order for {total}?",
    "cookies": "Cookies",
    "cookies_text": "We use cookies to remember your basket, and to see which cakes people look at.",
    "accept_all": "Accept all",
    "only_necessary": "Only necessary",
    "offer": "Offer of the day",
    "seasonal": "New this week",
    "card_payment": "Card payment",
    "pay_to": "Early Bird Coffee asks for {total}",
    "waiting": "Waiting for the payment in the other tab…",
    "paid": "Paid. You can close this tab.",
}

_CHINESE = {
    "shop": "早鸟咖啡",
    "tagline": "提前下单，到店即取。",
    "other_language": "English",
    "skip": "跳到正文",
    "main_navigation": "主导航",
    "menu": "菜单",
    "menu_lead": "每周二烘焙，全天现点现做。",
    "from": "起价",
    "add": "添加",
    "basket": "购物篮",
    "item": "件",
    "items": "件",
    "orders": "订单",
    "footer": "演示店铺：不会真的冲咖啡，也不会扣款。",
    "size": "杯型",
    "milk": "奶",
    "quantity": "数量",
    "price": "价格",
    "drink": "饮品",
    "add_to_basket": "加入购物篮",
    "back_to_menu": "返回菜单",
    "basket_empty": "购物篮是空的。",
    "remove": "移除",
    "actions": "更改",
    "total": "合计",
    "checkout": "去结账",
    "add_another": "再加一杯",
    "your_order": "您的订单",
    "details": "取餐信息",
    "name": "姓名",
    "name_hint": "做好后我们会叫您的名字。",
    "pickup": "取餐时间",
    "pickup_hint": "或填写今天的时间，例如 15:30。",
    "phone": "电话",
    "phone_hint": "选填，仅在有疑问时联系您。",
    "continue_to_payment": "继续付款",
    "payment": "付款",
    "how_to_pay": "您想如何付款？",
    "pay_at_counter": "到店付款",
    "pay_at_counter_hint": "取餐时付现金或刷卡。",
    "pay_by_card": "银行卡付款",
    "pay_by_card_hint": "任意演示卡号，例如 4242 4242 4242 4242。",
    "card_number": "卡号",
    "card_expiry": "有效期",
    "card_code": "安全码",
    "place_order": "提交订单",
    "complete_purchase": "完成购买",
    "placing": "正在提交订单…",
    "thank_you": "谢谢",
    "order_placed": "您的订单已提交。",
    "order": "订单号",
    "your_orders": "我的订单",
    "no_orders": "您还没有订单。",
    "status": "状态",
    "not_found": "找不到页面",
    "not_found_hint": "这个地址没有内容。",
    "session_expired": "会话已过期，请重新开始。",
    "no_answer": "无法连接到店铺。重试之前请先查看您的订单。",
    "failed": "我们这边出错了，订单未提交。",
    "sold_out": "抱歉，{drink}刚刚售罄，订单未提交。",
    "check_fields": "请检查以下各项。",
    "choose_size": "请选择杯型。",
    "choose_milk": "请选择奶。",
    "quantity_range": "请输入 1 到 20 的整数。",
    "name_missing": "请输入姓名。",
    "name_long": "最多 60 个字符。",
    "pickup_wrong": "请输入时间，例如 15:30，或“尽快”。",
    "phone_wrong": "请输入电话号码，例如 +86 10 12345678。",
    "phone_missing": "此订单需要电话号码。",
    "card_wrong": "卡号不正确。",
    "expiry_wrong": "请输入月份和年份，例如 04/29。",
    "code_wrong": "请输入卡背面的三位数字。",
    "small": "小杯",
    "medium": "中杯",
    "large": "大杯",
    "whole": "全脂奶",
    "oat": "燕麦奶",
    "soy": "豆奶",
    "almond": "杏仁奶",
    "skimmed": "脱脂奶",
    "none": "无",
    "received": "已接单",
    "as soon as possible": "尽快",
    "confirm": "以 {total} 提交此订单？",
    "cookies": "Cookie 设置",
    "cookies_text": "我们使用 Cookie 记住您的购物篮，并了解大家喜欢看哪些蛋糕。",
    "accept_all": "全部接受",
    "only_necessary": "仅限必要",
    "offer": "今日特惠",
    "seasonal": "本周新品",
    "card_payment": "银行卡付款",
    "pay_to": "早鸟咖啡请求付款 {total}",
    "waiting": "正在等待另一个标签页中的付款…",
    "paid": "已付款，可以关闭此标签页。",
}

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": _ENGLISH | {drink.name: drink.name for drink in DRINKS},
    "zh": _CHINESE | {drink.name: drink.zh for drink in DRINKS},
}


def euros(cents: int) -> str:
    """`€4.60`"""
    return f"€{cents // 100}.{cents % 100:02}"


def language(chosen: str | None, remembered: str | None, accepted: str) -> Language:
    """The language asked for in the address, else the cookie's, else the first known one in Accept-Language."""
    for wish in (chosen, remembered, *_by_quality(accepted)):
        tag = (wish or "").lower().split("-")[0]
        if tag == "zh":
            return "zh"
        if tag == "en":
            return "en"
    return "en"


def _by_quality(accepted: str) -> list[str]:
    """The tags of an Accept-Language header, most wanted first."""

    def quality(entry: str) -> float:
        _, _, value = entry.partition(";q=")
        try:
            return float(value) if value else 1.0
        except ValueError:
            return 0.0

    entries = [entry.strip().replace(" ", "") for entry in accepted.split(",")]
    return [entry.split(";")[0] for entry in sorted(entries, key=quality, reverse=True)]
