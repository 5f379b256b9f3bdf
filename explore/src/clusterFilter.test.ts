import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aboutOf, noneSays } from './clusterFilter'

test('a typed id is asked for with its kind', () => {
  assert.equal(aboutOf('anna+news@example.com'), 'user:anna+news@example.com')
  assert.equal(aboutOf('vis_1'), 'visitor:vis_1')
  assert.equal(aboutOf('user:vis_1'), 'user:vis_1')
  assert.equal(aboutOf('ses_1'), 'session:ses_1')
  assert.equal(aboutOf(''), null)
})

test('an empty list is told by what was asked for', () => {
  assert.match(noneSays({ about: '', label: '' }), /^There is no cluster\./)
  assert.equal(noneSays({ about: '', label: 'kiosk' }), 'No cluster has this label.')
  assert.match(noneSays({ about: 'anna', label: '' }), /^anna is in no cluster\./)
  assert.match(noneSays({ about: 'anna', label: 'kiosk' }), /^anna is in no cluster with this label\./)
})
