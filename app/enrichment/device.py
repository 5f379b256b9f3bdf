"""Describe the browser, operating system and device class that a request claims in its headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import http_sf
import user_agents
from crawleruseragents import is_crawler
from werkzeug.datastructures import Headers

#: The longest real user agents have about 300 characters. Parsing longer ones only costs time.
USER_AGENT_CHARACTERS_MAX = 512
HINT_CHARACTERS_MAX = 256

#: Makes the user agent's name of a system equal to that of `Sec-CH-UA-Platform`.
_SYSTEMS = {"Mac OS X": "macOS", "Chromium OS": "Chrome OS"}
#: Brands to ignore: Chromium and Google Chrome, which the user agent names already, and the made-up brand that browsers
#: add to keep parsers honest, such as `Not/A)Brand` or `Not?A_Brand`.
_NOT_ITS_OWN = re.compile(r"Chromium|Google Chrome|\W*Not[\W_]A[\W_]Brand\W*")
#: The HTTP libraries of native apps. Lists of crawlers have some of them, since crawlers use them too.
_OF_APPS = re.compile(r"\b(?:okhttp|Dalvik|CFNetwork|Alamofire|Ktor|Dart)\b", re.IGNORECASE)
_TELEVISION = re.compile(
    r"\bTV\b|SMART-TV|SmartTV|BRAVIA|(?-i:\bAFT[A-Z0-9]+\b)|CrKey|Chromecast|AppleTV|Web0S|MiBOX|SHIELD Android|Roku|HbbTV",
    re.IGNORECASE,
)
#: Models of Android by which phones and tablets can be told where the user agent does not say `Mobile`, as Chrome on a
#: phone does (https://developers.google.com/chrome/mobile/docs/user-agent). Apps and the old Android browser may not.
_PHONE = re.compile(
    r"\b(?:SM-[AEFGJMNS]\d|GT-I\d|Pixel \d|CPH\d{4}|RMX\d{4}|V\d{4}[A]?\b|M2\d{3}|Redmi|POCO|moto|ONEPLUS|HTC|Nokia|LG-|Nexus [456]\b)"
)
_TABLET = re.compile(
    r"\b(?:SM-[TXP]\d|GT-P\d|Nexus (?:7|9|10)\b|Pixel (?:C|Tablet)\b|KF[A-Z]{2,}|TB-?\w*\d|AGS\d?-|BAH\d?-)|Tablet|\b\w*Pad\b|\bTab\b|Xoom"
)
_HARDLY_SAYS_MOBILE = re.compile(r"Dalvik/|okhttp/|; wv\)|Version/4\.0 ")


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
    is_app = _OF_APPS.search(user_agent) is not None
    is_bot = bool(parsed.is_bot) or (not is_app and is_crawler(user_agent))
    browser, version = parsed.browser.family, str(next(iter(parsed.browser.version), ""))
    if browser.startswith("Chrome"):
        browser, version = _own_brand(brands) or (browser, version)
    system = platform.strip('"') or parsed.os.family
    return Device(
        browser=browser,
        browser_version=version,
        os=_SYSTEMS.get(system, system),
        device_class="bot" if is_bot else _device_class(user_agent, parsed, is_app=is_app, mobile=mobile),
        is_bot=is_bot,
    )


def _own_brand(brands: str) -> tuple[str, str] | None:
    """Return brand and version of a browser that sends Chrome's user agent, such as Brave; None for Chrome itself."""
    try:
        listed = http_sf.parse(brands.encode(), tltype="list") if brands else []
    except (ValueError, UnicodeError):
        return None
    for item in listed if isinstance(listed, list) else []:
        name, parameters = item if isinstance(item, tuple) else (item, {})
        if isinstance(name, str) and name and not _NOT_ITS_OWN.fullmatch(name):
            return name, str(parameters.get("v", "")).partition(".")[0]
    return None


def _device_class(user_agent: str, parsed: "user_agents.UserAgent", *, is_app: bool, mobile: str) -> str:
    if _TELEVISION.search(user_agent) or ("Tizen" in user_agent and "Mobile" not in user_agent):
        return "other"
    if mobile == "?1":
        return "mobile"
    if parsed.is_tablet:
        return "tablet" if _is_tablet(user_agent) else "mobile"
    if parsed.is_mobile:
        return "mobile"
    return "desktop" if parsed.is_pc else "mobile" if is_app else "other"


def _is_tablet(user_agent: str) -> bool:
    """Whether a device that the parser takes for a tablet is one; it takes all of Android without `Mobile` for one."""
    if "Android" not in user_agent or _TABLET.search(user_agent):
        return True
    return not (_PHONE.search(user_agent) or _HARDLY_SAYS_MOBILE.search(user_agent))
