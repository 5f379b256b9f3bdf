"""How long the clusters of 100,000 visitors take, and how much memory: `python -m bench.clusters`.

The graph is filled in bulk with households: two users who share a tablet, each with a phone, all at one address. At each of
20 kiosks the users of 150 households log in, too. Then `python -m app clusters TENANT --find` runs three times: on a graph
without clusters, once more with nothing new, and after a thousand users have got another browser. The results are the time
and the peak memory of that process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import neo4j

from app.config import Settings
from bench.service import CHECKOUT, SECRET, graph, setting
from graph.acts.tenants import create_tenant
from graph.database import Database
from graph.rules.times import iso_week

VISITORS, AT_HOME = 100_000, 3
KIOSKS, AT_KIOSK = 20, 300
NEW = 1_000
HALF_LIFE_SECONDS = 180.0 * 86_400

#: Each makes things for the numbers from `first` to `last`.
PEOPLE = """
UNWIND range($first, $last - 1) AS n
CALL (n) {
  CREATE (:User:Identity {tenant: $tenant, user_id: 'user_' + n, identity_id: 'usr_' + n, created_at: $at})
} IN TRANSACTIONS OF 5000 ROWS
"""
BROWSERS = """
UNWIND range($first, $last - 1) AS n
CALL (n) {
  CREATE (v:Visitor {
    tenant: $tenant, visitor_id: $prefix + n, root_id: $prefix + n, kind: 'browser', first_seen: $at, last_seen: $at,
    latest_tenure_id: 'ten_' + $prefix + n, known_jars: 1, recent_users: []
  })
  CREATE (v)<-[:IN {method: 'new', confidence: 1.0}]-(j:Jar {tenant: $tenant, jar_id: 'jar_' + $prefix + n, kind: 'issued'})
  CREATE (j)<-[:ON]-(:Tenure:Identity {
    tenant: $tenant, identity_id: 'ten_' + $prefix + n, since: $at, first_seen: $at, last_seen: $at, sessions: 0, events: 0
  })
} IN TRANSACTIONS OF 5000 ROWS
"""
HOMES = """
UNWIND range($first, $last - 1) AS n
CALL (n) {
  CREATE (place:BrowserAtIp {
    tenant: $tenant, address: 'home ' + n, week: $week, browser: 'Chrome', os: 'Linux', device_class: 'desktop'
  })
  WITH n, place
  UNWIND range(3 * n, 3 * n + 2) AS number
  MATCH (v:Visitor {tenant: $tenant, visitor_id: 'vis_' + number})
  CREATE (v)-[:SEEN_WITH {weight: 1.0, count: 1, first_seen: $at, last_seen: $at}]->(place)
} IN TRANSACTIONS OF 2000 ROWS
"""
#: Joins pairs of a visitor and a user.
RELATE = """
UNWIND $pairs AS pair
CALL (pair) {
  MATCH (v:Visitor {tenant: $tenant, visitor_id: pair[0]})
  MATCH (u:User {tenant: $tenant, user_id: pair[1]})
  CREATE (v)-[:IDENTIFIED_AS {
    tenant: $tenant, user_id: u.user_id, visitor_id: v.visitor_id, confidence: 95.0,
    rank: log(95.0) / log(2) + $seconds / $half_life, count: 1, first_seen: $at, last_seen: $at,
    source: 'verified', verified: true, visible: true, verified_count: 1, verified_first: $at, verified_last: $at,
    verified_figure: 0.0
  }]->(u)
} IN TRANSACTIONS OF 2000 ROWS
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=VISITORS)
    homes = parser.parse_args().visitors // AT_HOME
    with tempfile.TemporaryDirectory() as place, graph(Path(place)) as settings:
        print(setting(), f"load {os.getloadavg()[0]:.1f}", flush=True)
        given = settings.neo4j_uri or "", settings.neo4j_user, settings.neo4j_password
        with closing(Database.connect(*given)) as database:
            now = datetime.now(UTC)
            tenant = create_tenant(database, f"homes {now:%H%M%S}", secret_key=SECRET, now=now).tenant_id
        with closing(neo4j.GraphDatabase.driver(given[0], auth=given[1:])) as driver:
            fill(driver, tenant, homes)
            found("no clusters before", settings, tenant)
            found("nothing new", settings, tenant)
            run(driver, tenant, BROWSERS, first=0, last=NEW, prefix="new_")
            relate(driver, tenant, [(f"new_{number}", f"user_{number}") for number in range(NEW)])
            found(f"{NEW} new browsers", settings, tenant)


def fill(driver: neo4j.Driver, tenant: str, homes: int) -> None:
    """Make households, and the kiosks."""
    started = time.monotonic()
    run(driver, tenant, PEOPLE, first=0, last=2 * homes)
    run(driver, tenant, BROWSERS, first=0, last=AT_HOME * homes, prefix="vis_")
    run(driver, tenant, BROWSERS, first=0, last=KIOSKS, prefix="kiosk_")
    run(driver, tenant, HOMES, first=0, last=homes)
    at_home = [
        (f"vis_{AT_HOME * home + browser}", f"user_{2 * home + user}")
        for home in range(homes)
        for browser, user in ((0, 0), (0, 1), (1, 0), (2, 1))
    ]
    at_kiosks = [
        (f"kiosk_{kiosk}", f"user_{(kiosk * AT_KIOSK + guest) % (2 * homes)}")
        for kiosk in range(KIOSKS)
        for guest in range(AT_KIOSK)
    ]
    relate(driver, tenant, at_home + at_kiosks)
    print(
        f"{AT_HOME * homes + KIOSKS} visitors, {2 * homes} users, {len(at_home) + len(at_kiosks)} relationships made in "
        f"{time.monotonic() - started:.0f} s",
        flush=True,
    )


def relate(driver: neo4j.Driver, tenant: str, pairs: list[tuple[str, str]]) -> None:
    for first in range(0, len(pairs), 50_000):
        run(driver, tenant, RELATE, pairs=[list(pair) for pair in pairs[first : first + 50_000]])


def run(driver: neo4j.Driver, tenant: str, text: str, **given: Any) -> None:
    now = datetime.now(UTC)
    usual: dict[str, Any] = {
        "at": now,
        "week": iso_week(now),
        "seconds": now.timestamp(),
        "half_life": HALF_LIFE_SECONDS,
    }
    with driver.session() as session:
        # A server's own limit for transactions would end one that fills a graph. 0 stands for no limit.
        session.run(
            neo4j.Query(text, timeout=0),
            tenant=tenant,
            **{name: usual[name] for name in usual if f"${name}" in text},
            **given,
        ).consume()


def found(what: str, settings: Settings, tenant: str) -> None:
    """Find the clusters by the command, in a process of its own, and print what that took."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "clusters", tenant, "--find", "--limit", "1"],
            cwd=CHECKOUT,
            env={
                **os.environ,
                "DATA_DIR": str(settings.data_dir),
                "SECRET_KEY": SECRET,
                "NEO4J_URI": settings.neo4j_uri or "",
                "NEO4J_USER": settings.neo4j_user,
                "NEO4J_PASSWORD": settings.neo4j_password,
            },
            stdout=said,
            stderr=said,
        )
        # The usage of this child alone: that of all children would have the service's, too.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(said.read())
    seconds, cpu = time.monotonic() - started, usage.ru_utime + usage.ru_stime
    print(
        f"{what:20} {seconds:6.1f} s   {cpu:6.1f} s of CPU   {usage.ru_maxrss / 1024:5.0f} MB at the most", flush=True
    )


if __name__ == "__main__":
    main()
