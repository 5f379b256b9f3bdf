import { Problem, readProblem } from './problem'
import { pauseBeforeRetry } from './retry'

/** The outside world of a delivery. */
export interface Carrier {
  fetch(url: string, request: RequestInit): Promise<Response>
  now(): number
  random(): number
  /** Waits `ms` milliseconds. Offline, waits for the network first. */
  pause(ms: number): Promise<void>
}

const LONGEST_WAIT_MS = 10_000

/**
 * A body of fewer characters is sent with `keepalive`, so that the request survives the end of its page.
 *
 * Such requests share 64 KiB, and a character takes up to three bytes: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 */
const MOST_KEPT_ALIVE = 20_000

/**
 * Posts a message and returns the service's answer; repeats the same message after a temporary failure.
 *
 * @throws Problem The service refused the message, or could not be reached (`unreachable`).
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
  // From `timestamp` and `sentAt` together the service corrects this browser's clock.
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
    // There is no network, no answer in time, or another page answered instead, such as a hotel's log-in page.
    return new Failure(new Problem('unreachable', `No answer from ${url}: ${String(error)}`))
  } finally {
    clearTimeout(alarm)
  }
}
