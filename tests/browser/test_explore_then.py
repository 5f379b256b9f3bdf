"""The explorer's journey as of a time: the events until then, of the visits that were the identity's then."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.explorer import Explorer, Told
from tests.world import Clock

#: The time zone of the browser.
BERLIN = ZoneInfo("Europe/Berlin")


def as_of(explorer: Explorer, at: datetime) -> None:
    """Type a time into the field, and leave it."""
    field = explorer.page.get_by_label("As of")
    field.fill(f"{at.astimezone(BERLIN):%Y-%m-%dT%H:%M:%S}")
    field.blur()


def test_the_journey_is_shown_as_of_a_time_which_the_address_keeps(
    explorer: Explorer, told: Told, clock: Clock
) -> None:
    before = clock() - timedelta(days=1)
    page = explorer.page
    explorer.open(f"#id={told.laptop['visitorId']}&view=journey")
    explorer.sign_in()
    expect(explorer.rows("Events", "identify")).to_have_count(2)
    as_of(explorer, before)
    # The laptop's first visit was nobody's, and Anna's phone was not there.
    expect(page.get_by_role("region", name="Events (1)")).to_be_visible()
    expect(explorer.rows("Events", "search")).to_have_count(1)
    expect(page.get_by_text(f"As of {before.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"view=journey&at=\d{4}-"))
    explorer.search("anna")
    expect(page.get_by_text("There were no events by then. Choose Now to see the present.")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("region", name="Events (1)")).to_be_visible()
    address = page.url
    page.reload()
    explorer.sign_in()
    expect(page.get_by_role("region", name="Events (1)")).to_be_visible()
    assert page.url == address
    # The graph has the same time.
    explorer.press("Graph")
    expect(page.get_by_label("As of")).not_to_have_value("")
    explorer.press("Journey")
    explorer.press("Now")
    expect(explorer.rows("Events", "identify")).to_have_count(2)
    expect(page.get_by_label("Depth")).to_be_hidden()
