"""The labels, relationship types and properties of the graph; docs/graph-model.md describes each.

tests/conventions/test_vocabulary.py checks that the queries, the migrations and that page use exactly these.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: The labels of nodes, with their meaning.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "Visitor": "one browser on one device",
        "Jar": "one browser's cookie storage",
        "Tenure": "one subject's stretch of using one jar",
        "Identity": "second label of a tenure and of a user",
        "User": "the customer's own account id",
        "Session": "one visit",
        "Collection": "a fingerprint that was collected without a session",
        "Event": "what a visitor did",
        "Message": "the record of an accepted call; a second label of the node that the call stored, if any",
        "Fingerprint": "what a collector saw of a browser",
        "FuzzyBucket": "what fingerprints that are alike have in common",
        "IpAddress": "a network address",
        "BrowserAtIp": "one kind of browser at an address in one week",
        "Cluster": "users and visitors that belong together, as a job found",
        "DailyCount": "how much of something there was on a day, as a job counted",
        "AuditEntry": "one change of one subject",
        "Warning": "odd input or a refusal; equal ones of the same hour are one node",
        "Tombstone": "the keyed hash of an erased id, by which nothing of it comes back",
        "Erasure": "the erasure of a person: its receipt, and until it is finished what is left to remove",
        "Erased": "a tenure of an erased person, below which something is left to remove",
        "Tenant": "a customer",
        "ApiKey": "a key of a tenant, by its hash",
        "Job": "a background job of a tenant, and its runner",
        "Migration": "an applied change of the schema",
    }
)

#: The types of relationships, with their meaning.
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "IN": "a jar is in a visitor: the same browser, as far as we can tell",
        "ON": "a tenure is on a jar",
        "CURRENT": "a jar's next session will be in this tenure",
        "DURING": "a session was in a tenure",
        "RECORDED": "an event happened in a session",
        "SUCCEEDED_BY": "another user took a session over",
        "WAS_IN": "an IN that was closed",
        "TIED_TO": "two tenures are the same person, as far as we can tell",
        "WAS_TIED_TO": "a TIED_TO that was closed",
        "RESOLVES_TO": "a tenure is a user's: claimed, or adopted through ties",
        "RESOLVED_TO": "a RESOLVES_TO that was closed",
        "PROBABLY": "a tenure is probably an identity's, which does not own it by that",
        "WAS_PROBABLY": "a PROBABLY that was closed",
        "IDENTIFIED_AS": "a user used a visitor, how often and how surely",
        "WAS_IDENTIFIED_AS": "an IDENTIFIED_AS that was closed",
        "MERGED_INTO": "a caller merged a visitor into another; its jars stay where they were observed",
        "UNMERGED_FROM": "a MERGED_INTO that was closed",
        "LINKED_TO": "a caller linked two users: they are one person's accounts, and have one identity",
        "WAS_LINKED_TO": "a LINKED_TO that was closed",
        "MAY_BE": "two visitors may be one person's, as a job found; somebody accepted or refused it, or nobody has yet",
        "IN_CLUSTER": "a user or visitor is one of a cluster",
        "CANNOT_LINK": "a split or a removal said that two are not the same; matching, carrying on and reads obey it",
        "COULD_NOT_LINK": "a CANNOT_LINK that was contradicted, and so closed",
        "HAS_FINGERPRINT": "a visitor was seen with a fingerprint",
        "HAD_FINGERPRINT": "a HAS_FINGERPRINT that was closed",
        "SEEN_WITH": "a visitor was seen with a browser at an address",
        "AT": "a kind of browser was seen at this address",
        "IN_BUCKET": "a fingerprint agrees with all others in the bucket in the components of its band",
        "ERASES": "an erasure has something left to remove here",
    }
)

_LOCK = frozenset({"_lock"})
_FOUND_BY = frozenset({"method", "confidence", "evidence", "since", "change_id"})
_INFERENCE = _FOUND_BY | {"last_seen", "claims", "via", "rests_on", "weeks"}
_SEEN = frozenset({"first_seen", "last_seen"})
_OBSERVED = frozenset(
    {
        *("address", "browser", "browser_version", "os", "device_class", "is_bot"),
        *("country", "region", "city", "latitude", "longitude", "time_zone", "asn", "as_organization"),
        *("page_url", "page_referrer", "page_title"),
    }
)
_RESOLUTION = _FOUND_BY - {"evidence"} | {"claim", "at", "session_id", "verified"}
_VISIT = _OBSERVED | {
    *("started_at", "received_at", "counted_at", "method", "confidence", "evidence"),
    *("consent", "fingerprint", "fingerprint_confidence", "collected_user_id", "refused_user_id", "is_bare"),
}
_CLOSED = frozenset({"until", "closed_by"})
_RELATIONSHIP = (
    _SEEN
    | {"tenant", "user_id", "visitor_id", "confidence", "rank", "count", "source", "verified", "hidden", "visible"}
    | {"stated_count", "stated_first", "stated_last", "stated_figure"}
    | {"verified_count", "verified_first", "verified_last", "verified_figure"}
    | {"claimed_count", "claimed_first", "claimed_last", "claimed_figure"}
    | {"collected_count", "collected_first", "collected_last", "collected_figure"}
)
_MERGE = frozenset({"since", "change_id", "reason", "actor"})
_FINGERPRINT = _SEEN | {"weight", "count", "browser", "browser_version", "os"}

#: The properties that each label or type may have. A node with two labels may have the properties of both. Every node
#: but a migration also has `tenant`.
PROPERTIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Visitor": _SEEN
        | _LOCK
        | {
            "visitor_id",
            "kind",
            "latest_tenure_id",
            "root_id",
            "known_jars",
            "machines",
            "recent_users",
            "last_received_at",
            "last_closed_at",
        },
        "Jar": _LOCK
        | {
            *("jar_id", "kind", "created_at", "known_since", "latest_session_id", "last_seen"),
            *("os", "device_class", "sights", "passing", "contradicted_at", "browsers"),
        },
        "Tenure": _SEEN | _LOCK | {"since", "until", "sessions", "events", "released_from", "released_session_id"},
        "Identity": frozenset({"identity_id"}),
        "User": _LOCK | {"user_id", "created_at", "hidden", "linked_id", "recent_claims"},
        "Session": _VISIT | {"session_id", "last_seen", "events", "erased_from", "erased_at"},
        "Collection": _VISIT | {"collection_id"},
        "Event": _OBSERVED
        | {
            "event_id",
            "name",
            "at",
            "received_at",
            "counted_at",
            "tenure_id",
            "user_id",
            "collected_user_id",
            "refused_user_id",
            "named_user_id",
            "source",
            "properties",
            "identity_id",
            "confidence",
            "is_bare",
        },
        "Message": frozenset({"message_id", "call", "session_sent", "request_hash", "answer", "stands_alone"}),
        "Tombstone": _LOCK | {"hash", "at", "erasure_id"},
        "Erasure": _LOCK
        | {"erasure_id", "kind", "at", "actor", "pending_since", "finished_at", "names"}
        | {"tenures", "jars", "visitors", "fingerprints", "addresses"}
        | {"sessions", "events", "audit_entries", "warnings", "messages"},
        "Erased": frozenset(),
        "Fingerprint": _LOCK | {"hash", "components", "features", "first_seen"},
        "FuzzyBucket": _LOCK | {"band", "key"},
        "IpAddress": frozenset({"address"}),
        "BrowserAtIp": frozenset({"address", "week", "browser", "os", "device_class", "is_new"}),
        "Cluster": frozenset(
            {
                *("cluster_id", "members", "users", "visitors", "labels", "confidence", "doubt", "digest", "found_at"),
            }
        ),
        "DailyCount": frozenset({"report", "day", "name", "detail", "count", "counted_at"}),
        "AuditEntry": frozenset(
            {"entry_id", "change_id", "subject", "act", "actor", "reason", "before", "after", "at"}
        ),
        "Warning": _LOCK | {"warning_id", "code", "subject", "detail", "at", "last_seen", "count", "subjects"},
        "Tenant": _LOCK
        | {
            "name",
            "created_at",
            "settings",
            "policy",
            "signing_keys",
            "ranked_by_half_life_days",
            "confidence_counts",
        },
        "ApiKey": frozenset({"key_id", "key_hash", "kind", "created_at", "revoked_at", "last_used_at"}),
        "Job": _LOCK | {"name", "runner", "leased_until", "started_at", "finished_at", "done", "outcome", "place"},
        "Migration": _LOCK | {"version", "title", "checksum", "applied_at"},
        "IN": _FOUND_BY | {"fingerprint"},
        "WAS_IN": _FOUND_BY | {"fingerprint"} | _CLOSED,
        "ON": frozenset(),
        "CURRENT": frozenset(),
        "DURING": frozenset(),
        "RECORDED": frozenset(),
        "SUCCEEDED_BY": frozenset({"at", "change_id"}),
        "TIED_TO": _FOUND_BY,
        "WAS_TIED_TO": _FOUND_BY | _CLOSED,
        "RESOLVES_TO": _RESOLUTION,
        "RESOLVED_TO": _RESOLUTION | _CLOSED,
        "PROBABLY": _INFERENCE,
        "WAS_PROBABLY": _INFERENCE | _CLOSED,
        "IDENTIFIED_AS": _RELATIONSHIP,
        "WAS_IDENTIFIED_AS": _RELATIONSHIP | _CLOSED,
        "MERGED_INTO": _MERGE,
        "UNMERGED_FROM": _MERGE | _CLOSED,
        "LINKED_TO": _MERGE,
        "WAS_LINKED_TO": _MERGE | _CLOSED,
        "MAY_BE": frozenset(
            {
                *("tenant", "candidate_id", "state", "confidence", "addresses", "arithmetic", "first_seen", "found_at"),
                *("decided_at", "change_id"),
            }
        ),
        "IN_CLUSTER": frozenset(),
        "CANNOT_LINK": _MERGE,
        "COULD_NOT_LINK": _MERGE | _CLOSED | {"closed_on"},
        "HAS_FINGERPRINT": _FINGERPRINT,
        "HAD_FINGERPRINT": _FINGERPRINT | _CLOSED,
        "SEEN_WITH": _SEEN | {"weight", "count"},
        "AT": frozenset(),
        "IN_BUCKET": frozenset(),
        "ERASES": frozenset(),
    }
)
