"""Who comes with a stranger's fingerprint in passing."""

from datetime import timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from graph.rules import passing
from graph.rules.contradiction import Sight
from graph.rules.policy import Policy
from tests import given

POLICY = Policy()


def seen(minutes: float = 0, fingerprint: str = "f", address: str | None = "203.0.113.7") -> Sight:
    return Sight(given.NOON + timedelta(minutes=minutes), address, fingerprint)


def after(
    before: list[Sight],
    visit: Sight,
    *,
    joined_by: str | None = None,
    is_claim: bool = True,
    is_one_too_many: bool = False,
) -> list[Sight]:
    found = passing.after(
        before, visit, joined_by=joined_by, is_claim=is_claim, is_one_too_many=is_one_too_many, policy=POLICY
    )
    return list(found)


def test_a_fingerprint_is_settled_after_a_day() -> None:
    since = given.NOON
    assert passing.is_settled(since, since + timedelta(hours=24), POLICY)
    assert not passing.is_settled(since, since + timedelta(hours=23.9), POLICY)
    assert not passing.is_settled(None, since, POLICY)


@pytest.mark.parametrize(
    ("visit", "is_over"),
    [
        (seen(59), False),
        (seen(60), False),
        (seen(61), True),
        (seen(1, address="203.0.113.8"), True),
        (seen(1, address=None), True),
        (seen(61, "another"), False),
    ],
)
def test_passing_ends_with_the_fingerprint_after_an_hour_or_from_elsewhere(visit: Sight, *, is_over: bool) -> None:
    assert (seen() in after([seen()], visit)) is not is_over
    # It does not begin anew.
    assert passing.shows(after([seen()], visit), "f") is not is_over


def test_a_fingerprint_too_many_goes_on_passing() -> None:
    assert after([seen()], seen(61), is_one_too_many=True) == [seen()]
    assert after([seen()], seen(61), joined_by="f", is_claim=False, is_one_too_many=True) == [seen()]
    assert after([seen()], seen(61), joined_by="f", is_claim=False) == []


@drawn(st.lists(st.tuples(st.integers(0, 200), st.sampled_from([f"f {n}" for n in range(20)])), max_size=60))
def test_no_number_of_fingerprints_pushes_out_the_one_that_the_jar_came_by(shown: list[tuple[int, str]]) -> None:
    marks = after([], seen())
    for minutes, fingerprint in sorted(shown):
        was = passing.shows(marks, "f")
        marks = after(marks, seen(minutes / 4, fingerprint), joined_by="f")
        assert passing.shows(marks, "f") is was is True
        assert len(marks) <= passing.MOST + 1
