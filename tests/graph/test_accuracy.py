"""The benchmark of how right the service is, on a few made-up browsers: the same code, and the same graph."""

import pytest

from bench.accuracy import drift, linkers
from bench.accuracy.metrics import Linking
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
