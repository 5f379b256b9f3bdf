import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused } from './api'
import { adviceFor } from './problem'

test('a wait is told in seconds, unless it is told as a date', () => {
  const busy = (retryAfter: string | null): string => adviceFor(new Refused(503, 'graph_unavailable', 'busy', retryAfter))
  assert.equal(busy('1'), 'Try again in 1 second.')
  assert.equal(busy('20'), 'Try again in 20 seconds.')
  assert.equal(busy('Wed, 04 Mar 2026 12:00:00 GMT'), 'Try again in a moment.')
  assert.equal(busy(null), 'Try again in a moment.')
})
