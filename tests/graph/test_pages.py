"""Lists come page by page, whatever the size of the page, with nothing twice, missing or out of order at ties."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from graph.acts import init, relationships, track
from graph.acts.journeys import Asked, of_visitor
from graph.acts.relationships import Wanted
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.rules.decay import shown
from graph.rules.probable import Bound
from graph.rules.relationships import Source
from graph.rules.times import BEGINNING, END
from graph.store import relationships as store
from graph.store import users
from graph.store.relationships import Place
from graph.transaction import Transaction
from tests import given
from tests.world import Graph

NOW = given.NOON + timedelta(days=400)


@pytest.fixture
def visitors(database: Database) -> list[str]:
    begun = database.write(init.act, [given.visit() for _ in range(40)])
    return [one.visitor_id for one in begun if isinstance(one, init.Initiated)]


def associate(database: Database, pairs: list[tuple[str, str]]) -> None:
    """Of five days, so that many are equally strong."""
    associations = [
        relationships.Association(
            user, visitor, Source.CLAIMED, given.NOON + timedelta(days=number % 5 * 90), given.POLICY
        )
        for number, (user, visitor) in enumerate(pairs)
    ]

    def act(tx: Transaction) -> None:
        users.lock(tx, [(user, f"i-{user}") for user, _ in pairs], given.NOON)
        relationships.associate(tx, associations)

    database.write(act)


def pages(
    database: Database, page: Callable[[Transaction, Place | None], list[store.Listed]], size: int
) -> list[store.Listed]:
    """All pages of a list, one after the other."""
    found: list[store.Listed] = []
    last: Place | None = None
    while read := database.read(page, last):
        assert len(read) <= size
        found += read
        last = Place(read[-1].rank, read[-1].other_id)
    return found


@pytest.mark.parametrize("size", [1, 7, 40, 100])
@pytest.mark.parametrize("bound", [0, 30, 60])
def test_a_users_visitors_come_strongest_first(database: Database, visitors: list[str], size: int, bound: int) -> None:
    associate(database, [("anna", visitor) for visitor in visitors] + [("ben", visitors[0])])

    def page(tx: Transaction, after: Place | None) -> list[store.Listed]:
        return relationships.of_user(
            tx,
            "anna",
            wanted=Wanted(confidence_min=bound),
            after=after,
            limit=size,
            now=NOW,
            policy=given.POLICY,
        )

    found = pages(database, page, size)
    assert found == sorted(found, key=lambda one: (one.rank, one.other_id), reverse=True)
    everything = database.read(store.of_user, "anna", after=relationships.LIST_START, limit=100)
    assert everything is not None
    assert len(everything) == len(visitors)
    half_life = given.POLICY.relationship_half_life_days
    assert found == [one for one in everything if shown(one.rank, NOW, half_life) >= bound]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_visitors_users_come_strongest_first(database: Database, visitors: list[str], size: int) -> None:
    users = [f"user-{number:02d}" for number in range(30)]
    associate(database, [(user, visitors[0]) for user in users] + [(users[0], visitors[1])])

    def page(tx: Transaction, after: Place | None) -> list[store.Listed]:
        return relationships.of_visitor(tx, visitors[0], after=after, limit=size, now=NOW, policy=given.POLICY)

    found = pages(database, page, size)
    assert found == sorted(found, key=lambda one: (one.rank, one.other_id), reverse=True)
    assert sorted(one.other_id for one in found) == users


@pytest.mark.parametrize("first_part", [1, 3, 100])
@pytest.mark.parametrize("bytes_max", [0, 11, 10_000])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_journey_with_many_events_of_one_moment_is_whole_and_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch, size: int, bytes_max: int, first_part: int
) -> None:
    monkeypatch.setattr("graph.acts.journeys.FIRST_PART", first_part)
    monkeypatch.setattr("graph.acts.journeys.FIRST_STREAMS", first_part)
    visits = [given.visit(fingerprint="f-1") for _ in range(3)]
    begun = [one for visit in visits for one in database.write(init.act, [visit])]
    events = [
        given.event(visits[number % 3].arrival.ids.session, at=given.NOON + timedelta(milliseconds=number // 10))
        for number in range(45)
    ]
    for recorded in database.write(track.act, events):
        assert not isinstance(recorded, IdentityGraphError)
    visitor = begun[0]
    assert isinstance(visitor, init.Initiated)

    found: list[str] = []
    after, more = (BEGINNING, ""), True
    while more:
        asked = Asked(visitor.visitor_id, after, END, Bound.of(given.POLICY, given.NOON, 0.0), size, bytes_max)
        read = database.read(of_visitor, asked)
        assert len(read.items) <= size
        assert len(read.items) == 1 or sum(touch.size for touch in read.items) <= bytes_max
        found += [touch.event.event_id for touch in read.items]
        after, more = (read.items[-1].event.at, found[-1]), read.has_more
    assert found == [event.event_id for event in sorted(events, key=lambda event: (event.arrival.at, event.event_id))]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_page_of_a_journey_is_full_unless_it_is_the_last(database: Database, graph: Graph, size: int) -> None:
    """An erasure that is under way may have left events without their session."""
    visit = given.visit()
    [begun] = database.write(init.act, [visit])
    assert isinstance(begun, init.Initiated)
    events = [
        given.event(visit.arrival.ids.session, at=given.NOON + timedelta(milliseconds=number // 5))
        for number in range(30)
    ]
    database.write(track.act, events)
    graph.rows(
        "MATCH (:Session)-[recorded:RECORDED]->(e:Event) WITH recorded ORDER BY e.at, e.event_id LIMIT 12 DELETE recorded"
    )
    ordered = sorted(events, key=lambda event: (event.arrival.at, event.event_id))[12:]

    found: list[str] = []
    after, more = (BEGINNING, ""), True
    while more:
        asked = Asked(begun.visitor_id, after, END, Bound.of(given.POLICY, given.NOON, 0.0), size, 10_000)
        read = database.read(of_visitor, asked)
        assert len(read.items) == min(size, len(ordered) - len(found))
        found += [touch.event.event_id for touch in read.items]
        after, more = (read.items[-1].event.at, found[-1]), read.has_more
    assert found == [event.event_id for event in ordered]
