"""The demo shop as a person uses it, and what the graph then holds."""

import re

from playwright.sync_api import expect

from tests.browser.device import LAPTOP, PHONE, Shop
from tests.world import Graph


def test_a_visit_continues_is_claimed_by_a_login_and_ends_with_a_log_out(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    page_visit = laptop.visit()
    first = laptop.answer("init")
    assert first["match"] == {"method": "new", "confidence": 1.0, "evidence": []}
    assert page_visit["sessionId"] == first["sessionId"]
    expect(laptop.page.locator("#standing-who")).to_contain_text("no user named")
    expect(laptop.page.locator("#standing-sure")).to_contain_text("100 %")
    expect(laptop.page.locator("#standing-why")).to_contain_text("Nothing here was seen before.")

    laptop.add_to_cart("mug")
    laptop.leave()
    assert laptop.visit()["sessionId"] == first["sessionId"]
    assert len(laptop.calls("init")) == 1, "the session goes on"

    login = laptop.log_in("mum")
    assert login["sessionId"] == first["sessionId"]
    assert login["userId"] == "mum"
    assert login["updated"] == {"sessions": 1, "events": 3}
    expect(laptop.page.locator("#standing-who")).to_contain_text("mum")
    expect(laptop.page.locator("#standing-sure")).to_contain_text("95 %")
    assert laptop.add_to_cart("lantern")["userId"] == "mum"

    nobody = laptop.log_out()
    assert nobody["visitorId"] == first["visitorId"]
    assert nobody["sessionId"] != first["sessionId"]
    assert nobody["identityId"] != login["identityId"]
    assert nobody["userId"] is None
    expect(laptop.page.locator("#standing-who")).to_contain_text("no user named")
    assert laptop.add_to_cart("lantern")["userId"] is None

    assert graph.rows(
        "MATCH (v:Visitor)<-[:IN]-(j:Jar)<-[:ON]-(t:Tenure)<-[:DURING]-(s:Session)-[:RECORDED]->(e:Event) "
        "OPTIONAL MATCH (t)-[:RESOLVES_TO]->(u:User) "
        "WITH v, j, s, u, e ORDER BY e.at "
        "RETURN v.visitor_id AS visitor, s.session_id AS session, u.user_id AS user, collect(e.name) AS events "
        "ORDER BY user"
    ) == [
        {
            "visitor": first["visitorId"],
            "session": first["sessionId"],
            "user": "mum",
            "events": ["page_visit", "add_to_cart", "page_visit", "identify", "add_to_cart"],
        },
        {
            "visitor": first["visitorId"],
            "session": nobody["sessionId"],
            "user": None,
            "events": ["add_to_cart"],
        },
    ]
    assert graph.count("Jar") == 1
    assert graph.count("Fingerprint") == 1


def test_a_product_has_a_page_of_its_own(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.page.get_by_text("Storm lantern").click()
    seen = laptop.answer("track", "product_view")
    assert seen["sessionId"] == laptop.answer("init")["sessionId"]
    visit = laptop.call("track", "page_visit", nth=1)
    assert visit["message"]["page"]["url"] == f"{laptop.url}?product=lantern"
    assert visit["message"]["page"]["referrer"] == laptop.url
    assert laptop.call("track", "product_view")["message"]["properties"]["productId"] == "lantern"


def test_an_emptied_browser_is_recognised_by_its_fingerprint(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    first = laptop.answer("init")
    # What the page still keeps when it is answered would come after the emptying.
    laptop.answer("track", "page_visit")
    laptop.empty_profile()
    laptop.visit()
    again = laptop.answer("init", nth=1)
    assert laptop.call("init", nth=1)["message"].get("visitorToken") is None
    assert again["visitorToken"] != first["visitorToken"]
    assert again["match"]["method"] == "fingerprint"
    assert 0.8 <= again["match"]["confidence"] <= 1
    assert again["identityId"] == first["identityId"]
    assert again["visitorId"] == first["visitorId"]
    expect(laptop.page.locator("#standing-why")).to_contain_text("No token, but a fingerprint that is known.")
    expect(laptop.page.locator("#standing-why .evidence li")).to_have_count(len(again["match"]["evidence"]))
    assert graph.count("Visitor") == 1
    assert graph.count("Jar") == 2


def test_the_button_empty_this_browser_does_the_same(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.page.get_by_role("button", name="Empty this browser").click()
    assert laptop.answer("init", nth=1)["match"]["method"] == "fingerprint"


def test_a_new_session_is_recognised_by_its_token(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.page.get_by_role("button", name="New session").click()
    again = laptop.answer("init", nth=1)
    assert again["sessionId"] != laptop.answer("init")["sessionId"]
    assert again["match"]["method"] == "token"
    assert again["match"]["confidence"] == 1.0


def test_two_devices_of_one_user_are_one_identity(shop: Shop, graph: Graph) -> None:
    laptop, phone = shop.device(LAPTOP), shop.device(PHONE)
    laptop.visit()
    phone.visit()
    assert laptop.answer("init")["identityId"] != phone.answer("init")["identityId"]
    at_the_laptop, on_the_phone = laptop.log_in("mum"), phone.log_in("mum")
    assert at_the_laptop["identityId"] == on_the_phone["identityId"]
    assert graph.edges("IDENTIFIED_AS") == {(at_the_laptop["visitorId"], "mum"), (on_the_phone["visitorId"], "mum")}
    assert graph.count("Visitor") == 2
    assert graph.count("Fingerprint") == 2


def test_mum_and_kid_at_one_browser_stay_two(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.add_to_cart("blanket")
    mum = laptop.log_in("mum")
    laptop.log_out()
    laptop.add_to_cart("kite")
    kid = laptop.log_in("kid")
    laptop.add_to_cart("kite")
    assert mum["visitorId"] == kid["visitorId"]
    assert mum["identityId"] != kid["identityId"]
    assert events_of(graph, "mum") == ["page_visit", "add_to_cart", "identify"]
    assert events_of(graph, "kid") == ["add_to_cart", "identify", "add_to_cart"]
    assert graph.edges("IDENTIFIED_AS") == {(mum["visitorId"], "mum"), (mum["visitorId"], "kid")}


def test_a_second_login_without_a_log_out_begins_a_session_of_its_own(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    mum = laptop.log_in("mum")
    laptop.page.evaluate("whograph.identify('kid')")
    kid = laptop.answer("identify", nth=1)
    assert kid["sessionId"] != mum["sessionId"]
    assert laptop.add_to_cart("kite")["sessionId"] == kid["sessionId"]
    assert laptop.call("track", "add_to_cart")["message"]["sessionId"] == kid["sessionId"]
    expect(laptop.page.locator("[data-call=identify]").first).to_contain_text("in a session of their own")
    assert events_of(graph, "mum") == ["page_visit", "identify"]
    assert events_of(graph, "kid") == ["identify", "add_to_cart"]


def test_the_panel_shows_the_raw_answer_of_every_call(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.add_to_cart("mug")
    newest = laptop.page.locator("#exchanges > li").first
    expect(newest).to_have_attribute("data-event", "add_to_cart")
    answered = newest.locator("details").last
    expect(answered.locator("pre")).to_be_hidden()
    answered.locator("summary").click()
    expect(answered.locator("pre")).to_contain_text(laptop.answer("track", "add_to_cart")["eventId"])


def test_a_refused_login_is_shown_and_does_not_log_in(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.page.locator("[data-opens=account]").click()
    laptop.page.get_by_label("User id").fill("  ")
    laptop.page.locator("#log-in").get_by_role("button").click()
    assert laptop.call("identify")["problem"] == {"code": "invalid_request", "status": 422}
    expect(laptop.page.locator(".exchange.failed")).to_contain_text("422")
    expect(laptop.page.locator("#account-label")).to_have_text("Log in")
    laptop.forgive(at_least=2)


def test_a_placeholder_user_id_claims_nothing_and_the_panel_says_so(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    assert laptop.log_in("undefined")["userId"] is None
    expect(laptop.page.locator("[data-call=identify]")).to_contain_text("placeholder user id")


def test_the_page_fits_a_phone(shop: Shop) -> None:
    phone = shop.device(PHONE)
    phone.visit()
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["viewport"]["width"]
    body = phone.page.locator("#panel-body")
    expect(body).to_be_hidden()
    expect(phone.page.locator("#handle")).to_contain_text("No user named · 100 % · new")
    phone.page.locator("#handle").click()
    expect(body).to_be_visible()


def test_the_page_is_dark_if_the_browsers_colour_scheme_is(shop: Shop) -> None:
    def brightness(scheme: str) -> int:
        device = shop.device({**LAPTOP, "color_scheme": scheme})
        device.visit()
        colour = device.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", colour)[:3])

    assert brightness("light") > 600
    assert brightness("dark") < 150


def events_of(graph: Graph, user_id: str) -> list[str]:
    """Return the names of the events in a user's own tenures, in order."""
    return [
        row["name"]
        for row in graph.rows(
            "MATCH (:User {user_id: $user_id})<-[:RESOLVES_TO]-(:Tenure)<-[:DURING]-(:Session)-[:RECORDED]->(e:Event) "
            "RETURN e.name AS name ORDER BY e.at",
            user_id=user_id,
        )
    ]
