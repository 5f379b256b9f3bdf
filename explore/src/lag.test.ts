import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, lagSays } from './lag'

test('a duration is in its largest unit, with one decimal', () => {
  assert.deepEqual([0, 999, 1000, 41_260, 90_000, 3_600_000, 180_000_000].map(duration), [
    '0 milliseconds',
    '999 milliseconds',
    '1 second',
    '41.3 seconds',
    '1.5 minutes',
    '1 hour',
    '2.1 days',
  ])
})

test('the lag is a sentence, of one event and of none, too', () => {
  assert.equal(
    lagSays({ events: 1000, p50Milliseconds: 310, p95Milliseconds: 41_200 }),
    'Of the latest 1,000 events, half came within 310 milliseconds of when they happened, and 95 of 100 within 41.2 seconds.',
  )
  assert.equal(lagSays({ events: 1, p50Milliseconds: 0, p95Milliseconds: 0 }), 'The latest event came within 0 milliseconds of when it happened.')
  assert.equal(lagSays({ events: 0, p50Milliseconds: null, p95Milliseconds: null }), 'No event came yet.')
})
