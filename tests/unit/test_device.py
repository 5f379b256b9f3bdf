"""A client's browser, system and kind of device, from its user agent and client hints."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enrichment.device import Device, describe

CHROMIUM = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 {}"
WINDOWS = CHROMIUM.format("Windows NT 10.0; Win64; x64", "Safari/537.36")
ANDROID = CHROMIUM.format("Linux; Android 10; K", "Mobile Safari/537.36")


def hints(brand: str, platform: str, mobile: str = "?0") -> dict[str, str]:
    return {
        "Sec-CH-UA": f'"{brand}";v="141", "Not?A_Brand";v="8", "Chromium";v="141"',
        "Sec-CH-UA-Platform": f'"{platform}"',
        "Sec-CH-UA-Mobile": mobile,
    }


CLIENTS = {
    "Chrome on Windows": (WINDOWS, {}, Device("Chrome", "141", "Windows", "desktop", is_bot=False)),
    "Edge": (f"{WINDOWS} Edg/141.0.0.0", {}, Device("Edge", "141", "Windows", "desktop", is_bot=False)),
    "Brave, which only its hints tell from Chrome": (
        WINDOWS,
        hints("Brave", "Windows"),
        Device("Brave", "141", "Windows", "desktop", is_bot=False),
    ),
    "Safari on a Mac": (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        {},
        Device("Safari", "18", "macOS", "desktop", is_bot=False),
    ),
    "an iPhone": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        {},
        Device("Mobile Safari", "18", "iOS", "mobile", is_bot=False),
    ),
    "an Android phone": (ANDROID, {}, Device("Chrome Mobile", "141", "Android", "mobile", is_bot=False)),
    "an Android tablet": (
        CHROMIUM.format("Linux; Android 10; K", "Safari/537.36"),
        {},
        Device("Chrome", "141", "Android", "tablet", is_bot=False),
    ),
    "Firefox": (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        {},
        Device("Firefox", "140", "Linux", "desktop", is_bot=False),
    ),
    "a native app on Android": ("okhttp/4.12.0", {}, Device("okhttp", "4", "Other", "mobile", is_bot=False)),
    "an app by Android's own HTTP library": (
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)",
        {},
        Device("Android", "13", "Android", "mobile", is_bot=False),
    ),
    "an app on a tablet": (
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-T870 Build/TP1A.220624.014)",
        {},
        Device("Android", "13", "Android", "tablet", is_bot=False),
    ),
    "an app on an iPhone": (
        "MyShop/42 CFNetwork/1408.0.4 Darwin/22.5.0",
        {},
        Device("MyShop", "42", "iOS", "mobile", is_bot=False),
    ),
    "an Android phone that does not say Mobile": (
        "Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; HTC Sensation Build/IML74K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30",
        {},
        Device("Android", "4", "Android", "mobile", is_bot=False),
    ),
    "a view in an app on a phone": (
        CHROMIUM.format("Linux; Android 13; SM-G991B; wv", "Safari/537.36"),
        {},
        Device("Chrome Mobile WebView", "141", "Android", "mobile", is_bot=False),
    ),
    "a tablet by its model": (
        CHROMIUM.format("Linux; Android 12; SM-T870", "Safari/537.36"),
        {},
        Device("Chrome", "141", "Android", "tablet", is_bot=False),
    ),
    "a television": (
        CHROMIUM.format("Linux; Android 9; BRAVIA 4K UR2", "Safari/537.36"),
        {},
        Device("Chrome", "141", "Android", "other", is_bot=False),
    ),
    "a brand with escapes": (
        WINDOWS,
        {"Sec-CH-UA": '"Chromium";v="141", "Bra\\"v\\\\e";v="7.1", "(Not;A-Brand";v="8"'},
        Device('Bra"v\\e', "7", "Windows", "desktop", is_bot=False),
    ),
    "brands that are no structured field": (
        WINDOWS,
        {"Sec-CH-UA": '"Brave;v=1, Chrome'},
        Device("Chrome", "141", "Windows", "desktop", is_bot=False),
    ),
    "a browser driven by a program": (
        WINDOWS.replace("Chrome/", "HeadlessChrome/"),
        {},
        Device("HeadlessChrome", "141", "Windows", "bot", is_bot=True),
    ),
    "a search engine": (
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        {},
        Device("Googlebot", "2", "Other", "bot", is_bot=True),
    ),
    "curl": ("curl/8.5.0", {}, Device("curl", "8", "Other", "bot", is_bot=True)),
    "nothing said": ("", {}, Device("Other", "", "Other", "other", is_bot=False)),
}


@pytest.mark.parametrize(("user_agent", "client_hints", "expected"), CLIENTS.values(), ids=CLIENTS.keys())
def test_a_client_is_recognised_by_its_user_agent_and_hints(
    user_agent: str, client_hints: dict[str, str], expected: Device
) -> None:
    assert describe(user_agent, client_hints) == expected


@pytest.mark.parametrize(
    ("user_agent", "sent"),
    [(WINDOWS, hints("Google Chrome", "Windows")), (ANDROID, hints("Google Chrome", "Android", "?1"))],
    ids=["desktop", "mobile"],
)
def test_hints_that_agree_with_the_user_agent_change_nothing(user_agent: str, sent: dict[str, str]) -> None:
    assert describe(user_agent, sent) == describe(user_agent, {})


def test_macos_has_one_name_in_user_agents_and_in_hints() -> None:
    mac = CHROMIUM.format("Macintosh; Intel Mac OS X 10_15_7", "Safari/537.36")
    assert describe(mac, {}).os == describe(mac, hints("Google Chrome", "macOS")).os == "macOS"


def test_only_the_first_512_characters_of_a_user_agent_count() -> None:
    assert describe(WINDOWS.ljust(512) + " bot" * 1000, {}) == describe(WINDOWS, {})


def test_a_user_agent_of_a_megabyte_is_parsed_within_a_second() -> None:
    started = time.process_time()
    describe("Mozilla/5.0 (" * 100_000, {"Sec-CH-UA": '"' * 1_000_000})
    assert time.process_time() - started < 1


@given(st.text(), st.text(), st.text(), st.text())
def test_any_texts_give_a_device_of_a_known_class(user_agent: str, brands: str, platform: str, mobile: str) -> None:
    sent = {"Sec-CH-UA": brands, "Sec-CH-UA-Platform": platform, "Sec-CH-UA-Mobile": mobile}
    device = describe(user_agent, sent)
    assert device.device_class in {"desktop", "mobile", "tablet", "bot", "other"}
    assert max(map(len, (device.browser, device.browser_version, device.os))) <= 512
