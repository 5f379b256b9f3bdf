import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accept, hide, merge, refuse, reveal, undoMerge } from './changes'
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

test('an accepted candidate is undone as the answer says what was done', () => {
  // b had been merged into c, which was then merged into a.
  const { undo } = accept(candidate).made({ changed: true, visitorId: 'a', mergedId: 'c', subjects: candidate.subjects })
  assert.deepEqual(undo?.call.path, ['visitors', 'c', 'split'])
  // Both logged in after the list was loaded.
  const linked = accept(candidate).made({ changed: true, visitorId: null, mergedId: null, subjects: ['user:anna', 'user:ann:1'] })
  assert.equal(linked.says, 'Users anna and ann:1 are linked now.')
  assert.deepEqual(linked.undo?.call.path, ['users', 'anna', 'link', 'ann:1'])
})

test('an acceptance that merged or linked nothing has no undo', () => {
  const answers = [
    { changed: false, visitorId: null, mergedId: null, subjects: ['user:anna', 'user:ann'] },
    { changed: false, visitorId: 'a', mergedId: null, subjects: candidate.subjects },
  ]
  for (const answer of answers) {
    assert.deepEqual(accept(candidate).made(answer), { says: 'The two were merged or linked before. Nothing else was changed.', undo: null })
  }
})

test('hiding is undone by showing, and a refusal by nothing', () => {
  assert.deepEqual(hide('anna', 'a').made({ visible: false, changed: true }).undo?.call.sent, { visible: true })
  assert.equal(refuse(candidate).made({ changed: true }).undo, null)
})

test('what was hidden or shown before is left so', () => {
  assert.equal(hide('anna', null).made({ visible: false, changed: false }).undo, null)
  assert.equal(reveal('anna', null).made({ visible: true, changed: false }).undo, null)
  assert.deepEqual(reveal('anna', null).made({ visible: true, changed: true }).undo?.call.sent, { visible: false })
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
