import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf } from './address'

test('an address is taken as it is typed, and a keyed one by its prefix', () => {
  for (const address of ['203.0.113.7', '2001:DB8:1:2:3:4:5:6', '2001:db8::7', '::1']) {
    assert.equal(addressOf(` ${address} `), address)
    assert.equal(addressOf(`address:${address}`), address)
  }
  assert.equal(addressOf('address:9f86d081884c7d65'), '9f86d081884c7d65')
})

test('other ids are no addresses', () => {
  for (const id of ['anna', 'vis_1', 'user:192.0.2.1', '1.2.3', 'a:b', 'identity:usr_1', 'address:', '00:1a:2b:3c:4d:5e', '12:7:42', '300.400.500.600', '1::2::3', 'anna@shop.example', '']) {
    assert.equal(addressOf(id), null, id)
  }
})
