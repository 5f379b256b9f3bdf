"""Who is whom, as reads answer by default, follows from what happened, and not from the order in which it arrived."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from graph.acts import identify, init, reads
from graph.acts.init import Initiated
from graph.database import Database
from graph.rules.probable import Bound
from tests import given
from tests.world import Graph

#: Everything is received, and asked for, in the evening of the day on which it happened.
EVENING = given.NOON + timedelta(hours=8)
BOUND = Bound.of(given.POLICY, EVENING)


class Visit(NamedTuple):
    jar: str
    fingerprint: str
    address: str
    at: datetime


class Login(NamedTuple):
    visit: Visit
    user: str
    at: datetime


def day(chance: random.Random) -> list[Visit | Login]:
    """Return what happened on a day, in time order.

    There are three browsers, two of them at one address, and sometimes others come there: one, or a crowd. Each browser

    - loses its cookies up to twice, or turns out to be seven laptops that all come back,
    - has a user who logs in now and then, or, if it keeps its cookies, two or three.

    Several users of a browser that loses its cookies are left out: whose what is between them still depends on what
    arrives first.
    """
    happened: list[Visit | Login] = []

    def at(earliest: int = 0, latest: int = 6) -> datetime:
        return given.NOON + timedelta(seconds=chance.randrange(earliest * 3600, latest * 3600))

    for number, address in enumerate(["203.0.113.1", "203.0.113.1", "203.0.113.2"]):
        jars = chance.choice([1, 1, 2, 3, 7])
        for jar in range(jars):
            times = [at() for _ in range(chance.choice([1, 1, 2, 3]))] if jars < 7 else [at(0, 2), at(4, 6)]
            visits = [Visit(f"jar {number} {jar}", f"fingerprint {number}", address, each) for each in sorted(times)]
            happened += visits
            users = chance.choice([1, 2, 3]) if jars == 1 else 1
            if chance.random() < 0.4:
                after = sorted(chance.sample(range(60), users))
                happened += [
                    Login(visits[0], f"user {number} {user}", visits[0].at + timedelta(seconds=seconds))
                    for user, seconds in enumerate(after)
                ]
    for number in range(chance.choice([0, 0, 1, 40])):
        happened.append(Visit(f"passer {number}", f"passer {number}", "203.0.113.1", at()))
    return sorted(happened, key=lambda one: one.at)


def shuffled(happened: Sequence[Visit | Login], chance: random.Random) -> list[Visit | Login]:
    """Return the same in another order, but a login after the visit whose session it is in."""
    order = {one: chance.random() for one in happened}
    for one in happened:
        if isinstance(one, Login):
            order[one] = max(order[one], order[one.visit] + 1e-9)
    return sorted(happened, key=lambda one: order[one])


def arrive(database: Database, arriving: Sequence[Visit | Login]) -> dict[Visit, str]:
    """Send it in this order, and return the session of each visit."""
    sessions: dict[Visit, str] = {}
    for one in arriving:
        if isinstance(one, Visit):
            visit = given.visit(at=one.at, jar=one.jar, fingerprint=one.fingerprint, address=one.address)
            [begun] = database.write(init.act, [given.arriving(visit, received_at=EVENING)])
            assert isinstance(begun, Initiated)
            sessions[one] = begun.session_id
        else:
            login = given.login(sessions[one.visit], one.user, at=one.at, received_at=EVENING)
            [done] = database.write(identify.act, [login])
            assert isinstance(done, identify.Identified), done
    return sessions


def known(database: Database, sessions: Mapping[Visit, str]) -> dict[Visit, object]:
    """Return who each visit is by default: a user, or else all visits that are the same somebody."""
    standings = {visit: database.read(reads.session, session_id, BOUND)[1] for visit, session_id in sessions.items()}
    together: dict[str, set[Visit]] = {}
    for visit, standing in standings.items():
        together.setdefault(standing.identity_id, set()).add(visit)
    return {visit: frozenset(together[standing.identity_id]) for visit, standing in standings.items()}


@pytest.mark.parametrize("seed", range(40))
def test_a_day_ends_the_same_in_whatever_order_it_arrives(seed: int, database: Database, graph: Graph) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seed repeats the day
    happened = day(chance)
    sessions = arrive(database, happened)
    in_order = known(database, sessions)
    for _ in range(2):
        graph.empty()
        in_another = known(database, arrive(database, shuffled(happened, chance)))
        assert in_another == in_order
