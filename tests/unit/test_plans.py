"""The lists of what a rehearsal plans name queries that exist, and each only once."""

from graph import plans
from graph.queries import load, names
from graph.store import analysis


def test_the_lists_name_queries_of_calls_that_exist() -> None:
    folders = {name.partition("/")[0] for name in plans.of_calls()}
    assert set(names()) >= plans.OF_COMMANDS
    lists = (plans.FIRST_TO_WRITE, plans.NEVER_AFTER_WRITES, plans.ONLY_AFTER_WRITES)
    assert {*plans.of_calls(), *folders} >= set().union(*lists)
    assert {name.partition("/")[0] for name in names()} >= set(plans.NOT_OF_CALLS)
    assert {load(name)[1].access for name in plans.FIRST_TO_WRITE} == {"write"}
    only_read = [
        name for name in plans.of_calls() if name in plans.ONLY_AFTER_WRITES or name not in plans.after_writes()
    ]
    assert {load(name)[1].access for name in only_read} == {"read"}
    assert set() == plans.NEVER_AFTER_WRITES & plans.ONLY_AFTER_WRITES


def test_only_queries_of_calls_are_rare_and_each_only_as_calls_run_it() -> None:
    assert set(plans.of_calls()) >= {name for name in plans.RARE if "/" in name}
    assert {name.partition("/")[0] for name in plans.of_calls()} >= {name for name in plans.RARE if "/" not in name}
    assert set(plans.before_writes()) >= plans.RARELY_BEFORE_WRITES
    assert set(plans.after_writes()) >= plans.RARELY_AFTER_WRITES
    assert not plans.is_rare("init/lock", after_write=False)
    assert plans.is_rare("init/lock", after_write=True)
    assert plans.is_rare("split/find", after_write=False)


def test_analysts_queries_are_planned_too_after_all_others_and_only_as_reads() -> None:
    asked = {f"analysis/{name}" for name in analysis.names()}
    assert {
        name for name in plans.before_writes() if plans.turn(name) == max(map(plans.turn, plans.before_writes()))
    } == asked
    assert all(plans.is_rare(name, after_write=False) for name in asked)
    assert asked.isdisjoint(plans.after_writes())


def test_every_query_of_calls_is_planned() -> None:
    assert {*plans.before_writes(), *plans.after_writes()} == set(plans.of_calls())
    for name in plans.of_calls():
        text, header = load(name)
        assert plans.samples(header).keys() == header.params.keys(), text
