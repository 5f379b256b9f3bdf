import { hide, link, mergeEither, reveal, takeOut, undoMerge, unlink, untie, type Change } from './changes'
import type { Shown } from './drawing'
import { parts } from './subject'
import type { GraphEdge } from './wire'

/** A button that a panel offers: the changes of which a person then makes one. */
export interface Offer {
  text: string
  changes: Change[]
}

/** Returns what can be changed about a node, going by what is drawn around it. */
export function offersForNode(nodeId: string, shown: Shown): Offer[] {
  const [kind, id] = parts(nodeId)
  if (kind === 'user') {
    return [{ text: 'Hide…', changes: [hide(id, null)] }]
  }
  // What concerns a fingerprint or a user beside the node is offered at that edge.
  return shown.edges
    .filter((edge) => edge.source === nodeId && ['merged_into', 'in', 'tied_to'].includes(edge.kind))
    .flatMap((edge) => offersForEdge(edge, shown))
}

/** Returns what can be changed about an edge. */
export function offersForEdge(edge: GraphEdge, shown: Shown): Offer[] {
  const [[, source], [, target]] = [parts(edge.source), parts(edge.target)]
  const visitorId = edge.kind === 'tied_to' ? visitorOf(edge.source, shown) : null
  switch (edge.kind) {
    case 'merged_into':
      return [{ text: 'Undo the merge…', changes: [undoMerge(source, target)] }]
    case 'linked_to':
      return [{ text: 'Undo the link…', changes: [unlink(source, target)] }]
    case 'identified_as':
      return [{ text: 'Hide…', changes: [hide(target, source)] }]
    case 'in':
      return [{ text: 'Take the jar out…', changes: [takeOut(target, 'jar', source)] }]
    case 'has_fingerprint':
      return [{ text: 'Take the fingerprint out…', changes: [takeOut(source, 'fingerprint', target)] }]
    case 'tied_to':
      return visitorId === null ? [] : [{ text: 'Untie…', changes: [untie(visitorId, source)] }]
    default:
      return []
  }
}

/** Returns what can be changed about two nodes together. */
export function offersForPair(a: string, b: string, shown: Shown): Offer[] {
  const [[kind, id], [otherKind, otherId]] = [parts(a), parts(b)]
  const between = shown.edges.filter((edge) => [edge.source, edge.target].includes(a) && [edge.source, edge.target].includes(b))
  const offers = between.flatMap((edge) => offersForEdge(edge, shown))
  if (kind === 'visitor' && otherKind === 'visitor' && !between.some((edge) => edge.kind === 'merged_into')) {
    offers.push({ text: 'Merge…', changes: mergeEither(id, otherId) })
  }
  if (kind === 'user' && otherKind === 'user' && !between.some((edge) => edge.kind === 'linked_to')) {
    offers.push({ text: 'Link…', changes: [link(id, otherId)] })
  }
  if (kind !== otherKind && [kind, otherKind].includes('user') && [kind, otherKind].includes('visitor') && offers.length === 0) {
    const [userId, visitorId] = kind === 'user' ? [id, otherId] : [otherId, id]
    offers.push({ text: 'Hide…', changes: [hide(userId, visitorId)] }, { text: 'Show again…', changes: [reveal(userId, visitorId)] })
  }
  return offers
}

/** Returns the visitor that a tenure is on, by way of its jar. */
function visitorOf(tenure: string, shown: Shown): string | null {
  const jar = shown.edges.find((edge) => edge.kind === 'on' && edge.source === tenure)?.target
  const into = shown.edges.find((edge) => edge.kind === 'in' && edge.source === jar)
  return into ? parts(into.target)[1] : null
}
