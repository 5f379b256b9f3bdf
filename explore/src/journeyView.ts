import { byId, element } from './element'
import { oneAtATime } from './focus'
import { journey } from './journey'
import { devices, eventNames, filtered } from './journeyFilter'
import type { Person } from './person'
import type { Shell } from './shell'
import type { JourneyEvent } from './wire'
import { counted, short } from './words'

interface Journey {
  of: string
  identityId: string
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
    const { events, identityId, cursor } = read
    const view = shell.view()
    const shown = filtered(events, view)
    offer(event, 'All events', eventNames(events, view.event).map((name) => [name, name]), view.event)
    offer(device, 'All devices', devices(events, view.device).map(([id, says]) => [id, `${says}, ${short(id)}`]), view.device)
    const nothing = element('p', { class: 'hint' }, events.length === 0 ? 'There are no events.' : 'None of these events is of that name and device.')
    byId('events').replaceChildren(...(shown.length === 0 ? [nothing] : journey(shown, identityId, byId('events').clientWidth)))
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
    const { identityId } = before
    shell.say('Loading…')
    try {
      const page = await api.journey(identityId, { bound: shell.view().bound, cursor: before.cursor }, signal)
      signal.throwIfAborted()
      read = { ...before, events: [...before.events, ...page.items], cursor: page.nextCursor }
      draw()
    } catch (failure) {
      if (!signal.aborted) {
        shell.fail(failure, () => more.click())
      }
    }
  }

  return {
    async show(of) {
      const api = shell.api()
      const [{ bound }, signal] = [shell.view(), shell.signal()]
      const wanted = `${of.identity.identityId} ${bound}`
      if (api !== null && read?.of !== wanted) {
        const page = await api.journey(of.identity.identityId, { bound, cursor: null }, signal)
        signal.throwIfAborted()
        read = { of: wanted, identityId: of.identity.identityId, events: page.items, cursor: page.nextCursor }
      }
      draw()
    },
    forget() {
      read = null
      byId('events').replaceChildren()
      more.hidden = true
    },
  }
}

/** Fills a list of choices, with a first one for all, and chooses one. */
function offer(list: HTMLSelectElement, all: string, choices: [value: string, says: string][], chosen: string): void {
  list.replaceChildren(...[['', all] as const, ...choices].map(([value, says]) => element('option', { value, selected: value === chosen }, says)))
}
