"""Find which users and visitors belong together by the edges between them, and which edges hold them together.

A component of the graph of these edges is a cluster. One with more members than `cluster_members_max` is divided by the
Louvain method (https://doi.org/10.1088/1742-5468/2008/10/P10008), by the edges' confidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graph.rules.clusters import MEMBERS_MIN, Bridge, Cluster, ClusterEdge, linked
from graph.rules.policy import Policy

if TYPE_CHECKING:
    import networkx as nx


def clusters(edges: Iterable[ClusterEdge], persons: Mapping[str, str], policy: Policy) -> list[Cluster]:
    """Return the clusters that edges make, by their ids. `persons` has the person whose account each user is.

    Only edges at or above `cluster_confidence_min` count. Linked users are joined, since they are one person's.
    """
    import networkx as nx  # noqa: PLC0415 - it takes half a second, and no call needs it

    joined = [edge for edge in edges if edge.confidence >= policy.cluster_confidence_min and edge.one != edge.other]
    joined += linked({subject for edge in joined for subject in (edge.one, edge.other)}, persons)
    graph = _graph(joined)
    parts: list[set[str]] = []
    for component in nx.connected_components(graph):
        if len(component) > policy.cluster_members_max:
            within = graph.subgraph(component)
            parts += nx.community.louvain_communities(within, weight="confidence", seed=1)
        else:
            parts.append(component)
    beside: dict[str, list[ClusterEdge]] = defaultdict(list)
    for edge in joined:
        beside[edge.one].append(edge)
    found = [
        Cluster.of(part, (edge for member in part for edge in beside[member]), persons)
        for part in parts
        if len(part) >= MEMBERS_MIN
    ]
    return sorted(found, key=lambda cluster: cluster.cluster_id)


def bridges(cluster: Cluster) -> list[Bridge]:
    """Return the edges without which a cluster would be two, the most doubtful first."""
    import networkx as nx  # noqa: PLC0415 - as above

    graph = _graph(cluster.edges)
    above = nx.dfs_predecessors(graph) if graph else {}
    below = dict.fromkeys(graph, 1)
    for member in reversed(list(nx.dfs_preorder_nodes(graph)) if graph else []):
        if member in above:
            below[above[member]] += below[member]
    found = []
    # The stubs say that these are nodes.
    cuts: Iterable[Any] = nx.bridges(graph)
    for one, other in cuts:
        beneath = below[other] if above.get(other) == one else below[one]
        found.append(Bridge(graph.edges[one, other]["edge"], min(beneath, len(graph) - beneath)))
    return sorted(found, key=lambda bridge: (-bridge.doubt, bridge.edge.one, bridge.edge.other))


def _graph(edges: Iterable[ClusterEdge]) -> "nx.Graph[str]":
    """Return the graph of edges; of two between the same subjects, the surer one."""
    import networkx as nx  # noqa: PLC0415 - as above

    graph: nx.Graph[str] = nx.Graph()
    for edge in sorted(edges, key=lambda edge: edge.confidence):
        graph.add_edge(edge.one, edge.other, edge=edge, confidence=edge.confidence)
    return graph
