const LONGEST_WAIT_MS = 1_000

/**
 * Runs `act`, which may change the value stored under `key`, in one tab at a time.
 *
 * So two tabs opened together begin one session, not two. Insecure contexts and opaque origins have no locks; there
 * `act` runs without one, and the service recognises the second visit by its fingerprint.
 */
export async function inOneTab<T>(key: string, act: () => Promise<T>): Promise<T> {
  const change = new AbortController()
  const changed = arrival(key, change.signal)
  let begun = false
  const run = () => {
    begun = true
    return act()
  }
  try {
    const { locks } = navigator
    const first = await locks.request(key, { ifAvailable: true }, async (lock) => lock && { result: await run() })
    if (first) {
      return first.result
    }
    return await locks.request(key, async () => {
      // Another tab's write may become visible only after its lock is free (Chromium 156, under load, every other time).
      await Promise.race([changed, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))])
      return run()
    })
  } catch (error) {
    if (begun) {
      throw error
    }
    return act()
  } finally {
    change.abort()
  }
}

/** Resolves when another tab's change of this key becomes visible in this tab. */
function arrival(key: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => addEventListener('storage', (event) => event.key === key && resolve(), { signal }))
}
