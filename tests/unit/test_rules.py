"""The arithmetic of the rules and the simple decisions: their bounds, and what makes no difference to them."""

import dataclasses
import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.model import Message, Method, Standing
from graph.rules import (
    addresses,
    confidence,
    decay,
    identifiers,
    kiosk,
    matching,
    relationships,
    sessions,
    times,
)
from graph.rules.messages import Kept, Repeat, judge
from graph.rules.policy import Policy, meanings, range_of
from graph.rules.relationships import Source

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
POLICY = Policy()
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
figures = st.floats(1, 100)


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0.1, 1000))
def test_older_is_never_worth_more(age: float, other_age: float, half_life: float) -> None:
    younger, older = sorted((age, other_age))
    assert 0 <= decay.halved(older, half_life) <= decay.halved(younger, half_life) <= 1


@given(figures, moments, figures, moments, moments)
def test_the_order_of_ranks_is_the_order_of_confidences_at_any_time(
    figure: float, seen: datetime, other: float, other_seen: datetime, now: datetime
) -> None:
    ranks = sorted((decay.rank(figure, seen, 180), decay.rank(other, other_seen, 180)))
    assert decay.confidence_now(ranks[0], now, 180) <= decay.confidence_now(ranks[1], now, 180)


@given(
    figures | st.integers(1, 99).map(lambda figure: figure + 0.5),
    moments,
    st.integers(0, 100) | st.floats(0, 100),
    st.integers(0, 2000),
)
@example(96.5, NOON, 97, 0)
def test_a_rank_reaches_a_bound_if_and_only_if_its_shown_confidence_does(
    figure: float, seen: datetime, bound: float, days: int
) -> None:
    now = seen + timedelta(days=days)
    rank = decay.rank(figure, seen, 180)
    assert (rank >= decay.rank_of_bound(bound, now, 180)) == (decay.shown(rank, now, 180) >= bound)
    assert abs(decay.shown(rank, now, 180) - decay.confidence_now(rank, now, 180)) <= 0.5 + 1e-6


@example(1, 1.9883803633189836)
@given(st.integers(1, 10_000), st.floats(1, 90))
def test_repeated_associations_raise_a_figure_up_to_its_cap(count: int, first: float) -> None:
    cap = first + 10
    now, then = (confidence.approaching(first, cap, n, 3) for n in (count, count + 1))
    assert first <= now <= then <= cap


@given(st.integers(1, 100))
def test_more_sharers_never_strengthen_evidence(others: int) -> None:
    assert 0 <= confidence.sharing(others + 1, 30) <= confidence.sharing(others, 30) <= confidence.sharing(1, 30) == 1


@given(st.floats(0, 1e8), st.floats(0, 1e8))
def test_age_never_strengthens_evidence_and_visits_of_one_day_are_equal(age: float, more: float) -> None:
    assert 0 <= confidence.recency(age + more, 30) <= confidence.recency(age, 30) <= confidence.recency(86_399, 30) == 1


STRENGTHS = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@given(STRENGTHS, st.floats(0, 1), st.floats(0.05, 0.95), st.floats(0.1, 1), st.randoms(use_true_random=False))
def test_combined_evidence_is_bounded_never_falls_with_more_and_ignores_the_order(
    strengths: list[float], another: float, prior: float, cap: float, chance: random.Random
) -> None:
    def worth(*pieces: float) -> float:
        return confidence.together(pieces, prior=prior, cap=cap)

    value = worth(*strengths)
    assert worth(*chance.sample(strengths, len(strengths))) == value
    assert min(cap, max(strengths)) - 1e-4 <= value <= min(1.0, cap) + 1e-4
    assert worth(*strengths, another) >= value - 1e-4


@given(st.booleans(), st.booleans(), st.floats(0, 400))
def test_a_fingerprint_that_owns_is_at_least_0_8_and_more_agreement_never_lowers_it(
    same_address: bool,  # noqa: FBT001 - drawn by Hypothesis
    same_browser: bool,  # noqa: FBT001
    days: float,
) -> None:
    def worth(*, address: bool, browser: bool) -> float:
        seen = NOON - timedelta(days=days)
        return confidence.added(
            confidence.of_fingerprint(
                same_address=address, same_browser=browser, last_seen=seen, at=NOON, policy=POLICY
            )
        )

    value = worth(address=same_address, browser=same_browser)
    assert 0.8 <= value <= worth(address=True, browser=same_browser) <= 1.0
    assert value <= worth(address=same_address, browser=True)


@given(
    st.lists(
        st.tuples(st.sampled_from([Source.CLAIMED, Source.VERIFIED, Source.COLLECTED]), moments), min_size=1, max_size=6
    )
)
def test_the_order_of_associations_makes_no_difference(seen: list[tuple[Source, datetime]]) -> None:
    def all_of(order: list[tuple[Source, datetime]]) -> relationships.Relationship:
        records: relationships.Records = {}
        for source, at in order:
            records = relationships.associate(records, source, at)
        return relationships.weigh(records, POLICY)

    forwards, backwards = all_of(seen), all_of(seen[::-1])
    assert (
        forwards.confidence,
        forwards.rank,
        forwards.count,
        forwards.first_seen,
        forwards.last_seen,
        forwards.source,
    ) == (
        backwards.confidence,
        backwards.rank,
        backwards.count,
        backwards.first_seen,
        backwards.last_seen,
        backwards.source,
    )
    assert 1 <= forwards.confidence <= 100
    assert forwards.count == len(seen)


def test_a_stated_figure_is_the_confidence_whatever_else_is_recorded() -> None:
    stated = {
        Source.STATED: relationships.Record(1, NOON, NOON, 12.0),
        Source.VERIFIED: relationships.Record(5, NOON, NOON),
    }
    assert relationships.weigh(stated, POLICY).confidence == 12.0


@given(st.permutations([("a", 0), ("b", 1), ("c", 2), ("a", 3), ("d", 30)]))
def test_a_kiosks_users_are_remembered_in_any_order_of_logins(logins: list[tuple[str, int]]) -> None:
    recent: tuple[str, ...] = ()
    for user, hours in logins:
        recent = kiosk.remember(recent, user, NOON + timedelta(hours=hours), POLICY)
    assert len(recent) <= POLICY.kiosk_users
    assert not kiosk.is_kiosk(recent, NOON + timedelta(days=9), POLICY)


def test_three_users_in_a_day_make_a_kiosk() -> None:
    recent: tuple[str, ...] = ()
    for number, user in enumerate(("a", "b", "b", "c")):
        assert not kiosk.is_kiosk(recent, NOON, POLICY)
        recent = kiosk.remember(recent, user, NOON + timedelta(hours=number), POLICY)
    assert kiosk.is_kiosk(recent, NOON + timedelta(hours=5), POLICY)
    assert not kiosk.is_kiosk(recent, NOON + timedelta(hours=49), POLICY)


def test_a_user_of_two_merged_visitors_is_one_user_at_a_kiosk() -> None:
    seconds = int(NOON.timestamp())
    twice = [f"{seconds} a b", f"{seconds + 1} a b", f"{seconds} c"]
    assert not kiosk.is_kiosk(twice, NOON, POLICY)
    assert kiosk.is_kiosk([*twice, f"{seconds} d"], NOON, POLICY)


@pytest.mark.parametrize(
    ("text", "kept"), [(" a ", "a"), ("Rene\u0301", "René"), ("a" * 256, "a" * 256), ("日本", "日本"), ("a b", "a b")]
)
def test_an_id_is_trimmed_and_put_into_composed_form(text: str, kept: str) -> None:
    assert identifiers.normalise(text) == kept


@pytest.mark.parametrize("text", ["", "  ", "a" * 257, "a\x00b", "\ud800", "\n"])
def test_a_text_that_cannot_be_an_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is blank|is longer|holds"):
        identifiers.normalise(text)


@pytest.mark.parametrize(
    ("minutes", "delivered_days", "accepted"),
    [(0, 0, True), (40, 0, True), (41, 0, False), (-30, 0, True), (-31, 0, False), (40, 29, True), (40, 31, False)],
)
def test_a_session_accepts_events_of_the_time_in_which_it_was_open(
    minutes: int,
    delivered_days: int,
    accepted: bool,  # noqa: FBT001
) -> None:
    at, last_seen = NOON + timedelta(minutes=minutes), NOON + timedelta(minutes=10)
    assert sessions.accepts(NOON, last_seen, at, at + timedelta(days=delivered_days), POLICY) is accepted


def test_a_time_is_corrected_by_the_error_of_the_clients_clock() -> None:
    off = timedelta(days=400)
    event, sent = NOON - timedelta(seconds=90) + off, NOON + off
    assert times.corrected(event, sent, NOON) == NOON - timedelta(seconds=90)
    assert times.corrected(None, None, NOON) == NOON
    assert times.corrected(NOON + timedelta(hours=1), None, NOON) == NOON
    assert times.corrected(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), NOON) == NOON


@pytest.mark.parametrize(
    ("change", "repeat"),
    [
        ({}, Repeat.DUPLICATE),
        ({"call": "init"}, Repeat.CONFLICT),
        ({"session_sent": "x"}, Repeat.CONFLICT),
        ({"request_hash": "x"}, Repeat.CONFLICT),
    ],
)
def test_a_duplicate_has_the_same_call_session_and_request(change: dict[str, str], repeat: Repeat) -> None:
    kept = Kept(**{"call": "track", "session_sent": "s", "request_hash": "h", **change}, answer="{}")
    sent = Message("m", "track", "s", "h")
    assert judge(sent, kept) is repeat
    assert judge(sent, None) is Repeat.NEW


@pytest.mark.parametrize(
    ("address", "kept", "proves"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::", True),
        ("10.1.2.3", "10.1.2.3", False),
        ("172.31.0.1", "172.31.0.1", False),
        ("172.32.0.1", "172.32.0.1", True),
        ("100.127.0.1", "100.127.0.1", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("224.0.0.1", "224.0.0.1", False),
        ("::1", "::", False),
        ("fd12::1", "fd12::", False),
        ("fe80::1", "fe80::", False),
    ],
)
def test_an_address_is_kept_in_canonical_form_and_is_evidence_if_it_is_public(
    address: str,
    kept: str,
    proves: bool,  # noqa: FBT001
) -> None:
    assert (addresses.kept(address), addresses.proves(address)) == (kept, proves)


def test_candidates_of_one_identity_count_once_and_of_equal_ones_the_latest_comes_first() -> None:
    def candidate(identity: str, days: int) -> matching.Candidate:
        return matching.Candidate(
            f"{identity} {days}", Standing(identity, None, "own", 1.0, identity), NOON - timedelta(days=days)
        )

    candidates = [candidate("a", 3), candidate("b", 1), candidate("a", 2), candidate("c", 5), candidate("d", 9)]
    for order in itertools.permutations(candidates):
        found = matching.probably([matching.Clue(Method.FINGERPRINT, 2, order)], NOON, POLICY)
        assert [probable.tenure_id for probable in found] == ["b 1", "a 2", "c 5"]
        assert all(0 < probable.confidence < 0.8 for probable in found)


def test_folding_makes_small_letters_and_leaves_different_names_different() -> None:
    assert identifiers.in_case("Anna@Shop.Example", "folded") == "anna@shop.example"
    assert identifiers.in_case("Anna@Shop.Example", "kept") == "Anna@Shop.Example"
    assert identifiers.in_case("STRAUSS", "folded") != identifiers.in_case("Strauß", "folded")


@given(st.text(min_size=1, max_size=20))
def test_folding_again_changes_nothing(text: str) -> None:
    folded = identifiers.in_case(text, "folded")
    assert identifiers.in_case(folded, "folded") == folded


def test_every_number_of_the_policy_has_a_range_and_a_meaning_and_no_other_field_has_a_range() -> None:
    for name, default in dataclasses.asdict(POLICY).items():
        limits = range_of(name)
        is_number = isinstance(default, int | float) and not isinstance(default, bool)
        assert is_number == (limits is not None), name
        if limits is not None:
            assert limits[0] <= default <= limits[1], name
            for beyond in (limits[0] - 1, limits[1] + 1):
                with pytest.raises(ValueError, match=f"{name} is from"):
                    POLICY.with_overrides({name: beyond})
        assert meanings()[name].endswith("."), name


def test_a_field_that_was_set_to_a_whole_number_takes_a_fraction_again() -> None:
    whole = POLICY.with_overrides({"session_idle_minutes": 60, "confidence_min": 1})
    again = whole.with_overrides({"session_idle_minutes": 30.5, "confidence_min": 0.5})
    assert (again.session_idle_minutes, again.confidence_min) == (30.5, 0.5)
