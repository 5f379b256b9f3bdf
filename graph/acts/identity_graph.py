"""The graph around an identity, as of a time: who belongs to it, what these were seen with, and who else was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.acts.standing_then import Then, as_of, standing_then
from graph.errors import NotFound
from graph.rules import times
from graph.rules.probable import Bound, now_worth
from graph.store import identity_graph as store
from graph.store.identity_graph import MembersThen, PartsThere, TenureThere
from graph.store.link import LinksThen
from graph.transaction import Transaction

#: How far one may look: 1 the tenures, jars and visitors; 2 what they were seen with; 3 who else was.
DEPTH_MAX = 3


@dataclass(frozen=True)
class GraphAsked:
    """Which part of the graph: how deep, as of when, and at most how many of each kind. `at` is None for now."""

    identity_id: str
    depth: int
    at: datetime | None
    limit: int


@dataclass(frozen=True)
class GraphNode:
    """A node: `id` is its kind, a colon and its own id."""

    id: str
    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphEdge:
    """An edge with its kind and its confidence, 0–1. `method` is null where there is none."""

    source: str
    target: str
    kind: str
    confidence: float
    method: str | None = None
    last_seen: datetime | None = None


@dataclass
class IdentityGraph:
    """Nodes and edges; each edge joins two of the nodes. `left_out` says how many of what were left out."""

    identity_id: str
    at: datetime
    nodes: dict[str, GraphNode] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], GraphEdge] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def node(self, kind: str, id_: str, **values: Any) -> str:
        """Add a node, unless it is there; return its id."""
        node = GraphNode(f"{kind}:{id_}", kind, values)
        if values or node.id not in self.nodes:
            self.nodes[node.id] = node
        return node.id

    def edge(self, edge: GraphEdge) -> None:
        """Add an edge; of two of one kind the surer one stays."""
        key = edge.source, edge.target, edge.kind
        if key not in self.edges or self.edges[key].confidence < edge.confidence:
            self.edges[key] = edge

    def leave_out(self, what: str, count: int) -> None:
        """Note that so many of something were left out."""
        if count > 0:
            self.left_out[what] = self.left_out.get(what, 0) + count


def act(tx: Transaction, asked: GraphAsked, bound: Bound) -> IdentityGraph:
    """Return the graph around the identity that an id belongs to.

    An edge below the bound is left out, and so is what only it leads to. Inferences are weighed by today's policy and
    sharing, as of the time asked for.

    Raises:
        NotFound: There is no such identity, or it is hidden.
    """
    bound, is_now = as_of(bound, asked.at)
    found, _, links = standing_then(tx, [asked.identity_id], bound, is_now=is_now)
    standing = found[asked.identity_id].standing(bound) if asked.identity_id in found else None
    if standing is None or standing.method == "hidden":
        raise NotFound("there is no such identity", code="identity_not_found")
    drawn = IdentityGraph(standing.person_id, bound.at)
    owners = _linked(drawn, links) or [standing.identity_id]
    members = _members(tx, drawn, owners, asked, bound, is_now=is_now)
    if asked.depth > 1:
        parts = _parts(tx, drawn, members, asked, bound)
        if asked.depth > 2:
            _others(tx, drawn, owners, members, parts, asked, bound)
    return _pruned(drawn, owners, bound)


def _linked(drawn: IdentityGraph, links: LinksThen) -> list[str]:
    """Draw the links of the identity's users, and return the users' own identities; nothing if there is no link."""
    shown = links.shown(drawn.identity_id)
    for one, other in sorted(links.pairs):
        if one in shown and other in shown:
            drawn.edge(GraphEdge(f"user:{one}", f"user:{other}", "linked_to", 1.0, "link"))
    return [user.identity_id for user in shown.values()]


def _members(
    tx: Transaction, drawn: IdentityGraph, owners: Sequence[str], asked: GraphAsked, bound: Bound, *, is_now: bool
) -> list[TenureThere]:
    """Draw who belongs to the identity, of which the users or the tenure `owners` are: by facts, and probably."""
    tenures: list[TenureThere] = []
    maybe_ids: list[str] = []
    users: dict[str, str] = {}
    for owner_id, own in store.members(tx, owners, at=bound.at, limit=asked.limit).items():
        if own.user_id is not None:
            drawn.node("user", own.user_id, identity_id=owner_id)
            users[owner_id] = own.user_id
        drawn.leave_out("inferences", own.maybe_count - len(own.maybe_ids))
        tenures += _draw(drawn, own)
        maybe_ids += own.maybe_ids
    known = {tenure.tenure_id for tenure in tenures}
    wanted = [each for each in dict.fromkeys(maybe_ids) if each not in known]
    maybe, _, _ = standing_then(tx, wanted, bound, is_now=is_now)
    probable = {tenure_id: then for tenure_id, then in maybe.items() if _is_theirs(then, drawn.identity_id, bound)}
    for tenure_id, members in store.members(tx, list(probable), at=bound.at, limit=asked.limit).items():
        tenures += _draw(drawn, members)
        link = probable[tenure_id].link(bound)
        if link is not None:
            user_id = users.get(link.identity_id)
            target = f"user:{user_id}" if user_id else f"tenure:{link.identity_id}"
            drawn.edge(
                GraphEdge(
                    f"tenure:{tenure_id}", target, "probably", now_worth(link, bound), "inference", link.last_seen
                )
            )
    return tenures


def _is_theirs(then: Then, identity_id: str, bound: Bound) -> bool:
    standing = then.standing(bound)
    return standing is not None and (standing.method, standing.person_id) == ("probable", identity_id)


def _draw(drawn: IdentityGraph, members: MembersThen) -> list[TenureThere]:
    drawn.leave_out("tenures", members.count - len(members.tenures))
    for each in members.tenures:
        tenure = drawn.node(
            "tenure",
            each.tenure_id,
            first_seen=each.first_seen,
            last_seen=each.last_seen,
            sessions=each.sessions,
            events=each.events,
        )
        jar = drawn.node("jar", each.jar_id, jar_kind=each.jar_kind)
        visitor = drawn.node("visitor", each.visitor_id)
        drawn.edge(GraphEdge(tenure, jar, "on", 1.0))
        drawn.edge(GraphEdge(jar, visitor, "in", each.joined_at, each.joined_by))
        if each.root_id != each.visitor_id:
            drawn.edge(GraphEdge(visitor, drawn.node("visitor", each.root_id), "merged_into", 1.0))
        for tie in each.ties:
            drawn.edge(GraphEdge(tenure, f"tenure:{tie.target}", "tied_to", tie.confidence, tie.method))
        for user in each.users:
            drawn.edge(GraphEdge(tenure, f"user:{user.target}", "resolves_to", user.confidence, user.method))
    return list(members.tenures)


def _parts(
    tx: Transaction, drawn: IdentityGraph, members: list[TenureThere], asked: GraphAsked, bound: Bound
) -> PartsThere:
    found = store.parts.one(
        tx,
        visitor_ids=sorted({each.visitor_id for each in members} | {each.root_id for each in members}),
        tenure_ids=sorted({each.tenure_id for each in members}),
        at=bound.at,
        limit=asked.limit,
    )
    for what, listed in (
        ("fingerprints", found.fingerprints),
        ("addresses", found.addresses),
        ("sessions", found.sessions),
        ("users", found.users),
    ):
        drawn.leave_out(what, getattr(found.counts, what) - len(listed))
    for seen in found.fingerprints:
        target = drawn.node("fingerprint", seen.target)
        drawn.edge(
            GraphEdge(f"visitor:{seen.source}", target, "has_fingerprint", seen.confidence, last_seen=seen.last_seen)
        )
    for seen in found.addresses:
        target = drawn.node("address", seen.target)
        drawn.edge(GraphEdge(f"visitor:{seen.source}", target, "seen_at", seen.confidence, last_seen=seen.last_seen))
    for session in found.sessions:
        source = drawn.node("session", session.source, browser=session.browser, os=session.os, method=session.method)
        drawn.edge(GraphEdge(source, f"tenure:{session.target}", "during", 1.0, last_seen=session.last_seen))
    for user in found.users:
        target = drawn.node("user", user.target)
        drawn.edge(
            GraphEdge(f"visitor:{user.source}", target, "identified_as", user.confidence, last_seen=user.last_seen)
        )
    return found


def _others(  # noqa: PLR0917 - the parts of the picture so far
    tx: Transaction,
    drawn: IdentityGraph,
    owners: Sequence[str],
    members: list[TenureThere],
    parts: PartsThere,
    asked: GraphAsked,
    bound: Bound,
) -> None:
    found = store.others.one(
        tx,
        identity_ids=list(owners),
        hashes=sorted({seen.target for seen in parts.fingerprints}),
        addresses=sorted({seen.target for seen in parts.addresses}),
        weeks=times.iso_weeks(bound.at, bound.policy.address_weeks),
        visitor_ids=sorted({each.root_id for each in members}),
        fingerprint_crowd=bound.policy.fingerprint_crowd,
        address_crowd=bound.policy.address_crowd,
        places_max=bound.policy.address_crowd * bound.policy.address_weeks,
        at=bound.at,
        limit=asked.limit,
    )
    drawn.leave_out("crowds", found.crowds)
    drawn.leave_out("others", found.count - len(found.others))
    for seen in found.others:
        kind = "has_fingerprint" if seen.kind == "fingerprint" else "seen_at"
        source = drawn.node("visitor", seen.source)
        drawn.edge(GraphEdge(source, f"{seen.kind}:{seen.target}", kind, seen.confidence, last_seen=seen.last_seen))


def _pruned(drawn: IdentityGraph, owners: Sequence[str], bound: Bound) -> IdentityGraph:
    """Leave out edges below the bound and edges to what is not drawn, and then what nothing joins to the identity.

    Two users of it may be joined only by a hidden one.
    """
    sure = {
        key: edge
        for key, edge in drawn.edges.items()
        if edge.confidence >= bound.confidence_min and edge.source in drawn.nodes and edge.target in drawn.nodes
    }
    starts = [
        node.id
        for node in drawn.nodes.values()
        if node.values.get("identity_id") in owners or node.id == f"tenure:{drawn.identity_id}"
    ]
    joined: dict[str, set[str]] = {}
    for edge in sure.values():
        joined.setdefault(edge.source, set()).add(edge.target)
        joined.setdefault(edge.target, set()).add(edge.source)
    reached, ahead = set[str](), starts
    while ahead:
        node_id = ahead.pop()
        if node_id not in reached:
            reached.add(node_id)
            ahead += joined.get(node_id, ())
    drawn.leave_out("edges", len(drawn.edges) - len(sure))
    drawn.leave_out("nodes", len(drawn.nodes) - len(reached))
    drawn.nodes = {node_id: node for node_id, node in drawn.nodes.items() if node_id in reached}
    drawn.edges = {key: edge for key, edge in sure.items() if edge.source in reached and edge.target in reached}
    return drawn
