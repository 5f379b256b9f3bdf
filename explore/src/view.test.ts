import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIRST_VIEW, readView, writeView } from './view'

test('a view is read from the address as it was written', () => {
  const view = { id: 'a&b #c', show: 'journey' as const, depth: 3, bound: 0.05, at: '2026-11-25T00:14:12.000Z' }
  assert.deepEqual(readView(writeView(view)), view)
})

test('the first view has an empty address', () => {
  assert.equal(writeView(FIRST_VIEW), '#')
  assert.deepEqual(readView(''), FIRST_VIEW)
})

test('values that are none of their fields count as absent', () => {
  assert.deepEqual(readView('#id=%20&view=x&depth=4&min=2&at=soon'), FIRST_VIEW)
})
