import assert from 'node:assert/strict'
import { test } from 'node:test'
import { componentValues } from './fingerprint'

const valued = (value: unknown) => ({ value, duration: 3 })

test('components keep their value and lose how long they took', () => {
  assert.deepEqual(componentValues({ platform: valued('Linux x86_64'), touch: valued(false) }), {
    platform: { value: 'Linux x86_64' },
    touch: { value: false },
  })
})

test('a component that failed or has no value is left out', () => {
  assert.deepEqual(componentValues({ audio: { error: new Error('no'), duration: 1 }, cpu: valued(undefined) }), {})
})

test('a drawing is sent as its digest, the same for the same drawing', () => {
  const drawn = (text: string) => componentValues({ canvas: valued({ winding: true, text: 'data:' + text }) }).canvas
  assert.match(JSON.stringify(drawn('x'.repeat(9_000))), /^{"value":{"winding":true,"text":"murmur3:[0-9a-f]{32}"}}$/)
  assert.deepEqual(drawn('x'.repeat(9_000)), drawn('x'.repeat(9_000)))
  assert.notDeepEqual(drawn('x'.repeat(9_000)), drawn('y'.repeat(9_000)))
})

test('the longest go first where all together are too long', () => {
  const components = { canvas: valued('x'.repeat(60)), fonts: valued('y'.repeat(40)), platform: valued('Win32') }
  assert.deepEqual(Object.keys(componentValues(components, 120)), ['platform', 'fonts'])
  assert.deepEqual(Object.keys(componentValues(components, 40)), ['platform'])
})
