"""Take the pictures of docs/explorer.md: every screen of the explorer, with a small town beside Anna."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uuid6
from playwright.sync_api import Page
from rich.console import Console

from app import jobs
from app.config import CHECKOUT
from bench.population.send import send
from bench.population.service import Service
from bench.population.truth import Population
from graph.database import Database
from graph.embedded import EmbeddedServer
from tests.browser.device import MOVED, Shop
from tests.world import CHROME, IPHONE

PICTURES = CHECKOUT / "docs" / "pictures"
#: What the town's clusters and candidates, the counts of its days and its confidences come from.
JOBS = ("analytics", "candidates", "clusters", "stats")
TOWN_PEOPLE, TOWN_DAYS, TOWN_SEED = 40, 21, 1
#: On how many days, and in how many hours of each, a laptop and a phone were at each of these homes, outside the town.
HOMES = {"203.0.113.61": (5, 3), "203.0.113.62": (3, 2), "203.0.113.63": (2, 2)}
#: Another policy, by which less sure inferences count, too.
ANOTHER_POLICY = "confidence_min:0.1"


def take(shop: Shop, server: EmbeddedServer) -> None:
    """Take all pictures; Anna was at the shop on two devices before."""
    shop.device(MOVED).visit()
    settle(shop, server)
    of_anna(shop)
    of_lists(shop)


def settle(shop: Shop, server: EmbeddedServer) -> None:
    """Let people live in a small town and visit the shop for three weeks, and run the jobs that look for groups."""
    keys = shop.keys
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    town = Population(TOWN_SEED, TOWN_PEOPLE, TOWN_DAYS, until=midnight, tenant=keys.tenant_id, complete=False)
    service = Service(shop.origin, keys.tenant_id, keys.write_key, keys.secret_key)
    send(service, town, threads=2, console=Console(file=sys.stderr))
    move_in(service, now)
    database = Database.connect(server.uri, server.user, server.password)
    for job in JOBS:
        jobs.run(database, keys.tenant_id, job, clock=lambda: datetime.now(UTC), new_id=lambda: str(uuid6.uuid7()))
    database.close()


def move_in(service: Service, now: datetime) -> None:
    """Let laptops and phones of nobody known be at the same homes on the same days."""
    for home, (days, hours) in HOMES.items():
        for ago in reversed(range(days)):
            for hour in reversed(range(hours)):
                for device, agent in (("laptop", CHROME), ("phone", IPHONE)):
                    at = now - timedelta(days=ago, hours=hour)
                    body = {"anonymousId": f"{device} at {home}", "timestamp": at.isoformat()}
                    service.post("init", body, {"X-Forwarded-For": home, "User-Agent": agent})


def of_anna(shop: Shop) -> None:
    """Take pictures of the graph, with a tie explained beside it, and of the journey."""
    with opened(shop, "#id=anna") as page:
        table = page.get_by_role("button", name="Table")
        table.click()
        page.get_by_role("button", name=re.compile("^Why: tenure .* tied to")).first.click()
        page.get_by_role("heading", name="Arithmetic").wait_for()
        table.click()
        shoot(page, "graph")
        page.get_by_role("button", name="Journey").click()
        page.get_by_role("region", name=re.compile("^Events")).wait_for()
        shoot(page, "journey", full_page=True)


def of_lists(shop: Shop) -> None:
    """Take pictures of the candidates, the clusters, a household in the dark, the overview, and what if."""
    with opened(shop, "#view=candidates") as page:
        page.get_by_text("Arithmetic").first.click()
        shoot(page, "candidates")
    with opened(shop, "#view=clusters&order=doubt") as page:
        page.get_by_role("button", name=re.compile("open cluster")).first.wait_for()
        shoot(page, "clusters")
    with opened(shop, "#view=clusters&label=household&order=doubt", scheme="dark") as page:
        page.get_by_role("button", name=re.compile("open cluster")).first.click()
        page.get_by_role("region", name=re.compile("^Members")).wait_for()
        shoot(page, "cluster")
    with opened(shop, "#view=overview") as page:
        page.get_by_role("heading", name="Latest warnings").wait_for()
        shoot(page, "overview", full_page=True)
    with opened(shop, f"#view=what-if&set={ANOTHER_POLICY}") as page:
        page.get_by_role("heading", name="What would follow").wait_for()
        page.set_viewport_size({"width": 1360, "height": 1420})
        shoot(page, "what-if")


@contextmanager
def opened(shop: Shop, view: str, *, scheme: str = "light") -> Iterator[Page]:
    """Open the explorer at a view, as somebody who signed in."""
    page = shop.chromium.new_page(viewport={"width": 1360, "height": 1100}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{shop.origin}/explore/{view}")
    page.get_by_label("Secret key").fill(shop.keys.secret_key)
    page.get_by_role("button", name="Sign in").click()
    yield page
    page.close()


def shoot(page: Page, name: str, *, full_page: bool = False) -> None:
    """Take the picture, without a ring around the field that has the focus."""
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    page.screenshot(path=file(name), full_page=full_page)


def file(name: str) -> Path:
    return PICTURES / f"explorer-{name}.png"
