"""A link opens the explorer without a key: it reads, it changes nothing, and it ends."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from app import read_tokens
from app.read_tokens import ReadToken
from tests.browser.device import Shop
from tests.browser.explorer import Explorer, Told
from tests.conftest import SECRET_KEY
from tests.world import Api, Clock


@pytest.fixture
def link(shop: Shop, clock: Clock) -> str:
    """The part behind `#` of a link that holds for 15 minutes."""
    ends = clock() + timedelta(minutes=15)
    return f"#token={read_tokens.issue(ReadToken(shop.keys.tenant_id, 'lnk_1', ends, clock()), [SECRET_KEY])}"


@pytest.mark.usefixtures("told")
def test_a_link_opens_the_explorer_and_leaves_no_token_in_the_address(explorer: Explorer, link: str) -> None:
    page = explorer.page
    explorer.open(f"{link}&id=anna")
    expect(page.get_by_role("region", name="Graph", exact=True)).to_be_visible()
    expect(page.get_by_text("You came by a link")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/explore/#id=anna$"))
    assert [url for url in explorer.asked if "rt_" in url.partition("#")[0]] == []
    stored = page.evaluate("() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert stored == "{}{}"
    page.reload()
    expect(page.get_by_label("Secret key")).to_be_visible()


def test_by_a_link_nothing_is_changed(explorer: Explorer, told: Told, link: str, shop: Shop, app: Flask) -> None:
    page = explorer.page
    explorer.open(f"{link}&id=anna")
    explorer.press("Table")
    explorer.press("anna")
    explorer.panel.get_by_role("button", name="Hide…").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("A link only reads.")
    expect(alert).to_contain_text("sign in with a secret key")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert Api(app, shop.keys).get("users", "anna")["userId"] == "anna"
    # A key may change, and takes the hint away.
    explorer.press("Sign out")
    explorer.sign_in()
    expect(page.get_by_text("You came by a link")).to_be_hidden()


@pytest.mark.usefixtures("told")
def test_a_link_that_has_ended_asks_for_a_key(explorer: Explorer, link: str, clock: Clock) -> None:
    page = explorer.page
    explorer.open(f"{link}&id=anna")
    expect(page.get_by_role("region", name="Graph", exact=True)).to_be_visible()
    clock.forward(minutes=15)
    explorer.press("Journey")
    expect(page.get_by_label("Secret key")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The link has ended: ask for another one.")
    expect(page.locator("#summary")).to_be_hidden()
    # The same link in the same tab opens nothing either.
    page.evaluate("hash => { location.hash = hash }", f"{link}&id=anna")
    expect(page).to_have_url(re.compile(r"/explore/#id=anna$"))
    expect(page.get_by_role("alert")).to_contain_text("The link has ended")
    explorer.forgive()
