import { addressOf } from './address'
import { openAddress } from './addressView'
import { Refused, connect, type Api } from './api'
import { openCandidates } from './candidatesView'
import { reveal, type Change, type Made } from './changes'
import { openClusters } from './clustersView'
import { openDialog } from './dialog'
import { byId, element } from './element'
import { focusHeading } from './focus'
import { openGraph } from './graphView'
import { openJourney } from './journeyView'
import { takeToken } from './link'
import { openOverview } from './overviewView'
import { findSource, orNothing, summary, type Person, type Source } from './person'
import { problem } from './problem'
import type { Shell } from './shell'
import { isInferable, subjectOf } from './subject'
import { SHOWS, isOfId, readView, writeView, type View } from './view'
import { openWhatIf } from './whatIfView'
import { percent, time } from './words'

/** Runs the page: reads the view from the address, and lets the part of the page that it names load and show it. */
export function run(): void {
  let api: Api | null = null
  const given = takeToken()
  let view = readView(location.hash)
  let person: Person | null = null
  /** Something was changed since the person was found. */
  let isStale = false
  let loading = new AbortController()
  /** Counts who signed in and out. */
  let signIns = 0

  const key = byId<HTMLInputElement>('key')
  const search = byId<HTMLInputElement>('search-id')
  const depth = byId<HTMLSelectElement>('depth')
  const bound = byId<HTMLInputElement>('bound')
  const at = byId<HTMLInputElement>('at')
  const shell: Shell = {
    view: () => view,
    api: () => api,
    signal: () => loading.signal,
    navigate,
    say(text) {
      byId('problem').replaceChildren()
      say(text)
    },
    fail: (failure, again) => fail(failure, again),
    refuses,
    change,
  }
  const graph = openGraph(shell)
  const journey = openJourney(shell)
  const seenAt = openAddress(shell)
  const lists = { candidates: openCandidates(shell), clusters: openClusters(shell), overview: openOverview(shell), 'what-if': openWhatIf(shell) }

  byId('sign-in').addEventListener('submit', (event) => {
    event.preventDefault()
    void signIn(key.value.trim())
  })
  byId('sign-out').addEventListener('click', () => signOut(null))
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault()
    // To search for the same id again is to ask what is new.
    person = null
    const id = search.value.trim()
    navigate({ id, ...(!isOfId(view) && { show: 'graph' as const }), ...(id !== view.id && { event: '', device: '' }) })
  })
  for (const show of SHOWS) {
    byId(`show-${show}`).addEventListener('click', () => navigate({ show, cluster: '' }))
  }
  depth.addEventListener('change', () => navigate({ depth: Number(depth.value) }))
  bound.addEventListener('input', () => {
    byId('bound-says').textContent = percent(Number(bound.value) / 100)
    graph.hideBelow(Number(bound.value) / 100)
  })
  bound.addEventListener('change', () => {
    // Each step of the slider is not a step back.
    history.replaceState(null, '', writeView({ ...view, bound: Number(bound.value) / 100 }))
    void show()
  })
  at.addEventListener('change', () => {
    // A year that is being typed begins with zeros, which the field's bound refuses.
    if (at.validity.valid) {
      navigate({ at: at.value === '' ? null : new Date(at.value).toISOString() })
    }
  })
  byId('now').addEventListener('click', () => navigate({ at: null }))
  addEventListener('hashchange', () => {
    const token = takeToken()
    if (token === null) {
      void show()
    } else {
      signOut(null)
      void signIn(token)
    }
  })
  void (given === null ? show() : signIn(given))

  async function signIn(secretKey: string): Promise<void> {
    byId('sign-in-problem').replaceChildren(element('p', { class: 'hint', role: 'status' }, 'Signing in…'))
    signIns += 1
    const turn = signIns
    const found = connect(secretKey)
    void show()
    try {
      await found.tryKey()
    } catch (failure) {
      if (turn === signIns) {
        byId('sign-in-problem').replaceChildren(problem(failure, () => void signIn(secretKey)))
        key.focus()
      }
      return
    }
    if (turn !== signIns) {
      // Somebody signed in with another key, or out, before the answer came.
      return
    }
    api = found
    key.value = ''
    byId('sign-in-problem').replaceChildren()
    byId('read-only').hidden = !found.readsOnly
    const shown = show()
    // Whoever has gone on to something else while the key was checked stays there.
    const focused = document.activeElement
    if (focused === null || focused === document.body || byId('sign-in').contains(focused)) {
      search.focus()
    }
    await shown
  }

  /** Forgets who was shown, and leaves nothing of them in the page. */
  function forget(): void {
    person = null
    graph.forget()
    journey.forget()
    seenAt.forget()
    byId('summary').replaceChildren()
    byId('problem').replaceChildren()
  }

  /** Forgets the key and all that was read with it. */
  function signOut(failure: Refused | null): void {
    loading.abort()
    forget()
    Object.values(lists).forEach((list) => list.forget())
    byId('outcome').replaceChildren()
    byId<HTMLDialogElement>('dialog').close()
    signIns += 1
    api = null
    void show()
    byId('sign-in-problem').replaceChildren(...(failure === null ? [] : [problem(failure, null)]))
    key.focus()
  }

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
    if (person?.id !== view.id) {
      forget()
    }
    showControls()
    graph.dropLate()
    loading.abort()
    loading = new AbortController()
    const { signal } = loading
    byId('problem').replaceChildren()
    if (api === null || (isOfId(view) && view.id === '')) {
      say('')
      return
    }
    say('Loading…')
    try {
      const address = addressSought()
      if (address !== null) {
        await seenAt.show(address)
      } else if (view.show === 'graph' || view.show === 'journey') {
        await showPerson(await find(api, signal))
      } else {
        byId(view.show).hidden = false
        await lists[view.show].show()
      }
      if (!signal.aborted) {
        focusHeading(byId(address !== null ? 'seen-at' : isOfId(view) ? 'summary' : view.show))
      }
    } catch (failure) {
      if (signal.aborted) {
        return
      }
      if (failure instanceof Refused && failure.status === 404 && isOfId(view)) {
        forget()
      }
      byId(view.show).hidden = true
      fail(failure, () => void show(), revealing(failure))
    }
  }

  /** Returns the address that is asked about in place of a person, or null. */
  function addressSought(): string | null {
    return isOfId(view) ? addressOf(view.id) : null
  }

  function showControls(): void {
    byId('sign-in').hidden = api !== null
    byId('explorer').hidden = byId('sign-out').hidden = api === null
    search.value = view.id
    depth.value = String(view.depth)
    bound.value = String(Math.round(view.bound * 100))
    byId('bound-says').textContent = percent(view.bound)
    at.value = view.at === null ? '' : localTime(view.at)
    byId('at-says').textContent = view.at === null ? '' : `As of ${time(view.at)}.`
    document.title = [isOfId(view) ? view.id : titles[view.show], 'Whograph explorer'].filter(Boolean).join(' · ')
    for (const each of SHOWS) {
      byId(`show-${each}`).setAttribute('aria-pressed', String(view.show === each))
      byId(each).hidden = view.show !== each || (isOfId(view) && person === null)
    }
    const isOfPerson = isOfId(view) && addressSought() === null
    byId('only-graph').hidden = view.show !== 'graph' || !isOfPerson
    byId('only-of-id').hidden = byId('at-says').hidden = !isOfPerson
    byId('only-bound').hidden = !isOfPerson && view.show !== 'candidates'
    byId('summary').hidden = !isOfId(view)
    byId('seen-at').hidden = addressSought() === null
    byId('empty').hidden = !isOfId(view) || view.id !== ''
  }

  async function showPerson(found: Person): Promise<void> {
    byId('summary').replaceChildren(...summary(found.identity, view.at))
    byId(view.show).hidden = false
    await (view.show === 'graph' ? graph.show(found) : journey.show(found))
  }

  async function find(asking: Api, signal: AbortSignal): Promise<Person> {
    const { id, bound } = view
    const subject = subjectOf(id)
    const before = person
    if (before !== null && !isStale && (before.bound === bound || !isInferable(subject))) {
      return before
    }
    const found = await findSource(asking, subject, bound, signal)
    const identity = await asking.identity(found.identityId, bound, signal)
    let others = before?.sources.slice(1) ?? []
    if (isStale) {
      const again = await Promise.all(others.map((source) => findSource(asking, source.subject, bound, signal).catch(orNothing)))
      others = again.filter((source): source is Source => source !== null)
    }
    signal.throwIfAborted()
    if (!isStale && before?.identity.identityId !== identity.identityId) {
      forget()
      others = []
    }
    isStale = false
    person = { id, bound, identity, sources: [found, ...others] }
    return person
  }

  /** Asks for a reason, makes one of the changes, and shows what came of it with the graph as it is then. */
  function change(changes: Change[]): void {
    const asking = api
    if (asking === null) {
      return
    }
    if (asking.readsOnly) {
      fail(new Refused(403, 'read_only', 'A link only reads.'), () => change(changes))
      return
    }
    openDialog(changes, {
      api: asking,
      refuses: (failure) => refuses(failure, asking),
      done(made) {
        if (asking === api) {
          showOutcome(made)
          isStale = true
          graph.refresh()
          journey.forget()
          void show()
        }
      },
    })
  }

  function showOutcome({ says, undo }: Made): void {
    const close = (): void => {
      byId('outcome').replaceChildren()
      byId(`show-${view.show}`).focus()
    }
    const outcome = element(
      'div',
      { class: 'outcome', role: 'group', tabindex: -1, 'aria-labelledby': 'outcome-says' },
      element('p', { id: 'outcome-says' }, says),
      undo !== null && element('button', { type: 'button', click: () => change([undo]) }, 'Undo…'),
      element('button', { type: 'button', click: close }, 'Dismiss'),
    )
    byId('outcome').replaceChildren(outcome)
    outcome.focus()
  }

  /** Shows a failure, with a button for the same call again, or another way out; signs out if the key counts no more. */
  function fail(failure: unknown, again: () => void, otherwise: HTMLElement | false = false): void {
    say('')
    if (!refuses(failure, api)) {
      byId('problem').replaceChildren(problem(failure, again, otherwise))
    }
  }

  /** Offers to show the user whom the page was asked for, if it may be hidden. */
  function revealing(failure: unknown): HTMLElement | false {
    const { kind, id } = subjectOf(view.id)
    const mayBeHidden = failure instanceof Refused && failure.code === 'user_not_found' && kind === 'user' && isOfId(view)
    return mayBeHidden && element('button', { type: 'button', click: () => change([reveal(id, null)]) }, 'Show a hidden user…')
  }

  function refuses(failure: unknown, asking: Api | null): boolean {
    const isKeyRefused = failure instanceof Refused && failure.status === 401 && asking === api
    if (isKeyRefused) {
      signOut(failure)
    }
    return isKeyRefused
  }
}

const titles: Record<string, string> = { candidates: 'Candidates', clusters: 'Clusters', overview: 'Overview', 'what-if': 'What if' }

function say(text: string): void {
  byId('status').textContent = text
}

/** Writes a time as the field of date and time has it: local, without a zone. */
function localTime(rfc3339: string): string {
  const time = new Date(rfc3339)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
