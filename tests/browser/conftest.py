"""A real Chromium, and the demo shop served to it over real HTTP."""

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from app.cli import demo_tenant
from app.config import Settings
from graph.database import Database
from tests.browser.device import Shop
from tests.world import Clock

#: Nothing of Chromium's own goes to the network; without a graphics card it draws in software either way.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class RunningClock(Clock):
    """A server's clock that runs as the browser's does, and can be put forward."""

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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if executable is None:
        pytest.fail("no Chromium: apt-get install -y chromium, or name one that is elsewhere by CHROMIUM")
    # Chromium does not run as root inside its sandbox: https://crbug.com/638180
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *sandbox])
        yield browser
        browser.close()


@pytest.fixture
def shop(app: Flask, settings: Settings, database: Database, clock: Clock, chromium: Browser) -> Iterator[Shop]:
    """The demo shop of the tenant `demo`; no page of it may complain of anything a test does not expect."""
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
