"""Which identity linked users have: that of the oldest of them, whatever the order and the way in which they were linked."""

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.rules import linking

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Account:
    """A user of the age that its number says."""

    user_id: str
    identity_id: str
    created_at: datetime
    is_hidden: bool = False


def accounts(count: int) -> dict[str, Account]:
    return {f"u{n}": Account(f"u{n}", f"usr_{n}", NOON + timedelta(hours=n)) for n in range(count)}


LINKS = st.sets(st.tuples(st.sampled_from([f"u{n}" for n in range(8)]), st.sampled_from([f"u{n}" for n in range(8)])))


def test_linked_users_have_the_identity_of_the_oldest() -> None:
    found = linking.linked_ids(accounts(5), {("u3", "u2"), ("u2", "u1"), ("u4", "u4")})
    assert found == {"u0": None, "u1": "usr_1", "u2": "usr_1", "u3": "usr_1", "u4": None}


def test_of_two_that_are_as_old_the_id_decides_and_a_visible_one_comes_first() -> None:
    twins = {name: Account(name, f"of {name}", NOON) for name in ("b", "a")}
    assert linking.linked_ids(twins, {("b", "a")}) == {"a": "of a", "b": "of a"}
    twins["a"] = replace(twins["a"], is_hidden=True)
    assert linking.linked_ids(twins, {("b", "a")}) == {"a": "of b", "b": "of b"}


@given(LINKS)
def test_the_direction_of_a_link_makes_no_difference(links: set[tuple[str, str]]) -> None:
    turned = {(other, one) for one, other in links}
    assert linking.linked_ids(accounts(8), links) == linking.linked_ids(accounts(8), turned)


@given(LINKS, st.data())
def test_who_has_one_identity_is_joined_by_a_way_and_no_other_is(
    links: set[tuple[str, str]], data: st.DataObject
) -> None:
    found = linking.linked_ids(accounts(8), links)
    one, other = (data.draw(st.sampled_from(sorted(found))) for _ in range(2))
    way = linking.way(links, one, other)
    assert bool(way) == (one != other and found[one] is not None and found[one] == found[other])
    assert all(step in links or step[::-1] in links for step in way)
    if way:
        assert (way[0][0], way[-1][1]) == (one, other)
        assert all(before[1] == after[0] for before, after in itertools.pairwise(way))


@given(LINKS)
def test_a_link_that_is_undone_leaves_what_the_others_give(links: set[tuple[str, str]]) -> None:
    for link in links:
        rest = links - {link}
        assert linking.linked_ids(accounts(8), rest) == linking.linked_ids(accounts(8), {*rest})
        if linking.way(rest, *link):
            assert linking.linked_ids(accounts(8), rest) == linking.linked_ids(accounts(8), links)
