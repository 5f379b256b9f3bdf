"""Send a population through the API as its browsers would, and record the truth about its sessions."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.population.people import make_world
from bench.population.service import CannotGoOn, Service
from bench.population.truth import KnownSession, Population, Truth, of_world
from bench.population.visits import Story, Visit, tell
from graph.rules import addresses


def make(population: Population) -> tuple[Truth, Story]:
    """Make a population: the truth before anything is sent, which has no sessions, and all visits."""
    random = Random(population.seed)  # noqa: S311 - made to be the same again
    world = make_world(random, seed=population.seed, people=population.people)
    story = tell(random, world, days=population.days, until=population.until)
    people, devices = of_world(world)
    return Truth(population, people, devices, ()), story


def send(service: Service, population: Population, *, threads: int, console: Console) -> Truth:
    """Send a population, with a progress bar; return the truth, with the sessions that the service answered.

    Raises:
        CannotGoOn: The service does not trust the sent addresses, or refuses a call.
    """
    truth, story = make(population)
    sessions = send_story(service, story, threads=threads, console=console)
    return replace(truth, population=replace(population, complete=True), sessions=sessions)


def send_story(service: Service, story: Story, *, threads: int, console: Console) -> tuple[KnownSession, ...]:
    """Send all visits of a story, with a progress bar; return the sessions that the service answered, and raise as `send`."""
    calls = sum(1 + len(visit.steps) for visit in story.visits)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"sending {len(story.visits)} visits", total=calls)
        sending = _Sending(service, story, lambda: progress.advance(task))
        return tuple(sending.all(threads))


@dataclass
class _Sending:
    """Sends visits, and keeps each browser's token between them."""

    service: Service
    story: Story
    advance: Callable[[], None]
    tokens: dict[str, str] = field(default_factory=dict)
    is_believed: bool = False

    def all(self, threads: int) -> Iterator[KnownSession]:
        """Send all visits, in parallel threads.

        Visits that could match each other are sent one after another, in order of time. A thread waits only for visits
        that were started earlier, so threads cannot deadlock.
        """
        first, *others = self.story.visits
        found = [self._visit(first, ())]
        before: dict[str, Future[list[KnownSession]]] = {}
        pool = ThreadPoolExecutor(threads)
        try:
            sent = []
            for visit in others:
                meets = (visit.device.name, str(visit.fingerprint["visitorId"]), addresses.kept(visit.address))
                one = pool.submit(self._visit, visit, tuple(before[key] for key in meets if key in before))
                before.update(dict.fromkeys(meets, one))
                sent.append(one)
            wait(sent, return_when=FIRST_EXCEPTION)
            for failed in (one for one in sent if one.done() and one.exception() is not None):
                failed.result()
            found += [one.result() for one in sent]
        finally:
            pool.shutdown(cancel_futures=True)
        for sessions in found:
            yield from sessions

    def _visit(self, visit: Visit, before: tuple[Future[list[KnownSession]], ...]) -> list[KnownSession]:
        for one in before:
            one.result()
        begun = self._init(visit)
        sessions = [_told(self._session(visit, begun["sessionId"], begun["visitorId"], visit.tenure), begun["userId"])]
        for step in visit.steps:
            body = {
                **step.said,
                "sessionId": sessions[-1].session_id,
                "messageId": step.message_id,
                "timestamp": _wire(step.at),
            }
            answer = self.service.post(step.call, body, self._headers(visit))
            self.advance()
            if step.tenure != sessions[-1].tenure:
                sessions.append(self._session(visit, answer["sessionId"], answer["visitorId"], step.tenure))
            logged_in = step.call == "identify" and answer["userId"] is not None
            now = _told(sessions[-1], answer["userId"])
            sessions[-1] = replace(now, events=now.events + 1, logged_in=now.logged_in or logged_in)
        return sessions

    def _init(self, visit: Visit) -> dict[str, str]:
        body = {
            "fingerprint": visit.fingerprint,
            "page": {"url": "https://shop.example/", "title": "Shop"},
            "reset": visit.reset,
            "messageId": visit.message_id,
            "timestamp": _wire(visit.at),
            **({"visitorToken": self.tokens[visit.jar]} if visit.jar in self.tokens else {}),
        }
        answer = self.service.post("init", body, self._headers(visit))
        self.advance()
        self.tokens[visit.jar] = answer["visitorToken"]
        if not self.is_believed and not answer["duplicate"]:
            self._require_belief(visit, answer["sessionId"])
        return answer

    def _require_belief(self, visit: Visit, session_id: str) -> None:
        """Raise `CannotGoOn` if the service does not accept a visit's own address."""
        seen = self.service.get("sessions", session_id)["context"]["ip"]
        if seen != addresses.kept(visit.address):
            raise CannotGoOn(
                f"the service took a visit from {visit.address} to come from {seen}, and so would take everybody for "
                "neighbours: start it so that it believes X-Forwarded-For: make run TRUSTED_PROXIES=1"
            )
        self.is_believed = True

    def _session(self, visit: Visit, session_id: str, visitor_id: str, tenure: str) -> KnownSession:
        return KnownSession(
            session_id=session_id,
            visitor_id=visitor_id,
            person=visit.person.name if visit.person else None,
            login=self.story.logins.get(tenure),
            logged_in=False,
            device=visit.device.name,
            jar=visit.jar,
            tenure=tenure,
            place=visit.place.name,
            household=visit.person.household.name if visit.person else None,
            address=visit.address,
            started_at=visit.at,
            events=0,
            told=(),
            notes=visit.notes,
        )

    @staticmethod
    def _headers(visit: Visit) -> dict[str, str]:
        return {**visit.headers, "X-Forwarded-For": visit.address}


def _told(session: KnownSession, user: str | None) -> KnownSession:
    return session if user is None or user in session.told else replace(session, told=(*session.told, user))


def _wire(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
