"""Let Neo4j plan queries before a call needs them.

Neo4j keeps a plan by the query's text, the types of its parameters, and whether the transaction has written anything
before. `queries.GIVEN` makes the types always the same, so each query has at most two plans. `EXPLAIN` makes the plan that
the query itself then uses: the two differ in no part of the key.
"""

import re
from datetime import UTC, datetime
from typing import Any

from graph.queries import GIVEN, Header, load, names, sent
from graph.transaction import Transaction

#: Folders whose queries no call needs at once: jobs, commands and the start run them. A call may check the consistency; it
#: takes minutes anyway.
NOT_OF_CALLS = (
    "consistency",
    "embedded",
    "jobs",
    "migrations",
    "reach",
    "rebuild",
    "rerank",
    "retain",
    "sweep",
)
#: Queries that only commands and jobs run, in folders of calls.
OF_COMMANDS = frozenset(
    {
        "analytics/changes",
        "analytics/devices_of_users",
        "analytics/first_change",
        "analytics/first_logins",
        "analytics/first_visit",
        "analytics/keep",
        "analytics/last_day",
        "analytics/users_of_devices",
        "analytics/visits",
        "candidates/drop",
        "candidates/hours",
        "candidates/keep",
        "candidates/of_visitors",
        "candidates/visitors",
        "clusters/drop",
        "clusters/keep",
        "clusters/known",
        "clusters/members",
        "clusters/rate",
        "erase/page",
        "erase/people",
        "erase/restore",
        "export/identities",
        "export/links",
        "export/relationships",
        "export/sessions",
        "stats/remember",
        "stats/remembered",
        "tenants/add_key",
        "tenants/create",
        "tenants/keys",
        "tenants/list",
        "tenants/revoke_key",
    }
)
#: Queries that write and may be the first of their transaction to do so. Any other follows one of these.
FIRST_TO_WRITE = frozenset(
    {
        "erase/claim",
        "erase/lock",
        "identify/lock",
        "init/lock",
        "link/lock",
        "messages/claim",
        "put/lock",
        "release/lock",
        "sessions/lock_jars",
        "split/lock",
        "split/lock_fingerprints",
        "tenants/lock",
        "tenants/note_use",
        "track/gather",
        "visitors/lock_group",
        "warnings/record",
    }
)
#: Folders and reads of calls that write nothing.
NEVER_AFTER_WRITES = frozenset(
    {
        "analysis",
        "analytics/counts",
        "audit/subject",
        "candidates/about",
        "candidates/neighbours",
        "candidates/page",
        "clusters/about",
        "clusters/doubtful",
        "clusters/edges",
        "clusters/get",
        "clusters/owners",
        "clusters/page",
        "clusters/stays",
        "clusters/visitors",
        "erase/pending",
        "explain/between",
        "explain/find",
        "explain/hidden",
        "explain/path",
        "explain/said",
        "explain/surest_visitors",
        "export/events",
        "export/fingerprints",
        "export/logins",
        "export/tenures",
        "export/user",
        "export/visitors",
        "export/visits",
        "export/warnings",
        "identities/get",
        "identities/members",
        "identities/members_then",
        "identity_graph/members",
        "identity_graph/others",
        "identity_graph/parts",
        "journeys/of_identities_then",
        "journeys/of_identity",
        "journeys/of_visitor",
        "journeys/of_visitor_then",
        "journeys/page",
        "link/at",
        "preview",
        "relationships/get",
        "relationships/of_user",
        "relationships/of_visitor",
        "release/claimed",
        "sessions/get",
        "stats/counts",
        "stats/lags",
        "stats/relationships",
        "tenants/find",
        "tenants/find_key",
        "users/find",
        "users/get",
        "visitors/get",
        "warnings/of_code",
        "warnings/page",
    }
)
#: Reads that come only after the locks of their act.
ONLY_AFTER_WRITES = frozenset(
    {
        "adopt/gather",
        "erase/emptied",
        "erase/find",
        "erase/related",
        "identities/resolve",
        "init/claimed",
        "init/gather",
        "loosen/gather",
        "merge/side",
        "relationships/of_group",
        "release/gather",
        "sessions/has_login",
        "sessions/latest",
        "settle/gather",
        "split/crossing",
        "split/merged",
        "split/merges",
        "track/unnamed",
        "visitors/observed",
    }
)
#: Folders and queries of calls that correct something or look into it. A process can serve before they are planned: they
#: are rare, and each takes Neo4j half a second at most. The queries of analysts take longer.
RARE = frozenset(
    {
        *(
            "analysis",
            "analytics",
            "candidates",
            "clusters",
            "erase",
            "explain",
            "export",
            "identity_graph",
            "link",
            "loosen",
            "merge",
            "preview",
            "put",
            "release",
            "settle",
            "split",
            "stats",
            "visibility",
        ),
        *("audit/page", "audit/subject", "identities/get", "identities/members", "identities/resolve", "sessions/get"),
        *("identities/members_then", "journeys/of_identities_then", "journeys/of_visitor_then"),
        *("init/claimed", "init/contradict", "sessions/has_login", "track/unnamed"),
        *("tenants/configure", "tenants/find", "tenants/lock", "warnings/of_code", "warnings/page"),
    }
)
#: Folders whose queries are planned after all others, since these take Neo4j longest, and who corrects something waits less
#: gladly than who analyses.
LAST = ("analysis",)
#: Folders whose queries are planned before all other rare ones: what the explorer shows first, and takes Neo4j seconds to plan.
FIRST = ("identity_graph", "explain", "stats")
#: Queries in rare folders that calls run which are not rare: whoever makes a user looks for a tombstone once more.
NOT_RARE = frozenset({"erase/tombstones"})
#: Queries that seldom come before a write: when there was nothing to lock, such as for a session that does not exist.
RARELY_BEFORE_WRITES = frozenset({"identify/gather", "identities/certainly", "messages/find", "relationships/gather"})
#: Locks that seldom come after a write: when the call names no session, and so finds or begins one first.
RARELY_AFTER_WRITES = frozenset({"identify/lock", "init/lock", "track/gather"})

#: A value for each type of parameter that Cypher can work with.
SAMPLES = {"STRING": "", "INTEGER": 1, "FLOAT": 1.0, "BOOLEAN": True, "MAP": {}}


def of_calls() -> list[str]:
    """Return the names of the queries that calls over HTTP run."""
    return [name for name in names() if name.partition("/")[0] not in NOT_OF_CALLS and name not in OF_COMMANDS]


def is_rare(name: str, *, after_write: bool) -> bool:
    """Whether a process can serve before the query is planned as a transaction needs it that has written, or has not."""
    if name in NOT_RARE and after_write:
        return False
    rarely = RARELY_AFTER_WRITES if after_write else RARELY_BEFORE_WRITES
    return name in RARE | rarely or name.partition("/")[0] in RARE


def turn(name: str) -> int:
    """Return when the query is planned: those with a lower number come first."""
    folder = name.partition("/")[0]
    return 0 if folder in FIRST else 2 if folder in LAST else 1


def before_writes() -> list[str]:
    """Return the queries that calls run in a transaction that has written nothing yet."""
    return [name for name in of_calls() if name in FIRST_TO_WRITE or (_reads(name) and name not in ONLY_AFTER_WRITES)]


def after_writes() -> list[str]:
    """Return the queries that calls run in a transaction that has written something."""
    return [name for name in of_calls() if NEVER_AFTER_WRITES.isdisjoint((name, name.partition("/")[0]))]


def make(tx: Transaction, name: str) -> None:
    """Have Neo4j plan a query as a transaction like this one needs it, unless it did so before.

    A query that only reads is run, since its first run takes longer, too.
    """
    text, header = load(name)
    if _reads(name):
        tx.run(sent(text), {GIVEN: samples(header)}).consume()
    else:
        tx.run(f"EXPLAIN {sent(text)}", {GIVEN: {}}).consume()


def make_anew(tx: Transaction, name: str) -> None:
    """Have Neo4j plan a query by the counts of today, as a transaction like this one needs it."""
    tx.run(f"CYPHER replan=force EXPLAIN {sent(load(name)[0])}", {GIVEN: {}}).consume()


def samples(header: Header) -> dict[str, Any]:
    """Return a value of the right type for each parameter of a query; the tenant's is one that no tenant has."""
    return {name: _sample(kind.removesuffix(" NULL")) for name, kind in header.params.items()}


def _sample(kind: str) -> Any:
    if kind == "ZONED DATETIME":
        return datetime.now(UTC)
    inner = re.fullmatch(r"LIST<(.+)>", kind)
    return [_sample(inner[1])] if inner else SAMPLES[kind]


def _reads(name: str) -> bool:
    return load(name)[1].access == "read"
