import { drawn, element } from './element'
import { axisOf, lanesOf, lengthSays, placeOn, type Lane } from './lanes'
import { drawMark, legend, markOf, recognisedSays } from './marks'
import { table } from './tables'
import type { JourneyEvent } from './wire'
import { percent, short, time } from './words'

const LANE_HEIGHT = 56
const HEAD = 30
const SIDE = 150
/** Room at the right of the last mark, and at the left of the first. */
const MARGIN = 40
/** What the border and padding around the lanes take of their width. */
const FRAME = 24

/** Draws a journey: a lane per device, a bar per session and a mark per event, and below the same as a table. `room` is in pixels. */
export function journey(events: JourneyEvent[], isOfUser: boolean, room: number): HTMLElement[] {
  const lanes = lanesOf(events)
  return [
    element(
      'div',
      { class: 'scrolls lanes', tabindex: 0, role: 'region', 'aria-label': 'Lanes of devices, to scroll' },
      picture(events, lanes, isOfUser, room - FRAME),
    ),
    legend(),
    table(
      `Events (${events.length})`,
      ['Time', 'Event', 'Device', 'Session', 'Page', 'Confidence', 'Recognised'],
      events.map((event) => [
        [time(event.timestamp)],
        [event.eventName],
        [`${deviceSays(event)} `, element('span', { class: 'hint' }, short(event.visitorId))],
        [short(event.sessionId)],
        [event.page?.title ?? event.page?.url ?? ''],
        [percent(event.confidence)],
        [recognisedSays(markOf(event, isOfUser))],
      ]),
    ),
  ]
}

function picture(events: JourneyEvent[], lanes: Lane[], isOfUser: boolean, room: number): SVGElement {
  const axis = axisOf(events, room - SIDE - MARGIN)
  const end = axis.at(-1)
  const width = SIDE + (end ? end.left + end.width : 0) + MARGIN
  const height = HEAD + lanes.length * LANE_HEIGHT
  const x = (at: number): number => SIDE + 15 + placeOn(axis, at)
  const sessions = lanes.reduce((count, lane) => count + lane.bars.length, 0)
  return drawn(
    'svg',
    {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `${lanes.length} devices, ${sessions} sessions, ${events.length} events. The table below lists them.`,
    },
    drawn('text', { x: 4, y: 12, class: 'tick' }, 'Times in UTC'),
    ...axis.map((stretch) =>
      stretch.gap
        ? drawn(
            'g',
            { class: 'gap' },
            drawn('rect', { x: SIDE + 15 + stretch.left + 8, y: HEAD - 8, width: stretch.width - 16, height: height - HEAD + 8 }),
            drawn('text', { x: SIDE + 15 + stretch.left + stretch.width / 2, y: HEAD - 12, 'text-anchor': 'middle' }, lengthSays(stretch.to - stretch.from)),
          )
        : drawn(
            'text',
            { x: SIDE + 15 + stretch.left, y: 12, class: 'tick' },
            new Date(stretch.from).toISOString().slice(5, 16).replace('T', ' '),
          ),
    ),
    ...lanes.flatMap((lane, index) => {
      const y = HEAD + index * LANE_HEIGHT
      const [first] = lane.bars[0]?.events ?? []
      return [
        drawn('line', { x1: 0, x2: width, y1: y, y2: y, class: 'rule' }),
        drawn('text', { x: 4, y: y + 24, class: 'device' }, first ? deviceSays(first) : ''),
        drawn('text', { x: 4, y: y + 42, class: 'visitor' }, short(lane.visitorId)),
        ...lane.bars.flatMap((bar) => [
          drawn(
            'rect',
            { class: 'session', x: x(bar.from) - 7, y: y + 14, width: x(bar.to) - x(bar.from) + 14, height: 28, rx: 6 },
            drawn('title', {}, `Session ${bar.sessionId}, ${bar.events.length} events, from ${time(bar.events[0]?.timestamp ?? '')}`),
          ),
          ...bar.events.map((event) => {
            const mark = markOf(event, isOfUser)
            const says = `${event.eventName}, ${time(event.timestamp)}, ${percent(event.confidence)}, recognised ${recognisedSays(mark)}`
            return drawMark(mark, x(Date.parse(event.timestamp)), y + 28, says)
          }),
        ]),
      ]
    }),
  )
}

/** Says what a device is, by one of its events. */
export function deviceSays({ context }: JourneyEvent): string {
  return [context?.browser, context?.os].filter(Boolean).join(', ') || 'a server'
}
