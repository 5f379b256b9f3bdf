"""The SDK in a real browser, with real pages, networks and storage."""

import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.device import DIRECT_LAPTOP, Device, Shop
from tests.patience import wait_until
from tests.world import Clock, Graph, Json


class Elsewhere:
    """A site of another origin."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory
        self.port = port

    def serve(self, body: str) -> str:
        """Serve a page with this body and return its address."""
        (self.directory / "index.html").write_text(f"<!doctype html><link rel=icon href=data:,>{body}")
        return f"http://127.0.0.1:{self.port}/"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    directory = tmp_path_factory.mktemp("site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Elsewhere(directory, server.server_port)
        server.shutdown()
        thread.join()


def user_hash(shop: Shop, user_id: str) -> str:
    """Return the signature of a user id that the site's server would make."""
    return hmac.new(shop.keys.signing_secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()


def kept(device: Device) -> Json:
    """Return the SDK's entries in the browser's local storage."""
    found: Json = device.page.evaluate(
        "Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith('whograph.')))"
    )
    return found


def events(graph: Graph, name: str) -> int:
    return int(graph.rows("MATCH (e:Event {name: $name}) RETURN count(e) AS n", name=name)[0]["n"])


def test_a_page_that_is_loaded_ahead_counts_when_it_is_shown(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    # A browser that is driven loads no page ahead, so the page is told that it is.
    laptop.page.add_init_script(
        "Object.defineProperty(Document.prototype, 'prerendering', {get: () => !window.isShown})"
    )
    called: list[str] = []
    laptop.page.on("request", lambda request: called.append(request.url))
    laptop.page.goto(laptop.url)
    laptop.page.wait_for_function("window.EventTracker")
    assert not [url for url in called if "/eventTracking/" in url]
    laptop.page.evaluate("window.isShown = true; document.dispatchEvent(new Event('prerenderingchange'))")
    laptop.answer("track", "page_visit")
    assert (graph.count("Session"), events(graph, "page_visit")) == (1, 1)


def test_the_fingerprint_is_sent_with_all_components_in_less_than_30_kb(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    [stored] = graph.rows("MATCH (f:Fingerprint) RETURN f.hash AS hash, f.components AS components")
    sent = laptop.call("init")["message"]["fingerprint"]
    assert stored["hash"] == sent["visitorId"]
    assert sent["confidence"] == 0.7
    components = json.loads(stored["components"])
    assert components["timezone"] == {"value": "Europe/Berlin"}
    assert components["languages"] == {"value": [["de-DE"]]}
    assert components["canvas"]["value"]["text"].startswith("murmur3:")
    assert len(components) > 30
    assert all(set(component) == {"value"} for component in components.values())
    assert len(json.dumps(sent)) < 30_000


def test_the_browser_stores_no_user_id_and_no_cookies(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.log_in("mum")
    assert set(kept(laptop)) == {"whograph.demo.token", "whograph.demo.session"}
    assert set(json.loads(kept(laptop)["whograph.demo.session"])) == {"sessionId", "visitorId", "expiresAt", "idle"}
    assert laptop.context.cookies() == []


def test_a_second_init_and_a_second_script_tag_do_nothing(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    again = laptop.page.evaluate(
        """async () => {
          const before = window.whograph
          const tag = document.createElement("script")
          tag.src = "/sdk/whograph.js"
          Object.assign(tag.dataset, document.querySelector("script[data-tenant-id]").dataset)
          await new Promise((loaded) => { tag.onload = loaded; document.body.append(tag) })
          const { sessionId } = await whograph.init()
          return [before === whograph, before === EventTracker, sessionId]
        }"""
    )
    assert again == [True, True, laptop.answer("init")["sessionId"]]
    laptop.add_to_cart("mug")
    assert [each["call"] for each in laptop.exchanges] == ["init", "track", "track"]


def test_two_tabs_opened_at_once_begin_one_session(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    tabs = [laptop.page, laptop.context.new_page()]
    for tab in tabs:
        tab.evaluate("address => { location.href = address }", laptop.url)
    laptop.call("track", "page_visit", nth=1)
    assert len(laptop.calls("init")) == 1
    assert {each["answer"]["sessionId"] for each in laptop.calls("track")} == {laptop.answer("init")["sessionId"]}
    assert graph.count("Jar") == 1


def test_a_session_that_was_idle_too_long_is_followed_by_another(shop: Shop, clock: Clock) -> None:
    laptop = shop.device()
    laptop.visit()
    first = laptop.answer("init")
    clock.forward(minutes=31)
    # Only the service's clock was put forward, so the page does not know.
    event = laptop.add_to_cart("mug")
    assert laptop.answer("init", nth=1)["match"]["method"] == "token"
    assert event["sessionId"] == laptop.answer("init", nth=1)["sessionId"] != first["sessionId"]
    assert event["identityId"] == first["identityId"]
    [refused, accepted] = laptop.calls("track", "add_to_cart")
    assert refused["problem"] == {"code": "session_expired", "status": 410}
    assert refused["message"]["messageId"] == accepted["message"]["messageId"]
    laptop.forgive(at_least=2)


def test_a_page_that_knows_its_session_was_idle_too_long_begins_another(shop: Shop) -> None:
    laptop = shop.device()
    laptop.page.clock.install()
    laptop.visit()
    laptop.page.clock.fast_forward("31:00")
    event = laptop.add_to_cart("mug")
    assert event["sessionId"] == laptop.answer("init", nth=1)["sessionId"]


def test_an_unknown_session_is_followed_by_another(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.page.evaluate(
        """() => {
          const session = JSON.parse(localStorage.getItem("whograph.demo.session"))
          localStorage.setItem("whograph.demo.session", JSON.stringify({ ...session, sessionId: "ses_of_nobody" }))
        }"""
    )
    event = laptop.add_to_cart("mug")
    assert laptop.calls("track", "add_to_cart")[0]["problem"]["code"] == "session_not_found"
    assert event["sessionId"] == laptop.answer("init", nth=1)["sessionId"]
    laptop.forgive()


def test_an_event_sent_offline_arrives_once_when_the_network_is_back(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    failed: list[str] = []
    laptop.context.on("requestfailed", lambda request: failed.append(request.url))
    laptop.context.set_offline(True)
    laptop.page.locator("[data-product=mug]").click()
    laptop.wait_until(lambda: any(url.endswith("/track") for url in failed), "it is not tried")
    assert laptop.calls("track", "add_to_cart") == []
    laptop.context.set_offline(False)
    assert laptop.answer("track", "add_to_cart")["duplicate"] is False
    assert len(laptop.calls("track", "add_to_cart")) == 1, "the failure is not told"
    assert events(graph, "add_to_cart") == 1
    laptop.forgive()


def test_an_event_whose_answer_was_lost_is_not_stored_twice(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    sent: list[str] = []

    def lose_first_answer(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["messageId"])
        if len(sent) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    laptop.page.route("**/eventTracking/track", lose_first_answer)
    answer = laptop.add_to_cart("mug")
    assert answer["duplicate"] is True
    assert sent == [answer["messageId"]] * 2
    assert events(graph, "add_to_cart") == 1
    laptop.forgive()


def test_an_event_sent_while_the_page_is_left_arrives(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    laptop.page.evaluate("() => { whograph.track('left'); location.href = 'about:blank' }")
    laptop.page.wait_for_url("about:blank")
    wait_until(lambda: events(graph, "left") > 0, "it does not arrive")
    assert events(graph, "left") == 1


def test_the_sdk_waits_as_long_as_retry_after_says(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    problem = {"code": "too_many_requests", "status": 429, "title": "Too Many Requests", "detail": "Wait."}

    def refuse_once(route: Route) -> None:
        route.fulfill(
            status=429,
            headers={"Retry-After": "2", "Content-Type": "application/problem+json"},
            body=json.dumps(problem),
        )

    laptop.page.route("**/eventTracking/track", refuse_once, times=1)
    event = laptop.add_to_cart("mug")
    message = laptop.call("track", "add_to_cart")["message"]
    waited = laptop.page.evaluate(
        "([a, b]) => Date.parse(b) - Date.parse(a)", [message["timestamp"], event["receivedAt"]]
    )
    assert 2_000 <= waited < 120_000, "two seconds, and not two minutes"
    assert events(graph, "add_to_cart") == 1
    laptop.forgive()


def test_where_local_storage_is_blocked_the_sdk_uses_cookies(shop: Shop) -> None:
    laptop = shop.device()
    laptop.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    laptop.visit()
    laptop.visit()
    assert len(laptop.calls("init")) == 1, "the session goes on by cookie"
    cookies = {cookie["name"]: cookie for cookie in laptop.context.cookies()}
    assert set(cookies) == {"whograph.demo.token", "whograph.demo.session"}
    assert all(cookie["sameSite"] == "Lax" and cookie["path"] == "/" for cookie in cookies.values())


def test_where_nothing_can_be_stored_the_fingerprint_recognises_the_browser(
    shop: Shop, elsewhere: Elsewhere, graph: Graph
) -> None:
    # A sandboxed frame has no origin, so it may not use storage, cookies or locks.
    laptop = shop.device(DIRECT_LAPTOP)
    laptop.page.goto(
        elsewhere.serve(f'<iframe sandbox="allow-scripts" src="{laptop.url}" width=900 height=600></iframe>')
    )
    first = laptop.answer("init")
    laptop.answer("track", "page_visit")
    frame = laptop.page.frame_locator("iframe")
    frame.locator("[data-product=mug]").click()
    assert laptop.answer("track", "add_to_cart")["sessionId"] == first["sessionId"], "the page's own memory keeps it"
    laptop.page.reload()
    again = laptop.answer("init", nth=1)
    assert again["match"]["method"] == "fingerprint"
    assert again["visitorId"] == first["visitorId"]
    laptop.answer("track", "page_visit", nth=1)
    assert graph.count("Visitor") == 1


def test_without_consent_no_fingerprint_is_sent_and_nothing_is_stored(shop: Shop, graph: Graph) -> None:
    laptop = shop.device()
    laptop.visit()
    known = laptop.answer("init")
    laptop.page.evaluate("whograph.init({ consent: false })")
    refused = laptop.answer("init", nth=1)
    assert refused["visitorToken"] is None
    assert refused["visitorId"] != known["visitorId"]
    assert kept(laptop) == {}
    assert laptop.add_to_cart("mug")["sessionId"] == refused["sessionId"]
    laptop.page.evaluate("whograph.init({ consent: true })")
    assert laptop.answer("init", nth=2)["visitorId"] == known["visitorId"]
    assert graph.edges("HAS_FINGERPRINT") == {
        (known["visitorId"], laptop.call("init")["message"]["fingerprint"]["visitorId"])
    }


def test_a_login_with_the_sites_signature_is_verified(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    proof = user_hash(shop, "mum")
    laptop.page.evaluate("hash => whograph.identify({ userId: 'mum' }, { userHash: hash })", proof)
    assert laptop.answer("identify")["verified"] is True
    code = laptop.page.evaluate(
        "hash => whograph.identify('kid', { userHash: hash }).catch(({ code, status }) => [code, status])", proof
    )
    assert code == ["user_hash_invalid", 403]
    laptop.forgive()


def test_a_site_of_another_origin_can_include_the_script(shop: Shop, elsewhere: Elsewhere) -> None:
    laptop = shop.device(DIRECT_LAPTOP)
    laptop.page.goto(
        elsewhere.serve(
            "<script>window.whograph = { waiting: [] }</script>"
            f'<script src="{shop.origin}/sdk/whograph.js" data-tenant-id="demo" data-write-key="{shop.keys.write_key}" async></script>'
        )
    )
    assert laptop.answer("init")["match"]["method"] == "new"
    assert laptop.call("init")["message"]["page"]["url"] == laptop.page.url
    assert laptop.answer("track", "page_visit")["sessionId"] == laptop.answer("init")["sessionId"]


def test_a_page_without_attributes_begins_a_session_when_it_calls_init(shop: Shop, elsewhere: Elsewhere) -> None:
    laptop = shop.device(DIRECT_LAPTOP)
    laptop.page.goto(elsewhere.serve(f'<script src="{shop.origin}/sdk/whograph.js"></script>'))
    laptop.page.evaluate(
        "options => { whograph.track('early'); whograph.init(options) }",
        {"tenantId": "demo", "writeKey": shop.keys.write_key, "endpoint": shop.origin},
    )
    assert laptop.answer("track", "early")["sessionId"] == laptop.answer("init")["sessionId"]


def test_a_wrong_key_is_reported_and_does_not_break_the_page(shop: Shop, elsewhere: Elsewhere) -> None:
    laptop = shop.device(DIRECT_LAPTOP)
    laptop.page.goto(
        elsewhere.serve(
            "<h1>A shop</h1>"
            f'<script src="{shop.origin}/sdk/whograph.js" data-tenant-id="demo" data-write-key="wk_wrong" async></script>'
        )
    )
    assert laptop.call("init")["problem"] == {"code": "unauthenticated", "status": 401}
    expect(laptop.page.get_by_role("heading")).to_be_visible()
    assert not any("Uncaught" in complaint for complaint in laptop.complaints)
    laptop.forgive()


def test_without_its_tenant_the_demo_is_not_found(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "demo-tenant.json").unlink()
    laptop = shop.device()
    response = laptop.page.goto(laptop.url)
    assert response is not None
    assert response.status == 404
    assert "python -m app tenants create demo" in response.text()
    laptop.forgive()


def test_the_secret_key_is_nowhere_in_the_page(shop: Shop) -> None:
    laptop = shop.device()
    laptop.visit()
    assert shop.keys.write_key in laptop.page.content()
    assert shop.keys.secret_key not in laptop.page.content()
    assert shop.keys.signing_secret not in laptop.page.content()
