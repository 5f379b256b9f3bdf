"""The labels, relationship types and properties there may be; docs/graph-model.md tells of each.

tests/conventions/test_vocabulary.py holds the queries, the migrations and that page to these words.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: What a node may be, and what that is.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "Visitor": "one browser on one device",
        "Jar": "one browser's cookie storage",
        "Tenure": "one subject's stretch of using one jar",
        "Identity": "second label of a tenure and of a user",
        "User": "the customer's own account id",
        "Session": "one visit",
        "Event": "what a visitor did",
        "Message": "second label of what an accepted call left",
        "Fingerprint": "what a browser looks like to its collector",
        "IpAddress": "a network address",
        "BrowserAtIp": "one kind of browser at an address in one week",
        "AuditEntry": "one change of one subject",
        "Warning": "odd input or a refusal, with all alike of the same hour",
        "Tenant": "a customer",
        "ApiKey": "a key of a tenant, by its hash",
        "Migration": "a change of the schema that was applied",
    }
)

#: What a relationship may be, and what it says.
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "IN": "a jar is in a visitor: the same browser, as far as we can tell",
        "ON": "a tenure is on a jar",
        "CURRENT": "a jar's next session will be in this tenure",
        "DURING": "a session was in a tenure",
        "RECORDED": "an event happened in a session",
        "SUCCEEDED_BY": "another user took a session over",
        "TIED_TO": "two tenures are the same person, as far as we can tell",
        "RESOLVES_TO": "a tenure is a user's: stated, or following from a claim through ties",
        "RESOLVED_TO": "it was, until then",
        "PROBABLY": "a tenure may be somebody's, who never owns it by that",
        "WAS_PROBABLY": "it might have been, until a claim said otherwise",
        "IDENTIFIED_AS": "a user used a visitor, how often and how surely",
        "HAS_FINGERPRINT": "a visitor was seen with a fingerprint",
        "SEEN_WITH": "a visitor was seen with a browser at an address",
        "AT": "at which address that was",
    }
)

_LOCK = frozenset({"_lock"})
_FOUND_BY = frozenset({"method", "confidence", "evidence", "since", "change_id"})
_SEEN = frozenset({"first_seen", "last_seen"})
_OBSERVED = frozenset(
    {
        *("address", "browser", "browser_version", "os", "device_class", "is_bot"),
        *("country", "region", "city", "latitude", "longitude", "time_zone", "asn", "as_organization"),
        *("page_url", "page_referrer", "page_title"),
    }
)
_RESOLUTION = _FOUND_BY - {"evidence"} | {"claim", "at", "session_id"}

#: What each of them may hold; a node with two labels holds what both may, and every node but a migration its `tenant`.
PROPERTIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Visitor": _SEEN | _LOCK | {"visitor_id", "kind", "latest_tenure_id", "known_jars", "recent_users"},
        "Jar": _LOCK | {"jar_id", "kind", "created_at", "known_since", "latest_session_id", "last_seen"},
        "Tenure": _SEEN | {"since", "until", "sessions", "events"},
        "Identity": frozenset({"identity_id"}),
        "User": _LOCK | {"user_id", "created_at"},
        "Session": _OBSERVED
        | {"session_id", "started_at", "last_seen", "received_at", "events", "method", "confidence", "evidence"}
        | {"consent", "fingerprint", "fingerprint_confidence"},
        "Event": _OBSERVED
        | {"event_id", "name", "at", "received_at", "tenure_id", "user_id", "properties", "identity_id", "confidence"},
        "Message": frozenset({"message_id", "call", "session_sent", "request_hash", "answer"}),
        "Fingerprint": _LOCK | {"hash", "components", "first_seen"},
        "IpAddress": frozenset({"address"}),
        "BrowserAtIp": frozenset({"address", "week", "browser", "os", "device_class", "is_new"}),
        "AuditEntry": frozenset(
            {"entry_id", "change_id", "subject", "act", "actor", "reason", "before", "after", "at"}
        ),
        "Warning": frozenset({"warning_id", "code", "subject", "detail", "at", "last_seen", "count"}),
        "Tenant": frozenset({"name", "created_at", "settings", "policy"}),
        "ApiKey": frozenset({"key_id", "key_hash", "kind", "created_at", "revoked_at"}),
        "Migration": _LOCK | {"version", "title", "checksum", "applied_at"},
        "IN": _FOUND_BY,
        "ON": frozenset(),
        "CURRENT": frozenset(),
        "DURING": frozenset(),
        "RECORDED": frozenset(),
        "SUCCEEDED_BY": frozenset({"at", "change_id"}),
        "TIED_TO": _FOUND_BY,
        "RESOLVES_TO": _RESOLUTION,
        "RESOLVED_TO": _RESOLUTION | {"until", "closed_by"},
        "PROBABLY": _FOUND_BY | {"last_seen", "claims", "via"},
        "WAS_PROBABLY": _FOUND_BY | {"last_seen", "claims", "via", "until", "closed_by"},
        "IDENTIFIED_AS": _SEEN
        | {"tenant", "user_id", "visitor_id", "confidence", "rank", "count", "source", "visible"}
        | {"stated_count", "stated_first", "stated_last", "stated_figure"}
        | {"verified_count", "verified_first", "verified_last", "verified_figure"}
        | {"claimed_count", "claimed_first", "claimed_last", "claimed_figure"}
        | {"collected_count", "collected_first", "collected_last", "collected_figure"},
        "HAS_FINGERPRINT": _SEEN | {"weight", "count", "browser", "os"},
        "SEEN_WITH": _SEEN | {"weight", "count"},
        "AT": frozenset(),
    }
)
