import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from './problem'
import { pauseBeforeRetry } from './retry'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const pause = (attempt: number, status: number | null, retryAfter: string | null = null, random = 1) =>
  pauseBeforeRetry(attempt, new Problem('any', 'any', status), retryAfter, NOW, random)

test('failures that pass are tried again, after twice as long each time', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => pause(attempt, null)),
    [500, 1000, 2000, 4000],
  )
  for (const status of [429, 502, 503, 504]) {
    assert.equal(pause(1, status), 500)
  }
})

test('half of the pause is random', () => {
  assert.equal(pause(1, 503, null, 0), 250)
})

test('the fifth attempt is the last', () => {
  assert.equal(pause(5, null), null)
})

test('a refusal is not tried again', () => {
  for (const status of [400, 401, 403, 404, 409, 410, 413, 422, 500]) {
    assert.equal(pause(1, status), null)
  }
})

test('Retry-After is honoured in seconds and as a date', () => {
  assert.equal(pause(1, 429, '3'), 3500)
  assert.equal(pause(1, 503, 'Thu, 01 Jan 2026 00:00:07 GMT'), 7500)
})

test('a Retry-After in the past or unreadable is no wait at all', () => {
  assert.equal(pause(1, 503, 'Wed, 31 Dec 2025 00:00:00 GMT'), 500)
  assert.equal(pause(1, 503, 'soon'), 500)
})

test('a Retry-After of more than five minutes is a no', () => {
  assert.equal(pause(1, 429, '301'), null)
})
