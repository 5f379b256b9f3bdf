import type { GraphAnswer, GraphEdge, GraphNode } from './wire'

/** What was loaded so far: the graph of the subject, and those that were added by expanding nodes. */
export interface Drawing {
  nodes: Map<string, GraphNode>
  edges: Map<string, GraphEdge>
  /** The nodes that stand for the loaded identities; a shown node hangs on one of them. */
  roots: Set<string>
  /** The identities whose graphs were loaded. */
  identities: Set<string>
  leftOut: Record<string, number>
  /** The lowest confidence that was asked for: what is below it was not loaded. */
  bound: number
}

export interface Shown {
  nodes: GraphNode[]
  edges: GraphEdge[]
}

export const edgeId = (edge: GraphEdge): string => `${edge.source} ${edge.kind} ${edge.target}`

export function emptyDrawing(bound: number): Drawing {
  return { nodes: new Map(), edges: new Map(), roots: new Set(), identities: new Set(), leftOut: {}, bound }
}

/** Adds an answer. A node that is there keeps what only the earlier answer says of it. */
export function add(drawing: Drawing, answer: GraphAnswer): void {
  for (const node of answer.nodes) {
    drawing.nodes.set(node.id, { ...drawing.nodes.get(node.id), ...node })
    if (node.identityId !== undefined || node.id === `tenure:${answer.identityId}`) {
      drawing.roots.add(node.id)
    }
  }
  for (const edge of answer.edges) {
    drawing.edges.set(edgeId(edge), edge)
  }
  drawing.identities.add(answer.identityId)
  for (const [what, count] of Object.entries(answer.leftOut)) {
    drawing.leftOut[what] = (drawing.leftOut[what] ?? 0) + count
  }
}

/** Returns the edges of at least this confidence that lead, with their nodes, to one of the roots. */
export function shown(drawing: Drawing, bound: number): Shown {
  const neighbours = new Map<string, string[]>()
  const sure = [...drawing.edges.values()].filter((edge) => edge.confidence >= bound)
  for (const { source, target } of sure) {
    for (const [one, other] of [[source, target], [target, source]] as const) {
      const others = neighbours.get(one)
      if (others === undefined) {
        neighbours.set(one, [other])
      } else {
        // A user may have thousands: to copy the list for each would take their square.
        others.push(other)
      }
    }
  }
  const reached = new Set<string>()
  const ahead = [...drawing.roots]
  for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
    if (!reached.has(id)) {
      reached.add(id)
      ahead.push(...(neighbours.get(id) ?? []))
    }
  }
  return {
    nodes: [...drawing.nodes.values()].filter((node) => reached.has(node.id)),
    edges: sure.filter((edge) => reached.has(edge.source) && reached.has(edge.target)),
  }
}
