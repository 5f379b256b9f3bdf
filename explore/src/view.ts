/** The views of the page. `graph` and `journey` are about one id. */
export const SHOWS = ['graph', 'journey', 'candidates', 'clusters', 'overview', 'what-if'] as const
export const STATES = ['open', 'accepted', 'refused'] as const
/** The orders of the clusters; the service names them. */
export const ORDERS = ['size', 'doubt'] as const

/** What the page shows. The part of the address behind `#` holds it, so no log of a server has the ids in it. */
export interface View {
  /** The id as it was typed; empty before the first search. */
  id: string
  show: (typeof SHOWS)[number]
  depth: number
  /** The confidence, 0–1, below which edges and candidates are hidden. */
  bound: number
  /** As of this time, in RFC 3339; null for now. */
  at: string | null
  /** The state of the candidates that are listed. */
  state: (typeof STATES)[number]
  /** The label of the clusters that are listed; empty for all. */
  label: string
  /** The user or visitor whose cluster is listed, as it was typed; empty for all. */
  about: string
  order: (typeof ORDERS)[number]
  /** The cluster that is open; empty for the list. */
  cluster: string
  /** The name of the events, and the visitor of the device, that a journey shows; empty for all. */
  event: string
  device: string
  /** The fields of another policy, as `policy.ts` writes them; empty for none. */
  set: string
}

export const FIRST_VIEW: View = { id: '', show: 'graph', depth: 2, bound: 0.5, at: null, state: 'open', label: '', about: '', order: 'size', cluster: '', event: '', device: '', set: '' }

/** Whether a view is about the id. */
export const isOfId = ({ show }: View): boolean => show === 'graph' || show === 'journey'

/** Reads a view from the address; whatever is not a value of its field counts as absent. */
export function readView(hash: string): View {
  const read = new URLSearchParams(hash.replace(/^#/, ''))
  const depth = Number(read.get('depth'))
  const bound = read.has('min') ? Number(read.get('min')) : NaN
  const at = read.get('at')
  return {
    id: read.get('id')?.trim() ?? '',
    show: SHOWS.find((show) => show === read.get('view')) ?? FIRST_VIEW.show,
    depth: [1, 2, 3].includes(depth) ? depth : FIRST_VIEW.depth,
    bound: bound >= 0 && bound <= 1 ? bound : FIRST_VIEW.bound,
    at: at === null ? null : timeOf(at),
    state: STATES.find((state) => state === read.get('state')) ?? FIRST_VIEW.state,
    label: read.get('label') ?? '',
    about: read.get('about')?.trim() ?? '',
    order: ORDERS.find((order) => order === read.get('order')) ?? FIRST_VIEW.order,
    cluster: read.get('cluster') ?? '',
    event: read.get('event') ?? '',
    device: read.get('device') ?? '',
    set: read.get('set') ?? '',
  }
}

/** Returns a time as the service reads it; null if it is none, or of a year that the field does not offer. */
function timeOf(text: string): string | null {
  const time = new Date(text)
  const year = time.getUTCFullYear()
  return year >= 2000 && year <= 9999 ? time.toISOString() : null
}

/** Writes a view as the part of the address behind `#`; what is as in the first view is left out. */
export function writeView(view: View): string {
  const { id, show, depth, bound, at } = view
  const [isCandidates, isClusters, isJourney] = [show === 'candidates', show === 'clusters', show === 'journey']
  const fields: [string, string | number | null, string | number | null][] = [
    ['id', id, FIRST_VIEW.id],
    ['view', show, FIRST_VIEW.show],
    ['depth', depth, FIRST_VIEW.depth],
    ['min', bound, FIRST_VIEW.bound],
    ['at', at, FIRST_VIEW.at],
    ['state', isCandidates ? view.state : FIRST_VIEW.state, FIRST_VIEW.state],
    ['label', isClusters ? view.label : '', ''],
    ['about', isClusters ? view.about : '', ''],
    ['order', isClusters ? view.order : FIRST_VIEW.order, FIRST_VIEW.order],
    ['cluster', isClusters ? view.cluster : '', ''],
    ['event', isJourney ? view.event : '', ''],
    ['device', isJourney ? view.device : '', ''],
    ['set', show === 'what-if' ? view.set : '', ''],
  ]
  const written = new URLSearchParams()
  for (const [name, value, first] of fields) {
    if (value !== first) {
      written.set(name, String(value))
    }
  }
  return `#${written.toString()}`
}
