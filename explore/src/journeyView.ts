import { byId, element } from './element'
import { oneAtATime } from './focus'
import { journey } from './journey'
import type { Person } from './person'
import type { Shell } from './shell'
import type { JourneyEvent } from './wire'
import { counted } from './words'

interface Journey {
  of: string
  events: JourneyEvent[]
  cursor: string | null
}

/** The events of an identity, page by page. */
export function openJourney(shell: Shell): { show(of: Person): Promise<void>; forget(): void } {
  let read: Journey | null = null
  const more = byId<HTMLButtonElement>('more')
  oneAtATime(more, loadMore)

  function draw(): void {
    if (read === null) {
      return
    }
    const { events, cursor } = read
    byId('events').replaceChildren(...(events.length === 0 ? [element('p', { class: 'hint' }, 'There are no events.')] : journey(events, byId('events').clientWidth)))
    more.hidden = cursor === null
    shell.say(cursor === null ? `${counted(events.length, 'event')} in all.` : `The first ${counted(events.length, 'event')}.`)
  }

  async function loadMore(): Promise<void> {
    const api = shell.api()
    if (api === null || read === null || read.cursor === null) {
      return
    }
    const [before, signal] = [read, shell.signal()]
    const [identityId = ''] = before.of.split(' ')
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
        read = { of: wanted, events: page.items, cursor: page.nextCursor }
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
