import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisOf, lanesOf, lengthSays, placeOn } from './lanes'

const event = (visitorId: string, sessionId: string, timestamp: string) => ({
  eventId: timestamp,
  eventName: 'click',
  visitorId,
  sessionId,
  timestamp,
  confidence: 1,
  asRecorded: { identityId: 'usr_anna', confidence: 1 },
  page: null,
  context: null,
})
const EVENTS = [
  event('laptop', 'one', '2026-01-01T10:00:00.000Z'),
  event('laptop', 'one', '2026-01-01T10:10:00.000Z'),
  event('phone', 'two', '2026-01-01T10:20:00.000Z'),
  event('laptop', 'three', '2026-01-03T10:20:00.000Z'),
]

test('a device has a lane, and a session a bar from its first event to its last', () => {
  const lanes = lanesOf(EVENTS)
  assert.deepEqual(lanes.map((lane) => [lane.visitorId, lane.bars.map((bar) => bar.sessionId)]), [
    ['laptop', ['one', 'three']],
    ['phone', ['two']],
  ])
  const [bar] = lanes[0]?.bars ?? []
  assert.equal((bar?.to ?? 0) - (bar?.from ?? 0), 10 * 60_000)
})

test('a long time without events is one gap, and places are in the order of time', () => {
  const axis = axisOf(EVENTS)
  assert.deepEqual(axis.map((stretch) => stretch.gap), [false, true, false])
  const places = EVENTS.map(({ timestamp }) => placeOn(axis, Date.parse(timestamp)))
  assert.deepEqual(places, [...places].sort((a, b) => a - b))
  assert.equal(new Set(places).size, EVENTS.length)
  assert.deepEqual(axisOf([]), [])
})

test('an axis fills its room, and its gaps stay as they are', () => {
  const [narrow, wide] = [axisOf(EVENTS), axisOf(EVENTS, 2000)]
  assert.equal(Math.round(wide.reduce((sum, stretch) => sum + stretch.width, 0)), 2000)
  assert.equal(wide[1]?.width, narrow[1]?.width)
  assert.deepEqual(axisOf(EVENTS, 10), narrow)
})

test('a gap is told in its largest unit', () => {
  assert.equal(lengthSays(30 * 60_000), '30 minutes')
  assert.equal(lengthSays(5 * 3_600_000), '5 hours')
  assert.equal(lengthSays(48 * 3_600_000), '2 days')
})
