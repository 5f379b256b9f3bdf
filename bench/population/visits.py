"""Make up the visits of a population over some weeks, in order of time, with the truth about each."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from bench.population.people import Device, Person, Place, World, fingerprint, headers

NAMESPACE = uuid.UUID("6f1f0c9e-5d0c-4e55-9d6a-0b7f6a4c2f10")
#: What a broken page sends instead of a user id.
NOBODY = "null"
PAGES = ("search", "view_product", "view_product", "add_to_cart", "read_reviews", "checkout")

PRIVATE_SHARE = 0.04
CLEARED_SHARE = 0.03
MISTAKE_SHARE = 0.04
#: Chromium is updated every four weeks.
UPDATE_A_DAY = 1 / 28
LOGIN_SHARE: Mapping[str, float] = {
    "laptop": 0.5,
    "phone": 0.5,
    "tablet": 0.5,
    "tv": 0.25,
    "family": 0.5,
    "office": 0.6,
    "kiosk": 1.0,
}
#: Most users log out on a browser that others also use.
LOG_OUT_SHARE: Mapping[str, float] = {"tablet": 0.7, "tv": 0.5, "family": 0.5}
LOG_OUT_ELSEWHERE_SHARE = 0.05
KIOSK_GUESTS_A_DAY = 9

Note = Literal["private window", "cookies cleared", "says null", "lent", "kiosk", "crawler"]


@dataclass(frozen=True)
class Step:
    """One call of a visit after its `init`; `tenure` names the tenure that it belongs to."""

    call: Literal["track", "identify"]
    at: datetime
    said: Mapping[str, Any]
    message_id: str
    tenure: str


@dataclass(frozen=True)
class Visit:
    """One visit as it is sent. `jar` names its cookies; `person` is who visits, None for a crawler."""

    number: int
    person: Person | None
    device: Device
    place: Place
    address: str
    jar: str
    tenure: str
    reset: bool
    fingerprint: Mapping[str, object]
    headers: Mapping[str, str]
    at: datetime
    message_id: str
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Story:
    """All visits, and the user of each tenure with a login."""

    visits: tuple[Visit, ...]
    logins: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """A planned visit, before the state of its browser is known."""

    at: datetime
    device: Device
    place: Place
    person: Person | None


@dataclass
class _Browser:
    """The state of a browser: its jar and tenure, when it was cleared last, and whether its last user logged out."""

    device: Device
    jars: int = 0
    tenures: int = 0
    windows: int = 0
    cleared_at: datetime | None = None
    logged_out: bool = False
    busy_until: datetime | None = None

    def forget(self) -> None:
        self.jars += 1
        self.tenures = 0
        self.logged_out = False

    def next_tenure(self) -> str:
        self.tenures += 1
        return self.tenure

    @property
    def jar(self) -> str:
        return f"{self.device.name}/jar-{self.jars}"

    @property
    def tenure(self) -> str:
        return f"{self.jar}/tenure-{self.tenures}"


def tell(random: Random, world: World, *, days: int, until: datetime) -> Story:
    """Make up everybody's visits in the days before `until`; the same world and `random` give the same visits.

    Nobody visits in the last 18 hours before `until`, in any time zone.
    """
    begin = until - timedelta(days=days + 1)
    plans = (
        *residents(random, world, begin, days),
        *_kiosk(random, world, begin, days),
        *_crawlers(random, world, begin, days),
    )
    return carry_out(random, plans, seed=world.seed, name=f"{world.seed} {len(world.people)} {days} {until.date()}")


def carry_out(random: Random, plans: Iterable[Plan], *, seed: int, name: str) -> Story:
    """Make visits of plans, in order of time. The `name` keeps the message ids of two stories apart."""
    telling = _Telling(random, seed, name)
    in_order = sorted(plans, key=lambda plan: (plan.at, plan.device.name))
    return Story(tuple(telling.visit(number, plan) for number, plan in enumerate(in_order)), telling.logins)


def residents(random: Random, world: World, begin: datetime, days: int) -> Iterator[Plan]:
    """Plan the visits of a world's people, at home, at work and on the way."""
    for person in world.people:
        habit = random.uniform(0.15, 0.5)
        for day in range(days):
            if random.random() < habit:
                yield from _day(random, person, begin + timedelta(days=day, hours=-person.household.town.hours))


def _day(random: Random, person: Person, midnight: datetime) -> Iterator[Plan]:
    """Plan a person's visits on one day: on the way, at work, at home."""
    at_home = [device for device in (person.laptop, person.phone, *person.shared) if device is not None]
    if person.phone is not None and random.random() < 0.4:
        yield Plan(between(random, midnight, 7, 9), person.phone, person.carrier, person)
    if person.machine is not None and person.office is not None and midnight.weekday() < 5 and random.random() < 0.7:
        yield Plan(between(random, midnight, 9, 17), person.machine, person.office, person)
    if random.random() < 0.7:
        yield Plan(between(random, midnight, 18, 23), random.choice(at_home), person.household, person)


def _kiosk(random: Random, world: World, begin: datetime, days: int) -> Iterator[Plan]:
    """Plan the kiosk: guests log in at the library's terminal one after another.

    After the fifth guest of a day, a person without an account visits.
    """
    passers_by = [person for person in world.people if person.user_id is None]
    for number, guest in enumerate(world.guests):
        day, turn = divmod(number, KIOSK_GUESTS_A_DAY)
        midnight = begin + timedelta(days=(days // 2 + day) % days)
        yield Plan(between(random, midnight, 9 + turn, 9.5 + turn), world.terminal, world.kiosk, guest)
        if turn == 4 and passers_by:
            yield Plan(between(random, midnight, 13.7, 13.9), world.terminal, world.kiosk, random.choice(passers_by))


def _crawlers(random: Random, world: World, begin: datetime, days: int) -> Iterator[Plan]:
    for device, place in world.crawlers:
        for day in range(days):
            if random.random() < 0.2:
                yield Plan(between(random, begin + timedelta(days=day), 0, 24), device, place, None)


@dataclass
class _Telling:
    """Turns plans into visits, in order of time, and keeps the state of each browser."""

    random: Random
    seed: int
    name: str
    logins: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, _Browser] = field(default_factory=dict)
    last_day: dict[str, datetime] = field(default_factory=dict)
    updates: dict[str, int] = field(default_factory=dict)

    def visit(self, number: int, plan: Plan) -> Visit:
        browser = self.browsers.setdefault(plan.device.name, _Browser(plan.device))
        plan = self._when_free(browser, plan)
        updates = self._update(plan.device, plan.at)
        notes: list[Note] = []
        reset, kept = self._cookies(browser, plan, notes)
        tenure = kept.tenure
        steps = self._steps(number, plan, kept, notes)
        browser.busy_until = steps[-1].at
        return Visit(
            number=number,
            person=plan.person,
            device=plan.device,
            place=plan.place,
            address=self.random.choice(plan.place.addresses),
            jar=kept.jar,
            tenure=tenure,
            reset=reset,
            fingerprint=fingerprint(plan.device, seed=self.seed, updates=updates),
            headers=headers(plan.device, updates),
            at=plan.at,
            message_id=self._message_id(number, 0),
            steps=tuple(steps),
            notes=tuple(notes),
        )

    def _when_free(self, browser: _Browser, plan: Plan) -> Plan:
        """Postpone a visit while its device is in use."""
        if browser.busy_until is not None and plan.at <= browser.busy_until:
            return replace(plan, at=browser.busy_until + timedelta(minutes=self.random.uniform(1, 20)))
        return plan

    def _update(self, device: Device, at: datetime) -> int:
        """Update a browser as if for the days since its last visit; return how often it was updated by now.

        Machines that are alike are updated at different times, unless they name their lot. The terminal and crawlers never
        are.
        """
        name = device.lot or device.name
        since = (at - self.last_day.setdefault(name, at)).days
        if device.kind not in {"kiosk", "crawler"} and since > 0:
            self.last_day[name] = at
            is_updated = any(self.random.random() < UPDATE_A_DAY for _ in range(since))
            self.updates[name] = self.updates.get(name, 0) + is_updated
        return self.updates.get(name, 0)

    def _cookies(self, browser: _Browser, plan: Plan, notes: list[Note]) -> tuple[bool, _Browser]:
        """Return whether the visit begins with a `reset`, after a log-out, and the cookies that it has."""
        own = plan.device.kind in {"laptop", "phone"}
        private_share = plan.device.private_share or PRIVATE_SHARE
        if not plan.device.keeps_cookies:
            browser.forget()
            notes.append("kiosk" if plan.person else "crawler")
        elif own and self.random.random() < private_share:
            notes.append("private window")
            browser.windows += 1
            return False, _Browser(replace(plan.device, name=f"{plan.device.name}/private-{browser.windows}"))
        elif self._is_cleared(browser, plan.at) or (
            own and browser.busy_until is not None and self.random.random() < CLEARED_SHARE
        ):
            browser.forget()
            notes.append("cookies cleared")
        if reset := browser.logged_out:
            browser.next_tenure()
            browser.logged_out = False
        return reset, browser

    @staticmethod
    def _is_cleared(browser: _Browser, at: datetime) -> bool:
        """Whether the browser's owner, who does so regularly, clears its storage before this visit."""
        if browser.device.clears_days is None:
            return False
        if browser.cleared_at is None:
            browser.cleared_at = at
        is_cleared = at - browser.cleared_at >= timedelta(days=browser.device.clears_days)
        browser.cleared_at = at if is_cleared else browser.cleared_at
        return is_cleared

    def _steps(self, number: int, plan: Plan, kept: _Browser, notes: list[Note]) -> list[Step]:
        steps: list[Step] = []
        at = plan.at

        def step(call: Literal["track", "identify"], **said: Any) -> None:
            nonlocal at
            # Pages send times to the millisecond.
            at += timedelta(milliseconds=self.random.randrange(3_000, 240_000))
            steps.append(Step(call, at, said, self._message_id(number, len(steps) + 1), kept.tenure))

        step("track", eventName="page_visit")
        for _ in range(self.random.randrange(2)):
            step("track", eventName=self.random.choice(PAGES))
        user = self.logins.get(kept.tenure)
        account = plan.person.user_id if plan.person else None
        if user is None and plan.person is not None and self.random.random() < MISTAKE_SHARE:
            notes.append("says null")
            step("identify", userProperties={"userId": NOBODY})
        if account is not None and plan.person is not None and self._logs_in(plan, user):
            if user not in {None, account}:
                kept.next_tenure()
            self.logins[kept.tenure] = account
            step("identify", userProperties={"userId": account, "name": plan.person.full_name})
            step("track", eventName=self.random.choice(PAGES))
            usual = LOG_OUT_SHARE.get(plan.device.kind, LOG_OUT_ELSEWHERE_SHARE)
            kept.logged_out = self.random.random() < (plan.device.log_out_share or usual)
        elif user is not None and user != account:
            notes.append("lent")
        return steps

    def _logs_in(self, plan: Plan, user: str | None) -> bool:
        """Whether a person logs in; if they are logged in already, the page may send `identify` again."""
        again = plan.person is not None and user == plan.person.user_id
        return self.random.random() < (0.25 if again else LOGIN_SHARE[plan.device.kind])

    def _message_id(self, visit: int, step: int) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self.name} {visit} {step}"))


def between(random: Random, midnight: datetime, first: float, last: float) -> datetime:
    """Return a time of the day between two hours, to the millisecond."""
    return midnight + timedelta(milliseconds=random.randrange(int(first * 3_600_000), int(last * 3_600_000)))
