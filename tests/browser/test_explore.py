"""The explorer as an analyst uses it: on a small story that pages told, and with the tenant's secret key."""

import json
import re
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Route, expect

from tests.browser.device import Shop
from tests.browser.explorer import HOME, USER, Explorer, Told
from tests.patience import wait_until
from tests.world import IPHONE, Api, Clock


def height_of_the_table_button(explorer: Explorer) -> int:
    """Where in the whole page it is, however far the page is scrolled."""
    top = explorer.page.evaluate("() => document.querySelector('#as-table').getBoundingClientRect().top + scrollY")
    return round(float(top))


def test_an_analyst_signs_in_with_a_secret_key_that_stays_in_memory(explorer: Explorer, shop: Shop) -> None:
    explorer.open()
    explorer.sign_in("sk_clé")
    expect(explorer.page.get_by_role("alert")).to_contain_text("This is no key")
    for wrong, what in ((shop.keys.write_key, "may not make this call"), ("sk_wrong", "not known")):
        explorer.sign_in(wrong)
        alert = explorer.page.get_by_role("alert")
        expect(alert).to_contain_text(what)
        expect(alert).to_contain_text("Sign in with a secret key")
        explorer.forgive()

    explorer.sign_in()
    expect(explorer.page.get_by_text("Search for a user, a visitor")).to_be_visible()
    kept = explorer.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    explorer.page.reload()
    expect(explorer.page.get_by_label("Secret key")).to_be_visible()
    expect(explorer.page.get_by_label("Secret key")).to_have_value("")


def test_whoever_goes_on_while_a_key_is_checked_stays_there(explorer: Explorer) -> None:
    page, held = explorer.page, list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    explorer.open()
    page.route("**/api/v1/**", hold, times=1)
    with page.expect_request("**/api/v1/**"):
        explorer.sign_in()
    home = page.get_by_role("banner").get_by_role("link").first
    home.focus()
    wait_until(lambda: held, "no key was checked", pause=lambda: page.wait_for_timeout(20))
    held[0].continue_()
    expect(page.get_by_text("Search for a user, a visitor")).to_be_visible()
    expect(home).to_be_focused()


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


def test_any_id_finds_the_same_person(explorer: Explorer, told: Told) -> None:
    explorer.look_at(told.laptop["visitorId"])
    heading = explorer.page.get_by_role("heading", name="User anna")
    for id_ in (told.phone["sessionId"], told.laptop["identityId"], "user:anna"):
        expect(heading).to_be_visible()
        explorer.search("ben")
        expect(explorer.page.get_by_role("heading", name="User ben")).to_be_visible()
        explorer.search(id_)
    expect(heading).to_be_visible()
    expect(explorer.rows("Edges", "resolves to")).to_have_count(3)


def test_an_address_leads_to_who_was_seen_there(explorer: Explorer, told: Told) -> None:
    explorer.open(f"#id={HOME}")
    explorer.sign_in()
    page = explorer.page
    expect(page.get_by_role("heading", name=f"Seen at {HOME}")).to_be_visible()
    expect(explorer.rows("Visitors")).to_have_count(2)
    expect(explorer.rows("Visitors").last).to_contain_text("anna")
    explorer.search("192.0.2.200")
    expect(page.get_by_text("Nobody was seen at 192.0.2.200. If")).to_be_visible()
    explorer.search(HOME)
    page.get_by_role("button", name=told.tablet["visitorId"]).click()
    expect(page.get_by_role("textbox", name="Id or address")).to_have_value(told.tablet["visitorId"])
    expect(page.get_by_role("region", name="Address")).to_be_hidden()
    explorer.press("Table")
    page.get_by_role("button", name=HOME, exact=True).click()
    page.get_by_role("button", name=f"Who was seen at {HOME}").click()
    page.get_by_role("button", name="anna", exact=True).click()
    expect(page.get_by_role("textbox", name="Id or address")).to_have_value("user:anna")
    expect(page.get_by_role("heading", name="User anna")).to_be_visible()


def test_an_unknown_id_is_told_with_what_to_do(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    explorer.search("nobody & <b>none</b>")
    alert = explorer.page.get_by_role("alert")
    expect(alert).to_contain_text("There is no such user.")
    expect(alert).to_contain_text("user_not_found")
    expect(alert).to_contain_text("Check the id")
    expect(alert).to_contain_text("request id ")
    assert told.phone["visitorId"] not in explorer.page.content()
    expect(explorer.page.get_by_role("region", name="Graph")).to_be_hidden()
    expect(explorer.page.get_by_role("heading", name="User anna")).to_have_count(0)
    explorer.search("anna")
    expect(explorer.rows("Nodes", told.phone["visitorId"])).to_be_visible()
    expect(alert).to_have_count(0)
    explorer.forgive()


def test_the_slider_hides_edges_and_what_only_they_lead_to(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    tablet = explorer.rows("Nodes", told.tablet["visitorId"])
    expect(tablet).to_have_count(1)
    explorer.page.get_by_role("button", name=re.compile("^Why: tenure .* probably tenure")).click()
    expect(explorer.panel).to_contain_text("The same person, 60 % sure.")
    hidden = explorer.page.get_by_text(re.compile(r"Hidden below 70 %: \d+ nodes and \d+ edges\."))
    expect(hidden).to_have_count(0)
    explorer.bound(70)
    expect(hidden).to_be_visible()
    expect(explorer.panel).to_contain_text("Choose an edge")
    expect(tablet).to_have_count(0)
    expect(explorer.rows("Edges", "probably")).to_have_count(0)
    expect(explorer.rows("Edges", "seen at")).to_have_count(0)
    expect(explorer.page).to_have_url(re.compile(r"#id=anna&min=0\.7$"))
    explorer.bound(10)
    expect(tablet).to_have_count(1)
    expect(explorer.page.get_by_text("Hidden below")).to_have_count(0)


def test_the_slider_moves_no_node_and_adds_no_step_back(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    tablet = explorer.rows("Nodes", told.tablet["visitorId"])
    expect(tablet).to_have_count(1)
    place, steps = explorer.place_of(USER), explorer.page.evaluate("() => history.length")
    for percent, count in ((70, 0), (80, 0), (50, 1)):
        explorer.bound(percent)
        expect(tablet).to_have_count(count)
    assert explorer.place_of(USER) == pytest.approx(place, abs=1)
    assert explorer.page.evaluate("() => history.length") == steps
    explorer.bound(70)
    explorer.page.go_back()
    expect(explorer.page.get_by_text("Search for a user, a visitor")).to_be_visible()


def test_a_row_leads_to_the_panel_and_back(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    why = explorer.page.get_by_role("button", name=re.compile("^Why: visitor .* identified as")).last
    why.focus()
    explorer.page.keyboard.press("Enter")
    expect(explorer.panel).to_be_focused()
    expect(explorer.panel).to_contain_text("logged in on")
    explorer.press("Back to the row")
    expect(why).to_be_focused()


def test_whose_a_visitor_is_depends_on_the_confidence(explorer: Explorer, told: Told) -> None:
    explorer.look_at(told.tablet["visitorId"])
    known = explorer.page.get_by_role("heading", name="User anna")
    unknown = explorer.page.get_by_role("heading", name="Not logged in: no known user")
    expect(known).to_be_visible()
    explorer.bound(70)
    expect(unknown).to_be_visible()
    expect(explorer.rows("Nodes", told.tablet["visitorId"])).to_have_count(1)
    expect(explorer.rows("Nodes", re.compile(r"^\s*user"))).to_have_count(0)
    before = explorer.rows("Nodes").all_inner_texts()
    explorer.page.reload()
    explorer.sign_in()
    explorer.press("Table")
    expect(unknown).to_be_visible()
    expect(explorer.rows("Nodes")).to_have_count(len(before))
    assert sorted(explorer.rows("Nodes").all_inner_texts()) == sorted(before)
    explorer.bound(50)
    expect(known).to_be_visible()
    expect(explorer.rows("Nodes", re.compile(r"^\s*user"))).to_have_count(1)


def test_a_call_that_failed_is_made_again(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    page = explorer.page
    broken = {"body": "<html>", "content_type": "text/html", "headers": {"X-Request-ID": "r-1"}}
    page.route("**/api/v1/users/anna*", lambda route: route.fulfill(**broken))
    place = height_of_the_table_button(explorer)
    page.get_by_role("button", name="Expand user anna").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The answer of the service is broken.")
    expect(alert).to_contain_text("request id r-1")
    expect(alert).to_be_in_viewport()
    assert height_of_the_table_button(explorer) == place, "what a call says moves the page"
    page.unroute_all()
    explorer.press("Try again")
    expect(page.get_by_text("What belongs to user anna is drawn already.")).to_be_visible()
    expect(alert).to_have_count(0)


def test_a_key_that_counts_no_more_signs_out(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    refusal = {"code": "unauthenticated", "detail": "the key was revoked"}
    explorer.page.route("**/api/v1/explain*", lambda route: route.fulfill(status=401, json=refusal))
    explorer.page.get_by_role("button", name=re.compile("^Why: tenure .* tied to")).click()
    expect(explorer.page.get_by_label("Secret key")).to_be_focused()
    expect(explorer.page.get_by_role("alert")).to_contain_text("The key was revoked.")
    assert told.phone["visitorId"] not in explorer.page.content()
    explorer.forgive()


def test_an_edge_says_why_it_is_there(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    explorer.page.get_by_role("button", name=re.compile("^Why: tenure .* probably tenure")).click()
    expect(explorer.panel).to_contain_text("It is an inference from evidence.")
    expect(explorer.panel).to_contain_text("The same person, 60 % sure.")
    expect(explorer.panel).to_contain_text("by the same browser, system and kind of device at the same address")
    expect(explorer.panel.get_by_role("row", name="base 0.6")).to_be_visible()

    explorer.page.get_by_role("button", name=re.compile("^Why: visitor .* seen at address")).first.click()
    expect(explorer.panel).to_contain_text("was seen at address")
    expect(explorer.panel).not_to_contain_text("The same person")
    explorer.page.get_by_role("button", name=re.compile("^Why: tenure .* tied to")).click()
    expect(explorer.panel).to_contain_text("a fingerprint that was known")
    expect(explorer.panel).to_contain_text("since a login followed on what is tied to it")
    expect(explorer.panel).to_contain_text("How the visit was recognised")
    expect(explorer.panel.get_by_role("row", name="strength 0.8791")).to_be_visible()


def test_two_nodes_are_one_or_something_stands_against_it(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    explorer.compare(f"visitor {told.laptop['visitorId']}", f"visitor {told.phone['visitorId']}")
    explorer.press("Are these the same person?")
    expect(explorer.panel).to_contain_text("The same person, 100 % sure.")
    expect(explorer.panel).to_contain_text("User anna logged in on the page")

    explorer.compare(f"visitor {told.tablet['visitorId']}")
    explorer.bound(65)
    expect(explorer.panel).to_contain_text("Choose a second node")
    explorer.bound(50)
    explorer.compare("user anna", f"visitor {told.tablet['visitorId']}")
    explorer.press("Are these the same person?")
    expect(explorer.panel).to_contain_text("The same person, 60 % sure.")


def test_what_stands_against_it_is_told(explorer: Explorer, shop: Shop, app: Flask) -> None:
    api = Api(app, shop.keys)
    for name in ("anna", "ben"):
        api.identify(api.init(f"{name}'s", address=HOME), name)
    explorer.look_at("anna")
    explorer.page.get_by_label("Depth").select_option("3")
    other = api.get("users", "ben", "visitors")["items"][0]["visitorId"]
    expect(explorer.rows("Nodes", other)).to_have_count(1)
    explorer.compare("user anna", f"visitor {other}")
    explorer.press("Are these the same person?")
    expect(explorer.panel).to_contain_text("Not shown to be the same person.")
    expect(explorer.panel.get_by_role("heading", name="What stands against it")).to_be_visible()
    expect(explorer.panel).to_contain_text("different users")

    # Expanding Ben's visitor adds what is his.
    explorer.page.get_by_role("button", name=f"Expand visitor {other}").click()
    expect(explorer.rows("Nodes", re.compile(r"^\s*user"))).to_have_count(2)
    explorer.page.get_by_label("Depth").select_option("1")
    expect(explorer.rows("Nodes", re.compile(r"^\s*address"))).to_have_count(0)
    expect(explorer.rows("Nodes", re.compile(r"^\s*user"))).to_have_count(2)


def test_the_graph_is_shown_as_of_a_time(explorer: Explorer, told: Told, clock: Clock) -> None:
    explorer.look_at(told.laptop["identityId"])
    expect(explorer.rows("Nodes", "tenure")).to_have_count(4)
    between = clock().astimezone(ZoneInfo("Europe/Berlin")) - timedelta(days=1)
    field_of_time = explorer.page.get_by_label("As of")
    field_of_time.fill(between.strftime("%Y-%m-%dT%H:%M:%S"))
    expect(explorer.rows("Nodes", "tenure")).to_have_count(1)
    expect(explorer.page.get_by_text(f"As of {between.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC.")).to_be_visible()
    expect(explorer.rows("Nodes", "user")).to_have_count(0)
    for id_ in ("anna", told.phone["identityId"]):
        explorer.search(id_)
        # The page empties what it says when it gets its new title.
        expect(explorer.page).to_have_title(f"{id_} · Whograph explorer")
        expect(explorer.page.get_by_text("Nothing belonged to it at that time.")).to_be_visible()
    # The visitor's latest tenure began later; the one before was there.
    explorer.search(told.laptop["visitorId"])
    expect(explorer.rows("Nodes", re.compile(r"^\s*tenure"))).to_have_count(1)
    explorer.press("Now")
    expect(explorer.rows("Nodes", "tenure")).to_have_count(4)
    expect(field_of_time).to_have_value("")


def test_a_journey_has_a_lane_for_each_device_and_goes_on(
    explorer: Explorer, told: Told, shop: Shop, app: Flask
) -> None:
    api = Api(app, shop.keys)
    events = [{"type": "track", "eventName": f"click {number}"} for number in range(300)]
    api.post("/eventTracking/batch", {"sessionId": told.phone["sessionId"], "events": events}, agent=IPHONE)
    explorer.open("#id=anna&view=journey")
    explorer.sign_in()
    lanes = explorer.page.get_by_role("img", name=re.compile(r"^2 devices, 3 sessions, 200 events"))
    expect(lanes).to_be_visible()
    expect(lanes).to_contain_text("Mobile Safari, iOS")
    expect(lanes).to_contain_text("2 days")
    expect(explorer.rows("Events", "search")).to_contain_text("87.9 %")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    explorer.page.route("**/journey?*", hold)
    more = explorer.page.get_by_role("button", name="Load more")
    more.focus()
    explorer.page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-disabled", "true")
    expect(more).to_be_focused()
    explorer.page.keyboard.press("Enter")
    wait_until(lambda: held, "nothing more was asked for", pause=lambda: explorer.page.wait_for_timeout(20))
    assert len(held) == 1
    held[0].continue_()
    expect(explorer.rows("Events")).to_have_count(304)
    expect(explorer.page.get_by_role("button", name="Load more")).to_be_hidden()
    expect(explorer.page.get_by_text("304 events in all.")).to_be_visible()


def test_a_journey_shows_what_a_login_drew_in_and_only_some_events(explorer: Explorer, told: Told) -> None:
    explorer.open("#id=anna&view=journey")
    explorer.sign_in()
    page = explorer.page
    expect(page.get_by_role("list", name="What the marks mean").get_by_role("listitem")).to_have_count(4)
    lanes = page.get_by_role("region", name="Lanes of devices")
    for event, recognised in (("search", "later"), ("add_to_cart", "later"), ("identify", "at once")):
        expect(explorer.rows("Events", event).first.get_by_role("cell").last).to_have_text(recognised)
    expect(lanes.locator("path.event")).to_have_count(2)
    expect(lanes.locator(".event.later")).to_have_count(2)
    expect(lanes.locator(".event.later.probable")).to_have_count(1)

    page.get_by_role("combobox", name="Events", exact=True).select_option("identify")
    expect(explorer.rows("Events")).to_have_count(2)
    expect(page.get_by_text("4 events in all, 2 of them shown.")).to_be_visible()
    page.get_by_role("combobox", name="Devices", exact=True).select_option(told.phone["visitorId"])
    expect(explorer.rows("Events")).to_have_count(1)
    expect(page.get_by_role("img", name=re.compile(r"^1 devices, 1 sessions, 1 events"))).to_be_visible()

    page.reload()
    explorer.sign_in()
    expect(explorer.rows("Events")).to_have_count(1)
    page.go_back()
    expect(explorer.rows("Events")).to_have_count(2)
    explorer.search("ben")
    expect(page.get_by_role("heading", name="User ben")).to_be_visible()
    expect(page.get_by_role("combobox", name="Events", exact=True)).to_have_value("")


def test_a_link_opens_the_same_view_and_back_leads_through_the_views(explorer: Explorer, told: Told) -> None:
    explorer.open("#id=anna&depth=1&min=0.7")
    explorer.sign_in()
    page = explorer.page
    explorer.press("Table")
    expect(explorer.rows("Nodes", re.compile(r"^\s*visitor"))).to_have_count(2)
    expect(explorer.rows("Nodes", re.compile(r"^\s*session"))).to_have_count(0)
    expect(page.get_by_label("Depth")).to_have_value("1")
    expect(page.get_by_role("slider")).to_have_value("70")
    explorer.press("Journey")
    expect(page.get_by_role("region", name="Events (4)")).to_be_visible()
    explorer.search("ben")
    expect(page.get_by_role("heading", name="User ben")).to_be_visible()
    expect(page).to_have_title("ben · Whograph explorer")
    page.go_back()
    expect(page.get_by_role("region", name="Events (4)")).to_be_visible()
    page.go_back()
    expect(explorer.rows("Nodes", told.phone["visitorId"])).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("region", name="Events (4)")).to_be_visible()
    address = page.url
    page.reload()
    explorer.sign_in()
    expect(page.get_by_role("region", name="Events (4)")).to_be_visible()
    assert page.url == address


def test_the_picture_and_what_it_shows_are_saved(explorer: Explorer, told: Told, tmp_path: Path) -> None:
    explorer.look_at("anna")
    with explorer.page.expect_download() as png:
        explorer.press("Save PNG")
    assert png.value.suggested_filename == "whograph-anna.png"
    png.value.save_as(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    with explorer.page.expect_download() as saved:
        explorer.press("Save JSON")
    saved.value.save_as(tmp_path / "graph.json")
    graph = json.loads((tmp_path / "graph.json").read_text(encoding="utf-8"))
    assert graph["view"]["id"] == "anna"
    assert f"visitor:{told.phone['visitorId']}" in {node["id"] for node in graph["nodes"]}
    assert "probably" in {edge["kind"] for edge in graph["edges"]}


def test_a_node_of_the_picture_is_chosen_expanded_and_stays_where_it_was_dragged(
    explorer: Explorer, told: Told
) -> None:
    explorer.look_at(told.laptop["visitorId"])
    mouse = explorer.page.mouse
    x, y = explorer.place_of(USER)
    mouse.click(x, y)
    expect(explorer.panel.get_by_role("heading", name="User")).to_be_visible()
    expect(explorer.panel).to_contain_text("anna")
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 30, y + 20, steps=5)
    mouse.up()
    unpin = explorer.panel.get_by_role("button", name="Let user anna move again")
    expect(unpin).to_be_visible()

    def is_expanded() -> bool:
        # On a busy machine the two clicks may be too far apart to count as one double click.
        mouse.dblclick(*explorer.place_of(USER))
        status = explorer.page.locator("#status")
        expect(status).not_to_contain_text("Loading")
        return status.inner_text() == "What belongs to user anna is drawn already."

    wait_until(is_expanded, "no double click expands the node")
    unpin.click()
    expect(unpin).to_have_count(0)


def test_all_is_reached_with_the_keyboard_and_fits_a_phone(explorer: Explorer, told: Told) -> None:
    page = explorer.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    explorer.open()
    page.get_by_label("Secret key").focus()
    page.keyboard.type(explorer.secret_key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Id or address")).to_be_focused()
    page.keyboard.type("anna")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="User anna")).to_be_visible()
    reached: list[str] = []
    while "Save JSON" not in reached:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.ariaLabel || document.activeElement.textContent"))
        if reached[-1] == "Table":
            page.keyboard.press("Enter")
        assert len(reached) < 40, reached
    assert {"Graph", "Journey", "Zoom in", "Table", "Save PNG"} <= set(reached)
    visitor = page.get_by_role("button", name=told.phone["visitorId"], exact=True)
    visitor.focus()
    page.keyboard.press("Enter")
    expect(explorer.panel.get_by_role("button", name=re.compile("^Expand visitor"))).to_be_in_viewport()
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360


def test_a_long_id_fits_a_phone(explorer: Explorer, shop: Shop, app: Flask) -> None:
    api = Api(app, shop.keys)
    long = "a" * 200
    api.identify(api.init("laptop"), long)
    explorer.page.set_viewport_size({"width": 360, "height": 740})
    explorer.look_at(long)
    expect(explorer.page.get_by_role("heading", name=f"User {long}")).to_be_visible()
    assert explorer.page.evaluate("() => document.documentElement.scrollWidth") == 360


def test_searching_again_shows_what_is_new(explorer: Explorer, told: Told, shop: Shop, app: Flask) -> None:
    explorer.look_at("anna")
    expect(explorer.rows("Edges", "resolves to")).to_have_count(3)
    api = Api(app, shop.keys)
    api.identify(api.init("television"), "anna")
    explorer.search("anna")
    expect(explorer.rows("Edges", "resolves to")).to_have_count(4)


def test_signing_out_forgets_all(explorer: Explorer, told: Told) -> None:
    explorer.look_at("anna")
    explorer.press(told.phone["visitorId"])
    expect(explorer.panel).to_contain_text(told.phone["visitorId"])
    explorer.press("Sign out")
    expect(explorer.page.get_by_label("Secret key")).to_be_focused()
    assert told.phone["visitorId"] not in explorer.page.content()
