"""Which waiting commands share a transaction: none that could decide by what another writes, and each key in order."""

from hypothesis import given
from hypothesis import strategies as st

from graph.rules.grouping import Keys, Touched, in_turn, meeting, next_group, out_of_order, parts

APART = st.frozensets(st.sampled_from(["jar:1", "jar:2", "message:1", "message:2", "message:3"]), max_size=2)
IN_ORDER = st.frozensets(st.sampled_from(["session:1", "session:2"]), max_size=1)
COMMANDS = st.lists(st.builds(Keys, APART, IN_ORDER), max_size=12)


@given(COMMANDS, st.frozensets(st.sampled_from(["jar:1", "session:1"])), st.integers(1, 8))
def test_a_group_has_no_two_that_must_be_apart_and_none_that_meets_a_running_one(
    commands: list[Keys], busy: frozenset[str], size_max: int
) -> None:
    group = next_group(commands, busy, size_max)
    assert group == sorted(set(group))
    assert len(group) <= size_max
    for place in group:
        assert busy.isdisjoint(commands[place].all)
        assert all(commands[place].apart.isdisjoint(commands[other].apart) for other in group if other != place)


@given(COMMANDS, st.integers(1, 8))
def test_the_first_that_waits_goes_first_unless_its_key_is_busy(commands: list[Keys], size_max: int) -> None:
    assert next_group(commands, frozenset(), size_max)[:1] == [0][: len(commands)]


@given(COMMANDS, st.integers(1, 4), st.data())
def test_commands_with_a_common_key_run_in_the_order_in_which_they_came(
    commands: list[Keys], size_max: int, data: st.DataObject
) -> None:
    """Whatever order the groups of two leaders end in."""
    waiting, running = list(range(len(commands))), list[list[int]]()
    ran: list[int] = []
    while waiting or running:
        busy = {key for group in running for place in group for key in commands[place].all}
        group = [waiting[i] for i in next_group([commands[place] for place in waiting], busy, size_max)]
        if group and len(running) < 2 and (not running or data.draw(st.booleans(), label="another leader begins")):
            running.append(group)
            waiting = [place for place in waiting if place not in group]
        else:
            ran += running.pop(data.draw(st.integers(0, len(running) - 1), label="the group that ends"))
    assert sorted(ran) == list(range(len(commands)))
    for earlier in range(len(commands)):
        for later in range(earlier + 1, len(commands)):
            if not commands[earlier].all.isdisjoint(commands[later].all):
                assert ran.index(earlier) < ran.index(later)


FOUND = st.lists(st.frozensets(st.sampled_from("abcd"), max_size=2), min_size=1, max_size=8)


@given(FOUND)
def test_whoever_meets_an_earlier_one_on_the_way_runs_later(found: list[frozenset[str]]) -> None:
    later = meeting(found)
    assert not later[0]
    stay = [keys for keys, runs_later in zip(found, later, strict=True) if not runs_later]
    assert sum(map(len, stay)) == len(frozenset().union(*stay))
    for place, runs_later in enumerate(later):
        met = any(found[place] & found[other] for other in range(place) if not later[other])
        assert runs_later == met


def test_a_command_does_not_wait_for_all_of_anothers_batch() -> None:
    assert in_turn("aaab") == [0, 3, 1, 2]


@given(st.lists(st.sampled_from("abcd"), max_size=20))
def test_callers_take_turns_and_each_keeps_its_order(callers: list[str]) -> None:
    order = in_turn(callers)
    assert sorted(order) == list(range(len(callers)))
    for caller in set(callers):
        own = [place for place in order if callers[place] == caller]
        assert own == sorted(own)
        turn = [callers[place] for place in order]
        first = turn.index(caller)
        assert len(set(turn[:first])) == first, "somebody has a second turn before this caller has one"


NODES = st.frozensets(st.sampled_from("abcd"), max_size=2)
TOUCHED = st.lists(st.builds(Touched, NODES, NODES), max_size=8)


@given(TOUCHED)
def test_a_group_in_order_writes_what_its_list_writes_one_by_one(commands: list[Touched]) -> None:
    """Each command writes to its nodes what it reads, so that any other order would show."""

    def written(graph: dict[str, int], group: list[int]) -> dict[str, int]:
        told = {i: hash((i, *(graph.get(node, 0) for node in sorted(commands[i].reads)))) for i in group}
        for i in group:
            graph = graph | {node: hash((graph.get(node, 0), told[i])) for node in commands[i].writes}
        return graph

    # What two commands write to one node without reading it comes to the same in either order, so each is read, too.
    commands = [Touched(each.reads | each.writes, each.writes) for each in commands]
    one_by_one: dict[str, int] = {}
    for i in range(len(commands)):
        one_by_one = written(one_by_one, [i])
    in_groups, waiting = dict[str, int](), list(range(len(commands)))
    while waiting:
        later = out_of_order([commands[i] for i in waiting])
        assert not later[0]
        in_groups = written(in_groups, [i for i, waits in zip(waiting, later, strict=True) if not waits])
        waiting = [i for i, waits in zip(waiting, later, strict=True) if waits]
    assert in_groups == one_by_one


def test_a_command_that_only_writes_what_another_one_reads_waits_in_one_order_alone() -> None:
    reads, writes = Touched(frozenset("a"), frozenset("b")), Touched(frozenset(), frozenset("a"))
    assert out_of_order([reads, writes]) == [False, False]
    assert out_of_order([writes, reads]) == [False, True]


def test_commands_are_of_one_part_if_keys_join_them_also_by_way_of_what_is_beside() -> None:
    assert parts([{"a"}, {"b"}, {"a", "c"}, set(), {"d"}], [{"d", "e"}, {"e", "b"}]) == [[0, 2], [1, 4], [3]]


@given(st.lists(NODES, max_size=8))
def test_parts_have_no_key_in_common_and_hold_each_command_once(commands: list[frozenset[str]]) -> None:
    found = parts(commands)
    assert sorted(place for part in found for place in part) == list(range(len(commands)))
    assert all(part == sorted(part) for part in found)
    keys = [frozenset[str]().union(*(commands[place] for place in part)) for part in found]
    assert all(one.isdisjoint(other) for i, one in enumerate(keys) for other in keys[:i])
