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

test('the longest go first where all together are too long', () => {
  const components = { canvas: valued('x'.repeat(60)), fonts: valued('y'.repeat(40)), platform: valued('Win32') }
  assert.deepEqual(Object.keys(componentValues(components, 120)), ['fonts', 'platform'])
  assert.deepEqual(Object.keys(componentValues(components, 40)), ['platform'])
})
