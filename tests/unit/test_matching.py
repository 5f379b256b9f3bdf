"""Whom a visit is taken for, by what there is of its jar and fingerprint."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Method, Standing
from graph.rules.matching import Candidate, Clue, Owner, Surroundings, Visit, place, probably
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
NOTHING = Surroundings(jar_last_seen=None, visitor_id=None, tenure_id=None, tenure=None, owner=None, clues=())
KNOWN = replace(NOTHING, jar_last_seen=NOON, visitor_id="jar's visitor", tenure_id="jar's tenure", tenure=ANNA)
AT_ANNAS = Candidate("anna's tenure", ANNA, NOON)
OWNED = replace(NOTHING, owner=OWNER, clues=(Clue(Method.FINGERPRINT, 1, (AT_ANNAS,)),))
SHARED = replace(
    NOTHING,
    clues=(Clue(Method.FINGERPRINT, 2, (AT_ANNAS, Candidate("tied", replace(ANNA, confidence=0.9), NOON))),),
)


@pytest.mark.parametrize("method", [Method.TOKEN, Method.ANONYMOUS_ID])
def test_a_jar_that_comes_back_stays_where_it_is_whatever_its_fingerprint_says(method: Method) -> None:
    placed = place(replace(VISIT, jar_method=method), replace(KNOWN, owner=OWNER), POLICY)

    assert (placed.match.method, placed.match.confidence) == (method, 1.0)
    assert (placed.visitor_id, placed.tenure_id, placed.standing) == ("jar's visitor", "jar's tenure", ANNA)
    assert (placed.came_back, placed.joins) == (True, False)


def test_a_log_out_opens_a_tenure_of_nobodys_on_the_same_jar() -> None:
    placed = place(replace(VISIT, jar_method=Method.TOKEN, reset=True), KNOWN, POLICY)

    assert (placed.visitor_id, placed.tenure_id) == ("jar's visitor", "new tenure")
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
        (VISIT, replace(SHARED, clues=(Clue(Method.FINGERPRINT, 30, (AT_ANNAS,)),))),
        (VISIT, replace(SHARED, clues=(Clue(Method.IP_BROWSER, 30, (AT_ANNAS,)),))),
    ],
    ids=["nothing known", "no consent", "no consent, shared", "after a log-out", "a crowd", "a crowd at an address"],
)
def test_who_cannot_be_told_is_new(visit: Visit, found: Surroundings) -> None:
    placed = place(visit, found, POLICY)

    assert (placed.match.method, placed.match.confidence, placed.match.evidence) == (Method.NEW, 1.0, ())
    assert (placed.visitor_id, placed.tied_to, placed.probable) == ("new visitor", None, ())
    assert placed.standing == Standing("new tenure", None, "own", 1.0)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from(["t1", "t2", "t3", "t4", "t5", "t6"]),
        st.builds(Standing, st.sampled_from("abc"), st.none(), st.just("own"), st.sampled_from([0.5, 0.8, 1.0])),
        st.integers(0, 60 * 24).map(lambda hours: NOON - timedelta(hours=hours)),
    ),
    max_size=6,
).map(tuple)
CLUES = st.builds(
    lambda fingerprint, browser, address, shared: tuple(
        Clue(kind, shared_by, candidates)
        for kind, candidates, shared_by in zip(
            (Method.FINGERPRINT, Method.IP_BROWSER, Method.IP), (fingerprint, browser, address), shared, strict=True
        )
    ),
    CANDIDATES,
    CANDIDATES,
    CANDIDATES,
    st.tuples(*[st.integers(1, 40)] * 3),
)
MANY = replace(POLICY, probable_max=10)


@given(CLUES, st.randoms(use_true_random=False))
def test_the_order_of_evidence_makes_no_difference(clues: tuple[Clue, ...], chance: random.Random) -> None:
    shuffled = [
        replace(clue, candidates=tuple(chance.sample(clue.candidates, len(clue.candidates))))
        for clue in chance.sample(clues, len(clues))
    ]
    assert probably(shuffled, NOON, POLICY) == probably(clues, NOON, POLICY)


@given(CLUES, CLUES)
def test_more_that_agrees_never_makes_an_identity_less_probable(
    clues: tuple[Clue, ...], more: tuple[Clue, ...]
) -> None:
    both = [
        replace(one, candidates=one.candidates + another.candidates) for one, another in zip(clues, more, strict=True)
    ]
    before, after = worth(clues), worth(both)
    assert all(after[identity] >= confidence for identity, confidence in before.items())


@given(CLUES, st.integers(0, 2), st.integers(1, 40))
def test_more_who_share_evidence_never_make_an_identity_more_probable(
    clues: tuple[Clue, ...], which: int, further: int
) -> None:
    shared = [
        replace(clue, shared_by=clue.shared_by + further) if number == which else clue
        for number, clue in enumerate(clues)
    ]
    before, after = worth(clues), worth(shared)
    assert all(before[identity] >= confidence for identity, confidence in after.items())


@given(CLUES, st.integers(0, 400))
def test_what_was_seen_longer_ago_is_never_more_probable(clues: tuple[Clue, ...], days: int) -> None:
    before, after = worth(clues), worth(clues, days)
    assert all(before[identity] >= confidence for identity, confidence in after.items())


@given(CLUES)
def test_what_is_only_probable_is_never_as_sure_as_a_fingerprint_that_owns_or_as_the_surest_kind_it_has(
    clues: tuple[Clue, ...],
) -> None:
    caps = {Method.FINGERPRINT: 0.79, Method.IP_BROWSER: 0.6, Method.IP: 0.4}
    for found in probably(clues, NOON, MANY):
        assert 0 < found.confidence <= max(caps[Method(one.kind)] for one in found.evidence)
        assert all(
            one.strength == pytest.approx(math.prod(one.arithmetic.values()), abs=1e-4) for one in found.evidence
        )
        assert found.confidence >= max(one.strength for one in found.evidence)


def worth(clues: Sequence[Clue], days: int = 0) -> dict[str, float]:
    """How probable each identity is so many days later."""
    return {found.identity_id: found.confidence for found in probably(clues, NOON + timedelta(days=days), MANY)}


def test_weak_pieces_add_up_within_the_tier_of_the_surest() -> None:
    by_print = Clue(Method.FINGERPRINT, 5, (AT_ANNAS,))
    by_place = Clue(Method.IP_BROWSER, 1, (AT_ANNAS,))
    [alone] = probably([by_print], NOON, POLICY)
    [both] = probably([by_print, by_place], NOON, POLICY)
    assert alone.confidence == 0.3951
    assert (both.method, both.confidence) == (Method.FINGERPRINT, 0.6957)
    assert [one.kind for one in both.evidence] == ["fingerprint", "ip_browser"]


def test_a_kiosk_is_nobody() -> None:
    guests = [f"{int(NOON.timestamp())} {user}" for user in "abc"]
    clue = Clue(Method.IP_BROWSER, 1, (replace(AT_ANNAS, recent_users=guests),))
    assert probably([clue], NOON, POLICY) == ()
