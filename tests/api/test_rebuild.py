"""The command `rebuild` says where the graph differs from its facts, makes it so, and is audited."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app import jobs
from app.cli import rebuild as command_module
from graph.acts.rebuild import Rebuild
from graph.database import Database
from tests.world import Api, Clock, Done, Graph


@pytest.fixture
def told(api: Api, clock: Clock) -> None:
    """Two visits of one browser without cookies, and Anna's login on the second; two browsers at one address."""
    api.init("f-1")
    clock.forward(minutes=1)
    api.identify(api.init("f-1"), "anna")
    api.init("f-2", address="203.0.113.9")
    clock.forward(minutes=1)
    api.init("f-3", address="203.0.113.9")


def now() -> datetime:
    """Return the time of the clock that commands have."""
    return datetime.now(UTC)


def damage(graph: Graph) -> None:
    graph.rows("MATCH ()-[r:RESOLVES_TO {method: 'adopted'}]->() DELETE r")
    graph.rows("MATCH ()-[r:PROBABLY]->() DELETE r")


def test_the_command_names_differences_and_makes_the_graph_so(
    told: None, api: Api, graph: Graph, command: Callable[..., Done]
) -> None:
    same = command("rebuild", "shop")
    assert same.code == 0
    assert "0 found, 0 left; compared 4 sessions, 4 tenures, 3 visitors, 1 users, 3 groups" in same.out

    damage(graph)
    [adopting] = graph.rows("MATCH (a)<-[:TIED_TO]-() RETURN a.identity_id AS tenure")
    broken = command("rebuild", "shop", "--json")
    assert broken.code == 1
    assert (broken.json["kinds"], broken.json["left"]) == ({"adoption": 1, "turn": 1, "inference_lost": 1}, 3)
    assert adopting["tenure"] in {finding["ids"]["tenureId"] for finding in broken.json["findings"]}
    assert graph.rows("MATCH (e:AuditEntry {act: 'rebuild'}) RETURN e") == []

    mended = command("rebuild", "shop", "--apply")
    assert mended.code == 0
    assert "3 found, 0 left" in mended.out
    for word in ("adoption", "inference_lost", adopting["tenure"]):
        assert word in mended.out
    assert command("rebuild", "shop", "--json").json["kinds"] == {}
    [entry] = [entry for entry in api.pages("audit", about="user:anna") if entry["act"] == "rebuild"]
    assert entry["actor"] == "job:rebuild"
    assert [found["kind"] for found in entry["after"]["findings"]] == ["adoption", "turn"]


def test_the_command_goes_on_where_a_run_was_cut_off_unless_it_is_to_begin_anew(
    told: None, database: Database, graph: Graph, command: Callable[..., Done]
) -> None:
    damage(graph)

    def cut_off(running: jobs.Run) -> int:
        rebuild = Rebuild(running.policy, running.at, running.actor, running.new_id, False, "chg_x")

        def alive(so_far: int) -> None:
            running.alive(so_far, rebuild.place)
            if rebuild.place and '"name":"groups"' in rebuild.place:
                raise KeyboardInterrupt

        rebuild.act(running.graph, alive)
        return 0

    def begin() -> None:
        with pytest.raises(KeyboardInterrupt):
            jobs.leased(database, "shop", command_module.NAME, cut_off, clock=now, new_id=lambda: "x")

    begin()
    # A run that only compares is not gone on with by one that applies.
    applied = command("rebuild", "shop", "--apply", "--json")
    assert "goes on" not in applied.err
    assert (applied.code, applied.json["kinds"]) == (0, {"adoption": 1, "turn": 1, "inference_lost": 1})

    damage(graph)
    begin()
    further = command("rebuild", "shop", "--json")
    assert "goes on" in further.err
    assert (further.json["checked"], further.json["kinds"]) == (applied.json["checked"], applied.json["kinds"])
    assert (further.code, further.json["left"]) == (1, 3)
    assert "goes on" not in command("rebuild", "shop", "--json").err
    begin()
    assert "goes on" not in command("rebuild", "shop", "--anew").err


def test_one_run_at_a_time_has_a_tenant(told: None, database: Database, command: Callable[..., Done]) -> None:
    answered: list[Done] = []

    def meanwhile(_: jobs.Run) -> int:
        answered.append(command("rebuild", "shop"))
        return 0

    jobs.leased(database, "shop", command_module.NAME, meanwhile, clock=now, new_id=lambda: "x")
    assert (answered[0].code, answered[0].err.strip()) == (1, "Error: another run has this tenant")
