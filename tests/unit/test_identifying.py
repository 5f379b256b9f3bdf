"""Logins step by step, in any order, end where the definition of docs/graph-model.md says.

A tenure's user is its own claim; else the earliest claim among those tied to it from below through unclaimed ones; else
what the tenure it is tied to has; else nobody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations, product

from hypothesis import given
from hypothesis import strategies as st

from graph.rules.identifying import Above, Again, Held, Kind, Rival, decide
from tests.given import NOON

DEPTH_MAX = 8
MINUTES = range(12)


@dataclass(frozen=True)
class Login:
    """One login on the jar with a number, at a minute."""

    jar: int
    user: str
    minute: int


@dataclass
class Tenures:
    """The facts and what is kept beside them, as the graph holds both: a jar's first tenure, later ones by hand-over."""

    ties: dict[str, tuple[str, float]] = field(default_factory=dict)
    resolves: dict[str, Held] = field(default_factory=dict)
    #: Of each jar the tenures, each with the minute it was handed over at.
    jars: list[list[tuple[int, str]]] = field(default_factory=list)
    logins: set[Login] = field(default_factory=set)

    def begin(self, above: int, confidence: float) -> None:
        """A jar's first tenure, tied to the first one of another jar."""
        tenure = f"t{len(self.jars):02d}"
        if above >= 0 and len(list(self.way_up(f"t{above:02d}"))) < DEPTH_MAX:
            self.ties[tenure] = (f"t{above:02d}", confidence)
        self.jars.append([(-1, tenure)])

    def log_in(self, login: Login) -> Kind:
        """What the service does with a login: gather, decide, apply."""
        tenure = self.tenure(login.jar, login.minute)
        new, later = (f"t{login.jar:02d}-{len(self.jars[login.jar])}{letter}" for letter in "ab")
        decided = decide(
            user_id=login.user,
            at=NOON + timedelta(minutes=login.minute),
            session_id=f"session of {tenure}",
            tenure_id=tenure,
            new_tenure_id=new,
            new_session_id=f"session of {new}",
            later_tenure_id=later,
            later_session_id=f"session of {later}",
            held=self.resolves.get(tenure),
            again=self.again(login),
            above=list(self.above(tenure)),
        )
        for split in decided.splits:
            assert split.session_id == f"session of {tenure}"
            self.jars[login.jar].append((int((split.at - NOON).total_seconds() // 60), split.new_tenure_id))
        for closed in decided.closes:
            del self.resolves[closed]
        for opening in decided.opens:
            assert opening.tenure_id not in self.resolves, "at most one is open"
            self.resolves[opening.tenure_id] = opening.held
        self.logins.add(login)
        return decided.kind

    def tenure(self, jar: int, minute: int) -> str:
        return max(one for one in self.jars[jar] if one[0] <= minute)[1]

    def again(self, login: Login) -> Again | None:
        """The holder's next login in the tenure that another user's login falls into."""
        tenure = self.tenure(login.jar, login.minute)
        held = self.resolves.get(tenure)
        later = [
            one.minute
            for one in self.logins
            if held is not None
            and one.jar == login.jar
            and one.user == held.user_id != login.user
            and one.minute > login.minute
            and self.tenure(one.jar, one.minute) == tenure
        ]
        return Again(f"session of {tenure}", NOON + timedelta(minutes=min(later))) if later else None

    def way_up(self, tenure: str) -> Iterator[str]:
        while tenure in self.ties:
            tenure = self.ties[tenure][0]
            yield tenure

    def above(self, tenure: str) -> Iterator[Above]:
        """As cypher/identify/gather.cypher reads them: rivals only where the tenure resolves to somebody already."""
        below = tenure
        for over in self.way_up(tenure):
            rivals = [
                Rival(held.claim, held.user_id, held.at, min(held.confidence, tie))
                for other, (parent, tie) in self.ties.items()
                if parent == over and other != below and (held := self.resolves.get(other))
            ]
            rival = min(rivals, key=lambda one: (one.at, one.claim)) if rivals and tenure in self.resolves else None
            yield Above(over, self.ties[below][1], self.resolves.get(over), rival)
            below = over

    def kept(self, tenure: str) -> str | None:
        """The user as it is read: of the nearest that resolves, upwards."""
        for one in (tenure, *self.way_up(tenure)):
            if one in self.resolves:
                return self.resolves[one].user_id
        return None

    def defined(self, tenure: str) -> str | None:
        """The user by the definition, from ties and claims alone."""
        if held := self.from_below(tenure):
            return held.user_id
        return self.defined(self.ties[tenure][0]) if tenure in self.ties else None

    def from_below(self, tenure: str) -> Held | None:
        """The tenure's own claim, else the earliest that reaches it from below, as sure as the ties on the way."""
        own = self.resolves.get(tenure)
        if own is not None and own.method == "claim":
            return own
        found = [
            Held("adopted", held.claim, held.user_id, held.at, min(held.confidence, confidence))
            for child, (parent, confidence) in self.ties.items()
            if parent == tenure and (held := self.from_below(child))
        ]
        return min(found, key=lambda one: (one.at, one.claim), default=None)

    def check(self) -> None:
        """All that is kept is as defined, the edges of adoption with their confidence too."""
        for tenure in (tenure for jar in self.jars for _, tenure in jar):
            assert self.resolves.get(tenure) == self.from_below(tenure)
            assert self.kept(tenure) == self.defined(tenure)

    def users(self) -> list[list[str | None]]:
        """Who used each jar, minute by minute."""
        return [[self.kept(self.tenure(jar, minute)) for minute in MINUTES] for jar in range(len(self.jars))]


#: Of each jar which one it is tied to, -1 for none, and how surely.
Forest = list[tuple[int, float]]


def grown(forest: Forest) -> Tenures:
    tenures = Tenures()
    for above, confidence in forest:
        tenures.begin(above, confidence)
    return tenures


def users(tenures: Tenures, logins: list[Login]) -> list[list[str | None]]:
    """Who used each jar minute by minute, from ties and logins alone.

    It is the user of the last login; before the first login of a jar that of the first; on one without logins whoever
    claimed first of those tied to it from below, each through jars without logins; else who used the jar it is tied to.
    """
    by_jar = [sorted((one for one in logins if one.jar == jar), key=minute_of) for jar in range(len(tenures.jars))]
    first = {jar[0][1]: mine[0] for jar, mine in zip(tenures.jars, by_jar, strict=True) if mine}

    def below(tenure: str) -> Login | None:
        children = [child for child, (parent, _) in tenures.ties.items() if parent == tenure]
        found = [login for child in children if (login := first.get(child) or below(child))]
        return min(found, key=minute_of, default=None)

    def user(tenure: str) -> str | None:
        login = first.get(tenure) or below(tenure)
        if login is not None:
            return login.user
        return user(tenures.ties[tenure][0]) if tenure in tenures.ties else None

    return [
        [next((one.user for one in reversed(mine) if one.minute <= minute), user(jar[0][1])) for minute in MINUTES]
        for jar, mine in zip(tenures.jars, by_jar, strict=True)
    ]


def minute_of(login: Login) -> int:
    return login.minute


@st.composite
def stories(draw: st.DrawFn, *, at_once: bool) -> tuple[Forest, list[Login]]:
    """Tenures tied to earlier ones, and logins in the order they arrive, some at the same minute if `at_once`."""
    confidences = st.sampled_from([0.8, 0.9, 1.0])
    count = draw(st.integers(1, 9))
    forest: Forest = [(draw(st.integers(max(-1, i - 3), i - 1)), draw(confidences)) for i in range(count)]
    minutes = draw(st.permutations(range(12)) if not at_once else st.lists(st.integers(0, 5), min_size=1, max_size=12))
    jars, names = st.integers(0, count - 1), st.sampled_from("abc")
    return forest, [Login(draw(jars), draw(names), minute) for minute in minutes]


def test_of_three_logins_in_any_tree_of_five_tenures_all_is_as_the_definition_says() -> None:
    for above in product(*(range(i) for i in range(1, 5))):
        for jars in product(range(5), repeat=3):
            for minutes in permutations(range(3)):
                tenures = grown([(-1, 1.0), *((over, 0.9 - i / 100) for i, over in enumerate(above))])
                for login in map(Login, jars, "abc", minutes):
                    tenures.log_in(login)
                tenures.check()


@given(stories(at_once=True))
def test_after_every_login_each_tenure_is_whose_the_definition_says(story: tuple[Forest, list[Login]]) -> None:
    forest, logins = story
    tenures = grown(forest)
    for login in logins:
        tenures.log_in(login)
        tenures.check()


@given(stories(at_once=False))
def test_logins_in_any_order_end_in_the_same_users(story: tuple[Forest, list[Login]]) -> None:
    forest, logins = story
    tenures = grown(forest)
    for login in logins:
        tenures.log_in(login)
    assert tenures.users() == users(tenures, logins)


def test_each_kind_of_login_is_told() -> None:
    tenures = grown([(-1, 1.0)])
    arriving = [Login(0, "b", 4), Login(0, "b", 5), Login(0, "b", 3), Login(0, "a", 1), Login(0, "c", 4)]
    assert [tenures.log_in(login) for login in arriving] == [
        Kind.FIRST,
        Kind.AGAIN,
        Kind.AGAIN,
        Kind.LATE,
        Kind.SECOND,
    ]


def test_a_claim_is_made_in_the_session_of_the_login() -> None:
    tenures = grown([(-1, 1.0), (0, 0.9)])
    tenures.log_in(Login(1, "a", 2))
    assert tenures.resolves == {
        "t01": Held("claim", "t01", "a", NOON + timedelta(minutes=2), 1.0, "session of t01"),
        "t00": Held("adopted", "t01", "a", NOON + timedelta(minutes=2), 0.9, None),
    }
