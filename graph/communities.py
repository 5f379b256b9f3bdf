"""Find which users and visitors belong together by the edges between them, and which edges hold them together.

A component of the graph of these edges is a cluster. One with more members than `cluster_members_max` is divided by the
Louvain method (https://doi.org/10.1088/1742-5468/2008/10/P10008), by the edges' confidence.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graph.rules.clusters import MEMBERS_MIN, Bridge, Cluster, ClusterEdge, linked
from graph.rules.policy import Policy

if TYPE_CHECKING:
    import networkx as nx


def clusters(
    edges: Iterable[ClusterEdge],
    persons: Mapping[str, str],
    policy: Policy,
    alive: Callable[[], None] = lambda: None,
) -> list[Cluster]:
    """Return the clusters that edges make, by their ids. `persons` has the person whose account each user is.

    Only edges at or above `cluster_confidence_min` count. Linked users are joined, since they are one person's. `alive` is
    called after each part of the work that may take long.
    """
    import networkx as nx  # noqa: PLC0415 - it takes half a second, and no call needs it

    joined = [edge for edge in edges if edge.confidence >= policy.cluster_confidence_min and edge.one != edge.other]
    joined += linked({subject for edge in joined for subject in (edge.one, edge.other)}, persons)
    graph = _graph(joined)
    alive()
    parts: list[set[str]] = []
    for component in nx.connected_components(graph):
        if len(component) > policy.cluster_members_max:
            within = _graph(values["edge"] for _, _, values in graph.edges(component, data=True))
            parts += nx.community.louvain_communities(within, weight="confidence", seed=1)
            alive()
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
    above: dict[str, str] = {}
    below: dict[str, int] = dict.fromkeys(graph, 1)
    whole: dict[str, int] = {}
    for component in nx.connected_components(graph):
        source = min(component)
        above |= nx.dfs_predecessors(graph, source)
        for member in reversed(list(nx.dfs_preorder_nodes(graph, source))):
            whole[member] = len(component)
            if member in above:
                below[above[member]] += below[member]
    found = []
    # The stubs say that these are nodes.
    cuts: Iterable[Any] = nx.bridges(graph)
    for one, other in cuts:
        beneath = below[other] if above.get(other) == one else below[one]
        found.append(Bridge(graph.edges[one, other]["edge"], min(beneath, whole[one] - beneath)))
    return sorted(found, key=lambda bridge: (-bridge.doubt, bridge.edge.one, bridge.edge.other))


def _graph(edges: Iterable[ClusterEdge]) -> "nx.Graph[str]":
    """Return the graph of edges; of two between the same subjects, the surer one.

    Its nodes and edges are in the order of their names. The Louvain method goes by that order, and its result would differ
    from run to run.
    """
    import networkx as nx  # noqa: PLC0415 - as above

    graph: nx.Graph[str] = nx.Graph()
    for edge in sorted(edges, key=lambda edge: (edge.one, edge.other, edge.confidence)):
        one, other = sorted((edge.one, edge.other))
        known = graph.get_edge_data(one, other)
        if known is None or known["confidence"] <= edge.confidence:
            graph.add_edge(one, other, edge=edge, confidence=edge.confidence)
    return graph
