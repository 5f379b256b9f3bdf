"""The errors of the identity graph, by kind of failure.

IdentityGraphError
├── NotFound            session_not_found, visitor_not_found, user_not_found, …
├── Refused             message_id_conflict, merge_refused, …
├── Forbidden           user_hash_invalid, …
├── Gone                session_expired
├── GraphUnavailable    graph_unavailable: try again later
│   ├── GraphAway       graph_unavailable: there is no connection to Neo4j
│   ├── GraphFailed     graph_unavailable: Neo4j failed, as with a full disk; somebody has to look
│   └── Overtaken       graph_unavailable, after several tries: another act changed what this act had to lock
│       └── Torn        graph_unavailable, after several tries: something was erased while a query read it
├── GraphTimeout        graph_timeout: try again later
├── SchemaOutOfDate     the database lacks migrations, constraints or indexes; nothing is served
├── EmbeddedError       the embedded Neo4j could not be fetched, started or stopped
└── BackupError         a backup could not be made or restored
"""


class IdentityGraphError(Exception):
    """A failure. Clients may rely on its `code`; its message names what failed, and never contains a secret."""

    code = "internal_error"

    def __init__(
        self, message: str, *, code: str | None = None, reason: str | None = None, subject: str | None = None
    ) -> None:
        """Create a failure.

        Args:
            message: What failed, for people.
            code: The stable code, if it is not the class's own.
            reason: Which rule refused, if several can.
            subject: What the failure is about; a failure with a subject is listed among the warnings.
        """
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.subject = subject
        if code is not None:
            self.code = code


class NotFound(IdentityGraphError):  # noqa: N818 - named after the failure, as the wire's problem is
    """What the caller named does not exist, or belongs to another tenant; the caller cannot tell which."""

    code = "not_found"


class Refused(IdentityGraphError):  # noqa: N818
    """The graph's rules forbid the call as it was made."""

    code = "refused"


class Forbidden(IdentityGraphError):  # noqa: N818
    """The caller has no right to make this call."""

    code = "forbidden"


class Gone(IdentityGraphError):  # noqa: N818
    """What the caller named has expired."""

    code = "session_expired"


class GraphUnavailable(IdentityGraphError):  # noqa: N818
    """Neo4j did not answer in time, or could not finish the transaction; try again later."""

    code = "graph_unavailable"


class GraphAway(GraphUnavailable):
    """There is no connection to Neo4j. When it is back, it may have been restarted."""


class GraphFailed(GraphUnavailable):
    """Neo4j failed by itself: its disk is full, its database is read-only, or it refused a statement.

    The caller may try again later, and somebody has to look why. So it is logged with its cause.
    """


class Overtaken(GraphUnavailable):
    """An act found a node that it had not locked, so it is rolled back and gathers again."""


class Torn(Overtaken, GraphFailed):
    """A query answered null where a value has to be: something was erased while it was read, so the act gathers again.

    If that does not help, the graph is damaged or the query is wrong, and it is logged.
    """


class GraphTimeout(IdentityGraphError):  # noqa: N818
    """The transaction took longer than its time limit; try again later."""

    code = "graph_timeout"


class SchemaOutOfDate(IdentityGraphError):  # noqa: N818
    """A migration is pending, or a constraint or index is missing or not online."""

    code = "schema_out_of_date"


class EmbeddedError(IdentityGraphError):
    """The embedded Neo4j could not be fetched, started or stopped."""

    code = "embedded_neo4j"


class BackupError(IdentityGraphError):
    """A backup could not be made or restored."""

    code = "backup"
