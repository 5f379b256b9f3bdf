import { Refused, connect, type Api, type Found } from './api'
import { download, fileName } from './download'
import { add, edgeId, emptyDrawing, shown, type Drawing, type Shown } from './drawing'
import { byId, element } from './element'
import { journey } from './journey'
import { edgePanel, nodePanel, nothingChosen, pairPanel, type Deeds } from './panel'
import { openPicture, type Picture } from './picture'
import { problem } from './problem'
import { reasons, recognition } from './reasons'
import { symbol } from './shapes'
import { isInferable, parts, subjectOf, subjectOfNode, type Subject } from './subject'
import { tables } from './tables'
import { readView, writeView, type View } from './view'
import type { Explanation, GraphEdge, IdentityAnswer, JourneyEvent } from './wire'
import { NODE_KINDS, hiddenSays, leftOutSays, nodeName, percent, time } from './words'

/** Who was searched for, and whose graphs are drawn: the subject's first, then those of expanded nodes. */
interface Person {
  id: string
  /** The confidence from which inferences counted when the subject was found. */
  bound: number
  identity: IdentityAnswer
  sources: Found[]
}

interface Journey {
  of: string
  events: JourneyEvent[]
  cursor: string | null
}

/** Runs the page: reads the view from the address, loads what it needs and shows it. */
export function run(): void {
  let api: Api | null = null
  let view = readView(location.hash)
  let person: Person | null = null
  let drawing: Drawing | null = null
  /** What `drawing` was loaded for: depth and time, and the confidence if whose graph it is depends on it. */
  let drawnFor = ''
  let visible: Shown = { nodes: [], edges: [] }
  let read: Journey | null = null
  let chosen: string[] = []
  let chosenEdge: string | null = null
  let loading = new AbortController()
  /** Counts what the panel was asked to show, so that a late answer does not replace a newer one. */
  let asked = 0
  /** The depth, time and confidence for which the panel shows what it shows. */
  let panelFor = ''

  const panel = byId('panel')
  const key = byId<HTMLInputElement>('key')
  const search = byId<HTMLInputElement>('search-id')
  const depth = byId<HTMLSelectElement>('depth')
  const bound = byId<HTMLInputElement>('bound')
  const at = byId<HTMLInputElement>('at')
  const picture: Picture = openPicture(byId('picture'), {
    chooseNode: (id, further) => choose(further ? withNode(id) : [id]),
    chooseEdge,
    chooseNothing: () => choose([]),
    expand: (id) => void expand(id),
    pin: showPanel,
  })
  const deeds: Deeds = {
    expand: (id) => void expand(id),
    release(id) {
      picture.release(id)
      showPanel()
      panel.focus()
    },
    compare: (a, b) => void compare(a, b),
    isPinned: picture.isPinned,
  }

  byId('legend').append(
    ...Object.entries(NODE_KINDS).map(([kind, { name, meaning }]) => element('li', { title: meaning }, symbol(kind), ` ${name}`)),
  )
  byId('sign-in').addEventListener('submit', (event) => {
    event.preventDefault()
    void signIn(key.value.trim())
  })
  byId('sign-out').addEventListener('click', () => signOut(null))
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault()
    // To search for the same id again is to ask what is new.
    person = null
    navigate({ id: search.value.trim() })
  })
  for (const show of ['graph', 'journey'] as const) {
    byId(`show-${show}`).addEventListener('click', () => navigate({ show }))
  }
  depth.addEventListener('change', () => navigate({ depth: Number(depth.value) }))
  bound.addEventListener('input', () => {
    byId('bound-says').textContent = percent(Number(bound.value) / 100)
    showGraph(Number(bound.value) / 100)
  })
  bound.addEventListener('change', () => navigate({ bound: Number(bound.value) / 100 }))
  at.addEventListener('change', () => {
    // A year that is being typed begins with zeros, which the field's bound refuses.
    if (at.validity.valid) {
      navigate({ at: at.value === '' ? null : new Date(at.value).toISOString() })
    }
  })
  byId('now').addEventListener('click', () => navigate({ at: null }))
  byId('fit').addEventListener('click', picture.fit)
  byId('closer').addEventListener('click', () => picture.zoom(1.3))
  byId('further').addEventListener('click', () => picture.zoom(1 / 1.3))
  byId('as-table').addEventListener('click', () => {
    const tablesShown = byId('tables').toggleAttribute('hidden')
    byId('as-table').setAttribute('aria-pressed', String(!tablesShown))
  })
  byId('save-png').addEventListener('click', () => void picture.png().then((png) => download(fileName(view.id, 'png'), png)))
  byId('save-json').addEventListener('click', () => {
    const content = { view, identityId: person?.identity.identityId, ...visible, leftOut: drawing?.leftOut }
    download(fileName(view.id, 'json'), new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }))
  })
  byId('more').addEventListener('click', () => void loadMore())
  addEventListener('hashchange', () => void show())
  void show()

  async function signIn(secretKey: string): Promise<void> {
    byId('sign-in-problem').replaceChildren()
    const found = connect(secretKey)
    try {
      await found.tryKey()
    } catch (failure) {
      byId('sign-in-problem').replaceChildren(problem(failure, null))
      key.focus()
      return
    }
    api = found
    key.value = ''
    await show()
    search.focus()
  }

  /** Forgets who was shown, and leaves nothing of them in the page. */
  function forget(): void {
    person = drawing = read = null
    visible = { nodes: [], edges: [] }
    picture.clear()
    for (const id of ['tables', 'events', 'summary', 'problem', 'left-out']) {
      byId(id).replaceChildren()
    }
    byId('more').hidden = true
    choose([])
  }

  /** Forgets the key and all that was read with it. */
  function signOut(failure: Refused | null): void {
    loading.abort()
    forget()
    api = null
    void show()
    byId('sign-in-problem').replaceChildren(...(failure === null ? [] : [problem(failure, null)]))
    key.focus()
  }

  /** Changes the view by way of the address, so that back and forward lead through all views. */
  function navigate(changes: Partial<View>): void {
    const next = writeView({ ...view, ...changes })
    if (next === writeView(readView(location.hash))) {
      void show()
    } else {
      location.hash = next
    }
  }

  /** Shows the view that the address holds, after loading what it lacks. */
  async function show(): Promise<void> {
    view = readView(location.hash)
    byId('sign-in').hidden = api !== null
    byId('explorer').hidden = byId('sign-out').hidden = api === null
    search.value = view.id
    depth.value = String(view.depth)
    bound.value = String(Math.round(view.bound * 100))
    byId('bound-says').textContent = percent(view.bound)
    at.value = view.at === null ? '' : localTime(view.at)
    byId('at-says').textContent = view.at === null || view.show !== 'graph' ? '' : `As of ${time(view.at)}.`
    document.title = view.id === '' ? 'Whograph explorer' : `${view.id} · Whograph explorer`
    for (const each of ['graph', 'journey']) {
      byId(`show-${each}`).setAttribute('aria-pressed', String(view.show === each))
      byId(each).hidden = view.show !== each || person?.id !== view.id
    }
    if (person?.id !== view.id) {
      forget()
    }
    if (panelFor !== asks()) {
      // A late answer would be of another time or confidence.
      asked += 1
    }
    byId('only-graph').hidden = view.show !== 'graph'
    byId('empty').hidden = view.id !== ''
    byId('problem').replaceChildren()
    loading.abort()
    if (api === null || view.id === '') {
      say('')
      return
    }
    loading = new AbortController()
    const { signal } = loading
    say('Loading…')
    try {
      const found = await find(api, signal)
      if (view.show === 'graph') {
        await load(api, found, signal)
        signal.throwIfAborted()
        showGraph(view.bound)
        chooseAgain()
        say(sizeSays(visible, view.at))
      } else {
        await readJourney(api, found, signal)
        showJourney()
      }
    } catch (failure) {
      if (signal.aborted) {
        return
      }
      byId('graph').hidden = byId('journey').hidden = true
      fail(failure, () => void show())
    }
  }

  async function find(asking: Api, signal: AbortSignal): Promise<Person> {
    const { id, bound } = view
    const subject = subjectOf(id)
    if (person === null || person.id !== id || (person.bound !== bound && isInferable(subject))) {
      const found = await asking.find(subject, bound, signal)
      const identity = await asking.identity(found.identityId, bound, signal)
      signal.throwIfAborted()
      const expanded = person?.identity.identityId === identity.identityId ? person.sources.slice(1) : null
      if (expanded === null) {
        forget()
      }
      person = { id, bound, identity, sources: [found, ...(expanded ?? [])] }
    }
    showSummary(person.identity)
    byId(view.show).hidden = false
    return person
  }

  /** Loads the graphs of all sources, unless they are there for this depth and time and down to this confidence. */
  async function load(asking: Api, of: Person, signal: AbortSignal): Promise<void> {
    // Whose graph it is depends on the confidence, if the subject is somebody's by inference.
    const wanted = `${view.depth} ${view.at ?? ''} ${isInferable(subjectOf(of.id)) ? view.bound : ''}`
    if (drawing !== null && drawnFor === wanted && drawing.bound <= view.bound) {
      return
    }
    const fresh = emptyDrawing(view.bound)
    const [first, ...others] = of.sources
    const answers = [
      asking.graph(first?.graphIds ?? [], view, signal),
      // Who was added by expanding need not have been there at another time.
      ...others.map((source) => asking.graph(source.graphIds, view, signal).catch(orNothing)),
    ]
    for (const answer of await Promise.all(answers)) {
      if (answer !== null) {
        add(fresh, answer)
      }
    }
    signal.throwIfAborted()
    drawing = fresh
    drawnFor = wanted
  }

  function showGraph(least: number): void {
    if (drawing === null) {
      return
    }
    visible = shown(drawing, least)
    picture.show(visible)
    const there = new Set(visible.nodes.map((node) => node.id))
    if (chosen.some((id) => !there.has(id))) {
      choose(chosen.filter((id) => there.has(id)))
    }
    if (chosenEdge !== null && !visible.edges.some((edge) => edgeId(edge) === chosenEdge)) {
      choose([])
    }
    keepingFocus(byId('tables'), () => {
      byId('tables').replaceChildren(
        ...tables(visible, chosen, {
          chooseNode(id) {
            choose([id])
            bringPanel()
          },
          chooseEdge(id) {
            chooseEdge(id)
            bringPanel()
          },
          toggle: (id, isChosen) => choose(isChosen ? withNode(id) : chosen.filter((each) => each !== id)),
          expand: (id) => void expand(id),
        }),
      )
    })
    byId('picture').setAttribute(
      'aria-label',
      `Picture of the graph: ${visible.nodes.length} nodes and ${visible.edges.length} edges. The table says the same in words.`,
    )
    byId('left-out').textContent = [leftOutSays(drawing.leftOut, drawing.identities.size > 1), hiddenSays(drawing, visible, least)].filter(Boolean).join(' ')
    picture.mark(chosen, chosenEdge)
  }

  /** Adds the graph of the identity that a node belongs to. */
  async function expand(id: string): Promise<void> {
    const subject = subjectOfNode(id)
    if (api === null || person === null || drawing === null || subject === null) {
      return
    }
    say(`Loading what belongs to ${nodeName(id)}…`)
    byId('problem').replaceChildren()
    const { signal } = loading
    try {
      const found = await api.find(subject, drawing.bound, signal)
      const answer = await api.graph(found.graphIds, { ...view, bound: drawing.bound }, signal)
      signal.throwIfAborted()
      if (drawing.identities.has(answer.identityId)) {
        say(`What belongs to ${nodeName(id)} is drawn already.`)
        return
      }
      const before = drawing.nodes.size
      add(drawing, answer)
      person.sources.push(found)
      showGraph(view.bound)
      say(`${drawing.nodes.size - before} nodes were added.`)
    } catch (failure) {
      if (!signal.aborted) {
        fail(failure, () => void expand(id))
      }
    }
  }

  /** Returns the chosen nodes with one more; of three the earliest goes. */
  function withNode(id: string): string[] {
    return [...chosen.filter((each) => each !== id), id].slice(-2)
  }

  function asks(): string {
    return `${view.depth} ${view.at ?? ''} ${view.bound}`
  }

  /** Shows in the panel what the current view says of what is chosen. */
  function chooseAgain(): void {
    if (panelFor === asks()) {
      return
    }
    panelFor = asks()
    if (chosenEdge === null) {
      choose(chosen)
    } else {
      chooseEdge(chosenEdge)
    }
  }

  function choose(nodeIds: string[]): void {
    chosen = nodeIds
    chosenEdge = null
    showPanel()
  }

  function showPanel(): void {
    asked += 1
    picture.mark(chosen, chosenEdge)
    for (const box of byId('tables').querySelectorAll<HTMLInputElement>('input[data-node]')) {
      box.checked = chosen.includes(box.dataset.node ?? '')
    }
    const [a, b] = chosen
    const node = visible.nodes.find((each) => each.id === a)
    if (a !== undefined && b !== undefined) {
      panel.replaceChildren(pairPanel(a, b, deeds))
    } else {
      panel.replaceChildren(node ? nodePanel(node, deeds) : nothingChosen())
    }
  }

  /** Scrolls to the panel if it is out of sight, as beside a long table on a small screen. */
  function bringPanel(): void {
    panel.scrollIntoView({ block: 'nearest' })
  }

  function chooseEdge(id: string): void {
    const edge = drawing?.edges.get(id)
    if (edge === undefined) {
      return
    }
    chosen = []
    chosenEdge = id
    showPanel()
    panel.replaceChildren(edgePanel(edge))
    const [source, target] = [subjectOfNode(edge.source), subjectOfNode(edge.target)]
    if (source !== null && target !== null) {
      void explain(source, target).then((found) => {
        if (edge.kind === 'tied_to' && found?.path.every((step) => step.evidence.length === 0)) {
          void recall(edge)
        }
      })
    }
  }

  /** Adds to the panel how the visit that made a tie was recognised, where later logins are all that `/explain` needs. */
  async function recall(edge: GraphEdge): Promise<void> {
    const sessions = visible.edges.filter((each) => each.kind === 'during' && each.target === edge.source).map((each) => each.source)
    const session = visible.nodes.find((node) => sessions.includes(node.id) && node.method === edge.method)
    if (api === null || session === undefined) {
      return
    }
    const question = asked
    const asking = api
    try {
      const evidence = await asking.evidence(parts(session.id)[1]).catch(orNothing)
      if (question === asked && evidence !== null && evidence.length > 0) {
        panel.append(recognition(evidence))
      }
    } catch (failure) {
      failBeside(failure, asking, question, (shown) => panel.append(shown), () => void recall(edge))
    }
  }

  async function compare(a: string, b: string): Promise<void> {
    const [one, other] = [subjectOfNode(a), subjectOfNode(b)]
    if (one !== null && other !== null) {
      asked += 1
      await explain(one, other)
    }
  }

  /** Adds to the panel what the service says of two, and returns it unless the panel shows something else by then. */
  async function explain(a: Subject, b: Subject): Promise<Explanation | null> {
    if (api === null) {
      return null
    }
    const [asking, question] = [api, asked]
    panel.querySelector('.answer')?.remove()
    const answer = element('div', { class: 'answer' }, element('p', { class: 'hint' }, 'Asking…'))
    panel.append(answer)
    try {
      const found = await asking.explain(a, b, view)
      if (question !== asked) {
        return null
      }
      answer.replaceChildren(reasons(found))
      return found
    } catch (failure) {
      failBeside(failure, asking, question, (shown) => answer.replaceChildren(shown), () => void explain(a, b))
      return null
    }
  }

  async function readJourney(asking: Api, of: Person, signal: AbortSignal): Promise<void> {
    const wanted = `${of.identity.identityId} ${view.bound}`
    if (read === null || read.of !== wanted) {
      const page = await asking.journey(of.identity.identityId, { bound: view.bound, cursor: null }, signal)
      signal.throwIfAborted()
      read = { of: wanted, events: page.items, cursor: page.nextCursor }
    }
  }

  function showJourney(): void {
    if (read === null) {
      return
    }
    const { events, cursor } = read
    byId('events').replaceChildren(...(events.length === 0 ? [element('p', { class: 'hint' }, 'There are no events.')] : journey(events, byId('events').clientWidth)))
    byId('more').hidden = cursor === null
    say(cursor === null ? `All ${events.length} events.` : `The first ${events.length} events.`)
  }

  async function loadMore(): Promise<void> {
    if (api === null || person === null || read === null || read.cursor === null) {
      return
    }
    const { signal } = loading
    const more = byId<HTMLButtonElement>('more')
    more.disabled = true
    byId('problem').replaceChildren()
    say('Loading…')
    try {
      const page = await api.journey(person.identity.identityId, { bound: view.bound, cursor: read.cursor }, signal)
      signal.throwIfAborted()
      read = { ...read, events: [...read.events, ...page.items], cursor: page.nextCursor }
      showJourney()
    } catch (failure) {
      if (!signal.aborted) {
        fail(failure, () => void loadMore())
      }
    } finally {
      more.disabled = false
    }
  }

  function showSummary(identity: IdentityAnswer): void {
    const { userId, identityId, counts, firstSeen, lastSeen } = identity
    byId('summary').replaceChildren(
      element('h2', {}, userId === null ? 'Not logged in: no known user' : `User ${userId}`),
      element(
        'p',
        { class: 'hint' },
        `${view.at === null ? 'Identity' : 'Now it is identity'} ${identityId}, ${percent(identity.confidence)}; ${counts.tenures} ${counts.tenures === 1 ? 'tenure' : 'tenures'}`,
        firstSeen !== null && `; first seen ${time(firstSeen)}`,
        lastSeen !== null && `, last seen ${time(lastSeen)}`,
        '.',
      ),
    )
  }

  /** Shows a failure above the graph, with a button for the same call again; signs out if the key counts no more. */
  function fail(failure: unknown, again: () => void): void {
    say('')
    if (isKeyRefused(failure)) {
      signOut(failure)
      return
    }
    byId('problem').replaceChildren(problem(failure, again))
    byId('problem').scrollIntoView({ block: 'nearest' })
  }

  /** Does the same for a call that the panel made, and shows the failure there if the panel still asks the question. */
  function failBeside(failure: unknown, asking: Api, question: number, place: (shown: HTMLElement) => void, again: () => void): void {
    if (asking === api && isKeyRefused(failure)) {
      signOut(failure)
    } else if (question === asked) {
      const shown = problem(failure, () => {
        shown.remove()
        again()
      })
      place(shown)
    }
  }
}

const isKeyRefused = (failure: unknown): failure is Refused => failure instanceof Refused && failure.status === 401

function orNothing(failure: unknown): null {
  if (failure instanceof Refused && failure.status === 404) {
    return null
  }
  throw failure
}

function sizeSays({ nodes, edges }: Shown, at: string | null): string {
  if (edges.length === 0) {
    return at === null ? 'Nothing belongs to it at this confidence.' : 'Nothing belonged to it at that time. Choose Now to see the present.'
  }
  return `${nodes.length} nodes and ${edges.length} ${edges.length === 1 ? 'edge' : 'edges'}.`
}

function say(text: string): void {
  byId('status').textContent = text
}

/** Writes a time as the field of date and time has it: local, without a zone. */
function localTime(rfc3339: string): string {
  const time = new Date(rfc3339)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** Gives the focus back to what has the same name after an element got new content. */
function keepingFocus(within: HTMLElement, change: () => void): void {
  const focused = within.contains(document.activeElement) ? document.activeElement?.getAttribute('aria-label') : null
  change()
  if (focused) {
    within.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus()
  }
}
