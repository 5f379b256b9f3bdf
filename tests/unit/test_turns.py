"""Whose the first visit of a jar was, by who used its browser then."""

from datetime import datetime, timedelta

import pytest

from graph.rules.turns import ClaimThere, Turn, Unclaimed, belongs_below, settle, ties
from graph.rules.weighing import UserThere
from tests.given import NOON, POLICY


def day(number: float) -> datetime:
    return NOON + timedelta(days=number)


def user(name: str, *days: float) -> UserThere:
    """A user who logged in on some days."""
    return UserThere(name, f"usr_{name}", len(days), day(min(days)), day(max(days)))


def claim(name: str, at: float, *, above: str | None = None) -> ClaimThere:
    return ClaimThere(f"{name} {at:g}", name, f"usr_{name}", day(at), above, "f", 0.93)


def tenure(
    id_: str,
    at: float,
    *,
    of: str | None = None,
    above: str | None = None,
    below: tuple[str, ...] = (),
    probably: str = "",
) -> Unclaimed:
    return Unclaimed(id_, day(at), of, above, below, probably.split(), False, "f", 0.93, None)


def owners(turn: Turn) -> list[str]:
    return [claim.user_id for claim in turn.claims]


@pytest.mark.parametrize(
    ("at", "of", "is_several"),
    [
        (-1, ["anna"], False),  # Nobody had logged in: whoever did first afterwards.
        (1, ["anna"], False),
        (11, ["anna", "ben"], True),
        (35, ["ben"], False),  # Anna has not been there for 30 days.
        (90, ["ben"], False),  # Nobody has: whoever did last.
    ],
)
def test_a_jar_belongs_to_those_who_used_the_browser_in_the_month_before(
    at: float, of: list[str], *, is_several: bool
) -> None:
    users, claims = [user("anna", 0, 1), user("ben", 10, 11)], [claim("anna", 0), claim("ben", 10)]
    turn = belongs_below(day(at), users, claims, POLICY)
    assert (owners(turn), turn.is_several) == (of, is_several)


def test_a_user_who_claimed_nothing_there_is_one_of_several_all_the_same() -> None:
    turn = belongs_below(day(1), [user("anna", 0), user("stated", 0)], [claim("anna", 0)], POLICY)
    assert (owners(turn), turn.is_several, turn.only) == (["anna"], True, None)


def test_what_is_right_moves_only_if_it_leads_through_what_is_not() -> None:
    users, claims = [user("anna", 0), user("ben", 2)], [claim("anna", 0), claim("ben", 2)]
    wrong = tenure("wrong", 1, of="ben", above="ben 2", below=("right",))
    right = tenure("right", 1.5, of="anna", above="wrong")
    alone = tenure("alone", 1.6, of="anna", above="anna 0")
    moved = settle([wrong, right, alone], users, claims, (), POLICY)
    assert {id_: owners(turn) for id_, turn in moved.items()} == {"wrong": ["anna"], "right": ["anna"]}
    assert ties([wrong, right], moved, claims) == {"wrong": "anna 0", "right": "anna 0"}
    assert settle([alone], users, claims, (), POLICY) == {}


def test_inferences_are_to_all_who_were_there() -> None:
    users, claims = [user("anna", 0), user("ben", 1)], [claim("anna", 0), claim("ben", 1)]
    assert settle([tenure("t", 2, probably="ben anna")], users, claims, (), POLICY) == {}
    for unsettled in (tenure("t", 2, probably="anna"), tenure("t", 2), tenure("t", 2, of="anna", above="anna 0")):
        assert settle([unsettled], users, claims, (), POLICY)["t"].is_several


def test_a_kiosks_jars_are_nobodys() -> None:
    recent = [f"{int(NOON.timestamp())} {name}" for name in ("anna", "ben", "cleo")]
    users, claims = [user("anna", 0)], [claim("anna", 0)]
    for unsettled in (tenure("t", 0.01, of="anna", above="anna 0"), tenure("t", 0.01, probably="anna")):
        assert settle([unsettled], users, claims, recent, POLICY)["t"] == Turn(is_nobodys=True)
    assert settle([tenure("t", 0.01)], users, claims, recent, POLICY) == {}


def test_what_is_tied_to_something_else_stays_as_it_is() -> None:
    logged_out = tenure("t", 1, above="the tenure after a log-out")
    assert settle([logged_out], [user("anna", 0)], [claim("anna", 0)], (), POLICY) == {}


def test_nothing_leads_to_itself() -> None:
    first = tenure("first", -1, of="ben", below=("anna 0", "ben 2", "cleo 3"))
    claims = [claim("anna", 0, above="first"), claim("ben", 2, above="first"), claim("cleo", 3, above="first")]
    moved = settle([first], [user("anna", 0), user("ben", 2), user("cleo", 3)], claims, (), POLICY)
    assert ties([first], moved, claims) == {"first": "anna 0", "ben 2": "anna 0", "cleo 3": "anna 0"}
    under = [claim("anna", 0, above="ben 2"), claim("ben", 2, above="first")]
    first = tenure("first", -1, of="ben", below=("ben 2",))
    assert ties([first], {"first": Turn((under[0],))}, under) == {"first": "anna 0"}
