import { memberLink } from './candidates'
import { aboutOf, noneSays, openFilter } from './clusterFilter'
import { edgeId } from './drawing'
import { byId, element } from './element'
import { openPages } from './pages'
import { openPicture } from './picture'
import { problem } from './problem'
import type { Shell } from './shell'
import { parts } from './subject'
import { table } from './tables'
import type { ClusterAnswer, ClusterEdge, GraphEdge, ListedCluster } from './wire'
import { LABELS, capitalised, counted, edgeSays, nodeName, percent, plain, rounded, short, time } from './words'

/** The list of clusters, and one cluster with what joins its members. */
export function openClusters(shell: Shell): { show(): Promise<void>; forget(): void } {
  let shown: ClusterAnswer | null = null

  const list = element('div', { class: 'stack' })
  const pages = openPages<ListedCluster>(shell, list, {
    noun: 'cluster',
    ask: (api, { label, about, order }, cursor, signal) => api.clusters({ label, about: aboutOf(about), order, cursor }, signal),
    drawn: (items, view) =>
      items.length === 0
        ? element('p', { class: 'card' }, noneSays(view))
        : element('ul', { class: 'cards' }, ...items.map((each) => element('li', { class: 'card' }, ...listed(each)))),
  })
  const filter = openFilter(shell)
  const every = element(
    'div',
    { class: 'stack' },
    element('h2', {}, 'Clusters'),
    element('p', { class: 'hint' }, 'Users and visitors that belong together. No answer and no other job uses them: they show where identities join too much.'),
    filter.form,
    list,
    pages.more,
  )
  const head = element('div', { class: 'stack' })
  const drawn = element('div', { class: 'picture', role: 'img' })
  const chosen = element('p', { class: 'chosen', 'aria-live': 'polite' })
  const doubts = element('div', { class: 'stack' })
  const rows = element('div', { class: 'tables' })
  const one = element(
    'div',
    { class: 'stack' },
    element('button', { type: 'button', class: 'link', click: () => shell.navigate({ cluster: '' }) }, '← All clusters'),
    head,
    element(
      'div',
      { class: 'beside' },
      element(
        'div',
        { class: 'drawing' },
        drawn,
        element('p', { class: 'hint' }, 'Dashed lines are inferences and candidates. Double-click a member to see its graph.'),
        chosen,
      ),
      element('aside', { class: 'panel card', 'aria-label': 'What to doubt' }, doubts),
      rows,
    ),
  )
  byId('clusters').replaceChildren(every, one)
  const picture = openPicture(drawn, {
    chooseNode: (id) => choose(id, null),
    chooseEdge: (id) => choose(null, id),
    chooseNothing: () => choose(null, null),
    expand: (id) => shell.navigate({ id, show: 'graph' }),
    pin: () => undefined,
  })

  function choose(member: string | null, edge: string | null): void {
    picture.mark(member === null ? [] : [member], edge)
    const found = edge === null ? null : shown?.edges.map(asGraphEdge).find((each) => edgeId(each) === edge)
    chosen.replaceChildren(
      ...(member === null ? [] : [`The graph of ${parts(member)[0]} `, memberLink(member, shell)]),
      ...(found ? [`${edgeSays(found)} ${percent(found.confidence)} sure.`] : []),
    )
  }

  function listed({ clusterId, members, users, visitors, labels, confidence, doubt, foundAt }: ListedCluster): HTMLElement[] {
    const size = `${counted(members, 'member')}: ${counted(users, 'user')}, ${counted(visitors, 'visitor')}`
    return [
      element(
        'h3',
        {},
        element(
          'button',
          { type: 'button', class: 'link', 'aria-label': `${size}: open cluster ${clusterId}`, click: () => shell.navigate({ cluster: clusterId }) },
          size,
        ),
      ),
      element('ul', {}, ...labels.map((name) => element('li', {}, element('strong', {}, plain(name)), `: ${LABELS[name] ?? ''}`))),
      element('p', { class: 'hint' }, `Its weakest edge is ${percent(confidence)} sure; doubt ${rounded(doubt)}. Cluster ${short(clusterId)}, found ${time(foundAt)}.`),
    ]
  }

  /** Shows the list. What is wrong with it is told below the controls, in which it can be mended. */
  async function showList(): Promise<void> {
    const [api, signal] = [shell.api(), shell.signal()]
    try {
      await pages.load()
    } catch (failure) {
      if (signal.aborted || api === null || shell.refuses(failure, api)) {
        throw failure
      }
      shell.say('')
      list.replaceChildren(problem(failure, () => void showList()))
    }
  }

  async function open(clusterId: string): Promise<void> {
    const api = shell.api()
    const signal = shell.signal()
    if (api === null) {
      return
    }
    const found = await api.cluster(clusterId, signal)
    signal.throwIfAborted()
    if (shown?.clusterId !== clusterId) {
      picture.clear()
    }
    shown = found
    const edges = found.edges.map(asGraphEdge)
    // An empty place has no size to draw in.
    one.hidden = false
    picture.show({ nodes: found.members.map((id) => ({ id, kind: parts(id)[0] })), edges })
    drawn.setAttribute('aria-label', `Picture of the cluster: ${counted(found.members.length, 'member')} and ${counted(edges.length, 'edge')}. The tables say the same in words.`)
    head.replaceChildren(
      element('h2', {}, `Cluster of ${counted(found.members.length + found.leftOut, 'member')}`),
      element('ul', {}, ...found.labels.map(({ name, reason }) => element('li', {}, element('strong', {}, plain(name)), `: ${reason}.`))),
      element('p', { class: 'hint' }, `${clusterId}, found ${time(found.foundAt)}.${found.leftOut > 0 ? ` ${counted(found.leftOut, 'more member')} not shown.` : ''}`),
    )
    doubts.replaceChildren(...bridgesOf(found))
    rows.replaceChildren(...tablesOf(found))
    choose(null, null)
    shell.say(`${counted(found.members.length, 'member')} and ${counted(edges.length, 'edge')}.`)
  }

  function bridgesOf({ bridges }: ClusterAnswer): HTMLElement[] {
    return [
      element('h2', {}, 'What to doubt first'),
      bridges.length === 0
        ? element('p', {}, 'No single edge holds the cluster together.')
        : element('p', { class: 'hint' }, 'Without one of these edges the cluster would be two.'),
      element(
        'ol',
        { class: 'bridges' },
        ...bridges.map(({ edge, splitsOff, doubt }) =>
          element(
            'li',
            {},
            edgeButton(asGraphEdge(edge)),
            ` ${edgeSays(asGraphEdge(edge))} ${percent(edge.confidence)} sure. If it is wrong, ${counted(splitsOff, 'member')} ${splitsOff === 1 ? 'is' : 'are'} here by mistake: doubt ${rounded(doubt)}.`,
          ),
        ),
      ),
    ]
  }

  function tablesOf({ members, labels, edges }: ClusterAnswer): HTMLElement[] {
    return [
      table(
        `Members (${members.length})`,
        ['Kind', 'Id', 'Labels about it'],
        members.map((member) => [
          [parts(member)[0]],
          [memberLink(member, shell)],
          [labels.filter(({ subjects }) => subjects.includes(member)).map(({ name }) => plain(name)).join(', ')],
        ]),
      ),
      table(
        `Edges (${edges.length})`,
        ['From', 'Edge', 'To', 'Confidence'],
        edges.map((edge) => [[nodeName(edge.one)], [edgeButton(asGraphEdge(edge))], [nodeName(edge.other)], [percent(edge.confidence)]]),
      ),
    ]
  }

  const edgeButton = (edge: GraphEdge): HTMLElement =>
    element(
      'button',
      {
        type: 'button',
        class: 'link',
        'aria-label': `Mark ${nodeName(edge.source)} ${plain(edge.kind)} ${nodeName(edge.target)}`,
        click: () => choose(null, edgeId(edge)),
      },
      capitalised(plain(edge.kind)),
    )

  function forget(): void {
    pages.forget()
    shown = null
    picture.clear()
    for (const each of [head, chosen, doubts, rows]) {
      each.replaceChildren()
    }
  }

  return {
    async show() {
      const view = shell.view()
      filter.show(view)
      every.hidden = view.cluster !== ''
      one.hidden = true
      if (view.cluster === '') {
        await showList()
      } else {
        await open(view.cluster)
      }
    },
    forget,
  }
}

const asGraphEdge = ({ one, other, kind, confidence }: ClusterEdge): GraphEdge => ({
  source: one,
  target: other,
  kind,
  confidence,
  method: null,
  lastSeen: null,
})
