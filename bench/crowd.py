"""Compare `init` at an address with 50,000 visitors and at one with none: `python -m bench.crowd`.

All visitors of the crowd have the same kind of browser, so that all are at one `BrowserAtIp`. One client makes new
visits, in turn at the crowd's address and at addresses of their own. The result is the ratio of the two medians.
"""

import argparse
import time
from dataclasses import replace

from bench.init import GROUP, visit, warm_up
from bench.service import percentile, serve, setting
from graph import embedded
from graph.acts import init
from graph.database import Database
from graph.groups import Groups

CALLS = 400
CROWD = 50_000
ADDRESS = "203.0.113.7"


def in_the_crowd(one: init.Init) -> init.Init:
    observed = replace(one.arrival.observed, address=ADDRESS)
    return replace(one, arrival=replace(one.arrival, observed=observed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=int, default=CROWD)
    crowd = parser.parse_args().crowd
    with serve(NEO4J_HEAP="2g", TRUSTED_PROXIES="1") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        print(setting())
        warm_up(service)
        database = Database.connect(server.uri, server.user, server.password).of(service.keys["tenantId"])
        groups = Groups("init", init.act, init.keys, size_max=GROUP)
        for first in range(0, crowd, GROUP):
            visits = [visit(number) for number in range(first, first + GROUP)]
            there = [in_the_crowd(one) for one in visits]
            # At one address, visits wait for each other until it is a crowd.
            groups.run(database, service.keys["tenantId"], there)
        database.close()
        connection = service.connection()
        latencies: dict[str, list[float]] = {"alone": [], "in the crowd": []}
        for number in range(CALLS):
            for where, address in (("alone", f"198.51.{number // 250}.{number % 250}"), ("in the crowd", ADDRESS)):
                body = {"fingerprint": {"visitorId": f"{where} {number}"}}
                started = time.monotonic()
                answer = service.post(connection, "/eventTracking/init", body, address)
                latencies[where].append(time.monotonic() - started)
                if answer["match"]["method"] != "new":
                    raise RuntimeError(f"expected a new visitor, was answered {answer}")
    for where, seconds in latencies.items():
        print(f"{where:12} p50 {percentile(seconds, 0.5):6.2f} ms   p99 {percentile(seconds, 0.99):6.2f} ms")
    ratio = percentile(latencies["in the crowd"], 0.5) / percentile(latencies["alone"], 0.5)
    print(f"ratio of medians, {crowd} visitors at the address / none: {ratio:.2f}")


if __name__ == "__main__":
    main()
