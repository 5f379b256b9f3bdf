"""One caller leaves some threads of a worker to others, however much it has to do."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.shares import WAITING_MAX, Callers, Shares

BUSY: Callers = (("address", "203.0.113.7"), ("key", "wk_shop"))
OTHER: Callers = (("address", "203.0.113.8"), ("key", "wk_shop"))


def test_calls_of_one_address_leave_threads_to_others() -> None:
    shares: Shares[str] = Shares(8)
    for number in range(10):
        shares.add(f"busy {number}", BUSY)
    assert shares.take() == ["busy 0", "busy 1"]
    shares.add("other", OTHER)
    assert shares.take() == ["other"]
    shares.end(BUSY)
    assert shares.take() == ["busy 2"]


def test_a_key_leaves_threads_to_another_one_wherever_its_calls_come_from() -> None:
    shares: Shares[str] = Shares(8)
    for number in range(10):
        shares.add("heavy", (("address", f"203.0.113.{number}"), ("key", "wk_heavy")))
    shares.add("quiet", (("key", "bearer sk_quiet"),))
    assert Counter(shares.take()) == {"heavy": 6, "quiet": 1}


def test_who_lets_too_many_calls_wait_has_room_for_no_more_and_others_have() -> None:
    shares: Shares[int] = Shares(8)
    for number in range(2 + WAITING_MAX["address"]):
        assert shares.has_room(BUSY)
        shares.add(number, BUSY)
        shares.take()
    assert not shares.has_room(BUSY)
    assert shares.has_room(OTHER)
    shares.end(BUSY)
    shares.take()
    assert shares.has_room(BUSY)


CALLERS: st.SearchStrategy[Callers] = st.sampled_from(
    [BUSY, OTHER, (("address", "203.0.113.7"),), (("key", "bearer sk_1"),)]
)


@given(st.integers(1, 9), st.lists(CALLERS, max_size=20))
def test_every_call_gets_a_thread_once_and_never_more_run_than_there_are_threads(
    threads: int, calls: list[Callers]
) -> None:
    shares: Shares[int] = Shares(threads)
    for number, callers in enumerate(calls):
        shares.add(number, callers)
    ran: list[int] = []
    running = list(shares.take())
    while running:
        assert len(running) <= threads
        ended = running.pop(0)
        ran.append(ended)
        shares.end(calls[ended])
        running += shares.take()
    assert sorted(ran) == list(range(len(calls)))
    for callers in set(calls):
        own = [number for number in ran if calls[number] == callers]
        assert own == sorted(own), "the calls of one caller keep their order"
