"""Whoever posts visits with a stranger's fingerprint from one address takes it from nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from graph.acts import tenants
from graph.database import Database
from tests.api.test_consistency import check
from tests.world import Answer, Api, Clock, Graph

HOME = "198.51.100.1"
THEIRS = "192.0.2.66"


@dataclass
class Victim:
    """Anna's browser of several days, which loses its cookies: her login is tied to its later visits."""

    api: Api
    visitor_id: str

    def is_recognised(self) -> bool:
        visit = self.api.init("laptop", address=HOME)
        return (visit["visitorId"], visit["match"]["method"]) == (self.visitor_id, "fingerprint")


@pytest.fixture
def victim(api: Api, clock: Clock) -> Victim:
    first = api.init("laptop", address=HOME)
    api.identify(first, "anna", address=HOME)
    for _ in range(2):
        clock.forward(days=2)
        api.track(api.init("laptop", address=HOME), "look")
    clock.forward(days=2)
    return Victim(api, first["visitorId"])


def come(api: Api, name: str, fingerprint: str = "laptop", *, address: str = THEIRS) -> Answer:
    return api.init(fingerprint, anonymousId=name, address=address)


def by_jars_of_their_own(api: Api, calls: int) -> None:
    for number in range(calls):
        come(api, f"theirs {number}", f"other {number}")
        come(api, f"theirs {number}")


def by_jars_that_it_recognises(api: Api, calls: int) -> None:
    for number in range(calls):
        come(api, f"theirs {number}")
        come(api, f"theirs {number}")


def with_times_that_they_make_up(api: Api, calls: int) -> None:
    for number in range(calls):
        for time in ("2026-03-05T12:00:00Z", "2026-03-08T12:00:00Z", "2026-03-10T11:00:00Z"):
            api.init("laptop", anonymousId=f"theirs {number}", address=THEIRS, timestamp=time)


@pytest.mark.parametrize("calls", [1, 100])
@pytest.mark.parametrize("attack", [by_jars_of_their_own, by_jars_that_it_recognises, with_times_that_they_make_up])
def test_who_comes_in_passing_takes_a_fingerprint_from_nobody(
    attack: Callable[[Api, int], None], calls: int, victim: Victim, api: Api, graph: Graph
) -> None:
    ties = graph.edges("TIED_TO")
    assert len(ties) == 2
    attack(api, calls)
    assert victim.is_recognised()
    assert ties <= graph.edges("TIED_TO")
    assert api.journey("users", "anna") == ["identify", "look", "look"]
    assert graph.rows("MATCH (e:AuditEntry {act: 'loosen'}) RETURN e") == []
    assert check(api) == []


@pytest.mark.parametrize("back", [{"hours": 1.1}, {"address": "192.0.2.67"}, {"secret": True}])
def test_who_comes_again_later_or_from_elsewhere_or_from_your_server_has_the_fingerprint_too(
    back: dict[str, Any], victim: Victim, clock: Clock, graph: Graph
) -> None:
    api = victim.api
    by_jars_of_their_own(api, 1)
    clock.forward(hours=back.get("hours", 0))
    called = {name: value for name, value in back.items() if name != "hours"}
    again = api.init("laptop", anonymousId="theirs 0", **{"address": THEIRS, **called})
    assert again["visitorId"] != victim.visitor_id
    assert not victim.is_recognised()
    assert graph.edges("TIED_TO") == set()
    assert {visitor for visitor, _ in graph.edges("HAS_FINGERPRINT")} >= {victim.visitor_id, again["visitorId"]}
    assert check(api) == []


def test_jars_that_a_fingerprint_recognised_are_machines_once_they_come_again_later(
    victim: Victim, api: Api, clock: Clock
) -> None:
    by_jars_that_it_recognises(api, 4)
    clock.forward(hours=1.1)
    by_jars_that_it_recognises(api, 3)
    assert victim.is_recognised()
    come(api, "theirs 3")
    assert not victim.is_recognised()


def test_jars_that_came_in_passing_are_no_machines_after_an_erasure(victim: Victim, api: Api, clock: Clock) -> None:
    by_jars_that_it_recognises(api, 6)
    mallory = come(api, "theirs 5")
    api.identify(mallory, "mallory", secret=True)
    clock.forward(minutes=1)
    api.remove("users", "mallory", expect=200)
    assert victim.is_recognised()
    assert check(api) == []


def test_a_fingerprint_of_today_is_shared_with_whoever_shows_it(api: Api, clock: Clock) -> None:
    mine = api.init("laptop", address=HOME)
    clock.forward(hours=23)
    by_jars_of_their_own(api, 1)
    assert api.init("laptop", address=HOME)["visitorId"] != mine["visitorId"]


def test_an_address_takes_no_more_fingerprints_within_an_hour_than_the_policy_says(
    api: Api, clock: Clock, database: Database
) -> None:
    tenants.configure(database, "shop", {}, {"address_fingerprints_per_hour": 2})
    phones = {f"phone {number}": api.init(f"phone {number}", address=HOME)["visitorId"] for number in range(2)}
    clock.forward(days=2)
    phones["phone 2"] = api.init("phone 2", address=HOME)["visitorId"]
    clock.forward(hours=2)

    def attack(number: int) -> list[str]:
        warnings: list[str] = come(api, f"theirs {number}", f"phone {number}")["warnings"]
        return warnings

    for number in range(3):
        api.init(anonymousId=f"theirs {number}", address=THEIRS)
    # The third fingerprint is not settled yet, but too many.
    assert [attack(number) for number in range(3)] == [[], [], ["too_many_fingerprints"]]
    clock.forward(hours=1.1)
    assert [attack(number) for number in range(3)] == [[], [], ["too_many_fingerprints"]]
    found = {phone: api.init(phone, address="203.0.113.9")["visitorId"] for phone in phones}
    assert [phone for phone in phones if found[phone] == phones[phone]] == ["phone 2"]
    assert {(item["code"], item["subject"]) for item in api.pages("warnings")} == {("too_many_fingerprints", "phone 2")}
    # Whoever shows their own fingerprint is recognised, from the same address, too.
    assert api.init("phone 2", address=THEIRS)["visitorId"] == phones["phone 2"]


def test_a_servers_fingerprints_count_towards_no_bound(api: Api, database: Database) -> None:
    tenants.configure(database, "shop", {}, {"address_fingerprints_per_hour": 1})
    for number in range(3):
        assert api.init(f"f-{number}", address=THEIRS, secret=True)["warnings"] == []
    assert come(api, "theirs", "f-3")["warnings"] == []
