import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore, works, type Store } from './store'

const memory = memoryStore()

test('a store that keeps what it is given works, and is left as it was', () => {
  memory.set('a', '1')
  assert.equal(works(memory), true)
  assert.equal(memory.get('whograph.probe'), null)
  assert.equal(memory.get('a'), '1')
})

test('a store that throws or forgets does not work', () => {
  const throwing: Store = {
    ...memory,
    set() {
      throw new Error('SecurityError')
    },
  }
  const forgetful: Store = { ...memory, get: () => null }
  assert.equal(works(throwing), false)
  assert.equal(works(forgetful), false)
})
