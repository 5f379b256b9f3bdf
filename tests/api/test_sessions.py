"""When a session is open, and how late deliveries are handled."""

import pytest

from tests.world import Api, Clock, utc


def test_a_session_says_when_it_ends(api: Api) -> None:
    visit = api.init("f-1")

    assert visit["startedAt"] == "2026-03-04T12:00:00.000Z"
    assert visit["expiresAt"] == "2026-03-04T12:30:00.000Z"


def test_each_event_keeps_a_session_open(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    for _ in range(3):
        clock.forward(minutes=29)
        api.track(visit)

    assert api.get("sessions", visit["sessionId"])["expiresAt"] == "2026-03-04T13:57:00.000Z"


def test_an_idle_session_has_expired(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(minutes=30, seconds=1)

    assert api.track(visit, expect=410)["code"] == "session_expired"
    assert api.identify(visit, "anna", expect=410)["code"] == "session_expired"
    api.get("users", "anna", expect=404)


def test_a_session_lasts_a_day_at_most(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    for _ in range(24 * 60 // 29):
        clock.forward(minutes=29)
        api.track(visit)
    clock.forward(minutes=25)

    assert api.track(visit, expect=410)["code"] == "session_expired"


def test_what_is_delivered_late_for_an_open_time_is_taken_for_a_month(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(days=29)
    late = api.track(visit, "late", timestamp="2026-03-04T12:20:00.000Z")
    clock.forward(days=2)

    assert late["timestamp"] == "2026-03-04T12:20:00.000Z"
    assert api.track(visit, expect=410, timestamp="2026-03-04T12:20:00.000Z")["code"] == "session_expired"


def test_what_happened_after_the_end_is_refused_however_it_is_delivered(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(days=1)

    assert api.track(visit, expect=410, timestamp="2026-03-04T13:00:00.000Z")["code"] == "session_expired"


def test_a_clients_clock_is_corrected_by_when_it_sent(api: Api) -> None:
    visit = api.init("f-1", timestamp="2031-01-01T00:00:00+02:00", sentAt="2031-01-01T00:00:00+02:00")
    event = api.track(visit, timestamp="2031-01-01T00:05:00.5+02:00", sentAt="2031-01-01T00:05:01+02:00")

    assert visit["startedAt"] == "2026-03-04T12:00:00.000Z"
    assert event["timestamp"] == "2026-03-04T11:59:59.500Z"
    assert event["receivedAt"] == "2026-03-04T12:00:00.000Z"


def test_nothing_happens_in_the_future(api: Api) -> None:
    event = api.track(api.init("f-1"), timestamp="2027-01-01T00:00:00Z")

    assert event["timestamp"] == event["receivedAt"]


def test_a_visit_begins_when_the_client_says_within_reason(api: Api) -> None:
    earlier = api.init("f-1", timestamp="2026-03-04T11:00:00Z")
    long_ago = api.init("f-2", timestamp="1999-01-01T00:00:00Z")

    assert earlier["startedAt"] == "2026-03-04T11:00:00.000Z"
    assert (utc("2026-03-04T12:00:00Z") - utc(long_ago["startedAt"])).days == 30
    assert api.track(earlier, expect=410)["code"] == "session_expired"


@pytest.mark.parametrize("call", ["track", "identify"])
def test_a_session_there_is_not_is_not_found(api: Api, other_api: Api, call: str) -> None:
    theirs = other_api.init("f-1")
    for session in ("nowhere", theirs["sessionId"]):
        answer = api.track(session, expect=404) if call == "track" else api.identify(session, "anna", expect=404)
        assert answer["code"] == "session_not_found"
    api.get("users", "anna", expect=404)
