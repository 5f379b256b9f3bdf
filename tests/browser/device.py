"""What people do in the browser tests: the demo shop, and the devices on which they open it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError

from graph.acts.tenants import TenantKeys
from tests.patience import wait_until
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
#: The same machine at the same address after its owner changed the time zone, which changes the fingerprint.
MOVED: Settings = {**LAPTOP, "timezone_id": "America/Los_Angeles"}

#: A laptop without our proxy's header: from a page of another origin, the browser would ask for it in a preflight.
DIRECT_LAPTOP: Settings = {name: value for name, value in LAPTOP.items() if name != "extra_http_headers"}

#: Passes on to the test what the SDK tells the page. A problem is copied, as an error object cannot be passed as JSON.
_LISTEN = """
document.addEventListener("whograph:answer", ({ detail: { call, message, answer, problem } }) =>
  tell({ call, message, answer, problem: problem && { code: problem.code, status: problem.status } }));
"""


@dataclass
class Device:
    """A browser profile on a device. `exchanges` are the SDK's calls and answers, in order, over all its pages."""

    context: BrowserContext
    url: str
    page: Page
    exchanges: list[Json] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, exchange: Json) -> None:
        """Note an exchange that a page reports."""
        self.exchanges.append(exchange)

    def visit(self, path: str = "") -> Json:
        """Open a page of the shop and return the answer to its `page_visit`."""
        before = len(self.answers("track", "page_visit"))
        self.page.goto(self.url + path)
        return self.answer("track", "page_visit", nth=before)

    def leave(self) -> None:
        """Close the page and open an empty one."""
        self.page.close()
        self.page = self.context.new_page()

    def calls(self, call: str, event: str | None = None) -> list[Json]:
        """Return the exchanges of one kind."""
        return [
            each
            for each in self.exchanges
            if each["call"] == call and (event is None or each["message"]["eventName"] == event)
        ]

    def answers(self, call: str, event: str | None = None) -> list[Json]:
        """Return the answers to the calls of one kind, without refused calls."""
        return [each["answer"] for each in self.calls(call, event) if each["answer"] is not None]

    def call(self, call: str, event: str | None = None, *, nth: int = 0) -> Json:
        """Wait for the nth exchange of one kind and return it."""
        return self._wait_for(nth, partial(self.calls, call, event))

    def answer(self, call: str, event: str | None = None, *, nth: int = 0) -> Json:
        """Wait for the nth answer of one kind and return it."""
        return self._wait_for(nth, partial(self.answers, call, event))

    def _wait_for(self, nth: int, found: Callable[[], list[T]]) -> T:
        def why() -> str:
            seen = [(each["call"], each["message"].get("eventName"), each["problem"]) for each in self.exchanges]
            return f"not {nth + 1} of {found}, but {seen}"

        self.wait_until(lambda: len(found()) > nth, why)
        return found()[nth]

    def wait_until(self, happened: Callable[[], T | None], why: str | Callable[[], str]) -> T:
        """Wait as `wait_until` does, and let Playwright deliver the pages' reports meanwhile."""
        return wait_until(happened, why, pause=partial(self.page.wait_for_timeout, 20))

    def log_in(self, user_id: str) -> Json:
        """Fill in the log-in form and return the answer to `identify`."""
        before = len(self.answers("identify"))
        self.page.locator("[data-opens=account]").click()
        self.page.get_by_label("User id").fill(user_id)
        self.page.locator("#log-in").get_by_role("button").click()
        return self.answer("identify", nth=before)

    def log_out(self) -> Json:
        """Press the button and return the answer to the `init` with `reset`."""
        before = len(self.answers("init"))
        self.page.locator("[data-opens=account]").click()
        self.page.get_by_role("button", name="Log out").click()
        return self.answer("init", nth=before)

    def add_to_cart(self, product: str) -> Json:
        """Press the button of a product and return the answer to the event."""
        before = len(self.answers("track", "add_to_cart"))
        self.page.locator(f"[data-product={product}]").click()
        return self.answer("track", "add_to_cart", nth=before)

    def forgive(self, *, at_least: int = 0) -> None:
        """Accept the complaints of the console, after waiting for `at_least` of them, and close the page.

        The console reports a failed request some time after the page knows of it. A closed page reports nothing more.
        """
        if at_least:
            self._wait_for(at_least - 1, lambda: self.complaints)
        self.page.close()
        self.complaints.clear()

    def empty_profile(self) -> None:
        """Clear cookies and site data, as a person may do."""
        # Chromium writes out what a page has stored when the page is left, and that may come after the clearing below.
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.goto("about:blank")
        session = self.context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"})
        session.detach()


@dataclass
class Shop:
    """The demo shop: its address and tenant, and the devices on which it was opened."""

    origin: str
    keys: TenantKeys
    chromium: Browser
    devices: list[Device] = field(default_factory=list)

    def device(self, settings: Settings = LAPTOP) -> Device:
        """Return a new device that nobody has used."""
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
        """Return the errors and warnings in the devices' consoles."""
        return [complaint for device in self.devices for complaint in device.complaints]

    def close(self) -> None:
        for device in self.devices:
            device.context.close()
