import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kept } from './page'

test('a text that the service would cut is cut before', () => {
  assert.equal(kept('x'.repeat(9000)), 'x'.repeat(8192))
  assert.equal(kept('Shop 😀'), 'Shop 😀')
})

test('half a character becomes the sign for an unknown one', () => {
  assert.equal(kept('Sale \ud83d'), 'Sale \ufffd')
  assert.equal(kept('\ude00 Sale'), '\ufffd Sale')
  assert.equal(kept('x'.repeat(8191) + '😀'), 'x'.repeat(8191) + '\ufffd')
})
