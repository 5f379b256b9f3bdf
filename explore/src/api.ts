import { refusalSays } from './faults'
import { isReadToken } from './link'
import type { Subject } from './subject'
import type { CandidatesAnswer, ClusterAnswer, ClustersAnswer, Evidence, Explanation, GraphAnswer, IdentityAnswer, JourneyAnswer, PolicyAnswer, PreviewAnswer, Problem, SeenAt, Stats, Visits, Warning } from './wire'

/** A call that was refused, or that nobody answered (`status` 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfter: string | null = null,
    /** Finds the request in the service's logs. */
    readonly requestId: string | null = null,
  ) {
    super(detail)
  }
}

/** Whom a subject belongs to now, and the ids by which to ask for its graph, the likeliest first. */
export interface Found {
  identityId: string
  graphIds: string[]
}

/** A call that changes something, under `/api/v1`. */
export interface Call {
  method: 'POST' | 'PUT' | 'DELETE'
  path: string[]
  sent: Record<string, string | boolean | Record<string, number | null>>
}

/** The visitor of an earlier time may have been in an earlier tenure; so many of its latest ones are tried. */
const TENURES_TRIED = 20

/** How many candidates or clusters come at once. */
const PAGE = 50
/** How many nodes of each kind a graph has at most: as many as the service gives. */
const GRAPH_LIMIT = 1000
const NO_CONTENT = 204

/** What a header can carry, and all that a key consists of. */
const KEY = /^[\x21-\x7e]+$/

/** The service's calls with one secret key. The key is in this closure only, and goes when the page goes. */
export interface Api {
  /** The key is the token of a link, with which the service changes nothing. */
  readsOnly: boolean
  /** Fails if the key is not one that may read. */
  tryKey(): Promise<void>
  /** Returns whom a subject belongs to; inferences below the bound do not count. */
  find(subject: Subject, bound: number, signal?: AbortSignal): Promise<Found>
  /** Returns the evidence by which a session was recognised. */
  evidence(sessionId: string): Promise<Evidence[]>
  identity(identityId: string, bound: number, signal?: AbortSignal): Promise<IdentityAnswer>
  /** Returns the graph by the first of the ids that has any at the time. */
  graph(graphIds: string[], asked: { depth: number; bound: number; at: string | null }, signal?: AbortSignal): Promise<GraphAnswer>
  explain(a: Subject, b: Subject, asked: { bound: number; at: string | null }): Promise<Explanation>
  journey(identityId: string, asked: { bound: number; at: string | null; cursor: string | null }, signal?: AbortSignal): Promise<JourneyAnswer>
  candidates(asked: { state: string; bound: number; about?: string | null; cursor: string | null; limit?: number }, signal?: AbortSignal): Promise<CandidatesAnswer>
  clusters(asked: { label: string; about?: string | null; order?: 'size' | 'doubt'; cursor: string | null; limit?: number }, signal?: AbortSignal): Promise<ClustersAnswer>
  cluster(clusterId: string, signal?: AbortSignal): Promise<ClusterAnswer>
  /** Returns who was seen at an address, the latest first. */
  seenAt(address: string, limit: number, signal?: AbortSignal): Promise<{ rows: SeenAt[] }>
  stats(signal?: AbortSignal): Promise<Stats>
  /** Returns how the visits of the last 30 days were recognised. */
  visits(signal?: AbortSignal): Promise<Visits>
  warnings(limit: number, signal?: AbortSignal): Promise<{ items: Warning[] }>
  policy(signal?: AbortSignal): Promise<PolicyAnswer>
  /** Returns what would follow if fields of the policy had these values; changes nothing. */
  preview(set: Record<string, number>, limit: number, signal?: AbortSignal): Promise<PreviewAnswer>
  /** Makes a change. The same call with the same `once` is one call, however often it is sent. */
  change<Answer>(call: Call, reason: string, once: string): Promise<Answer>
}

/** Returns what an answer without success says. A proxy's answer need not be JSON. */
async function refusal(answer: Response): Promise<Refused> {
  const { code, detail, errors, requestId } = ((await answer.json().catch(() => null)) ?? {}) as Problem
  const said = refusalSays(detail ?? `the answer was ${answer.status}`, errors)
  const { headers } = answer
  return new Refused(answer.status, code ?? String(answer.status), said, headers.get('Retry-After'), requestId ?? headers.get('X-Request-ID'))
}

export function connect(key: string): Api {
  async function ask<Answer>(segments: string[], query: Record<string, string | number | null>, options: RequestInit): Promise<Answer> {
    const sent = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) {
      if (value !== null) {
        sent.set(name, String(value))
      }
    }
    const path = `/api/v1/${segments.map(encodeURIComponent).join('/')}?${sent.toString()}`
    let answer: Response | null = null
    try {
      answer = await fetch(path, {
        ...options,
        headers: { ...options.headers, Authorization: `Bearer ${key}` },
        cache: 'no-store',
        credentials: 'omit',
      })
      if (answer.ok) {
        return (answer.status === NO_CONTENT ? {} : await answer.json()) as Answer
      }
    } catch (error) {
      if (options.signal?.aborted) {
        throw error
      }
      // The connection can also end, or the text prove to be no JSON, after the status came.
      throw answer === null
        ? new Refused(0, 'no_answer', 'The service does not answer.')
        : new Refused(0, 'broken_answer', 'The answer of the service is broken.', null, answer.headers.get('X-Request-ID'))
    }
    throw await refusal(answer)
  }

  const get = <Answer>(segments: string[], query: Record<string, string | number | null>, signal?: AbortSignal): Promise<Answer> =>
    ask(segments, query, { ...(signal && { signal }) })

  const PATHS = { user: 'users', visitor: 'visitors', session: 'sessions', identity: 'identities' }

  return {
    readsOnly: isReadToken(key),
    async tryKey() {
      if (!KEY.test(key)) {
        throw new Refused(401, 'unauthenticated', 'This is no key: a key has no spaces and no letters with accents.')
      }
      await get(['warnings'], { limit: 1 })
    },
    async find(subject, bound, signal) {
      const { kind, id } = subject
      const limit = { user: null, visitor: TENURES_TRIED, session: null, identity: 1 }[kind]
      const query = { limit, minConfidence: kind === 'user' ? null : bound }
      const answer = await get<{ identityId: string; tenureId?: string; tenures?: string[] }>([PATHS[kind], id], query, signal)
      const { identityId, tenureId, tenures } = answer
      // Asked by a tenure, the graph is that of whom the tenure belonged to at the time, not of whom it belongs to now.
      const graphIds = { user: [identityId], visitor: tenures ?? [], session: tenureId ? [tenureId] : [], identity: [id] }[kind]
      return { identityId, graphIds: graphIds.length > 0 ? graphIds : [identityId] }
    },
    async evidence(sessionId) {
      const session = await get<{ match: { evidence: Evidence[] } }>(['sessions', sessionId], {})
      return session.match.evidence
    },
    identity: (identityId, bound, signal) => get(['identities', identityId], { limit: 1, minConfidence: bound }, signal),
    async graph(graphIds, { depth, bound, at }, signal) {
      let answer: GraphAnswer | null = null
      for (const graphId of graphIds) {
        answer = await get<GraphAnswer>(['identities', graphId, 'graph'], { depth, minConfidence: bound, at, limit: GRAPH_LIMIT }, signal)
        // The graph of a tenure that began later is empty.
        if (answer.nodes.length > 0) {
          break
        }
      }
      if (answer === null) {
        throw new Error('there is no id to ask by')
      }
      return answer
    },
    explain: (a, b, { bound, at }) =>
      get(['explain'], { a: `${a.kind}:${a.id}`, b: `${b.kind}:${b.id}`, minConfidence: bound, at }),
    journey: (identityId, { bound, at, cursor }, signal) =>
      get(['identities', identityId, 'journey'], { limit: 200, minConfidence: bound, at, cursor }, signal),
    candidates: ({ state, bound, about, cursor, limit }, signal) =>
      get(['candidates'], { state, minConfidence: bound, about: about ?? null, limit: limit ?? PAGE, cursor }, signal),
    clusters: ({ label, about, order, cursor, limit }, signal) =>
      get(['clusters'], { label: label || null, about: about ?? null, order: order ?? null, limit: limit ?? PAGE, cursor }, signal),
    cluster: (clusterId, signal) => get(['clusters', clusterId], {}, signal),
    seenAt: (address, limit, signal) => get(['queries', 'at_address'], { address, limit }, signal),
    stats: (signal) => get(['stats'], {}, signal),
    visits: (signal) => get(['analytics', 'visits'], {}, signal),
    warnings: (limit, signal) => get(['warnings'], { limit }, signal),
    policy: (signal) => get(['policy'], {}, signal),
    preview: (set, limit, signal) =>
      ask(['policy', 'preview'], {}, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ set, limit }),
        ...(signal && { signal }),
      }),
    change: ({ method, path, sent }, reason, once) =>
      ask(path, method === 'DELETE' ? { reason } : {}, {
        method,
        headers: { 'Idempotency-Key': once, ...(method !== 'DELETE' && { 'Content-Type': 'application/json' }) },
        ...(method !== 'DELETE' && { body: JSON.stringify({ ...sent, reason }) }),
      }),
  }
}
