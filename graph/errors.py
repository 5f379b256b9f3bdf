"""Everything that can go wrong with the identity graph, by kind of failure.

IdentityGraphError
├── NotFound            session_not_found, visitor_not_found, user_not_found, …
├── Refused             message_id_conflict, merge_refused, …
├── Forbidden           user_hash_invalid, …
├── Gone                session_expired
├── GraphUnavailable    graph_unavailable: worth another try later
│   └── Overtaken       the same, after several: another act changed what was to be locked
├── GraphTimeout        graph_timeout: worth another try later
├── SchemaOutOfDate     the database lacks constraints or indexes; nothing is served
└── EmbeddedError       the Neo4j that we start ourselves could not be fetched or started
"""


class IdentityGraphError(Exception):
    """A failure with a stable `code` that clients may rely on and a message that names what failed, never a secret."""

    code = "internal_error"

    def __init__(
        self, message: str, *, code: str | None = None, reason: str | None = None, subject: str | None = None
    ) -> None:
        """`reason` says which rule of several it was; a failure about a `subject` is listed with the warnings."""
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.subject = subject
        if code is not None:
            self.code = code


class NotFound(IdentityGraphError):  # noqa: N818 - named after the failure, as the wire's problem is
    """What the caller named is not there, or belongs to another tenant, which looks the same."""

    code = "not_found"


class Refused(IdentityGraphError):  # noqa: N818
    """The graph's rules forbid it as asked."""

    code = "refused"


class Forbidden(IdentityGraphError):  # noqa: N818
    """The caller may not do this."""

    code = "forbidden"


class Gone(IdentityGraphError):  # noqa: N818
    """It was there, and its time is over."""

    code = "session_expired"


class GraphUnavailable(IdentityGraphError):  # noqa: N818
    """Neo4j did not answer, or not in time to be waited for; try again later."""

    code = "graph_unavailable"


class Overtaken(GraphUnavailable):
    """What an act found on the way is not among what it locked: it is rolled back and gathers again."""


class GraphTimeout(IdentityGraphError):  # noqa: N818
    """Neo4j took longer over the transaction than it is given; try again later."""

    code = "graph_timeout"


class SchemaOutOfDate(IdentityGraphError):  # noqa: N818
    """A constraint or index is missing or not online; run the migrations."""

    code = "schema_out_of_date"


class EmbeddedError(IdentityGraphError):
    """The Neo4j that we start ourselves could not be fetched, started or stopped."""

    code = "embedded_neo4j"
