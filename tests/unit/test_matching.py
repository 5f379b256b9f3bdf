"""Whom a visit belongs to, given what the graph knows about its jar, fingerprint and address."""

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
from graph.rules.weighing import UserThere
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
ANNA = Standing("anna's identity", "anna", "claim", 1.0, "anna's tenure")
OWNER = Owner(
    visitor_id="owner",
    machines=3,
    recent_users=(),
    last_seen=NOON - timedelta(days=30),
    browser="Chrome",
    os="Linux",
    same_address=True,
    anchor_id="anchor",
    anchor_depth=2,
    anchor=ANNA,
    since=NOON - timedelta(days=60),
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
def test_a_jar_that_comes_back_stays_in_its_visitor_whatever_its_fingerprint(method: Method) -> None:
    placed = place(replace(VISIT, jar_method=method), replace(KNOWN, owner=OWNER), POLICY)

    assert (placed.match.method, placed.match.confidence) == (method, 1.0)
    assert (placed.visitor_id, placed.tenure_id, placed.standing) == ("jar's visitor", "jar's tenure", ANNA)
    assert (placed.came_back, placed.joins) == (True, False)


def test_a_log_out_begins_an_anonymous_tenure_on_the_same_jar() -> None:
    placed = place(replace(VISIT, jar_method=Method.TOKEN, reset=True), KNOWN, POLICY)

    assert (placed.visitor_id, placed.tenure_id) == ("jar's visitor", "new tenure")
    assert (placed.tied_to, placed.probable) == (None, ())
    assert placed.standing == Standing("new tenure", None, "own", 1.0, "new tenure")


@pytest.mark.parametrize("days", [0, 6.9])
def test_a_young_fingerprint_is_less_sure_since_a_like_machine_may_only_not_have_come_yet(days: float) -> None:
    young = replace(OWNED, owner=replace(OWNER, since=NOON - timedelta(days=days)))

    # 0.8 + 0.4 × (0.1 + 0.05 + 0.025)
    assert place(VISIT, young, POLICY).match.confidence == 0.87
    assert place(VISIT, OWNED, POLICY).match.confidence == 0.975


def test_a_fingerprint_of_several_users_is_less_sure() -> None:
    users = tuple(UserThere(name, f"{name}'s identity", 1, NOON, NOON) for name in ("anna", "ben"))

    assert place(VISIT, replace(OWNED, owner=replace(OWNER, users=users)), POLICY).match.confidence == 0.87


PHONE = replace(VISIT, collector_confidence=0.3)
YOUNG = replace(OWNER, since=NOON - timedelta(days=6), same_address=False)


def test_what_follows_from_a_young_fingerprint_is_half_sure_where_its_collector_doubts_it_and_the_address_is_another() -> (
    None
):
    placed = place(PHONE, replace(OWNED, owner=YOUNG), POLICY)

    # 0.8 + 0.4 × (0.05 + 0.025)
    assert placed.match.confidence == 0.83
    assert (placed.visitor_id, placed.tied_to, placed.joins) == ("owner", "anchor", True)
    assert placed.standing == Standing("anna's identity", "anna", "tied", 0.5, "anna's tenure")
    assert placed.follows is not None
    assert placed.follows.strength == 0.5
    assert placed.follows.arithmetic == {**placed.match.evidence[0].arithmetic, "collector": -0.33}


@pytest.mark.parametrize(
    ("visit", "owner"),
    [
        (PHONE, replace(YOUNG, same_address=True)),
        (PHONE, replace(YOUNG, since=NOON - timedelta(days=7))),
        (replace(PHONE, collector_confidence=0.5), YOUNG),
        (replace(PHONE, collector_confidence=None), YOUNG),
    ],
    ids=["at a known address", "no longer young", "its collector is sure enough", "its collector says nothing"],
)
def test_what_follows_from_a_fingerprint_is_else_as_sure_as_the_match(visit: Visit, owner: Owner) -> None:
    placed = place(visit, replace(OWNED, owner=owner), POLICY)

    assert placed.standing.confidence == placed.match.confidence >= 0.8
    assert placed.follows == placed.match.evidence[0]


def test_a_doubted_fingerprint_of_several_users_is_each_ones_by_half() -> None:
    users = tuple(UserThere(name, f"{name}'s identity", 1, NOON, NOON) for name in ("anna", "ben"))
    owner = replace(YOUNG, users=users, claimed={"anna": "anna's tenure", "ben": "ben's tenure"})
    placed = place(PHONE, replace(OWNED, owner=owner), POLICY)

    assert [inference.confidence for inference in placed.probable] == [0.25, 0.25]


@given(st.floats(0, 1), st.floats(0, 400), st.booleans())
def test_a_collector_never_raises_what_follows_and_never_lowers_the_match(
    sure: float,
    days: float,
    same_address: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    owner = replace(OWNER, since=NOON - timedelta(days=days), same_address=same_address)
    placed = place(replace(VISIT, collector_confidence=sure), replace(OWNED, owner=owner), POLICY)

    assert placed.match == place(VISIT, replace(OWNED, owner=owner), POLICY).match
    assert 0.5 <= placed.standing.confidence <= placed.match.confidence


def test_a_neighbour_with_another_machine_is_a_quarter_as_likely() -> None:
    def worth(*, is_other_machine: bool) -> float:
        neighbour = replace(AT_ANNAS, is_other_machine=is_other_machine)
        return probably((Clue(Method.IP_BROWSER, 1, (neighbour,)),), NOON, POLICY)[0].confidence

    assert (worth(is_other_machine=False), worth(is_other_machine=True)) == (0.6, 0.15)


def test_a_fingerprint_that_owns_puts_a_new_jar_into_its_visitor_and_ties_the_tenure() -> None:
    placed = place(VISIT, OWNED, POLICY)

    assert (placed.match.method, placed.match.confidence) == (Method.FINGERPRINT, 0.975)
    assert (placed.visitor_id, placed.is_new_visitor, placed.joins) == ("owner", False, True)
    assert (placed.tied_to, placed.probable) == ("anchor", ())
    assert placed.standing == Standing("anna's identity", "anna", "tied", 0.975, "anna's tenure")
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
def test_a_new_tenure_in_a_known_visitor_is_not_always_tied(visit: Visit, owner: Owner) -> None:
    placed = place(visit, replace(OWNED, owner=owner), POLICY)

    assert (placed.visitor_id, placed.tied_to) == ("owner", None)
    assert placed.standing == Standing("new tenure", None, "own", 1.0, "new tenure")


@pytest.mark.parametrize(
    ("found", "sharers"),
    [(replace(OWNED, owner=replace(OWNER, machines=4)), 1), (SHARED, 2)],
    ids=["a fourth jar that comes back", "another visitor"],
)
def test_a_weak_fingerprint_makes_a_new_visitor_that_is_probably_somebody(found: Surroundings, sharers: int) -> None:
    placed = place(VISIT, found, POLICY)

    assert (placed.visitor_id, placed.is_new_visitor, placed.tied_to) == ("new visitor", True, None)
    assert placed.match.method is Method.FINGERPRINT
    assert 0.4 < placed.match.confidence < 0.8
    assert [inference.identity_id for inference in placed.probable] == ["anna's identity"]
    assert placed.match.evidence[0].shared_by == sharers
    assert placed.standing == Standing("anna's identity", None, "probable", placed.match.confidence, "anna's tenure")


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
def test_a_visit_without_usable_evidence_is_a_new_visitor(visit: Visit, found: Surroundings) -> None:
    placed = place(visit, found, POLICY)

    assert (placed.match.method, placed.match.confidence, placed.match.evidence) == (Method.NEW, 1.0, ())
    assert (placed.visitor_id, placed.tied_to, placed.probable) == ("new visitor", None, ())
    assert placed.standing == Standing("new tenure", None, "own", 1.0, "new tenure")


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
def test_more_evidence_never_makes_an_identity_less_probable(clues: tuple[Clue, ...], more: tuple[Clue, ...]) -> None:
    both = [
        replace(clue, candidates=clue.candidates + other.candidates) for clue, other in zip(clues, more, strict=True)
    ]
    before, after = worth(clues), worth(both)
    assert all(after[identity] >= confidence for identity, confidence in before.items())


@given(CLUES, st.integers(0, 2), st.integers(1, 40))
def test_more_visitors_who_share_evidence_never_make_an_identity_more_probable(
    clues: tuple[Clue, ...], which: int, further: int
) -> None:
    shared = [
        replace(clue, shared_by=clue.shared_by + further) if number == which else clue
        for number, clue in enumerate(clues)
    ]
    before, after = worth(clues), worth(shared)
    assert all(before[identity] >= confidence for identity, confidence in after.items())


@given(CLUES, st.integers(0, 400))
def test_older_evidence_never_makes_an_identity_more_probable(clues: tuple[Clue, ...], days: int) -> None:
    before, after = worth(clues), worth(clues, days)
    assert all(before[identity] >= confidence for identity, confidence in after.items())


@given(CLUES)
def test_weak_evidence_together_is_at_least_its_strongest_piece_and_at_most_the_cap_of_its_surest_kind(
    clues: tuple[Clue, ...],
) -> None:
    caps = {Method.FINGERPRINT: 0.79, Method.IP_BROWSER: 0.6, Method.IP: 0.4}
    for found in probably(clues, NOON, MANY):
        assert 0 < found.confidence <= max(caps[Method(piece.kind)] for piece in found.evidence)
        assert all(
            piece.strength == pytest.approx(math.prod(piece.arithmetic.values()), abs=1e-4) for piece in found.evidence
        )
        assert found.confidence >= max(piece.strength for piece in found.evidence)


def worth(clues: Sequence[Clue], days: int = 0) -> dict[str, float]:
    """The confidence of each identity, the given number of days after noon."""
    return {found.identity_id: found.confidence for found in probably(clues, NOON + timedelta(days=days), MANY)}


def test_weak_evidence_adds_up_to_at_most_the_cap_of_its_surest_kind() -> None:
    by_print = Clue(Method.FINGERPRINT, 5, (AT_ANNAS,))
    by_place = Clue(Method.IP_BROWSER, 1, (AT_ANNAS,))
    [alone] = probably([by_print], NOON, POLICY)
    [both] = probably([by_print, by_place], NOON, POLICY)
    assert alone.confidence == 0.3951
    assert (both.method, both.confidence) == (Method.FINGERPRINT, 0.6957)
    assert [piece.kind for piece in both.evidence] == ["fingerprint", "ip_browser"]


def test_a_kiosk_is_no_candidate() -> None:
    guests = [f"{int(NOON.timestamp())} {user}" for user in "abc"]
    clue = Clue(Method.IP_BROWSER, 1, (replace(AT_ANNAS, recent_users=guests),))
    assert probably([clue], NOON, POLICY) == ()


def test_evidence_is_no_surer_than_that_the_other_is_whom_it_leads_to() -> None:
    def worth(standing: float) -> float:
        tied = Candidate("tied", Standing("own", None, "own", standing, "own"), VISIT.at)
        return probably([Clue(Method.IP_BROWSER, 1, (tied,))], VISIT.at, POLICY)[0].confidence

    assert [worth(standing) for standing in (1.0, 0.88, 0.6, 0.5)] == [0.6, 0.6, 0.6, 0.5]
