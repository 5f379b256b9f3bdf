import { parse, type Session } from './session'
import type { Store } from './store'

/**
 * What the browser keeps between pages.
 *
 * All tabs share it, and another tab may have changed it, so every call reads it anew.
 */
export interface Keeping {
  token: string | null
  session: Session | null
  /** The store's key of the session. */
  readonly sessionKey: string
  /** Whether a log-out has yet to reach the service. Until it has, no call may use the session before it. */
  resetDue: boolean
  forget(): void
}

export function keepIn(store: Store, tenantId: string): Keeping {
  const key = (name: string) => `whograph.${tenantId}.${name}`
  const put = (name: string, value: string | null) =>
    value === null ? store.remove(key(name)) : store.set(key(name), value)
  return {
    sessionKey: key('session'),
    get token() {
      return store.get(key('token'))
    },
    set token(token) {
      put('token', token)
    },
    get session() {
      return parse(store.get(key('session')))
    },
    set session(session) {
      put('session', session && JSON.stringify(session))
    },
    get resetDue() {
      return store.get(key('reset')) !== null
    },
    set resetDue(due) {
      put('reset', due ? 'due' : null)
    },
    forget() {
      ;['token', 'session', 'reset'].forEach((name) => put(name, null))
    },
  }
}
