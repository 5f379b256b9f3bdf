import type { Place } from './svg'

/** The distance of two neighbours on the spiral, and of its turns. */
const GAP = 70

/**
 * Places nodes along a spiral, from the roots outwards. Whatever hangs on a node follows it, so a visit lies beside its
 * device. The time grows with the nodes and edges only, where a layout by forces takes minutes for thousands of nodes.
 */
export function spiral(nodeIds: string[], edges: { source: string; target: string }[], roots: string[]): Map<string, Place> {
  const places = new Map<string, Place>()
  let angle = 2 * Math.PI
  for (const id of inOrder(nodeIds, edges, roots)) {
    const radius = places.size === 0 ? 0 : (angle * GAP) / (2 * Math.PI)
    places.set(id, { x: radius * Math.cos(angle), y: radius * Math.sin(angle) })
    angle += radius === 0 ? 0 : GAP / radius
  }
  return places
}

/** Returns the nodes so that each comes after the one by which it is nearest to a root, with what hangs on it next to it. */
function inOrder(nodeIds: string[], edges: { source: string; target: string }[], roots: string[]): string[] {
  const neighbours = new Map<string, string[]>(nodeIds.map((id) => [id, []]))
  for (const { source, target } of edges) {
    neighbours.get(source)?.push(target)
    neighbours.get(target)?.push(source)
  }
  const hanging = new Map<string, string[]>()
  const order: string[] = []
  // What hangs on no root begins a branch of its own.
  for (const start of [...roots, ...nodeIds]) {
    if (hanging.has(start)) {
      continue
    }
    hanging.set(start, [])
    const ahead = [start]
    for (let next = 0; next < ahead.length; next += 1) {
      const id = ahead[next] ?? ''
      for (const other of neighbours.get(id) ?? []) {
        if (!hanging.has(other) && neighbours.has(other)) {
          hanging.set(other, [])
          hanging.get(id)?.push(other)
          ahead.push(other)
        }
      }
    }
    const branch = [start]
    for (let id = branch.pop(); id !== undefined; id = branch.pop()) {
      order.push(id)
      branch.push(...(hanging.get(id) ?? []))
    }
  }
  return order
}
