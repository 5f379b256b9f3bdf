"""The counters of one process count in fixed windows, and forget those that have ended."""

from app.rate_limits import SWEEP_SECONDS, OwnCounters


class Clock:
    """A clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_begins_with_the_first_call_and_ends_after_its_seconds() -> None:
    clock = Clock()
    counters = OwnCounters(clock)
    assert counters.incr("address", 10) == 1
    clock.now += 9
    assert counters.incr("address", 10) == 2
    assert (counters.get("address"), counters.get_expiry("address")) == (2, 1010)
    clock.now += 1
    assert counters.get("address") == 0
    assert counters.incr("address", 10) == 1
    assert counters.get_expiry("address") == 1020


def test_each_key_has_a_window_of_its_own() -> None:
    counters = OwnCounters(Clock())
    assert [counters.incr(key, 10) for key in ("a", "b", "a")] == [1, 1, 2]
    counters.clear("a")
    assert (counters.get("a"), counters.get("b")) == (0, 1)


def test_windows_that_have_ended_are_forgotten() -> None:
    clock = Clock()
    counters = OwnCounters(clock)
    for number in range(100):
        counters.incr(f"address {number}", 1)
    counters.incr("key", 1000)
    clock.now += SWEEP_SECONDS
    counters.incr("address", 1)
    assert counters.get("key") == 1
    assert counters.reset() == 2
