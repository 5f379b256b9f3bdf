import type { Subject } from './subject'
import type { Evidence, Explanation, GraphAnswer, IdentityAnswer, JourneyAnswer } from './wire'

/** A call that was refused, or that nobody answered (`status` 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfter: string | null,
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

/** The service's calls with one secret key. The key is in this closure only, and goes when the page goes. */
export interface Api {
  /** Fails if the key is not one that may read. */
  tryKey(): Promise<void>
  find(subject: Subject, signal?: AbortSignal): Promise<Found>
  /** Returns the evidence by which a session was recognised. */
  evidence(sessionId: string): Promise<Evidence[]>
  identity(identityId: string, signal?: AbortSignal): Promise<IdentityAnswer>
  /** Returns the graph by the first of the ids that has any at the time. */
  graph(graphIds: string[], asked: { depth: number; bound: number; at: string | null }, signal?: AbortSignal): Promise<GraphAnswer>
  explain(a: Subject, b: Subject, asked: { bound: number; at: string | null }): Promise<Explanation>
  journey(identityId: string, asked: { bound: number; cursor: string | null }, signal?: AbortSignal): Promise<JourneyAnswer>
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
    let answer: Response
    try {
      answer = await fetch(path, {
        headers: { Authorization: `Bearer ${key}` },
        cache: 'no-store',
        credentials: 'omit',
        ...(signal && { signal }),
      })
    } catch (error) {
      if (signal?.aborted) {
        throw error
      }
      throw new Refused(0, 'no_answer', 'The service does not answer.', null)
    }
    if (!answer.ok) {
      const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string; errors?: object }
      const fields = problem.errors ? `: ${JSON.stringify(problem.errors)}` : ''
      const said = `${problem.detail ?? `the answer was ${answer.status}`}${fields}`
      throw new Refused(answer.status, problem.code ?? String(answer.status), said, answer.headers.get('Retry-After'))
    }
    return (await answer.json()) as Answer
  }

  const PATHS = { user: 'users', visitor: 'visitors', session: 'sessions', identity: 'identities' }

  return {
    async tryKey() {
      await get(['warnings'], { limit: 1 })
    },
    async find(subject, signal) {
      const { kind, id } = subject
      const query = kind === 'visitor' ? { limit: TENURES_TRIED } : kind === 'identity' ? { limit: 1 } : {}
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
    identity: (identityId, signal) => get(['identities', identityId], { limit: 1 }, signal),
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
