import { byId, element } from './element'
import type { Shell } from './shell'
import { table } from './tables'
import { counted, time } from './words'

const LIMIT = 100

/** The visitors that were seen at an address, the latest first. */
export function openAddress(shell: Shell): { show(address: string): Promise<void>; forget(): void } {
  const place = byId('seen-at')

  function link(text: string, id: string): HTMLElement {
    return element('button', { type: 'button', class: 'link', click: () => shell.navigate({ id, show: 'graph' }) }, text)
  }

  return {
    async show(address) {
      const api = shell.api()
      const signal = shell.signal()
      if (api === null) {
        return
      }
      const { rows } = await api.seenAt(address, LIMIT, signal)
      signal.throwIfAborted()
      place.replaceChildren(
        element('h2', {}, `Seen at ${address}`),
        rows.length === 0
          ? element('p', { class: 'card' }, `Nobody was seen at ${address}. If that is a user of yours, search for user:${address}.`)
          : table(
              `Visitors (${rows.length})`,
              ['Visitor', 'Users', 'Devices', 'First seen here', 'Last seen here'],
              rows.map((row) => [
                [link(row.visitor_id, row.visitor_id)],
                row.who.flatMap((user, at) => [at > 0 && ', ', link(user, `user:${user}`)]),
                [row.devices.join('; ')],
                [time(row.first_seen)],
                [time(row.last_seen)],
              ]),
            ),
      )
      shell.say(rows.length === LIMIT ? `The latest ${LIMIT} visitors.` : `${counted(rows.length, 'visitor')}.`)
    },
    forget() {
      place.replaceChildren()
    },
  }
}
