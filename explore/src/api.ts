import type { Subject } from './subject'
import type { Evidence, Explanation, GraphAnswer, IdentityAnswer, JourneyAnswer, Problem } from './wire'

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

/** The visitor of an earlier time may have been in an earlier tenure; so many of its latest ones are tried. */
const TENURES_TRIED = 20

/** What a header can carry, and all that a key consists of. */
const KEY = /^[\x21-\x7e]+$/

/** The service's calls with one secret key. The key is in this closure only, and goes when the page goes. */
export interface Api {
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
  journey(identityId: string, asked: { bound: number; cursor: string | null }, signal?: AbortSignal): Promise<JourneyAnswer>
}

/** Returns what an answer without success says. A proxy's answer need not be JSON. */
async function refusal(answer: Response): Promise<Refused> {
  const { code, detail, errors, requestId } = ((await answer.json().catch(() => null)) ?? {}) as Problem
  const said = `${detail ?? `the answer was ${answer.status}`}${errors ? `: ${JSON.stringify(errors)}` : ''}`
  const { headers } = answer
  return new Refused(answer.status, code ?? String(answer.status), said, headers.get('Retry-After'), requestId ?? headers.get('X-Request-ID'))
}

export function connect(key: string): Api {
  async function get<Answer>(segments: string[], query: Record<string, string | number | null>, signal?: AbortSignal) {
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
        headers: { Authorization: `Bearer ${key}` },
        cache: 'no-store',
        credentials: 'omit',
        ...(signal && { signal }),
      })
      if (answer.ok) {
        return (await answer.json()) as Answer
      }
    } catch (error) {
      if (signal?.aborted) {
        throw error
      }
      // The connection can also end, or the text prove to be no JSON, after the status came.
      throw answer === null
        ? new Refused(0, 'no_answer', 'The service does not answer.')
        : new Refused(0, 'broken_answer', 'The answer of the service is broken.', null, answer.headers.get('X-Request-ID'))
    }
    throw await refusal(answer)
  }

  const PATHS = { user: 'users', visitor: 'visitors', session: 'sessions', identity: 'identities' }

  return {
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
        answer = await get<GraphAnswer>(['identities', graphId, 'graph'], { depth, minConfidence: bound, at }, signal)
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
    journey: (identityId, { bound, cursor }, signal) =>
      get(['identities', identityId, 'journey'], { limit: 200, minConfidence: bound, cursor }, signal),
  }
}
