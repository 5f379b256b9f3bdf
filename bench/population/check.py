"""Ask the service about a population, and compare every answer with the known truth."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.population.service import Service
from bench.population.truth import KnownSession, Truth
from bench.population.visits import NOBODY

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
#: The values of `minConfidence` to ask with: the default of reads, and a value sure enough to act on.
BOUNDS = (0.5, 0.9)
#: What the sessions of two people may have in common, the closest first.
COMMON = ("on one browser", "of one household", "at one address", "elsewhere")
#: How many wrong answers of a question are named.
SHOWN_MAX = 10


@dataclass(frozen=True)
class Answers:
    """The service's answers: about each session at each bound, and about each user who logged in.

    `explained` says for pairs of sessions at each bound whether they are one, and why.
    """

    sessions: Mapping[float, Mapping[str, Mapping[str, Any]]]
    explained: Mapping[float, Mapping[tuple[str, str], Mapping[str, Any]]]
    users: Mapping[str, Mapping[str, Any]]
    visitors: Mapping[str, frozenset[str]]
    journeys: Mapping[str, Mapping[str, int]]
    has_nobody: bool


@dataclass(frozen=True)
class Finding:
    """The result of one question, asked about many sessions or users.

    If it `must_hold`, every answer that is not right is a fault of the service. `open` counts questions that the service
    leaves open; `wrong_about` names those that it answers wrongly.
    """

    question: str
    right: int
    wrong_about: tuple[str, ...]
    open: int = 0
    must_hold: bool = True

    @property
    def holds(self) -> bool:
        return not self.must_hold or not (self.wrong_about or self.open)


@dataclass(frozen=True)
class Pairs:
    """How well identities at a bound match persons, by pairs of sessions: do both belong to the same person?

    Precision is the share of pairs with one identity that have one person; recall is the share of pairs with one person
    that have one identity. `knowable` leaves out sessions in a tenure in which another person is logged in, or which
    several people use without a login: nobody outside the room can tell these people apart.
    """

    bound: float
    knowable: bool
    sessions: int
    precision: float
    recall: float


@dataclass(frozen=True)
class FalsePairs:
    """Pairs of sessions of two people that have one identity at a bound, by what the two sessions have in common.

    `of` are all pairs of two people's sessions that have this in common. Sessions on a browser that is somebody else's are
    left out, as among the `knowable` pairs.
    """

    bound: float
    common: str
    pairs: int
    of: int


@dataclass(frozen=True)
class Report:
    """The results of all comparisons."""

    findings: tuple[Finding, ...]
    pairs: tuple[Pairs, ...]
    false_pairs: tuple[FalsePairs, ...]

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)

    def __getitem__(self, question: str) -> Finding:
        [found] = [finding for finding in self.findings if finding.question == question]
        return found


def check(service: Service, truth: Truth, *, threads: int, console: Console) -> Report:
    """Ask about every session and every user of a population and compare the answers; shows a progress bar."""
    return judge(truth, ask(service, truth, threads=threads, console=console))


def ask(service: Service, truth: Truth, *, threads: int, console: Console) -> Answers:
    """Read all answers that the comparison needs."""
    ids = [session.session_id for session in truth.sessions]
    users = sorted({session.login for session in truth.sessions if session.login is not None})
    with Progress(console=console) as progress, ThreadPoolExecutor(threads) as pool:
        task = progress.add_task("asking", total=2 * len(BOUNDS) * len(ids) + 3 * len(users))

        def each(asked: Iterable[Asked], ask_one: Callable[[Asked], Answered]) -> dict[Asked, Answered]:
            def one(name: Asked) -> tuple[Asked, Answered]:
                answer = ask_one(name)
                progress.advance(task)
                return name, answer

            return dict(pool.map(one, asked))

        said = {
            bound: each(ids, lambda one, bound=bound: service.get("sessions", one, minConfidence=bound))  # type: ignore[misc]
            for bound in BOUNDS
        }

        def explain(pair: tuple[str, str], bound: float) -> Mapping[str, Any]:
            one, other = (f"session:{session_id}" for session_id in pair)
            return service.get("explain", a=one, b=other, minConfidence=bound)

        return Answers(
            sessions=said,
            explained={
                bound: each(_to_explain(said[bound]), lambda pair, bound=bound: explain(pair, bound))  # type: ignore[misc]
                for bound in BOUNDS
            },
            users=each(users, lambda user: service.get("users", user)),
            visitors=each(users, lambda user: _ids(service.pages("users", user, "visitors"), "visitorId")),
            journeys=each(
                users, lambda user: Counter(event["sessionId"] for event in service.pages("users", user, "journey"))
            ),
            has_nobody=service.has("users", NOBODY),
        )


def judge(truth: Truth, answers: Answers) -> Report:
    """Compare answers with the truth."""
    findings = (
        _told(truth),
        _logged_in(truth, answers),
        _inferred(truth, answers),
        _events(truth, answers),
        _one_identity_each(answers, "users: an identity each", lambda _: True),
        *_groups(truth, answers),
        _devices_joined(truth, answers),
        _relationships(truth, answers),
        _journeys(truth, answers),
        _explained(answers),
        Finding(f'"{NOBODY}" is no user', int(not answers.has_nobody), (NOBODY,) if answers.has_nobody else ()),
    )
    pairs = [_pairs(truth, answers.sessions[bound], bound, knowable=kind) for kind in (False, True) for bound in BOUNDS]
    false_pairs = [pairs for bound in BOUNDS for pairs in _false_pairs(truth, answers.sessions[bound], bound)]
    return Report(findings, tuple(pairs), tuple(false_pairs))


def show(report: Report, console: Console) -> None:
    """Print a report."""
    table = Table("question", "right", "wrong", "open", "", title="Every answer, compared with the truth")
    for column in table.columns[1:4]:
        column.justify = "right"
    for finding in report.findings:
        verdict = "[green]holds[/]" if finding.holds and finding.must_hold else "[red]FAULT[/]"
        table.add_row(
            finding.question,
            str(finding.right),
            str(len(finding.wrong_about)),
            str(finding.open),
            verdict if finding.must_hold else "inference",
        )
    console.print(table)
    for finding in report.findings:
        if finding.wrong_about:
            shown = [*finding.wrong_about[:SHOWN_MAX], *(["…"] if len(finding.wrong_about) > SHOWN_MAX else [])]
            console.print(
                f"wrong in “{finding.question}”:", *shown, sep="\n  ", markup=False, highlight=False, soft_wrap=True
            )
    table = Table("sessions", "", "minConfidence", "precision", "recall", title="Are two sessions one person's?")
    for pairs in report.pairs:
        scope = "but those on a browser that is somebody else's" if pairs.knowable else "all"
        figures = (f"{pairs.bound:g}", f"{pairs.precision:.3f}", f"{pairs.recall:.3f}")
        table.add_row(str(pairs.sessions), scope, *figures)
    console.print(table)
    table = Table("two people's sessions", "minConfidence", "one identity", "of", title="Who is taken for one person?")
    for column in table.columns[1:]:
        column.justify = "right"
    for false in report.false_pairs:
        table.add_row(false.common, f"{false.bound:g}", str(false.pairs), str(false.of))
    console.print(table)


def _told(truth: Truth) -> Finding:
    """Pages get the user id of the user who is logged in on their browser, and no other."""
    asked = [session for session in truth.sessions if session.told]
    wrong = tuple(session.session_id for session in asked if set(session.told) != {session.login})
    return Finding("pages: the userId they were told", len(asked) - len(wrong), wrong)


def _logged_in(truth: Truth, answers: Answers) -> Finding:
    """A tenure with a login belongs wholly to the user who logged in."""
    said = answers.sessions[BOUNDS[0]]
    asked = [session for session in truth.sessions if session.login is not None]
    return Finding(
        "sessions of a login: userId",
        sum(said[session.session_id]["userId"] == session.login for session in asked),
        tuple(
            session.session_id for session in asked if said[session.session_id]["userId"] not in {None, session.login}
        ),
        sum(said[session.session_id]["userId"] is None for session in asked),
    )


def _wrong(session: KnownSession, user: str) -> str:
    return f"{session.session_id} of {session.person} on {session.device}, said to be {user}'s"


def _inferred(truth: Truth, answers: Answers) -> Finding:
    """Without a login in the tenure, a `userId` follows from the fingerprint, and identical machines mislead it."""
    said = answers.sessions[BOUNDS[0]]
    person_of = {person.user: person.person for person in truth.people if person.user is not None}
    asked = [session for session in truth.sessions if session.login is None]
    users = {session.session_id: said[session.session_id]["userId"] for session in asked}
    return Finding(
        "sessions without a login: userId",
        sum(person_of.get(users[session.session_id], "") == session.person for session in asked),
        tuple(
            _wrong(session, users[session.session_id])
            for session in asked
            if users[session.session_id] is not None and person_of.get(users[session.session_id]) != session.person
        ),
        sum(user is None for user in users.values()),
        must_hold=False,
    )


def _events(truth: Truth, answers: Answers) -> Finding:
    said = answers.sessions[BOUNDS[0]]
    wrong = [one.session_id for one in truth.sessions if said[one.session_id]["events"] != one.events]
    return Finding("sessions: events, each once", len(truth.sessions) - len(wrong), tuple(wrong))


def _groups(truth: Truth, answers: Answers) -> Iterable[Finding]:
    at_kiosk = {session.login for session in truth.sessions if "kiosk" in session.notes}
    guests = {person.user for person in truth.people if person.kiosk_guest}
    for office in sorted({person.office for person in truth.people if person.office is not None}):
        staff = {person.user for person in truth.people if person.office == office}
        yield _one_identity_each(answers, f"{office}: an identity each", lambda user, staff=staff: user in staff)  # type: ignore[misc]
    yield _one_identity_each(answers, "guests of the kiosk: an identity each", lambda user: user in guests & at_kiosk)


def _one_identity_each(answers: Answers, question: str, of: Callable[[str], bool]) -> Finding:
    """Each user has an identity of its own, since in the truth each person has at most one account."""
    asked = [user for user in answers.users if of(user)]
    of_all = Counter(answer["identityId"] for answer in answers.users.values())
    wrong = tuple(user for user in asked if of_all[answers.users[user]["identityId"]] > 1)
    return Finding(question, len(asked) - len(wrong), wrong)


def _devices_joined(truth: Truth, answers: Answers) -> Finding:
    """A user who logged in on several devices has one identity on all of them."""
    said = answers.sessions[BOUNDS[1]]
    devices, identities = defaultdict(set), defaultdict(set)
    for session in truth.sessions:
        if session.login is not None:
            devices[session.login].add(session.device)
            identities[session.login].add(said[session.session_id]["identityId"])
    several = [user for user, used in devices.items() if len(used) > 1]
    wrong = tuple(user for user in several if identities[user] != {answers.users[user]["identityId"]})
    return Finding("users on several devices: one identity", len(several) - len(wrong), wrong)


def _relationships(truth: Truth, answers: Answers) -> Finding:
    """A user has a relationship with each visitor on which they logged in, and with no other visitor."""
    true: dict[str, set[str]] = defaultdict(set)
    for session in truth.sessions:
        if session.login is not None and session.logged_in:
            true[session.login].add(session.visitor_id)
    wrong = tuple(user for user, visitors in answers.visitors.items() if visitors != true[user])
    return Finding("users: their visitors", len(answers.visitors) - len(wrong), wrong)


def _journeys(truth: Truth, answers: Answers) -> Finding:
    """A user's journey has every event of the sessions of their logins, and no event of another user's login."""
    logins: dict[str, list[KnownSession]] = defaultdict(list)
    for session in truth.sessions:
        if session.login is not None:
            logins[session.login].append(session)
    login_of = {session.session_id: session.login for session in truth.sessions}
    wrong = tuple(
        user
        for user, journey in answers.journeys.items()
        if any(journey.get(session.session_id, 0) != session.events for session in logins[user])
        or any(login_of.get(session_id) not in {None, user} for session_id in journey)
    )
    return Finding("users: their journeys", len(answers.journeys) - len(wrong), wrong)


def _to_explain(said: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """Return a pair for each session: with the one before it of the same identity, or else with the one before it."""
    before, latest = list(said)[-1], dict[str, str]()
    for session_id, answer in said.items():
        yield session_id, latest.get(answer["identityId"], before)
        before = latest[answer["identityId"]] = session_id


def _explained(answers: Answers) -> Finding:
    """What explains an answer says the same as the reads of both sessions say."""
    asked = [
        (bound, pair, why, tuple(answers.sessions[bound][session_id]["identityId"] for session_id in pair))
        for bound, whys in answers.explained.items()
        for pair, why in whys.items()
    ]
    wrong = tuple(
        f"{one} and {other} at {bound:g}"
        for bound, (one, other), why, (of_one, of_other) in asked
        if why["identities"] != [of_one, of_other] or why["same"] is not (of_one == of_other)
    )
    return Finding("two sessions explained: the identities that reads say", len(asked) - len(wrong), wrong)


def _pairs(truth: Truth, said: Mapping[str, Mapping[str, Any]], bound: float, *, knowable: bool) -> Pairs:
    lent = _lent(truth) if knowable else frozenset()
    # Each session's person, and its identity as answered. All crawlers are of one operator, and so count as one person.
    known = [
        (one.person or "crawlers", said[one.session_id]["identityId"])
        for one in truth.sessions
        if one.session_id not in lent
    ]
    both, true = _pairs_within(known), _pairs_within(person for person, _ in known)
    together = _pairs_within(identity for _, identity in known)
    return Pairs(bound, knowable, len(known), both / together if together else 1.0, both / true if true else 1.0)


def _false_pairs(truth: Truth, said: Mapping[str, Mapping[str, Any]], bound: float) -> Iterable[FalsePairs]:
    false, of = Counter[str](), Counter[str]()
    lent = _lent(truth)
    sessions = [session for session in truth.sessions if session.session_id not in lent]
    for first, second in combinations(sessions, 2):
        if first.person != second.person and first.person is not None and second.person is not None:
            common = _common(first, second)
            of[common] += 1
            false[common] += said[first.session_id]["identityId"] == said[second.session_id]["identityId"]
    return [FalsePairs(bound, common, false[common], of[common]) for common in COMMON]


def _common(first: KnownSession, second: KnownSession) -> str:
    """Return what the sessions of two people have in common, as `COMMON` names it."""
    if first.device == second.device:
        return "on one browser"
    if first.household == second.household:
        return "of one household"
    return "at one address" if first.address == second.address else "elsewhere"


def _lent(truth: Truth) -> frozenset[str]:
    """Return the sessions of a person to whom their tenure does not belong.

    A tenure belongs to the user who logged in; without a login, to its person if only one person used it.
    """
    person_of = {person.user: person.person for person in truth.people if person.user is not None}
    users: dict[str, set[str | None]] = defaultdict(set)
    for session in truth.sessions:
        users[session.tenure].add(session.person)
    return frozenset(
        session.session_id
        for session in truth.sessions
        if (person_of[session.login] != session.person if session.login is not None else len(users[session.tenure]) > 1)
    )


def _pairs_within(groups: Iterable[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


def _ids(items: Iterable[Mapping[str, Any]], name: str) -> frozenset[str]:
    return frozenset(str(item[name]) for item in items)
