"""When a jar's name is no browser's: another system, another device, or too many fingerprints and addresses in a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from graph.rules.contradiction import Appearance, Disagreement, Sight, contradiction
from tests.given import NOON, POLICY

VISITS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 6), st.integers(0, 8)).map(
        lambda drawn: Sight(NOON + timedelta(hours=drawn[0]), f"198.51.100.{drawn[1]}", f"fp {drawn[2]}")
    ),
    max_size=30,
)


def after(visits: Sequence[Appearance]) -> tuple[Appearance, list[Disagreement | None]]:
    """Return what a jar has shown after visits, and what was said of each."""
    jar, said = Appearance(), list[Disagreement | None]()
    for visit in visits:
        said.append(contradiction(jar, visit, POLICY))
        jar = jar.with_visit(visit, POLICY)
    return jar, said


def seen(sight: Sight) -> Appearance:
    return Appearance.of_visit("Windows", "desktop", sight)


@pytest.mark.parametrize(
    ("before", "now", "is_contradicted"),
    [
        (("Windows", "desktop"), ("iOS", "mobile"), True),
        (("Windows", "desktop"), ("macOS", "desktop"), True),
        (("Android", "mobile"), ("iOS", "mobile"), True),
        (("Android", "mobile"), ("Android", "tablet"), True),
        (("iOS", "tablet"), ("iOS", "mobile"), True),
        # What "Request desktop site" makes of a tablet and of a phone, and back.
        (("iOS", "tablet"), ("macOS", "desktop"), False),
        (("macOS", "desktop"), ("iOS", "mobile"), False),
        (("Android", "mobile"), ("Linux", "desktop"), False),
        (("Ubuntu", "desktop"), ("Linux", "desktop"), False),
        (("Debian", "desktop"), ("Linux", "desktop"), False),
        # Nothing is known of one of the two.
        (("Windows", "desktop"), ("Other", "other"), False),
        (("Windows", "desktop"), ("Unknown", "desktop"), False),
        (("Windows", "desktop"), (None, None), False),
        ((None, None), ("Windows", "desktop"), False),
    ],
)
def test_one_browser_is_on_one_system_and_one_device(
    before: tuple[str | None, str | None], now: tuple[str | None, str | None], *, is_contradicted: bool
) -> None:
    first, second = (Appearance.of_visit(os, device_class, None) for os, device_class in (before, now))
    for jar, visit in ((first, second), (second, first)):
        assert (contradiction(jar, visit, POLICY) is not None) == is_contradicted


def test_what_a_desktop_version_hides_is_remembered() -> None:
    tablet, desktop, phone = (
        Appearance.of_visit(os, device_class, None)
        for os, device_class in (("iOS", "tablet"), ("macOS", "desktop"), ("iOS", "mobile"))
    )
    assert [why is None for why in after([desktop, tablet, desktop, phone])[1]] == [True, True, True, False]


@pytest.mark.parametrize(
    ("fingerprints", "addresses", "hours", "is_contradicted"),
    [(6, 6, 1, True), (6, 5, 1, True), (6, 4, 1, False), (5, 5, 1, False), (40, 1, 0.1, False), (6, 6, 6, False)],
)
def test_many_fingerprints_from_many_addresses_within_a_day_are_several_browsers(
    fingerprints: int, addresses: int, hours: float, *, is_contradicted: bool
) -> None:
    visits = [
        seen(Sight(NOON + timedelta(hours=hours * i), f"198.51.100.{i % addresses}", f"fp {i}"))
        for i in range(fingerprints)
    ]
    said = after(visits)[1]
    assert said[:-1] == [None] * (fingerprints - 1)
    assert (said[-1] is not None) == is_contradicted


@hypothesis.given(VISITS)
def test_what_is_kept_says_the_same_as_all_visits_would(visits: list[Sight]) -> None:
    jar = Appearance()
    for i, sight in enumerate(visits):
        newest = max(each.at for each in visits[: i + 1])
        within = [each for each in visits[: i + 1] if newest - each.at <= timedelta(hours=24)]
        expected = len({each.fingerprint for each in within}) > 5 and len({each.address for each in within}) >= 5
        assert (contradiction(jar, seen(sight), POLICY) is not None) == expected
        jar = jar.with_visit(seen(sight), POLICY)
        assert len(jar.sights) <= 11


def test_a_sight_is_read_as_it_was_kept() -> None:
    for sight in (Sight(NOON, "2001:db8::1", "a fingerprint"), Sight(NOON, None, "f")):
        assert Sight.of(sight.text) == sight


def test_the_bound_is_the_tenants() -> None:
    policy = replace(POLICY, jar_fingerprints_max=1)
    first, second = (seen(Sight(NOON, "198.51.100.1", fingerprint)) for fingerprint in ("one", "two"))
    assert contradiction(first, second, POLICY) is None
    assert contradiction(first, second, policy) is not None
