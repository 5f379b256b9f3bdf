import type { JourneyEvent } from './wire'

/** A stretch of the time axis, in ms since 1970 and in pixels. A gap is a stretch without events, drawn short. */
export interface Stretch {
  from: number
  to: number
  left: number
  width: number
  gap: boolean
}

export interface Bar {
  sessionId: string
  from: number
  to: number
  events: JourneyEvent[]
}

/** A device with its sessions, in the order in which they began. */
export interface Lane {
  visitorId: string
  bars: Bar[]
}

const GAP_MS = 30 * 60 * 1000
const GAP_WIDTH = 70
/** Wide enough for the time at which the stretch begins. */
const STRETCH_WIDTH_MIN = 90
/** So many pixels has an hour of visits; a short visit gets `STRETCH_WIDTH_MIN`, and room for its marks. */
const HOUR_WIDTH = 240
const EVENT_WIDTH = 16

/** Returns a lane per visitor, in the order of their first events. */
export function lanesOf(events: JourneyEvent[]): Lane[] {
  const lanes = new Map<string, Map<string, Bar>>()
  for (const event of events) {
    const bars = lanes.get(event.visitorId) ?? new Map<string, Bar>()
    lanes.set(event.visitorId, bars)
    const at = Date.parse(event.timestamp)
    const bar = bars.get(event.sessionId) ?? { sessionId: event.sessionId, from: at, to: at, events: [] }
    bars.set(event.sessionId, bar)
    bar.from = Math.min(bar.from, at)
    bar.to = Math.max(bar.to, at)
    bar.events.push(event)
  }
  return [...lanes].map(([visitorId, bars]) => ({ visitorId, bars: [...bars.values()].sort((a, b) => a.from - b.from) }))
}

/**
 * Returns the time axis. Half an hour and more without an event, on any device, is a gap of one width, since days
 * between visits of minutes would leave the visits no room.
 *
 * @param room A width in pixels that the axis fills, unless it needs more.
 */
export function axisOf(events: JourneyEvent[], room = 0): Stretch[] {
  const times = events.map((event) => Date.parse(event.timestamp)).sort((a, b) => a - b)
  const stretches: Stretch[] = []
  let left = 0
  let begun = 0
  const close = (last: number): void => {
    const [from, to] = [times[begun] ?? 0, times[last] ?? 0]
    const width = Math.max(STRETCH_WIDTH_MIN, ((to - from) / 3_600_000) * HOUR_WIDTH, (last - begun) * EVENT_WIDTH)
    stretches.push({ from, to, left, width, gap: false })
    left += width
  }
  times.forEach((at, index) => {
    const before = times[index - 1]
    if (before !== undefined && at - before >= GAP_MS) {
      close(index - 1)
      stretches.push({ from: before, to: at, left, width: GAP_WIDTH, gap: true })
      left += GAP_WIDTH
      begun = index
    }
  })
  if (times.length > 0) {
    close(times.length - 1)
  }
  return filling(stretches, room)
}

/** Widens all stretches but the gaps alike. */
function filling(stretches: Stretch[], room: number): Stretch[] {
  const width = (some: Stretch[]): number => some.reduce((sum, stretch) => sum + stretch.width, 0)
  const gaps = width(stretches.filter((stretch) => stretch.gap))
  const factor = Math.max(1, (room - gaps) / (width(stretches) - gaps))
  let left = 0
  return stretches.map((stretch) => {
    const widened = { ...stretch, left, width: stretch.gap ? stretch.width : stretch.width * factor }
    left += widened.width
    return widened
  })
}

/** Returns where a time is on the axis, in pixels. */
export function placeOn(axis: Stretch[], at: number): number {
  const on = axis.find((stretch) => !stretch.gap && stretch.from <= at && at <= stretch.to)
  if (on === undefined) {
    return 0
  }
  return on.left + (on.to === on.from ? 0.5 : (at - on.from) / (on.to - on.from)) * on.width
}

/** Says how long a gap is, in its largest unit. */
export function lengthSays(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  const [count, unit] =
    minutes < 120 ? [minutes, 'minute'] : minutes < 2880 ? [Math.round(minutes / 60), 'hour'] : [Math.round(minutes / 1440), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
