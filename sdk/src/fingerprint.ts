import { load, murmurX64Hash128, type UnknownComponents } from '@fingerprintjs/fingerprintjs'
import type { Fingerprint } from './wire'

/** A browser that has not answered by then will not: some sources wait for frames that a hidden page never gets. */
const LONGEST_WAIT_MS = 5_000

const LONGEST_TEXT = 256

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
 * The components that have a value, without how long each took, and with a digest for each long text.
 *
 * Drops the longest first where all together are too long; FingerprintJS's own hash still covers them.
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

/** Long texts are drawings (of `canvas`, 21 of 38 kB in Chromium 156): equal or not, and a digest is as well. */
function shortened(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `murmur3:${murmurX64Hash128(value)}` : value
}
