import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeOver, type Stub } from './stub'
import type { Tracker } from './tracker'

test('calls made before the script was there are made in order, and their promises kept', async () => {
  const made: unknown[] = []
  const tracker = {
    ready: Promise.resolve('session'),
    track: (...given: unknown[]) => Promise.resolve(made.push(['track', ...given])),
    identify: (...given: unknown[]) => Promise.resolve(made.push(['identify', ...given])),
  } as unknown as Tracker
  const stub: Stub = { waiting: [] }
  const answers = (['track', 'identify', 'ready'] as const).map(
    (name, index) => new Promise((resolve) => stub.waiting.push([name, [`given ${index}`], resolve])),
  )

  const whole = takeOver(stub, tracker)

  assert.equal(whole, stub, 'the page may hold on to the stub')
  assert.equal('waiting' in whole, false)
  assert.deepEqual(await Promise.all(answers), [1, 2, 'session'])
  assert.deepEqual(made, [
    ['track', 'given 0'],
    ['identify', 'given 1'],
  ])
})
