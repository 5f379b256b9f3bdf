"""What follows from what was observed on a visitor's own jars."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.rules import relationships
from graph.rules.derived import Associations, Derived, Until
from graph.rules.policy import Policy
from graph.rules.relationships import Record, Records, Source

POLICY = Policy(kiosk_users=3, kiosk_window_hours=24.0)
NOON = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)


def at(hour: int) -> datetime:
    return NOON + timedelta(hours=hour)


def associations(
    user_id: str = "anna",
    source: Source = Source.CLAIMED,
    *,
    hours: Sequence[int] = (0,),
    is_before_return: bool = True,
    closed: Sequence[Until] = (),
    left: Sequence[Until] = (),
) -> Associations:
    first, last = at(min(hours)), at(max(hours))
    return Associations(user_id, source, is_before_return, closed, left, len(hours), first, last)


def observed(*found: Associations, latest: Sequence[str] = ()) -> Derived:
    return Derived("vis_a", 2, [], at(0), at(9), latest, found)


def test_associations_of_one_source_are_one_record() -> None:
    found = observed(
        associations(hours=[3, 5]),
        associations(hours=[1], is_before_return=False),
        associations(source=Source.COLLECTED, hours=[2]),
        associations("ben", hours=[4]),
    )
    assert found.records == {
        "anna": {Source.CLAIMED: Record(3, at(1), at(5)), Source.COLLECTED: Record(1, at(2), at(2))},
        "ben": {Source.CLAIMED: Record(1, at(4), at(4))},
    }


@pytest.mark.parametrize(
    ("closed", "left", "counts"),
    [
        ([], [], True),
        ([Until("vis_a", at(5))], [], False),
        # The relationship was closed on a visitor that the new one took other jars from.
        ([Until("vis_b", at(5))], [], True),
        ([Until("vis_b", at(5))], [Until("vis_c", at(6))], True),
        # The jar was in that visitor when the relationship was closed.
        ([Until("vis_b", at(5))], [Until("vis_b", at(6))], False),
        ([Until("vis_b", at(5))], [Until("vis_b", at(5))], False),
        # The jar had left that visitor by then.
        ([Until("vis_b", at(5))], [Until("vis_b", at(4))], True),
        ([Until("vis_b", at(5)), Until("vis_a", at(6))], [Until("vis_b", at(4))], False),
    ],
)
def test_what_was_closed_since_does_not_count(closed: list[Until], left: list[Until], *, counts: bool) -> None:
    found = observed(associations(hours=[1], closed=closed, left=left), associations("ben"))
    assert found.records.keys() == ({"anna", "ben"} if counts else {"ben"})


def test_logins_on_jars_that_had_not_come_back_are_remembered_even_where_they_count_no_more() -> None:
    found = observed(
        associations(closed=[Until("vis_a", at(5))], hours=[1]),
        associations("ben", hours=[2], is_before_return=False),
        associations("carl", Source.COLLECTED, hours=[3]),
        associations("dora", Source.VERIFIED, hours=[4]),
    )
    assert found.recent_users(POLICY) == tuple(
        f"{at(hour).timestamp():.0f} {user}" for hour, user in [(4, "dora"), (1, "anna")]
    )


def test_of_tenures_that_were_used_last_together_the_one_with_the_last_id_is_the_latest() -> None:
    assert observed(latest=["ten_1", "ten_3", "ten_2"]).latest_tenure_id == "ten_3"
    assert observed().latest_tenure_id is None


UNTILS = st.lists(st.builds(Until, st.sampled_from(["vis_a", "vis_b"]), st.integers(0, 9).map(at)), max_size=2)
FOUND = st.lists(
    st.builds(
        associations,
        st.sampled_from(["anna", "ben", "carl", "dora"]),
        st.sampled_from([Source.VERIFIED, Source.CLAIMED, Source.COLLECTED]),
        hours=st.lists(st.integers(0, 60), min_size=1, max_size=3),
        is_before_return=st.booleans(),
        closed=UNTILS,
        left=UNTILS,
    ),
    max_size=8,
)


@given(FOUND, st.randoms(use_true_random=False))
def test_the_order_of_facts_makes_no_difference(found: list[Associations], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert observed(*shuffled).records == observed(*found).records
    assert observed(*shuffled).recent_users(POLICY) == observed(*found).recent_users(POLICY)


@given(FOUND, FOUND)
def test_what_two_visitors_have_apart_folds_into_what_one_has_of_all_their_jars(
    here: list[Associations], there: list[Associations]
) -> None:
    whole, apart = observed(*here, *there).records, (observed(*here).records, observed(*there).records)
    users = apart[0].keys() | apart[1].keys()
    assert whole == {user: relationships.fold([records.get(user, {}) for records in apart]) for user in users}


def test_statements_stay_where_what_was_observed_is_counted_anew() -> None:
    stated, claimed = Record(1, at(2), at(2), 70.0), Record(9, at(0), at(9))
    before: Records = {Source.STATED: stated, Source.CLAIMED: claimed}
    group = relationships.Group("anna", "vis_a", {"vis_a": before, "vis_b": before})
    after = group.observing("vis_a", observed(associations("ben")).records)
    assert after.records == {"vis_a": {Source.STATED: stated}, "vis_b": before}
