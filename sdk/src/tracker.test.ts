import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from './problem'
import { memoryStore, type Store } from './store'
import { createTracker, type Exchange, type World } from './tracker'
import type { Fingerprint } from './wire'

const MINUTE = 60_000
const OPTIONS = { tenantId: 'demo', writeKey: 'wk', endpoint: 'https://who.example/' }
const FINGERPRINT: Fingerprint = { visitorId: 'f', confidence: 0.7, components: {} }

type Message = Record<string, unknown>
type Reply = (message: Message) => Response | Promise<Response>

const json = (status: number, body: unknown, headers = {}) => new Response(JSON.stringify(body), { status, headers })
const refusal = (status: number, code: string) => json(status, { code, detail: code })

/** Stands in for the network: by default a service that begins sessions s1, s2, … and accepts every call. */
function farSide() {
  let begun = 0
  const received: [call: string, message: Message][] = []
  const replies: Record<string, Reply[]> = { init: [], track: [], identify: [] }
  const usual: Record<string, Reply> = {
    init: () => {
      const n = ++begun
      const times = { startedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:30:00.000Z' }
      return json(200, { sessionId: `s${n}`, visitorId: 'v', visitorToken: 'token', userId: null, ...times })
    },
    track: ({ sessionId }) => json(200, { sessionId, visitorId: 'v' }),
    identify: ({ sessionId }) => json(200, { sessionId, visitorId: 'v' }),
  }
  return {
    received,
    /** Answers to give next, by call and in order; after them come the default answers. */
    next: (call: string, ...given: Reply[]) => replies[call]!.push(...given),
    calls: () => received.map(([call]) => call),
    messages: (call: string) => received.flatMap(([each, message]) => (each === call ? [message] : [])),
    async fetch(url: string, request: RequestInit): Promise<Response> {
      const call = url.replace('https://who.example/eventTracking/', '')
      const message = JSON.parse(String(request.body)) as Message
      received.push([call, message])
      return (replies[call]!.shift() ?? usual[call]!)(message)
    },
  }
}

/** Creates a page in a browser with this store. Its clock moves only when a test moves it or the SDK pauses. */
function page(
  far: ReturnType<typeof farSide>,
  {
    store = memoryStore(),
    fingerprint = FINGERPRINT as Fingerprint | null,
    whenShown = (): Promise<void> | null => null,
  } = {},
) {
  let ids = 0
  const clock = { ms: Date.parse('2026-05-05T05:05:05Z') }
  const told: Exchange[] = []
  let taken = 0
  const world: World = {
    fetch: far.fetch,
    now: () => clock.ms,
    random: () => 1,
    pause: async (ms) => void (clock.ms += ms),
    openStore: () => store,
    newMessageId: () => `m${++ids}`,
    takeFingerprint: async () => (taken++, fingerprint),
    currentPage: () => ({ url: 'https://shop.example/', referrer: '', title: 'Shop' }),
    inOneTab: (_, act) => act(),
    whenShown,
    tell: (exchange) => void told.push(exchange),
  }
  return { tracker: createTracker(world), clock, told, fingerprintsTaken: () => taken }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('init sends what is known of the browser, and the page visit follows', async () => {
  const far = farSide()
  const { tracker } = page(far)
  const ready = await tracker.init(OPTIONS)
  await settled()
  assert.equal(ready.sessionId, 's1')
  assert.equal(ready.answer?.visitorToken, 'token')
  assert.deepEqual(await tracker.ready, ready)
  assert.deepEqual(far.calls(), ['init', 'track'])
  const [[, init], [, visit]] = far.received as [[string, Message], [string, Message]]
  assert.deepEqual(init, {
    tenantId: 'demo',
    writeKey: 'wk',
    messageId: 'm2',
    timestamp: '2026-05-05T05:05:05.000Z',
    sentAt: '2026-05-05T05:05:05.000Z',
    fingerprint: FINGERPRINT,
    page: { url: 'https://shop.example/', referrer: '', title: 'Shop' },
    reset: false,
    consent: true,
  })
  assert.equal(visit.eventName, 'page_visit')
  assert.equal(visit.sessionId, 's1')
})

test('a page that is loaded ahead counts when it is shown, and not before', async () => {
  const far = farSide()
  let show!: () => void
  const shown = new Promise<void>((resolve) => (show = resolve))
  const { tracker, clock } = page(far, { whenShown: () => shown })
  const begun = tracker.init(OPTIONS)
  const tracked = tracker.track('early')
  await settled()
  assert.deepEqual(far.calls(), [])
  clock.ms += 60_000
  show()
  await Promise.all([begun, tracked])
  await settled()
  assert.deepEqual(far.calls().sort(), ['init', 'track', 'track'])
  const [visit] = far.messages('track').filter(({ eventName }) => eventName === 'page_visit')
  assert.equal(visit!.timestamp, '2026-05-05T05:06:05.000Z')
  assert.equal(far.messages('init')[0]!.timestamp, '2026-05-05T05:06:05.000Z')
})

test('a page begins once, however often init is called', async () => {
  const far = farSide()
  const { tracker, fingerprintsTaken } = page(far)
  await Promise.all([tracker.init(OPTIONS), tracker.init(), tracker.init(OPTIONS)])
  await settled()
  assert.deepEqual(far.calls(), ['init', 'track'])
  assert.equal(fingerprintsTaken(), 1)
})

test('init without tenant or key says so, and the calls wait for one that has them', async () => {
  const far = farSide()
  const { tracker } = page(far)
  const tracked = tracker.track('early')
  await assert.rejects(tracker.init({ endpoint: 'https://who.example' }), { code: 'not_configured' })
  assert.deepEqual(far.calls(), [])
  await tracker.init(OPTIONS)
  assert.equal((await tracked).sessionId, 's1')
})

test('the next page and another tab go on with the session', async () => {
  const far = farSide()
  const store = memoryStore()
  await page(far, { store }).tracker.init(OPTIONS)
  const next = page(far, { store })
  const ready = await next.tracker.init(OPTIONS)
  await settled()
  assert.deepEqual(ready, { sessionId: 's1', visitorId: 'v', answer: null })
  assert.deepEqual(far.calls().filter((call) => call === 'init').length, 1)
  assert.equal(next.fingerprintsTaken(), 0)
})

test('a session is begun anew after its idle time, with the token; calls before that keep it open', async () => {
  const far = farSide()
  const { tracker, clock } = page(far)
  await tracker.init(OPTIONS)
  await settled()
  clock.ms += 29 * MINUTE
  assert.equal((await tracker.track('a')).sessionId, 's1')
  clock.ms += 29 * MINUTE
  assert.equal((await tracker.track('b')).sessionId, 's1')
  clock.ms += 30 * MINUTE
  assert.equal((await tracker.track('c')).sessionId, 's2')
  assert.equal(far.messages('init')[1]!.visitorToken, 'token')
})

for (const [status, code] of [
  [410, 'session_expired'],
  [404, 'session_not_found'],
] as const) {
  test(`${code} begins another session and sends the same message in it, once`, async () => {
    const far = farSide()
    const { tracker } = page(far)
    await tracker.init(OPTIONS)
    await settled()
    far.next('track', () => refusal(status, code))
    assert.equal((await tracker.track('bought')).sessionId, 's2')
    const [, refused, repeated] = far.messages('track') as [Message, Message, Message]
    assert.equal(repeated.messageId, refused.messageId)
    assert.equal(repeated.timestamp, refused.timestamp)

    far.next(
      'track',
      () => refusal(status, code),
      () => refusal(status, code),
    )
    await assert.rejects(tracker.track('again'), { code })
    assert.equal(far.messages('init').length, 3)
  })
}

test('many calls that meet the end of a session begin one other', async () => {
  const far = farSide()
  const { tracker } = page(far)
  await tracker.init(OPTIONS)
  await settled()
  far.next('track', ...Array.from({ length: 3 }, () => () => refusal(410, 'session_expired')))
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => tracker.track(name)))
  assert.deepEqual(
    answers.map((answer) => answer.sessionId),
    ['s2', 's2', 's2'],
  )
  assert.equal(far.messages('init').length, 2)
})

test('what fails for a moment is sent again under its id, with the time it is sent', async () => {
  const far = farSide()
  const { tracker, clock } = page(far)
  await tracker.init(OPTIONS)
  await settled()
  const began = clock.ms
  far.next(
    'track',
    () => Promise.reject(new TypeError('Failed to fetch')),
    () => json(429, { code: 'too_many_requests' }, { 'Retry-After': '3' }),
    () => new Response('<html>a hotel</html>'),
  )
  await tracker.track('bought', { price: 1 })
  const attempts = far.messages('track').slice(1)
  assert.equal(attempts.length, 4)
  assert.equal(clock.ms - began, 500 + 3000 + 1000 + 2000)
  const sent = attempts.map(({ sentAt, ...message }) => [sentAt, JSON.stringify(message)])
  assert.equal(new Set(sent.map(([, message]) => message)).size, 1)
  assert.equal(new Set(sent.map(([sentAt]) => sentAt)).size, 4)
})

test('after five attempts the call fails as unreachable, and the next one tries again', async () => {
  const far = farSide()
  const { tracker, told } = page(far)
  far.next('init', ...Array.from({ length: 10 }, () => () => Promise.reject(new TypeError('Failed to fetch'))))
  await assert.rejects(tracker.init(OPTIONS), { code: 'unreachable', status: null })
  await assert.rejects(tracker.ready, { code: 'unreachable' })
  await settled()
  assert.equal(far.messages('init').length, 10, 'the page visit tried as well')
  assert.ok(told[0]!.problem instanceof Problem)
  assert.equal((await tracker.track('later')).sessionId, 's1')
})

test('a refusal carries its code, status and fields', async () => {
  const far = farSide()
  const { tracker } = page(far)
  await tracker.init(OPTIONS)
  far.next('identify', () => json(422, { code: 'invalid_request', detail: 'No.', errors: { userId: ['Missing.'] } }))
  await assert.rejects(tracker.identify(''), { code: 'invalid_request', status: 422, errors: { userId: ['Missing.'] } })
  far.next('identify', () => new Response('<html>', { status: 500 }))
  await assert.rejects(tracker.identify('u1'), { code: 'http_500', status: 500 })
})

test('identify sends the user and the hash; a successor session is used from then on', async () => {
  const far = farSide()
  const store = memoryStore()
  const { tracker } = page(far, { store })
  await tracker.init(OPTIONS)
  far.next('identify', () => json(200, { sessionId: 'successor', visitorId: 'v' }))
  const identified = tracker.identify({ userId: 'u2', plan: 'gold' }, { userHash: 'abc' })
  const after = tracker.track('after')
  await identified
  assert.deepEqual(far.messages('identify')[0]!.userProperties, { userId: 'u2', plan: 'gold' })
  assert.equal(far.messages('identify')[0]!.userHash, 'abc')
  assert.equal((await after).sessionId, 'successor')
  assert.equal((await page(far, { store }).tracker.init(OPTIONS)).sessionId, 'successor')
})

test('reset begins a new session as nobody, by the same token', async () => {
  const far = farSide()
  const { tracker } = page(far)
  await tracker.init(OPTIONS)
  const ready = await tracker.reset()
  assert.equal(ready.sessionId, 's2')
  assert.equal(far.messages('init')[1]!.reset, true)
  assert.equal(far.messages('init')[1]!.visitorToken, 'token')
  assert.equal((await tracker.track('after')).sessionId, 's2')
})

test('a reset that did not reach the service is made up for before anything else is recorded', async () => {
  const far = farSide()
  const store = memoryStore()
  const { tracker } = page(far, { store })
  await tracker.init(OPTIONS)
  await settled()
  far.next('init', ...Array.from({ length: 5 }, () => () => refusal(503, 'graph_unavailable')))
  await assert.rejects(tracker.reset(), { code: 'graph_unavailable' })
  const next = page(far, { store })
  assert.equal((await next.tracker.init(OPTIONS)).sessionId, 's2')
  assert.equal(far.messages('init').at(-1)!.reset, true)
  assert.equal((await next.tracker.track('a')).sessionId, 's2')
  assert.equal(far.messages('init').length, 7, 'and only once')
})

test('a browser that gives no fingerprint is a visitor all the same', async () => {
  const far = farSide()
  const { tracker } = page(far, { fingerprint: null })
  assert.equal((await tracker.init(OPTIONS)).sessionId, 's1')
  assert.equal('fingerprint' in far.messages('init')[0]!, false)
})

test('without consent nothing is taken, kept or left of what was kept', async () => {
  const far = farSide()
  const writes: string[] = []
  const memory = memoryStore()
  const store: Store = { ...memory, set: (key, value) => (writes.push(key), memory.set(key, value)) }
  await page(far, { store }).tracker.init(OPTIONS)
  await settled()
  writes.length = 0
  const { tracker, fingerprintsTaken } = page(far, { store })
  await tracker.init({ ...OPTIONS, consent: false })
  const refused = far.messages('init').at(-1)!
  assert.equal(refused.consent, false)
  assert.equal('visitorToken' in refused || 'fingerprint' in refused, false)
  assert.equal(fingerprintsTaken(), 0)
  assert.deepEqual(writes, [])
  assert.equal(memory.get('whograph.demo.token'), null)

  const given = await tracker.init({ consent: true })
  assert.equal(given.sessionId, 's3')
  assert.equal(memory.get('whograph.demo.token'), 'token')
  assert.equal((await tracker.track('after')).sessionId, 's3')
})

test('everything kept in the browser is free of what the user told', async () => {
  const far = farSide()
  const kept: string[] = []
  const memory = memoryStore()
  const store: Store = { ...memory, set: (key, value) => (kept.push(value), memory.set(key, value)) }
  const { tracker } = page(far, { store })
  await tracker.init(OPTIONS)
  await tracker.identify({ userId: 'mum@example.com', name: 'Mum' })
  await tracker.track('order', { address: 'Elm Street' })
  assert.doesNotMatch(kept.join(), /mum|elm/i)
})
