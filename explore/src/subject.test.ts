import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInferable, subjectOf, subjectOfNode } from './subject'

test('the prefix of an id says what it is, and all others are users', () => {
  assert.deepEqual(subjectOf(' vis_1 '), { kind: 'visitor', id: 'vis_1' })
  assert.deepEqual(subjectOf('ses_1'), { kind: 'session', id: 'ses_1' })
  assert.deepEqual(subjectOf('ten_1'), { kind: 'identity', id: 'ten_1' })
  assert.deepEqual(subjectOf('usr_1'), { kind: 'identity', id: 'usr_1' })
  assert.deepEqual(subjectOf('anna'), { kind: 'user', id: 'anna' })
})

test('whose a user or its identity is does not depend on inferences', () => {
  assert.deepEqual(['anna', 'usr_1', 'ten_1', 'vis_1', 'ses_1'].map((id) => isInferable(subjectOf(id))), [false, false, true, true, true])
})

test('a stated kind counts more than the prefix', () => {
  assert.deepEqual(subjectOf('user:vis_1'), { kind: 'user', id: 'vis_1' })
  assert.deepEqual(subjectOf('user:'), { kind: 'user', id: 'user:' })
})

test('a tenure is explained as an identity, and an address is not explained', () => {
  assert.deepEqual(subjectOfNode('tenure:ten_1'), { kind: 'identity', id: 'ten_1' })
  assert.deepEqual(subjectOfNode('user:a:b'), { kind: 'user', id: 'a:b' })
  assert.equal(subjectOfNode('address:2001:db8::1'), null)
})
