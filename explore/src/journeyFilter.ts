import { deviceSays } from './journey'
import type { JourneyEvent } from './wire'

/** Which events of those that were read are shown; an empty field leaves none out. */
export interface JourneyFilter {
  event: string
  /** The id of the device's visitor. */
  device: string
}

/** Returns the events that pass a filter, in their order. */
export const filtered = (events: JourneyEvent[], { event, device }: JourneyFilter): JourneyEvent[] =>
  events.filter(({ eventName, visitorId }) => (event === '' || eventName === event) && (device === '' || visitorId === device))

/** Returns the names of events, each once, in alphabetical order. What is chosen is offered even if no event has it. */
export const eventNames = (events: JourneyEvent[], chosen: string): string[] =>
  [...new Set([...events.map(({ eventName }) => eventName), ...(chosen === '' ? [] : [chosen])])].sort((a, b) => a.localeCompare(b))

/** Returns the devices, each with what it is, in the order of their first events. */
export function devices(events: JourneyEvent[], chosen: string): [visitorId: string, says: string][] {
  const found = new Map<string, string>()
  for (const event of events) {
    if (!found.has(event.visitorId)) {
      found.set(event.visitorId, deviceSays(event))
    }
  }
  if (chosen !== '' && !found.has(chosen)) {
    found.set(chosen, 'no event yet')
  }
  return [...found]
}
