import { candidateList } from './candidates'
import { byId, element } from './element'
import { openPages } from './pages'
import type { Shell } from './shell'
import { STATES, type View } from './view'
import type { Candidate } from './wire'

const NONE = {
  open: 'No candidate is open at this confidence. A job looks for candidates once a day.',
  accepted: 'No candidate was accepted at this confidence.',
  refused: 'No candidate was refused at this confidence.',
}

/** The list of candidates: visitors that may be one person's, for somebody to decide. */
export function openCandidates(shell: Shell): { show(): Promise<void>; forget(): void } {
  const place = byId('candidates')
  const list = element('div')
  const pages = openPages<Candidate>(shell, list, {
    noun: 'candidate',
    ask: (api, view, cursor, signal) => api.candidates({ state: view.state, bound: view.bound, cursor }, signal),
    drawn: (items, view) => (items.length === 0 ? element('p', { class: 'card' }, NONE[view.state]) : candidateList(items, shell)),
  })
  const state = element(
    'select',
    { change: () => shell.navigate({ state: state.value as View['state'] }) },
    ...STATES.map((each) => element('option', { value: each }, each)),
  )
  place.replaceChildren(
    element('h2', {}, 'Candidates'),
    element('p', { class: 'hint' }, 'Two devices that were at the same address on the same days may be one person’s. Nothing follows from it until somebody decides.'),
    element('div', { class: 'bar' }, element('label', {}, 'State', state)),
    list,
    pages.more,
  )

  return {
    async show() {
      state.value = shell.view().state
      await pages.load()
    },
    forget: pages.forget,
  }
}
