"""The origins that a tenant lists are those that browsers send."""

import pytest

from graph.rules.origins import is_listed, normalise


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("*", "*"),
        ("https://Shop.Example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80/", "http://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://*.shop.example", "https://*.shop.example"),
        ("https://*.shop.example:8443", "https://*.shop.example:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("https://m\u00fcller.example", "https://xn--mller-kva.example"),
        ("null", "null"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, kept: str) -> None:
    assert normalise(given) == kept


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("shop.example", "begins with https://"),
        ("", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://shop.example/de", "without a path"),
        ("https://shop.example?x=1", "without a path"),
        ("https://anna@shop.example", "without a path"),
        ("https://shop.*", "only the first part"),
        ("https://sh*p.example", "only the first part"),
        ("https://shop example", "only the first part"),
        ("https://shop.example:99999", "no port"),
    ],
)
def test_what_no_browser_sends_is_refused(given: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        normalise(given)


@pytest.mark.parametrize(
    ("origin", "is_found"),
    [
        ("https://shop.example", True),
        ("HTTPS://SHOP.EXAMPLE", True),
        ("https://www.site.example", True),
        ("https://a.b.site.example", True),
        ("https://site.example", False),
        ("https://evilsite.example", False),
        ("http://www.site.example", False),
        ("https://www.site.example.evil.example", False),
        ("https://www.site.example:8443", False),
        ("https://evil.example/.site.example", False),
        ("null", False),
    ],
)
def test_a_page_is_of_a_listed_origin_or_below_one_with_a_star(origin: str, *, is_found: bool) -> None:
    assert is_listed(origin, ("https://shop.example", "https://*.site.example")) is is_found
    assert is_listed(origin, ("*",))
