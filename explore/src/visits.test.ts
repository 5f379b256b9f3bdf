import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitDays } from './visits'

test('visits are added up by day and method, and a day without any is a day', () => {
  const rows = [
    { day: '2026-03-01', method: 'token', confidence: '91-100', count: 3 },
    { day: '2026-03-01', method: 'ip', confidence: '41-50', count: 1 },
    { day: '2026-03-01', method: 'ip', confidence: '51-60', count: 2 },
    { day: '2026-03-03', method: 'new', confidence: '0', count: 5 },
  ]
  assert.deepEqual(visitDays({ from: '2026-02-28', to: '2026-03-03', rows, countedAt: null }), [
    { day: '2026-02-28', counts: {}, total: 0 },
    { day: '2026-03-01', counts: { token: 3, ip: 3 }, total: 6 },
    { day: '2026-03-02', counts: {}, total: 0 },
    { day: '2026-03-03', counts: { new: 5 }, total: 5 },
  ])
})
