"""Take the pictures of the README: `python -m tests.browser.pictures`.

The main job on real input: `make run` on an empty data directory, a real browser visits the shop as a laptop and as a
phone and logs in on both, and Neo4j Browser shows what came of it.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import neo4j
from playwright.sync_api import Browser, sync_playwright

from app.config import CHECKOUT
from app.services.tenants import TenantKeys
from bench.service import Service, serve
from graph import embedded
from tests.browser.conftest import FLAGS
from tests.browser.device import LAPTOP, PHONE, Shop

PICTURES = CHECKOUT / "docs" / "pictures"
#: One user, two devices: what each consists of, and how it leads to her.
QUERY = """
MATCH way = (:User {user_id: 'anna'})<-[:RESOLVES_TO]-(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
OPTIONAL MATCH fingerprints = (visitor)-[:HAS_FINGERPRINT]->(:Fingerprint)
OPTIONAL MATCH sessions = (tenure)<-[:DURING]-(:Session)
RETURN way, fingerprints, sessions
"""
#: The Neo4j Browser that comes with the server has its own idea of which property names a node; this is ours.
STYLE = """
node { diameter: 65px; color: #A5ABB6; border-color: #9AA1AC; border-width: 2px; text-color-internal: #FFFFFF; font-size: 10px; }
relationship { color: #A5ABB6; shaft-width: 1px; font-size: 8px; padding: 3px; text-color-external: #000000; text-color-internal: #FFFFFF; caption: '<type>'; }
node.Identity { color: #57C7E3; border-color: #23b3d7; text-color-internal: #2A2C34; }
node.User { color: #4C8EDA; border-color: #2870c2; text-color-internal: #FFFFFF; caption: '{user_id}'; diameter: 80px; }
node.Tenure { color: #57C7E3; border-color: #23b3d7; text-color-internal: #2A2C34; caption: 'tenure'; }
node.Jar { color: #FFC454; border-color: #d7a013; text-color-internal: #2A2C34; caption: 'jar'; }
node.Visitor { color: #8DCC93; border-color: #5db665; text-color-internal: #2A2C34; caption: 'visitor'; diameter: 80px; }
node.Fingerprint { color: #F79767; border-color: #f36924; text-color-internal: #FFFFFF; caption: '{hash}'; }
node.Session { color: #C990C0; border-color: #b261a5; text-color-internal: #FFFFFF; caption: '{os}'; }
"""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    executable = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    with (
        tempfile.TemporaryDirectory() as place,
        serve(Path(place), TRUSTED_PROXIES="1") as service,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *sandbox])
        keys = service.keys
        tenant = TenantKeys(keys["tenantId"], keys["writeKey"], keys["secretKey"], keys["signingSecret"])
        shop = Shop(f"http://127.0.0.1:{service.port}", tenant, chromium)
        warm_up(service)
        visit(shop)
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        count(server)
        picture_of_the_graph(chromium, server)
        chromium.close()


def warm_up(service: Service) -> None:
    """Let Neo4j plan its first queries before a page waits for them."""
    connection = service.connection()
    for user_id in ("warm", "up"):
        visit = service.post(connection, "/eventTracking/init", {"fingerprint": {"visitorId": user_id}})
        service.post(connection, "/eventTracking/track", {"sessionId": visit["sessionId"], "eventName": "warm_up"})
        login = {"sessionId": visit["sessionId"], "userProperties": {"userId": user_id}}
        service.post(connection, "/eventTracking/identify", login)


def visit(shop: Shop) -> None:
    """Two devices, one user."""
    for settings in (LAPTOP, PHONE):
        device = shop.device(settings)
        device.visit()
        device.page.locator("[data-product]").first.click()
        device.answer("track", "add_to_cart")
        answer = device.log_in("anna")
        sys.stdout.write(
            json.dumps({name: answer[name] for name in ("userId", "identityId", "visitorId", "updated")}) + "\n"
        )
        if settings is LAPTOP:
            device.page.keyboard.press("Escape")
            device.page.wait_for_timeout(600)
            device.page.screenshot(path=PICTURES / "demo.png")
    shop.close()


def count(server: embedded.EmbeddedServer) -> None:
    """Say what the graph holds, past the browser."""
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        rows = driver.execute_query(
            "MATCH (n) UNWIND labels(n) AS label RETURN label, count(*) AS n ORDER BY label"
        ).records
        sys.stdout.write(json.dumps({row["label"]: row["n"] for row in rows}) + "\n")


def picture_of_the_graph(chromium: Browser, server: embedded.EmbeddedServer) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    context.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
    page = context.new_page()
    page.goto(server.browser_url)
    page.get_by_test_id("username").fill(server.user)
    page.get_by_test_id("password").fill(server.password)
    page.get_by_test_id("connect").click()
    page.get_by_text(f"You are connected as user {server.user}").wait_for(timeout=30_000)
    for command in (f":style {' '.join(STYLE.split())}", QUERY.strip()):
        page.locator("#monaco-main-editor").click()
        page.keyboard.insert_text(command)
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(6000)
    page.locator("[data-testid=frame]").first.screenshot(path=PICTURES / "neo4j-browser.png")
    context.close()


if __name__ == "__main__":
    main()
