import type { IngestLag } from './wire'

const UNITS: [string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** Says how long something took, in its largest unit with one decimal. */
export function duration(milliseconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => milliseconds >= each) ?? ['millisecond', 1]
  const figure = Math.round((milliseconds / size) * 10) / 10
  return `${figure} ${unit}${figure === 1 ? '' : 's'}`
}

/** Says how long events take from when they happen to when they come in. */
export function lagSays({ events, p50Milliseconds, p95Milliseconds }: IngestLag): string {
  if (p50Milliseconds === null || p95Milliseconds === null) {
    return 'No event came yet.'
  }
  const which = events === 1 ? 'The latest event' : `Of the latest ${events.toLocaleString('en')} events, half`
  const rest = events === 1 ? '' : `, and 95 of 100 within ${duration(p95Milliseconds)}`
  return `${which} came within ${duration(p50Milliseconds)} of when ${events === 1 ? 'it' : 'they'} happened${rest}.`
}
