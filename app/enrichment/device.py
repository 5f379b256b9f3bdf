"""The browser, operating system and kind of device that a request says it comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import user_agents
from crawleruseragents import is_crawler
from werkzeug.datastructures import Headers

#: The longest real user agents have about 300 characters; regular expressions over longer ones only cost.
USER_AGENT_CHARACTERS_MAX = 512
HINT_CHARACTERS_MAX = 256

#: One word for one system, whether the user agent or `Sec-CH-UA-Platform` names it.
_SYSTEMS = {"Mac OS X": "macOS", "Chromium OS": "Chrome OS"}
_BRAND = re.compile(r'"([^"]{1,64})";\s*v="(\d{0,9})')
#: Beside its own brand a browser names Chromium, and one made up to keep parsers honest: `Not/A)Brand`, `Not?A_Brand`.
_NOT_ITS_OWN = re.compile(r"Chromium|Google Chrome|\W*Not[\W_]A[\W_]Brand\W*")


@dataclass(frozen=True)
class Device:
    """What a client says it is; families as `ua-parser` names them, `device_class` desktop, mobile, tablet, bot or other."""

    browser: str
    browser_version: str
    os: str
    device_class: str
    is_bot: bool


def describe(user_agent: str, client_hints: Mapping[str, str] | Headers) -> Device:
    """Describe a client by its `User-Agent`, and by its client hints where they say more.

    Chromium freezes the user agent (https://developer.chrome.com/docs/privacy-security/user-agent-client-hints) and
    sends hints over HTTPS only: one that repeats the user agent must not make another browser of it.
    """
    return _describe(
        user_agent[:USER_AGENT_CHARACTERS_MAX],
        client_hints.get("Sec-CH-UA", "")[:HINT_CHARACTERS_MAX],
        client_hints.get("Sec-CH-UA-Platform", "")[:HINT_CHARACTERS_MAX],
        client_hints.get("Sec-CH-UA-Mobile", "")[:HINT_CHARACTERS_MAX],
    )


@lru_cache(maxsize=4096)
def _describe(user_agent: str, brands: str, platform: str, mobile: str) -> Device:
    # A parse costs 30 µs, and visitors share few hundred user agents.
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
    """What a browser calls itself that sends Chrome's user agent, as Brave does."""
    return next(((name, version) for name, version in _BRAND.findall(brands) if not _NOT_ITS_OWN.fullmatch(name)), None)


def _device_class(parsed: "user_agents.UserAgent", *, is_bot: bool, mobile: str) -> str:
    if is_bot:
        return "bot"
    if parsed.is_tablet:
        return "tablet"
    if parsed.is_mobile or mobile == "?1":
        return "mobile"
    return "desktop" if parsed.is_pc else "other"
