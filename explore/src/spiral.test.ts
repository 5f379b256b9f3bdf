import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spiral } from './spiral'

const edges = [
  { source: 'tenure:a', target: 'user:anna' },
  { source: 'tenure:b', target: 'user:anna' },
  { source: 'tenure:a', target: 'jar:a' },
  { source: 'tenure:b', target: 'jar:b' },
]
const ids = ['jar:a', 'jar:b', 'tenure:a', 'tenure:b', 'user:anna', 'visitor:alone']

test('the root is in the middle, and what hangs on a node follows it', () => {
  const order = [...spiral(ids, edges, ['user:anna']).keys()]
  assert.equal(order[0], 'user:anna')
  for (const letter of ['a', 'b']) {
    assert.equal(order.indexOf(`jar:${letter}`), order.indexOf(`tenure:${letter}`) + 1)
  }
  assert.deepEqual([...order].sort(), ids)
})

test('no two nodes of thousands lie on each other', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `visitor:${index}`)
  const places = [...spiral(many, many.slice(1).map((source) => ({ source, target: 'visitor:0' })), ['visitor:0']).values()]
  const taken = new Set(places.map(({ x, y }) => `${Math.round(x / 25)} ${Math.round(y / 25)}`))
  assert.equal(taken.size, 5000)
})
