import { parse, type Session } from './session'
import type { Store } from './store'

/** What is kept between pages, shared by all tabs: read anew for every call, since another tab may have changed it. */
export interface Keeping {
  token: string | null
  session: Session | null
  /** Where the session is stored. */
  readonly sessionKey: string
  /** A log-out that has not reached the service yet; until it has, nothing may count for who was here before. */
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
