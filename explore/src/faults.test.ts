import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalSays } from './faults'

test('what is wrong with a field is told with its name', () => {
  assert.equal(
    refusalSays('A query parameter is missing: see errors', { about: ['One of user:ID and visitor:ID.'] }),
    'A query parameter is missing: about: One of user:ID and visitor:ID.',
  )
  assert.equal(refusalSays('Wrong', { set: { half_life: ['Too long.'] }, reason: ['Missing.'] }), 'Wrong: set.half_life: Too long. reason: Missing.')
})

test('a refusal without fields is told as it is', () => {
  assert.equal(refusalSays('there is no such user', undefined), 'there is no such user')
})
