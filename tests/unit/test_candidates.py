"""How likely two visitors are one person's, by where and when both were."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import CHECKOUT
from graph.rules.candidates import Meeting, Resemblance, weigh
from tests.given import POLICY

HOME = [Meeting("203.0.113.20", f"2026-03-0{day}", 1, 1) for day in (4, 5, 6)]
MEETINGS = st.lists(
    st.builds(
        Meeting,
        st.sampled_from(["home", "work", "train"]),
        st.dates().map(str),
        hours=st.integers(0, 24),
        shared_by=st.integers(1, 60),
    ),
    unique_by=lambda met: (met.address, met.day),
    max_size=20,
)


def weighed(meetings: list[Meeting], *, is_same_class: bool = False) -> Resemblance:
    return weigh(meetings, is_same_class=is_same_class, policy=POLICY)


def test_the_example_of_the_page_is_what_the_code_computes() -> None:
    found = weighed(HOME)
    [home] = found.addresses
    log_odds = sum(found.arithmetic.values())

    assert (home.days, home.hours, home.shared_by) == (("2026-03-04", "2026-03-05", "2026-03-06"), 3, 1)
    page = " ".join((CHECKOUT / "docs" / "identity-resolution.md").read_text(encoding="utf-8").split())
    assert f"The sum is {home.weight:.0f}. The log-odds are \N{MINUS SIGN}2.7 + 1.8 × log₂ 7 = {log_odds:.2f}" in page
    assert f"so the confidence is {found.confidence:.2f}." in page
    assert found.confidence == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1e-4)


@given(MEETINGS, st.data())
def test_more_agreement_never_lowers_and_order_makes_no_difference(
    meetings: list[Meeting], data: st.DataObject
) -> None:
    fewer = meetings[: data.draw(st.integers(0, len(meetings)))]
    shuffled = data.draw(st.permutations(meetings))
    longer = [replace(met, hours=met.hours + 1) for met in meetings]

    found = weighed(meetings)
    assert weighed(fewer).confidence <= found.confidence
    assert weighed(longer).confidence >= found.confidence
    assert weighed(shuffled) == found
    assert 0.0 <= found.confidence <= 1.0


@given(MEETINGS)
def test_the_more_others_there_the_less_it_says(meetings: list[Meeting]) -> None:
    busier = [replace(met, shared_by=met.shared_by + 1) for met in meetings]
    assert weighed(busier).confidence <= weighed(meetings).confidence
    crowd = [replace(met, shared_by=POLICY.address_crowd) for met in meetings]
    assert weighed(crowd).confidence == weighed([]).confidence


@given(MEETINGS)
def test_two_devices_of_one_class_are_less_likely_one_persons(meetings: list[Meeting]) -> None:
    alike = weighed(meetings, is_same_class=True)
    assert alike.confidence <= weighed(meetings).confidence
    # Two laptops that are always at one home may be two people's who live there.
    assert alike.against([]).confidence <= 0.5


def test_who_never_met_is_not_offered() -> None:
    assert weighed([]).confidence < POLICY.candidate_confidence_min


def test_of_two_laptops_at_home_each_is_the_phones_owners_half_as_likely() -> None:
    found = weighed(HOME)
    alone, beside = found.against([]), found.against([found])

    assert alone.confidence == found.confidence == 0.9132
    assert beside.arithmetic == {**found.arithmetic, "rivals": -2.444}
    assert beside.confidence == 0.4773


@given(MEETINGS, MEETINGS, MEETINGS)
def test_rivals_lower_and_more_agreement_never_does(
    meetings: list[Meeting], rival: list[Meeting], another: list[Meeting]
) -> None:
    found, rivals = weighed(meetings), [weighed(rival), weighed(another)]
    assert found.against(rivals).confidence <= found.against(rivals[:1]).confidence <= found.confidence
    assert weighed(meetings[:-1]).against(rivals).confidence <= found.against(rivals).confidence
    assert found.against(rivals) == found.against(rivals[::-1])
