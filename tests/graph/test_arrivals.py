"""Who is whom, as reads answer, follows from what happened, and not from the order in which it arrived."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from graph.acts import identify, init, reads
from graph.acts.init import Initiated
from graph.database import Database
from graph.rules.probable import Bound
from tests import given
from tests.graph.test_splits import checked
from tests.world import Graph

#: Everything is received, and asked for, in the evening of the day on which it happened.
EVENING = given.NOON + timedelta(hours=8)
#: A small crowd is quicker to send.
POLICY = replace(given.POLICY, address_crowd=8)
BOUND = Bound.of(POLICY, EVENING)
#: What reads ask for. Below 0.5 the arrival counts (docs/identity-resolution.md#whatever-arrives-late).
BOUNDS = [Bound.of(POLICY, EVENING, asked) for asked in (0.5, 0.6, 0.8, 0.9)]
#: Days on which a kiosk turned out to be none, and an earlier tenure was first used late.
HARD = [41, 96]


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
    - has a user who logs in now and then, or two or three who take turns.
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
            if chance.random() < 0.4:
                users = [f"user {number} {user}" for user in chance.sample(range(3), chance.choice([1, 2, 3]))]
                after = sorted(chance.sample(range(60), len(users)))
                visit = chance.choice(visits)
                happened += [
                    Login(visit, user, visit.at + timedelta(seconds=seconds))
                    for user, seconds in zip(users, after, strict=True)
                ]
    for number in range(chance.choice([0, 0, 1, 2 * POLICY.address_crowd])):
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
            [begun] = database.write(init.act, [given.arriving(visit, received_at=EVENING, policy=POLICY)])
            assert isinstance(begun, Initiated)
            sessions[one] = begun.session_id
        else:
            login = given.login(sessions[one.visit], one.user, at=one.at, received_at=EVENING)
            [done] = database.write(identify.act, [given.arriving(login, policy=POLICY)])
            assert isinstance(done, identify.Identified), done
    return sessions


def known(database: Database, sessions: Mapping[Visit, str], bound: Bound) -> dict[Visit, object]:
    """Return who each visit is: its user, and all visits that are the same somebody.

    How sure that is depends on which visit was compared with which: of two nameless ones, the later to arrive is the
    other's, and so less sure than 1.
    """
    standings = {visit: database.read(reads.session, session_id, bound)[1] for visit, session_id in sessions.items()}
    together: dict[str, set[Visit]] = {}
    for visit, standing in standings.items():
        together.setdefault(standing.identity_id, set()).add(visit)
    return {
        visit: (standing.user_id, frozenset(together[standing.identity_id])) for visit, standing in standings.items()
    }


@pytest.mark.parametrize("seed", [*range(40), *HARD])
def test_a_day_ends_the_same_in_whatever_order_it_arrives(seed: int, database: Database, graph: Graph) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seed repeats the day
    happened = day(chance)
    sessions = arrive(database, happened)
    in_order = [known(database, sessions, bound) for bound in BOUNDS]
    for _ in range(2):
        graph.empty()
        sessions = arrive(database, shuffled(happened, chance))
        assert [known(database, sessions, bound) for bound in BOUNDS] == in_order


def browser(chance: random.Random) -> list[Visit | Login]:
    """Return what two users did in one browser, which loses its cookies, in time order."""
    jars = [f"jar {number}" for number in range(chance.choice([2, 3, 4]))]
    used = [jar for jar in jars for _ in range(chance.choice([1, 1, 2]))]
    chance.shuffle(used)
    minutes = sorted(chance.sample(range(0, 360, 10), len(used)))
    visits = [
        Visit(jar, "fingerprint", "203.0.113.1", given.NOON + timedelta(minutes=at))
        for jar, at in zip(used, minutes, strict=True)
    ]
    logins = [
        Login(visit, chance.choice(["anna", "ben"]), visit.at + timedelta(seconds=seconds))
        for visit, seconds in zip(chance.choices(visits, k=3), chance.sample(range(60, 540), 3), strict=True)
    ]
    return sorted([*visits, *logins[: chance.choice([1, 2, 3])]], key=lambda one: one.at)


def defined(happened: Sequence[Visit | Login]) -> dict[Visit, str | None]:
    """Return whose each visit is by the rules of docs/identity-resolution.md, or None if it is nobody's for sure.

    A jar's logins divide it; what was before the first is that one's, too. A jar without a login belongs to the user whom
    the browser had by its first visit, if it had one; else to whoever logged in first afterwards. Nothing belongs together
    if more than three jars were in use at once.
    """
    visits = [one for one in happened if isinstance(one, Visit)]
    logins = [one for one in happened if isinstance(one, Login)]
    of_jar = {visit.jar: [other.at for other in visits if other.jar == visit.jar] for visit in visits}
    known = [times for times in of_jar.values() if len(times) > 1]
    is_one_machine = all(sum(min(other) <= at <= max(other) for other in known) <= 3 for times in known for at in times)
    users: dict[Visit, str | None] = {}
    for visit in visits:
        own = [login for login in logins if login.visit.jar == visit.jar]
        by_then = [login for login in own if login.at <= visit.at]
        first_seen = min(of_jar[visit.jar])
        seen = {login.user for login in logins if login.at <= first_seen}
        later = [login.user for login in logins if login.at > first_seen]
        if own:
            users[visit] = (by_then[-1] if by_then else own[0]).user
        elif not is_one_machine or len(seen) > 1:
            users[visit] = None
        else:
            users[visit] = next(iter(seen), None) or next(iter(later), None)
    return users


@pytest.mark.parametrize("seed", range(40))
def test_a_shared_browsers_visits_are_whose_the_definition_says_in_whatever_order_they_arrive(
    seed: int, database: Database, graph: Graph
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seed repeats the day
    happened = browser(chance)
    for _ in range(2):
        graph.empty()
        sessions = arrive(database, shuffled(happened, chance))
        standings = {visit: database.read(reads.session, id_, BOUND)[1] for visit, id_ in sessions.items()}
        assert {visit: standing.user_id for visit, standing in standings.items()} == defined(happened)
        assert checked(database) == []
