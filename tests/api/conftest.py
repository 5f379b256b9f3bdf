"""What tests of the past ask for: a story with times to ask for."""

import pytest

from app.schemas.wire import wire_time
from tests.world import Answer, Api, Clock


@pytest.fixture
def moments(clock: Clock) -> dict[str, str]:
    """Times to ask for, by the names that `note` gave them."""
    return {}


def note(clock: Clock, moments: dict[str, str], name: str) -> None:
    """Remember the present under a name, and let time go on."""
    clock.forward(minutes=1)
    moments[name] = wire_time(clock())
    clock.forward(minutes=1)


@pytest.fixture
def laptop(api: Api, clock: Clock, moments: dict[str, str]) -> Answer:
    """A laptop that looked around, logged in as anna, and bought something."""
    visit = api.init("laptop")
    api.track(visit, "look")
    note(clock, moments, "anonymous")
    api.identify(visit, "anna")
    note(clock, moments, "logged in")
    api.track(visit, "buy")
    note(clock, moments, "bought")
    return visit
