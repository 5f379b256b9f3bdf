import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, isOpen, parse, prolong } from './session'
import type { InitAnswer } from './wire'

const answer = {
  sessionId: 's',
  visitorId: 'v',
  userId: 'mum@example.com',
  startedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:30:00.000Z',
} as InitAnswer

test("a session ends after the service's idle time, whatever this browser's clock says", () => {
  const session = begin(answer, 1_000)
  assert.equal(isOpen(session, 1_000 + 30 * 60_000 - 1), true)
  assert.equal(isOpen(session, 1_000 + 30 * 60_000), false)
})

test('a call keeps it open for as long again', () => {
  assert.equal(prolong(begin(answer, 0), 60_000).expiresAt, 31 * 60_000)
})

test('what is kept says nothing of the user', () => {
  assert.doesNotMatch(JSON.stringify(begin(answer, 0)), /mum/)
})

test('a kept session survives as text, and anything else is no session', () => {
  const session = begin(answer, 0)
  assert.deepEqual(parse(JSON.stringify(session)), session)
  for (const text of [null, '', 'null', '{}', '{"sessionId":1,"expiresAt":1}', '<']) {
    assert.equal(parse(text), null)
  }
})
