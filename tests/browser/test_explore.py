"""The explorer as an analyst uses it: on a small story that pages told, and with the tenant's secret key."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.device import Shop
from tests.world import IPHONE, Answer, Api, Clock

HOME, WORK = "203.0.113.7", "198.51.100.9"


@dataclass
class Told:
    """What happened: Anna on a laptop and on a phone, somebody at her home, and Ben elsewhere."""

    laptop: Answer
    again: Answer
    phone: Answer
    tablet: Answer
    ben: Answer


@dataclass
class Explorer:
    """The page, opened by an analyst."""

    page: Page
    origin: str
    secret_key: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> None:
        """Open the page, at a view if there is a fragment."""
        self.page.goto(f"{self.origin}/explore/{fragment}")

    def sign_in(self, key: str | None = None) -> None:
        self.page.get_by_label("Secret key").fill(key or self.secret_key)
        self.page.get_by_role("button", name="Sign in").click()

    def search(self, id_: str) -> None:
        self.page.get_by_role("textbox", name="Id").fill(id_)
        self.page.get_by_role("button", name="Search").click()

    def look_at(self, id_: str) -> None:
        """Open the page, sign in, search, and show the tables."""
        self.open()
        self.sign_in()
        self.search(id_)
        self.press("Table")
        expect(self.rows("Nodes").first).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def rows(self, table: str, text: str | re.Pattern[str] = "") -> Locator:
        """The rows of a table that have a text."""
        region = self.page.get_by_role("region", name=re.compile(rf"^{table} \("))
        return region.locator("tbody tr").filter(has_text=text)

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("complementary", name="Why")

    def bound(self, percent: int) -> None:
        """Move the slider and let it go."""
        self.page.get_by_role("slider", name="Confidence from").fill(str(percent))


@pytest.fixture
def told(shop: Shop, app: Flask, clock: Clock) -> Told:
    api = Api(app, shop.keys)
    laptop = api.init("laptop", address=HOME, page={"title": "Shop"})
    api.track(laptop, "search")
    clock.forward(days=2)
    again = api.init("laptop", address=HOME)
    api.track(again, "add_to_cart")
    phone = api.init("phone", address=WORK, agent=IPHONE)
    api.identify(again, "anna")
    api.identify(phone, "anna")
    tablet = api.init("tablet", address=HOME)
    ben = api.init("office", address="192.0.2.55")
    api.identify(ben, "ben")
    return Told(laptop, again, phone, tablet, ben)


@pytest.fixture
def context(shop: Shop) -> Iterator[BrowserContext]:
    opened = shop.chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin")
    yield opened
    opened.close()


@pytest.fixture
def explorer(shop: Shop, context: BrowserContext) -> Iterator[Explorer]:
    """An analyst at the page. It asks nothing of other sites, and its console has no errors that a test does not expect."""
    page = context.new_page()
    opened = Explorer(page, shop.origin, shop.keys.secret_key)
    page.on("request", lambda request: opened.asked.append(request.url))
    page.on(
        "console",
        lambda message: opened.complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    page.close()
    assert [url for url in opened.asked if not url.startswith((f"{shop.origin}/", "data:", "blob:"))] == []
    assert [url for url in opened.asked if shop.keys.secret_key in url] == []
    assert opened.complaints == []


def test_an_analyst_signs_in_with_a_secret_key_that_stays_in_memory(explorer: Explorer, shop: Shop) -> None:
    explorer.open()
    for wrong, what in ((shop.keys.write_key, "may not make this call"), ("sk_wrong", "not known")):
        explorer.sign_in(wrong)
        alert = explorer.page.get_by_role("alert")
        expect(alert).to_contain_text(what)
        expect(alert).to_contain_text("Sign in with a secret key")
    explorer.complaints.clear()

    explorer.sign_in()
    expect(explorer.page.get_by_text("Search for a user, a visitor")).to_be_visible()
    kept = explorer.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    explorer.page.reload()
    expect(explorer.page.get_by_label("Secret key")).to_be_visible()
    expect(explorer.page.get_by_label("Secret key")).to_have_value("")


def test_a_user_is_found_and_drawn_with_what_belongs_to_it(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    expect(explorer.page.get_by_role("heading", name="User anna")).to_be_visible()
    expect(explorer.rows("Nodes", "user")).to_have_count(1)
    expect(explorer.rows("Nodes", re.compile(r"^\s*visitor"))).to_have_count(3)
    expect(explorer.rows("Edges", "resolves to")).to_have_count(3)
    expect(explorer.rows("Edges", "probably")).to_contain_text("60 %")
    expect(
        explorer.page.get_by_role("img", name=re.compile("^Picture of the graph: ")).locator("canvas")
    ).to_have_count(3)
    expect(explorer.page.get_by_role("list", name="Legend").get_by_role("listitem")).to_have_count(7)
    expect(explorer.rows("Nodes", told.phone["visitorId"])).to_have_count(1)
