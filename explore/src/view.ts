/** What the page shows. The part of the address behind `#` holds it, so no log of a server has the ids in it. */
export interface View {
  /** The id as it was typed; empty before the first search. */
  id: string
  show: 'graph' | 'journey'
  depth: number
  /** The confidence, 0–1, below which edges are hidden. */
  bound: number
  /** As of this time, in RFC 3339; null for now. */
  at: string | null
}

export const FIRST_VIEW: View = { id: '', show: 'graph', depth: 2, bound: 0.5, at: null }

/** Reads a view from the address; whatever is not a value of its field counts as absent. */
export function readView(hash: string): View {
  const read = new URLSearchParams(hash.replace(/^#/, ''))
  const depth = Number(read.get('depth'))
  const bound = read.has('min') ? Number(read.get('min')) : NaN
  const at = read.get('at')
  return {
    id: read.get('id')?.trim() ?? '',
    show: read.get('view') === 'journey' ? 'journey' : 'graph',
    depth: [1, 2, 3].includes(depth) ? depth : FIRST_VIEW.depth,
    bound: bound >= 0 && bound <= 1 ? bound : FIRST_VIEW.bound,
    at: at === null ? null : timeOf(at),
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
  const written = new URLSearchParams()
  if (view.id !== '') {
    written.set('id', view.id)
  }
  if (view.show !== FIRST_VIEW.show) {
    written.set('view', view.show)
  }
  if (view.depth !== FIRST_VIEW.depth) {
    written.set('depth', String(view.depth))
  }
  if (view.bound !== FIRST_VIEW.bound) {
    written.set('min', String(view.bound))
  }
  if (view.at !== null) {
    written.set('at', view.at)
  }
  return `#${written.toString()}`
}
