import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markOf } from './marks'

const event = (eventName: string, confidence: number, recordedAs: string) => ({
  eventId: 'evt_1',
  eventName,
  visitorId: 'vis_1',
  sessionId: 'ses_1',
  timestamp: '2026-01-01T10:00:00.000Z',
  confidence,
  asRecorded: { identityId: recordedAs, confidence: 1 },
  page: null,
  context: null,
})

test('a visit of nobody that a login drew in was recognised later', () => {
  assert.deepEqual(markOf(event('search', 1, 'ten_1'), true), { isLogin: false, isProbable: false, isLater: true })
})

test('a login is recognised at once', () => {
  assert.deepEqual(markOf(event('identify', 1, 'usr_anna'), true), { isLogin: true, isProbable: false, isLater: false })
})

test('what a linked account did was recognised at once', () => {
  assert.equal(markOf(event('search', 1, 'usr_work'), true).isLater, false)
})

test('nothing is later in the journey of a visitor without a name, whichever of its tenures the journey is asked by', () => {
  assert.equal(markOf(event('search', 1, 'ten_1'), false).isLater, false)
  assert.equal(markOf(event('search', 1, 'ten_2'), false).isLater, false)
})

test('what was less than certain is probable, whenever it was recognised', () => {
  assert.equal(markOf(event('search', 0.6, 'ten_1'), true).isProbable, true)
  assert.equal(markOf(event('search', 0.88, 'usr_anna'), true).isProbable, true)
})
