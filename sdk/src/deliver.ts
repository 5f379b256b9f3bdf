import { Problem, readProblem } from './problem'
import { pauseBeforeRetry } from './retry'

/** The outside world of a delivery. */
export interface Carrier {
  fetch(url: string, request: RequestInit): Promise<Response>
  now(): number
  random(): number
  /** Waits so many ms; without a network, until there is one. */
  pause(ms: number): Promise<void>
}

const LONGEST_WAIT_MS = 10_000

/** Requests that may outlive their page share 64 KiB, up to three to a character: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch */
const MOST_KEPT_ALIVE = 20_000

/**
 * Posts a message and gives the service's answer; sends the same message again after failures that pass.
 *
 * @throws Problem A refusal, or `unreachable`.
 */
export async function deliver<A>(carrier: Carrier, url: string, message: object): Promise<A> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await post<A>(carrier, url, message)
    if (!(outcome instanceof Failure)) {
      return outcome
    }
    const { problem, retryAfter } = outcome
    const pause = pauseBeforeRetry(attempt, problem, retryAfter, carrier.now(), carrier.random())
    if (pause === null) {
      throw problem
    }
    await carrier.pause(pause)
  }
}

class Failure {
  constructor(
    readonly problem: Problem,
    readonly retryAfter: string | null = null,
  ) {}
}

async function post<A>(carrier: Carrier, url: string, message: object): Promise<A | Failure> {
  // With both times the service corrects this browser's clock.
  const body = JSON.stringify({ ...message, sentAt: new Date(carrier.now()).toISOString() })
  const patience = new AbortController()
  const alarm = setTimeout(() => patience.abort(), LONGEST_WAIT_MS)
  try {
    const response = await carrier.fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      credentials: 'omit',
      keepalive: body.length < MOST_KEPT_ALIVE,
      body,
      signal: patience.signal,
    })
    return response.ok
      ? ((await response.json()) as A)
      : new Failure(await readProblem(response), response.headers.get('Retry-After'))
  } catch (error) {
    // No network, no answer in time, or a stranger's page instead of one (a hotel's log-in).
    return new Failure(new Problem('unreachable', `No answer from ${url}: ${String(error)}`))
  } finally {
    clearTimeout(alarm)
  }
}
