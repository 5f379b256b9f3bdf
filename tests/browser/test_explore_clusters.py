"""Clusters in the explorer: what belongs together, and what to doubt first."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Route, expect

from app import jobs
from graph.database import Database
from tests.browser.device import Shop
from tests.browser.explorer import Explorer, Told
from tests.patience import wait_until
from tests.world import Answer, Api, Clock


@pytest.fixture
def tablet(shop: Shop, app: Flask, database: Database, clock: Clock, told: Told) -> Answer:
    """Mum and the kid at one tablet, each with a device of their own, beside Anna's devices; in clusters."""
    api = Api(app, shop.keys)
    home = "203.0.113.20"
    tablet, phone, laptop = (api.init(name, address=home) for name in ("their tablet", "her phone", "their laptop"))
    for device, user in ((tablet, "mum"), (tablet, "kid"), (phone, "mum"), (laptop, "kid")):
        api.identify(device, user, address=home)
    jobs.run(database, shop.keys.tenant_id, "clusters", clock=clock, new_id=lambda: "000001")
    return tablet


def test_clusters_are_listed_by_label_and_opened(explorer: Explorer, tablet: Answer) -> None:
    explorer.open("#view=clusters")
    explorer.sign_in()
    page = explorer.page
    expect(page.get_by_text("2 clusters.")).to_be_visible()
    expect(page).to_have_title("Clusters · Whograph explorer")
    opening = page.get_by_role("button", name=re.compile("open cluster"))
    expect(opening.first).to_have_text("5 members: 2 users, 3 visitors")
    page.get_by_label("Label").select_option("shared_device")
    expect(page).to_have_url(re.compile(r"#view=clusters&label=shared_device$"))
    expect(opening).to_have_count(1)
    expect(page.get_by_text("shared device: two to six people who logged in on one device")).to_be_visible()

    opening.click()
    expect(page.get_by_role("heading", name="Cluster of 5 members")).to_be_focused()
    expect(page.get_by_text(f"2 users logged in on visitor:{tablet['visitorId']}.")).to_be_visible()
    expect(explorer.rows("Members")).to_have_count(5)
    expect(explorer.rows("Members", "vis_").filter(has_text="shared device")).to_have_count(1)
    expect(explorer.rows("Edges", "Identified as")).to_have_count(4)
    expect(page.get_by_role("img", name=re.compile("^Picture of the cluster: 5 members and 4 edges"))).to_be_visible()
    first = page.get_by_role("complementary", name="What to doubt").get_by_role("listitem").first
    expect(first).to_contain_text(
        re.compile(r"User (mum|kid) logged in on visitor ….*If it is wrong, 2 members are here by mistake")
    )
    explorer.rows("Edges", "kid").get_by_role("button").first.click()
    expect(
        page.get_by_text(re.compile(r"^User kid logged in on visitor …\w+, or was said to use it. 95 % sure.$"))
    ).to_be_visible()

    address = page.url
    page.reload()
    explorer.sign_in()
    expect(explorer.rows("Members")).to_have_count(5)
    assert page.url == address
    page.get_by_role("button", name="mum: graph of user mum").click()
    expect(page.get_by_role("heading", name="User mum")).to_be_focused()
    expect(page).to_have_url(re.compile(r"#id=user%3Amum$"))
    page.go_back()
    expect(explorer.rows("Members")).to_have_count(5)
    explorer.press("← All clusters")
    expect(opening).to_have_count(1)
    expect(page.get_by_role("heading", name="Clusters", exact=True)).to_be_focused()


@pytest.mark.usefixtures("tablet")
def test_the_list_before_is_gone_while_another_label_loads(explorer: Explorer) -> None:
    explorer.open("#view=clusters")
    explorer.sign_in()
    page = explorer.page
    opening = page.get_by_role("button", name=re.compile("open cluster"))
    expect(opening).to_have_count(2)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/clusters?*", hold)
    page.get_by_label("Label").select_option("shared_device")
    expect(opening).to_have_count(0)
    wait_until(lambda: held, "no list was asked for", pause=lambda: page.wait_for_timeout(20))
    held[0].continue_()
    expect(opening).to_have_count(1)


def test_a_member_of_the_picture_leads_to_its_graph_with_the_keyboard_too(explorer: Explorer, tablet: Answer) -> None:
    explorer.page.set_viewport_size({"width": 360, "height": 740})
    explorer.open("#view=clusters&label=household")
    explorer.sign_in()
    page = explorer.page
    page.get_by_role("button", name=re.compile("open cluster")).focus()
    page.keyboard.press("Enter")
    member = page.get_by_role("button", name=re.compile(f"graph of visitor {tablet['visitorId']}"))
    member.focus()
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Graph")).to_be_visible()
    expect(page.get_by_role("textbox", name="Id or address")).to_have_value(f"visitor:{tablet['visitorId']}")


def test_no_cluster_an_unknown_one_and_a_wrong_label_are_told(explorer: Explorer, told: Told) -> None:
    page = explorer.page
    explorer.open("#view=clusters")
    explorer.sign_in()
    expect(page.get_by_text("There is no cluster. A job looks for them once a day.")).to_be_visible()
    explorer.open("#view=clusters&cluster=clu_none")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("cluster_not_found")
    explorer.press("Clusters")
    expect(alert).to_have_count(0)
    page.evaluate("() => { location.hash = '#view=clusters&label=family' }")
    expect(alert).to_contain_text("Check what you asked for.")
    page.get_by_label("Label").select_option("all")
    expect(alert).to_have_count(0)
    explorer.forgive()


def test_the_cluster_of_a_user_or_visitor_is_found_with_the_keyboard(explorer: Explorer, tablet: Answer) -> None:
    page = explorer.page
    explorer.open("#view=clusters&label=shared_device")
    explorer.sign_in()
    opening = page.get_by_role("button", name=re.compile("open cluster"))
    expect(opening).to_have_count(1)
    about = page.get_by_label("Of a user or visitor")
    about.fill("anna")
    about.press("Enter")
    expect(page.get_by_text("anna is in no cluster with this label.")).to_be_visible()
    expect(about).to_be_focused()
    expect(page).to_have_url(re.compile(r"#view=clusters&label=shared_device&about=anna$"))
    page.get_by_label("Label").select_option("all")
    expect(opening).to_have_text("4 members: 1 user, 3 visitors")

    about.fill(f" {tablet['visitorId']} ")
    about.press("Tab")
    expect(page.get_by_role("button", name="Show", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(opening).to_have_text("5 members: 2 users, 3 visitors")
    opening.click()
    expect(explorer.rows("Members")).to_have_count(5)
    explorer.press("← All clusters")
    expect(about).to_have_value(tablet["visitorId"])
    expect(opening).to_have_count(1)
    explorer.press("Show all")
    expect(opening).to_have_count(2)
    expect(page.get_by_role("heading", name="Clusters", exact=True)).to_be_focused()
    expect(page).to_have_url(re.compile(r"#view=clusters$"))
    page.go_back()
    expect(about).to_have_value(tablet["visitorId"])
    expect(opening).to_have_count(1)


@pytest.mark.usefixtures("tablet")
def test_a_wrong_user_or_visitor_is_told_beside_the_field(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("#view=clusters")
    explorer.sign_in()
    expect(page.get_by_role("textbox", name="Id or address")).to_be_focused()
    about = page.get_by_label("Of a user or visitor")
    alert = page.get_by_role("alert")
    for typed, said in (
        ("ses_1", "about: One of user:ID and visitor:ID."),
        ("nobody", "user_not_found"),
        ("vis_none", "visitor_not_found"),
    ):
        about.fill(typed)
        about.press("Enter")
        expect(alert).to_contain_text(said)
        expect(about).to_have_value(typed)
        expect(about).to_be_focused()
    about.fill("anna")
    about.press("Enter")
    expect(page.get_by_role("button", name=re.compile("open cluster"))).to_have_count(1)
    expect(alert).to_have_count(0)
    explorer.forgive()


@pytest.mark.usefixtures("tablet")
def test_the_most_doubtful_clusters_come_first_if_that_is_asked(explorer: Explorer) -> None:
    """That a tablet is Anna's is an inference, while each member of the larger cluster logged in."""
    page = explorer.page
    explorer.open("#view=clusters")
    explorer.sign_in()
    opening = page.get_by_role("button", name=re.compile("open cluster"))
    expect(opening.first).to_have_text("5 members: 2 users, 3 visitors")
    page.get_by_label("Order").select_option("most doubtful first")
    expect(page).to_have_url(re.compile(r"#view=clusters&order=doubt$"))
    expect(opening.first).to_have_text("4 members: 1 user, 3 visitors")
    page.reload()
    explorer.sign_in()
    expect(opening.first).to_have_text("4 members: 1 user, 3 visitors")
    expect(page.get_by_label("Order")).to_have_value("doubt")
