"""Measure `init` and `track` with more and more clients."""

from bench.throughput.comparison import Places
from bench.throughput.door import Measured
from bench.throughput.goal import rounded, table

CLIENTS = (1, 4, 16, 64, 256)

#: What was measured, by call and number of clients.
Curve = dict[str, dict[int, Measured]]


def measure(places: Places, seconds: float) -> Curve:
    """Measure each number of clients for some seconds."""
    calls = {"init": places.traffic.visiting, "track": places.traffic.tracking}
    return {
        name: {clients: places.service.call(client, clients, seconds) for clients in CLIENTS}
        for name, client in calls.items()
    }


def written(curve: Curve) -> str:
    """Return the curve as a table."""
    rows = []
    for name, measured in curve.items():
        for clients, one in measured.items():
            figures = [
                one.load.rate,
                one.load.percentile(0.5),
                one.load.percentile(0.99),
                one.cpu.python,
                one.cpu.neo4j,
            ]
            rows.append((name, str(clients), *map(rounded, figures)))
    return table(("", "clients", "a second", "p50 ms", "p99 ms", "Python ms", "Neo4j ms"), rows)
