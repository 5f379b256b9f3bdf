import { Refused } from './api'
import { byId, drawn, element } from './element'
import { keepingFocus } from './focus'
import { lagSays } from './lag'
import type { Shell } from './shell'
import { table } from './tables'
import { visitsPanel } from './visits'
import type { ListedCluster, Stats, Visits, Warning } from './wire'
import { counted, plain, rounded, time } from './words'

/** The service counts anew for each call, so it is asked only now and then. */
const REFRESH_MS = 5 * 60_000
const WARNINGS = 10
const CLUSTERS = 5
/** The figures that are shown, in order. */
const FIGURES = ['users', 'visitors', 'mergedVisitors', 'jars', 'fingerprints', 'sessions', 'events', 'activeRelationships'] as const
const [ROW, LABEL] = [22, 62]
/** How long the longest bar is, in percent of the width; beside it are its label and its count, in a narrow window, too. */
const LENGTH = 60

/** The state of the whole graph: counts, how sure relationships are, warnings, and which clusters to doubt first. */
export function openOverview(shell: Shell): { show(): Promise<void>; forget(): void } {
  const place = byId('overview')
  const content = element('div', { class: 'stack' })
  let timer = 0
  place.replaceChildren(element('h2', {}, 'Overview'), content)

  function showAll(stats: Stats, visits: Visits, warnings: Warning[], clusters: ListedCluster[]): void {
    content.replaceChildren(
      element('p', { class: 'hint' }, `As of ${time(stats.at)}. It is counted anew every five minutes.`),
      element(
        'dl',
        { class: 'figures' },
        ...FIGURES.map((name) => element('div', { class: 'card' }, element('dt', {}, wordsOf(name)), element('dd', {}, stats[name].toLocaleString('en')))),
      ),
      element(
        'div',
        { class: 'columns' },
        section('How sure the relationships are', element('div', { class: 'card' }, histogram(stats.confidence))),
        section('How visits were recognised', visitsPanel(visits)),
        section('How late events come', element('p', {}, lagSays(stats.ingestLag))),
        section(
          'The clusters to doubt first',
          clusters.length === 0 ? element('p', {}, 'There is no cluster to doubt.') : element('ul', {}, ...clusters.map(clusterItem)),
        ),
      ),
      element('h3', {}, 'Latest warnings'),
      warnings.length === 0
        ? element('p', {}, 'There are no warnings.')
        : table(
            `Warnings (${warnings.length})`,
            ['Last seen', 'What', 'About', 'Times', 'In words'],
            warnings.map((warning) => [[time(warning.lastSeen)], [plain(warning.code)], [warning.subject], [String(warning.count)], [warning.detail]]),
          ),
    )
  }

  function clusterItem({ clusterId, members, labels, doubt }: ListedCluster): HTMLElement {
    const size = counted(members, 'member')
    return element(
      'li',
      {},
      element(
        'button',
        { type: 'button', class: 'link', 'aria-label': `${size}: open cluster ${clusterId}`, click: () => shell.navigate({ show: 'clusters', cluster: clusterId }) },
        size,
      ),
      `, doubt ${rounded(doubt)}${labels.length > 0 ? `: ${labels.map(plain).join(', ')}` : ''}`,
    )
  }

  async function show(): Promise<void> {
    window.clearTimeout(timer)
    const api = shell.api()
    const signal = shell.signal()
    if (api === null) {
      return
    }
    try {
      const [stats, visits, warnings, clusters] = await Promise.all([
        api.stats(signal),
        api.visits(signal),
        api.warnings(WARNINGS, signal),
        api.clusters({ label: '', order: 'doubt', cursor: null, limit: CLUSTERS }, signal),
      ])
      signal.throwIfAborted()
      const doubted = clusters.items.filter(({ doubt }) => doubt > 0)
      keepingFocus(content, () => showAll(stats, visits, warnings.items, doubted))
      place.hidden = false
      shell.say('')
    } finally {
      if (!signal.aborted) {
        timer = window.setTimeout(() => void refresh(signal), REFRESH_MS)
      }
    }
  }

  /** Shows the overview again, if it is still what the page shows. */
  async function refresh(since: AbortSignal): Promise<void> {
    if (since.aborted) {
      return
    }
    try {
      await show()
    } catch (failure) {
      if (since.aborted) {
        return
      }
      if (!(failure instanceof Refused)) {
        throw failure
      }
      shell.fail(failure, () => void refresh(since))
    }
  }

  return {
    show,
    forget() {
      window.clearTimeout(timer)
      content.replaceChildren()
    },
  }
}

function section(title: string, ...content: HTMLElement[]): HTMLElement {
  return element('section', {}, element('h3', {}, title), ...content)
}

/** Draws a bar for each bucket of the confidence, over the whole width there is. */
function histogram(buckets: Stats['confidence']): SVGElement {
  const most = Math.max(1, ...buckets.map(({ count }) => count))
  return drawn(
    'svg',
    {
      class: 'histogram',
      width: '100%',
      height: buckets.length * ROW,
      role: 'img',
      'aria-label': `Relationships by confidence: ${buckets.map(({ from, to, count }) => `${from} to ${to}: ${count}`).join(', ')}.`,
    },
    ...[...buckets].reverse().flatMap(({ from, to, count }, index) => {
      const [y, long] = [index * ROW, `${(count / most) * LENGTH}%`]
      return [
        drawn('text', { x: LABEL - 8, y: y + 15, 'text-anchor': 'end', class: 'tick' }, `${from}–${to}`),
        drawn('rect', { x: LABEL, y: y + 3, width: long, height: ROW - 6, rx: 3 }),
        drawn('text', { x: long, dx: LABEL + 6, y: y + 15 }, count.toLocaleString('en')),
      ]
    }),
  )
}

const wordsOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
