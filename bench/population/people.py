"""Make up people: who lives and works where, with which devices. The same seed gives the same people."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Literal

FIRST_NAMES = (
    "Ada",
    "Ben",
    "Carla",
    "Deniz",
    "Emil",
    "Fatma",
    "Georg",
    "Hanna",
    "Ivan",
    "Jana",
    "Kofi",
    "Lena",
    "Mehmet",
    "Nora",
    "Otto",
    "Priya",
    "Quinn",
    "Rosa",
    "Samir",
    "Tessa",
    "Ugo",
    "Vera",
    "Wanda",
    "Yusuf",
    "Zoe",
)
LAST_NAMES = (
    "Abel",
    "Brandt",
    "Costa",
    "Demir",
    "Ebner",
    "Fischer",
    "Garcia",
    "Huber",
    "Ivanov",
    "Jansen",
    "Keller",
    "Lopez",
    "Meyer",
    "Novak",
    "Okafor",
    "Petrov",
    "Rossi",
    "Sato",
    "Thomsen",
    "Usman",
    "Vogel",
    "Weber",
    "Yilmaz",
    "Zimmer",
)

#: Two of ten people never have an account. This share and the others are rough, but near to what shops see.
ACCOUNT_SHARE = 0.8
EMPLOYEES_SHARE = 1 / 3
OFFICE_PEOPLE = 40
KIOSK_GUESTS_SHARE = 25 / 120
#: Companies buy machines by the dozen, and some of a lot are identical to the last setting.
OFFICE_ALIKE_SHARE = 0.3
#: Phones of one model and language are often identical; FingerprintJS itself gives such a hash a confidence of 0.3.
IPHONE_ALIKE_SHARE = 0.3

Kind = Literal["laptop", "phone", "tablet", "tv", "family", "office", "kiosk", "crawler"]


@dataclass(frozen=True)
class Model:
    """The user agent and hints of a browser, and the properties that machines of one make share."""

    user_agent: str
    hints: Mapping[str, str]
    platform: str
    renderer: str
    screens: tuple[tuple[int, int], ...]
    touch_points: int
    #: FingerprintJS's own confidence on this platform.
    confidence: float
    vendor: str = "Google Inc."


@dataclass(frozen=True)
class Town:
    """A country's addresses, language and clock. The ranges are real; who has which address is made up."""

    country: str
    language: str
    time_zone: str
    #: How many hours its clock is ahead of UTC, in summer and in winter.
    hours: int
    home_ranges: tuple[str, ...]
    office_range: str
    carrier_range: str


@dataclass(frozen=True)
class Place:
    """A place with one address, or with several that change, such as a carrier's."""

    name: str
    town: Town
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Device:
    """One browser on one machine. Its fingerprint is made from `machine`, which identical machines share.

    Machines of one `lot` are updated together. `clears_days` is after how many days its owner clears the browser's storage.
    The shares are how many visits are in a private window, and how many logins end with a log-out; None for the usual ones.
    """

    name: str
    kind: Kind
    model: Model
    town: Town
    machine: str
    keeps_cookies: bool = True
    lot: str | None = None
    clears_days: float | None = None
    private_share: float | None = None
    log_out_share: float | None = None


@dataclass(frozen=True)
class Person:
    """A person and their devices; `user_id` is their account, None without one."""

    name: str
    user_id: str | None
    full_name: str
    household: Place
    carrier: Place
    phone: Device | None
    laptop: Device | None
    shared: tuple[Device, ...]
    office: Place | None = None
    machine: Device | None = None
    #: What is special about the person, as `situations.py` names it; empty for nothing.
    situation: str = ""


@dataclass(frozen=True)
class World:
    """All people, places and devices."""

    seed: int
    people: tuple[Person, ...]
    kiosk: Place
    terminal: Device
    guests: tuple[Person, ...]
    crawlers: tuple[tuple[Device, Place], ...]

    def devices(self) -> Iterator[Device]:
        """Yield each device once."""
        seen: set[str] = set()
        owned = (one for person in self.people for one in (person.phone, person.laptop, person.machine, *person.shared))
        for device in (*owned, self.terminal, *(crawler for crawler, _ in self.crawlers)):
            if device is not None and device.name not in seen:
                seen.add(device.name)
                yield device


CHROMIUM = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{{version}}.0.0.0 {safari}"


def _hints(brand: str, system: str, mobile: str = "?0") -> dict[str, str]:
    return {
        "Sec-CH-UA": f'"{brand}";v="{{version}}", "Not?A_Brand";v="8", "Chromium";v="{{version}}"',
        "Sec-CH-UA-Platform": f'"{system}"',
        "Sec-CH-UA-Mobile": mobile,
    }


DESKTOP = ((1920, 1080), (2560, 1440), (1536, 864), (1366, 768))
WINDOWS = CHROMIUM.format(system="Windows NT 10.0; Win64; x64", safari="Safari/537.36")
CHROME_ON_WINDOWS = Model(
    WINDOWS, _hints("Google Chrome", "Windows"), "Win32", "ANGLE (Intel, UHD Graphics 620)", DESKTOP, 0, 0.6
)
LAPTOPS = (
    CHROME_ON_WINDOWS,
    Model(
        f"{WINDOWS} Edg/{{version}}.0.0.0",
        _hints("Microsoft Edge", "Windows"),
        "Win32",
        "ANGLE (NVIDIA, RTX 3060)",
        DESKTOP,
        0,
        0.6,
    ),
    Model(
        "Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0",
        {},
        "Linux x86_64",
        "Mesa Intel UHD",
        DESKTOP,
        0,
        0.6,
        vendor="",
    ),
    Model(
        CHROMIUM.format(system="Macintosh; Intel Mac OS X 10_15_7", safari="Safari/537.36"),
        _hints("Google Chrome", "macOS"),
        "MacIntel",
        "ANGLE (Apple, M2)",
        ((1512, 982), (1728, 1117)),
        0,
        0.5,
    ),
)
ANDROID = CHROMIUM.format(system="Linux; Android 10; K", safari="Mobile Safari/537.36")
ANDROID_PHONE = Model(
    ANDROID,
    _hints("Google Chrome", "Android", "?1"),
    "Linux armv81",
    "Adreno 730",
    ((412, 915), (360, 800), (393, 873)),
    5,
    0.7,
)
IPHONE = Model(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.{version} Mobile/15E148 Safari/604.1",
    {},
    "iPhone",
    "Apple GPU",
    ((390, 844), (393, 852)),
    5,
    0.3,
    vendor="Apple Computer, Inc.",
)
TABLET = Model(
    CHROMIUM.format(system="Linux; Android 10; K", safari="Safari/537.36"),
    _hints("Google Chrome", "Android"),
    "Linux armv81",
    "Mali-G52",
    ((800, 1280),),
    5,
    0.7,
)
TV = Model(
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/{version}.0 Chrome/94.0.4606.31 TV Safari/537.36",
    {},
    "Linux armv7l",
    "Mali-G57",
    ((1920, 1080),),
    0,
    0.5,
)
#: The devices that households share, and the share of households with several members that have one.
SHARED: tuple[tuple[Kind, Model, float], ...] = (("tablet", TABLET, 0.7), ("tv", TV, 0.4))
CRAWLER = Model(
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    {},
    "Linux x86_64",
    "SwiftShader",
    ((1024, 768),),
    0,
    0.3,
)

TOWNS = (
    Town("DE", "de-DE", "Europe/Berlin", 1, ("91.15", "84.140", "2003:e7:9"), "217.86", "109.40"),
    Town("US", "en-US", "America/Chicago", -6, ("73.44", "98.213", "2601:24a:8"), "50.200", "172.56"),
    Town("JP", "ja-JP", "Asia/Tokyo", 9, ("126.72", "153.180", "2400:4050:a"), "210.140", "49.98"),
    Town("BR", "pt-BR", "America/Sao_Paulo", -3, ("179.98", "189.62"), "200.170", "191.5"),
)
#: How many of ten households live in the first town, which has the office and the kiosk.
FIRST_TOWN_OF_TEN = 7


def make_world(random: Random, *, seed: int, people: int) -> World:
    """Make a world with a number of people; all chance comes from `random`.

    Raises:
        ValueError: There are fewer than 12 people, which is too few for an office and a kiosk.
    """
    if people < 12:
        raise ValueError("a population has at least 12 people")
    residents = [person for household in _households(random, seed, people) for person in household]
    residents = _employ(random, residents)
    registered = [person for person in residents if person.user_id is not None]
    guests = min(len(registered), max(5, round(people * KIOSK_GUESTS_SHARE)))
    return World(
        seed=seed,
        people=tuple(residents),
        kiosk=Place("library", TOWNS[0], (address(random, TOWNS[0].office_range),)),
        terminal=Device("terminal", "kiosk", CHROME_ON_WINDOWS, TOWNS[0], "terminal", keeps_cookies=False),
        guests=tuple(random.sample(registered, guests)),
        crawlers=tuple(
            (
                Device(f"crawler-{number}", "crawler", CRAWLER, TOWNS[1], "crawler", keeps_cookies=False),
                Place(f"crawler-{number}", TOWNS[1], (address(random, "66.249"),)),
            )
            for number in range(3)
        ),
    )


def _households(random: Random, seed: int, people: int) -> Iterator[list[Person]]:
    carriers = {
        town: Place(f"carrier-{town.country}", town, tuple(address(random, town.carrier_range) for _ in range(2)))
        for town in TOWNS
    }
    numbers = count(1)
    left = people
    for household in count(1):
        if not left:
            return
        size = min(left, random.choice((1, 1, 2, 2, 3, 4, 5)) if household > 1 else 4)
        left -= size
        first = household == 1 or random.randrange(10) < FIRST_TOWN_OF_TEN
        town = TOWNS[0] if first else random.choice(TOWNS[1:])
        home = Place(f"home-{household}", town, _home(random, town))
        shared = tuple(
            Device(f"{kind}-{household}", kind, model, town, f"{kind}-{household}")
            for kind, model, share in SHARED
            if size > 1 and (household == 1 or random.random() < share)
        )
        yield [
            person(random, seed=seed, number=next(numbers), home=home, carrier=carriers[town], shared=shared)
            for _ in range(size)
        ]


def person(
    random: Random, *, seed: int, number: int, home: Place, carrier: Place, shared: tuple[Device, ...] = ()
) -> Person:
    """Make up a person who lives at home: most have an account and a phone, and many have a laptop."""
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    # The id contains the seed, so another population in the same tenant has other users.
    user_id = f"{first}.{last}.{seed}-{number}".lower() if random.random() < ACCOUNT_SHARE else None
    return Person(
        name=f"person-{number}",
        user_id=user_id,
        full_name=f"{first} {last}",
        household=home,
        carrier=carrier,
        phone=_phone(random, number, home.town) if random.random() < 0.9 else None,
        laptop=_laptop(random, number, home.town) if random.random() < 0.6 or not shared else None,
        shared=shared,
    )


def _phone(random: Random, number: int, town: Town) -> Device:
    name = f"phone-{number}"
    if random.random() < 0.5:
        return Device(name, "phone", ANDROID_PHONE, town, name)
    alike = random.random() < IPHONE_ALIKE_SHARE
    return Device(name, "phone", IPHONE, town, f"iphone-{town.country}" if alike else name)


def _laptop(random: Random, number: int, town: Town) -> Device:
    name = f"laptop-{number}"
    return Device(name, "laptop", random.choice(LAPTOPS), town, name)


def _employ(random: Random, residents: list[Person]) -> list[Person]:
    """Give a third of the people a job in the first town, in offices of 40, with machines of one make."""
    local = [person for person in residents if person.household.town is TOWNS[0]]
    employed = random.sample(local, min(len(local), round(len(residents) * EMPLOYEES_SHARE)))
    working: dict[str, Person] = {}
    for number, person in enumerate(employed):
        office, desk = divmod(number, OFFICE_PEOPLE)
        if desk == 0:
            place = Place(f"office-{office + 1}", TOWNS[0], (address(random, TOWNS[0].office_range),))
        name = f"desk-{office + 1}-{desk + 1}"
        alike = random.random() < OFFICE_ALIKE_SHARE
        machine = f"lot-{office + 1}-{desk // 3}" if alike else name
        device = Device(name, "office", CHROME_ON_WINDOWS, TOWNS[0], machine)
        working[person.name] = replace(person, office=place, machine=device)
    return [working.get(person.name, person) for person in residents]


def _home(random: Random, town: Town) -> tuple[str, ...]:
    """Return a household's addresses: one of IPv4, or six in one /64, where each device has its own and changes it."""
    prefix = random.choice(town.home_ranges)
    if ":" not in prefix:
        return (address(random, prefix),)
    network = f"{prefix}{random.randrange(256):02x}:{random.randrange(1, 65536):x}"
    return tuple(f"{network}:{':'.join(f'{random.randrange(1, 65536):x}' for _ in range(4))}" for _ in range(6))


def address(random: Random, prefix: str) -> str:
    """Return an address of IPv4 in a range."""
    return f"{prefix}.{random.randrange(256)}.{random.randrange(1, 255)}"


def fingerprint(device: Device, *, seed: int, updates: int) -> dict[str, object]:
    """Return what FingerprintJS would collect from a device after a number of updates of its browser.

    An update changes the drawing (`canvas`) and so the hash. Language, time zone, screen and graphics stay the same.
    """
    digest = _digest(f"{seed} {device.machine}")
    chosen = int(digest[:8], 16)
    width, height = device.model.screens[chosen % len(device.model.screens)]
    drawn = _digest(f"{digest} canvas {updates}")
    components = {
        "platform": device.model.platform,
        "languages": [[device.town.language]],
        "timezone": device.town.time_zone,
        "screenResolution": [width, height],
        "hardwareConcurrency": (4, 8, 12, 16)[chosen // 7 % 4],
        "deviceMemory": (4, 8, 16)[chosen // 11 % 3],
        "colorDepth": 24,
        "touchSupport": {"maxTouchPoints": device.model.touch_points, "touchStart": device.model.touch_points > 0},
        "vendor": device.model.vendor,
        "fonts": [f"Font {number}" for number in range(30) if int(digest[number], 16) > 6],
        "audio": 124.04 + chosen % 997 / 10_000,
        "canvas": {"winding": True, "geometry": drawn[:16], "text": drawn[16:]},
        "webGlBasics": {"rendererUnmasked": device.model.renderer},
    }
    return {
        "visitorId": _digest(f"{digest} {updates}"),
        "confidence": device.model.confidence,
        "components": {name: {"value": value} for name, value in components.items()},
    }


def headers(device: Device, updates: int) -> dict[str, str]:
    """Return the headers that describe a browser, after a number of updates."""
    first = 4 if device.model is IPHONE else 27 if device.kind == "tv" else 141
    version = str(first + updates)
    given = {"User-Agent": device.model.user_agent, **device.model.hints}
    return {name: text.replace("{version}", version) for name, text in given.items()}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
