"""Write and read the truth file: one line of JSON for the population, and for each person, device and session."""

import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.population.people import World


@dataclass(frozen=True)
class Population:
    """The options of a population. The same seed, numbers and day give the same population, message for message."""

    seed: int
    people: int
    days: int
    until: datetime
    tenant: str
    #: Whether the whole population was sent, so that it can be checked.
    complete: bool


@dataclass(frozen=True)
class KnownPerson:
    """A person; `user` is None without an account."""

    person: str
    user: str | None
    household: str
    office: str | None
    kiosk_guest: bool


@dataclass(frozen=True)
class KnownDevice:
    """One browser on one machine; identical machines have the same `machine`."""

    device: str
    type: str
    machine: str


@dataclass(frozen=True)
class KnownSession:
    """One session, with the truth about it.

    - `person`: whose session it truly was; None for a crawler's.
    - `login`: the user who logged in in its tenure, in this session or in another.
    - `logged_in`: whether the login was in this very session.
    - `events`: how many events were sent in it.
    - `told`: the user ids that its page got in answers.
    """

    session_id: str
    visitor_id: str
    person: str | None
    login: str | None
    logged_in: bool
    device: str
    jar: str
    tenure: str
    place: str
    household: str | None
    address: str
    started_at: datetime
    events: int
    told: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Truth:
    """The whole truth about a population."""

    population: Population
    people: tuple[KnownPerson, ...]
    devices: tuple[KnownDevice, ...]
    sessions: tuple[KnownSession, ...]


def of_world(world: World) -> tuple[tuple[KnownPerson, ...], tuple[KnownDevice, ...]]:
    """Return the people and devices, which are known before the first visit."""
    guests = {guest.name for guest in world.guests}
    people = tuple(
        KnownPerson(
            person=person.name,
            user=person.user_id,
            household=person.household.name,
            office=person.office.name if person.office else None,
            kiosk_guest=person.name in guests,
        )
        for person in world.people
    )
    return people, tuple(KnownDevice(device.name, device.kind, device.machine) for device in world.devices())


def write(file: Path, truth: Truth) -> None:
    """Write the file completely or not at all; only its owner may read it, since it says who is who."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [{"kind": "population", **asdict(truth.population)}]
    for kind, items in (("person", truth.people), ("device", truth.devices), ("session", truth.sessions)):
        lines += [{"kind": kind, **asdict(item)} for item in items]
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}-", delete=False) as draft:
        draft.writelines(json.dumps(line, default=_time) + "\n" for line in lines)
    Path(draft.name).replace(file)


def read(file: Path) -> Truth | None:
    """Read the file; return None if there is none, raise `ValueError` if it is not a truth file of this version."""
    try:
        found: dict[str, list[dict[str, Any]]] = {}
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            found.setdefault(line.pop("kind"), []).append(line)
        [head] = found["population"]
        return Truth(
            Population(**{**head, "until": _read_time(head["until"])}),
            tuple(KnownPerson(**line) for line in found.get("person", [])),
            tuple(KnownDevice(**line) for line in found.get("device", [])),
            tuple(_read_session(line) for line in found.get("session", [])),
        )
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{file} is no truth file of this version") from error


def _read_session(line: dict[str, Any]) -> KnownSession:
    lists = {name: tuple(line[name]) for name in ("told", "notes")}
    return KnownSession(**{**line, "started_at": _read_time(line["started_at"]), **lists})


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is nothing that the truth file holds")
    return value.astimezone(UTC).isoformat(timespec="milliseconds")


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
