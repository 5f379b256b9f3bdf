import { drawn, element } from './element'
import { table } from './tables'
import type { Visits } from './wire'
import { counted, methodSays, plain, time } from './words'

/** The methods in the order of the bars, the surest at the foot. */
const METHODS = ['token', 'anonymous_id', 'fingerprint', 'fuzzy_fingerprint', 'ip_browser', 'ip', 'new']
const [HEIGHT, FOOT] = [140, 20]
/** How much of its day's room a bar takes. */
const BAR = 0.75
const DAY_MS = 24 * 60 * 60_000

/** The visits of a day by the method that recognised them. */
export interface VisitDay {
  day: string
  counts: Record<string, number>
  total: number
}

/** Returns every day of a report with its visits by method, which the report has by confidence, too. */
export function visitDays({ from, to, rows }: Visits): VisitDay[] {
  const days = new Map<string, VisitDay>()
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10)
    days.set(day, { day, counts: {}, total: 0 })
  }
  for (const { day, method, count } of rows) {
    const found = days.get(day)
    if (found !== undefined) {
      found.counts[method] = (found.counts[method] ?? 0) + count
      found.total += count
    }
  }
  return [...days.values()]
}

/** Shows how visits were recognised: a bar for each day, and the same as a table. */
export function visitsPanel(visits: Visits): HTMLElement {
  if (visits.countedAt === null) {
    return element('p', {}, 'The visits are not counted yet. A job counts them once an hour.')
  }
  const days = visitDays(visits)
  const seen = new Set(visits.rows.map(({ method }) => method))
  const methods = [...METHODS, ...[...seen].filter((method) => !METHODS.includes(method)).sort()].filter((method) => seen.has(method))
  return element(
    'div',
    { class: 'card stack' },
    bars(days, methods),
    element('ul', { class: 'key' }, ...methods.map((method) => element('li', {}, square(method), ` ${plain(method)}: ${methodSays(method)}`))),
    element('p', { class: 'hint' }, `Counted ${time(visits.countedAt)}. The days are days in UTC.`),
    element(
      'details',
      {},
      element('summary', {}, 'The visits as a table'),
      table(
        `Visits (${days.length} days)`,
        ['Day', ...methods.map(plain), 'All'],
        [...days].reverse().map(({ day, counts, total }) => [[day], ...methods.map((method) => [String(counts[method] ?? 0)]), [String(total)]]),
      ),
    ),
  )
}

/** Draws a bar for each day, over the whole width there is. */
function bars(days: VisitDay[], methods: string[]): SVGElement {
  const most = Math.max(1, ...days.map(({ total }) => total))
  const [step, height] = [100 / days.length, HEIGHT + FOOT]
  const all = days.reduce((sum, { total }) => sum + total, 0)
  return drawn(
    'svg',
    {
      class: 'visits',
      width: '100%',
      height,
      role: 'img',
      'aria-label': `${counted(all, 'visit')} in ${counted(days.length, 'day')}, by day and method. The table says the same in words.`,
    },
    ...days.flatMap(({ day, counts }, index) => {
      let y = HEIGHT
      return methods
        .filter((method) => counts[method])
        .map((method) => {
          const count = counts[method] ?? 0
          const long = (count / most) * HEIGHT
          y -= long
          return drawn('rect', { class: method, x: `${index * step}%`, y, width: `${BAR * step}%`, height: long }, drawn('title', {}, `${day}, ${plain(method)}: ${count}`))
        })
    }),
    drawn('line', { x1: 0, y1: HEIGHT, x2: '100%', y2: HEIGHT }),
    drawn('text', { x: 0, y: height - 4 }, days[0]?.day ?? ''),
    drawn('text', { x: '100%', y: height - 4, 'text-anchor': 'end' }, days.at(-1)?.day ?? ''),
  )
}

const square = (method: string): SVGElement =>
  drawn('svg', { viewBox: '0 0 20 20', class: 'symbol visits', 'aria-hidden': 'true' }, drawn('rect', { class: method, x: 2, y: 2, width: 16, height: 16 }))
