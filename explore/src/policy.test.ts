import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differing, isNumberField, readValues, setPolicy, writeValues, type NumberField } from './policy'

const field = (name: string, value: number): NumberField => ({ name, value, default: 0, least: 0, most: 100, meaning: '', byCommandOnly: false })

test('fields are read from the address as they were written', () => {
  const values = { confidence_min: 0.8, fuzzy_prior_log_odds: -9 }
  assert.deepEqual(readValues(writeValues(values)), values)
})

test('what is no field with a number counts as absent', () => {
  assert.deepEqual(readValues('a:,b:x,:3,c,a b:1,d:Infinity,e:2'), { e: 2 })
})

test('only fields that there are and that have another value differ', () => {
  assert.deepEqual(differing({ a: 1, b: 2, c: 3 }, [field('a', 1), field('b', 5)]), { b: 2 })
})

test('a page offers numbers that more than a command may change', () => {
  assert.ok(isNumberField(field('a', 1)))
  assert.ok(!isNumberField({ ...field('a', 1), byCommandOnly: true }))
  assert.ok(!isNumberField({ ...field('a', 1), value: true }))
})

test('a change of the policy is undone by what was before, and one that changed nothing by nothing', () => {
  const made = setPolicy({ a: 1 }).made({ before: { a: null }, after: { a: 1 } })
  assert.deepEqual(made.undo?.call.sent, { set: { a: null } })
  assert.match(made.says, /a = 1/)
  assert.equal(setPolicy({ a: 1 }).made({ before: {}, after: {} }).undo, null)
})

test('a sentence names five fields and counts the others', () => {
  const [says] = setPolicy({ a: 1, b: 2, c: 3, d: 4, e: 5, f: null }).says
  assert.match(says ?? '', /e = 5 and 1 more\.$/)
})
