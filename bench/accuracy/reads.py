"""Send a small population over HTTP, and judge what each read says at each `minConfidence` that it can ask for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from bench.accuracy.honesty import BOUNDS, Part, grouped
from bench.population.send import send_story
from bench.population.service import Service
from bench.population.truth import KnownSession
from bench.population.visits import Story

THREADS = 4
#: The reads that are asked, as the tables name them.
READS = ("session", "visitor", "identity", "journey")


@dataclass(frozen=True)
class Answer:
    """An inferred user that a read named, with the bound that was asked for, and whether the session was that user's."""

    read: str
    bound: float
    confidence: float
    is_right: bool


def ask(service: Service, story: Story, console: Console) -> list[Answer]:
    """Send all visits, and then ask about each session, visitor, identity and journey."""
    sessions = send_story(service, story, threads=THREADS, console=console)
    return list(_Asking(service, story, sessions).all())


def report(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield the lines of a table: for each read and bound, how many of the inferred users were right."""
    yield f"\n{'through HTTP, minConfidence':34}" + "".join(f"{bound:>18g}" for bound in BOUNDS)
    by_read = grouped(answers, lambda answer: answer.read)
    for read in READS:
        parts = (_part(by_read.get(read, []), bound) for bound in BOUNDS)
        cells = (f"{part.right}/{part.of} {part.precision:.3f}" if part.of else "" for part in parts)
        yield f"{read:34}" + "".join(f"{cell:>18}" for cell in cells)


def _part(answers: Sequence[Answer], bound: float) -> Part:
    """Return the part that is right of what was said at least as surely as was asked."""
    return Part.of_pairs(
        (answer.confidence, answer.is_right)
        for answer in answers
        if answer.bound == bound and answer.confidence >= bound
    )


class _Asking:
    def __init__(self, service: Service, story: Story, sessions: Sequence[KnownSession]) -> None:
        self.service = service
        self.sessions = {session.session_id: session for session in sessions}
        self.account = {visit.person.name: visit.person.user_id for visit in story.visits if visit.person}
        self.latest: dict[str, KnownSession] = {}
        for session in sorted(sessions, key=lambda session: session.started_at):
            self.latest[session.visitor_id] = session
        users = sorted({session.login for session in sessions if session.login is not None})
        self.user_of = {str(service.get("users", user)["identityId"]): user for user in users}

    def all(self) -> Iterator[Answer]:
        inferred = [session for session in self.sessions.values() if session.login is None]
        for bound in BOUNDS:
            for session in inferred:
                found = self.service.get("sessions", session.session_id, minConfidence=bound)
                yield from self._judged("session", bound, session, found)
                # Its identity without any inference, asked with them.
                own = self.service.get("sessions", session.session_id, minConfidence=1.0)["identityId"]
                found = self.service.get("identities", own, minConfidence=bound)
                yield from self._judged("identity", bound, session, found)
            for visitor_id, session in self.latest.items():
                if session.login is None:
                    found = self.service.get("visitors", visitor_id, minConfidence=bound)
                    yield from self._judged("visitor", bound, session, found)
            for user in self.user_of.values():
                yield from self._journey(user, bound)

    def _judged(self, read: str, bound: float, session: KnownSession, found: dict[str, Any]) -> Iterator[Answer]:
        user = self.user_of.get(str(found["identityId"]))
        if user is not None:
            yield Answer(read, bound, found["confidence"], self._is(session, user))

    def _journey(self, user: str, bound: float) -> Iterator[Answer]:
        """Yield an answer for each session that is in a user's journey though nobody logged in to it."""
        least: dict[str, float] = defaultdict(lambda: 1.0)
        for event in self.service.pages("users", user, "journey", minConfidence=bound):
            least[event["sessionId"]] = min(least[event["sessionId"]], event["confidence"])
        for session_id, confidence in least.items():
            session = self.sessions.get(session_id)
            if session is not None and session.login is None:
                yield Answer("journey", bound, confidence, self._is(session, user))

    def _is(self, session: KnownSession, user: str) -> bool:
        return session.person is not None and self.account[session.person] == user
