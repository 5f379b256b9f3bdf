"""Take the pictures of the README and of docs: `python -m tests.browser.pictures`.

It runs `make run` on an empty data directory. A real browser visits the shop as a laptop and as a phone and logs in on
both, and Neo4j Browser shows the resulting graph.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import neo4j
from playwright.sync_api import Locator, sync_playwright

from app.config import CHECKOUT
from bench.service import serve
from graph import embedded
from graph.acts.tenants import TenantKeys
from graph.queries import CYPHER
from graph.store import analysis
from tests.browser import explorer_pictures
from tests.browser.analyst import Analyst
from tests.browser.conftest import launch
from tests.browser.device import LAPTOP, MOVED, PHONE, Shop

PICTURES = CHECKOUT / "docs" / "pictures"
STYLE = CYPHER / "analysis" / "whograph.grass"
#: One user with two devices: the parts of each device, and the path from them to the user.
QUERY = """
MATCH way = (:User {user_id: 'anna'})<-[:RESOLVES_TO]-(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
OPTIONAL MATCH fingerprints = (visitor)-[:HAS_FINGERPRINT]->(:Fingerprint)
OPTIONAL MATCH sessions = (tenure)<-[:DURING]-(:Session)
RETURN way, fingerprints, sessions
"""


#: All nodes and edges of one tenant that identities rest on.
STORY = """
MATCH way = (visitor:Visitor {tenant: 'demo'})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
OPTIONAL MATCH leads = (tenure)-[:TIED_TO|RESOLVES_TO|PROBABLY]->()
OPTIONAL MATCH seen = (visitor)-[:HAS_FINGERPRINT]->(:Fingerprint)
RETURN way, leads, seen
"""


@dataclass(frozen=True)
class Stage:
    """A running service, the shop in a real browser, and an analyst at Neo4j Browser."""

    shop: Shop
    analyst: Analyst
    server: embedded.EmbeddedServer


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with stage() as on:
        visit(on.shop)
        count(on.server)
        picture_of_the_graph(on.analyst)
        come_back(on.shop)
        pictures_of_analyses(on.analyst)
        explorer_pictures.take(on.shop, on.server)
    with stage() as on:
        pictures_of_scenarios(on)


@contextmanager
def stage() -> Iterator[Stage]:
    with (
        tempfile.TemporaryDirectory() as place,
        serve(Path(place), TRUSTED_PROXIES="1", JOBS_INTERVAL_SECONDS="0") as service,
        sync_playwright() as playwright,
    ):
        chromium = launch(playwright)
        keys = service.keys
        tenant = TenantKeys(keys["tenantId"], keys["writeKey"], keys["secretKey"], keys["signingSecret"])
        shop = Shop(f"http://127.0.0.1:{service.port}", tenant, chromium)
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        analyst = Analyst.sit_down(chromium, server.browser_url, user=server.user, password=server.password)
        analyst.drop(STYLE)
        yield Stage(shop, analyst, server)
        shop.close()
        chromium.close()


def visit(shop: Shop) -> None:
    """Visit the shop and log in as one user on two devices."""
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


def come_back(shop: Shop) -> None:
    """Visit the shop with the laptop again, without its cookies."""
    laptop = shop.devices[0]
    laptop.empty_profile()
    laptop.visit()


def count(server: embedded.EmbeddedServer) -> None:
    """Print the number of nodes of each label, read without the browser."""
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        rows = driver.execute_query(
            "MATCH (n) UNWIND labels(n) AS label RETURN label, count(*) AS n ORDER BY label"
        ).records
        sys.stdout.write(json.dumps({row["label"]: row["n"] for row in rows}) + "\n")


def picture_of_the_graph(analyst: Analyst) -> None:
    take(analyst.paste(QUERY.strip()), "neo4j-browser")


def pictures_of_analyses(analyst: Analyst) -> None:
    """Take pictures of the results of files of cypher/analysis, pasted unchanged."""
    for name in ("cluster_picture", "journey"):
        asked = analysis.find(name)
        analyst.paste(asked.paste)
        analyst.page.wait_for_timeout(2000)
        take(analyst.paste(asked.text), name)


def pictures_of_scenarios(on: Stage) -> None:
    """Take a picture of the graph after each of the five stories of docs/identity-resolution.md."""
    laptop = on.shop.device()
    laptop.visit()
    take(on.analyst.paste(STORY.strip()), "story-1-new")
    on.shop.device().visit()
    take(on.analyst.paste(STORY.strip()), "story-2-returning")
    on.shop.device(MOVED).visit()
    take(on.analyst.paste(STORY.strip()), "story-3-changed")
    laptop.log_in("anna")
    take(on.analyst.paste(STORY.strip()), "story-4-login")
    phone = on.shop.device(PHONE)
    phone.visit()
    phone.log_in("anna")
    take(on.analyst.paste(STORY.strip()), "story-5-devices")


def take(frame: Locator, name: str) -> None:
    """Take a picture of a result after its nodes have stopped moving."""
    frame.page.wait_for_timeout(8000)
    frame.screenshot(path=PICTURES / f"{name.replace('_', '-')}.png")


if __name__ == "__main__":
    main()
