import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { test } from 'node:test'
import { newMessageId } from './message_id'

const VERSION_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('a message id is a random UUID, with or without a secure context or crypto at all', () => {
  const crypto = webcrypto as Crypto
  const insecure: Partial<Crypto> = { getRandomValues: crypto.getRandomValues.bind(crypto) }
  for (const source of [crypto, insecure, {}]) {
    assert.match(newMessageId(source), VERSION_4)
    assert.notEqual(newMessageId(source), newMessageId(source))
  }
})
