"""Describe the browser, operating system and device class that a request claims in its headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import user_agents
from crawleruseragents import is_crawler
from werkzeug.datastructures import Headers

#: The longest real user agents have about 300 characters. Parsing longer ones only costs time.
USER_AGENT_CHARACTERS_MAX = 512
HINT_CHARACTERS_MAX = 256

#: Makes the user agent's name of a system equal to that of `Sec-CH-UA-Platform`.
_SYSTEMS = {"Mac OS X": "macOS", "Chromium OS": "Chrome OS"}
_BRAND = re.compile(r'"([^"]{1,64})";\s*v="(\d{0,9})')
#: Brands to ignore: Chromium and Google Chrome, which the user agent names already, and the made-up brand that browsers
#: add to keep parsers honest, such as `Not/A)Brand` or `Not?A_Brand`.
_NOT_ITS_OWN = re.compile(r"Chromium|Google Chrome|\W*Not[\W_]A[\W_]Brand\W*")


@dataclass(frozen=True)
class Device:
    """A client as its headers describe it.

    `browser` and `os` are families as `ua-parser` names them; `device_class` is desktop, mobile, tablet, bot or other.
    """

    browser: str
    browser_version: str
    os: str
    device_class: str
    is_bot: bool


def describe(user_agent: str, client_hints: Mapping[str, str] | Headers) -> Device:
    """Describe a client by its `User-Agent` and, where they are more exact, its client hints.

    Chromium freezes the user agent and sends hints over HTTPS only
    (https://developer.chrome.com/docs/privacy-security/user-agent-client-hints). So the same browser must get the same
    description with hints and without, unless the hints tell more than the user agent.
    """
    return _describe(
        user_agent[:USER_AGENT_CHARACTERS_MAX],
        client_hints.get("Sec-CH-UA", "")[:HINT_CHARACTERS_MAX],
        client_hints.get("Sec-CH-UA-Platform", "")[:HINT_CHARACTERS_MAX],
        client_hints.get("Sec-CH-UA-Mobile", "")[:HINT_CHARACTERS_MAX],
    )


@lru_cache(maxsize=4096)
def _describe(user_agent: str, brands: str, platform: str, mobile: str) -> Device:
    # A parse takes 30 µs, and all visitors together have a few hundred user agents.
    parsed = user_agents.parse(user_agent)
    is_bot = bool(parsed.is_bot) or is_crawler(user_agent)
    browser, version = parsed.browser.family, str(next(iter(parsed.browser.version), ""))
    if browser.startswith("Chrome"):
        browser, version = _own_brand(brands) or (browser, version)
    system = platform.strip('"') or parsed.os.family
    return Device(
        browser=browser,
        browser_version=version,
        os=_SYSTEMS.get(system, system),
        device_class=_device_class(parsed, is_bot=is_bot, mobile=mobile),
        is_bot=is_bot,
    )


def _own_brand(brands: str) -> tuple[str, str] | None:
    """Return brand and version of a browser that sends Chrome's user agent, such as Brave; None for Chrome itself."""
    return next(((name, version) for name, version in _BRAND.findall(brands) if not _NOT_ITS_OWN.fullmatch(name)), None)


def _device_class(parsed: "user_agents.UserAgent", *, is_bot: bool, mobile: str) -> str:
    if is_bot:
        return "bot"
    if parsed.is_tablet:
        return "tablet"
    if parsed.is_mobile or mobile == "?1":
        return "mobile"
    return "desktop" if parsed.is_pc else "other"
