import { edgeId, type Shown } from './drawing'
import { element } from './element'
import { parts, subjectOfNode } from './subject'
import { symbol } from './shapes'
import { methodSays, nodeName, nodeSays, percent, plain, time } from './words'

export interface RowListener {
  chooseNode(id: string): void
  chooseEdge(id: string): void
  /** Chooses a node beside those before, or lets it go. */
  toggle(id: string, chosen: boolean): void
  expand(id: string): void
  /** Lists all nodes and edges, however many they are. */
  listAll(): void
}

/** So many rows are listed at first: thousands take longer to draw than the picture. */
export const ROWS_FIRST = 500

/** The graph as two tables, which say what the picture shows. */
export function tables({ nodes, edges }: Shown, chosen: string[], rowsMax: number, listener: RowListener): HTMLElement[] {
  const isCut = nodes.length > rowsMax || edges.length > rowsMax
  return [
    ...(isCut
      ? [element('p', {}, `The first ${rowsMax} of each are listed. `, element('button', { type: 'button', click: () => listener.listAll() }, 'List all'))]
      : []),
    table(
      `Nodes (${nodes.length})`,
      ['Compare', 'Kind', 'Id', 'What is known', 'More'],
      nodes.slice(0, rowsMax).map((node) => {
        const [kind, id] = parts(node.id)
        const canBeOne = subjectOfNode(node.id) !== null
        const choose = element('input', {
          type: 'checkbox',
          'data-node': node.id,
          'aria-label': `Compare ${kind} ${id}`,
          checked: chosen.includes(node.id),
          change: (event) => listener.toggle(node.id, (event.target as HTMLInputElement).checked),
        })
        return [
          [canBeOne && choose],
          [symbol(kind), ` ${kind}`],
          [element('button', { type: 'button', class: 'link', 'aria-label': id, click: () => listener.chooseNode(node.id) }, id)],
          [nodeSays(node).map(([name, value]) => `${name}: ${value}`).join(', ')],
          [
            canBeOne &&
              element('button', { type: 'button', 'aria-label': `Expand ${kind} ${id}`, click: () => listener.expand(node.id) }, 'Expand'),
          ],
        ]
      }),
    ),
    table(
      `Edges (${edges.length})`,
      ['From', 'Edge', 'To', 'Confidence', 'Method', 'Last seen'],
      edges.slice(0, rowsMax).map((edge) => [
        [nodeName(edge.source)],
        [
          element(
            'button',
            {
              type: 'button',
              class: 'link',
              'aria-label': `Why: ${nodeName(edge.source)} ${plain(edge.kind)} ${nodeName(edge.target)}`,
              click: () => listener.chooseEdge(edgeId(edge)),
            },
            plain(edge.kind),
          ),
        ],
        [nodeName(edge.target)],
        [percent(edge.confidence)],
        [edge.method === null ? '' : methodSays(edge.method)],
        [edge.lastSeen === null ? '' : time(edge.lastSeen)],
      ]),
    ),
  ]
}

type Cell = (Node | string | false)[]

export function table(caption: string, heads: string[], rows: Cell[][]): HTMLElement {
  return element(
    'div',
    { class: 'scrolls', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
      element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, ...cell))))),
    ),
  )
}
