"""Find fingerprints that are nonsense: no collector makes them, or not in the browser that sends them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graph.rules.placeholders import is_placeholder

#: Shorter texts are no hash of any collector.
HASH_CHARACTERS_MIN = 3
#: One character repeated this often or more is no hash, such as `ffffffff`.
RUN_CHARACTERS_MIN = 8
#: The MD5, SHA-1 and SHA-256 of nothing. FingerprintJS uses MurmurHash3, which gives zeros for nothing.
HASHES_OF_NOTHING = frozenset(
    {
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
)

#: FingerprintJS collects about 40: https://github.com/fingerprintjs/fingerprintjs/tree/master/src/sources
COMPONENTS_MAX = 200
#: As JSON. A canvas as a picture has about 20 kB, and there are two of them.
COMPONENT_BYTES_MAX = 64_000
COMPONENTS_BYTES_MAX = 256_000
#: What a collector sends of a component besides its value. JSON drops a value that is `undefined`.
_BESIDES = frozenset({"duration", "error"})
#: Stands for a component that has no value.
ABSENT: Any = object()


def hash_oddity(text: str) -> str | None:
    """Return why a text cannot be a fingerprint's hash, or None if it can be.

    Other forms than FingerprintJS' 32 digits are accepted, since other collectors have them.
    """
    if is_placeholder(text):
        return "the hash is what broken code sends for none"
    if len(text) < HASH_CHARACTERS_MIN:
        return f"the hash has fewer than {HASH_CHARACTERS_MIN} characters"
    if len(text) >= RUN_CHARACTERS_MIN and len(set(text)) == 1:
        return "the hash is one character repeated"
    return "the hash is that of nothing" if text.lower() in HASHES_OF_NOTHING else None


def components_oddity(components: Mapping[str, Any], *, browser: str | None, os: str | None) -> str | None:
    """Return why components cannot be those of this browser on this operating system, or None if they can be.

    `browser` and `os` are the families that the user agent names. A None is not compared with anything.
    """
    values = {name: component_value(component) for name, component in components.items()}
    known = {name: value for name, value in values.items() if value is not ABSENT and value is not None}
    return _size_oddity(components) or _type_oddity(known) or _disagreement(known, browser, os)


def component_value(component: Any) -> Any:
    """Return a component's value: FingerprintJS wraps it as `{"value": …}`, other collectors may send it as it is."""
    if not isinstance(component, Mapping):
        return component
    if "value" in component:
        return component["value"]
    return ABSENT if component.keys() <= _BESIDES else component


def _size_oddity(components: Mapping[str, Any]) -> str | None:
    if len(components) > COMPONENTS_MAX:
        return f"more than {COMPONENTS_MAX} components"
    total = _bytes(components)
    if total > COMPONENTS_BYTES_MAX:
        return f"components of more than {COMPONENTS_BYTES_MAX} bytes"
    if total > COMPONENT_BYTES_MAX and any(
        _bytes(component) > COMPONENT_BYTES_MAX for component in components.values()
    ):
        return f"a component of more than {COMPONENT_BYTES_MAX} bytes"
    return None


def _bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def _is_number(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_languages(value: Any) -> bool:
    """Whether a value can be a browser's languages, which FingerprintJS sends as a list of lists."""
    return _is_text(value) or _is_list_of(lambda item: _is_text(item) or _is_list_of(_is_text)(item))(value)


def _is_resolution(value: Any) -> bool:
    is_side = _is_number(0, 100_000)
    pair = isinstance(value, list) and len(value) == 2
    return _is_text(value) or (pair and all(side is None or is_side(side) for side in value))


def _is_time_zone(value: Any) -> bool:
    """Whether a value can be a time zone: a name, or minutes or hours from UTC, as other collectors send it."""
    return _is_text(value) or _is_number(-1_000, 1_000)(value)


def _is_touch(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return _is_flag(value) or _is_number(0, 256)(value)
    return _is_number(0, 256)(value.get("maxTouchPoints", 0)) and all(
        _is_flag(value.get(name, False)) for name in ("touchEvent", "touchStart")
    )


#: What the values of well-known components must look like. The values of other components are not checked.
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "platform": _is_text,
    "vendor": _is_text,
    "osCpu": _is_text,
    "timezone": _is_time_zone,
    "languages": _is_languages,
    "vendorFlavors": _is_list_of(_is_text),
    "fonts": _is_list_of(_is_text),
    "screenResolution": _is_resolution,
    "colorDepth": _is_number(1, 256),
    "hardwareConcurrency": _is_number(1, 4096),
    "deviceMemory": _is_number(0, 4096),
    "touchSupport": _is_touch,
    "cookiesEnabled": _is_flag,
    "sessionStorage": _is_flag,
    "localStorage": _is_flag,
    "indexedDB": _is_flag,
}


def _type_oddity(values: Mapping[str, Any]) -> str | None:
    wrong = sorted(name for name, value in values.items() if name in _TYPES and not _TYPES[name](value))
    return f"{', '.join(wrong)} cannot have such a value" if wrong else None


#: The kind of system that `navigator.platform` names on each system. An iPad says Mac, and Android says Linux.
_KINDS: Mapping[str, str] = {
    "Windows": "Windows",
    "macOS": "Apple",
    "iOS": "Apple",
    "Linux": "Linux",
    "Android": "Linux",
    "Chrome OS": "Linux",
    "Ubuntu": "Linux",
    "Fedora": "Linux",
    "Debian": "Linux",
}
_PLATFORMS: Sequence[tuple[str, str]] = (
    ("win", "Windows"),
    ("mac", "Apple"),
    ("iphone", "Apple"),
    ("ipad", "Apple"),
    ("ipod", "Apple"),
    ("linux", "Linux"),
    ("android", "Linux"),
)
#: `navigator.vendor` is one of three texts (https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-vendor).
_VENDORS: Mapping[str, str] = {
    "Chrome": "Google Inc.",
    "Chrome Mobile": "Google Inc.",
    "Edge": "Google Inc.",
    "Safari": "Apple Computer, Inc.",
    "Firefox": "",
    "Firefox Mobile": "",
}


def _disagreement(values: Mapping[str, Any], browser: str | None, os: str | None) -> str | None:
    platform = str(values.get("platform", "")).lower()
    of_platform = next((kind for start, kind in _PLATFORMS if platform.startswith(start)), None)
    of_agent = _KINDS.get(os or "")
    if of_platform == "Linux":
        # A browser that emulates another device (Chromium's device mode, a site's tests) keeps its own platform and
        # vendor: https://chromedevtools.github.io/devtools-protocol/tot/Emulation/#method-setUserAgentOverride
        return None
    # Firefox that resists fingerprinting says another system in its headers than in its pages
    # (https://bugzilla.mozilla.org/show_bug.cgi?id=1509829).
    resists = (browser or "").startswith("Firefox")
    if of_platform and of_agent and of_platform != of_agent and not resists:
        return f"the platform is of {of_platform}, the user agent of {os}"
    # Every browser on iOS is Safari underneath, whatever its name.
    vendor, expected = values.get("vendor"), _VENDORS.get(browser or "") if os != "iOS" else None
    if vendor and expected is not None and vendor != expected and vendor in _VENDORS.values():
        return f"the vendor is not that of {browser}"
    touch = values.get("touchSupport")
    # Before iOS 13 there were no `maxTouchPoints`, and they read as 0 beside a touch that can be made.
    if os == "iOS" and isinstance(touch, Mapping) and not any(touch.values()):
        return "a device of iOS without touch"
    return None
