"""Make up what makes recognising hard, with the truth: crowds of identical machines, shared browsers, cleared storage, travel."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bench.population import people
from bench.population.people import Device, Person, Place, Town
from bench.population.visits import KIOSK_GUESTS_A_DAY, Plan, Story, between, carry_out, residents

#: Identical machines at one address.
OFFICE_SIZES = (5, 5, 10, 10, 20, 50, 100, 200, 500)
#: How many people, households or guests of each situation there are at scale 1.
CARRIER_PHONES = 200
KIOSK_GUESTS = 40
FAMILIES = 40
SHARED_ACCOUNTS = 25
SINGULAR_PEOPLE = 40
BOT_VISITS = 80
ORDINARY_PEOPLE = 120

#: A person's visits with one device on one day: when, with which, from where.
Habit = Callable[[Random, Person, datetime], Iterator[Plan]]


@dataclass(frozen=True)
class Group:
    """People of one situation, how often they visit, 0–1 a day, and what a visit is like."""

    people: tuple[Person, ...]
    visits_a_day: float
    habit: Habit


def tell(*, seed: int, scale: float, days: int, until: datetime, office_sizes: Sequence[int] = OFFICE_SIZES) -> Story:
    """Make up everybody's visits in the days before `until`; `scale` multiplies all numbers but the sizes of offices.

    Offices larger than 50 times the scale are left out, so that a small population stays small.
    """
    random = Random(f"situations {seed}")  # noqa: S311 - made to be the same again
    begin = until - timedelta(days=days + 1)
    making = _Making(random, seed, scale)
    sizes = [size for size in office_sizes if size <= max(5, 500 * scale)]
    groups = [
        *making.offices(sizes),
        making.carrier(),
        making.families(),
        making.shared_accounts(),
        making.singular("private windows", lambda device: replace(device, private_share=0.4)),
        making.singular("weekly clearing", lambda device: replace(device, clears_days=7.0)),
        making.singular("log-outs", lambda device: replace(device, log_out_share=0.95)),
        making.singular("travellers", lambda device: device),
    ]
    plans = [plan for group in groups for plan in _plans(random, group, begin, days)]
    plans += making.kiosks(begin, days)
    plans += making.bots(begin, days)
    world = people.make_world(random, seed=seed, people=making.count(ORDINARY_PEOPLE, 12))
    plans += [_ordinary(plan) for plan in residents(random, world, begin, days)]
    return carry_out(random, plans, seed=seed, name=f"situations {seed} {scale} {days} {until.date()}")


def situation(plan: Plan) -> str:
    """Return what is special about a visit."""
    return plan.person.situation if plan.person else "bots"


def _plans(random: Random, group: Group, begin: datetime, days: int) -> Iterator[Plan]:
    for person in group.people:
        for day in range(days):
            if random.random() < group.visits_a_day:
                yield from group.habit(random, person, begin + timedelta(days=day))


def _ordinary(plan: Plan) -> Plan:
    if plan.person is None:
        return plan
    return replace(plan, person=replace(plan.person, situation="ordinary households"))


def _at_home(random: Random, person: Person, midnight: datetime) -> Iterator[Plan]:
    """Plan a visit with one of the person's devices, from home, or with the phone from outside."""
    devices = [device for device in (person.laptop, person.phone, *person.shared) if device is not None]
    device = random.choice(devices)
    is_out = device is person.phone and random.random() < 0.4
    yield Plan(between(random, midnight, 8, 23), device, person.carrier if is_out else person.household, person)


def _on_shared(random: Random, person: Person, midnight: datetime) -> Iterator[Plan]:
    device = person.shared[0] if random.random() < 0.7 or person.phone is None else person.phone
    yield Plan(between(random, midnight, 8, 23), device, person.household, person)


def _at_work(random: Random, person: Person, midnight: datetime) -> Iterator[Plan]:
    if person.machine is not None and person.office is not None and midnight.weekday() < 5:
        yield Plan(between(random, midnight, 8, 18), person.machine, person.office, person)


def _outside(random: Random, person: Person, midnight: datetime) -> Iterator[Plan]:
    if person.phone is not None:
        yield Plan(between(random, midnight, 7, 23), person.phone, person.carrier, person)


@dataclass
class _Making:
    """Makes people of each situation; `numbers` counts them."""

    random: Random
    seed: int
    scale: float
    number: int = 0

    def count(self, number: int, least: int = 1) -> int:
        return max(least, round(number * self.scale))

    def offices(self, sizes: Sequence[int]) -> Iterator[Group]:
        """Make offices of identical laptops, which are updated on one day. In large ones each visits less often."""
        for number, size in enumerate(sizes):
            town = people.TOWNS[0]
            place = Place(f"alike-{number}", town, (self._address(town.office_range),))
            lot = f"alike-{number}-{size}"
            staff = tuple(
                replace(
                    self._person(town, place, f"office of {size}"),
                    phone=None,
                    office=place,
                    machine=Device(f"{lot}-{desk}", "office", people.CHROME_ON_WINDOWS, town, lot, lot=lot),
                )
                for desk in range(size)
            )
            yield Group(staff, max(0.08, min(0.3, 6 / size)), _at_work)

    def carrier(self) -> Group:
        """Make people with phones behind two addresses of one carrier; many phones are of one model."""
        town = people.TOWNS[1]
        carrier = Place("nat", town, (self._address(town.carrier_range), self._address(town.carrier_range)))
        phones = tuple(
            replace(self._person(town, carrier, "carrier NAT"), laptop=None, carrier=carrier)
            for _ in range(self.count(CARRIER_PHONES, 10))
        )
        return Group(phones, 0.14, _outside)

    def families(self) -> Group:
        """Make families of two to four people with one computer."""
        found: list[Person] = []
        for number in range(self.count(FAMILIES, 2)):
            town = self.random.choice(people.TOWNS)
            home = Place(f"family-{number}", town, (self._address(town.office_range),))
            shared = Device(f"family-{number}", "family", self.random.choice(people.LAPTOPS), town, f"family-{number}")
            found += [
                replace(self._person(town, home, "family browsers"), laptop=None, shared=(shared,))
                for _ in range(self.random.choice((2, 3, 4)))
            ]
        return Group(tuple(found), 0.2, _on_shared)

    def shared_accounts(self) -> Group:
        """Make couples with one account, each with a laptop and most with a phone."""
        found: list[Person] = []
        for number in range(self.count(SHARED_ACCOUNTS, 2)):
            town = self.random.choice(people.TOWNS)
            home = Place(f"couple-{number}", town, (self._address(town.office_range),))
            both = [self._person(town, home, "shared accounts") for _ in range(2)]
            found += [replace(person, user_id=f"account.{self.seed}-{number}") for person in both]
        return Group(tuple(found), 0.22, _at_home)

    def singular(self, name: str, change: Callable[[Device], Device]) -> Group:
        """Make households of two, in which one person does what is special, and the other is ordinary."""
        found: list[Person] = []
        for number in range(self.count(SINGULAR_PEOPLE, 3)):
            town = self.random.choice(people.TOWNS)
            home = Place(f"{name}-{number}", town, (self._address(town.office_range),))
            person, partner = (self._person(town, home, name) for _ in range(2))
            phone = change(person.phone) if person.phone else None
            found.append(replace(person, laptop=change(person.laptop) if person.laptop else None, phone=phone))
            found.append(replace(partner, situation="ordinary households"))
        return Group(tuple(found), 0.24, self._away if name == "travellers" else _at_home)

    def kiosks(self, begin: datetime, days: int) -> Iterator[Plan]:
        """Plan the visits of guests, who log in one after another on two terminals that forget them."""
        town = people.TOWNS[0]
        for number in range(2):
            place = Place(f"hall-{number}", town, (self._address(town.office_range),))
            name = f"hall-terminal-{number}"
            terminal = Device(name, "kiosk", people.CHROME_ON_WINDOWS, town, name, keeps_cookies=False)
            for turn in range(self.count(KIOSK_GUESTS, 6)):
                guest = self._person(town, place, "kiosks")
                midnight = begin + timedelta(days=(turn // KIOSK_GUESTS_A_DAY) % days)
                hour = 9 + turn % KIOSK_GUESTS_A_DAY
                yield Plan(between(self.random, midnight, hour, hour + 0.8), terminal, place, guest)

    def bots(self, begin: datetime, days: int) -> Iterator[Plan]:
        """Plan visits of a farm of identical headless browsers, which keep no cookies, each from a new address."""
        town = people.TOWNS[1]
        farm = Device("farm", "crawler", people.LAPTOPS[2], town, "farm", keeps_cookies=False)
        for number in range(self.count(BOT_VISITS, 5)):
            place = Place(f"farm-{number}", town, (self._address("34.120"),))
            yield Plan(between(self.random, begin + timedelta(days=number % days), 0, 24), farm, place, None)

    def _away(self, random: Random, person: Person, midnight: datetime) -> Iterator[Plan]:
        """Plan a visit of a traveller from a new address each time; of another person, from home."""
        for plan in _at_home(random, person, midnight):
            if person.situation == "travellers":
                hotel = Place(f"hotel-{self.number}", person.household.town, (self._address(random.choice(TRAVEL)),))
                self.number += 1
                yield replace(plan, place=hotel)
            else:
                yield plan

    def _person(self, town: Town, home: Place, name: str) -> Person:
        self.number += 1
        carrier = Place(f"own-carrier-{self.number}", town, (self._address(town.carrier_range),))
        person = people.person(self.random, seed=self.seed, number=100_000 + self.number, home=home, carrier=carrier)
        return replace(person, situation=name)

    def _address(self, prefix: str) -> str:
        return people.address(self.random, prefix)


#: Ranges of the addresses from which travellers visit.
TRAVEL = ("80.10", "81.20", "82.30", "83.40", "85.50")
