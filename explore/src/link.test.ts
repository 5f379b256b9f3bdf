import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReadToken, partsOf } from './link'

test('the token of a link is taken from the address, and the view stays', () => {
  assert.deepEqual(partsOf('#token=rt_WyJk.a-b_c&id=anna&depth=3'), { token: 'rt_WyJk.a-b_c', rest: '#id=anna&depth=3' })
})

test('an address without a token stays as it is', () => {
  assert.deepEqual(partsOf('#id=anna'), { token: null, rest: '#id=anna' })
  assert.deepEqual(partsOf(''), { token: null, rest: '#' })
})

test('a token only reads, and a key does not only read', () => {
  assert.ok(isReadToken('rt_x'))
  assert.ok(!isReadToken('sk_x'))
})
