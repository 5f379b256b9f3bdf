/**
 * Runs `act` in one tab at a time, so that two tabs opened together begin one session, not two.
 *
 * Where the browser has no locks (insecure contexts, opaque origins) `act` just runs: the service
 * recognises the second visit by its fingerprint.
 */
export async function inOneTab<T>(name: string, act: () => Promise<T>): Promise<T> {
  let begun = false
  try {
    return await navigator.locks.request(name, () => {
      begun = true
      return act()
    })
  } catch (error) {
    if (begun) {
      throw error
    }
    return act()
  }
}
