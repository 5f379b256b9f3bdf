import { element } from './element'
import type { Offer } from './offers'
import { parts, subjectOfNode } from './subject'
import { symbol } from './shapes'
import type { GraphEdge, GraphNode } from './wire'
import { capitalised, edgeSays, methodSays, nodeName, nodeSays, percent, plain, time } from './words'

/** What the panel can do with what it shows. */
export interface Deeds {
  expand(id: string): void
  release(id: string): void
  compare(a: string, b: string): void
  isPinned(id: string): boolean
  /** Asks for a reason and makes one of the offered changes. */
  change(offer: Offer): void
  /** Shows who was seen at an address. */
  lookAt(id: string): void
  /** Shows the candidates that are about these nodes. */
  seek(ids: string[]): void
}

export function nothingChosen(deeds: Deeds): HTMLElement {
  return element(
    'div',
    {},
    element('h2', {}, 'Why?'),
    element('p', { class: 'hint' }, 'Choose an edge to read why it is there, or two nodes to ask whether they are the same person. Hold Shift to choose a second node, or use the table.'),
    button('Candidates among these visitors', 'Candidates', () => deeds.seek([])),
  )
}

export function nodePanel(node: GraphNode, offers: Offer[], deeds: Deeds): HTMLElement {
  const [kind, id] = parts(node.id)
  const expandable = subjectOfNode(node.id) !== null
  return element(
    'div',
    {},
    element('h2', {}, symbol(kind), ` ${capitalised(kind)}`),
    element('p', { class: 'id' }, id),
    facts(nodeSays(node)),
    expandable
      ? button(`Expand ${nodeName(node.id)}`, 'Expand', () => deeds.expand(node.id))
      : element('p', { class: 'hint' }, `${kind === 'address' ? 'An' : 'A'} ${kind} is nobody’s alone, so it cannot be expanded. ${kind === 'jar' ? 'Expand its tenures instead.' : 'Depth 3 shows who else has it.'}`),
    kind === 'address' && button(`Who was seen at ${id}`, 'Who was here', () => deeds.lookAt(node.id)),
    deeds.isPinned(node.id) && button(`Let ${nodeName(node.id)} move again`, 'Unpin', () => deeds.release(node.id)),
    ...changeButtons(offers, deeds),
    kind === 'visitor' && button(`Candidates with ${nodeName(node.id)}`, 'Candidates', () => deeds.seek([node.id])),
    element('p', { class: 'hint' }, 'Choose a second node with Shift, or in the table, to ask whether the two are the same person.'),
  )
}

export function pairPanel(a: string, b: string, offers: Offer[], deeds: Deeds): HTMLElement {
  const dumb = [a, b].filter((id) => subjectOfNode(id) === null)
  return element(
    'div',
    {},
    element('h2', {}, 'Two nodes'),
    element('ul', { class: 'pair' }, ...[a, b].map((id) => element('li', {}, symbol(parts(id)[0]), ` ${nodeName(id)}`))),
    dumb.length === 0
      ? button('Are these the same person?', 'Are these the same person?', () => deeds.compare(a, b))
      : element('p', { class: 'hint' }, `Only visitors, users, sessions and tenures can be the same person. ${capitalised(nodeName(dumb[0] ?? ''))} is none of these.`),
    ...changeButtons(offers, deeds),
    [a, b].every((id) => parts(id)[0] === 'visitor') && button('Candidates of the two', 'Candidates', () => deeds.seek([a, b])),
  )
}

export function edgePanel(edge: GraphEdge, offers: Offer[], deeds: Deeds): HTMLElement {
  return element(
    'div',
    {},
    element('h2', {}, 'Why this edge?'),
    element('p', {}, edgeSays(edge)),
    facts([
      ['kind', plain(edge.kind)],
      ['confidence', percent(edge.confidence)],
      ['method', methodSays(edge.method)],
      ['last seen', edge.lastSeen === null ? 'no time is kept for it' : time(edge.lastSeen)],
    ]),
    ...changeButtons(offers, deeds),
  )
}

const changeButtons = (offers: Offer[], deeds: Deeds): HTMLElement[] =>
  offers.map((offer) => element('button', { type: 'button', click: () => deeds.change(offer) }, offer.text))

function facts(pairs: [string, string][]): HTMLElement {
  return element('dl', { class: 'facts' }, ...pairs.flatMap(([name, value]) => [element('dt', {}, capitalised(name)), element('dd', {}, value)]))
}

function button(label: string, text: string, pressed: () => void): HTMLElement {
  return element('button', { type: 'button', 'aria-label': label, click: pressed }, text)
}
