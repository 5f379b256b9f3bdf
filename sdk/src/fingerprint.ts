import { load, murmurX64Hash128, type UnknownComponents } from '@fingerprintjs/fingerprintjs'
import type { Fingerprint } from './wire'

/** FingerprintJS may never answer: some of its sources wait for frames, which a hidden page never gets. */
const LONGEST_WAIT_MS = 5_000

const LONGEST_TEXT = 256

/** Characters of JSON for all components. The service accepts 1 MB, which is more than a page should spend on this. */
const MOST_CHARACTERS = 90_000

/** Takes this browser's fingerprint with FingerprintJS. Never fails: returns null after an error or a timeout. */
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
 * Keeps the components that have a value, drops their durations, and replaces each long text by a digest.
 *
 * If the components together have more than `most` characters, the longest are dropped first. FingerprintJS's own
 * hash still covers them.
 */
export function componentValues(components: UnknownComponents, most = MOST_CHARACTERS): Fingerprint['components'] {
  const texts = Object.entries(components)
    .flatMap(([name, component]) =>
      'value' in component && component.value !== undefined
        ? [{ name, text: JSON.stringify(component.value, shortened) }]
        : [],
    )
    .sort((a, b) => a.text.length - b.text.length)
  const kept: Fingerprint['components'] = {}
  let length = 0
  for (const { name, text } of texts) {
    length += text.length + name.length + 15
    if (length > most) {
      break
    }
    kept[name] = { value: JSON.parse(text) }
  }
  return kept
}

/**
 * Replaces a long text by its digest. Long texts are drawings: `canvas` is 21 of 38 kB in Chromium 156.
 *
 * Drawings are only compared for equality, for which a digest is enough.
 */
function shortened(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `murmur3:${murmurX64Hash128(value)}` : value
}
