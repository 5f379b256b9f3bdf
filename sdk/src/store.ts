/** Keeps a few short texts beyond the life of the page. */
export interface Store {
  get(key: string): string | null
  set(key: string, value: string): void
  remove(key: string): void
}

/** Returns the first store that works: local storage, first-party cookies, or the page's own memory. */
export function openStore(): Store {
  return [localStore, cookieStore].find(works) ?? memoryStore()
}

/** Reading `localStorage` throws if site data are blocked; writing throws if the quota is used up. */
const localStore: Store = {
  get: (key) => localStorage.getItem(key),
  set: (key, value) => localStorage.setItem(key, value),
  remove: (key) => localStorage.removeItem(key),
}

/** The longest a cookie may live: https://developer.chrome.com/blog/cookie-max-age-expires */
const COOKIE_SECONDS = 400 * 24 * 60 * 60

const cookieStore: Store = {
  get(key) {
    const start = `${encodeURIComponent(key)}=`
    const cookie = document.cookie.split('; ').find((each) => each.startsWith(start))
    return cookie === undefined ? null : decodeURIComponent(cookie.slice(start.length))
  },
  set: (key, value) => writeCookie(key, value, COOKIE_SECONDS),
  remove: (key) => writeCookie(key, '', 0),
}

function writeCookie(key: string, value: string, seconds: number): void {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  const cookie = `${encodeURIComponent(key)}=${encodeURIComponent(value)}`
  document.cookie = `${cookie}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}`
}

export function memoryStore(): Store {
  const kept = new Map<string, string>()
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
  }
}

/** Tests a store by using it: if storage is blocked, some browsers throw and others silently forget. */
export function works(store: Store): boolean {
  const probe = 'whograph.probe'
  try {
    store.set(probe, probe)
    const kept = store.get(probe) === probe
    store.remove(probe)
    return kept
  } catch {
    return false
  }
}
