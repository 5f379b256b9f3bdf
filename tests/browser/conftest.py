"""Fixtures: a real Chromium, and the demo shop served over real HTTP."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from app import jobs
from app.cli import demo_tenant
from app.config import Settings
from graph.database import Database
from tests.browser.device import Shop
from tests.browser.explorer import Explorer, Told, opened, tell
from tests.patience import PATIENCE_MS
from tests.world import CHROME, IPHONE, Answer, Api, Clock

#: These keep Chromium's own services off the network. Without a graphics card it draws in software in any case.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=PATIENCE_MS)


class RunningClock(Clock):
    """A server's clock that runs at the speed of the browser's, and can be put forward."""

    def __call__(self) -> datetime:
        return self.time + (datetime.now(UTC) - self.begun)

    def __init__(self) -> None:
        self.begun = datetime.now(UTC)
        super().__init__(self.begun)

    def forward(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self()


@pytest.fixture
def clock() -> Clock:
    return RunningClock()


def launch(playwright: Playwright) -> Browser:
    """Start a Chromium with the time-outs of `tests/patience.py`."""
    executable = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if executable is None:
        pytest.fail("no Chromium: apt-get install -y chromium, or name one that is elsewhere by CHROMIUM")
    # Chromium refuses to run as root inside its sandbox: https://crbug.com/638180
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *sandbox], timeout=PATIENCE_MS)
    browser.on("context", lambda context: context.set_default_timeout(PATIENCE_MS))
    return browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def shop(app: Flask, settings: Settings, database: Database, clock: Clock, chromium: Browser) -> Iterator[Shop]:
    """The demo shop of the tenant `demo`. Errors in its pages' consoles that a test does not expect fail the test."""
    assert settings.secret_key is not None
    keys = demo_tenant.keep(database, settings.data_dir, secret_key=settings.secret_key, clock=clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    opened = Shop(f"http://127.0.0.1:{server.port}", keys, chromium)
    try:
        yield opened
    finally:
        opened.close()
        server.shutdown()
        thread.join()
        server.server_close()
    assert opened.complaints() == []


@pytest.fixture
def told(shop: Shop, app: Flask, clock: Clock) -> Told:
    return tell(Api(app, shop.keys), clock)


@pytest.fixture
def explorer(shop: Shop) -> Iterator[Explorer]:
    with opened(shop) as explorer:
        yield explorer


@pytest.fixture
def candidate(app: Flask, shop: Shop, database: Database, clock: Clock) -> Callable[[], tuple[Answer, Answer]]:
    """Lets a laptop and a phone be at one address on three days, and looks for candidates."""

    api = Api(app, shop.keys)

    def find() -> tuple[Answer, Answer]:
        for day in range(3):
            clock.forward(days=1 if day else 0)
            laptop, phone = (
                api.init(name, address="203.0.113.20", agent=agent, anonymousId=name)
                for name, agent in (("a laptop", CHROME), ("a phone", IPHONE))
            )
        assert jobs.run(database, api.keys.tenant_id, "candidates", clock=clock, new_id=lambda: "000001") == 1
        return laptop, phone

    return find
