"""Compare `init` with and without the look at similar fingerprints, among 100,000 visitors: `python -m bench.similar`.

All acts run on one graph, in turn: with the policy's own `fuzzy_candidates_max`, and with 0. The graph has an address with
50,000 visitors, a fingerprint with 1,000, and a bucket with 20,000. One client makes each kind of visit. The results are the
ratios of the medians, and the numbers of statements.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from bench.init import GROUP, visit
from bench.service import percentile, serve, setting
from graph import embedded
from graph.acts import init
from graph.acts.later import only
from graph.database import Database
from graph.groups import Groups
from graph.model import Fingerprint
from graph.rules.policy import Policy
from graph.transaction import Transaction

CALLS = 300
VISITORS, AT_ADDRESS, WITH_FINGERPRINT, IN_BUCKET = 100_000, 50_000, 1_000, 20_000
ADDRESS = "203.0.113.7"
POLICIES = {"with": Policy(), "without": Policy(fuzzy_candidates_max=0)}
TENANT = "similar"


def shown(name: str, *, card: str, canvas: str, fonts: int = 0, zone: str = "UTC") -> Fingerprint:
    """Return a fingerprint; those with one `card` are in one bucket of the band `hardware`."""
    values = {
        "platform": "Linux x86_64",
        "languages": [["en"]],
        "timezone": zone,
        "screenResolution": [1920, 1080],
        "hardwareConcurrency": 8,
        "deviceMemory": 8,
        "audio": 124.04,
        "canvas": {"winding": True, "text": canvas},
        "fonts": [f"Font {number}" for number in range(fonts, fonts + 40)],
        "webGlBasics": {"rendererUnmasked": card},
    }
    return Fingerprint(name, 0.6, json.dumps({each: {"value": value} for each, value in values.items()}))


def arriving(number: int, fingerprint: Fingerprint, *, address: str | None = None, policy: Policy) -> init.Init:
    one = visit(number)
    observed = replace(one.arrival.observed, address=address) if address else one.arrival.observed
    return replace(one, fingerprint=fingerprint, arrival=replace(one.arrival, observed=observed, policy=policy))


def resident(number: int) -> init.Init:
    """Return the first visit of one of those who are there."""
    name = "shared by many" if number < WITH_FINGERPRINT else f"resident {number}"
    card = "of many" if number < IN_BUCKET else f"card {number // 20}"
    fingerprint = shown(name, card=card, canvas=f"canvas {number}", fonts=number)
    return arriving(
        number, fingerprint, address=ADDRESS if number >= VISITORS - AT_ADDRESS else None, policy=POLICIES["with"]
    )


#: Each kind of visit: what a number and a policy make.
KINDS: dict[str, Callable[[int, str], init.Init]] = {
    "new, in the bucket of many": lambda number, name: arriving(
        VISITORS + number,
        shown(f"{name} in bucket {number}", card="of many", canvas=f"{name} {number}", fonts=10_000_000 + number),
        policy=POLICIES[name],
    ),
    "new, at the address of many": lambda number, name: arriving(
        VISITORS + number,
        shown(
            f"{name} at address {number}", card=f"{name} {number}", canvas=f"{name} {number}", fonts=20_000_000 + number
        ),
        address=ADDRESS,
        policy=POLICIES[name],
    ),
    "new, with the fingerprint of many": lambda number, name: arriving(
        VISITORS + number,
        shown("shared by many", card="of many", canvas="canvas 0"),
        policy=POLICIES[name],
    ),
    # The bucket of the card has twenty fingerprints, and those of canvas and fonts the resident's own.
    "new, much like a resident": lambda number, name: arriving(
        VISITORS + number,
        like(number, name),
        policy=POLICIES[name],
    ),
    "known fingerprint": lambda number, name: arriving(
        VISITORS + number,
        known(number, name),
        policy=POLICIES[name],
    ),
}


def known(number: int, name: str) -> Fingerprint:
    """Return the fingerprint of a resident who has not come back yet; each policy has residents of its own."""
    who = IN_BUCKET + number + (0 if name == "with" else 2 * CALLS)
    return shown(f"resident {who}", card=f"card {who // 20}", canvas=f"canvas {who}", fonts=who)


def like(number: int, name: str) -> Fingerprint:
    """Return a fingerprint like that of a resident, in another time zone; each policy has residents of its own."""
    who = IN_BUCKET + 4 * CALLS + 20 * number + (0 if name == "with" else 40 * CALLS)
    return shown(f"{name} like {who}", card=f"card {who // 20}", canvas=f"canvas {who}", fonts=who, zone="Asia/Tokyo")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    with serve(NEO4J_HEAP="2g") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        print(setting(), flush=True)
        database = Database.connect(server.uri, server.user, server.password)
        ours = database.of(TENANT)
        fill(ours)
        seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
        statements: dict[tuple[str, str], set[int]] = defaultdict(set)
        for number in range(-20, CALLS):
            for kind, make in KINDS.items():
                for name in POLICIES if number % 2 else reversed(POLICIES):
                    command = make(number + 20, name)
                    sent: list[int] = []
                    started = time.monotonic()
                    ours.write(counting, command, sent)
                    if number >= 0:
                        seconds[kind, name].append(time.monotonic() - started)
                        statements[kind, name].add(sent[-1])
        database.close()
    print(f"{'':36}{'with':>9}{'without':>10}{'ratio':>7}  statements")
    for kind in KINDS:
        medians = {name: percentile(seconds[kind, name], 0.5) for name in POLICIES}
        counts = " / ".join(str(sorted(statements[kind, name])) for name in POLICIES)
        print(
            f"{kind:36}{medians['with']:6.2f} ms{medians['without']:7.2f} ms{medians['with'] / medians['without']:7.2f}  {counts}"
        )


def counting(tx: Transaction, command: init.Init, sent: list[int]) -> None:
    """Begin a session, and note how many statements that took."""
    count = 0

    class Counting:
        def run(self, *given: object, **named: object) -> object:
            nonlocal count
            count += 1
            return tx.bolt.run(*given, **named)  # type: ignore[arg-type]

    only(init.act(replace(tx, bolt=Counting()), [command]))  # type: ignore[arg-type]
    sent.append(count)


def fill(database: Database) -> None:
    started = time.monotonic()
    groups = Groups("init", init.act, init.keys, size_max=GROUP)
    for first in range(0, VISITORS, GROUP):
        groups.run(database, TENANT, [resident(number) for number in range(first, min(first + GROUP, VISITORS))])
    print(f"{VISITORS} visitors made in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
