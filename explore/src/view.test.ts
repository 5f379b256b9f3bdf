import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIRST_VIEW, readView, writeView } from './view'

test('a view is read from the address as it was written', () => {
  const view = { ...FIRST_VIEW, id: 'a&b #c', show: 'journey' as const, depth: 3, bound: 0.05, at: '2026-11-25T00:14:12.000Z', event: 'buy', device: 'vis_1' }
  assert.deepEqual(readView(writeView(view)), view)
})

test('a list of candidates is read from the address as it was written', () => {
  const view = { ...FIRST_VIEW, show: 'candidates' as const, state: 'refused' as const }
  assert.equal(writeView(view), '#view=candidates&state=refused')
  assert.deepEqual(readView(writeView(view)), view)
})

test('clusters are in the address, and only while they are shown', () => {
  const view = { ...FIRST_VIEW, show: 'clusters' as const, label: 'too_big', about: 'a+b@example.com', order: 'doubt' as const, cluster: 'clu_1' }
  assert.deepEqual(readView(writeView(view)), view)
  assert.equal(writeView({ ...view, show: 'graph' }), '#')
})

test('the first view has an empty address', () => {
  assert.equal(writeView(FIRST_VIEW), '#')
  assert.deepEqual(readView(''), FIRST_VIEW)
})

test('a time is read in UTC, and one of a year that the field does not offer counts as absent', () => {
  assert.equal(readView('#at=2026-11-25T01:14:12%2B01:00').at, '2026-11-25T00:14:12.000Z')
  for (const at of ['1999-12-31T23:59:59Z', '%2B010000-01-01T00:00:00Z', '0001-01-01T00:00:00Z']) {
    assert.equal(readView(`#at=${at}`).at, null)
  }
})

test('values that are none of their fields count as absent', () => {
  assert.deepEqual(readView('#id=%20&view=x&depth=4&min=2&at=soon&state=lost&order=age'), FIRST_VIEW)
})
