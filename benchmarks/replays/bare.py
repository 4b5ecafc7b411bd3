"""The acts of each task as a person would write them for Playwright, with nothing around them but waiting for the effect.

python bare.py sqlite_insert http://127.0.0.1:8000
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from playwright.sync_api import Page, expect, sync_playwright

from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import ARGUMENTS, find_browser


def notebook_folder(page: Page, url: str) -> None:
    page.goto(f"{url}/tree")
    page.get_by_role("menuitem", name="New", exact=True).click()
    page.get_by_role("menuitem", name="New Folder").click()
    field = page.locator("input.jp-DirListing-editor")
    field.fill("reports")
    field.press("Enter")
    page.get_by_role("listitem", name="reports").wait_for()


def otterwiki_find(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_placeholder("Search").fill("attachments")
    page.get_by_placeholder("Search").press("Enter")
    page.get_by_role("heading", name="Search").first.wait_for()
    assert page.get_by_role("link", name="Home").last.inner_text() == "Home"


def otterwiki_new(page: Page, url: str) -> None:
    page.goto(f"{url}/-/create")
    page.get_by_role("textbox", name="Page name").fill("Bread")
    page.get_by_role("button", name="Create and open in editor").click()
    page.wait_for_url("**/Bread*")
    page.locator(".cm-content, .CodeMirror textarea").first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("# Bread\n\nFlour, water, salt and time.")
    page.locator("#save-page-btn").click()
    page.get_by_role("textbox", name="Commit Message").fill("how to bake")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Bread saved.").wait_for()


def pages_export(page: Page, url: str) -> None:
    page.goto(f"{url}/r1/ledger/list")
    page.get_by_role("link", name="Page 3").click()
    for number in ("1250", "1266", "1301", "1322", "1333"):
        page.get_by_role("checkbox", name=f"Select invoice {number}").check()
    page.get_by_role("textbox", name="Comment").fill("for the auditor")
    page.get_by_role("button", name="Run on selected").click()
    expect(page.get_by_role("status", name="Batch")).to_contain_text("1250, 1266, 1301, 1322, 1333")


def pages_signup(page: Page, url: str) -> None:
    page.goto(f"{url}/r1/signup/account")
    page.get_by_role("textbox", name="E-mail").fill("lin@example.org")
    page.get_by_role("textbox", name="Display name").fill("Lin")
    page.get_by_role("combobox", name="How did you hear of us?").select_option("A talk")
    page.get_by_role("button", name="Continue").click()
    for field, text in {"Street and number": "Storgata 7", "Postal code": "0155", "City": "Oslo"}.items():
        page.get_by_role("textbox", name=field).fill(text)
    page.get_by_role("combobox", name="Country").select_option("Norway")
    page.get_by_role("textbox", name="Phone").fill("555 0101")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("radio", name="Team").check()
    page.get_by_role("radio", name="Yearly").check()
    page.get_by_role("spinbutton", name="Seats").fill("4")
    page.get_by_role("textbox", name="Voucher").fill("SPRING")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("checkbox", name="I accept the terms").check()
    page.get_by_role("button", name="Create account").click()
    page.get_by_text("The account for lin@example.org is ready.").wait_for()


def radicale_book(page: Page, url: str) -> None:
    page.goto(f"{url}/.web/")
    page.get_by_placeholder("Username").fill("ada")
    page.get_by_placeholder("Password").fill("lovelace-1843")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="➕").click()
    page.get_by_role("combobox").select_option("Address book")
    page.locator("#createcollectionscene input[data-name=displayname]").fill("Family")
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("heading", name="Family").wait_for()


def shop_order(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Add latte", exact=True).click()
    page.get_by_role("combobox", name="Size").select_option("large")
    page.get_by_role("combobox", name="Milk").select_option("oat")
    page.get_by_role("spinbutton", name="Quantity").fill("2")
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("button", name="Checkout").click()
    page.get_by_role("textbox", name="Name").fill("Ada")
    page.get_by_role("textbox", name="Pick-up time").fill("as soon as possible")
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_role("button", name="Place order").click()
    page.wait_for_url("**/orders/*")
    page.get_by_role("heading", name="Thank you").wait_for()


def sqlite_edit(page: Page, url: str) -> None:
    page.goto(f"{url}/book/content/")
    page.get_by_role("row", name="Emma").get_by_role("link", name="Edit").click()
    page.get_by_role("checkbox", name="Allow updating this column.").nth(3).check()
    page.get_by_role("textbox", name="year").fill("1816")
    page.get_by_role("checkbox", name="Allow updating this column.").nth(4).check()
    page.get_by_role("textbox", name="shelf").fill("B")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("row", name="Emma")).to_contain_text("1816")


def sqlite_insert(page: Page, url: str) -> None:
    page.goto(f"{url}/book/insert/")
    for field, text in {"title": "Walden", "author": "Henry David Thoreau", "year": "1854", "shelf": "B"}.items():
        page.get_by_role("textbox", name=field, exact=True).fill(text)
    page.get_by_role("button", name="Insert").click()
    expect(page.get_by_role("row", name="Walden")).to_contain_text("1854")


def sqlite_query(page: Page, url: str) -> None:
    page.goto(f"{url}/loan/query/")
    page.locator("form textarea").fill("insert into loan (reader, book) values ('Mina Murray', 'Dracula') returning id")
    page.get_by_role("button", name="Execute").click()
    page.get_by_role("cell", name="1", exact=True).wait_for()
    page.get_by_role("link", name="Content").click()
    expect(page.get_by_role("row", name="Mina Murray")).to_contain_text("Dracula")


def tiddlywiki_edit(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="control panel").click()
    page.get_by_role("row", name="Title of this TiddlyWiki").get_by_role("textbox").fill("Kitchen notes")
    page.get_by_role("row", name="Subtitle").get_by_role("textbox").fill("what we cook")
    page.get_by_role("heading", name="Kitchen notes").wait_for()


def tiddlywiki_new(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="new tiddler", exact=True).click()
    page.get_by_role("region", name="Editor").get_by_role("textbox").first.fill("Bread")
    page.frame_locator("iframe").get_by_role("textbox").fill("Flour, water, salt and time.")
    page.get_by_placeholder("tag name").fill("recipe")
    page.get_by_role("button", name="add", exact=True).first.click()
    page.get_by_role("button", name="Confirm changes to this tiddler").click()
    page.get_by_role("heading", name="Bread").wait_for()


SCRIPTS: dict[str, Callable[[Page, str], None]] = {
    script.__name__: script
    for script in (
        notebook_folder, otterwiki_find, otterwiki_new, pages_export, pages_signup, radicale_book, shop_order, sqlite_edit,
        sqlite_insert, sqlite_query, tiddlywiki_edit, tiddlywiki_new,
    )
}  # fmt: skip


def main(name: str, url: str) -> None:
    executable = find_browser(Settings.from_env(), headed=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(10_000)
        SCRIPTS[name](page, url)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
