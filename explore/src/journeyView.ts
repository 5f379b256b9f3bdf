import type { Api } from './api'
import { byId, element } from './element'
import { oneAtATime } from './focus'
import { journey } from './journey'
import { devices, eventNames, filtered } from './journeyFilter'
import type { Person } from './person'
import type { Shell } from './shell'
import type { JourneyEvent } from './wire'
import { counted, short } from './words'

interface Journey {
  /** Whose journey it is, and from which confidence and as of when. */
  of: string
  /** The id by which it is asked for. */
  identityId: string
  bound: number
  at: string | null
  /** Whether it is a user's. */
  isOfUser: boolean
  events: JourneyEvent[]
  cursor: string | null
}

/** The events of an identity, page by page. */
export function openJourney(shell: Shell): { show(of: Person): Promise<void>; forget(): void } {
  let read: Journey | null = null
  const more = byId<HTMLButtonElement>('more')
  const event = byId<HTMLSelectElement>('only-event')
  const device = byId<HTMLSelectElement>('only-device')
  event.addEventListener('change', () => shell.navigate({ event: event.value }))
  device.addEventListener('change', () => shell.navigate({ device: device.value }))
  oneAtATime(more, loadMore)

  function draw(): void {
    if (read === null) {
      return
    }
    const { events, isOfUser, cursor, at } = read
    const view = shell.view()
    const shown = filtered(events, view)
    offer(event, 'All events', eventNames(events, view.event).map((name) => [name, name]), view.event)
    offer(device, 'All devices', devices(events, view.device).map(([id, says]) => [id, `${says}, ${short(id)}`]), view.device)
    const none = at === null ? 'There are no events.' : 'There were no events by then. Choose Now to see the present.'
    const nothing = element('p', { class: 'hint' }, events.length === 0 ? none : 'None of these events is of that name and device.')
    byId('events').replaceChildren(...(shown.length === 0 ? [nothing] : journey(shown, isOfUser, byId('events').clientWidth)))
    more.hidden = cursor === null
    const soFar = cursor === null ? `${counted(events.length, 'event')} in all` : `The first ${counted(events.length, 'event')}`
    shell.say(shown.length === events.length ? `${soFar}.` : `${soFar}, ${shown.length} of them shown.`)
  }

  async function loadMore(): Promise<void> {
    const api = shell.api()
    if (api === null || read === null || read.cursor === null) {
      return
    }
    const [before, signal] = [read, shell.signal()]
    shell.say('Loading…')
    try {
      const page = await api.journey(before.identityId, { bound: before.bound, at: before.at, cursor: before.cursor }, signal)
      signal.throwIfAborted()
      if (read !== before) {
        // Another journey came meanwhile.
        return
      }
      read = { ...before, events: [...before.events, ...page.items], cursor: page.nextCursor }
      draw()
    } catch (failure) {
      if (!signal.aborted) {
        shell.fail(failure, () => more.click())
      }
    }
  }

  /** Reads the first page. In the past it is asked for as the graph is, by the first id of those that had any events. */
  async function begin(api: Api, of: Person, { bound, at }: { bound: number; at: string | null }, signal: AbortSignal): Promise<Omit<Journey, 'of'>> {
    const ids = at === null ? [of.identity.identityId] : (of.sources[0]?.graphIds ?? [])
    const isOfUser = of.identity.userId !== null
    let found: Omit<Journey, 'of'> = { identityId: '', bound, at, isOfUser, events: [], cursor: null }
    for (const identityId of ids) {
      const page = await api.journey(identityId, { bound, at, cursor: null }, signal)
      found = { ...found, identityId, events: page.items, cursor: page.nextCursor }
      if (page.items.length > 0) {
        break
      }
    }
    return found
  }

  return {
    async show(of) {
      const api = shell.api()
      const [{ bound, at }, signal] = [shell.view(), shell.signal()]
      const wanted = `${of.identity.identityId} ${bound} ${at ?? ''}`
      if (api !== null && read?.of !== wanted) {
        const found = await begin(api, of, { bound, at }, signal)
        signal.throwIfAborted()
        read = { of: wanted, ...found }
      }
      draw()
    },
    forget() {
      read = null
      for (const each of [byId('events'), event, device]) {
        each.replaceChildren()
      }
      more.hidden = true
    },
  }
}

/** Fills a list of choices, with a first one for all, and chooses one. */
function offer(list: HTMLSelectElement, all: string, choices: [value: string, says: string][], chosen: string): void {
  list.replaceChildren(...[['', all] as const, ...choices].map(([value, says]) => element('option', { value, selected: value === chosen }, says)))
}
