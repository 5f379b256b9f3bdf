import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accept, hide, merge, refuse, undoMerge } from './changes'
import { offersForEdge, offersForNode, offersForPair } from './offers'

const edge = (source: string, kind: string, target: string) => ({ source, kind, target, confidence: 1, method: null, lastSeen: null })
const candidate = {
  candidateId: 'can_1',
  subjects: ['visitor:a', 'visitor:b'],
  visitorIds: ['a', 'b'],
  state: 'open',
  confidence: 0.9,
  evidence: [],
  arithmetic: {},
  foundAt: '2026-01-01T00:00:00.000Z',
  decidedAt: null,
}
const nothing = { nodes: [], edges: [] }

test('a merge is undone by splitting what was really merged', () => {
  const { undo } = merge('a', 'b').made({ changed: true, visitorId: 'root of b', mergedId: 'root of a' })
  assert.deepEqual(undo?.call.path, ['visitors', 'root of a', 'split'])
  assert.equal(merge('a', 'b').made({ changed: false }).undo, null)
})

test('the undoing of a merge is undone by a merge', () => {
  const { undo } = undoMerge('a', 'b').made({ visitorId: 'b', splitOffId: 'a' })
  assert.deepEqual([undo?.call.path, undo?.call.sent], [['visitors', 'a', 'merge'], { into: 'b' }])
})

test('an accepted candidate is undone where its visitors were before', () => {
  // b had been merged into c, which was then merged into a.
  const { undo } = accept(candidate, ['a', 'c']).made({ changed: true, visitorId: 'a' })
  assert.deepEqual(undo?.call.path, ['visitors', 'c', 'split'])
  const users = { ...candidate, subjects: ['user:anna', 'user:ann'] }
  assert.deepEqual(accept(users, ['a', 'c']).made({ changed: true, visitorId: null }).undo?.call.path, ['users', 'anna', 'link', 'ann'])
})

test('hiding is undone by showing, and a refusal by nothing', () => {
  assert.deepEqual(hide('anna', 'a').made({ visible: false }).undo?.call.sent, { visible: true })
  assert.equal(refuse(candidate).made({ changed: true }).undo, null)
})

test('what is offered goes by the kind of what is chosen', () => {
  const [into, on, tie] = [edge('jar:j', 'in', 'visitor:a'), edge('tenure:t', 'on', 'jar:j'), edge('tenure:t', 'tied_to', 'tenure:u')]
  const shown = { nodes: [], edges: [into, on, tie, edge('visitor:b', 'merged_into', 'visitor:a')] }
  const texts = (offers: { text: string }[]): string[] => offers.map(({ text }) => text)
  assert.deepEqual(texts(offersForNode('jar:j', shown)), ['Take the jar out…'])
  assert.deepEqual(offersForEdge(tie, shown)[0]?.changes[0]?.call.path, ['visitors', 'a', 'split'])
  assert.deepEqual(texts(offersForEdge(tie, nothing)), [])
  assert.deepEqual(texts(offersForPair('visitor:b', 'visitor:a', shown)), ['Undo the merge…'])
  assert.deepEqual(texts(offersForPair('visitor:c', 'visitor:a', shown)), ['Merge…'])
  assert.deepEqual(texts(offersForPair('user:x', 'user:y', nothing)), ['Link…'])
  assert.deepEqual(texts(offersForPair('visitor:a', 'user:x', nothing)), ['Hide…', 'Show again…'])
  assert.deepEqual(texts(offersForPair('visitor:a', 'session:x', nothing)), [])
})
