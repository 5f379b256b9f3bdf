"""The words of the browser tests: the shop, and the devices that people open it with."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError

from graph.acts.tenants import TenantKeys
from tests.world import Json

T = TypeVar("T")
Settings = dict[str, Any]

LAPTOP: Settings = {
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "viewport": {"width": 1280, "height": 760},
    "screen": {"width": 1440, "height": 900},
    "timezone_id": "Europe/Berlin",
    "locale": "de-DE",
    "extra_http_headers": {"X-Forwarded-For": "203.0.113.7"},
}
PHONE: Settings = {
    "user_agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    "viewport": {"width": 412, "height": 800},
    "screen": {"width": 412, "height": 915},
    "device_scale_factor": 2.625,
    "is_mobile": True,
    "has_touch": True,
    "timezone_id": "America/New_York",
    "locale": "en-US",
    "extra_http_headers": {"X-Forwarded-For": "198.51.100.9"},
}
#: The same machine at the same address after its owner moved the clock: another fingerprint.
MOVED: Settings = {**LAPTOP, "timezone_id": "America/Los_Angeles"}

#: A laptop as pages of other origins see it: a proxy's header of ours would be asked for in a preflight.
DIRECT_LAPTOP: Settings = {name: value for name, value in LAPTOP.items() if name != "extra_http_headers"}

#: The first calls wait for Neo4j to plan its queries.
PATIENCE_SECONDS = 60

#: Tells the test what the SDK tells the page; an error is no JSON.
_LISTEN = """
document.addEventListener("whograph:answer", ({ detail: { call, message, answer, problem } }) =>
  tell({ call, message, answer, problem: problem && { code: problem.code, status: problem.status } }));
"""


@dataclass
class Device:
    """One browser profile. `exchanges` has what the SDK sent and what came back, in order, over all its pages."""

    context: BrowserContext
    url: str
    page: Page
    exchanges: list[Json] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, exchange: Json) -> None:
        """Take what a page tells."""
        self.exchanges.append(exchange)

    def visit(self, path: str = "") -> Json:
        """Open a page of the shop and give the answer to its page visit."""
        before = len(self.answers("track", "page_visit"))
        self.page.goto(self.url + path)
        return self.answer("track", "page_visit", nth=before)

    def leave(self) -> None:
        """Close the page and open an empty one."""
        self.page.close()
        self.page = self.context.new_page()

    def calls(self, call: str, event: str | None = None) -> list[Json]:
        """The exchanges of one kind."""
        return [
            each
            for each in self.exchanges
            if each["call"] == call and (event is None or each["message"]["eventName"] == event)
        ]

    def answers(self, call: str, event: str | None = None) -> list[Json]:
        """What was answered to the calls of one kind that were not refused."""
        return [each["answer"] for each in self.calls(call, event) if each["answer"] is not None]

    def call(self, call: str, event: str | None = None, *, nth: int = 0) -> Json:
        """The nth exchange of one kind, waited for."""
        return self._wait_for(nth, partial(self.calls, call, event))

    def answer(self, call: str, event: str | None = None, *, nth: int = 0) -> Json:
        """The nth answer of one kind, waited for."""
        return self._wait_for(nth, partial(self.answers, call, event))

    def _wait_for(self, nth: int, found: Callable[[], list[T]]) -> T:
        until = time.monotonic() + PATIENCE_SECONDS
        while len(found()) <= nth:
            seen = [(each["call"], each["message"].get("eventName"), each["problem"]) for each in self.exchanges]
            assert time.monotonic() < until, f"not {nth + 1} of {found}, but {seen}"
            # Playwright delivers what pages tell while it waits for something.
            self.page.wait_for_timeout(20)
        return found()[nth]

    def log_in(self, user_id: str) -> Json:
        """Fill in the log-in form, and give the answer to `identify`."""
        before = len(self.answers("identify"))
        self.page.locator("[data-opens=account]").click()
        self.page.get_by_label("User id").fill(user_id)
        self.page.locator("#log-in").get_by_role("button").click()
        return self.answer("identify", nth=before)

    def log_out(self) -> Json:
        """Press the button, and give the answer to the `init` of a reset."""
        before = len(self.answers("init"))
        self.page.locator("[data-opens=account]").click()
        self.page.get_by_role("button", name="Log out").click()
        return self.answer("init", nth=before)

    def add_to_cart(self, product: str) -> Json:
        """Press the button of a product, and give the answer to the event."""
        before = len(self.answers("track", "add_to_cart"))
        self.page.locator(f"[data-product={product}]").click()
        return self.answer("track", "add_to_cart", nth=before)

    def forgive(self, *, at_least: int = 0) -> None:
        """Expect what the console complained of, and wait for so many complaints; the page is closed.

        The console tells of a failed request some time after the page knows; a closed page tells no more.
        """
        if at_least:
            self._wait_for(at_least - 1, lambda: self.complaints)
        self.page.close()
        self.complaints.clear()

    def empty_profile(self) -> None:
        """Lose cookies and site data, as a person does who clears them."""
        self.page.goto("about:blank")
        session = self.context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"})
        session.detach()


@dataclass
class Shop:
    """The shop's address and tenant, and the devices it was opened on."""

    origin: str
    keys: TenantKeys
    chromium: Browser
    devices: list[Device] = field(default_factory=list)

    def device(self, settings: Settings = LAPTOP) -> Device:
        """A device nobody has used."""
        context = self.chromium.new_context(**settings)
        device = Device(context, f"{self.origin}/demo/", context.new_page())
        context.expose_function("tell", device.listen)
        context.add_init_script(_LISTEN)

        def console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                device.complaints.append(message.text)

        def error(uncaught: WebError) -> None:
            device.complaints.append(str(uncaught.error))

        context.on("console", console)
        context.on("weberror", error)
        self.devices.append(device)
        return device

    def complaints(self) -> list[str]:
        """What the devices' consoles say."""
        return [complaint for device in self.devices for complaint in device.complaints]

    def close(self) -> None:
        for device in self.devices:
            device.context.close()
