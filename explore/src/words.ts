import { parts } from './subject'
import type { GraphEdge, GraphNode } from './wire'

/** What each kind of node is, in the order of the legend. */
export const NODE_KINDS: Record<string, { name: string; meaning: string }> = {
  user: { name: 'user', meaning: 'an account of yours' },
  visitor: { name: 'visitor', meaning: 'a browser, as far as we can tell' },
  jar: { name: 'jar', meaning: 'what a browser keeps: its cookies, until they are emptied' },
  tenure: { name: 'tenure', meaning: 'one person’s time with a jar' },
  session: { name: 'session', meaning: 'a visit' },
  fingerprint: { name: 'fingerprint', meaning: 'what a browser looks like' },
  address: { name: 'address', meaning: 'an IP address, as it is kept' },
}

/** What each kind of edge says of its two ends. */
const EDGE_SAYS: Record<string, (source: string, target: string, method: string | null) => string> = {
  resolves_to: (source, target, method) =>
    method === 'adopted'
      ? `${source} is ${target}’s, because a tenure that it is tied to was claimed.`
      : `${source} is ${target}’s, because of a login or a statement.`,
  tied_to: (source, target) => `${source} and ${target} are the same person’s, as far as we can tell.`,
  probably: (source, target) => `${source} is probably ${target}’s. It is an inference from evidence.`,
  on: (source, target) => `${source} was on ${target}.`,
  in: (source, target) => `${source} is in ${target}: the same browser.`,
  merged_into: (source, target) => `${source} was merged into ${target}.`,
  may_be: (source, target) => `${source} and ${target} may be one person’s. It is a candidate that nobody has decided about.`,
  linked_to: (source, target) => `${source} and ${target} were stated to be one person.`,
  has_fingerprint: (source, target) => `${source} showed ${target}.`,
  seen_at: (source, target) => `${source} was seen at ${target}.`,
  during: (source, target) => `${source} was during ${target}.`,
  identified_as: (source, target) => `${target} logged in on ${source}, or was said to use it.`,
}

/** What a cluster with a label is. */
export const LABELS: Record<string, string> = {
  several_devices: 'one person with several devices',
  household: 'two to six people, all at one address',
  shared_device: 'two to six people who logged in on one device',
  kiosk: 'more people on one device than a household has',
  shared_account: 'one account, in use in places too far apart to travel',
  too_big: 'more members than one group should have',
}

/** How something was recognised. */
const METHODS: Record<string, string> = {
  token: 'the token of this browser came back',
  anonymous_id: 'the caller’s own id for this browser came back',
  fingerprint: 'a fingerprint that was known',
  fuzzy_fingerprint: 'a fingerprint much like a known one',
  ip_browser: 'a browser of this kind at a known address',
  ip: 'a known address',
  new: 'the first of its kind: nothing was seen before',
  claim: 'a login, or a statement of your server',
  adopted: 'carried over from the tenure that it is tied to',
  inference: 'inferred from evidence, as it is weighed today',
  link: 'a statement that two accounts are one person’s',
  merge: 'a merge that somebody ordered',
  pending: 'not decided yet',
}

/** What stands against that two are one. */
const OBSTACLES: Record<string, string> = {
  different_users: 'different users',
  cannot_link: 'stated to be two people',
  worth_nothing: 'worth nothing by now',
  below_bound: 'below the confidence',
  another_is_likelier: 'another is likelier',
  only_stated: 'no more than stated',
  crowd: 'shared by a crowd',
  components: 'fingerprints that differ',
  nothing_in_common: 'nothing in common',
  not_enough: 'not enough',
}

/** What `leftOut` counts: one of it, several of it, and why. */
const LEFT_OUT: Record<string, [string, string, string]> = {
  tenures: ['tenure', 'tenures', 'beyond the limit'],
  inferences: ['inference', 'inferences', 'beyond the limit'],
  sessions: ['session', 'sessions', 'beyond the limit'],
  fingerprints: ['fingerprint', 'fingerprints', 'beyond the limit'],
  addresses: ['address', 'addresses', 'beyond the limit'],
  users: ['user', 'users', 'beyond the limit'],
  others: ['other visitor', 'other visitors', 'beyond the limit'],
  crowds: ['fingerprint or address', 'fingerprints or addresses', 'that a crowd shares'],
  edges: ['edge', 'edges', 'below the confidence, or to what is not drawn'],
  nodes: ['node', 'nodes', 'that only these edges lead to'],
}

/** What each figure of the arithmetic is for. */
const FIGURES: Record<string, string> = {
  address: 'the same address',
  agreement: 'what agrees',
  base: 'base',
  before: 'how sure the step before is',
  browser: 'the same browser and system',
  change: 'what changed',
  collector: 'how much the fingerprint’s own collector doubts it',
  hop: 'one more step away',
  likelihood: 'how alike they are',
  machine: 'another machine',
  owned: 'how sure the fingerprint is one browser’s',
  prior: 'before any evidence',
  recency: 'how recent it is',
  rivals: 'others as much alike',
  same_class: 'the same kind of device',
  same_days: 'the days at the same addresses',
  share: 'their part of the use',
  sharing: 'how few others share it',
  standing: 'how sure the other end is',
  two_users: 'that two users may be two people',
  users: 'several users of the browser',
}

const SHORT_CHARACTERS = 18
const OURS = /^(vis|ses|ten|usr|jar|clu|can)_/
const OURS_CHARACTERS = 4

/** Shortens a long id in the middle. Ids of ours begin with the time, so their ends tell them apart. */
export function short(id: string): string {
  if (id.length <= SHORT_CHARACTERS) {
    return id
  }
  return `${id.slice(0, OURS.test(id) ? OURS_CHARACTERS : 8)}…${id.slice(-6)}`
}

export function percent(confidence: number): string {
  const figure = Math.round(confidence * 1000) / 10
  return `${figure} %`
}

/** Names a node by its kind and its id, of which the end is enough if it is ours. */
export function nodeName(nodeId: string): string {
  const [kind, id] = parts(nodeId)
  if (kind === 'user' || kind === 'address') {
    return `${kind} ${id}`
  }
  return `${kind} ${OURS.test(id) ? short(id).slice(OURS_CHARACTERS) : short(id)}`
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function edgeSays(edge: GraphEdge): string {
  const [source, target] = [nodeName(edge.source), nodeName(edge.target)]
  return capitalised(EDGE_SAYS[edge.kind]?.(source, target, edge.method) ?? `${source} ${plain(edge.kind)} ${target}.`)
}

export function methodSays(method: string | null): string {
  return method === null ? 'not inferred: recorded as it happened' : (METHODS[method] ?? plain(method))
}

/**
 * Returns in words what of the graph was left out; null if nothing was. `isSum` says that several graphs' figures were
 * added, which counts twice what two of them left out.
 */
export function leftOutSays(leftOut: Record<string, number>, isSum = false): string | null {
  const said = Object.entries(leftOut)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => {
      const [singular, plural, why] = LEFT_OUT[what] ?? [plain(what), plain(what), '']
      return `${count} ${count === 1 ? singular : plural} ${why}`.trim()
    })
  return said.length === 0 ? null : `Not drawn${isSum ? ', at most' : ''}: ${said.join('; ')}.`
}

/** Names what stands against that two are one. */
export const obstacleSays = (kind: string): string => OBSTACLES[kind] ?? plain(kind)

/** Says what a figure of the arithmetic is for. */
export const figureSays = (name: string): string => FIGURES[name] ?? plain(name)

/** Returns in words what of the loaded graph is hidden below a confidence; null if nothing is. */
export function hiddenSays(
  loaded: { nodes: { size: number }; edges: { size: number } },
  visible: { nodes: unknown[]; edges: unknown[] },
  bound: number,
): string | null {
  const [nodes, edges] = [loaded.nodes.size - visible.nodes.length, loaded.edges.size - visible.edges.length]
  return nodes + edges === 0 ? null : `Hidden below ${percent(bound)}: ${counted(nodes, 'node')} and ${counted(edges, 'edge')}.`
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Rounds a figure that is no percentage to two decimals. */
export const rounded = (figure: number): number => Math.round(figure * 100) / 100

/** Says what is known of a node beside its id, as names with values. */
export function nodeSays(node: GraphNode): [string, string][] {
  const said: [string, string | null | undefined][] = [
    ['identity', node.identityId],
    ['kind of jar', node.jarKind],
    ['browser', node.browser],
    ['system', node.os],
    ['recognised by', node.method && methodSays(node.method)],
    ['sessions', node.sessions?.toString()],
    ['events', node.events?.toString()],
    ['first seen', node.firstSeen && time(node.firstSeen)],
    ['last seen', node.lastSeen && time(node.lastSeen)],
  ]
  return said.filter((pair): pair is [string, string] => Boolean(pair[1]))
}

/** Says how two visitors met at an address. */
export function addressSays({ address, days, hours, sharedBy }: { address: string; days: string[]; hours: number; sharedBy: number }): string {
  // The figure counts one of the two.
  const others = sharedBy <= 1 ? 'nobody else was there' : `at most ${counted(sharedBy - 1, 'other')} there in a week`
  return `Both were at ${address} on ${counted(days.length, 'day')}, in ${counted(hours, 'hour')} of these; ${others}.`
}

/** Writes a time in UTC, to the second. */
export function time(rfc3339: string): string {
  return `${new Date(rfc3339).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export const plain = (word: string): string => word.replaceAll('_', ' ')
