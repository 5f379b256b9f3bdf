import type { Api } from './api'
import { accept, refuse } from './changes'
import { element } from './element'
import type { Shell } from './shell'
import { parts } from './subject'
import { symbol } from './shapes'
import type { Candidate } from './wire'
import { addressSays, figureSays, percent, short, time } from './words'

const PAGE = 1000
/** So many pages are looked through for the candidates of some visitors. */
const PAGES_MAX = 5

/** Shows candidates with what speaks for each, and buttons to decide about those that are open. */
export function candidateList(candidates: Candidate[], shell: Shell): HTMLElement {
  return element('ul', { class: 'candidates' }, ...candidates.map((candidate) => element('li', { class: 'card' }, ...candidateItem(candidate, shell))))
}

function candidateItem(candidate: Candidate, shell: Shell): (HTMLElement | false)[] {
  const { subjects, state, confidence, evidence, arithmetic, foundAt, decidedAt } = candidate
  const names = subjects.map((subject) => `${parts(subject)[0]} ${short(parts(subject)[1])}`).join(' and ')
  return [
    element('h3', {}, ...subjects.flatMap((subject, index) => [index > 0 && ' and ', memberLink(subject, shell)])),
    element('p', {}, `They may be one person’s: ${percent(confidence)} sure.`),
    element('ul', {}, ...evidence.map((each) => element('li', {}, addressSays(each)))),
    element(
      'details',
      {},
      element('summary', {}, 'Arithmetic'),
      element('p', { class: 'hint' }, 'The sum of these log-odds gives the confidence.'),
      element(
        'table',
        { class: 'arithmetic' },
        element(
          'tbody',
          {},
          ...Object.entries(arithmetic).map(([name, figure]) =>
            element('tr', {}, element('th', { scope: 'row' }, figureSays(name)), element('td', {}, String(figure))),
          ),
        ),
      ),
    ),
    element('p', { class: 'hint' }, decidedAt === null ? `Found ${time(foundAt)}.` : `${state === 'accepted' ? 'Accepted' : 'Refused'} ${time(decidedAt)}.`),
    state === 'open' &&
      element(
        'div',
        { class: 'bar' },
        element('button', { type: 'button', 'aria-label': `Accept ${names}`, click: () => shell.change([accept(candidate)]) }, 'Accept…'),
        element('button', { type: 'button', 'aria-label': `Refuse ${names}`, click: () => shell.change([refuse(candidate)]) }, 'Refuse…'),
      ),
  ]
}

/** Shows a user or visitor as a link to its graph. */
export function memberLink(member: string, shell: Shell): HTMLElement {
  const [kind, id] = parts(member)
  const name = kind === 'user' ? id : short(id)
  return element(
    'button',
    { type: 'button', class: 'link', 'aria-label': `${name}: graph of ${kind} ${id}`, click: () => shell.navigate({ id: member, show: 'graph' }) },
    symbol(kind),
    ` ${name}`,
  )
}

/**
 * Returns the open candidates in which one of these visitors is, or both; `isComplete` is false if there were too many to
 * look through.
 */
export async function candidatesOf(
  api: Api,
  visitorIds: string[],
  areBoth: boolean,
  signal: AbortSignal,
): Promise<{ found: Candidate[]; isComplete: boolean }> {
  const wanted = new Set(visitorIds)
  // The service finds those of one visitor itself.
  const [first = ''] = visitorIds
  const about = areBoth || visitorIds.length === 1 ? `visitor:${first}` : null
  const found: Candidate[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await api.candidates({ state: 'open', bound: 0, about, cursor, limit: PAGE }, signal)
    found.push(
      ...answer.items.filter((each) => (areBoth ? each.visitorIds.every((id) => wanted.has(id)) : each.visitorIds.some((id) => wanted.has(id)))),
    )
    cursor = answer.nextCursor
    if (cursor === null) {
      break
    }
  }
  return { found, isComplete: cursor === null }
}
