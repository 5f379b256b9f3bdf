import { deliver, type Carrier } from './deliver'
import { keepIn, type Keeping } from './keeping'
import { isSessionOver, Problem } from './problem'
import { begin, isOpen, prolong, type Session } from './session'
import { memoryStore, type Store } from './store'
import { asUserProperties, type UserProperties } from './user_properties'
import type { Answer, Fingerprint, IdentifyAnswer, InitAnswer, Page, TrackAnswer } from './wire'

export interface Options {
  tenantId: string
  /** A public key, which may only post. */
  writeKey: string
  /** The URL of the service, such as `https://who.example`. */
  endpoint: string
  /** If false, the SDK takes no fingerprint and keeps nothing in the browser. Default true. */
  consent?: boolean
}

/** The page's session. `answer` is the service's answer; it is null if the session of an earlier page continues. */
export interface Ready {
  sessionId: string
  visitorId: string
  answer: InitAnswer | null
}

/** One call and its outcome, for listeners of the event `whograph:answer`. */
export interface Exchange {
  call: 'init' | 'track' | 'identify'
  message: object
  answer?: Answer
  problem?: unknown
}

/** The site's server's proof of a user id: a hash, or a JWT that expires. */
export interface Signature {
  userHash?: string
  userToken?: string
}

export interface Tracker {
  /** Resolves when the session is open; rejects if the first attempt to open one fails. */
  ready: Promise<Ready>
  /** Begins or resumes the session and records the page visit. Works once per page, unless the consent changes. */
  init(options?: Partial<Options>): Promise<Ready>
  /** Records an event. */
  track(eventName: string, properties?: Record<string, unknown>): Promise<TrackAnswer>
  /** Records a visit of the current page. `init` calls it after a load; the site calls it after a change of view. */
  page(properties?: Record<string, unknown>): Promise<TrackAnswer>
  /** Tells the service who is logged in; the site's server proves the user id by `userHash` or `userToken`. */
  identify(user: UserProperties | string | number, options?: Signature): Promise<IdentifyAnswer>
  /** Records a log-out: begins a new session that inherits nothing from the user before. */
  reset(): Promise<Ready>
}

/** The parts of the browser that the tracker uses; tests replace them. */
export interface World extends Carrier {
  openStore(): Store
  newMessageId(): string
  takeFingerprint(): Promise<Fingerprint | null>
  currentPage(): Page
  /** When a page that the browser loads ahead is shown; null if it is shown. */
  whenShown(): Promise<void> | null
  inOneTab<T>(key: string, act: () => Promise<T>): Promise<T>
  tell(exchange: Exchange): void
}

export function createTracker(world: World): Tracker {
  let options: Options | null = null
  let kept: Keeping
  let fingerprint: Promise<Fingerprint | null> | null = null
  let begun: Promise<Ready> | null = null

  let whenInitialised!: () => void
  let whenReady!: (session: Promise<Ready>) => void
  const ready = handled(new Promise<Ready>((resolve) => (whenReady = resolve)))

  // Calls that may change the session run one after another. An event waits for such calls, but not for other events.
  let lastChange: Promise<unknown> = new Promise<void>((resolve) => (whenInitialised = resolve))

  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = lastChange.then(change)
    lastChange = turn.catch(() => undefined)
    return turn
  }

  function init(given: Partial<Options> = {}): Promise<Ready> {
    const wanted = { ...options, ...given }
    const { tenantId, writeKey, endpoint, consent = true } = wanted
    if (!tenantId || !writeKey || !endpoint) {
      return handled(Promise.reject(new Problem('not_configured', 'init needs tenantId, writeKey and endpoint.')))
    }
    if (begun && options?.consent === consent) {
      return begun
    }
    const first = options === null
    const store = world.openStore()
    options = { tenantId, writeKey, endpoint: endpoint.replace(/\/+$/, ''), consent }
    if (!consent) {
      keepIn(store, tenantId).forget()
    }
    kept = keepIn(consent ? store : memoryStore(), tenantId)
    const beginning = handled(inTurn(open))
    beginning.catch(() => begun === beginning && (begun = null))
    begun = beginning
    if (first) {
      whenReady(beginning)
      // A page that the browser loads ahead may never be seen. All calls wait until it is.
      const shown = world.whenShown()
      if (shown) {
        void shown.then(start)
      } else {
        start()
      }
    }
    return beginning
  }

  function start(): void {
    whenInitialised()
    void page()
  }

  function track(eventName: string, properties: Record<string, unknown> = {}): Promise<TrackAnswer> {
    const message = { ...newMessage(), eventName, properties, page: world.currentPage() }
    return handled(lastChange.then(() => send<TrackAnswer>('track', message, (stale) => inTurn(() => renew(stale)))))
  }

  function page(properties?: Record<string, unknown>): Promise<TrackAnswer> {
    return track('page_visit', properties)
  }

  function identify(
    user: UserProperties | string | number,
    { userHash, userToken }: Signature = {},
  ): Promise<IdentifyAnswer> {
    const message = { ...newMessage(), userProperties: asUserProperties(user), userHash, userToken }
    return handled(inTurn(() => send<IdentifyAnswer>('identify', message, renew)))
  }

  function reset(): Promise<Ready> {
    return handled(
      inTurn(() => {
        kept.resetDue = true
        return renew(null)
      }),
    )
  }

  /** Returns the open session, of any tab; null while a log-out has yet to reach the service. */
  function openSession(): Session | null {
    const session = kept.session
    return session && isOpen(session, world.now()) && !kept.resetDue ? session : null
  }

  async function open(): Promise<Ready> {
    const session = openSession()
    return session ? resumed(session) : renew(null)
  }

  /** Begins a session in place of the stale one, unless another call or tab already has. */
  function renew(stale: string | null): Promise<Ready> {
    return world.inOneTab(kept.sessionKey, async () => {
      const session = openSession()
      if (session && session.sessionId !== stale) {
        return resumed(session)
      }
      const message = newMessage()
      const reset = kept.resetDue
      const answer = await exchange<InitAnswer>('init', {
        ...message,
        visitorToken: kept.token ?? undefined,
        fingerprint: (await recognise()) ?? undefined,
        page: world.currentPage(),
        reset,
        consent: options!.consent,
      })
      kept.token = answer.visitorToken
      kept.session = begin(answer, world.now())
      if (reset) {
        kept.resetDue = false
      }
      return { sessionId: answer.sessionId, visitorId: answer.visitorId, answer }
    })
  }

  /** Sends a call in the current session; if the service says the session is over, sends it once more in a new one. */
  async function send<A extends TrackAnswer | IdentifyAnswer>(
    call: Exchange['call'],
    message: object,
    renewed: (stale: string | null) => Promise<Ready>,
  ): Promise<A> {
    const { sessionId } = openSession() ?? (await renewed(null))
    try {
      return await sendIn<A>(sessionId, call, message)
    } catch (error) {
      if (!isSessionOver(error)) {
        throw error
      }
      return sendIn<A>((await renewed(sessionId)).sessionId, call, message)
    }
  }

  async function sendIn<A extends TrackAnswer | IdentifyAnswer>(
    sessionId: string,
    call: Exchange['call'],
    message: object,
  ): Promise<A> {
    const answer = await exchange<A>(call, { sessionId, ...message })
    const session = kept.session
    if (session?.sessionId === sessionId) {
      // Another user's login opens a successor session, which the answer names. Later calls use that session.
      const { sessionId, visitorId } = answer
      kept.session = { ...prolong(session, world.now()), sessionId, visitorId }
    }
    return answer
  }

  async function exchange<A extends Answer>(call: Exchange['call'], content: object): Promise<A> {
    const { tenantId, writeKey, endpoint } = options!
    const message = { tenantId, writeKey, ...content }
    try {
      const answer = await deliver<A>(world, `${endpoint}/eventTracking/${call}`, message)
      world.tell({ call, message, answer })
      return answer
    } catch (problem) {
      world.tell({ call, message, problem })
      throw problem
    }
  }

  /** Takes the fingerprint once per page: it takes a few hundred ms and would not change. */
  function recognise(): Promise<Fingerprint | null> {
    if (!options!.consent) {
      return Promise.resolve(null)
    }
    fingerprint ??= world.takeFingerprint()
    return fingerprint
  }

  function newMessage(): { messageId: string; timestamp: string } {
    return { messageId: world.newMessageId(), timestamp: new Date(world.now()).toISOString() }
  }

  return { ready, init, track, page, identify, reset }
}

function resumed({ sessionId, visitorId }: Session): Ready {
  return { sessionId, visitorId, answer: null }
}

/** Hides a rejection that the site ignores, which would show as "Uncaught (in promise)". A site that awaits it sees it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
