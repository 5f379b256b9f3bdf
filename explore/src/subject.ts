/** A visitor, user, session or identity, as `/explain` names it. */
export interface Subject {
  kind: 'visitor' | 'user' | 'session' | 'identity'
  id: string
}

const PREFIXES: Record<string, Subject['kind']> = { vis_: 'visitor', ses_: 'session', ten_: 'identity', usr_: 'identity' }
const KINDS = ['visitor', 'user', 'session', 'identity'] as const

/**
 * Returns whom a text names: by the prefix of our own ids, else a user. `user:vis_1` names a user whose id looks like
 * one of ours.
 */
export function subjectOf(text: string): Subject {
  const trimmed = text.trim()
  const stated = KINDS.find((kind) => trimmed.startsWith(`${kind}:`) && trimmed.length > kind.length + 1)
  if (stated) {
    return { kind: stated, id: trimmed.slice(stated.length + 1) }
  }
  return { kind: PREFIXES[trimmed.slice(0, 4)] ?? 'user', id: trimmed }
}

/** Whether whose a subject is depends on the confidence from which inferences count. */
export const isInferable = ({ kind, id }: Subject): boolean => kind !== 'user' && !id.startsWith('usr_')

/** Returns what a node of the graph is to `/explain`; null for jars, fingerprints and addresses, which it cannot explain. */
export function subjectOfNode(nodeId: string): Subject | null {
  const [kind, id] = parts(nodeId)
  if (kind === 'tenure') {
    return { kind: 'identity', id }
  }
  return kind === 'visitor' || kind === 'user' || kind === 'session' ? { kind, id } : null
}

/** Returns a node's kind and its own id. */
export function parts(nodeId: string): [string, string] {
  const colon = nodeId.indexOf(':')
  return [nodeId.slice(0, colon), nodeId.slice(colon + 1)]
}
