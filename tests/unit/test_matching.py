"""Whom a visit is taken for, by what there is of its jar and fingerprint."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Method, Standing
from graph.rules.matching import Candidate, Owner, Surroundings, Visit, place, probably
from tests.given import NOON, POLICY

VISIT = Visit(
    at=NOON,
    jar_method=Method.NEW,
    reset=False,
    consent=True,
    browser="Chrome",
    os="Linux",
    new_visitor_id="new visitor",
    new_tenure_id="new tenure",
)
ANNA = Standing("anna's identity", "anna", "claim", 1.0)
OWNER = Owner(
    visitor_id="owner",
    known_jars=3,
    recent_users=(),
    last_seen=NOON - timedelta(days=30),
    browser="Chrome",
    os="Linux",
    same_address=True,
    anchor_id="anchor",
    anchor_depth=2,
    anchor=ANNA,
)
NOTHING = Surroundings(
    jar_last_seen=None, visitor_id=None, tenure_id=None, tenure=None, sharers=0, owner=None, candidates=()
)
KNOWN = replace(NOTHING, jar_last_seen=NOON, visitor_id="jar's visitor", tenure_id="jar's tenure", tenure=ANNA)
OWNED = replace(NOTHING, sharers=1, owner=OWNER, candidates=(Candidate(ANNA, NOON),))
SHARED = replace(NOTHING, sharers=2, candidates=(Candidate(ANNA, NOON), Candidate(replace(ANNA, confidence=0.9), NOON)))


@pytest.mark.parametrize("method", [Method.TOKEN, Method.ANONYMOUS_ID])
def test_a_jar_that_comes_back_stays_where_it_is_whatever_its_fingerprint_says(method: Method) -> None:
    placed = place(replace(VISIT, jar_method=method), replace(KNOWN, sharers=1, owner=OWNER), POLICY)

    assert (placed.match.method, placed.match.confidence) == (method, 1.0)
    assert (placed.visitor_id, placed.tenure_id, placed.standing) == ("jar's visitor", "jar's tenure", ANNA)
    assert (placed.came_back, placed.joins, placed.is_new_tenure) == (True, False, False)


def test_a_log_out_opens_a_tenure_of_nobodys_on_the_same_jar() -> None:
    placed = place(replace(VISIT, jar_method=Method.TOKEN, reset=True), KNOWN, POLICY)

    assert (placed.visitor_id, placed.tenure_id, placed.is_new_tenure) == ("jar's visitor", "new tenure", True)
    assert (placed.tied_to, placed.probable) == (None, ())
    assert placed.standing == Standing("new tenure", None, "own", 1.0)


def test_a_fingerprint_that_owns_brings_a_new_jar_into_its_visitor_and_ties_the_tenure() -> None:
    placed = place(VISIT, OWNED, POLICY)

    assert (placed.match.method, placed.match.confidence) == (Method.FINGERPRINT, 0.975)
    assert (placed.visitor_id, placed.is_new_visitor, placed.joins) == ("owner", False, True)
    assert (placed.tied_to, placed.probable) == ("anchor", ())
    assert placed.standing == Standing("anna's identity", "anna", "tied", 0.975)
    assert placed.standing.claimed_user_id is None


@pytest.mark.parametrize(
    ("visit", "owner"),
    [
        (replace(VISIT, reset=True), OWNER),
        (VISIT, replace(OWNER, recent_users=[f"{int(NOON.timestamp())} {user}" for user in "abc"])),
        (VISIT, replace(OWNER, anchor_depth=8)),
        (VISIT, replace(OWNER, anchor=None, anchor_id=None)),
    ],
    ids=["after a log-out", "at a kiosk", "too deep", "without an anchor"],
)
def test_the_same_browser_is_not_always_the_same_person(visit: Visit, owner: Owner) -> None:
    placed = place(visit, replace(OWNED, owner=owner), POLICY)

    assert (placed.visitor_id, placed.tied_to) == ("owner", None)
    assert placed.standing == Standing("new tenure", None, "own", 1.0)


@pytest.mark.parametrize(
    ("found", "sharers"),
    [(replace(OWNED, owner=replace(OWNER, known_jars=4)), 1), (SHARED, 2)],
    ids=["a fourth jar that comes back", "another visitor"],
)
def test_a_weak_fingerprint_makes_a_new_visitor_that_is_probably_somebody(found: Surroundings, sharers: int) -> None:
    placed = place(VISIT, found, POLICY)

    assert (placed.visitor_id, placed.is_new_visitor, placed.tied_to) == ("new visitor", True, None)
    assert placed.match.method is Method.FINGERPRINT
    assert 0.4 < placed.match.confidence < 0.8
    assert [one.identity_id for one in placed.probable] == ["anna's identity"]
    assert placed.match.evidence[0].shared_by == sharers
    assert placed.standing == Standing("anna's identity", None, "probable", placed.match.confidence)


@pytest.mark.parametrize(
    ("visit", "found"),
    [
        (VISIT, NOTHING),
        (replace(VISIT, consent=False), OWNED),
        (replace(VISIT, consent=False), SHARED),
        (replace(VISIT, reset=True), SHARED),
        (VISIT, replace(SHARED, sharers=30)),
    ],
    ids=["nothing known", "no consent", "no consent, shared", "after a log-out", "a crowd"],
)
def test_who_cannot_be_told_is_new(visit: Visit, found: Surroundings) -> None:
    placed = place(visit, found, POLICY)

    assert (placed.match.method, placed.match.confidence, placed.match.evidence) == (Method.NEW, 1.0, ())
    assert (placed.visitor_id, placed.tied_to, placed.probable) == ("new visitor", None, ())
    assert placed.standing == Standing("new tenure", None, "own", 1.0)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.builds(Standing, st.sampled_from("abcde"), st.none(), st.just("own"), st.sampled_from([0.5, 0.8, 1.0])),
        st.integers(0, 3).map(lambda hours: NOON - timedelta(hours=hours)),
    ),
    min_size=1,
    max_size=6,
)


@given(CANDIDATES, st.randoms(use_true_random=False), st.integers(1, 40))
def test_the_order_of_candidates_makes_no_difference(
    candidates: list[Candidate], chance: random.Random, sharers: int
) -> None:
    shuffled = chance.sample(candidates, len(candidates))
    assert probably(shuffled, sharers, POLICY) == probably(candidates, sharers, POLICY)


@given(CANDIDATES, CANDIDATES)
def test_another_candidate_never_makes_an_identity_less_probable(one: list[Candidate], more: list[Candidate]) -> None:
    policy = replace(POLICY, probable_max=10)
    before = {found.identity_id: found.confidence for found in probably(one, 2, policy)}
    after = {found.identity_id: found.confidence for found in probably([*one, *more], 2, policy)}
    assert all(after[identity] >= confidence for identity, confidence in before.items())
