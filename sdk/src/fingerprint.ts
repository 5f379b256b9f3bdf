import { load, type UnknownComponents } from '@fingerprintjs/fingerprintjs'
import type { Fingerprint } from './wire'

/** A browser that has not answered by then will not: some sources wait for frames that a hidden page never gets. */
const LONGEST_WAIT_MS = 5_000

/** Characters of JSON; the service takes 1 MB, and a page should not spend that on being recognised. */
const MOST_CHARACTERS = 90_000

/** What FingerprintJS sees of this browser; null where it fails, which is itself an answer and never an error. */
export async function takeFingerprint(): Promise<Fingerprint | null> {
  try {
    return await Promise.race([ask(), tooLate()])
  } catch {
    return null
  }
}

async function ask(): Promise<Fingerprint> {
  const agent = await load({ monitoring: false })
  const { visitorId, confidence, components } = await agent.get()
  return { visitorId, confidence: confidence.score, components: componentValues(components) }
}

function tooLate(): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS, null))
}

/**
 * The components that have a value, without how long each took.
 *
 * Drops the longest first where all together are too long; the hash still covers them.
 */
export function componentValues(components: UnknownComponents, most = MOST_CHARACTERS): Fingerprint['components'] {
  const valued = Object.entries(components).flatMap(([name, component]) =>
    'value' in component && component.value !== undefined
      ? [{ name, value: component.value, length: JSON.stringify(component.value).length + name.length + 15 }]
      : [],
  )
  let length = valued.reduce((sum, each) => sum + each.length, 0)
  for (const longest of [...valued].sort((a, b) => b.length - a.length)) {
    if (length <= most) {
      break
    }
    valued.splice(valued.indexOf(longest), 1)
    length -= longest.length
  }
  return Object.fromEntries(valued.map(({ name, value }) => [name, { value }]))
}
