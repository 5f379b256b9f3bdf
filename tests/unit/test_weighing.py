"""Inferences are weighed as things are now, and jars count while they overlap."""

from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from graph.model import Evidence, Method
from graph.rules import weighing
from graph.rules.jars import Stretch, alive_at_once
from graph.rules.weighing import Now, UserThere
from tests.given import NOON, POLICY

STRETCHES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(
        lambda ends: Stretch("jar", NOON + timedelta(days=min(ends)), NOON + timedelta(days=max(ends)))
    ),
    max_size=8,
)


def there(user: str, count: int = 1, days_ago: int = 0) -> UserThere:
    seen = NOON - timedelta(days=days_ago)
    return UserThere(user, f"identity of {user}", count, seen, seen)


@hypothesis.given(STRETCHES)
def test_as_many_jars_are_alive_at_once_as_cover_one_day_in_whatever_order(stretches: list[Stretch]) -> None:
    days = [NOON + timedelta(days=day) for day in range(21)]
    most = max(sum(stretch.since <= day <= stretch.until for stretch in stretches) for day in days)
    assert alive_at_once(stretches) == alive_at_once(reversed(stretches)) == most


@hypothesis.given(STRETCHES, st.integers(0, 20))
def test_use_makes_no_fewer_jars_alive(stretches: list[Stretch], day: int) -> None:
    longer = [Stretch(one.jar_id, one.since, max(one.until, NOON + timedelta(days=day))) for one in stretches]
    assert alive_at_once(longer) >= alive_at_once(stretches)


@pytest.mark.parametrize(
    ("others", "users", "confidence"),
    [(1, 0, 0.6), (1, 1, 0.6), (2, 1, 0.4777), (40, 1, 0.0), (1, 2, 0.3), (1, 3, 0.0)],
)
def test_a_neighbour_is_worth_less_the_more_are_there_and_the_more_use_its_browser(
    others: int, users: int, confidence: float
) -> None:
    arithmetic = {"base": 0.6, "sharing": 1.0, "recency": 1.0, "standing": 1.0}
    evidence = (Evidence(Method.IP_BROWSER, 0.6, 1, NOON, arithmetic),)
    now = Now(0, [others], [there(str(user)) for user in range(users)])
    assert weighing.weigh(evidence, now, "identity of 0", POLICY) == confidence


@pytest.mark.parametrize(("others", "confidence"), [(0, 0.5), (1, 0.3554), (2, 0.3022)])
def test_a_doubted_fingerprint_is_worth_no_more_once_others_have_it(others: int, confidence: float) -> None:
    arithmetic = {"base": 0.8, "address": 0.0, "browser": 0.02, "recency": 0.02, "collector": -0.34}
    evidence = (Evidence(Method.FINGERPRINT, 0.5, 0, NOON, arithmetic),)
    assert weighing.weigh(evidence, Now(0, [others], []), "somebody", POLICY) == confidence


def test_the_second_hop_is_weighed_by_the_first_as_it_is_now() -> None:
    first = Evidence(Method.IP_BROWSER, 0.6, 1, NOON, {"base": 0.6, "sharing": 1.0, "recency": 1.0})
    second = Evidence(Method.IP_BROWSER, 0.18, 1, NOON, {**first.arithmetic, "before": 0.6, "hop": 0.5})
    assert weighing.weigh((first, second), Now(0, [1, 1], []), "somebody", POLICY) == 0.18
    assert weighing.weigh((first, second), Now(0, [2, 1], []), "somebody", POLICY) == 0.1433


def test_a_browser_is_shared_by_how_often_and_how_recently_each_user_was_there() -> None:
    anna, ben = there("anna", count=3), there("ben")
    assert weighing.share([anna], anna.identity_id, POLICY) == 1.0
    assert weighing.share([anna, ben], anna.identity_id, POLICY) == 0.75
    assert weighing.share([there("anna", days_ago=30), ben], "identity of anna", POLICY) == 0.3333
    assert weighing.share([anna, ben], "nobody's tenure", POLICY) == 0.5
    evidence = (Evidence(Method.FINGERPRINT, 0.95, 0, NOON, {"base": 0.8, "address": 0.1, "browser": 0.05}),)
    assert weighing.weigh(evidence, Now(0, [0], [anna, ben]), anna.identity_id, POLICY) == 0.5925


@hypothesis.given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 400)), min_size=1, max_size=9))
def test_the_shares_of_a_browsers_users_are_all_of_it(users: list[tuple[int, int]]) -> None:
    each = [there(str(number), count, days) for number, (count, days) in enumerate(users)]
    assert sum(weighing.share(each, user.identity_id, POLICY) for user in each) == pytest.approx(1.0, abs=0.001)


def test_what_evidence_rests_on_is_kept_as_text_and_read_again() -> None:
    values = {"address": "2001:db8::", "browser": "Chrome", "os": "", "device_class": "desktop", "fingerprint": None}
    text = weighing.key(Method.IP_BROWSER, values)
    assert weighing.place(text) == {
        **{name: value for name, value in values.items() if name != "fingerprint"},
        "kind": "ip_browser",
    }
