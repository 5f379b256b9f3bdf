"""Count the deadlocks of a minute in which everybody is at a few addresses and one of a few users."""

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from bench.throughput.comparison import CLIENTS
from bench.throughput.door import Door
from bench.throughput.goal import Goal
from bench.throughput.traffic import Traffic

METRIC = "whograph_graph_failed_tries"


def measure(door: Door, traffic: Traffic, seconds: float) -> Goal:
    """Measure a tenant of its own, whose crowds disturb no other figure."""
    before = deadlocks(door.port)
    load = door.call(traffic.crowding, CLIENTS, seconds).load
    after = deadlocks(door.port)
    print(f"hot addresses and users: {load.rate:.0f} a second, p99 {load.percentile(0.99):.0f} ms", flush=True)
    counted = None if before is None or after is None else after - before
    return Goal("deadlocks retried in a minute at 60 addresses and as 20 users", counted, 0, is_least=False)


def deadlocks(port: int) -> float | None:
    """Return how many deadlocks the service has retried; None if it does not count them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
    if METRIC not in families:
        return None
    return sum(sample.value for sample in families[METRIC].samples if sample.labels["reason"] == "deadlock")
