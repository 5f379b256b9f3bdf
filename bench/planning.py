"""How long Neo4j plans each query: `python -m bench.planning`.

Each query is explained with `replan=force` on a server of its own with the schema and an empty graph, first on the cold
server, then again, when Java has compiled the planner.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import neo4j

import migrations
from app.config import Settings
from bench.service import setting
from graph import embedded
from graph.database import Database
from graph.plans import samples
from graph.queries import GIVEN, load, names, sent

#: Planned before a service is ready.
HOT = ("init/", "track/", "identify/", "propagate/", "identities/", "relationships/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--longest", type=int, default=10, help="How many of the longest to print")
    longest = parser.parse_args().longest
    settings = Settings.from_environment(os.environ)
    print(setting())
    with (
        tempfile.TemporaryDirectory() as place,
        embedded.start(
            data_dir=Path(place), cache_dir=settings.cache_dir, version=settings.neo4j_version, bolt_port=0, http_port=0
        ) as running,
    ):
        server = running.server
        database = Database.connect(server.uri, server.user, server.password)
        migrations.migrate(database)
        database.close()
        with neo4j.GraphDatabase.driver(
            server.uri, auth=(server.user, server.password), notifications_min_severity="OFF"
        ) as driver:
            for round_name in ("cold", "again"):
                report(round_name, {name: seconds(driver, name) for name in planned()}, longest)


def planned() -> list[str]:
    return [name for name in names() if load(name)[1].access != "schema"]


def seconds(driver: neo4j.Driver, name: str) -> float:
    """How long one query is planned."""
    text, header = load(name)
    started = time.monotonic()
    driver.execute_query(f"CYPHER replan=force EXPLAIN {sent(text)}", {GIVEN: samples(header)})
    return time.monotonic() - started


def report(round_name: str, taken: dict[str, float], longest: int) -> None:
    serving = {name: one for name, one in taken.items() if not name.startswith("analysis/")}
    hot = sum(one for name, one in serving.items() if name.startswith(HOT))
    print(
        f"{round_name}: {len(serving)} queries in {sum(serving.values()):.1f} s, of these the hot ones {hot:.1f} s; "
        f"{len(taken) - len(serving)} of analysts in {sum(taken.values()) - sum(serving.values()):.1f} s"
    )
    for name in sorted(taken, key=lambda each: -taken[each])[:longest]:
        print(f"  {taken[name]:5.2f} s  {name}")


if __name__ == "__main__":
    main()
