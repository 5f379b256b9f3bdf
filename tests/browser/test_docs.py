"""The service's pages of documentation work in a browser without any other network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.device import Shop


@pytest.fixture
def page(shop: Shop) -> Iterator[Page]:
    """A page that may send requests only to the service, and whose console must have no errors or warnings."""
    opened = shop.chromium.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert [url for url in asked if not url.startswith((f"{shop.origin}/", "data:", "blob:"))] == []
    assert complaints == []


def test_the_api_can_be_browsed_and_tried(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.origin}/docs/")
    init = page.locator("#operations-init-postInit")
    init.locator(".opblock-summary-control").click()
    expect(init).to_contain_text("fingerprint")
    page.locator(".btn.authorize").first.click()
    page.locator("#api_key_value").fill(shop.keys.write_key)
    page.locator(".auth-btn-wrapper .authorize").first.click()
    page.locator(".btn-done").first.click()
    init.get_by_role("button", name="Try it out").click()
    init.locator("textarea").fill('{"fingerprint": {"visitorId": "fp-docs"}}')
    init.get_by_role("button", name="Execute").click()
    expect(init.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(init.locator(".live-responses-table")).to_contain_text("isNewVisitor")


def test_the_type_of_a_problem_is_a_link_to_its_description(shop: Shop, page: Page) -> None:
    answered = page.request.get(f"{shop.origin}/api/v1/users/u1").json()
    page.goto(f"{shop.origin}{answered['type']}")
    row = page.locator("tr:target")
    expect(row).to_be_visible()
    expect(row).to_contain_text("unauthenticated")
    expect(row.locator("code", has_text="Authorization: Bearer")).to_be_visible()
