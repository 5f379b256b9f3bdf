import type { Problem } from './problem'

const MAX_ATTEMPTS = 5
const FIRST_PAUSE_MS = 500
const LONGEST_RETRY_AFTER_MS = 300_000

/** Statuses of temporary failures: too many requests, or a gateway or the database is briefly unavailable. */
const PASSING = [429, 502, 503, 504]

/**
 * Returns the pause before the next attempt, in ms; null if another attempt would not help.
 *
 * @param attempt The number of the attempt that failed, from 1.
 * @param retryAfter The `Retry-After` header: seconds or an HTTP date. More than five minutes means no further attempt.
 * @param random 0–1. Half of each pause is random, so that clients that failed together do not return together.
 */
export function pauseBeforeRetry(
  attempt: number,
  problem: Problem,
  retryAfter: string | null,
  now: number,
  random: number,
): number | null {
  if (attempt >= MAX_ATTEMPTS || (problem.status !== null && !PASSING.includes(problem.status))) {
    return null
  }
  const asked = retryAfter === null ? 0 : parseRetryAfter(retryAfter, now)
  if (asked > LONGEST_RETRY_AFTER_MS) {
    return null
  }
  return asked + FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random / 2)
}

function parseRetryAfter(header: string, now: number): number {
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return ms > 0 ? ms : 0
}
