import type { Subject } from './subject'
import type { Explanation, GraphAnswer, IdentityAnswer, JourneyAnswer } from './wire'

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

/** The service's calls with one secret key. The key is in this closure only, and goes when the page goes. */
export interface Api {
  /** Fails if the key is not one that may read. */
  tryKey(): Promise<void>
  /** Returns the id of the identity that somebody belongs to. */
  identityOf(subject: Subject, signal?: AbortSignal): Promise<string>
  identity(identityId: string, signal?: AbortSignal): Promise<IdentityAnswer>
  graph(identityId: string, asked: { depth: number; bound: number; at: string | null }, signal?: AbortSignal): Promise<GraphAnswer>
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
    async identityOf(subject, signal) {
      // A visitor's and an identity's answers list ids, of which none is needed here.
      const query = subject.kind === 'visitor' || subject.kind === 'identity' ? { limit: 1 } : {}
      const found = await get<{ identityId: string }>([PATHS[subject.kind], subject.id], query, signal)
      return found.identityId
    },
    identity: (identityId, signal) => get(['identities', identityId], { limit: 1 }, signal),
    graph: (identityId, { depth, bound, at }, signal) =>
      get(['identities', identityId, 'graph'], { depth, minConfidence: bound, at }, signal),
    explain: (a, b, { bound, at }) =>
      get(['explain'], { a: `${a.kind}:${a.id}`, b: `${b.kind}:${b.id}`, minConfidence: bound, at }),
    journey: (identityId, { bound, cursor }, signal) =>
      get(['identities', identityId, 'journey'], { limit: 200, minConfidence: bound, cursor }, signal),
  }
}
