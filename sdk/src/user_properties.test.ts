import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asUserProperties } from './user_properties'

test('a user is told by id alone or with properties', () => {
  assert.deepEqual(asUserProperties('u1'), { userId: 'u1' })
  assert.deepEqual(asUserProperties({ userId: 'u1', plan: 'gold' }), { userId: 'u1', plan: 'gold' })
})

test('a whole number becomes the text the site shows; anything else is left for the service to refuse', () => {
  assert.deepEqual(asUserProperties(42), { userId: '42' })
  assert.deepEqual(asUserProperties({ userId: 42 }), { userId: '42' })
  assert.deepEqual(asUserProperties(2 ** 53), { userId: 2 ** 53 })
})
