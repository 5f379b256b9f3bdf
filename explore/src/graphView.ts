import { openAnswers } from './answers'
import type { Api } from './api'
import { candidateList, candidatesOf } from './candidates'
import { download, fileName } from './download'
import { add, edgeId, emptyDrawing, shown, type Drawing, type Shown } from './drawing'
import { byId, element } from './element'
import { keepingFocus } from './focus'
import { offersForEdge, offersForNode, offersForPair } from './offers'
import { edgePanel, nodePanel, nothingChosen, pairPanel, type Deeds } from './panel'
import { findSource, orNothing, type Person } from './person'
import { openPicture } from './picture'
import { reasons, recognition } from './reasons'
import { symbol } from './shapes'
import type { Shell } from './shell'
import { isInferable, parts, subjectOf, subjectOfNode, type Subject } from './subject'
import { ROWS_FIRST, tables } from './tables'
import type { Explanation, GraphEdge } from './wire'
import { NODE_KINDS, counted, hiddenSays, leftOutSays, nodeName } from './words'

export interface GraphView {
  show(of: Person): Promise<void>
  /** Hides what is below a confidence, without loading anything. */
  hideBelow(bound: number): void
  /** Drops answers that would be of another view than the one that is asked for. */
  dropLate(): void
  /** Loads all anew when it is shown next. */
  refresh(): void
  forget(): void
}

/** The graph of an identity: the picture, the same as tables, and the panel beside them. */
export function openGraph(shell: Shell): GraphView {
  let person: Person | null = null
  let drawing: Drawing | null = null
  /** What `drawing` was loaded for: depth and time, and the confidence if whose graph it is depends on it. */
  let drawnFor = ''
  let visible: Shown = { nodes: [], edges: [] }
  let chosen: string[] = []
  let chosenEdge: string | null = null
  /** The depth, time and confidence for which the panel shows what it shows. */
  let panelFor = ''
  let rowsMax = ROWS_FIRST

  const panel = byId('panel')
  const answers = openAnswers(panel, shell)
  const picture = openPicture(byId('picture'), {
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
    change: ({ changes }) => shell.change(changes),
    lookAt: (id) => shell.navigate({ id }),
    seek: (ids) => void seek(ids),
  }

  byId('legend').append(
    ...Object.entries(NODE_KINDS).map(([kind, { name, meaning }]) => element('li', { title: meaning }, symbol(kind), ` ${name}`)),
  )
  byId('fit').addEventListener('click', picture.fit)
  byId('closer').addEventListener('click', () => picture.zoom(1.3))
  byId('further').addEventListener('click', () => picture.zoom(1 / 1.3))
  byId('as-table').addEventListener('click', () => {
    const isHidden = byId('tables').toggleAttribute('hidden')
    byId('as-table').setAttribute('aria-pressed', String(!isHidden))
    if (isHidden) {
      byId('tables').replaceChildren()
    } else {
      drawTables()
    }
  })
  byId('save-png').addEventListener('click', () => void picture.png().then((png) => download(fileName(shell.view().id, 'png'), png)))
  byId('save-svg').addEventListener('click', () => {
    const { id } = shell.view()
    download(fileName(id, 'svg'), picture.svg(`The graph around ${id}`))
  })
  byId('save-json').addEventListener('click', () => {
    const content = { view: shell.view(), identityId: person?.identity.identityId, ...visible, leftOut: drawing?.leftOut }
    download(fileName(shell.view().id, 'json'), new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }))
  })

  /** Loads the graphs of all sources, unless they are there for this depth and time and down to this confidence. */
  async function load(api: Api, of: Person): Promise<void> {
    const [view, signal] = [shell.view(), shell.signal()]
    // Whose graph it is depends on the confidence, if the subject is somebody's by inference.
    const wanted = `${view.depth} ${view.at ?? ''} ${isInferable(subjectOf(of.id)) ? view.bound : ''}`
    if (drawing !== null && drawnFor === wanted && drawing.bound <= view.bound) {
      return
    }
    const fresh = emptyDrawing(view.bound)
    const [first, ...others] = of.sources
    const graphs = [
      api.graph(first?.graphIds ?? [], view, signal),
      // Who was added by expanding need not have been there at another time.
      ...others.map((source) => api.graph(source.graphIds, view, signal).catch(orNothing)),
    ]
    for (const answer of await Promise.all(graphs)) {
      if (answer !== null) {
        add(fresh, answer)
      }
    }
    signal.throwIfAborted()
    drawing = fresh
    drawnFor = wanted
  }

  function draw(least: number): void {
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
    drawTables()
    byId('picture').setAttribute(
      'aria-label',
      `Picture of the graph: ${counted(visible.nodes.length, 'node')} and ${counted(visible.edges.length, 'edge')}. The table says the same in words.`,
    )
    byId('left-out').textContent = [leftOutSays(drawing.leftOut, drawing.identities.size > 1), hiddenSays(drawing, visible, least)].filter(Boolean).join(' ')
    picture.mark(chosen, chosenEdge)
  }

  /** Draws the tables if they are shown: to draw thousands of rows takes longer than the picture. */
  function drawTables(): void {
    if (byId('tables').hidden) {
      return
    }
    keepingFocus(byId('tables'), () => {
      byId('tables').replaceChildren(
        ...tables(visible, chosen, rowsMax, {
          chooseNode(id) {
            choose([id])
            goToPanel()
          },
          chooseEdge(id) {
            chooseEdge(id)
            goToPanel()
          },
          toggle: (id, isChosen) => choose(isChosen ? withNode(id) : chosen.filter((each) => each !== id)),
          expand: (id) => void expand(id),
          listAll() {
            rowsMax = Infinity
            drawTables()
            byId('tables').querySelector<HTMLElement>('[tabindex]')?.focus()
          },
        }),
      )
    })
  }

  /** Adds the graph of the identity that a node belongs to. */
  async function expand(id: string): Promise<void> {
    const api = shell.api()
    const subject = subjectOfNode(id)
    if (api === null || person === null || drawing === null || subject === null) {
      return
    }
    shell.say(`Loading what belongs to ${nodeName(id)}…`)
    const signal = shell.signal()
    try {
      const found = await findSource(api, subject, drawing.bound, signal)
      const answer = await api.graph(found.graphIds, { ...shell.view(), bound: drawing.bound }, signal)
      signal.throwIfAborted()
      if (drawing.identities.has(answer.identityId)) {
        shell.say(`What belongs to ${nodeName(id)} is drawn already.`)
        return
      }
      const before = drawing.nodes.size
      add(drawing, answer)
      person.sources.push(found)
      draw(shell.view().bound)
      const added = drawing.nodes.size - before
      shell.say(`${counted(added, 'node')} ${added === 1 ? 'was' : 'were'} added.`)
    } catch (failure) {
      if (!signal.aborted) {
        shell.fail(failure, () => void expand(id))
      }
    }
  }

  /** Returns the chosen nodes with one more; of three the earliest goes. */
  function withNode(id: string): string[] {
    return [...chosen.filter((each) => each !== id), id].slice(-2)
  }

  function asks(): string {
    const { depth, at, bound } = shell.view()
    return `${depth} ${at ?? ''} ${bound}`
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

  /** What is drawn as of another time cannot be changed: changes are made to the present. */
  const changeable = (): Shown => (shell.view().at === null ? visible : { nodes: [], edges: [] })

  function showPanel(): void {
    answers.drop()
    picture.mark(chosen, chosenEdge)
    for (const box of byId('tables').querySelectorAll<HTMLInputElement>('input[data-node]')) {
      box.checked = chosen.includes(box.dataset.node ?? '')
    }
    const [a, b] = chosen
    const node = visible.nodes.find((each) => each.id === a)
    const isNow = shell.view().at === null
    if (a !== undefined && b !== undefined) {
      panel.replaceChildren(pairPanel(a, b, isNow ? offersForPair(a, b, visible) : [], deeds))
    } else {
      panel.replaceChildren(node ? nodePanel(node, isNow ? offersForNode(node.id, visible) : [], deeds) : nothingChosen(deeds))
    }
  }

  /** Moves the focus from a row to what the panel says of it, and lets a button lead back. */
  function goToPanel(): void {
    const row = document.activeElement
    const name = row?.getAttribute('aria-label')
    panel.append(
      element(
        'button',
        {
          type: 'button',
          class: 'back',
          click() {
            // The table may have been drawn anew meanwhile.
            const again = name ? byId('tables').querySelector<HTMLElement>(`[aria-label="${CSS.escape(name)}"]`) : null
            ;(again ?? byId('as-table')).focus()
          },
        },
        'Back to the row',
      ),
    )
    panel.focus({ preventScroll: true })
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
    panel.replaceChildren(edgePanel(edge, offersForEdge(edge, changeable()), deeds))
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
    if (session === undefined) {
      return
    }
    await answers.add(
      (api) => api.evidence(parts(session.id)[1]).catch(orNothing),
      (evidence) => (evidence === null || evidence.length === 0 ? null : recognition(evidence)),
      () => void recall(edge),
    )
  }

  async function compare(a: string, b: string): Promise<void> {
    const [one, other] = [subjectOfNode(a), subjectOfNode(b)]
    if (one !== null && other !== null) {
      answers.drop()
      await explain(one, other)
    }
  }

  /** Adds to the panel what the service says of two, and returns it unless the panel shows something else by then. */
  async function explain(a: Subject, b: Subject): Promise<Explanation | null> {
    return answers.ask((api) => api.explain(a, b, shell.view()), reasons, () => void explain(a, b))
  }

  /** Adds to the panel the open candidates that two visitors are, that a visitor is in, or that are about those drawn. */
  async function seek(nodeIds: string[]): Promise<void> {
    answers.drop()
    const drawn = visible.nodes.map((node) => node.id).filter((id) => parts(id)[0] === 'visitor')
    const visitorIds = (nodeIds.length === 0 ? drawn : nodeIds).map((id) => parts(id)[1])
    await answers.ask(
      (api) => candidatesOf(api, visitorIds, nodeIds.length === 2, shell.signal()),
      ({ found, isComplete }) =>
        element(
          'section',
          {},
          element('h3', {}, 'Candidates'),
          found.length === 0 ? element('p', {}, 'No open candidate is about them.') : candidateList(found, shell),
          !isComplete && element('p', { class: 'hint' }, 'There are too many candidates to look through all.'),
        ),
      () => void seek(nodeIds),
    )
  }

  return {
    async show(of) {
      const api = shell.api()
      const signal = shell.signal()
      if (api === null) {
        return
      }
      person = of
      await load(api, of)
      signal.throwIfAborted()
      draw(shell.view().bound)
      chooseAgain()
      shell.say(sizeSays(visible, shell.view().at))
    },
    hideBelow: draw,
    dropLate() {
      if (panelFor !== asks()) {
        answers.drop()
      }
    },
    refresh() {
      drawnFor = panelFor = ''
      answers.drop()
      // What is asked meanwhile would be lost once the graph is there.
      panel.replaceChildren(element('p', { class: 'hint' }, 'Loading…'))
    },
    forget() {
      person = drawing = null
      rowsMax = ROWS_FIRST
      visible = { nodes: [], edges: [] }
      picture.clear()
      byId('tables').replaceChildren()
      byId('left-out').textContent = ''
      choose([])
    },
  }
}

function sizeSays({ nodes, edges }: Shown, at: string | null): string {
  if (edges.length === 0) {
    return at === null ? 'Nothing belongs to it at this confidence.' : 'Nothing belonged to it at that time. Choose Now to see the present.'
  }
  return `${counted(nodes.length, 'node')} and ${counted(edges.length, 'edge')}.`
}
