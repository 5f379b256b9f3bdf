"""The population of hard situations, and the arithmetic of how honest confidences are."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench.accuracy import honesty, picture, seeds, summary
from bench.accuracy.honesty import Part
from bench.accuracy.replay import Replayed, Said, pairs, situation_of
from bench.population import situations
from bench.population.visits import Story

UNTIL = datetime(2026, 3, 4, tzinfo=UTC)


def small(seed: int = 1) -> Story:
    return situations.tell(seed=seed, scale=0.1, days=21, until=UNTIL, office_sizes=(5, 20))


def said(confidence: float, *, is_right: bool, asked: str = "later", method: str = "tied") -> Said:
    return Said("s", "office of 5", method, confidence, is_right, is_user=True, asked=asked)


def replayed(story: Story, **found: Any) -> Replayed:
    return Replayed(visitors=[(visit.device.name, visit.device.name, visit.at) for visit in story.visits], **found)


def test_a_seed_always_gives_the_same_situations_and_another_seed_gives_others() -> None:
    assert small() == small()
    assert {visit.message_id for visit in small().visits}.isdisjoint(visit.message_id for visit in small(2).visits)


def test_every_situation_is_there() -> None:
    story = small()
    counts = Counter(map(situation_of, story.visits))

    assert counts.keys() >= {
        "office of 5",
        "office of 20",
        "carrier NAT",
        "kiosks",
        "family browsers",
        "shared accounts",
        "private windows",
        "weekly clearing",
        "travellers",
        "log-outs",
        "bots",
        "ordinary households",
    }
    office = [visit for visit in story.visits if situation_of(visit) == "office of 20"]
    assert len({visit.device.name for visit in office}) > 5
    assert len({visit.address for visit in office}) == 1
    # Machines of one lot are updated together, so a fingerprint never comes back after the next one.
    shown = [visit.fingerprint["visitorId"] for visit in office]
    assert len(set(shown)) == 1 + sum(first != second for first, second in pairwise(shown))
    families = [visit for visit in story.visits if visit.device.kind == "family"]
    assert max(Counter(name for name, _ in {(v.device.name, v.person.name) for v in families if v.person}).values()) > 1
    clearing = [visit for visit in story.visits if situation_of(visit) == "weekly clearing"]
    assert any("cookies cleared" in visit.notes for visit in clearing)
    travelling = [visit for visit in story.visits if situation_of(visit) == "travellers"]
    assert len({visit.address for visit in travelling}) == len(travelling)


def test_a_confidence_is_compared_with_the_part_that_is_right() -> None:
    said = [(0.95, True), (0.92, True), (0.9, False), (0.55, True), (0.5, False)]

    sure = honesty.at_least(said, 0.9)
    assert (sure.right, sure.of) == (2, 3)
    assert sure.confidence == pytest.approx((0.95 + 0.92 + 0.9) / 3)
    assert honesty.diagram(said).keys() == {0.5, 0.9}
    assert honesty.diagram([(1.0, True), (0.6, True)]).keys() == {0.6, 0.9}
    # https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    assert Part(8, 10, 0.8).interval == pytest.approx((0.490, 0.943), abs=1e-3)
    assert Part(0, 0, 0.0).interval == (0.0, 1.0)


def test_naive_rules_make_an_office_one_person() -> None:
    story = small()
    by_fingerprint, by_address = (seeds.follow(story, rules) for rules in (1, 3))

    def of_office(found: seeds.Naive) -> int:
        users = {user for situation, user in summary.logins(story) if situation == "office of 20"}
        return sum(pair in found.merged for pair in pairs(users))

    assert of_office(by_fingerprint) > 10
    assert len(by_address.merged) >= len(by_fingerprint.merged)


def test_a_summary_is_honest_only_if_every_bound_is_right_often_enough() -> None:
    story = small()
    right = [said(0.95, is_right=True) for _ in range(9)]
    honest = summary.summarise(story, replayed(story, said=[*right, said(0.95, is_right=False)]))

    assert summary.is_honest(honest)
    assert not summary.is_honest(
        summary.summarise(story, replayed(story, said=[*right, *[said(0.95, is_right=False)] * 2]))
    )
    assert not summary.is_honest(summary.summarise(story, replayed(story, said=right, claimed_by_another=["s"])))
    [first, second, *_] = sorted({user for _, user in summary.logins(story)})
    assert not summary.is_honest(summary.summarise(story, replayed(story, said=right, merged={(first, second)})))


def test_the_picture_is_drawn_from_the_figures() -> None:
    story = small()
    found = summary.summarise(story, replayed(story, said=[said(0.95, is_right=True)] * 10))

    drawn = ET.fromstring(picture.svg(found, [(0.7, True)] * 5))  # noqa: S314 - our own text
    shown = " ".join(drawn.itertext())
    assert "browsers that change" in shown
    assert "identical laptops" in shown
    circles = [each for each in drawn.iter() if each.tag.endswith("circle")]
    # A point of each diagram, and two offices for two rules.
    assert len(circles) == 2 + 4
    assert any("0.950" in line for line in summary.report(found))
