import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgeSays, figureSays, hiddenSays, leftOutSays, obstacleSays, percent, short } from './words'

test('an edge is told in words by its kind and its method', () => {
  const edge = { source: 'tenure:ten_1', target: 'user:anna', kind: 'resolves_to', confidence: 1, lastSeen: null }
  assert.equal(edgeSays({ ...edge, method: 'claim' }), 'Tenure 1 is user anna’s, because of a login or a statement.')
  assert.match(edgeSays({ ...edge, method: 'adopted' }), /because a tenure that it is tied to was claimed/)
  assert.equal(edgeSays({ ...edge, kind: 'newer_kind', method: null }), 'Tenure 1 newer kind user anna.')
})

test('what was left out is told with its number and why', () => {
  assert.equal(
    leftOutSays({ sessions: 120, crowds: 1, edges: 0 }),
    'Not drawn: 120 sessions beyond the limit; 1 fingerprint or address that a crowd shares.',
  )
  assert.equal(leftOutSays({ edges: 0 }), null)
  assert.match(leftOutSays({ sessions: 2 }, true) ?? '', /^Not drawn, at most: 2 sessions/)
})

test('what the confidence hides is told with its number', () => {
  const loaded = { nodes: new Set([1, 2]), edges: new Set([1]) }
  assert.equal(hiddenSays(loaded, { nodes: [1], edges: [] }, 0.7), 'Hidden below 70 %: 1 node and 1 edge.')
  assert.equal(hiddenSays(loaded, { nodes: [1, 2], edges: [1] }, 0.7), null)
})

test('what stands against is named in words, and what is newer by its own name', () => {
  assert.equal(obstacleSays('crowd'), 'shared by a crowd')
  assert.equal(obstacleSays('newer_kind'), 'newer kind')
})

test('a figure of the arithmetic is told in words', () => {
  assert.equal(figureSays('recency'), 'how recent it is')
  assert.equal(figureSays('newer_figure'), 'newer figure')
})

test('a confidence is a percentage with one decimal at most', () => {
  assert.equal(percent(0.8791), '87.9 %')
  assert.equal(percent(1), '100 %')
})

test('ids of ours are told apart by their ends', () => {
  assert.equal(short('vis_01a2100d-8b3a-7c97-b5ef-5ee0abd8053d'), 'vis_…d8053d')
  assert.equal(short('laptop-1'), 'laptop-1')
})
