"""Logins that arrive in any order give each tenure the user that docs/graph-model.md defines.

A tenure's user is the first of these that exists:

- the user of its own claim
- the user of the earliest claim among the tenures tied to it from below, through unclaimed tenures
- the user of the tenure that it is tied to
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations, product

from hypothesis import given
from hypothesis import strategies as st

from graph.rules.identifying import Above, Held, LoginAt, LoginKind, Rival, decide
from tests.given import NOON

DEPTH_MAX = 8
MINUTES = range(12)


@dataclass(frozen=True)
class Login:
    """A login on the jar number `jar`, at a minute."""

    jar: int
    user: str
    minute: int


@dataclass
class Tenures:
    """The facts and the adoptions that follow from them, as the graph holds both. Hand-overs add tenures to a jar."""

    ties: dict[str, tuple[str, float]] = field(default_factory=dict)
    resolves: dict[str, Held] = field(default_factory=dict)
    #: The tenures of each jar, each with the minute from which on it is used.
    jars: list[list[tuple[int, str]]] = field(default_factory=list)
    logins: set[Login] = field(default_factory=set)

    def begin(self, above: int, confidence: float) -> None:
        """Begin a jar with its first tenure, tied to the first tenure of the jar number `above`."""
        tenure = f"t{len(self.jars):02d}"
        if above >= 0 and len(list(self.way_up(f"t{above:02d}"))) < DEPTH_MAX:
            self.ties[tenure] = (f"t{above:02d}", confidence)
        self.jars.append([(-1, tenure)])

    def log_in(self, login: Login) -> LoginKind:
        """Gather, decide and apply a login, as the service does."""
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
        for hand_over in decided.hand_overs:
            assert hand_over.session_id == f"session of {tenure}"
            minute = int((hand_over.at - NOON).total_seconds() // 60)
            self.jars[login.jar].append((minute, hand_over.new_tenure_id))
        for closed in decided.closes:
            del self.resolves[closed]
        for opening in decided.opens:
            assert opening.tenure_id not in self.resolves, "at most one is open"
            self.resolves[opening.tenure_id] = opening.held
        self.logins.add(login)
        return decided.kind

    def tenure(self, jar: int, minute: int) -> str:
        return max((since, tenure) for since, tenure in self.jars[jar] if since <= minute)[1]

    def again(self, login: Login) -> LoginAt | None:
        """The holder's next login in the tenure that another user's login falls into."""
        tenure = self.tenure(login.jar, login.minute)
        held = self.resolves.get(tenure)
        later = [
            other.minute
            for other in self.logins
            if held is not None
            and other.jar == login.jar
            and other.user == held.user_id != login.user
            and other.minute > login.minute
            and self.tenure(other.jar, other.minute) == tenure
        ]
        return LoginAt(f"session of {tenure}", NOON + timedelta(minutes=min(later))) if later else None

    def way_up(self, tenure: str) -> Iterator[str]:
        while tenure in self.ties:
            tenure = self.ties[tenure][0]
            yield tenure

    def above(self, tenure: str) -> Iterator[Above]:
        """Read the tenures above like cypher/identify/gather.cypher: with rivals only if the tenure resolves to a user."""
        below = tenure
        for over in self.way_up(tenure):
            rivals = [
                Rival(held.claim, held.user_id, held.at, min(held.confidence, tie))
                for other, (parent, tie) in self.ties.items()
                if parent == over and other != below and (held := self.resolves.get(other))
            ]
            rival = (
                min(rivals, key=lambda claim: (claim.at, claim.claim)) if rivals and tenure in self.resolves else None
            )
            yield Above(over, self.ties[below][1], self.resolves.get(over), rival)
            below = over

    def kept(self, tenure: str) -> str | None:
        """The user as a read finds it: that of the nearest tenure upwards that resolves to a user."""
        for over in (tenure, *self.way_up(tenure)):
            if over in self.resolves:
                return self.resolves[over].user_id
        return None

    def defined(self, tenure: str) -> str | None:
        """The user by the definition, computed from ties and claims alone."""
        if held := self.from_below(tenure):
            return held.user_id
        return self.defined(self.ties[tenure][0]) if tenure in self.ties else None

    def from_below(self, tenure: str) -> Held | None:
        """The tenure's own claim, else the earliest from below with the lowest confidence of the ties on the path."""
        own = self.resolves.get(tenure)
        if own is not None and own.method == "claim":
            return own
        found = [
            Held("adopted", held.claim, held.user_id, held.at, min(held.confidence, confidence))
            for child, (parent, confidence) in self.ties.items()
            if parent == tenure and (held := self.from_below(child))
        ]
        return min(found, key=lambda claim: (claim.at, claim.claim), default=None)

    def check(self) -> None:
        """Check that each tenure's user, and each adoption with its confidence, is as defined."""
        for tenure in (tenure for jar in self.jars for _, tenure in jar):
            assert self.resolves.get(tenure) == self.from_below(tenure)
            assert self.kept(tenure) == self.defined(tenure)

    def users(self) -> list[list[str | None]]:
        """Who used each jar, minute by minute."""
        return [[self.kept(self.tenure(jar, minute)) for minute in MINUTES] for jar in range(len(self.jars))]


#: For each jar, the number of the jar that it is tied to (-1 for none), and the tie's confidence.
Forest = list[tuple[int, float]]


def grown(forest: Forest) -> Tenures:
    tenures = Tenures()
    for above, confidence in forest:
        tenures.begin(above, confidence)
    return tenures


def users(tenures: Tenures, logins: list[Login]) -> list[list[str | None]]:
    """Who used each jar, minute by minute, computed from ties and logins alone.

    On a jar with logins it is:

    - the user of the last login
    - before the first login, the user of that login

    On a jar without logins it is the first of these that exists:

    - the user of the earliest login among the jars tied to it from below, through jars without logins
    - the user of the jar that it is tied to
    """
    by_jar = [
        sorted((login for login in logins if login.jar == jar), key=minute_of) for jar in range(len(tenures.jars))
    ]
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
        [
            next((login.user for login in reversed(mine) if login.minute <= minute), user(jar[0][1]))
            for minute in MINUTES
        ]
        for jar, mine in zip(tenures.jars, by_jar, strict=True)
    ]


def minute_of(login: Login) -> int:
    return login.minute


@st.composite
def stories(draw: st.DrawFn, *, at_once: bool) -> tuple[Forest, list[Login]]:
    """Draw jars tied to earlier ones, and logins in order of arrival; with `at_once` some are at the same minute."""
    confidences = st.sampled_from([0.8, 0.9, 1.0])
    count = draw(st.integers(1, 9))
    forest: Forest = [(draw(st.integers(max(-1, i - 3), i - 1)), draw(confidences)) for i in range(count)]
    minutes = draw(st.permutations(range(12)) if not at_once else st.lists(st.integers(0, 5), min_size=1, max_size=12))
    jars, names = st.integers(0, count - 1), st.sampled_from("abc")
    return forest, [Login(draw(jars), draw(names), minute) for minute in minutes]


def test_three_logins_in_every_tree_of_five_tenures_agree_with_the_definition() -> None:
    for above in product(*(range(i) for i in range(1, 5))):
        for jars in product(range(5), repeat=3):
            for minutes in permutations(range(3)):
                tenures = grown([(-1, 1.0), *((over, 0.9 - i / 100) for i, over in enumerate(above))])
                for login in map(Login, jars, "abc", minutes):
                    tenures.log_in(login)
                tenures.check()


@given(stories(at_once=True))
def test_after_every_login_each_tenures_user_is_as_defined(story: tuple[Forest, list[Login]]) -> None:
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


def test_each_kind_of_login_is_recognised() -> None:
    tenures = grown([(-1, 1.0)])
    arriving = [Login(0, "b", 4), Login(0, "b", 5), Login(0, "b", 3), Login(0, "a", 1), Login(0, "c", 4)]
    assert [tenures.log_in(login) for login in arriving] == [
        LoginKind.FIRST,
        LoginKind.AGAIN,
        LoginKind.AGAIN,
        LoginKind.LATE,
        LoginKind.SECOND,
    ]


def test_a_claim_is_made_in_the_session_of_the_login() -> None:
    tenures = grown([(-1, 1.0), (0, 0.9)])
    tenures.log_in(Login(1, "a", 2))
    assert tenures.resolves == {
        "t01": Held("claim", "t01", "a", NOON + timedelta(minutes=2), 1.0, "session of t01"),
        "t00": Held("adopted", "t01", "a", NOON + timedelta(minutes=2), 0.9, None),
    }
