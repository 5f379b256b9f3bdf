import { candidateList } from './candidates'
import { byId, element } from './element'
import { oneAtATime } from './focus'
import type { Shell } from './shell'
import { STATES, type View } from './view'
import type { Candidate } from './wire'
import { counted } from './words'

const NONE = {
  open: 'No candidate is open at this confidence. A job looks for candidates once a day.',
  accepted: 'No candidate was accepted at this confidence.',
  refused: 'No candidate was refused at this confidence.',
}

/** The list of candidates: visitors that may be one person's, for somebody to decide. */
export function openCandidates(shell: Shell): { show(): Promise<void>; forget(): void } {
  let items: Candidate[] = []
  let cursor: string | null = null
  const place = byId('candidates')
  const list = element('div')
  const more = element('button', { type: 'button' }, 'Load more')
  oneAtATime(more, loadMore)
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
    more,
  )

  async function load(afresh: boolean): Promise<void> {
    const api = shell.api()
    if (api === null) {
      return
    }
    const [view, signal] = [shell.view(), shell.signal()]
    shell.say('Loading…')
    const page = await api.candidates({ state: view.state, bound: view.bound, cursor: afresh ? null : cursor }, signal)
    signal.throwIfAborted()
    items = afresh ? page.items : [...items, ...page.items]
    cursor = page.nextCursor
    list.replaceChildren(items.length === 0 ? element('p', { class: 'card' }, NONE[view.state]) : candidateList(items, shell))
    more.hidden = cursor === null
    shell.say(`${counted(items.length, 'candidate')}${cursor === null ? '' : ', and more'}.`)
  }

  async function loadMore(): Promise<void> {
    const signal = shell.signal()
    try {
      await load(false)
    } catch (failure) {
      if (!signal.aborted) {
        shell.fail(failure, () => more.click())
      }
    }
  }

  function forget(): void {
    items = []
    cursor = null
    list.replaceChildren()
    more.hidden = true
  }

  return {
    async show() {
      state.value = shell.view().state
      forget()
      await load(true)
    },
    forget,
  }
}
