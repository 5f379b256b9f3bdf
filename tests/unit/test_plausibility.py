"""Nonsense fingerprints are refused, and the fingerprints of real browsers are not."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.rules.plausibility import components_oddity, hash_oddity

#: Components that a real browser sent, in the form of FingerprintJS.
LINUX: dict[str, Any] = {
    "platform": {"value": "Linux x86_64", "duration": 0},
    "vendor": {"value": "Google Inc.", "duration": 0},
    "languages": {"value": [["en-US"], ["en", "fr"]]},
    "timezone": {"value": "Europe/Berlin"},
    "screenResolution": {"value": [1920, 1080]},
    "colorDepth": {"value": 24},
    "hardwareConcurrency": {"value": 16},
    "deviceMemory": {"value": 8},
    "touchSupport": {"value": {"maxTouchPoints": 10, "touchEvent": True, "touchStart": True}},
    "cookiesEnabled": {"value": True},
    "fonts": {"value": ["DejaVu Sans"]},
    "osCpu": {"duration": 1},
    "canvas": {"value": {"winding": True, "text": "murmur3:1f"}},
    "audio": {"error": {"message": "timed out"}, "duration": 500},
}


def oddity(components: dict[str, Any], browser: str | None = None, os: str | None = None) -> str | None:
    return components_oddity(components, browser=browser, os=os)


@pytest.mark.parametrize(
    "text",
    ["f-1", "laptop model 7", "4f5c2a1b9e8d7c6b5a4f3e2d1c0b9a87", "abc", "指紋-七", "fp:" + "x" * 253, "aaaaaaa"],
)
def test_a_hash_may_have_any_form(text: str) -> None:
    assert hash_oddity(text) is None


@pytest.mark.parametrize(
    "text",
    ["undefined", "NULL", "[object Object]", "0", "0" * 32, "-", "ab", "x", "ffffffffffffffff", "----------------"]
    + [made(b"").hexdigest() for made in (hashlib.md5, hashlib.sha1, hashlib.sha256)],
)
def test_a_hash_that_broken_code_sends_for_everybody_is_refused(text: str) -> None:
    assert hash_oddity(text)


@given(st.binary(min_size=1))
def test_the_hash_of_any_content_is_accepted(content: bytes) -> None:
    assert hash_oddity(hashlib.md5(content).hexdigest()) is None  # noqa: S324 - nothing is to be kept secret


def test_the_components_of_a_real_browser_are_plausible() -> None:
    assert oddity(LINUX, "Chrome", "Linux") is None
    assert oddity(LINUX) is None
    assert oddity({}, "Chrome", "Linux") is None


def test_a_collector_that_does_not_wrap_its_values_is_understood() -> None:
    bare = {name: component["value"] for name, component in LINUX.items() if "value" in component}
    assert oddity(bare, "Chrome", "Linux") is None
    assert oddity(bare | {"platform": "Win32"}, "Chrome", "macOS")


@pytest.mark.parametrize("zone", ["Europe/Berlin", -300, 5.5])
def test_a_time_zone_is_a_name_or_an_offset(zone: object) -> None:
    assert oddity(LINUX | {"timezone": {"value": zone}}) is None


@pytest.mark.parametrize(
    ("platform", "browser", "os"),
    [
        ("Win32", "Edge", "Windows"),
        ("MacIntel", "Safari", "macOS"),
        ("MacIntel", "Mobile Safari", "iOS"),
        ("iPhone", "Mobile Safari", "iOS"),
        ("iPhone", "Mobile Safari", "macOS"),
        ("Linux armv8l", "Chrome Mobile", "Android"),
        ("Linux armv8l", "Chrome", "Linux"),
        ("Linux x86_64", "Chrome", "Chrome OS"),
        # Chromium on Linux emulates another device.
        ("Linux x86_64", "Chrome", "Windows"),
        ("Linux x86_64", "Mobile Safari", "iOS"),
        ("FreeBSD amd64", "Firefox", "FreeBSD"),
        ("", "Chrome", "Windows"),
        ("Win32", "Chrome", "Other"),
        ("Win32", None, None),
    ],
)
def test_platforms_that_agree_with_the_system_are_plausible(platform: str, browser: str | None, os: str | None) -> None:
    assert oddity({"platform": {"value": platform}}, browser, os) is None


@pytest.mark.parametrize(
    ("platform", "os"),
    [
        ("Win32", "macOS"),
        ("Win32", "Linux"),
        ("MacIntel", "Android"),
        ("iPhone", "Windows"),
    ],
)
def test_a_platform_of_another_system_is_refused(platform: str, os: str) -> None:
    assert os in (oddity({"platform": {"value": platform}}, "Chrome", os) or "")


@pytest.mark.parametrize(
    ("vendor", "browser", "os", "plausible"),
    [
        ("Google Inc.", "Chrome", "Windows", True),
        ("Apple Computer, Inc.", "Safari", "macOS", True),
        ("Apple Computer, Inc.", "Chrome Mobile iOS", "iOS", True),
        ("", "Firefox", "Linux", True),
        ("A browser of its own", "Chrome", "Linux", True),
        ("", "Chrome", "Linux", True),
        ("Apple Computer, Inc.", "Chrome", "Windows", False),
        ("Google Inc.", "Firefox", "Linux", False),
        ("Google Inc.", "Safari", "macOS", False),
    ],
)
def test_a_vendor_of_another_browsers_maker_is_refused(vendor: str, browser: str, os: str, plausible: bool) -> None:  # noqa: FBT001
    assert (oddity({"vendor": {"value": vendor}}, browser, os) is None) is plausible


def test_a_desktop_may_have_touch_and_only_ios_must_have_it() -> None:
    touch = {"touchSupport": {"value": {"maxTouchPoints": 0, "touchEvent": False, "touchStart": False}}}
    assert oddity(touch, "Chrome", "Windows") is None
    assert oddity(touch, "Chrome Mobile", "Android") is None
    assert oddity(touch, "Mobile Safari", "iOS")
    assert oddity({"touchSupport": {"value": {"maxTouchPoints": 10}}}, "Chrome", "Windows") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("platform", 32),
        ("platform", ["Win32"]),
        ("languages", [[1]]),
        ("timezone", {"name": "UTC"}),
        ("screenResolution", [1920]),
        ("screenResolution", [-1, 1080]),
        ("screenResolution", [True, True]),
        ("hardwareConcurrency", "many"),
        ("hardwareConcurrency", 0),
        ("hardwareConcurrency", 10**9),
        ("deviceMemory", -1),
        ("touchSupport", {"maxTouchPoints": "some"}),
        ("touchSupport", {"maxTouchPoints": 1, "touchEvent": "yes"}),
        ("cookiesEnabled", "true"),
        ("fonts", "Arial"),
        ("vendor", False),
    ],
)
def test_a_value_that_no_browser_has_is_named(name: str, value: object) -> None:
    assert name in (oddity({name: {"value": value}}) or "")


@pytest.mark.parametrize("value", [{"value": None}, {"duration": 2}, {"error": "blocked"}, {}])
def test_a_component_without_a_value_is_accepted(value: object) -> None:
    assert oddity(dict.fromkeys(LINUX, value), "Mobile Safari", "iOS") is None


def test_components_larger_than_any_browsers_are_refused() -> None:
    assert oddity({f"c{number}": {"value": 1} for number in range(200)}) is None
    assert oddity({f"c{number}": {"value": 1} for number in range(201)})
    assert oddity({"canvas": {"value": "x" * 60_000}}) is None
    assert oddity({"canvas": {"value": "x" * 64_001}})
    assert oddity({f"c{number}": {"value": "é" * 30_000} for number in range(5)})


@given(
    st.dictionaries(
        st.sampled_from(sorted(LINUX)),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.integers(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_components_of_any_json_are_judged_without_an_error(components: dict[str, Any]) -> None:
    assert isinstance(oddity(components, "Chrome", "Linux"), str | None)
