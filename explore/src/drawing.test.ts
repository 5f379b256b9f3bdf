import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, emptyDrawing, shown, type Drawing } from './drawing'

const edge = (source: string, target: string, confidence: number) => ({
  source,
  target,
  kind: 'tied_to',
  confidence,
  method: null,
  lastSeen: null,
})
const node = (id: string) => ({ id, kind: 'tenure' })

function anna(): Drawing {
  const drawing = emptyDrawing(0.5)
  add(drawing, {
    identityId: 'usr_1',
    at: '2026-01-01T00:00:00.000Z',
    nodes: [{ id: 'user:anna', kind: 'user', identityId: 'usr_1' }, node('tenure:a'), node('tenure:b'), node('tenure:c')],
    edges: [edge('tenure:a', 'user:anna', 1), edge('tenure:b', 'tenure:a', 0.6), edge('tenure:c', 'tenure:b', 0.65)],
    leftOut: { sessions: 2 },
  })
  return drawing
}

test('what only an edge below the bound leads to is hidden with it', () => {
  const seen = shown(anna(), 0.7)
  assert.deepEqual(seen.nodes.map(({ id }) => id), ['user:anna', 'tenure:a'])
  assert.deepEqual(seen.edges.map(({ source }) => source), ['tenure:a'])
  assert.equal(shown(anna(), 0.6).nodes.length, 4)
})

test('a graph that is added hangs on its own identity, and what was left out adds up', () => {
  const drawing = anna()
  add(drawing, {
    identityId: 'c',
    at: '2026-01-01T00:00:00.000Z',
    nodes: [{ ...node('tenure:c'), sessions: 3 }],
    edges: [],
    leftOut: { sessions: 1, crowds: 1 },
  })
  assert.deepEqual(shown(drawing, 0.7).nodes.map(({ id }) => id), ['user:anna', 'tenure:a', 'tenure:c'])
  assert.equal(drawing.nodes.get('tenure:c')?.sessions, 3)
  assert.deepEqual(drawing.leftOut, { sessions: 3, crowds: 1 })
})
