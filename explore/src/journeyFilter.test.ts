import assert from 'node:assert/strict'
import { test } from 'node:test'
import { devices, eventNames, filtered } from './journeyFilter'

const event = (eventName: string, visitorId: string, browser: string | null) => ({
  eventId: `${eventName} ${visitorId}`,
  eventName,
  visitorId,
  sessionId: 'ses_1',
  timestamp: '2026-01-01T10:00:00.000Z',
  confidence: 1,
  asRecorded: { identityId: 'usr_anna', confidence: 1 },
  page: null,
  context: { browser, os: null, device: null },
})
const EVENTS = [event('search', 'vis_laptop', 'Firefox'), event('buy', 'vis_phone', null), event('buy', 'vis_laptop', 'Firefox')]

test('events are those of a name and of a device', () => {
  const ids = (filter: { event: string; device: string }) => filtered(EVENTS, filter).map(({ eventId }) => eventId)
  assert.deepEqual(ids({ event: '', device: '' }), ['search vis_laptop', 'buy vis_phone', 'buy vis_laptop'])
  assert.deepEqual(ids({ event: 'buy', device: '' }), ['buy vis_phone', 'buy vis_laptop'])
  assert.deepEqual(ids({ event: 'buy', device: 'vis_laptop' }), ['buy vis_laptop'])
})

test('what the address asks for is offered even if it is not among the events that were read', () => {
  assert.deepEqual(eventNames(EVENTS, ''), ['buy', 'search'])
  assert.deepEqual(eventNames(EVENTS, 'login'), ['buy', 'login', 'search'])
  assert.deepEqual(devices(EVENTS, 'vis_tablet'), [
    ['vis_laptop', 'Firefox'],
    ['vis_phone', 'a server'],
    ['vis_tablet', 'no event yet'],
  ])
})
