"""Whatever is stated, logged in, collected, merged, split, released, hidden and swept in whatever order: the lists are a plain model's.

Hypothesis makes up the stories and shortens the one that fails; the database is a real one.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app import jobs
from graph.acts import init, merge, put, relationships, release, split, tenants, visibility
from graph.database import Database
from graph.errors import NotFound, Refused
from graph.rules.decay import shown
from graph.rules.policy import Policy
from tests import given
from tests.world import Graph

TTL, LEAST, HALF_LIFE = 100, 5.0, 30.0
POLICY = Policy(relationship_ttl_days=TTL, relationship_confidence_min=LEAST, relationship_half_life_days=HALF_LIFE)
FIRST_AND_CAP = {"claimed": (95.0, 98.0), "collected": (70.0, 90.0)}
USERS = st.sampled_from(["anna", "ben", "carl"])
NUMBERS = st.integers(min_value=0, max_value=7)
VISITORS_MAX = JARS_MAX = 8

#: One association: its source, when, and the figure that a statement gave.
Seen = tuple[str, datetime, float]
#: What is told of a relationship: its figure now, how often, first, last, and the surest source.
Told = tuple[int, int, datetime, datetime, str]


@dataclass
class NotCounted:
    """A user id that was collected where it was said that the user is not on `barring`, then or since.

    An unmerge counts it if it leaves the jar's visitor with none of these.
    """

    user: str
    jar: str
    at: datetime
    barring: set[str]


class Relationships(RuleBasedStateMachine):
    """The acts on a real graph, beside a model that keeps every association where it was made: a jar, or by statement a visitor."""

    database: Database
    graph: Graph

    @initialize()
    def begin(self) -> None:
        self.graph.empty()
        self.now = given.NOON
        self.visitors: list[str] = []
        #: Each jar and the visitor that it is in.
        self.home: dict[str, str] = {}
        #: By user, and jar or visitor.
        self.seen: dict[tuple[str, str], list[Seen]] = {}
        self.stated: set[datetime] = set()
        self.swept = self.now
        self.into: dict[str, str] = {}
        #: By user and jar.
        self.claims: set[tuple[str, str]] = set()
        #: By each user and visitor of which it was said that they do not go together: the visitors where that was
        #: contradicted since. It holds while there are none.
        self.forbidden: dict[tuple[str, str], set[str]] = {}
        self.refused: list[NotCounted] = []
        #: On which visitor it was said that a user is not to be shown there, and of whom at all.
        self.hidden: set[tuple[str, str]] = set()
        self.nobody: set[str] = set()
        self.known: set[str] = set()
        overrides = {name: getattr(POLICY, name) for name in ("relationship_ttl_days", "relationship_confidence_min")}
        tenants.create_tenant(self.database, given.TENANT, secret_key="x" * 32, now=self.now)
        tenants.configure(self.database, given.TENANT, {}, {**overrides, "relationship_half_life_days": HALF_LIFE})
        self.visit()
        self.visit()

    @rule()
    def visit(self) -> None:
        self.visit_with(f"f-{len(self.home)}")

    @rule(number=NUMBERS)
    def visit_without_its_cookies(self, number: int) -> None:
        self.visit_with(f"f-{number % len(self.home)}")

    @rule(user=USERS, number=NUMBERS, figure=st.integers(min_value=1, max_value=100))
    def state(self, user: str, number: int, figure: int) -> None:
        visitor = self.visitor(number)
        # Two statements of one moment would be in no order.
        while self.now in self.stated:
            self.now += timedelta(seconds=1)
        self.stated.add(self.now)
        command = given.put(user, visitor, confidence=float(figure), at=self.now)
        [stated] = self.database.write(put.act, [replace(command, policy=POLICY)])
        assert isinstance(stated, put.Stated)
        self.allow(user, visitor)
        self.saw(user, visitor, "stated", float(figure))

    @rule(user=USERS, number=NUMBERS)
    def log_in(self, user: str, number: int) -> None:
        jar = self.jar(number)
        login = given.login(self.again(jar), user, at=self.now)
        self.database.write(given.log_in, given.arriving(login, policy=POLICY))
        self.claims.add((user, jar))
        self.allow(user, self.home[jar])
        self.saw(user, jar, "claimed")

    @rule(user=USERS, number=NUMBERS)
    def collect(self, user: str, number: int) -> None:
        jar = self.jar(number)
        self.again(jar, user)
        barring = {one for one in self.group(self.root(self.home[jar])) if self.forbidden.get((user, one)) == set()}
        if barring:
            self.refused.append(NotCounted(user, jar, self.now, barring))
        else:
            self.saw(user, jar, "collected")

    @rule(one=NUMBERS, other=NUMBERS)
    def merge(self, one: int, other: int) -> None:
        source, into = self.root(self.visitor(one)), self.root(self.visitor(other))
        command = given.merge(self.visitor(one), self.visitor(other), at=self.now, force=True)
        merged = self.database.write(merge.act, replace(command, policy=POLICY))
        assert (merged.visitor_id, merged.changed) == (into, source != into)
        if source != into:
            sides = self.group(source), self.group(into)
            for (user, visitor), contradicting in self.forbidden.items():
                for side, across in (sides, sides[::-1]):
                    if visitor in side:
                        contradicting.update(each for each in across if self.seen_on(user, each))
            self.into[source] = into
            self.forget_what_hides_nothing()

    @rule(number=NUMBERS)
    def split(self, number: int) -> None:
        # Most are not merged: it would seldom be undone.
        merged = list(self.into) or self.visitors
        visitor = merged[number % len(merged)]
        if visitor in self.into:
            self.database.write(split.act, replace(given.split(visitor, at=self.now), policy=POLICY))
            root = self.root(visitor)
            group = self.group(root)
            users = {
                user for user in self.known if self.all_of(user, root) or self.forbidden.keys() & self.pairs(user, root)
            }
            del self.into[visitor]
            self.forbid_again()
            self.count_what_was_refused(users, group)
            self.forget_what_hides_nothing()
        else:
            with pytest.raises(Refused, match="merged into no other"):
                self.database.write(split.act, given.split(visitor, at=self.now))

    @precondition(lambda self: self.parts())
    @rule(number=NUMBERS, other=NUMBERS)
    def take_out(self, number: int, other: int) -> None:
        jar = self.parts()[number % len(self.parts())]
        home = self.home[jar]
        group = self.group(self.root(home))
        command = given.split(group[other % len(group)], jar_id=jar, at=self.now)
        apart = self.database.write(split.act, replace(command, policy=POLICY))
        assert (apart.visitor_id, apart.split_off_id is None) == (home, False)
        new = str(apart.split_off_id)
        self.visitors.append(new)
        self.home[jar] = new
        # What was said of the one is said of both.
        for (user, one), contradicting in list(self.forbidden.items()):
            if one == home:
                self.forbidden[user, new] = {new if other == home else other for other in contradicting}
            if home in contradicting and self.root(one) == self.root(home) and self.seen_on(user, new):
                contradicting.add(new)
                if not self.seen_on(user, home):
                    contradicting.remove(home)
        for refused in self.refused:
            refused.barring.update({new} if home in refused.barring else ())
        self.forbid_again()
        for user in [user for user, one in self.hidden if one == home]:
            if self.seen_on(user, new):
                self.hidden.add((user, new))
            if not self.seen_on(user, home) and self.all_of(user, self.root(home)):
                # It is hidden anew on the survivor, and on all that is left of it if the survivor has nothing of it.
                root = self.root(home)
                left = [] if self.seen_on(user, root) else [one for one in self.group(root) if self.seen_on(user, one)]
                self.hidden |= {(user, one) for one in (root, *left)}
        self.forget_what_hides_nothing()

    @precondition(lambda self: self.related())
    @rule(number=NUMBERS, other=NUMBERS, visible=st.booleans())
    def show(self, number: int, other: int, visible: bool) -> None:  # noqa: FBT001
        user, root = self.related()[number % len(self.related())]
        visitor = self.group(root)[other % len(self.group(root))]
        command = replace(given.hiding(user, visitor, at=self.now), visible=visible, policy=POLICY)
        named = next(({one} for one in (visitor, root) if self.seen_on(user, one)), None)
        named = named or {root, *(one for one in self.group(root) if self.seen_on(user, one))}
        pairs = {(user, one) for one in named}
        self.hidden = self.hidden - pairs if visible else self.hidden | pairs
        shown = self.database.write(visibility.act, command)
        assert shown.visible is self.hidden.isdisjoint(self.pairs(user, visitor))

    @rule(user=USERS, visible=st.booleans())
    def show_user(self, user: str, visible: bool) -> None:  # noqa: FBT001
        command = replace(given.hiding(user, at=self.now), visible=visible, policy=POLICY)
        if user not in self.known:
            with pytest.raises(NotFound):
                self.database.write(visibility.act, command)
            return
        self.database.write(visibility.act, command)
        self.nobody = self.nobody - {user} if visible else self.nobody | {user}

    @rule(user=USERS, number=NUMBERS)
    def release(self, user: str, number: int) -> None:
        visitor = self.visitor(number)
        command = replace(given.release(user, visitor, at=self.now), policy=POLICY)
        pairs = self.pairs(user, visitor)
        places = {(user, place) for one in self.group(self.root(visitor)) for place in self.places(one)}
        theirs = {
            (user, one)
            for _, one in pairs
            if self.seen_on(user, one) or any((user, jar) in self.claims for jar in self.jars(one))
        }
        if theirs:
            self.database.write(release.act, command)
            self.forbid(theirs | {(user, visitor)})
        else:
            with pytest.raises(NotFound):
                self.database.write(release.act, command)
        self.close(user, self.root(visitor))
        self.claims -= places
        self.hidden -= pairs

    @rule(days=st.integers(min_value=1, max_value=60))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(seconds=st.integers(min_value=-9, max_value=9))
    def go_by_another_clock(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.seen)
    @rule()
    def sweep(self) -> None:
        # By a clock that is behind the lease of the run before it would not be over.
        self.now = self.swept = max(self.now, self.swept)
        over = {
            (user, root)
            for user, root in self.related()
            if self.hidden.isdisjoint(self.pairs(user, root)) and self.is_over(user, root)
        }
        done = jobs.run(self.database, given.TENANT, "sweep", clock=lambda: self.now, new_id=lambda: given.ids().change)
        assert done == len(over)
        for user, root in over:
            self.close(user, root)

    @invariant()
    def both_look_ups_are_the_models(self) -> None:
        users = sorted(self.known - self.nobody)
        roots = sorted({self.root(visitor) for visitor in self.visitors})
        expected = {
            (user, root): self.told(user, root)
            for user, root in self.related()
            if user not in self.nobody and self.hidden.isdisjoint(self.pairs(user, root))
        }
        assert {pair: told for user in users for pair, told in self.of_user(user)} == expected
        assert {pair: told for root in roots for pair, told in self.of_visitor(root)} == expected
        for visitor in self.into:
            by_its_own_id, by_the_survivors = self.of_visitor(visitor), self.of_visitor(self.root(visitor))
            assert [told for _, told in by_its_own_id] == [told for _, told in by_the_survivors]
        for user in self.nobody:
            with pytest.raises(NotFound):
                list(self.of_user(user))

    # What the model knows.

    def visitor(self, number: int) -> str:
        return self.visitors[number % len(self.visitors)]

    def jar(self, number: int) -> str:
        return list(self.home)[number % len(self.home)]

    def jars(self, visitor: str) -> list[str]:
        return [jar for jar, home in self.home.items() if home == visitor]

    def parts(self) -> list[str]:
        """The jars that are not all there is of their visitor."""
        return [jar for jar, home in self.home.items() if len(self.jars(home)) > 1]

    def places(self, visitor: str) -> list[str]:
        """Where something can be known of a user on a visitor: the visitor itself, and each of its jars."""
        return [visitor, *self.jars(visitor)]

    def visit_with(self, fingerprint: str) -> None:
        """A first visit; whom it is taken for is not what is looked at here."""
        if len(self.home) >= JARS_MAX or len(self.visitors) >= VISITORS_MAX:
            return
        visit = given.visit(at=self.now, fingerprint=fingerprint)
        [begun] = self.database.write(init.act, [given.arriving(visit, policy=POLICY)])
        assert isinstance(begun, init.Initiated)
        [row] = self.graph.rows("MATCH (:Jar {jar_id: $jar})-[:IN]->(v) RETURN v.visitor_id AS id", jar=visit.jar_id)
        if row["id"] not in self.visitors:
            self.visitors.append(row["id"])
        self.home[visit.jar_id] = row["id"]
        assert begun.visitor_id == self.root(row["id"])

    def again(self, jar: str, user: str | None = None) -> str:
        visit = given.visit(at=self.now, jar=jar, user_id=user)
        [begun] = self.database.write(init.act, [given.arriving(visit, policy=POLICY)])
        assert isinstance(begun, init.Initiated)
        assert begun.visitor_id == self.root(self.home[jar])
        return begun.session_id

    def saw(self, user: str, place: str, source: str, figure: float = 0.0) -> None:
        self.seen.setdefault((user, place), []).append((source, self.now, figure))
        self.known.add(user)

    def seen_on(self, user: str, visitor: str) -> list[Seen]:
        return [one for place in self.places(visitor) for one in self.seen.get((user, place), [])]

    def related(self) -> list[tuple[str, str]]:
        roots = {self.root(visitor) for visitor in self.visitors}
        return [(user, root) for user in sorted(self.known) for root in sorted(roots) if self.all_of(user, root)]

    def forget_what_hides_nothing(self) -> None:
        """It is said of what is known on a visitor, or of what all that are one with it come to."""
        self.hidden = {
            (user, one)
            for user, one in self.hidden
            if self.seen_on(user, one) or (self.root(one) == one and self.all_of(user, one))
        }

    def allow(self, user: str, visitor: str) -> None:
        for pair in self.forbidden.keys() & self.pairs(user, visitor):
            self.forbidden[pair].add(visitor)

    def forbid(self, pairs: set[tuple[str, str]]) -> None:
        for user, visitor in pairs:
            self.forbidden[user, visitor] = set()
            for refused in self.refused:
                refused.barring.update({visitor} if refused.user == user else ())

    def forbid_again(self) -> None:
        """What was contradicted holds again once none of those that contradict it is one with the visitor."""
        self.forbid(
            {
                (user, one)
                for (user, one), contradicting in self.forbidden.items()
                if contradicting and contradicting.isdisjoint(self.group(self.root(one)))
            }
        )

    def count_what_was_refused(self, users: set[str], visitors: list[str]) -> None:
        """Count what nothing bars any more; only users who are known where the merge was, or barred there, are looked at."""
        for one in list(self.refused):
            home = self.home[one.jar]
            if one.user in users and home in visitors and one.barring.isdisjoint(self.group(self.root(home))):
                self.refused.remove(one)
                self.seen.setdefault((one.user, one.jar), []).append(("collected", one.at, 0.0))

    def close(self, user: str, root: str) -> None:
        """What is known of the user is over. What was refused is, too, on a visitor on which something is known."""
        for visitor in self.group(root):
            if self.seen_on(user, visitor):
                over = {(user, jar) for jar in self.jars(visitor)}
                self.refused = [one for one in self.refused if (one.user, one.jar) not in over]
            for place in self.places(visitor):
                self.seen.pop((user, place), None)

    def pairs(self, user: str, visitor: str) -> set[tuple[str, str]]:
        return {(user, one) for one in self.group(self.root(visitor))}

    def root(self, visitor: str) -> str:
        while visitor in self.into:
            visitor = self.into[visitor]
        return visitor

    def group(self, root: str) -> list[str]:
        return [visitor for visitor in self.visitors if self.root(visitor) == root]

    def worth(self, seen: list[Seen]) -> float:
        """Before age takes from it: the latest statement, else the surest of the other sources."""
        stated = [(at, figure) for source, at, figure in seen if source == "stated"]
        if stated:
            return max(stated)[1]
        counts = {name: sum(source == name for source, _, _ in seen) for name in FIRST_AND_CAP}
        return max(
            cap - (cap - first) * math.exp2(-(counts[name] - 1) / 3)
            for name, (first, cap) in FIRST_AND_CAP.items()
            if counts[name]
        )

    def all_of(self, user: str, root: str) -> list[Seen]:
        return [one for visitor in self.group(root) for one in self.seen_on(user, visitor)]

    def told(self, user: str, root: str) -> Told:
        seen = self.all_of(user, root)
        times = [at for _, at, _ in seen]
        age_days = (self.now - max(times)).total_seconds() / 86_400
        figure = max(1, math.floor(self.worth(seen) * math.exp2(-age_days / HALF_LIFE) + 0.5))
        source = next(name for name in ("stated", "claimed", "collected") if any(one[0] == name for one in seen))
        return figure, len(seen), min(times), max(times), source

    def is_over(self, user: str, root: str) -> bool:
        seen = self.all_of(user, root)
        age_days = (self.now - max(at for _, at, _ in seen)).total_seconds() / 86_400
        # What was stated to be so little from the first has not faded.
        return age_days > TTL or self.worth(seen) * math.exp2(-age_days / HALF_LIFE) < LEAST <= self.worth(seen)

    # What the service tells.

    def of_user(self, user: str) -> Iterator[tuple[tuple[str, str], Told]]:
        found = self.database.read(
            relationships.of_user,
            user,
            after=None,
            limit=100,
            now=self.now,
            policy=POLICY,
        )
        for one in found:
            figure = shown(one.rank, self.now, HALF_LIFE)
            yield (user, one.other_id), (figure, one.count, one.first_seen, one.last_seen, one.source.value)

    def of_visitor(self, visitor: str) -> Iterator[tuple[tuple[str, str], Told]]:
        found = self.database.read(
            relationships.of_visitor,
            visitor,
            after=None,
            limit=100,
            now=self.now,
            policy=POLICY,
        )
        for one in found:
            figure = shown(one.rank, self.now, HALF_LIFE)
            yield (one.other_id, visitor), (figure, one.count, one.first_seen, one.last_seen, one.source.value)


def test_the_lists_are_a_plain_models_whatever_happens(database: Database, graph: Graph) -> None:
    class OnThisDatabase(Relationships):
        pass

    OnThisDatabase.database, OnThisDatabase.graph = database, graph
    run = OnThisDatabase.TestCase
    run.settings = settings(
        max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run("runTest").runTest()
