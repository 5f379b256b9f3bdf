"""The benchmark of how right the service is, on a few made-up browsers and people: the same code, and the same graph."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.accuracy import cross_device, drift, honesty, labels, linkers, summary
from bench.accuracy.metrics import Linking
from bench.accuracy.replay import replay
from bench.population import situations
from graph.database import Database
from tests import given


def linked(visits: list[drift.Visit], link: linkers.Linker) -> Linking:
    return Linking.of((visit.shown.browser, link(visit)) for visit in visits)


def test_browsers_that_change_are_recognised_and_no_two_are_one(database: Database) -> None:
    visits = drift.visits(drift.make(seed=3, browsers=12), every_days=2)
    found, naive = linked(visits, linkers.acts(database, given.POLICY)), linked(visits, linkers.exact())

    assert found.browsers == 12
    assert found.ownership == found.precision == 1.0
    assert found.ids < naive.ids / 3
    assert found.f1 > 0.9


def test_candidates_are_right_more_often_than_simple_rules_are(database: Database) -> None:
    """The made-up people share homes, an office that is a crowd, and a carrier's addresses."""
    devices = cross_device.make(seed=5, people=12)
    sure = cross_device.by_service(database, given.POLICY, devices)
    found = cross_device.right(cross_device.chosen(sure, 0.5), devices)
    naive = cross_device.by_jaccard(devices)

    assert found.precision > 0.7
    assert found.f1 > cross_device.right(cross_device.chosen(naive, 0.5), devices).f1
    assert found.f1 <= cross_device.most_possible(devices).f1


def test_links_are_measured_as_in_a_worked_example() -> None:
    at_home = [("m-1", 0, "home"), ("d-1", 60, "home"), ("m-2", 0, "work"), ("d-2", 2 * cross_device.DAY, "work")]
    devices = cross_device.Devices(cross_device.visits(at_home), {"m-1": "1", "d-1": "1", "m-2": "2", "d-2": "2"})

    assert devices.true_links == {("m-1", "d-1"), ("m-2", "d-2")}
    assert cross_device.by_days(devices) == {("m-1", "d-1"): 1.0}
    assert cross_device.by_jaccard(devices) == {("m-1", "d-1"): 1.0, ("m-2", "d-2"): 1.0}
    assert cross_device.chosen({("m-1", "d-1"): 0.9, ("m-1", "d-2"): 0.8, ("m-2", "d-2"): 0.4}, 0.5) == [("m-1", "d-1")]
    half = cross_device.right([("m-1", "d-1"), ("m-2", "d-1")], devices)
    assert (half.links, half.precision, half.recall, half.f1) == (2, 0.5, 0.5, 0.5)


def test_a_rest_of_half_an_hour_and_a_new_address_begin_a_visit() -> None:
    seen = [("m-1", at, where) for at, where in ((0, "a"), (1_800, "a"), (3_601, "a"), (3_700, "b"))]
    assert [(visit.address, visit.at, visit.until) for visit in cross_device.visits(seen)] == [
        ("a", 0, 1_800),
        ("a", 3_601, 3_601),
        ("b", 3_700, 3_700),
    ]


def test_in_a_population_no_two_users_are_one_and_confidences_are_right_as_often_as_they_say(
    database: Database,
) -> None:
    until = datetime(2026, 3, 4, tzinfo=UTC)
    story = situations.tell(seed=3, scale=0.05, days=28, until=until, office_sizes=(5,))
    found = summary.summarise(story, replay(database, story, given.POLICY))

    assert found.users > 50
    assert found.claimed_by_another == 0
    assert sum(found.merged[summary.SERVICE].values()) == 0
    assert sum(found.merged["seeds: fingerprint"].values()) > 20
    parts = found.by_bound["a user or a known browser"]
    assert {bound: part for bound, part in parts.items() if part.of < 15 or part.precision < bound} == {}
    # It says something, too.
    assert parts[0.5].right > 50
    naive = honesty.at_least(found.naive["seeds: fingerprint"], 0.8)
    assert naive.precision < 0.7 < parts[0.8].precision


def test_the_figures_are_those_of_a_worked_example() -> None:
    found = Linking.of([("a", "1"), ("a", "1"), ("a", "2"), ("b", "2"), ("b", "2")])

    # Of 10 pairs, 1 + 3 are said to be one browser's, 3 + 1 are, and 1 + 1 both.
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert found.ids == 1.5
    assert found.ownership == pytest.approx((1 + 2 / 3) / 2)
    assert (found.browsers, found.visits) == (2, 5)


def test_what_is_made_up_is_the_same_again_and_changes_as_measured() -> None:
    made = drift.make(seed=1, browsers=30)
    assert made == drift.make(seed=1, browsers=30)
    assert made != drift.make(seed=2, browsers=30)
    lately = drift.lately(drift.visits(made, every_days=1), days=5, until=1_000_000)
    assert max(visit.at for visit in lately) == 1_000_000
    assert min(visit.at for visit in lately) > 1_000_000 - 5 * drift.DAY


def test_the_labels_of_clusters_say_what_groups_truly_are(database: Database) -> None:
    """The figures are those of docs/clusters.md, which says why no label can be right more often here."""
    story = situations.tell(seed=1, scale=0.05, days=14, until=datetime(2026, 11, 1, tzinfo=UTC), office_sizes=(5, 20))
    replayed = replay(database, story, given.POLICY)
    found = {each.label: each for each in labels.judge(database, story, replayed, given.POLICY)}
    small = replace(given.POLICY, cluster_household_max=4)
    kiosk = next(each for each in labels.judge(database, story, replayed, small) if each.label == "kiosk")

    for name in ("household", "shared_device", "kiosk"):
        assert (found[name].wrong, found[name].missed) == ((), ()), found[name]
    assert (found["household"].labelled, found["shared_device"].labelled, found["kiosk"].labelled) == (1, 5, 1)
    assert (kiosk.labelled, kiosk.expected, kiosk.wrong, kiosk.missed) == (4, 2, (), ())
    several = found["several_devices"]
    assert (several.labelled, len(several.wrong), several.expected, len(several.missed)) == (6, 1, 8, 2)
