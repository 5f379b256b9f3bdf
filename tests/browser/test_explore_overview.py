"""The explorer's overview: how much there is, how sure it is, and what to look at first."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from app import jobs
from graph.database import Database
from tests.browser.device import Shop
from tests.browser.explorer import Explorer, Told
from tests.world import Api, Clock


@pytest.fixture
def warned(shop: Shop, app: Flask, database: Database, clock: Clock, told: Told) -> Told:
    """A page sent a user id that names nobody, and the clusters were found."""
    Api(app, shop.keys).identify(told.ben, "undefined")
    jobs.run(database, shop.keys.tenant_id, "clusters", clock=clock, new_id=lambda: "000001")
    return told


@pytest.mark.usefixtures("warned")
def test_the_overview_counts_warns_and_leads_to_clusters(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("#view=overview")
    explorer.sign_in()
    expect(page.get_by_text("It is counted anew every five minutes.")).to_be_visible()
    expect(page).to_have_title("Overview · Whograph explorer")
    figures = page.locator(".figures > div")
    expect(figures.filter(has_text=re.compile("^users"))).to_have_text("users2")
    expect(figures.filter(has_text=re.compile("^visitors"))).to_have_text("visitors4")
    expect(
        page.get_by_role("img", name=re.compile("^Relationships by confidence: 1 to 10: 0, .*91 to 100: 3"))
    ).to_be_visible()
    expect(page.get_by_text("The visits are not counted yet.")).to_be_visible()
    expect(page.get_by_role("heading", name="The clusters to doubt first")).to_be_visible()
    expect(explorer.rows("Warnings", "placeholder user id")).to_contain_text("undefined")
    page.get_by_role("button", name=re.compile("open cluster")).click()
    expect(explorer.rows("Members", "anna")).to_have_count(1)


def test_the_overview_says_how_late_events_come(explorer: Explorer, told: Told, shop: Shop, app: Flask) -> None:
    """The two events and three logins of the story came at once, and five more are six seconds late."""
    api = Api(app, shop.keys)
    sent = datetime.now(UTC)
    for _ in range(5):
        api.track(told.again, timestamp=(sent - timedelta(seconds=6)).isoformat(), sentAt=sent.isoformat())
    explorer.open("#view=overview")
    explorer.sign_in()
    expect(
        explorer.page.get_by_text(
            "Of the latest 10 events, half came within 0 milliseconds of when they happened, "
            "and 95 of 100 within 6 seconds."
        )
    ).to_be_visible()


@pytest.mark.usefixtures("told")
def test_the_overview_shows_how_visits_were_recognised(
    explorer: Explorer, shop: Shop, database: Database, clock: Clock
) -> None:
    jobs.run(database, shop.keys.tenant_id, "analytics", clock=clock, new_id=lambda: "000001")
    page = explorer.page
    explorer.open("#view=overview")
    explorer.sign_in()
    expect(page.get_by_role("img", name="5 visits in 30 days, by day and method.")).to_be_visible()
    expect(page.get_by_text("token: the token of this browser came back")).to_have_count(0)
    expect(page.get_by_text("new: the first of its kind: nothing was seen before")).to_be_visible()
    page.get_by_text("The visits as a table").click()
    expect(explorer.rows("Visits")).to_have_count(30)
    for width in (360, 1400, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        for chart in page.locator("#overview svg[role=img]").all():
            drawn, card = (chart.locator(path).bounding_box() for path in ("xpath=.", "xpath=.."))
            assert drawn is not None
            assert card is not None
            assert card["width"] * 0.85 < drawn["width"] < card["width"], f"{width} pixels wide"


@pytest.mark.usefixtures("warned")
def test_the_overview_goes_on_after_a_failure_and_keeps_the_focus(explorer: Explorer, shop: Shop, app: Flask) -> None:
    page = explorer.page
    page.clock.install()
    explorer.open("#view=overview")
    explorer.sign_in()
    users = page.locator(".figures > div").filter(has_text=re.compile("^users"))
    expect(users).to_have_text("users2")
    cluster = page.get_by_role("button", name=re.compile("open cluster"))
    cluster.focus()
    page.route("**/stats?*", lambda route: route.fulfill(status=503, body="{}"))
    page.clock.run_for(5 * 60_000)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(users).to_have_text("users2")
    expect(page.get_by_text("It is counted anew every five minutes.")).to_be_visible()
    explorer.forgive()

    page.unroute_all()
    api = Api(app, shop.keys)
    api.identify(api.init("television"), "kim")
    page.clock.run_for(5 * 60_000)
    expect(users).to_have_text("users3")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(cluster).to_be_focused()


def test_the_overview_is_asked_for_anew_while_it_is_shown(
    explorer: Explorer, told: Told, shop: Shop, app: Flask
) -> None:
    page = explorer.page
    page.clock.install()
    explorer.open("#view=overview")
    explorer.sign_in()
    users = page.locator(".figures > div").filter(has_text=re.compile("^users"))
    expect(users).to_have_text("users2")
    api = Api(app, shop.keys)
    api.identify(api.init("television"), "kim")
    page.clock.run_for(5 * 60_000)
    expect(users).to_have_text("users3")
    explorer.press("Clusters")
    expect(page.get_by_text("There is no cluster.")).to_be_visible()
    asked = len([url for url in explorer.asked if "/stats" in url])
    page.clock.run_for(15 * 60_000)
    assert len([url for url in explorer.asked if "/stats" in url]) == asked == 2
